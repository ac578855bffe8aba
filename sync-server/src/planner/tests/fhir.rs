//! Gaps as a plan sends them in FHIR: the shape of the Da Vinci DEQM gaps in care bundle, and what is wrong with one by
//! its element.

use super::*;
use serde_json::{Value as Json, json};
use shared::domain::care_gap::{GapStatus, care_gap_fields};
use shared::fhir::{GAP_FILE_BYTES_MAX, GAP_FILE_ENTRIES_MAX};
use shared::record::FieldType;

const DEQM: &str = "http://hl7.org/fhir/uv/deqm";

fn status(code: &str) -> Json {
    json!([{
        "url": format!("{DEQM}/StructureDefinition/deqm-gapStatus"),
        "valueCodeableConcept": {
            "coding": [{"system": format!("{DEQM}/CodeSystem/deqm-gaps-status"), "code": code}]
        }
    }])
}

fn member(number: &str) -> Json {
    let kind = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MB"}]});
    json!({"type": kind, "system": "https://plan.example/member", "value": number})
}

/// A gap by the rule's own code.
fn gap(number: &str, rule: &str) -> Json {
    json!({
        "resourceType": "DetectedIssue",
        "modifierExtension": status("open-gap"),
        "status": "final",
        "code": {"coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "CAREGAP"},
            {"system": "https://caravan.invalid/fhir/CodeSystem/care-gap-rule", "code": rule}
        ]},
        "patient": {"identifier": member(number)},
        "identifiedDateTime": "2026-01-01"
    })
}

fn bundle(resources: &[Json]) -> String {
    let entries: Vec<Json> = resources.iter().map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries}).to_string()
}

/// The parts of a gaps in care report: the gap names a patient and a measure report of the same bundle.
fn report(measure: &str) -> Json {
    let at = |name: &str| format!("http://plan.example/fhir/{name}");
    let mut issue = gap("", "");
    issue["code"]["coding"].as_array_mut().expect("codings").pop();
    issue["patient"] = json!({"reference": "Patient/p1"});
    issue["evidence"] = json!([{"detail": [{"reference": "MeasureReport/m1"}]}]);
    issue["identifiedDateTime"] = json!("2026-03-04T23:30:00-05:00");
    let record = json!({"system": "http://hospital.example", "value": "999995992"});
    json!({"resourceType": "Bundle", "type": "document", "entry": [
        {"fullUrl": at("Composition/c1"), "resource": {"resourceType": "Composition", "id": "c1"}},
        {"fullUrl": at("MeasureReport/m1"),
         "resource": {"resourceType": "MeasureReport", "id": "m1", "measure": measure}},
        {"fullUrl": at("DetectedIssue/d1"), "resource": issue},
        {"fullUrl": at("Patient/p1"),
         "resource": {"resourceType": "Patient", "id": "p1", "identifier": [record, member("M000100001")]}},
    ]})
}

fn told(known: &Known, file: impl AsRef<[u8]>) -> Vec<String> {
    known.read(ImportKind::Gaps, file).problems.iter().map(Problem::to_string).collect()
}

fn gaps(known: &Known) -> Vec<CareGap> {
    known.only(CareGap::KIND, CareGap::read, |_| true)
}

#[test]
fn the_same_gap_is_one_whether_it_comes_as_csv_or_as_fhir() {
    let mut known = Known::with_roster();
    let csv = "member_number,gap_id,due_since\nM000100001,COL,2026-01-01\n";
    let straight = known.import(ImportKind::Gaps, csv);
    let fhir = known.read(ImportKind::Gaps, bundle(&[gap("M000100001", "COL")]));
    assert_eq!((fhir.problems.len(), fhir.rows), (0, 1));
    assert_eq!(fhir.planned[0].record, straight.planned[0].record);
    assert_eq!(known.take(&fhir), 0, "nothing that was not known");
}

