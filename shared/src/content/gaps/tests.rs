//! Stories of the care-gap catalog: every row has a source and says how far it was checked.

use super::known::Known;
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
        forms: questionnaire::all().iter().filter_map(|form| Some((form.id()?, form))).collect(),
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
    let unanswerable = find("SNS-E").unwrap().rule.faults(&nothing);
    assert!(unanswerable.contains(&"questionnaire \"ahc-hrsn-core\" is not in the pack".to_owned()));
    let embedded = include_str!("../../../content/core/care_gaps.json");
    let other = parse(&embedded.replacen("/93030-5", "/93030-6", 1)).unwrap();
    let faults = other.find("SNS-E").unwrap().rule.faults(&known);
    assert_eq!(faults, ["questionnaire \"ahc-hrsn-core\" has no question \"/93030-6\""]);
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
        ("\"items\": [\"/93030-5\"]", "\"items\": []"),
        ("\"asked\": [\"hunger-vital-sign\"]", "\"services\": [\"fit\"], \"items\": [\"/1\"]"),
        ("\"to\": 59", "\"to\": 18"),
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

#[test]
fn a_condition_is_written_by_its_name_or_by_a_code_that_a_rule_knows() {
    let code = |word: &str| embedded().condition_code(word);
    for (word, expected) in [
        ("hypertension", Some("38341003")),
        (" Hypertension ", Some("38341003")),
        ("Bilateral mastectomy", Some("27865001")),
        ("59621000", Some("59621000")),
        ("44054006", Some("44054006")),
        ("none", None),
        ("no", None),
        ("000", None),
        ("", None),
    ] {
        assert_eq!(code(word), expected, "{word:?}");
    }
}

#[test]
fn every_condition_has_words_and_those_that_bring_care_are_listed_first() {
    let catalog = embedded();
    for language in [Language::English, Language::Spanish] {
        let listed = catalog.conditions_listed(language);
        assert_eq!(listed[..4], ["hypertension", "diabetes", "dyslipidaemia", "cardiovascular-disease"]);
        assert_eq!(listed.len(), catalog.conditions.len(), "each once");
        let rest: Vec<&str> = listed[4..].iter().map(|name| catalog.condition_name(name, language)).collect();
        assert!(rest.is_sorted_by_key(|name| name.to_lowercase()), "{rest:?}");
        for name in listed {
            let words = catalog.condition_names.get(name).unwrap_or_else(|| panic!("{name} has no words"));
            assert!(words.say(language).translated && words.text(language) != name, "{name}");
        }
    }
}
