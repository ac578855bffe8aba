//! Who somebody that is being registered may be already: live, with a score and its reasons.

use super::format::{self, say};
use super::state::{App, model};
use super::ui::{Candidate, RegisterAdapter, Tone};
use super::{register, words};
use crate::capture::Alike;
use shared::content::Language;
use shared::domain::duplicates::NEAR_CERTAIN_BITS;
use slint::ComponentHandle;

const CANDIDATES_MAX: usize = 12;
/// From here on a match is likely.
const LIKELY_BITS: f32 = 10.0;
/// Before anything is compared, one in about a thousand entries of a van's list is the person at the door.
const PRIOR_BITS: f32 = -10.0;

/// The chance that both are one person, by Bayes' rule over the evidence's bits.
fn chance(total_bits: f32) -> f32 {
    let odds = (total_bits + PRIOR_BITS).exp2();
    odds / (1.0 + odds)
}

/// Looks for them anew.
pub(crate) fn refresh(app: &mut App) {
    let draft = register::draft(app);
    let is_blank = draft.family_name.trim().is_empty() && draft.phone.trim().is_empty();
    let alike = match is_blank {
        true => vec![],
        false => app.with_desk(|desk| desk.alike(&draft, CANDIDATES_MAX)).unwrap_or_default(),
    };
    let certain = alike.first().filter(|alike| alike.likeness.total_bits >= NEAR_CERTAIN_BITS);
    app.register.near_certain = certain.map(|alike| alike.person.spoken_name());
    let language = app.language();
    let line = match (alike.len(), is_blank) {
        (0, true) => say(language, "Who might it be?", "¿Quién podría ser?").to_owned(),
        (0, false) => say(language, "Nobody like this yet", "Todavía no hay nadie así").to_owned(),
        (number, _) => format::count(
            number,
            say(language, "person might be the same", "persona podría ser la misma"),
            say(language, "people might be the same", "personas podrían ser la misma"),
        ),
    };
    let window = app.window();
    let adapter = window.global::<RegisterAdapter>();
    adapter.set_candidates_line(line.into());
    adapter.set_candidates(model(alike.iter().map(|alike| row(alike, app)).collect()));
}

fn row(alike: &Alike, app: &App) -> Candidate {
    let language = app.language();
    let bits = alike.likeness.total_bits;
    let share = chance(bits).clamp(0.01, 0.99);
    let mut evidence = alike.likeness.evidence.clone();
    evidence.sort_by(|left, right| right.weight_bits.abs().total_cmp(&left.weight_bits.abs()));
    let reasons: Vec<&str> = evidence.iter().map(|part| words::likeness(part.what, language)).collect();
    let person = &alike.person;
    let badge = words::badge(person, language);
    let detail = [badge, person.phone.clone().unwrap_or_default(), person.city.clone().unwrap_or_default()];
    let detail: Vec<String> = detail.into_iter().filter(|part| !part.is_empty()).collect();
    Candidate {
        id: alike.id.to_string().into(),
        name: person.spoken_name().into(),
        born: words::born(person, app.today(), language).into(),
        detail: detail.join(" · ").into(),
        score: format!("{:.0}%", share * 100.0).into(),
        score_share: share,
        strength: strength(bits, language).into(),
        tone: if bits >= LIKELY_BITS { Tone::Caution } else { Tone::Neutral },
        reasons: format::capital(&reasons.join(" · ")).into(),
    }
}

fn strength(bits: f32, language: Language) -> &'static str {
    if bits >= NEAR_CERTAIN_BITS {
        say(language, "Almost surely the same", "Casi seguro la misma persona")
    } else if bits >= LIKELY_BITS {
        say(language, "Likely the same", "Probablemente la misma persona")
    } else {
        say(language, "Maybe the same", "Quizá la misma persona")
    }
}