#[test]
fn a_report_as_the_guide_shows_it_is_read_and_again_changes_nothing() {
    for measure in ["http://hl7.org/fhir/uv/cqm/Measure/EXM130-FHIR|2.0.0", "https://x.example/Measure/COL"] {
        let mut known = Known::with_roster();
        for file in [
            report(measure),
            json!({"resourceType": "Parameters",
                   "parameter": [{"name": "return", "resource": report(measure)}]}),
        ] {
            let reading = known.read(ImportKind::Gaps, file.to_string());
            assert_eq!(reading.problems, []);
            known.take(&reading);
            assert_eq!(known.take(&known.read(ImportKind::Gaps, file.to_string())), 0);
        }
        let [gap] = gaps(&known).try_into().expect("one gap");
        assert_eq!((gap.rule.as_deref(), gap.status), (Some("COL"), Some(GapStatus::Open)));
        assert_eq!(gap.due_since, "2026-03-04".parse().ok(), "the day by the plan's own clock");
        assert_eq!(gap.claimed_by.as_deref(), Some("plan"));
    }
}

#[test]
fn what_the_plan_closed_closes_what_is_known_and_nothing_is_opened_again() {
    let mut known = Known::with_roster();
    let file = |code: &str| {
        let mut gap = gap("M000100001", "COL");
        gap["modifierExtension"] = status(code);
        bundle(&[gap])
    };
    known.import(ImportKind::Gaps, &file("closed-gap"));
    assert_eq!(gaps(&known), [], "nobody need hear of a gap that came closed");
    known.import(ImportKind::Gaps, &file("open-gap"));
    known.import(ImportKind::Gaps, &file("closed-gap"));
    assert_eq!(gaps(&known)[0].status, Some(GapStatus::Closed));
    known.import(ImportKind::Gaps, &file("open-gap"));
    assert_eq!(gaps(&known)[0].status, Some(GapStatus::Closed));
    let prospective = known.import(ImportKind::Gaps, &file("prospective-gap"));
    assert_eq!((prospective.planned.len(), prospective.notes.len()), (0, 1));
}

#[test]
fn a_gap_comes_back_as_itself_and_never_as_another_persons() {
    let mut known = Known::with_roster();
    known.import(ImportKind::Gaps, &bundle(&[gap("M000100001", "COL")]));
    let (id, _) = known.all(CareGap::KIND, CareGap::read).remove(0);
    let own = |number: &str, rule: &str| {
        let mut gap = gap(number, rule);
        gap["identifier"] =
            json!([{"system": "https://caravan.invalid/fhir/id/care-gap", "value": id.to_string()}]);
        bundle(&[gap])
    };
    known.set(id, care_gap_fields::claimed_by, "van".to_owned().to_value());
    let back = known.read(ImportKind::Gaps, own("M000100001", "COL"));
    assert_eq!((back.problems.len(), known.take(&back)), (0, 0));
    let wrong = "Bundle.entry[0].resource.identifier[0].value";
    for (number, rule) in [("M000100002", "COL"), ("M000100001", "BCS")] {
        let told = told(&known, own(number, rule));
        assert!(told.len() == 1 && told[0].starts_with(wrong), "{told:?}");
    }
}

