//! What one tile measures: values of a release that are taken together, or any one that the release measures alone. Never
//! a measured value, and never what it means.

use super::format::say;
use crate::capture::Packs;
use shared::content::hearing::Ear;
use shared::content::measurements::{self, Measurement, TOGETHER, untakable};
use shared::content::{Language, pack};
use std::hash::{Hash, Hasher};

/// How a tile is taken. What has a way of its own stands by name; any other number of a release stands by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Taken {
    Pressure,
    Height,
    /// Worked out from height and weight.
    BodyMass,
    Lipids,
    Vision,
    Hearing(Ear),
    One(&'static str),
}

/// One tile under a release. The same tile under two releases is one tile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vital {
    pub taken: Taken,
    content: &'static pack::Content,
}

/// The code by which feet and inches are chosen; UCUM has none for the pair.
pub(crate) const FEET: &str = "ft in";
/// A line of the eye chart, which is named by its lower number: 20/40. It has no unit.
pub(crate) const LINE: &str = "20/";

/// The order of results on a page; what other measurements a release has comes behind, in its own order.
const ORDER: [&str; 15] = [
    "bp_systolic",
    "heart_rate",
    "body_temp",
    "spo2",
    "height",
    "weight",
    "glucose_random",
    "bmi",
    "waist",
    "glucose_fasting",
    "hba1c",
    "chol_total",
    "va_right",
    "hearing_left_500",
    "hearing_right_500",
];

impl PartialEq for Vital {
    fn eq(&self, other: &Vital) -> bool {
        self.taken == other.taken
    }
}

impl Eq for Vital {}

impl Hash for Vital {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.taken.hash(state);
    }
}

impl Vital {
    /// The tile that a key of a release belongs to; none for what the release does not have or nobody can take.
    pub fn of_key(key: &str, content: &'static pack::Content) -> Option<Vital> {
        let [pressure, lipids, vision, left, right] = TOGETHER;
        let taken = match key {
            "height" => Taken::Height,
            "bmi" => Taken::BodyMass,
            key if pressure.contains(&key) => Taken::Pressure,
            key if lipids.contains(&key) => Taken::Lipids,
            key if vision.contains(&key) => Taken::Vision,
            key if left.contains(&key) => Taken::Hearing(Ear::Left),
            key if right.contains(&key) => Taken::Hearing(Ear::Right),
            key => {
                let measurement = content.catalog.find(key).or_else(|| measurements::find(key))?;
                if untakable(measurement).is_some() {
                    return None;
                }
                Taken::One(&measurement.key)
            }
        };
        Some(Vital { taken, content })
    }

    /// A tile by its id.
    pub fn from_id(id: &str, content: &'static pack::Content) -> Option<Vital> {
        Vital::of_key(id, content).filter(|vital| vital.id() == id)
    }

    /// Every tile that any release of this device knows, each under the newest that has it.
    pub fn all(packs: &Packs) -> Vec<Vital> {
        let ordered = ORDER.iter().filter_map(|key| Vital::of_key(key, packs.current()));
        let more = packs.iter().flat_map(|content| {
            content
                .catalog
                .measurements
                .iter()
                .filter_map(move |measurement| Vital::of_key(&measurement.key, content))
        });
        let mut all: Vec<Vital> = Vec::new();
        for vital in ordered.chain(more) {
            if !all.contains(&vital) {
                all.push(vital);
            }
        }
        all
    }

    /// Keys of the catalog.
    pub fn keys(&self) -> &[&'static str] {
        let [pressure, lipids, vision, left, right] = TOGETHER;
        match &self.taken {
            Taken::Pressure => pressure,
            Taken::Height => &["height"],
            Taken::BodyMass => &["bmi"],
            Taken::Lipids => lipids,
            Taken::Vision => vision,
            Taken::Hearing(Ear::Left) => left,
            Taken::Hearing(Ear::Right) => right,
            Taken::One(key) => std::slice::from_ref(key),
        }
    }

    pub fn id(self) -> &'static str {
        self.keys()[0]
    }

    pub fn content(self) -> &'static pack::Content {
        self.content
    }

    /// The measurement as the tile's release states it; a release that has it no more leaves the build's own.
    pub fn measurement(self, part: usize) -> &'static Measurement {
        let key = self.keys()[part];
        let own = self.content.catalog.find(key).or_else(|| measurements::find(key));
        own.expect("a tile is made of what its release or the build has")
    }

    pub fn name(self, language: Language) -> &'static str {
        match self.taken {
            Taken::Pressure => say(language, "Blood pressure", "Presión arterial"),
            Taken::Lipids => say(language, "Cholesterol", "Colesterol"),
            Taken::Vision => say(language, "Eyes", "Vista"),
            Taken::Hearing(Ear::Left) => say(language, "Hearing, left", "Audición, izquierda"),
            Taken::Hearing(Ear::Right) => say(language, "Hearing, right", "Audición, derecha"),
            Taken::Height | Taken::BodyMass | Taken::One(_) => self.measurement(0).short_name.text(language),
        }
    }

    /// Units that staff may type in, the usual one first.
    pub fn units(self) -> Vec<&'static str> {
        match self.taken {
            Taken::Height => vec![FEET, self.stored_unit()],
            Taken::Vision => vec![LINE],
            _ => self.measurement(0).typed_in.iter().map(String::as_str).collect(),
        }
    }

    /// The unit that staff type in where they chose no other.
    pub fn usual_unit(self) -> &'static str {
        self.units().first().copied().unwrap_or_default()
    }

    /// What a box above the keypad is called; empty for the only one.
    pub fn part_name(self, part: usize, language: Language) -> &'static str {
        const HERTZ: [&str; 6] = ["500 Hz", "1000 Hz", "2000 Hz", "3000 Hz", "4000 Hz", "6000 Hz"];
        match (self.taken, part) {
            (Taken::Pressure, 0) => say(language, "Upper (systolic)", "Alta (sistólica)"),
            (Taken::Pressure, _) => say(language, "Lower (diastolic)", "Baja (diastólica)"),
            (Taken::Lipids, 0) => say(language, "Total", "Total"),
            (Taken::Lipids, 1) => "HDL",
            (Taken::Lipids, _) => say(language, "Triglycerides", "Triglicéridos"),
            (Taken::Vision, 0) => say(language, "Right eye", "Ojo derecho"),
            (Taken::Vision, _) => say(language, "Left eye", "Ojo izquierdo"),
            (Taken::Hearing(_), part) => HERTZ.get(part).copied().unwrap_or_default(),
            _ => "",
        }
    }

    /// The catalog's unit.
    pub fn stored_unit(self) -> &'static str {
        self.measurement(0).unit_ucum.as_deref().unwrap_or(LINE)
    }

    /// How many decimals the keypad takes; the chart has a line 20/12.5.
    pub fn decimals(self) -> usize {
        match self.taken {
            Taken::Vision => 1,
            _ => usize::from(self.measurement(0).decimals),
        }
    }

    /// Whether a value may be below zero: some hear better than the zero of the scale.
    pub fn has_sign(self) -> bool {
        let zero = shared::content::Quantity::whole(0);
        (0..self.keys().len())
            .any(|part| self.measurement(part).hard_limits.is_some_and(|limits| limits.low < zero))
    }
}
