//! The summary of a visit in the person's language and in short words: what was found, what it means, what comes next,
//! who helps. What a finding means and what to do are the packs' words. Never a diagnosis.

use super::format::{self, say};
use super::readings;
use super::state::{App, model};
use super::ui::{SummaryLine, Tone, VisitAdapter};
use super::vital::Vital;
use super::{evidence, person, take_home, visit_gaps, vitals, vitals_tiles};
use crate::capture::{NextStop, VisitView};
use chrono::NaiveDate;
use shared::content::Language;
use shared::content::pack::{self, Findings, HandoutText};
use shared::domain::care_gap::GapStatus;
use shared::domain::due::Suggestion;
use slint::ComponentHandle;

fn line(title: impl AsRef<str>, detail: impl AsRef<str>, tone: Tone) -> SummaryLine {
    SummaryLine { title: title.as_ref().into(), detail: detail.as_ref().into(), tone }
}

pub(crate) fn refresh(app: &mut App, view: &VisitView) {
    let language = app.frame.person_language.unwrap_or(app.language());
    let window = app.window();
    let adapter = window.global::<VisitAdapter>();
    let findings = take_home::findings(view);
    let said = view.packs.current().handout_said(&findings);
    let next = app.desk.as_ref().and_then(|desk| desk.next_stop(view.id).ok().flatten());
    adapter.set_found(model(found(view, language)));
    adapter.set_meaning(model(meaning(&findings, &said, language)));
    adapter.set_next_steps(model(next_steps(app, view, &said, next.as_ref(), language)));
    adapter.set_help(model(help(view, &said, language)));
    take_home::show_foot(view, language, &adapter);
}

pub(super) fn found(view: &VisitView, language: Language) -> Vec<SummaryLine> {
    let mut lines = Vec::new();
    for vital in Vital::all(&view.packs) {
        let readings = vitals::of_visit(view, vital);
        let Some(values) = vitals_tiles::counted(vital, &readings, &view.packs.current().catalog) else {
            continue;
        };
        let value = readings::value_with_unit(vital, &values, vital.usual_unit(), language);
        let title = format!("{}: {value}", vital.name(language));
        let judged = vitals_tiles::judged(view, vital, &values, language);
        let (category, tone) = judged.unwrap_or((String::new(), Tone::Neutral));
        lines.push(line(title, category, tone));
    }
    if lines.is_empty() {
        lines.push(line(
            say(language, "Nothing was measured today", "Hoy no se midió nada"),
            "",
            Tone::Neutral,
        ));
    }
    lines
}

fn tone(text: &HandoutText) -> Tone {
    match text.tone {
        pack::Tone::Good => Tone::Good,
        pack::Tone::Info => Tone::Info,
        pack::Tone::Caution => Tone::Caution,
        pack::Tone::Urgent => Tone::Urgent,
    }
}

/// What the packs say about the findings, the gravest first. Texts that say the same about several findings, as those
/// about needs do, say it once.
///
/// That nothing stood out is said only when something was looked at and all of it was normal: where no text speaks about
/// what was found, the person is asked to speak with the staff.
pub(super) fn meaning(found: &Findings, said: &[&HandoutText], language: Language) -> Vec<SummaryLine> {
    let speaks = said.iter().any(|text| text.when.is_about_a_finding());
    let mut said: Vec<&HandoutText> = said.to_vec();
    said.sort_by_key(|text| std::cmp::Reverse(text.tone));
    let mut lines: Vec<SummaryLine> = Vec::new();
    for text in said {
        let words = text.text.text(language);
        let Some(title) = text.title.as_ref().map(|title| title.text(language)) else {
            lines.push(line(words, "", tone(text)));
            continue;
        };
        match lines.iter_mut().find(|line| line.detail == words) {
            Some(same) => same.title = format!("{}, {}", same.title, lower(title)).into(),
            None => lines.push(line(title, words, tone(text))),
        }
    }
    if found.stand_out() && !speaks {
        lines.push(line(
            say(language, "Talk with us before you leave", "Hable con nosotros antes de irse"),
            say(
                language,
                "Something today was not in the usual range. Ask us what it means for you.",
                "Algo de hoy no estuvo en el rango habitual. Pregúntenos qué significa para usted.",
            ),
            Tone::Caution,
        ));
    } else if lines.is_empty() && !found.is_empty() {
        let words = say(language, "Nothing stood out today", "Hoy no hubo nada que resaltar");
        lines.push(line(
            words,
            say(language, "Keep coming back once a year.", "Vuelva una vez al año."),
            Tone::Good,
        ));
    }
    lines
}