#[test]
fn each_bad_gap_is_told_by_its_element_value_and_reason_and_the_good_ones_are_there() {
    let known = Known::with_roster();
    let changed = |change: &dyn Fn(&mut Json)| {
        let mut gap = gap("M000100001", "COL");
        change(&mut gap);
        gap
    };
    let file = bundle(&[
        gap("M000100001", "BCS"),
        gap("M999999999", "COL"),
        gap("M000100001", "NOPE"),
        changed(&|gap| gap["status"] = json!("entered-in-error")),
        changed(&|gap| gap["code"]["coding"][0]["code"] = json!("DRUG")),
        changed(&|gap| gap["modifierExtension"] = status("half-open")),
        changed(&|gap| gap["modifierExtension"][0]["url"] = json!("http://x.example")),
        changed(&|gap| gap["identifiedDateTime"] = json!("2026-02-30")),
        changed(&|gap| gap["patient"] = json!({"reference": "Patient/nobody"})),
        changed(&|gap| gap["patient"]["identifier"]["type"] = json!({})),
        changed(&|gap| drop(gap["code"]["coding"].as_array_mut().expect("codings").pop())),
        changed(&|gap| gap["patient"] = json!(7)),
        gap("M000100001", "BCS"),
        gap("=cmd()", "COL"),
        json!({"status": "final"}),
        json!([]),
    ]);
    let expected = [
        "[1].resource.patient.identifier.value \"M999999999\": is not known: no roster named this member; import the roster first",
        "[2].resource.code.coding[1].code \"NOPE\": is not in the catalog of care gaps",
        "[3].resource.status \"entered-in-error\": is not \"final\"",
        "[4].resource.code: is not \"CAREGAP\"",
        "[5].resource.modifierExtension[0].valueCodeableConcept: holds the unknown code \"half-open\"",
        "[6].resource.modifierExtension[0].url \"http://x.example\": is not \"http://hl7.org/fhir/uv/deqm/StructureDefinition/deqm-gapStatus\"",
        "[7].resource.identifiedDateTime \"2026-02-30\": is not a year, a month or a day",
        "[8].resource.patient.reference \"Patient/nobody\": names Patient/nobody, which is not in the bundle",
        "[9].resource.patient: has no member number: an identifier of type MB (HL7 v2-0203)",
        "[10].resource.code: names no rule: neither by a coding of https://caravan.invalid/fhir/CodeSystem/care-gap-rule nor by a MeasureReport of this file as evidence",
        "[11].resource.patient \"7\": is not an object",
        "[12].resource.code.coding[1].code \"BCS\": stands twice for this member (Bundle.entry[0].resource)",
        "[13].resource.patient.identifier.value \"=cmd()\": would run as a formula in a spreadsheet; remove the first character",
        "[14].resource.resourceType: is missing",
        "[15].resource.resourceType: is missing",
    ];
    let reading = known.read(ImportKind::Gaps, &file);
    let told: Vec<String> = reading.problems.iter().map(Problem::to_string).collect();
    assert_eq!(told, expected.map(|line| format!("Bundle.entry{line}")));
    assert_eq!((reading.rows, reading.planned.len()), (16, 1), "the good one");
}

#[test]
fn a_patient_without_a_member_number_is_named_where_it_stands() {
    let known = Known::with_roster();
    let mut file = report("https://x.example/Measure/COL");
    file["entry"][3]["resource"]["identifier"].as_array_mut().expect("identifiers").pop();
    let at = "Bundle.entry[3].resource.identifier";
    assert_eq!(
        told(&known, file.to_string()),
        [format!("{at}: has no member number: an identifier of type MB (HL7 v2-0203)")]
    );
    let mut file = report("https://x.example/Measure/CMS999");
    assert_eq!(
        told(&known, file.to_string()),
        [
            "Bundle.entry[1].resource.measure \"https://x.example/Measure/CMS999\": is no measure of the catalog of care gaps"
        ]
    );
    file["entry"][0]["fullUrl"] = json!("Patient/p1");
    let twice = "Bundle.entry[2].resource.patient.reference \"Patient/p1\": stands twice";
    assert_eq!(told(&known, file.to_string()), [twice], "nobody guesses which is meant");
}

#[test]
fn a_hostile_file_is_refused_with_its_reason_and_nothing_is_planned() {
    let known = Known::with_roster();
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200_000), "]".repeat(200_000));
    let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(GAP_FILE_BYTES_MAX));
    let many = format!(
        "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{}1]}}",
        "1,".repeat(GAP_FILE_ENTRIES_MAX)
    );
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"{".to_vec(), "is not JSON"),
        (b"[]".to_vec(), "is not an object"),
        (deep.into_bytes(), "nests deeper than 32 levels"),
        (huge.into_bytes(), "bytes; at most"),
        (many.into_bytes(), "resources; at most"),
        (b"{\"resourceType\":\"Patient\"}".to_vec(), "is not \"Bundle\""),
        (b"{\"resourceType\":\"Bundle\",\"resourceType\":\"Bundle\"}".to_vec(), "stands twice"),
        (
            b"{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[]}".to_vec(),
            "is not \"collection",
        ),
        (b"{\"resourceType\":\"Bundle\",\"type\":\"collection\"}".to_vec(), "Bundle.entry: is missing"),
        (b"{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":{}}".to_vec(), "is not a list"),
        (bundle(&[json!({"resourceType": "Composition"})]).into_bytes(), "a bundle with a DetectedIssue"),
        (
            b"{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"return\"}]}".to_vec(),
            "resource: is missing",
        ),
        (b"{\"resourceType\":\"Bundle\",\"implicitRules\":\"x\"}".to_vec(), "is not understood"),
        (b"{\"\xFF\":1}".to_vec(), "is not UTF-8"),
    ];
    for (file, reason) in cases {
        let reading = known.read(ImportKind::Gaps, &file);
        let told: Vec<String> = reading.problems.iter().map(Problem::to_string).collect();
        assert!(told.len() == 1 && told[0].contains(reason), "{reason}: {told:?}");
        assert_eq!(reading.planned, []);
    }
}

