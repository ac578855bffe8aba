//! Measured values as people read them: pressure as a pair, heights in feet and inches, categories in words with
//! their tone. Pure; what is judged comes from `shared::content`.

use super::format::say;
use super::ui::Tone;
use crate::capture::ResultLine;
use shared::content::hearing;
use shared::content::measurements::{self, Measurement};
use shared::content::units::{convert, display_unit, feet_and_inches};
use shared::content::{Language, Quantity, Sex, blood_pressure, body_mass, pack};
use shared::ids::{FactId, VisitId};
use shared::time::Timestamp;

/// What the vitals page measures, in its order. Some have several values that are taken together; `BodyMass` is worked
/// out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Vital {
    Pressure,
    Pulse,
    Temperature,
    Oxygen,
    Height,
    Weight,
    Glucose,
    BodyMass,
    Waist,
    GlucoseFasting,
    LongSugar,
    Lipids,
    Vision,
    HearingLeft,
    HearingRight,
}

/// One reading of one vital.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    pub at: Timestamp,
    pub visit: Option<VisitId>,
    pub facts: Vec<FactId>,
    /// In the catalog's units, one for each key; of a line of the chart the lower number.
    pub values: Vec<Quantity>,
}

/// Whose values are judged, and by which release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whose {
    pub sex: Sex,
    pub age_years: Option<i32>,
    pub content: &'static pack::Content,
}

/// The code by which feet and inches are chosen; UCUM has none for the pair.
pub(crate) const FEET: &str = "ft in";
/// A line of the eye chart, which is named by its lower number: 20/40. It has no unit.
pub(crate) const LINE: &str = "20/";

impl Vital {
    pub const ALL: [Vital; 15] = [
        Vital::Pressure,
        Vital::Pulse,
        Vital::Temperature,
        Vital::Oxygen,
        Vital::Height,
        Vital::Weight,
        Vital::Glucose,
        Vital::BodyMass,
        Vital::Waist,
        Vital::GlucoseFasting,
        Vital::LongSugar,
        Vital::Lipids,
        Vital::Vision,
        Vital::HearingLeft,
        Vital::HearingRight,
    ];

