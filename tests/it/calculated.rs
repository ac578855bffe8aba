//! What follows from values on a van: watched when its last part is taken, kept nowhere, handed over at the exit.

use crate::packs::{project_packs, release};
use crate::world::{World, begin_visit, walk_up};
use app::capture::{Desk, Response, VitalsTaken};
use serde_json::{Value, json};
use shared::content::pack::PackFiles;
use shared::domain::consent::Recipient;
use shared::domain::screening::Observation;
use shared::draft::VitalDraft;
use shared::ids::VisitId;
use tests::plain::FIRST_DEVICE;

/// The project's packs, whose region watches the body mass index and LDL.
fn watching() -> Vec<(String, PackFiles)> {
    let mut packs = project_packs();
    let overlay = &mut packs[1].1;
    let mut manifest: Value =
        serde_json::from_slice(overlay.get("pack.json").expect("a manifest")).expect("JSON");
    manifest["files"]["alerts"] = json!("alerts.json");
    let alert = |id: &str, key: &str, above: i32| {
        json!({
            "id": id, "any": [{"key": key, "above": above}], "title": "Look", "title_es": "Mire",
            "action": "Call the nurse", "action_es": "Llame a enfermería",
            "choices": [["The nurse is here", "Enfermería está aquí"]],
            "evidence": {"guideline": "Regional practice", "year": 2026, "basis": "unconfirmed"}
        })
    };
    let alerts =
        json!({"alerts": [alert("gulf-weight", "bmi", 60), alert("gulf-ldl", "chol_ldl_calc", 189)]});
    for (name, file) in [("pack.json", manifest), ("alerts.json", alerts)] {
        overlay.put(name, file.to_string().into_bytes()).expect("room");
    }
    packs
}

fn take(desk: &mut Desk, visit: VisitId, values: &[(&str, &str)]) -> VitalsTaken {
    let draft = |(key, typed): &(&str, &str)| VitalDraft {
        measurement: (*key).into(),
        typed: (*typed).into(),
        confirmed: true,
        ..VitalDraft::default()
    };
    desk.record_vitals(visit, &values.iter().map(draft).collect::<Vec<_>>(), 1).expect("taken")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_on_what_is_worked_out_stops_the_visit_and_names_it() {
    let world = World::of(2).await;
    release(&world, &watching()).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1980-01-01");
    let visit = begin_visit(&mut desk, person);
    assert_eq!(take(&mut desk, visit, &[("height", "150")]).raised, []);
    let heavy = take(&mut desk, visit, &[("weight", "140")]);
    let panel = [("chol_total", "300"), ("chol_hdl", "40"), ("triglycerides", "150")];
    let lipids = take(&mut desk, visit, &panel);
    let tasks = desk.tasks_of_visit(visit).expect("tasks");
    let raised = [&heavy.raised[..], &lipids.raised[..]].concat();
    let told = raised.iter().map(|id| {
        let (_, task) = tasks.iter().find(|(each, _)| each == id).expect("a task of the visit");
        (task.reason.as_deref(), task.found.as_deref())
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (Some("gulf-weight"), Some("Body mass index 62.2 kg/m²")),
            (Some("gulf-ldl"), Some("LDL cholesterol (calculated) 230 mg/dL")),
        ]
    );
    assert_eq!(tasks.len(), raised.len());
    assert!(desk.finish(visit).is_err(), "somebody acts first");
    assert_eq!(
        take(&mut desk, visit, &[("heart_rate", "70")]).raised,
        [],
        "what stood before is not raised again"
    );

    let stored = desk.visit(visit).expect("a visit").results;
    let is_made =
        |seen: &Observation| matches!(seen.loinc.as_deref(), Some("39156-5" | "13457-7" | "43396-1"));
    assert!(!stored.iter().any(|result| is_made(&result.observation)), "no fact of its own");
    for (id, _) in tasks {
        desk.respond(id, &Response::Acted("The nurse is here".into())).expect("answered");
    }
    desk.finish(visit).expect("finished");
    world.settle(FIRST_DEVICE).await;

    let service = &world.server.service;
    let export = sync_server::export::visit(service, visit, Recipient::RecordSystem).await.expect("written");
    let bundle: Value = serde_json::from_str(&export.bundle).expect("JSON");
    let entries = bundle["entry"].as_array().expect("entries");
    for (code, value, parts) in [("39156-5", "62.2", 2), ("13457-7", "230", 3), ("43396-1", "260", 2)] {
        let mut found = entries.iter().map(|entry| &entry["resource"]);
        let found =
            found.find(|resource| resource["code"]["coding"][0]["code"] == code).expect("handed over");
        assert_eq!(found["valueQuantity"]["value"].to_string(), value);
        assert_eq!(found["derivedFrom"].as_array().map(Vec::len), Some(parts), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_childs_index_raises_nothing_that_was_written_for_adults() {
    let world = World::of(2).await;
    release(&world, &watching()).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let child = walk_up(&mut desk, "2015-01-01");
    let visit = begin_visit(&mut desk, child);
    assert_eq!(take(&mut desk, visit, &[("height", "100"), ("weight", "80")]).raised, []);
}
