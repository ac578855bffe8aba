//! Content files: questionnaires, measurements, care gaps, consent texts, packs. What is taken in keeps its bounds.

use super::run::{fixtures, run, run_beside};
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

/// A file of an overlay, within the others as they are.
fn overlay(target: &'static str, name: &'static str) {
    const NAMES: [&str; 6] = [
        "pack.json",
        "protocol.json",
        "changes.json",
        "handout.json",
        "questionnaires/heat-work.json",
        "measurements.json",
    ];
    let mut whole = PackFiles::default();
    for name in NAMES {
        whole.put(name, data(&format!("../overlays/gulf-sample/{name}"))).expect("a file of a pack");
    }
    within("overlay", &whole, target, name);
}

#[test]
fn pack_manifests() {
    overlay("pack-manifest", "pack.json");
}

#[test]
fn pack_protocols() {
    overlay("pack-protocol", "protocol.json");
}

#[test]
fn pack_changes() {
    overlay("pack-changes", "changes.json");
}

#[test]
fn pack_handouts_of_overlays() {
    overlay("pack-overlay-handout", "handout.json");
}

#[test]
fn pack_forms() {
    overlay("pack-form", "questionnaires/heat-work.json");
}

/// The same of a core, which alone has values that stop a visit and rules of scoring. It holds no more than the file needs.
fn core(target: &'static str, part: &str, name: &'static str) {
    let core = embedded_files();
    let manifest = format!(
        r#"{{"format": 1, "id": "small-core", "version": "1.0.0", "kind": "core", "title": "Small", "title_es": "Pequeño",
           "date": "2026-11-25", "publisher": "Caravan", "files": {{"{part}": "{name}",
           "questionnaires": [{{"file": "questionnaires/phq-2.json", "languages": ["en", "es"]}}]}}}}"#
    );
    let mut small = PackFiles::default();
    small.put("pack.json", manifest.into_bytes()).expect("a file of a pack");
    for name in [name, "questionnaires/phq-2.json"] {
        small.put(name, core.get(name).expect("a file of the core").to_vec()).expect("a file of a pack");
    }
    within("core", &small, target, name);
}

#[test]
fn pack_alerts() {
    core("pack-alerts", "alerts", "alerts.json");
}

#[test]
fn pack_handouts() {
    core("pack-handout", "handout", "handout.json");
}

#[test]
fn pack_scorings() {
    core("pack-scoring", "scoring", "questionnaires/scoring.json");
}

fn within(label: &str, whole: &PackFiles, target: &'static str, name: &'static str) {
    let seed = whole.get(name).expect("a file of the pack").to_vec();
    let beside: usize = whole.names().filter_map(|name| whole.get(name)).map(<[u8]>::len).sum();
    run_beside(beside, target, vec![seed], |bytes| {
        let mut pack = whole.clone();
        if pack.put(name, bytes.to_vec()).is_err() {
            return;
        }
        match Pack::read(label, &pack) {
            Ok(read) => assert_eq!(read.hash, pack.hash()),
            Err(problems) => {
                assert!(!problems.is_empty());
                assert!(problems.iter().all(|problem| problem.to_string().chars().count() < 800));
            }
        }
    });
}