    /// Keys of the catalog.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Vital::Pressure => &["bp_systolic", "bp_diastolic"],
            Vital::Pulse => &["heart_rate"],
            Vital::Temperature => &["body_temp"],
            Vital::Oxygen => &["spo2"],
            Vital::Height => &["height"],
            Vital::Weight => &["weight"],
            Vital::Glucose => &["glucose_random"],
            Vital::BodyMass => &["bmi"],
            Vital::Waist => &["waist"],
            Vital::GlucoseFasting => &["glucose_fasting"],
            Vital::LongSugar => &["hba1c"],
            Vital::Lipids => &["chol_total", "chol_hdl", "triglycerides"],
            Vital::Vision => &["va_right", "va_left"],
            Vital::HearingLeft => &[
                "hearing_left_500",
                "hearing_left_1000",
                "hearing_left_2000",
                "hearing_left_3000",
                "hearing_left_4000",
                "hearing_left_6000",
            ],
            Vital::HearingRight => &[
                "hearing_right_500",
                "hearing_right_1000",
                "hearing_right_2000",
                "hearing_right_3000",
                "hearing_right_4000",
                "hearing_right_6000",
            ],
        }
    }
    pub fn id(self) -> &'static str {
        self.keys()[0]
    }
    pub fn from_id(id: &str) -> Option<Vital> {
        Vital::ALL.into_iter().find(|vital| vital.id() == id)
    }
    /// The vital that a key of the catalog belongs to.
    pub fn of_key(key: &str) -> Option<Vital> {
        Vital::ALL.into_iter().find(|vital| vital.keys().contains(&key))
    }
    /// The measurement as a release states it; a release that has it no more leaves the build's own.
    pub fn measurement_of(self, content: &'static pack::Content, part: usize) -> &'static Measurement {
        content.catalog.find(self.keys()[part]).unwrap_or_else(|| self.measurement(part))
    }
    pub fn measurement(self, part: usize) -> &'static Measurement {
        measurements::find(self.keys()[part]).expect("every vital stands in the embedded catalog")
    }
    pub fn name(self, language: Language) -> &'static str {
        match self {
            Vital::Pressure => say(language, "Blood pressure", "Presión arterial"),
            Vital::Pulse => say(language, "Pulse", "Pulso"),
            Vital::Temperature => say(language, "Temperature", "Temperatura"),
            Vital::Oxygen => say(language, "Oxygen", "Oxígeno"),
            Vital::Height => say(language, "Height", "Estatura"),
            Vital::Weight => say(language, "Weight", "Peso"),
            Vital::Glucose => say(language, "Glucose", "Glucosa"),
            Vital::BodyMass => say(language, "Body mass index", "Índice de masa corporal"),
            Vital::Waist => say(language, "Waist", "Cintura"),
            Vital::GlucoseFasting => say(language, "Fasting glucose", "Glucosa en ayunas"),
            Vital::LongSugar => say(language, "A1c", "A1c"),
            Vital::Lipids => say(language, "Cholesterol", "Colesterol"),
            Vital::Vision => say(language, "Eyes", "Vista"),
            Vital::HearingLeft => say(language, "Hearing, left", "Audición, izquierda"),
            Vital::HearingRight => say(language, "Hearing, right", "Audición, derecha"),
        }
    }
    /// Units that staff may type in, the usual one first.
    pub fn units(self) -> &'static [&'static str] {
        match self {
            Vital::Temperature => &["[degF]", "Cel"],
            Vital::Weight => &["[lb_av]", "kg"],
            Vital::Height => &[FEET, "cm"],
            Vital::Pressure => &["mm[Hg]"],
            Vital::Pulse => &["/min"],
            Vital::Oxygen => &["%"],
            Vital::Glucose => &["mg/dL"],
            Vital::BodyMass => &["kg/m2"],
            Vital::Waist => &["[in_i]", "cm"],
            Vital::LongSugar => &["%"],
            Vital::GlucoseFasting | Vital::Lipids => &["mg/dL"],
            Vital::Vision => &[LINE],
            Vital::HearingLeft | Vital::HearingRight => &["dB"],
        }
    }
    /// What a box above the keypad is called; empty for the only one.
    pub fn part_name(self, part: usize, language: Language) -> &'static str {
        const HERTZ: [&str; 6] = ["500 Hz", "1000 Hz", "2000 Hz", "3000 Hz", "4000 Hz", "6000 Hz"];
        match (self, part) {
            (Vital::Pressure, 0) => say(language, "Upper (systolic)", "Alta (sistólica)"),
            (Vital::Pressure, _) => say(language, "Lower (diastolic)", "Baja (diastólica)"),
            (Vital::Lipids, 0) => say(language, "Total", "Total"),
            (Vital::Lipids, 1) => "HDL",
            (Vital::Lipids, _) => say(language, "Triglycerides", "Triglicéridos"),
            (Vital::Vision, 0) => say(language, "Right eye", "Ojo derecho"),
            (Vital::Vision, _) => say(language, "Left eye", "Ojo izquierdo"),
            (Vital::HearingLeft | Vital::HearingRight, part) => HERTZ.get(part).copied().unwrap_or_default(),
            _ => "",
        }
    }
    /// The catalog's unit.
    pub fn stored_unit(self) -> &'static str {
        self.measurement(0).unit_ucum.as_deref().unwrap_or(LINE)
    }
    pub fn has_decimals(self) -> bool {
        use Vital::{Height, LongSugar, Temperature, Vision, Waist, Weight};
        matches!(self, Temperature | Weight | Height | Waist | LongSugar | Vision)
    }
}

/// How a unit is written beside a number.
pub(crate) fn unit_words(unit: &str, language: Language) -> &str {
    match unit {
        "/min" => say(language, "per minute", "por minuto"),
        FEET => say(language, "ft in", "ft in"),
        other => display_unit(other),
    }
}

/// Readings of a vital, the newest first. Values belong together when they were saved together.
pub(crate) fn readings(results: &[ResultLine], vital: Vital) -> Vec<Reading> {
    let of_key = |key: &str| {
        let loinc = &measurements::find(key).expect("every vital stands in the embedded catalog").loinc;
        results.iter().filter(move |result| result.observation.loinc.as_ref() == Some(loinc))
    };
    let value = |result: &ResultLine| match &result.observation.text {
        Some(text) => Quantity::parse(text.strip_prefix(LINE)?).ok(),
        None => result.observation.value.and_then(|value| value.quantity()),
    };
    let mut readings: Vec<Reading> = Vec::new();
    for first in of_key(vital.keys()[0]) {
        let Some(number) = value(first) else { continue };
        let mut reading = Reading {
            at: first.at,
            visit: first.observation.visit,
            facts: vec![first.fact],
            values: vec![number],
        };
        let mut is_whole = true;
        for key in &vital.keys()[1..] {
            let together = |other: &&ResultLine| {
                other.at == first.at && other.observation.visit == first.observation.visit
            };
            match of_key(key).find(together).and_then(|other| Some((other.fact, value(other)?))) {
                Some((fact, number)) => {
                    reading.facts.push(fact);
                    reading.values.push(number);
                }
                None => is_whole = false,
            }
        }
        if is_whole {
            readings.push(reading);
        }
    }
    readings
}

