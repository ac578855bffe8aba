//! Which of today's findings closes a gap, by the catalog's rule.

use super::format::say;
use super::forms;
use super::readings::{self, Vital};
use super::state::App;
use crate::capture::{GapView, VisitView};
use shared::content::blood_pressure::{Category, categorize};
use shared::ids::FactId;

/// What was found, and the fact that says so where this device knows it.
pub(crate) struct Evidence {
    pub words: String,
    pub fact: Option<FactId>,
}

/// What closes a gap among the findings of the visit; nothing when none does.
pub(crate) fn of(gap: &GapView, view: &VisitView, app: &App) -> Option<Evidence> {
    match gap.gap.rule.as_deref()? {
        // CMS165 counts the last reading, below 140/90.
        "CBP" => pressure(view, app, |category| category < Category::StageTwo),
        "BP-SCREEN" => pressure(view, app, |_| true),
        "BMI" => {
            let index = readings::body_mass_of(&view.results, view.id)?;
            let newest = readings::readings(&view.results, Vital::Weight).into_iter().next();
            let words =
                format!("{} {index}", app.say("Today's body mass index:", "Índice de masa corporal de hoy:"));
            Some(Evidence { words, fact: newest.and_then(|reading| reading.facts.first().copied()) })
        }
        "DSF" => answered(&["phq-9", "phq-2"], view, app),
        "TOB" => answered(&["tobacco-status"], view, app),
        "SNS-E" => answered(&["hunger-vital-sign", "ahc-hrsn-core"], view, app),
        "ANX" => answered(&["gad-7"], view, app),
        "ALC" => answered(&["audit-c"], view, app),
        _ => None,
    }
}

fn pressure(view: &VisitView, app: &App, closes: fn(Category) -> bool) -> Option<Evidence> {
    let newest = readings::readings(&view.results, Vital::Pressure).into_iter().next()?;
    let category = categorize(newest.values[0], newest.values[1]).ok()?;
    let value = readings::value_words(Vital::Pressure, &newest.values, "mm[Hg]");
    let words =
        format!("{} {value}", say(app.language(), "Today's blood pressure:", "Presión arterial de hoy:"));
    closes(category).then(|| Evidence { words, fact: newest.facts.first().copied() })
}

fn answered(ids: &[&str], view: &VisitView, app: &App) -> Option<Evidence> {
    let form = ids
        .iter()
        .filter_map(|id| view.packs.current().form(id))
        .find(|form| forms::response(view, form).is_some())?;
    let fact = form.id().and_then(|id| app.question.recorded.get(id)).copied();
    Some(Evidence {
        words: format!("{} {}", app.say("Answered today:", "Contestado hoy:"), form.title),
        fact,
    })
}
