//! What measured values mean, in words with a tone: bands, flags and categories as the tile's release states them. Pure;
//! the rules are `shared::content`'s.

use super::format::say;
use super::ui::Tone;
use super::vital::{LINE, Taken, Vital};
use shared::content::measurements::{self, Whom};
use shared::content::{Language, Quantity, blood_pressure, body_mass, hearing, pack};

/// What a value means, in words with a tone; nothing where no guideline names it.
pub(crate) fn judge(
    vital: Vital,
    values: &[Quantity],
    whom: Whom,
    language: Language,
) -> Option<(String, Tone)> {
    let value = *values.first()?;
    match vital.taken {
        Taken::Pressure => {
            let category = blood_pressure::categorize(value, *values.get(1)?).ok()?;
            let tone = match category {
                blood_pressure::Category::Normal => Tone::Good,
                blood_pressure::Category::Elevated => Tone::Info,
                blood_pressure::Category::StageOne | blood_pressure::Category::StageTwo => Tone::Caution,
                blood_pressure::Category::Crisis => Tone::Urgent,
            };
            Some((category.name().text(language).to_owned(), tone))
        }
        Taken::BodyMass => {
            let age_years = u8::try_from(whom.age_years?).ok()?;
            if age_years < body_mass::ADULT_AGE_YEARS_MIN {
                let words = say(
                    language,
                    "Not judged below 20 years: charts by age are needed",
                    "No se valora antes de los 20 años: hacen falta tablas por edad",
                );
                return Some((words.to_owned(), Tone::Neutral));
            }
            let band = body_mass::adult_category(vital.measurement(0), value, age_years)?;
            let tone = match band.is_normal {
                _ if !alerts(vital, values).is_empty() => Tone::Urgent,
                true => Tone::Good,
                false => Tone::Caution,
            };
            Some((super::format::capital(band.name.text(language)), tone))
        }
        Taken::Vision => {
            let flagged = values.iter().enumerate().find_map(|(part, value)| {
                let choice = format!("{LINE}{value}");
                measurements::flags_of_choice(vital.measurement(part), &choice).first().copied()
            });
            flagged.map(|flag| (super::format::capital(flag.name.text(language)), Tone::Caution))
        }
        // Thresholds say something only against the person's own first test.
        Taken::Hearing(_) => None,
        Taken::Height | Taken::Lipids | Taken::One(_) => named(vital, values, whom, language),
    }
}

/// What the catalog calls the gravest of these values.
fn named(vital: Vital, values: &[Quantity], whom: Whom, language: Language) -> Option<(String, Tone)> {
    let named = values.iter().enumerate().filter_map(|(part, value)| {
        Some((part, measurements::gravest_name(vital.measurement(part), *value, whom)?))
    });
    // Of equally grave ones the first counts.
    let (part, measurements::Named { name, steps }) =
        named.min_by_key(|(_, named)| std::cmp::Reverse(named.steps))?;
    let words = match vital.part_name(part, language) {
        "" => super::format::capital(name.text(language)),
        _ if steps == 0 => super::format::capital(name.text(language)),
        of_part => format!("{of_part}: {}", name.text(language)),
    };
    let tone = match steps {
        _ if !alerts(vital, values).is_empty() => Tone::Urgent,
        0 => Tone::Good,
        _ => Tone::Caution,
    };
    Some((words, tone))
}

/// Where the category of a vital comes from, with its year; empty where it has none.
pub(crate) fn source(vital: Vital) -> &'static str {
    match vital.taken {
        Taken::Pressure => blood_pressure::SOURCE,
        Taken::Hearing(_) => hearing::SOURCE,
        _ => {
            let measurement = vital.measurement(0);
            let source = measurement.bands_source.as_deref().or(measurement.flags_source.as_deref());
            source.unwrap_or_default()
        }
    }
}

/// What a test of one ear means against the person's first one, which is the baseline.
pub(crate) fn hearing(
    baseline: Option<&hearing::Thresholds>,
    now: &hearing::Thresholds,
    language: Language,
) -> Option<(String, Tone)> {
    let Some(baseline) = baseline else {
        return Some((
            say(language, "First test: the baseline", "Primera prueba: la de base").to_owned(),
            Tone::Info,
        ));
    };
    let shift = hearing::shift(baseline, now)?;
    let tone = if shift.finding == hearing::Finding::NoShift { Tone::Good } else { Tone::Caution };
    Some((format!("{} ({} dB)", shift.finding.name().text(language), shift.change_db), tone))
}

/// What of these values stops the visit until somebody acts, by the alerts of the tile's release.
pub(crate) fn alerts(vital: Vital, values: &[Quantity]) -> Vec<&'static pack::AlertRule> {
    let values: Vec<(&str, Quantity)> = vital.keys().iter().copied().zip(values.iter().copied()).collect();
    vital.content().alerts_raised(&values)
}
