//! Care that closes a gap, here or elsewhere: which, who says so, when, asked one thing at a time. Whether care
//! of that year counts is decided in `shared::domain::due`.

use super::dialog::{self, Question};
use super::evidence;
use super::format::{self, say};
use super::state::{App, option};
use super::ui::{ChoiceOption, Tone};
use super::undo::{self, Undoing};
use super::{frame, person, visit};
use crate::capture::{GapDecision, GapView, Packs, VisitView};
use chrono::{Datelike, Months};
use shared::content::Language;
use shared::domain::due::Verdict;
use shared::domain::past_care::CareSource;
use shared::time::PartialDate;

const TODAY: &str = "today";
/// How far back years are offered; older care counts for few rules.
const YEARS: i32 = 10;
/// And of what is told afterwards, how many months before the years.
const MONTHS: u32 = 3;

/// How a gap was closed, without a value of today: id, English, Spanish.
pub(crate) const CLOSED_BY: [(&str, &str, &str); 3] = [
    (TODAY, "Done or given here today", "Se hizo o se dio aquí hoy"),
    ("proof", "Done elsewhere, proof was seen", "Se hizo en otro lugar, se vio el comprobante"),
    ("told", "Done elsewhere, as the person says", "Se hizo en otro lugar, según la persona"),
];

/// What is known so far.
#[derive(Default)]
pub(crate) struct Care {
    /// The rule names no care: what was done has no name to choose.
    is_unnamed: bool,
    /// The person is not here: nothing is given here today.
    is_elsewhere: bool,
    /// Its name in the rules.
    service: Option<String>,
    /// One of `CLOSED_BY`.
    told_by: Option<&'static str>,
    on: Option<PartialDate>,
}

/// What is asked next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Which,
    Who,
    When,
}

impl Care {
    /// Care that somebody tells of when the person is not here.
    pub fn elsewhere(gap: &GapView) -> Care {
        Care { is_unnamed: services(gap).is_empty(), is_elsewhere: true, ..Care::default() }
    }
    /// The last question stays on the page until it is saved, so that its answer can be changed.
    fn asks(&self) -> Asks {
        match (&self.service, self.told_by) {
            (None, _) if !self.is_unnamed => Asks::Which,
            (_, None | Some(TODAY)) => Asks::Who,
            _ => Asks::When,
        }
    }
    pub fn is_begun(&self) -> bool {
        self.service.is_some()
    }
    pub fn is_whole(&self) -> bool {
        self.told_by == Some(TODAY) || self.on.is_some()
    }
    pub fn asks_words(&self, language: Language) -> &'static str {
        match self.asks() {
            Asks::Which => say(language, "What was done?", "¿Qué se hizo?"),
            Asks::Who => say(language, "Where was it done?", "¿Dónde se hizo?"),
            Asks::When if self.is_elsewhere => say(language, "When?", "¿Cuándo?"),
            Asks::When => say(language, "In which year?", "¿En qué año?"),
        }
    }
    /// Its name in the rules, when and who says so, once all is known.
    pub fn given(&self) -> Option<(Option<&str>, PartialDate, CareSource)> {
        let source = source(self.told_by?);
        Some((self.service.as_deref(), self.on?, source))
    }
    /// The same for the plan to read: `Done elsewhere, proof was seen, November 2026`.
    pub fn words(&self, language: Language) -> String {
        let told = CLOSED_BY.iter().find(|(id, ..)| Some(*id) == self.told_by);
        let told = told.map(|(_, english, spanish)| say(language, english, spanish).to_owned());
        let on = self.on.map(|on| format::partial_date(on, language));
        told.into_iter().chain(on).collect::<Vec<_>>().join(", ")
    }
    pub fn choose(&mut self, id: &str) {
        match self.asks() {
            Asks::Which => self.service = Some(id.to_owned()),
            Asks::Who => self.told_by = CLOSED_BY.iter().map(|(known, ..)| *known).find(|known| id == *known),
            Asks::When => self.on = id.parse().ok(),
        }
    }
}

/// Care given anywhere that closes a gap, by its name in the rules.
pub(crate) fn services(gap: &GapView) -> Vec<&'static str> {
    gap.rule.map(|rule| rule.rule.services()).unwrap_or_default()
}

/// The answers to what is asked next.
pub(crate) fn rows(care: &Care, gap: &GapView, packs: &Packs, app: &App) -> Vec<ChoiceOption> {
    let language = app.language();
    match care.asks() {
        Asks::Which => {
            let catalog = &packs.current().gaps;
            let named = |service: &str| option(service, catalog.service_name(service, language), false);
            services(gap).into_iter().map(named).collect()
        }
        Asks::Who => {
            let row = |(id, english, spanish): &(&'static str, &'static str, &'static str)| {
                option(*id, say(language, english, spanish), care.told_by == Some(*id))
            };
            let offered = CLOSED_BY.iter().filter(|(id, ..)| *id != TODAY || !care.is_elsewhere);
            offered.map(row).collect()
        }
        Asks::When => {
            let today = app.today();
            let row = |on: PartialDate| {
                option(on.to_string(), format::partial_date(on, language), care.on == Some(on))
            };
            // What was promised lately was done lately: of a year alone its first day counts.
            let months = (0..MONTHS).filter(|_| care.is_elsewhere).filter_map(|back| {
                let day = today.checked_sub_months(Months::new(back))?;
                Some(PartialDate::Month(day.year(), day.month()))
            });
            let years = (0..=YEARS).map(|back| PartialDate::Year(today.year() - back));
            months.chain(years).map(row).collect()
        }
    }
}

/// Writes it down. The gap closes when the rules count it.
pub(crate) fn save(app: &mut App, view: &VisitView, gap: &GapView, care: Care) {
    let (title, _) = person::gap_words(gap, app.language());
    let (Some(service), Some(told_by)) = (care.service, care.told_by) else { return };
    let given_on = care.on.unwrap_or(PartialDate::Day(app.today()));
    let source = source(told_by);
    let recorded = app.with_desk(|desk| desk.record_past_care(view.id, &service, given_on, source));
    let Some(fact) = recorded else { return };
    let counts = visit::view(app).is_some_and(|now| is_met(gap, &now));
    let decision = GapDecision::Closed { by: Some(fact), reason: None };
    let closed = match counts {
        true => app.with_desk(|desk| desk.decide_gap(view.id, gap, &decision)),
        false => None,
    };
    app.person.planned.remove(&gap.id);
    frame::refresh(app);
    let what = if counts { app.say("closed", "resuelto") } else { app.say("written down", "anotado") };
    let undoing = Undoing::Care { person: view.person.id, visit: Some(view.id), fact, closed };
    undo::offer(app, &format!("{title}: {what}"), undoing);
    if !counts {
        tell_still_due(app, &title);
    }
}

/// What was written down does not count by the rule.
pub(crate) fn tell_still_due(app: &mut App, title: &str) {
    let body = app.say(
        "It was written down. By the rule that is too long ago or not all that is needed: it is still due.",
        "Quedó anotado. Según la regla es de hace demasiado tiempo o falta algo: todavía toca.",
    );
    dialog::open(app, Question::told(Tone::Info, title, body, app.language()));
}

/// Who says so, of `CLOSED_BY`.
fn source(told_by: &str) -> CareSource {
    match told_by {
        TODAY => CareSource::Van,
        "told" => CareSource::Person,
        _ => CareSource::Proof,
    }
}

fn is_met(gap: &GapView, view: &VisitView) -> bool {
    let standing = evidence::standing(gap, &view.person);
    standing.is_some_and(|standing| matches!(standing.verdict, Some(Verdict::Met { .. })))
}
