//! What closes a gap by the rules of the packs, what of it is missing, on what it stands, and what must be known before
//! they can say, in words. Which evidence counts
//! is decided in `shared::domain::due`.

use super::format::{self, say};
use super::readings;
use super::state::App;
use super::vital::Vital;
use crate::capture::{GapView, PersonView, VisitView, contradiction};
use shared::content::{Language, gaps};
use shared::domain::care_gap::GapStatus;
use shared::domain::due::{Claim, Doses, Missing, MissingPart, Proof, Standing, Suggestion, Verdict};
use shared::ids::FactId;

/// What was found, and the fact that says so.
pub(crate) struct Evidence {
    pub words: String,
    pub fact: Option<FactId>,
}

/// What the rules say of a gap.
pub(crate) fn standing<'v>(gap: &GapView, person: &'v PersonView) -> Option<&'v Standing<'static>> {
    let rule = gap.gap.rule.as_deref()?;
    person.due.iter().find(|standing| standing.rule.is_some_and(|known| known.id == rule))
}

/// What closes a gap that is not closed; nothing when nothing does.
pub(crate) fn of(gap: &GapView, view: &VisitView, app: &App) -> Option<Evidence> {
    match &standing(gap, &view.person)?.suggestion {
        Suggestion::Close { by } => Some(Evidence { words: words(by, view, app), fact: by.fact }),
        _ => None,
    }
}

/// Why nobody's word closes a gap: what was measured today is beyond its rule's line.
pub(crate) fn against(gap: &GapView, view: &VisitView, app: &App) -> Option<String> {
    let catalog = &view.packs.current().catalog;
    let by = contradiction(gap.rule?, &view.person.results, catalog, app.offset() as i32, app.today())?;
    let end = app.say("Not under control: it stays open today.", "Sin control: hoy sigue pendiente.");
    Some(format!("{}. {end}", words(&by, view, app)))
}

/// What was promised, in the words of whoever did; a positive answer needs no words.
pub(crate) fn promise_words(gap: &GapView, language: Language) -> String {
    let positive =
        || say(language, "Positive: something has to follow", "Positivo: algo debe seguir").to_owned();
    gap.gap.reason.clone().unwrap_or_else(positive)
}

/// What is missing of an open gap with several parts: `Missing: Influenza, this season; Shingles, two doses (1 of 2)`.
/// Empty for none.
pub(crate) fn missing_parts(gap: &GapView, person: &PersonView, language: Language) -> String {
    if gap.gap.status != Some(GapStatus::Open) {
        return String::new();
    }
    let verdict = standing(gap, person).and_then(|standing| standing.verdict.as_ref());
    let Some(Verdict::Due { parts, .. }) = verdict else { return String::new() };
    let words = |part: &MissingPart| {
        let name = part.name.text(language);
        match part.begun {
            Some(Doses { given, of }) => format!("{name} ({given} {} {of})", say(language, "of", "de")),
            None => name.to_owned(),
        }
    };
    let lacks = match parts.len() {
        0 => return String::new(),
        1 => say(language, "Missing:", "Falta:"),
        _ => say(language, "Missing:", "Faltan:"),
    };
    format!("{lacks} {}", parts.iter().map(words).collect::<Vec<_>>().join("; "))
}

/// On what a rule stands, and how far that was checked: `CMS165 v0.5 (2026) / HEDIS CBP · From the quality measure`. The
/// source is named as it names itself, and what it says is not said twice.
pub(crate) fn grounds(rule: &gaps::CareGap, language: Language) -> String {
    let year = Some(rule.year.to_string()).filter(|year| !rule.source.contains(year));
    let says = |grade: &str| {
        let letter = grade.split(' ').next().unwrap_or_default();
        rule.source.split(|end: char| !end.is_alphanumeric()).any(|word| word == letter)
    };
    let grade = rule.grade.as_ref().filter(|grade| !says(grade));
    let grade = grade.map(|grade| format!("{} {grade}", say(language, "grade", "grado")));
    let basis = rule.basis.label().text(language).to_owned();
    let parts = [Some(rule.source.clone()), year, grade, Some(basis)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Rules that no gap stands for and that this day's work met: they stay in sight as done.
pub(crate) fn met_today<'v>(view: &'v VisitView, app: &App) -> Vec<(&'v Standing<'static>, &'v Proof)> {
    let today = app.today();
    let met = view.person.due.iter().filter_map(|standing| match &standing.verdict {
        Some(Verdict::Met { by, .. }) if standing.gap.is_none() && by.on == today => Some((standing, by)),
        _ => None,
    });
    met.collect()
}

/// Such as `Blood pressure today: 128/78`.
pub(crate) fn words(by: &Proof, view: &VisitView, app: &App) -> String {
    let language = app.language();
    let when = match by.on == app.today() {
        true => say(language, "today", "hoy").to_owned(),
        false => format::date(by.on, language),
    };
    let content = view.packs.current();
    let (name, value) = if let Some(vital) = Vital::of_key(&by.what, content) {
        let of_fact = readings::readings(&view.person.results, vital)
            .into_iter()
            .find(|reading| by.fact.is_some_and(|fact| reading.facts.contains(&fact)));
        let value = of_fact.map(|reading| readings::value_words(vital, &reading.values, vital.usual_unit()));
        (vital.name(language).to_owned(), value)
    } else if let Some(measurement) = content.catalog.find(&by.what) {
        (measurement.name.text(language).to_owned(), None)
    } else if let Some(form) = content.form(&by.what) {
        (form.title.clone(), None)
    } else {
        (content.gaps.service_name(&by.what, language).to_owned(), None)
    };
    match value {
        Some(value) => format!("{name} {when}: {value}"),
        None => format!("{name}, {when}"),
    }
}

/// Who says that care is missing; empty for nobody.
pub(crate) fn claim_words(claim: Claim, language: Language) -> &'static str {
    match claim {
        Claim::Plan => say(language, "says the plan", "según el plan"),
        Claim::Van => say(language, "by the van's own rules", "según las reglas de la unidad"),
        Claim::Both => {
            say(language, "says the plan, and the van's rules too", "según el plan y las reglas de la unidad")
        }
        Claim::PlanOnly => say(
            language,
            "says the plan; not by what is known here",
            "según el plan; no por lo que aquí se sabe",
        ),
        Claim::Nobody => "",
    }
}

/// What the rules have to know first, in words, each once.
pub(crate) fn missing(view: &PersonView, language: Language) -> Vec<&'static str> {
    let mut missing: Vec<Missing> = Vec::new();
    for standing in &view.due {
        if let Suggestion::Ask(what) = standing.suggestion
            && !missing.contains(&what)
        {
            missing.push(what);
        }
    }
    missing.into_iter().filter_map(|what| missing_words(what, language)).collect()
}

/// What staff ask; height and weight are measured anyway.
fn missing_words(missing: Missing, language: Language) -> Option<&'static str> {
    Some(match missing {
        Missing::BirthDate => say(language, "the birth date", "la fecha de nacimiento"),
        Missing::Sex => say(language, "the sex", "el sexo"),
        Missing::Smoking => say(language, "whether the person smokes", "si la persona fuma"),
        Missing::PackYears => say(
            language,
            "how much the person smoked (with the smoking questions)",
            "cuánto ha fumado la persona (con las preguntas de tabaco)",
        ),
        Missing::QuitDate => say(
            language,
            "in which month and year the person quit smoking (with the smoking questions)",
            "en qué mes y año dejó de fumar (con las preguntas de tabaco)",
        ),
        Missing::BodyMass => return None,
    })
}
