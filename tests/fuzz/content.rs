//! Content files: questionnaires, measurements, care gaps, consent texts, packs. What is taken in keeps its bounds.

use super::mutate::{fixtures, run, run_beside};
use shared::content::measurements::Catalog;
use shared::content::pack::{Pack, PackFiles, embedded_files};
use shared::content::questionnaire::{Answers, Item, Questionnaire};
use shared::content::{consent, gaps};
use std::fs;

fn data(name: &str) -> Vec<u8> {
    fs::read(fixtures().join("../../shared/content/core").join(name)).expect("a content file")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn depth(items: &[Item]) -> usize {
    items.iter().map(|item| 1 + depth(&item.items)).max().unwrap_or(0)
}

#[test]
fn questionnaires() {
    let seeds = ["tobacco-status", "hunger-vital-sign", "audit-c", "phq-2"];
    let seeds = seeds.map(|name| data(&format!("questionnaires/{name}.json"))).to_vec();
    run("questionnaire", seeds, |bytes| {
        let Ok(questionnaire) = Questionnaire::parse(&text(bytes)) else { return };
        assert!(depth(&questionnaire.items) <= Questionnaire::DEPTH_MAX);
        assert_eq!(Questionnaire::parse(&text(bytes)), Ok(questionnaire.clone()));
        let _ = questionnaire.progress(&Answers::new());
    });
}

#[test]
fn measurements() {
    run("measurements", vec![data("measurements.json")], |bytes| drop(Catalog::parse(&text(bytes))));
}

#[test]
fn care_gaps() {
    run("care-gaps", vec![data("care_gaps.json")], |bytes| drop(gaps::parse(&text(bytes))));
}

#[test]
fn consent_texts() {
    run("consent", vec![data("consent.json")], |bytes| drop(consent::parse(&text(bytes))));
}

/// Each file of an overlay in turn, within the others as they are.
#[test]
fn packs() {
    const NAMES: [(&str, &str); 5] = [
        ("pack-manifest", "pack.json"),
        ("pack-protocol", "protocol.json"),
        ("pack-changes", "changes.json"),
        ("pack-overlay-handout", "handout.json"),
        ("pack-form", "questionnaires/heat-work.json"),
    ];
    let mut whole = PackFiles::default();
    for name in NAMES.map(|(_, name)| name).into_iter().chain(["measurements.json"]) {
        whole.put(name, data(&format!("../overlays/gulf-sample/{name}"))).expect("a file of a pack");
    }
    NAMES.into_iter().for_each(|(target, name)| within("overlay", &whole, target, name));
}

/// The same of the core, which alone has rules of scoring and values that stop a visit.
#[test]
fn core_packs() {
    const NAMES: [(&str, &str); 3] = [
        ("pack-alerts", "alerts.json"),
        ("pack-handout", "handout.json"),
        ("pack-scoring", "questionnaires/scoring.json"),
    ];
    let whole = embedded_files();
    NAMES.into_iter().for_each(|(target, name)| within("core", &whole, target, name));
}

fn within(label: &str, whole: &PackFiles, target: &'static str, name: &'static str) {
    let seed = whole.get(name).expect("a file of the pack").to_vec();
    assert!(Pack::read(label, whole).is_ok());
    let beside: usize = whole.names().filter_map(|name| whole.get(name)).map(<[u8]>::len).sum();
    run_beside(beside, target, vec![seed], |bytes| {
        let mut pack = whole.clone();
        if pack.put(name, bytes.to_vec()).is_err() {
            return;
        }
        match Pack::read(label, &pack) {
            Ok(read) => assert_eq!(Pack::read(label, &pack), Ok(read)),
            Err(problems) => {
                assert!(!problems.is_empty());
                assert!(problems.iter().all(|problem| problem.to_string().chars().count() < 800));
            }
        }
    });
}
