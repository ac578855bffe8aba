//! What partners send: FHIR bundles. What is taken is written and read again as the same visit.

use super::run::run;
use shared::content::pack::embedded;
use shared::domain::person::Person;
use shared::domain::visit::Visit;
use shared::fhir::{self, VisitRecord};
use shared::ids::{EmployerId, PersonId, SiteId, StaffId, VanId, VisitId};
use shared::time::Timestamp;
use tests::sample::{self, Seeded};

fn bare() -> VisitRecord {
    let person_id = PersonId::from_bytes([0x11; 16]);
    VisitRecord {
        visit_id: VisitId::from_bytes([0x22; 16]),
        visit: Visit { person: Some(person_id), ..Visit::default() },
        person_id,
        person: Person::default(),
        memberships: Vec::new(),
        gaps: Vec::new(),
        tasks: Vec::new(),
        facts: Vec::new(),
    }
}

/// A visit with what a van captures in it.
fn captured() -> VisitRecord {
    let mut seeded = Seeded(5);
    let now = Timestamp::from_milliseconds(1_795_435_200_000);
    let (site, van, staff) =
        (SiteId::from_bytes([7; 16]), VanId::from_bytes([8; 16]), StaffId::from_bytes([9; 16]));
    let empty = bare();
    let visit = sample::visit(&mut seeded, now, empty.person_id, site, van, staff);
    let mut facts: Vec<_> = visit
        .intents
        .into_iter()
        .filter_map(|intent| match intent {
            app::apply::Intent::Record(fact) => Some(fact),
            app::apply::Intent::Set { .. } | app::apply::Intent::Edit(_) => None,
        })
        .collect();
    facts.sort_by_key(|fact| fact.id);
    let person = sample::person(&mut seeded, 1, EmployerId::from_bytes([5; 16]));
    let visit_id = visit.id;
    VisitRecord { person, visit_id, facts, ..empty }
}

#[test]
fn bundles() {
    let content = [embedded()];
    let seeds = [bare(), captured()].into_iter().map(|record| {
        let text = fhir::write(&record, &content).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert!(fhir::read(&text, &content).is_ok());
        text.into_bytes()
    });
    run("fhir", seeds.collect(), |bytes| match fhir::read(&String::from_utf8_lossy(bytes), &content) {
        Ok(record) => {
            let Ok(again) = fhir::write(&record, &content) else { return };
            assert_eq!(fhir::read(&again, &content), Ok(record));
        }
        Err(refusals) => assert!(!refusals.is_empty()),
    });
}