/// The index of the newest height and weight of one visit.
pub(crate) fn body_mass_of(results: &[ResultLine], visit: VisitId) -> Option<Quantity> {
    let newest = |vital| readings(results, vital).into_iter().find(|reading| reading.visit == Some(visit));
    body_mass::body_mass_index(newest(Vital::Height)?.values[0], newest(Vital::Weight)?.values[0])
}

/// The number alone, in a unit: `142 / 88`, `98.6`, `5 ft 7 in`.
pub(crate) fn value_words(vital: Vital, values: &[Quantity], unit: &str) -> String {
    match (vital, values) {
        (Vital::Pressure, [upper, lower]) => format!("{upper} / {lower}"),
        (Vital::Height, [height, ..]) if unit == FEET => match feet_and_inches(*height) {
            Some((feet, inches)) => format!("{feet} ft {} in", trimmed(inches)),
            None => height.to_string(),
        },
        (Vital::Lipids, [total, hdl, fat]) => format!("{total} · HDL {hdl} · TG {fat}"),
        (Vital::Vision, [right, left]) => format!("R {LINE}{right} · L {LINE}{left}"),
        (Vital::HearingLeft | Vital::HearingRight, values) => {
            values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        }
        (_, [value, ..]) => {
            convert(*value, vital.stored_unit(), unit, 1).map_or_else(|| value.to_string(), trimmed)
        }
        _ => String::new(),
    }
}

/// Without a decimal that says nothing.
pub(crate) fn trimmed(value: Quantity) -> String {
    let text = value.to_string();
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// The unit beside `value_words`; feet and inches stand in the number already.
pub(crate) fn unit_beside(unit: &str, language: Language) -> &str {
    if matches!(unit, FEET | LINE) { "" } else { unit_words(unit, language) }
}

/// What a value means, in words with a tone; nothing where no guideline names it.
pub(crate) fn judge(
    vital: Vital,
    values: &[Quantity],
    whose: Whose,
    language: Language,
) -> Option<(String, Tone)> {
    let value = *values.first()?;
    match vital {
        Vital::Pressure => {
            let category = blood_pressure::categorize(value, *values.get(1)?).ok()?;
            let tone = match category {
                blood_pressure::Category::Normal => Tone::Good,
                blood_pressure::Category::Elevated => Tone::Info,
                blood_pressure::Category::StageOne | blood_pressure::Category::StageTwo => Tone::Caution,
                blood_pressure::Category::Crisis => Tone::Urgent,
            };
            Some((category.name().text(language).to_owned(), tone))
        }
        Vital::BodyMass => {
            let age_years = u8::try_from(whose.age_years?).ok()?;
            if age_years < body_mass::ADULT_AGE_YEARS_MIN {
                let words = say(
                    language,
                    "Not judged below 20 years: charts by age are needed",
                    "No se valora antes de los 20 años: hacen falta tablas por edad",
                );
                return Some((words.to_owned(), Tone::Neutral));
            }
            let band = body_mass::adult_category(value, age_years)?;
            let tone = if band.name.english == "normal" { Tone::Good } else { Tone::Caution };
            Some((super::format::capital(band.name.text(language)), tone))
        }
        Vital::GlucoseFasting | Vital::LongSugar | Vital::Lipids => {
            let named = values.iter().enumerate().filter_map(|(part, value)| {
                let band = measurements::band_of(vital.measurement_of(whose.content, part), *value)?;
                Some((part, band, RESTFUL.contains(&band.name.english.as_str())))
            });
            // The first that does not rest decides.
            let (part, band, is_good) = named.min_by_key(|(_, _, is_good)| *is_good)?;
            let name = super::format::capital(band.name.text(language));
            let words = match vital {
                Vital::Lipids if !is_good => {
                    format!("{}: {}", vital.part_name(part, language), band.name.text(language))
                }
                _ => name,
            };
            let is_critical = !alerts(whose.content, vital, values).is_empty();
            let tone = if is_good { Tone::Good } else { Tone::Caution };
            Some((words, if is_critical { Tone::Urgent } else { tone }))
        }
        Vital::Vision => {
            let flagged = values.iter().enumerate().find_map(|(part, value)| {
                measurements::flags_of_choice(
                    vital.measurement_of(whose.content, part),
                    &format!("{LINE}{value}"),
                )
                .first()
                .copied()
            });
            flagged.map(|flag| (super::format::capital(flag.name.text(language)), Tone::Caution))
        }
        // Thresholds say something only against the person's own first test.
        Vital::HearingLeft | Vital::HearingRight => None,
        _ => {
            let measurement = vital.measurement_of(whose.content, 0);
            let flags = measurements::flags_of(measurement, value, whose.sex);
            let worst = flags.last().filter(|_| vital != Vital::Glucose).or(flags.first())?;
            let is_critical = !alerts(whose.content, vital, values).is_empty();
            let tone = if is_critical { Tone::Urgent } else { Tone::Caution };
            Some((super::format::capital(worst.name.text(language)), tone))
        }
    }
}

/// Names of bands at which nobody has to do anything.
const RESTFUL: [&str; 6] =
    ["normal", "desirable", "acceptable", "high, protective", "optimal", "near optimal"];

/// Where the category of a vital comes from, with its year; empty where it has none.
pub(crate) fn source(vital: Vital) -> &'static str {
    match vital {
        Vital::Pressure => blood_pressure::SOURCE,
        Vital::HearingLeft | Vital::HearingRight => hearing::SOURCE,
        _ => {
            let measurement = vital.measurement(0);
            let source = measurement.bands_source.as_deref().or(measurement.flags_source.as_deref());
            source.unwrap_or_default()
        }
    }
}

