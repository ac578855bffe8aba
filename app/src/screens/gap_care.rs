//! Care that closes a gap, here or elsewhere: which, who says so, in which year, asked one thing at a time. Whether care
//! of that year counts is decided in `shared::domain::due`.

use super::dialog::{self, Question};
use super::evidence;
use super::format::say;
use super::state::{App, option};
use super::ui::{ChoiceOption, Tone};
use super::undo::{self, Undoing};
use super::{frame, person, visit};
use crate::capture::{GapDecision, GapView, VisitView};
use chrono::Datelike;
use shared::content::Language;
use shared::domain::due::Verdict;
use shared::domain::past_care::CareSource;
use shared::time::PartialDate;

const TODAY: &str = "today";
/// How far back years are offered; older care counts for few rules.
const YEARS: i32 = 10;

/// How a gap was closed, without a value of today: id, English, Spanish.
pub(crate) const CLOSED_BY: [(&str, &str, &str); 3] = [
    (TODAY, "Done or given here today", "Se hizo o se dio aquí hoy"),
    ("proof", "Done elsewhere, proof was seen", "Se hizo en otro lugar, se vio el comprobante"),
    ("told", "Done elsewhere, as the person says", "Se hizo en otro lugar, según la persona"),
];

/// What is known so far.
#[derive(Default)]
pub(crate) struct Care {
    /// Its name in the rules.
    service: Option<String>,
    /// One of `CLOSED_BY`.
    told_by: Option<&'static str>,
    year: Option<i32>,
}

/// What is asked next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Which,
    Who,
    Year,
}

impl Care {
    /// The last question stays on the page until it is saved, so that its answer can be changed.
    fn asks(&self) -> Asks {
        match (&self.service, self.told_by) {
            (None, _) => Asks::Which,
            (_, None | Some(TODAY)) => Asks::Who,
            _ => Asks::Year,
        }
    }
    pub fn is_begun(&self) -> bool {
        self.service.is_some()
    }
    pub fn is_whole(&self) -> bool {
        self.told_by == Some(TODAY) || self.year.is_some()
    }
    pub fn asks_words(&self, language: Language) -> &'static str {
        match self.asks() {
            Asks::Which => say(language, "What was done?", "¿Qué se hizo?"),
            Asks::Who => say(language, "Where was it done?", "¿Dónde se hizo?"),
            Asks::Year => say(language, "In which year?", "¿En qué año?"),
        }
    }
    pub fn choose(&mut self, id: &str) {
        match self.asks() {
            Asks::Which => self.service = Some(id.to_owned()),
            Asks::Who => self.told_by = CLOSED_BY.iter().map(|(known, ..)| *known).find(|known| id == *known),
            Asks::Year => self.year = id.parse().ok(),
        }
    }
}

/// Care given anywhere that closes a gap, by its name in the rules.
pub(crate) fn services(gap: &GapView) -> Vec<&'static str> {
    gap.rule.map(|rule| rule.rule.services()).unwrap_or_default()
}

/// The answers to what is asked next.
pub(crate) fn rows(care: &Care, gap: &GapView, view: &VisitView, app: &App) -> Vec<ChoiceOption> {
    let language = app.language();
    match care.asks() {
        Asks::Which => {
            let catalog = &view.packs.current().gaps;
            let named = |service: &str| option(service, catalog.service_name(service, language), false);
            services(gap).into_iter().map(named).collect()
        }
        Asks::Who => {
            let row = |(id, english, spanish): &(&'static str, &'static str, &'static str)| {
                option(*id, say(language, english, spanish), care.told_by == Some(*id))
            };
            CLOSED_BY.iter().map(row).collect()
        }
        Asks::Year => {
            let this = app.today().year();
            let row = |year: i32| option(year.to_string(), year.to_string(), care.year == Some(year));
            (0..=YEARS).map(|back| row(this - back)).collect()
        }
    }
}

/// Writes it down. The gap closes when the rules count it.
pub(crate) fn save(app: &mut App, view: &VisitView, gap: &GapView, care: Care) {
    let (title, _) = person::gap_words(gap, app.language());
    let (Some(service), Some(told_by)) = (care.service, care.told_by) else { return };
    let given_on = care.year.map_or(PartialDate::Day(app.today()), PartialDate::Year);
    let source = match told_by {
        TODAY => CareSource::Van,
        "told" => CareSource::Person,
        _ => CareSource::Proof,
    };
    let recorded = app.with_desk(|desk| desk.record_past_care(view.id, &service, given_on, source));
    let Some(fact) = recorded else { return };
    let counts = visit::view(app).is_some_and(|now| is_met(gap, &now));
    let decision = GapDecision::Closed { by: Some(fact), reason: None };
    let closed = match counts {
        true => app.with_desk(|desk| desk.decide_gap(view.id, gap.id, &decision)),
        false => None,
    };
    app.person.planned.remove(&gap.id);
    frame::refresh(app);
    let what = if counts { app.say("closed", "resuelto") } else { app.say("written down", "anotado") };
    undo::offer(app, &format!("{title}: {what}"), Undoing::Care(view.id, fact, closed));
    if !counts {
        let body = app.say(
            "It was written down. By the rule that is too long ago or not all that is needed: it is still due.",
            "Quedó anotado. Según la regla es de hace demasiado tiempo o falta algo: todavía toca.",
        );
        dialog::open(app, Question::told(Tone::Info, &title, body, app.language()));
    }
}

fn is_met(gap: &GapView, view: &VisitView) -> bool {
    let standing = evidence::standing(gap, &view.person);
    standing.is_some_and(|standing| matches!(standing.verdict, Some(Verdict::Met { .. })))
}