#[test]
fn a_files_name_says_what_it_is_and_not_its_first_character() {
    let known = Known::with_roster();
    for (name, form) in [
        ("gaps.json", FileForm::Json),
        ("GAPS.JSON", FileForm::Json),
        ("gaps.csv", FileForm::Csv),
        ("gaps.txt", FileForm::Unsaid),
        ("json", FileForm::Unsaid),
    ] {
        assert_eq!(FileForm::of_name(std::path::Path::new(name)), form, "{name}");
    }
    let good = bundle(&[gap("M000100001", "COL")]);
    let torn = good.replace("\"resourceType\":\"Bundle\"", "\n\"resourceType\" \"Bundle\"");
    for (form, file, told) in [
        (FileForm::Json, "member_number,gap_id\n", "Bundle: is not JSON: expected value at line 1 column 1"),
        (FileForm::Json, "\n\n  rubbish", "Bundle: is not JSON: expected value at line 3 column 3"),
        (FileForm::Json, "", "Bundle: is not JSON: EOF while parsing a value at line 1 column 0"),
        (FileForm::Csv, &good, "the file: begins as JSON, and its name says that it is CSV; name it .json"),
        (FileForm::Csv, " {", "the file: begins as JSON, and its name says that it is CSV; name it .json"),
    ] {
        let reading = known.read_named(ImportKind::Gaps, form, file);
        let problems: Vec<String> = reading.problems.iter().map(Problem::to_string).collect();
        assert_eq!((problems, reading.planned), (vec![told.to_owned()], vec![]), "{file:?}");
    }
    let reading = known.read_named(ImportKind::Gaps, FileForm::Json, &torn);
    let problem = reading.problems[0].to_string();
    assert!(
        problem.starts_with("Bundle: is not JSON: ") && problem.contains("at line 2 column "),
        "{problem}"
    );
    assert_eq!(known.read_named(ImportKind::Gaps, FileForm::Json, &good).problems, []);
    assert_eq!(known.read(ImportKind::Gaps, &good).problems, []);
}

#[test]
fn a_measure_report_without_an_issue_is_told_by_its_entry_and_why_it_is_not_enough() {
    let known = Known::with_roster();
    let whole = report("https://x.example/Measure/COL");
    let mut alone = whole.clone();
    alone["entry"].as_array_mut().expect("entries").remove(2);
    let why = "\"https://x.example/Measure/COL\": is a MeasureReport, and no DetectedIssue stands in its bundle: the \
               report does not say which gap is open; ask the plan for the gaps in care bundle (DEQM), whose \
               DetectedIssue has a gapStatus";
    assert_eq!(told(&known, alone.to_string()), [format!("Bundle.entry[1].resource {why}")]);
    // As $care-gaps answers: one bundle a person. What is whole is read.
    let both = json!({"resourceType": "Parameters", "parameter": [
        {"name": "return", "resource": whole}, {"name": "return", "resource": alone}]});
    let reading = known.read(ImportKind::Gaps, both.to_string());
    let problems: Vec<String> = reading.problems.iter().map(Problem::to_string).collect();
    assert_eq!(problems, [format!("Parameters.parameter[1].resource.entry[1].resource {why}")]);
    assert_eq!(reading.planned.len(), 1);
}