/// With a small first letter, for the middle of a sentence.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn by(day: NaiveDate, language: Language) -> String {
    format!("{} {}", say(language, "By", "A más tardar el"), format::date(day, language))
}

pub(super) fn next_steps(
    app: &App,
    view: &VisitView,
    said: &[&HandoutText],
    next: Option<&NextStop>,
    language: Language,
) -> Vec<SummaryLine> {
    let mut todo: Vec<&&HandoutText> = said.iter().filter(|text| text.todo.is_some()).collect();
    todo.sort_by_key(|text| std::cmp::Reverse(text.tone));
    let words = |text: &HandoutText| text.todo.as_ref().map(|todo| todo.text(language).to_owned());
    let mut lines: Vec<SummaryLine> =
        todo.into_iter().filter_map(|text| Some(line(words(text)?, "", tone(text)))).collect();
    for gap in view.person.gaps.iter().filter(|gap| gap.gap.status == Some(GapStatus::FollowUp)) {
        let (title, _) = person::gap_words(gap, language);
        let when = gap.gap.follow_up_on.map(|day| by(day, language));
        lines.push(line(title, when.unwrap_or_default(), Tone::Info));
    }
    // What a positive answer wants is promised when the visit ends.
    for standing in &view.person.due {
        if let (Suggestion::FollowUp { on, .. }, Some(rule)) = (&standing.suggestion, standing.rule) {
            lines.push(line(rule.name.text(language), by(*on, language), Tone::Info));
        }
    }
    // What today's findings close is done, though it is written only when the visit ends.
    for gap in view.person.gaps.iter().filter(|gap| !visit_gaps::is_done(gap, view)) {
        let (title, _) = person::gap_words(gap, language);
        let todo = person::where_done(gap, language).to_owned();
        let lacks = evidence::missing_parts(gap, &view.person, language);
        let parts = [todo, lacks].into_iter().filter(|part| !part.is_empty());
        lines.push(line(title, parts.collect::<Vec<_>>().join(". "), Tone::Neutral));
    }
    if view.results.is_empty() {
        lines.push(line(
            say(language, "Come back to be measured", "Vuelva para que le midamos"),
            "",
            Tone::Neutral,
        ));
    }
    if lines.is_empty() {
        lines.push(line(say(language, "Nothing more for now", "Por ahora nada más"), "", Tone::Good));
    }
    lines.extend(next.map(|next| next_stop(app, next, language)));
    lines
}

/// Where the van can be met again, as far as this device knows.
fn next_stop(app: &App, next: &NextStop, language: Language) -> SummaryLine {
    let title = match next.is_same_site {
        true => say(language, "The van comes here again", "La unidad vuelve aquí").to_owned(),
        false => format!(
            "{} {}",
            say(language, "The van's next stop:", "La próxima parada de la unidad:"),
            next.stop.site_name
        ),
    };
    let at =
        next.stop.arrive_at.map(|at| format::moment(at, app.now(), next.stop.offset_minutes_east, language));
    let detail: Vec<String> =
        at.into_iter().chain([next.stop.address.clone()]).filter(|part| !part.is_empty()).collect();
    line(title, detail.join(" · "), Tone::Neutral)
}

/// The public places that the texts name, with what to dial.
pub(super) fn help(view: &VisitView, said: &[&HandoutText], language: Language) -> Vec<SummaryLine> {
    let content = view.packs.current();
    let mut ids: Vec<&str> = Vec::new();
    for id in said.iter().flat_map(|text| &text.contacts) {
        if !ids.contains(&id.as_str()) {
            ids.push(id);
        }
    }
    ids.into_iter()
        .filter_map(|id| content.contact(id))
        .map(|contact| take_home::help_line(contact, language))
        .collect()
}
