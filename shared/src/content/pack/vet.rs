//! What an office must mend before a content is handed out, though it holds together: a measurement that nobody could
//! take, a code that no record system would know, an alert that nothing could raise, words that are blank, a question
//! that would not be shown as its form has it, a finding about which the page that a person takes home is silent.
//! A device does not ask this of a release that was handed out before.

mod reach;
mod words;

use super::content::{Content, What};
use super::files::PackFiles;
use super::findings::Findings;
use super::load;
use super::protocol::Does;
use super::read::{Pack, Problem};
use crate::content::blood_pressure::Category;
use crate::content::calculated::formula;
use crate::content::gaps;
use crate::content::hearing::{Ear, FREQUENCIES_HZ};
use crate::content::measurements::{Measurement, UnreadField, is_loinc, untakable};
use crate::content::questionnaire::{Questionnaire, Rule};
use crate::content::units::is_ucum;
use std::collections::BTreeSet;

/// Reads and composes packs as `load` does, and tells what is to be mended before they are handed out.
pub fn vet(packs: &[(String, PackFiles)]) -> Result<Content, Vec<Problem>> {
    let content = load(packs)?;
    let read: Vec<Pack> = packs.iter().filter_map(|(label, files)| Pack::read(label, files).ok()).collect();
    let problems = problems(&content, &read);
    if problems.is_empty() { Ok(content) } else { Err(problems) }
}

/// `packs` are those of which `content` is composed, each as it stands alone.
fn problems(content: &Content, packs: &[Pack]) -> Vec<Problem> {
    let measured: BTreeSet<&str> = measured(content).collect();
    let mut faults: Vec<(String, String)> = Vec::new();
    for measurement in &content.catalog.measurements {
        let item = format!("measurement {}", measurement.key);
        let is_measured = measured.contains(measurement.key.as_str());
        let mut reasons = codes(measurement);
        if is_measured {
            reasons.extend(untakable(measurement));
        } else if is_added(content, &item) {
            reasons.push("is measured by no step, so nobody could take it".to_owned());
        }
        if !measurement.bands.is_empty() && !measurement.bands.iter().any(|band| band.is_normal) {
            reasons.push("calls none of its bands normal".to_owned());
        }
        faults.extend(reasons.into_iter().map(|reason| (item.clone(), reason)));
    }
    faults.extend(content.forms.iter().flat_map(unshown));
    faults.extend(words::blank(content));
    faults.extend(gap_rules(content));
    faults.extend(reach::idle_alerts(content, packs, &measured));
    let silent = silent(content, &measured).into_iter();
    faults.extend(silent.map(|(item, name)| (item, format!("no text of the handout speaks about {name:?}"))));
    let problem = |what: What| {
        move |(place, reason): (String, String)| Problem {
            pack: pack_of(content, what, &place),
            place,
            reason,
        }
    };
    let refused = reach::refused_values(content, packs).into_iter().map(problem(What::Tightened));
    let alone = packs.iter().flat_map(|pack| unread(pack).into_iter().chain(words::untitled(pack)));
    faults.into_iter().map(problem(What::Added)).chain(refused).chain(alone).collect()
}

/// What a pack's catalog says that nothing reads: a limit whose name is misspelt is no limit.
fn unread(pack: &Pack) -> Vec<Problem> {
    let fields = pack.catalog.iter().flat_map(|catalog| &catalog.unread);
    let file = pack.manifest.files.measurements.as_deref().unwrap_or_default();
    let problem = |unread: &UnreadField| Problem {
        pack: pack.manifest.id.clone(),
        place: unread.key.as_ref().map_or(file.to_owned(), |key| format!("measurement {key}")),
        reason: format!("says {:?}, which nothing reads", unread.field),
    };
    fields.map(problem).collect()
}

/// What a form asks for and the page of questions lacks.
fn unshown(form: &Questionnaire) -> Vec<(String, String)> {
    let item = format!("questionnaire {}", form.id().unwrap_or_default());
    let told =
        |(link_id, feature): (&str, &str)| (item.clone(), format!("{link_id}: {feature} is not supported"));
    form.unshown().into_iter().map(told).collect()
}

/// Conditions that staff could not tick, care that has no name, and rules that no answer would meet: the item and the
/// reason.
fn gap_rules(content: &Content) -> Vec<(String, String)> {
    let catalog = &content.gaps;
    let nameless = catalog.conditions.keys().filter(|name| !catalog.condition_names.contains_key(*name));
    let reason = "has no words for staff".to_owned();
    let mut faults: Vec<_> = nameless.map(|name| (format!("condition {name}"), reason.clone())).collect();
    let services: BTreeSet<&str> = catalog.gaps.iter().flat_map(|gap| gap.rule.services()).collect();
    let nameless = services.into_iter().filter(|service| !catalog.services.contains_key(*service));
    faults.extend(nameless.map(|service| (format!("service {service}"), reason.clone())));
    for gap in &catalog.gaps {
        let by_score = gap.rule.evidence().filter_map(|evidence| match &evidence.what {
            gaps::rule::What::Asked { forms, items } if items.is_empty() => Some(forms),
            _ => None,
        });
        let has_score = |id: &&String| content.form(id).is_some_and(|form| form.instrument().is_some());
        let never = by_score.flatten().filter(|id| !has_score(id));
        let reason = |id: &String| format!("is met by {id:?}, which has no score: it needs items");
        faults.extend(never.map(|id| (format!("gap {}", gap.id), reason(id))));
    }
    faults
}

/// Keys of all that a visit measures.
fn measured(content: &Content) -> impl Iterator<Item = &str> {
    let keys = content.steps.iter().filter_map(|step| match &step.does {
        Does::Measure(keys) => Some(keys),
        Does::Form(_) => None,
    });
    keys.flatten().map(String::as_str)
}

