//! The program that stands beside other sync engines, verb by verb as their benchmark calls it: what both devices hold
//! at the end is every record with every edit.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use uuid::Uuid;

const RECORDS: usize = 40;
const FIELDS: &str = "arm,note,pulse,temperature";

type Records = BTreeMap<String, Map<String, Value>>;

fn verb(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workload"));
    command.args(arguments).env("PEERS_FIELDS", FIELDS).stdin(Stdio::null());
    command
}

/// Runs a verb to its end and gives what it said.
fn run(arguments: &[&str]) -> String {
    let output = verb(arguments).output().expect("the program runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A verb that reports how long it took.
fn timed(arguments: &[&str]) -> Value {
    let said = run(arguments);
    let figures: Value = serde_json::from_str(said.trim()).expect("one line of figures");
    assert!(figures["secs"].as_f64().is_some_and(|seconds| seconds > 0.0), "{arguments:?}: {figures}");
    figures
}

/// A server that ends with the test.
struct Serving(Child);

impl Serving {
    fn start(folder: &Path, port: u16) -> Serving {
        let arguments = ["serve", text(folder), &port.to_string()];
        let mut child = verb(&arguments).stdout(Stdio::piped()).spawn().expect("the program runs");
        let mut line = String::new();
        let out = child.stdout.take().expect("it was piped");
        let serving = Serving(child);
        BufReader::new(out).read_line(&mut line).expect("a line");
        assert_eq!(line.trim(), "ready");
        serving
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

fn write(path: &Path, records: &Records) -> String {
    let lines: Vec<String> =
        records.values().map(|record| Value::Object(record.clone()).to_string()).collect();
    std::fs::write(path, lines.join("\n")).expect("written");
    text(path).to_owned()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

fn id(number: usize) -> String {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number as u128).to_string()
}

fn captured() -> Records {
    let record = |number: usize| {
        let temperature = 36.0 + number as f64 / 8.0;
        let values = json!({ "_id": id(number), "arm": number.is_multiple_of(2), "note": format!("sample {number}"),
            "pulse": 60 + number, "temperature": temperature });
        (id(number), object(values))
    };
    (0..RECORDS).map(record).collect()
}

/// One field of every `step`-th record from the first one on.
fn edits(first: usize, step: usize, field: &str, value: Value) -> Records {
    let edit = |number: usize| (id(number), object(json!({ "_id": id(number), field: value })));
    (first..RECORDS).step_by(step).map(edit).collect()
}

fn dump(folder: &Path) -> Records {
    let read = |line: &str| {
        let record = object(serde_json::from_str(line).expect("a record as JSON"));
        (record["_id"].as_str().expect("an id").to_owned(), record)
    };
    run(&["dump", text(folder)]).lines().map(read).collect()
}

#[test]
fn the_workload_program_speaks_every_verb_and_no_edit_of_either_device_is_lost() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| -> PathBuf { work.path().join(name) };
    let (a, b) = (at("A"), at("B"));
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let url = format!("http://127.0.0.1:{port}");

    let mut expected = captured();
    let figures = timed(&["capture", text(&a), &write(&at("docs.jsonl"), &expected)]);
    assert!(figures["p50_us"].as_f64().is_some_and(|micros| micros > 0.0), "{figures}");
    let _server = Serving::start(&at("S"), port);
    timed(&["push", text(&a), &url]);
    timed(&["pull", text(&b), &url]);
    assert_eq!(dump(&b), expected, "what was pushed comes down whole");

    // Every tenth record is edited on both, in different fields; others on one alone.
    let by_a = edits(0, 5, "note", json!("by A"));
    let by_b =
        edits(0, 10, "pulse", json!(111)).into_iter().chain(edits(3, 10, "arm", json!(null))).collect();
    timed(&["edit", text(&a), &write(&at("edits-a.jsonl"), &by_a)]);
    timed(&["edit", text(&b), &write(&at("edits-b.jsonl"), &by_b)]);
    for device in [&a, &b, &a] {
        timed(&["sync", text(device), &url]);
    }
    for (id, edit) in by_a.into_iter().chain(by_b) {
        expected.get_mut(&id).expect("a record that was captured").extend(edit);
    }
    let (at_a, at_b) = (dump(&a), dump(&b));
    assert_eq!(at_a, at_b, "both devices hold the same");
    assert_eq!(at_a, expected, "every edit of both sides is there");
}
