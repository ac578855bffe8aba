//! A test of hearing against the person's own first one: which test that was, and what stands out against it. The rule is
//! `shared::content::hearing`'s.

use super::person::Result as ResultLine;
use shared::content::hearing::{self, Ear, FREQUENCIES_HZ, Finding, Shift, TESTED_HZ, Thresholds};
use shared::content::measurements;
use shared::content::pack::Content;
use shared::ids::VisitId;
use shared::time::Timestamp;
use std::collections::BTreeMap;

/// The person's first whole test of an ear, taken in another visit than this one.
pub fn hearing_baseline(
    results: &[ResultLine],
    visit: VisitId,
    ear: Ear,
    content: &Content,
) -> Option<Thresholds> {
    let tests = tests(results, ear, content).into_iter();
    tests.filter(|((_, of), _)| *of != Some(visit)).map(|(_, thresholds)| thresholds).next()
}

/// How the newest test of a visit stands to the baseline, where it has shifted.
pub fn hearing_shift(results: &[ResultLine], visit: VisitId, ear: Ear, content: &Content) -> Option<Shift> {
    let of_visit = |((_, of), _): &((Timestamp, Option<VisitId>), Thresholds)| *of == Some(visit);
    let (_, now) = tests(results, ear, content).into_iter().rfind(of_visit)?;
    shifted(hearing_baseline(results, visit, ear, content).as_ref(), &now)
}

/// A shift, where there is one.
pub(super) fn shifted(baseline: Option<&Thresholds>, now: &Thresholds) -> Option<Shift> {
    hearing::shift(baseline?, now).filter(|shift| shift.finding != Finding::NoShift)
}

/// Whole tests of an ear, the oldest first; half a test has no meaning in the rule.
fn tests(
    results: &[ResultLine],
    ear: Ear,
    content: &Content,
) -> BTreeMap<(Timestamp, Option<VisitId>), Thresholds> {
    let mut tests: BTreeMap<(Timestamp, Option<VisitId>), Thresholds> = BTreeMap::new();
    for hertz in TESTED_HZ {
        let key = ear.key(hertz);
        let Some(measurement) = content.catalog.find(&key).or_else(|| measurements::find(&key)) else {
            continue;
        };
        for result in results {
            let observation = &result.observation;
            let value = observation.value.and_then(|value| value.quantity());
            if let Some(value) = value.filter(|_| observation.loinc.as_ref() == Some(&measurement.loinc)) {
                tests.entry((result.at, observation.visit)).or_default().entry(hertz).or_insert(value);
            }
        }
    }
    tests.retain(|_, thresholds| FREQUENCIES_HZ.iter().all(|hertz| thresholds.contains_key(hertz)));
    tests
}