fn is_added(content: &Content, item: &str) -> bool {
    content.differences.iter().any(|difference| difference.what == What::Added && difference.item == item)
}

/// The overlay that last did something to an item, else the core.
fn pack_of(content: &Content, what: What, item: &str) -> String {
    let changed = |difference: &&super::Difference| difference.what == what && difference.item == item;
    let overlay = content.differences.iter().rfind(changed).map(|difference| difference.pack.clone());
    overlay.or(content.packs.first().map(|core| core.id.clone())).unwrap_or_default()
}

/// What keeps a value from being understood elsewhere.
fn codes(measurement: &Measurement) -> Vec<String> {
    let mut reasons = Vec::new();
    let codes = std::iter::once(&measurement.loinc).chain(&measurement.loinc_extra);
    let wrong = codes.filter(|code| !is_loinc(code));
    reasons.extend(wrong.map(|code| format!("{code:?} is no LOINC code: its check digit is wrong")));
    let units = measurement.unit_ucum.iter().chain(&measurement.unit_ucum_alternatives);
    reasons.extend(units.filter(|unit| !is_ucum(unit)).map(|unit| format!("{unit:?} is no UCUM unit")));
    reasons
}

/// Findings outside the normal about which no text would be said: the item, and what the finding is called.
fn silent(content: &Content, measured: &BTreeSet<&str>) -> Vec<(String, String)> {
    let mut missing = Vec::new();
    let mut ask = |item: String, name: &str, found: Findings| {
        if !content.handout_said(&found).iter().any(|text| text.when.is_about_a_finding()) {
            missing.push((item, name.to_owned()));
        }
    };
    if measured.contains("bp_systolic") {
        for category in Category::ALL.into_iter().filter(|category| *category != Category::Normal) {
            let found = Findings { pressure: Some(category), ..Findings::default() };
            ask("measurement bp_systolic".to_owned(), &category.name().english, found);
        }
    }
    for measurement in content.catalog.measurements.iter().filter(|known| is_found(&known.key, measured)) {
        let bands = measurement.bands.iter().filter(|band| !band.is_normal).map(|band| &band.name.english);
        let flags = measurement.flags.iter().map(|flag| &flag.name.english);
        for name in bands.chain(flags).collect::<BTreeSet<_>>() {
            let measured = [(measurement.key.clone(), vec![name.clone()])].into();
            ask(
                format!("measurement {}", measurement.key),
                name,
                Findings { measured, ..Findings::default() },
            );
        }
    }
    let shifts = |ear: Ear| FREQUENCIES_HZ.iter().all(|hertz| measured.contains(ear.key(*hertz).as_str()));
    if Ear::BOTH.into_iter().any(shifts) {
        let found = Findings { hearing_shift: true, ..Findings::default() };
        ask("measurement hearing".to_owned(), "standard threshold shift", found);
    }
    for form in asked(content) {
        let id = form.id().unwrap_or_default();
        for (name, found) in outcomes(id, form) {
            ask(format!("questionnaire {id}"), &name, found);
        }
        let needs = form.instrument().into_iter().flat_map(|rule| {
            rule.needs.iter().map(|need| &need.need).chain(&rule.positive_need).collect::<BTreeSet<_>>()
        });
        for need in needs.filter(|need| !content.silent.iter().any(|silent| silent.need == **need)) {
            let found = Findings { needs: [need.clone()].into(), ..Findings::default() };
            ask(format!("questionnaire {id}"), need, found);
        }
    }
    missing
}

/// Whether a visit can find a value of this key: what is measured, and what is worked out of it.
fn is_found(key: &str, measured: &BTreeSet<&str>) -> bool {
    match formula(key) {
        Some(formula) => formula.from.iter().all(|part| measured.contains(part)),
        None => measured.contains(key),
    }
}

/// The forms that steps ask, and those that a positive answer brings.
fn asked(content: &Content) -> Vec<&Questionnaire> {
    let mut asked: Vec<&Questionnaire> = Vec::new();
    let mut waiting: Vec<&str> = content
        .steps
        .iter()
        .filter_map(|step| match &step.does {
            Does::Form(id) => Some(id.as_str()),
            Does::Measure(_) => None,
        })
        .collect();
    while let Some(form) = waiting.pop().map(|id| content.form(id)) {
        let Some(form) = form.filter(|form| !asked.iter().any(|other| other.id() == form.id())) else {
            continue;
        };
        waiting.extend(form.instrument().and_then(|rule| rule.then.as_deref()));
        asked.push(form);
    }
    asked
}

/// Scores outside the normal: each band above the lowest, and a positive result where there are no bands. A result that
/// names a need is spoken about with the need.
fn outcomes(id: &str, form: &Questionnaire) -> Vec<(String, Findings)> {
    let Some(instrument) = form.instrument() else { return Vec::new() };
    let of = |positive: bool| Findings { forms: [(id.to_owned(), positive)].into(), ..Findings::default() };
    let cut_off = match &instrument.rule {
        Rule::Sum { positive_at, .. } => Some(positive_at.by_sex()).map(|(male, female)| male.min(female)),
        Rule::Any { .. } => Some(1),
        Rule::Scaled { .. } => None,
    };
    let above = instrument.bands.iter().skip(1).map(|band| {
        let bands = [(id.to_owned(), band.name.english.clone())].into();
        let positive = cut_off.is_some_and(|cut_off| band.low >= cut_off);
        (band.name.english.clone(), Findings { bands, ..of(positive) })
    });
    let alone = cut_off.filter(|_| instrument.bands.is_empty() && instrument.positive_need.is_none());
    above.chain(alone.map(|_| ("positive".to_owned(), of(true)))).collect()
}

#[cfg(test)]
mod tests;
