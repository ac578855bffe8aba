//! The product behind the verbs of a benchmark of sync engines: `capture`, `edit`, `push`, `pull`, `sync`, `serve`,
//! `dump`. Real store, merge, sync, encryption, signatures and full durability; only TLS is left out, since none of
//! the others has it. `PEERS_FIELDS` lists the fields of a record, by comma, in order of their numbers.

use app::apply::{Intent, LocalChange, apply_local};
use app::store::{RecordReads, Store};
use app::sync::{Driver, SyncReport};
use serde_json::{Map, json};
use shared::ids::RecordId;
use shared::record::{Decimal, FieldKey, FieldNumber, KindNumber, Value};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;
use tests::plain;

/// A kind that no build knows: its fields are merged with the most care.
const KIND: KindNumber = KindNumber(60_000);

type AnyError = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["capture", folder, file] => save_each(Path::new(folder), file),
        ["edit", folder, file] => save_each(Path::new(folder), file),
        ["push", folder, url] => sync(Path::new(folder), url, true),
        ["pull" | "sync", folder, url] => sync(Path::new(folder), url, false),
        ["serve", folder, port] => serve(Path::new(folder), port.parse()?),
        ["dump", folder] => dump(Path::new(folder)),
        _ => Err(
            "workload: capture DIR FILE | edit DIR FILE | push|pull|sync DIR URL | serve DIR PORT | dump DIR"
                .into(),
        ),
    }
}

fn fields() -> Vec<String> {
    let names = std::env::var("PEERS_FIELDS").unwrap_or_default();
    names.split(',').map(str::to_owned).collect()
}

/// Devices are told apart by their folder's name.
fn number_of(folder: &Path) -> u32 {
    if folder.ends_with("B") { plain::FIRST_DEVICE + 1 } else { plain::FIRST_DEVICE }
}

/// The server leaves its public key beside the folders, as enrolment would hand it over.
fn key_file(folder: &Path) -> PathBuf {
    folder.parent().unwrap_or(Path::new(".")).join("caravan-server.key")
}

fn open(folder: &Path) -> Result<Store, AnyError> {
    std::fs::create_dir_all(folder)?;
    let key = std::fs::read(key_file(folder)).ok().and_then(|bytes| bytes.try_into().ok());
    Ok(plain::device(&folder.join("records.db"), number_of(folder), key)?)
}

fn value(json: &serde_json::Value) -> Result<Value, AnyError> {
    Ok(match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Boolean(*value),
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => {
                let text = number.to_string();
                let (whole, decimals) = text.split_once('.').ok_or("a number without a point")?;
                let mantissa = format!("{whole}{decimals}").parse()?;
                Value::Decimal(Decimal { mantissa, scale: decimals.len().try_into()? })
            }
        },
        other => Value::Text(other.to_string()),
    })
}

/// Each line of the file durably, one at a time.
fn save_each(folder: &Path, file: &str) -> Result<(), AnyError> {
    let names = fields();
    let text = std::fs::read_to_string(file)?;
    let start = Instant::now();
    let mut store = open(folder)?;
    let mut laps = Vec::new();
    for line in text.lines() {
        let mut object: Map<String, serde_json::Value> = serde_json::from_str(line)?;
        let id = object.remove("_id").ok_or("a line without _id")?;
        let record: RecordId = id.as_str().ok_or("an _id that is no text")?.parse()?;
        let lap = Instant::now();
        let mut values: Vec<(FieldKey, Value)> = Vec::with_capacity(object.len());
        for (name, json) in &object {
            let number = names.iter().position(|known| known == name).ok_or("a field that is not listed")?;
            values.push((FieldNumber(number as u16 + 1).into(), value(json)?));
        }
        let intents = vec![Intent::Set { record, kind: KIND, values }];
        let change = LocalChange { staff: plain::STAFF, bucket: plain::BUCKET, about: None, intents };
        apply_local(&mut store, change, app::platform::now())?;
        laps.push(lap.elapsed().as_secs_f64() * 1e6);
    }
    // What the sync thread of a van does while there is no network.
    plain::tidy(&mut store)?;
    drop(store);
    let secs = start.elapsed().as_secs_f64();
    laps.sort_by(f64::total_cmp);
    let share =
        |share: f64| laps.get((laps.len().saturating_sub(1) as f64 * share) as usize).copied().unwrap_or(0.0);
    report(json!({ "secs": secs, "p10_us": share(0.1), "p50_us": share(0.5), "p99_us": share(0.99) }))
}

/// Prints the figures, then waits until the caller has looked at this process.
fn report(figures: serde_json::Value) -> Result<(), AnyError> {
    println!("{figures}");
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn sync(folder: &Path, url: &str, only_up: bool) -> Result<(), AnyError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let start = Instant::now();
    let store = open(folder)?;
    let transport = plain::transport(url, number_of(folder));
    let report_of: SyncReport = if only_up {
        let mut driver = Driver::new(store, plain::OnlyUp(transport))?;
        runtime.block_on(driver.run_once(&mut |_| {}))?;
        driver.report()
    } else {
        let mut driver = Driver::new(store, transport)?;
        runtime.block_on(driver.run_once(&mut |_| {}))?;
        driver.report()
    };
    let secs = start.elapsed().as_secs_f64();
    let is_done =
        report_of.log.acknowledged == report_of.log.head && (only_up || report_of.settled_at.is_some());
    if !is_done {
        return Err(format!("sync did not come to its end: {report_of:?}").into());
    }
    report(json!({ "secs": secs }))
}

fn serve(folder: &Path, port: u16) -> Result<(), AnyError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let server = plain::serve(folder, 2, ([127, 0, 0, 1], port).into()).await?;
        std::fs::write(key_file(folder), plain::server_key(&server))?;
        println!("ready");
        std::io::stdout().flush()?;
        let mut ended = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        ended.recv().await;
        Ok(())
    })
}

/// Every record of the workload as JSON.
fn dump(folder: &Path) -> Result<(), AnyError> {
    let names = fields();
    let store = open(folder)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (id, bytes) in store.every_state()? {
        let state = shared::merge::RecordState::decode(&bytes)?;
        if state.kind != KIND {
            continue;
        }
        let mut object = Map::new();
        object.insert("_id".into(), id.to_string().into());
        for (number, name) in names.iter().enumerate() {
            let standing = state.values(&FieldNumber(number as u16 + 1).into());
            let [only] = standing.as_slice() else { continue };
            object.insert(name.clone(), plain_json(&only.value));
        }
        writeln!(out, "{}", serde_json::Value::Object(object))?;
    }
    Ok(out.flush()?)
}

fn plain_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Boolean(value) => (*value).into(),
        Value::Integer(number) => (*number).into(),
        Value::Decimal(number) => (number.mantissa as f64 / 10f64.powi(number.scale.into())).into(),
        Value::Text(text) => text.as_str().into(),
        _ => serde_json::Value::Null,
    }
}
