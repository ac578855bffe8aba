//! Stories of the care-gap catalog: every row has a source and says how far it was checked.

use super::rule::Known;
use super::{Basis, GapError, catalog, embedded, find, parse};
use crate::content::{Language, measurements, questionnaire};

#[test]
fn every_gap_has_a_source_a_basis_and_a_name_in_both_languages() {
    assert_eq!(catalog().len(), 26);
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
fn every_rule_names_only_what_the_pack_has() {
    let known = Known {
        conditions: embedded().conditions.keys().map(String::as_str).collect(),
        measurements: measurements::catalog().measurements.iter().map(|known| known.key.as_str()).collect(),
        forms: questionnaire::all().iter().filter_map(|form| form.id()).collect(),
    };
    for gap in catalog() {
        assert_eq!(gap.rule.faults(&known), Vec::<String>::new(), "{}", gap.id);
        assert!((2018..=2026).contains(&gap.year), "{}", gap.id);
        for service in gap.rule.services() {
            assert!(
                embedded().services.contains_key(service),
                "{}: {service} has no name for people",
                gap.id
            );
        }
    }
    let nothing = Known { conditions: [].into(), measurements: [].into(), forms: [].into() };
    let faults = find("CBP").unwrap().rule.faults(&nothing);
    assert!(faults.contains(&"condition \"hypertension\" is not in the pack".to_owned()), "{faults:?}");
    assert!(faults.contains(&"measurement \"bp_systolic\" is not in the pack".to_owned()), "{faults:?}");
}

#[test]
fn a_file_with_one_id_twice_or_an_unknown_basis_is_refused() {
    let embedded = include_str!("../../../content/core/care_gaps.json");
    let twice = embedded.replacen("\"id\": \"COL\"", "\"id\": \"CBP\"", 1);
    assert_eq!(parse(&twice), Err(GapError::Twice { id: "CBP".into() }));
    for (from, to) in [
        ("{\"years\": 1}", "{\"years\": 0}"),
        ("\"measured\": [\"hba1c\"]", "\"measured\": []"),
        ("\"measured\": [\"hba1c\"]", "\"rumoured\": [\"hba1c\"]"),
    ] {
        assert!(embedded.contains(from));
        assert!(matches!(parse(&embedded.replacen(from, to, 1)), Err(GapError::Unreadable { .. })), "{to}");
    }
    let hearsay = embedded.replacen("\"basis\": \"ecqm\"", "\"basis\": \"hearsay\"", 1);
    assert!(matches!(parse(&hearsay), Err(GapError::Unreadable { .. })));
}

#[test]
fn a_measure_is_that_of_the_rule_whose_source_names_it_and_of_no_other() {
    let of = |canonical: &str| embedded().of_measure(canonical).map(|gap| gap.id.as_str());
    let cases = [
        ("http://hl7.org/fhir/uv/cqm/Measure/EXM130-FHIR|2.0.0", Some("COL")),
        ("https://madie.cms.gov/Measure/CMS124FHIRCervicalCancerScreen", Some("CCS")),
        ("https://x.example/Measure/CMS2", Some("DSF")),
        ("https://x.example/Measure/cms0165v12", Some("CBP")),
        ("https://x.example/Measure/CBP|1", Some("CBP")),
        ("https://x.example/Measure/CMS", None),
        ("https://x.example/Measure/CMS1", None),
        ("https://x.example/CMS130/other", None),
        ("", None),
    ];
    for (canonical, expected) in cases {
        assert_eq!(of(canonical), expected, "{canonical}");
    }
}