/// The thresholds of one ear by frequency.
pub(crate) fn thresholds(values: &[Quantity]) -> hearing::Thresholds {
    hearing::TESTED_HZ.into_iter().zip(values.iter().copied()).collect()
}

/// What a test of one ear means against the person's first one, which is the baseline.
pub(crate) fn judge_hearing(
    baseline: Option<&Reading>,
    values: &[Quantity],
    language: Language,
) -> Option<(String, Tone)> {
    let Some(baseline) = baseline else {
        return Some((
            say(language, "First test: the baseline", "Primera prueba: la de base").to_owned(),
            Tone::Info,
        ));
    };
    let shift = hearing::shift(&thresholds(&baseline.values), &thresholds(values))?;
    let tone = if shift.finding == hearing::Finding::NoShift { Tone::Good } else { Tone::Caution };
    Some((format!("{} ({} dB)", shift.finding.name().text(language), shift.change_db), tone))
}

/// What of these values stops the visit until somebody acts, by the alerts of a content.
pub(crate) fn alerts<'c>(
    content: &'c pack::Content,
    vital: Vital,
    values: &[Quantity],
) -> Vec<&'c pack::AlertRule> {
    let values: Vec<(&str, Quantity)> = vital.keys().iter().copied().zip(values.iter().copied()).collect();
    content.alerts_raised(&values)
}

/// The last values as a line in a box of 100 by 32, the oldest at the left; empty for fewer than two.
pub(crate) fn trend(newest_first: &[Quantity]) -> String {
    let numbers: Vec<f64> =
        newest_first.iter().take(6).rev().filter_map(|value| value.to_string().parse().ok()).collect();
    if numbers.len() < 2 {
        return String::new();
    }
    let (low, high) =
        numbers.iter().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(*value), high.max(*value)));
    let step = 96.0 / (numbers.len() - 1) as f64;
    let height = |value: f64| if high > low { 28.0 - (value - low) / (high - low) * 24.0 } else { 16.0 };
    let points = numbers.iter().enumerate().map(|(index, value)| {
        format!(
            "{}{:.1} {:.1}",
            if index == 0 { "M" } else { "L" },
            2.0 + step * index as f64,
            height(*value)
        )
    });
    points.collect::<Vec<_>>().join(" ")
}

/// What the line says to somebody who does not see it.
pub(crate) fn trend_words(newest_first: &[Quantity], language: Language) -> &'static str {
    match newest_first {
        [newest, .., oldest] if newest > oldest => say(language, "Rising", "En aumento"),
        [newest, .., oldest] if newest < oldest => say(language, "Falling", "En descenso"),
        _ => say(language, "Steady", "Estable"),
    }
}
