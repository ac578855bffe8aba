//! The processes that are killed: an app that saves while its sync thread syncs, and a server that takes batches. Each
//! says on its output what it acknowledged, after it did.

use super::{screens, server};
use crate::plain::{self, BUCKET, FIRST_DEVICE, STAFF};
use crate::sample::Seeded;
use crate::storm::disk::{NOON, intents};
use crate::storm::six;
use app::apply::{LocalChange, apply_local};
use app::store::{LogReads, Store};
use app::sync::Driver;
use shared::time::Timestamp;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// The storm's first argument when it is to be one of these processes.
pub const CHILD: &str = "child";
pub const DEVICE_FILE: &str = "device.db";
/// The child's first argument: an app that saves and syncs, and one that puts what it said to be saved on disk later.
pub const APP: &str = "app";
pub const HASTY_APP: &str = "hasty-app";
/// Saves after which a hasty app brings them to its file.
const SAVES_KEPT_BACK: u64 = 16;
/// A process that nobody kills ends by itself.
const LIFETIME: Duration = Duration::from_secs(60);
/// A fleet takes several evenings.
const FLEET_LIFETIME: Duration = Duration::from_secs(15 * 60);
const SYNC_PAUSE: Duration = Duration::from_millis(3);

pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// The program that holds these processes, when it is not the running one: tests are another program.
pub static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

fn program() -> PathBuf {
    let own = || std::env::current_exe().expect("the running program has a path");
    PROGRAM.get().cloned().unwrap_or_else(own)
}

pub fn spawn(arguments: &[&str]) -> std::io::Result<Child> {
    Command::new(program())
        .arg(CHILD)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

/// Runs as one of the processes.
pub fn as_a_child(arguments: &[String]) -> ExitCode {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let is_fleet = arguments.first() == Some(&six::FLEET);
    std::thread::spawn(move || {
        std::thread::sleep(if is_fleet { FLEET_LIFETIME } else { LIFETIME });
        std::process::exit(3);
    });
    let result = match arguments.as_slice() {
        [APP, folder, seed, base, key] => app(Path::new(folder), seed, base, key),
        [HASTY_APP, folder, seed, ..] => hasty_app(Path::new(folder), seed),
        [server::SERVE, rest @ ..] => return serve(rest),
        [screens::SCREENS, folder, staff, pin, seed] => screens::run(Path::new(folder), staff, pin, seed),
        [six::FLEET, folder, vans] => fleet(Path::new(folder), vans),
        _ => Err("child app FOLDER SEED BASE KEY, child serve --data FOLDER, child screens FOLDER STAFF PIN SEED, or child fleet FOLDER VANS".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The parent reads it as a finding: nobody but the kill ends these.
            println!("error {error}");
            ExitCode::FAILURE
        }
    }
}

pub fn say(line: std::fmt::Arguments<'_>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())?;
    out.flush()
}

pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn bytes_of(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Saves for ever; a sync thread has a connection of its own, as in the app.
fn app(folder: &Path, seed: &str, base: &str, key: &str) -> Result<(), AnyError> {
    let mut seeded = Seeded(seed.parse()?);
    let server_key = bytes_of(key).ok_or("a key of 64 digits")?;
    let path = folder.join(DEVICE_FILE);
    let mut store = plain::device(&path, FIRST_DEVICE, Some(server_key))?;
    let base = base.to_owned();
    std::thread::spawn(move || {
        if let Err(error) = keep_syncing(&path, &base) {
            drop(say(format_args!("error sync: {error}")));
        }
    });
    let mut now = NOON;
    loop {
        save(&mut store, &mut seeded, &mut now)?;
    }
}

/// Saves, and says so once it is done.
fn save(store: &mut Store, seeded: &mut Seeded, now: &mut Timestamp) -> Result<(), AnyError> {
    *now = now.plus_milliseconds(1000);
    let change = LocalChange { staff: STAFF, bucket: BUCKET, about: None, intents: intents(seeded, *now) };
    if let Some(applied) = apply_local(store, change, *now)? {
        let sequence = applied.sequence;
        let hash = store.hash_at(sequence)?.ok_or("the save is not there")?;
        say(format_args!("saved {sequence} {}", hexadecimal(&hash.0)))?;
    }
    Ok(())
}

/// Saves into a file beside its own, which takes the place of its own now and then.
fn hasty_app(folder: &Path, seed: &str) -> Result<(), AnyError> {
    let mut seeded = Seeded(seed.parse()?);
    let (path, ahead) = (folder.join(DEVICE_FILE), folder.join("ahead.db"));
    for left in ["ahead.db", "ahead.db-wal", "ahead.db-shm"] {
        drop(std::fs::remove_file(folder.join(left)));
    }
    if path.exists() {
        std::fs::copy(&path, &ahead)?;
    }
    let mut now = NOON;
    loop {
        let mut store = plain::device(&ahead, FIRST_DEVICE, None)?;
        for _ in 0..SAVES_KEPT_BACK {
            save(&mut store, &mut seeded, &mut now)?;
        }
        // The last connection brings the journal into the file as it closes.
        drop(store);
        std::fs::copy(&ahead, folder.join("next.db"))?;
        std::fs::rename(folder.join("next.db"), &path)?;
    }
}

fn keep_syncing(path: &Path, base: &str) -> Result<(), AnyError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let store = Store::open(path, &plain::data_key())?;
    let mut driver = Driver::new(store, plain::transport(base, FIRST_DEVICE))?;
    loop {
        runtime.block_on(driver.run_once(&mut |_| {}))?;
        driver.tidy()?;
        std::thread::sleep(SYNC_PAUSE);
    }
}

/// All that the shipped `sync-server` does with its command line.
fn serve(rest: &[&str]) -> ExitCode {
    let line = ["sync-server", server::SERVE].iter().chain(rest).map(OsString::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(sync_server::cli::main(line))
}

/// A server for a whole fleet.
fn fleet(folder: &Path, vans: &str) -> Result<(), AnyError> {
    six::take_two_cores()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(six::serve(folder, vans.parse()?))
}
