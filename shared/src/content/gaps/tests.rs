//! Stories of the care-gap catalog: every row has a source and says how far it was checked.

use super::{Basis, GapError, catalog, find, parse};
use crate::content::{Language, measurements};

#[test]
fn every_gap_has_a_source_a_basis_and_a_name_in_both_languages() {
    assert_eq!(catalog().len(), 25);
    for gap in catalog() {
        assert!(!gap.source.is_empty() && !gap.who.is_empty() && !gap.met_by.is_empty(), "{}", gap.id);
        assert!(gap.name.say(Language::Spanish).translated, "{}", gap.id);
        assert!(gap.basis.label().say(Language::Spanish).translated);
    }
}

#[test]
fn the_basis_tells_what_must_still_be_confirmed() {
    for (id, basis, needs_confirmation) in [
        ("CBP", Basis::Ecqm, false),
        ("COL", Basis::Ecqm, false),
        ("SPC-PRIM", Basis::Published, false),
        ("EED", Basis::Unconfirmed, true),
    ] {
        let gap = find(id).unwrap();
        assert_eq!((gap.basis, gap.basis.needs_confirmation()), (basis, needs_confirmation), "{id}");
    }
    assert!(find("XYZ").is_none());
}

#[test]
fn the_values_that_close_a_gap_are_measured_by_the_van() {
    for gap in catalog() {
        for loinc in &gap.loinc {
            assert!(measurements::catalog().find_loinc(loinc).is_some(), "{} {loinc}", gap.id);
        }
    }
}

#[test]
fn a_file_with_one_id_twice_or_an_unknown_basis_is_refused() {
    let embedded = include_str!("../../../content/core/care_gaps.json");
    let twice = embedded.replacen("\"id\": \"COL\"", "\"id\": \"CBP\"", 1);
    assert_eq!(parse(&twice), Err(GapError::Twice { id: "CBP".into() }));
    let hearsay = embedded.replacen("\"basis\": \"ecqm\"", "\"basis\": \"hearsay\"", 1);
    assert!(matches!(parse(&hearsay), Err(GapError::Unreadable { .. })));
}
