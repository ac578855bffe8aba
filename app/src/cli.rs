//! The commands that need no window: enrol, sync once, say how things stand. Prints to people; nothing about a person
//! who was screened is ever printed.

use app::platform;
use app::session::{self, DataFolder, Keyring, Member, Pin, PinError, Reason, Unlocked};
use app::store::{DataKey, MetaReads, Store};
use app::sync::{self, Driver, HttpTransport, LEASE_MS, Safeguard, SyncReport};
use shared::protocol::{EnrolmentCode, ProblemCode};
use shared::sync::Phase;
use std::io::{BufRead, Write};
use std::process::{Command, ExitCode, Stdio};
use zeroize::Zeroizing;

/// The keypad of the screens asks for exactly so many.
const PIN_DIGITS: usize = app::screens::PIN_DIGITS;
/// The server was not reached, or not everything was delivered.
const EXIT_NOT_SETTLED: u8 = 4;

/// Who opens the device's file.
#[derive(clap::Args)]
pub struct Who {
    /// Name or id of a member of staff with a PIN on this device; not needed when there is only one.
    #[arg(long, value_name = "NAME")]
    staff: Option<String>,
    /// Reads the PIN from the first line of standard input.
    #[arg(long)]
    pin_stdin: bool,
    /// Why you go on although this device has not reached the server for too long; the office reads it.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn line_of_stdin() -> Result<Zeroizing<String>, String> {
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().lock().read_line(&mut line).map_err(text)?;
    Ok(Zeroizing::new(line.trim().to_owned()))
}

/// Asks on the terminal, without showing what is typed where `stty` can do that.
fn ask_pin(question: &str) -> Result<Zeroizing<String>, String> {
    let echo = |argument| {
        let _ = Command::new("stty").arg(argument).stdin(Stdio::inherit()).stderr(Stdio::null()).status();
    };
    eprint!("{question}: ");
    std::io::stderr().flush().map_err(text)?;
    echo("-echo");
    let typed = line_of_stdin();
    echo("echo");
    eprintln!();
    typed
}

fn new_pin(pin_stdin: bool) -> Result<Pin, String> {
    let typed = if pin_stdin { line_of_stdin()? } else { ask_pin("Choose a PIN of six digits")? };
    if typed.len() != PIN_DIGITS {
        return Err(format!("a PIN has {PIN_DIGITS} digits"));
    }
    let pin = Pin::choose(&typed).map_err(|error: PinError| error.to_string())?;
    if !pin_stdin && ask_pin("Type the same PIN once more")? != typed {
        return Err("the two PINs differ".to_owned());
    }
    Ok(pin)
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(text)
}

pub fn enrol(
    folder: &DataFolder,
    code: &str,
    label: &str,
    pin_stdin: bool,
    anew: bool,
) -> Result<ExitCode, String> {
    let code: EnrolmentCode = code.parse().map_err(text)?;
    let pin = new_pin(pin_stdin)?;
    let (identity, staff_name) = if anew && folder.records().exists() {
        let anew = runtime()?.block_on(sync::enrol_anew(folder, &code, label, &pin)).map_err(text)?;
        println!("What was here before lies in {}, whole.", anew.aside.display());
        (anew.identity, anew.staff_name)
    } else {
        let enrolled = runtime()?.block_on(sync::enrol(folder, &code, label, &pin)).map_err(text)?;
        (enrolled.identity, enrolled.staff_name)
    };
    println!("This is device {} of van {}.", identity.number, identity.van_code);
    println!("{staff_name} can sign in with the PIN.");
    Ok(ExitCode::SUCCESS)
}

fn member(keyring: &Keyring, who: &Who) -> Result<Member, String> {
    let mut members = keyring.members().map_err(text)?;
    match &who.staff {
        None if members.len() == 1 => Ok(members.remove(0)),
        None => Err("say who signs in: --staff NAME".to_owned()),
        Some(name) => {
            let is_meant =
                |member: &Member| member.name.eq_ignore_ascii_case(name) || member.staff.to_string() == *name;
            let found = members.into_iter().find(is_meant);
            found.ok_or_else(|| format!("{name} has no PIN on this device"))
        }
    }
}

fn open(folder: &DataFolder, who: &Who) -> Result<(Store, DataKey), String> {
    let keyring = Keyring::open(folder).map_err(text)?;
    let member = member(&keyring, who)?;
    let typed = if who.pin_stdin { line_of_stdin()? } else { ask_pin("PIN")? };
    let now = platform::now();
    let key = match keyring.unlock(member.staff, &Pin::typed(&typed), now).map_err(text)? {
        Unlocked::InTime(key) => key,
        Unlocked::Late(late) => {
            let reason = who.reason.as_deref().and_then(Reason::told).ok_or(
                "this device has not reached the server for too long; to go on all the same, say why: --reason TEXT",
            )?;
            late.give(folder, &reason, now, &mut platform::SystemEntropy).map_err(text)?
        }
    };
    let store = session::open_records(folder, &key).map_err(text)?;
    Ok((store, key))
}

pub fn sync(folder: &DataFolder, who: &Who) -> Result<ExitCode, String> {
    let (mut store, _key) = open(folder, who)?;
    let safeguard = Safeguard::open(folder, &mut store).map_err(text)?;
    let copied = safeguard.copied();
    let identity = store.identity().map_err(text)?.ok_or("this device was never enrolled")?;
    let server_time = store.server_time().map_err(text)?;
    let (report, store) = runtime()?.block_on(async {
        let transport = HttpTransport::enrolled(&identity, server_time).map_err(text)?;
        let mut driver = Driver::new(store, transport).map_err(text)?.erasing(folder).guarded(safeguard);
        driver.run_once(&mut |_| {}).await.map_err(text)?;
        driver.rest();
        Ok::<(SyncReport, Store), String>((driver.report(), driver.into_store()))
    })?;
    if let Some(settled_at) = report.settled_at {
        let keyring = Keyring::open(folder).map_err(text)?;
        keyring.renew_leases(settled_at.plus_milliseconds(LEASE_MS), &store).map_err(text)?;
    }
    if let Some(reason) = copied {
        println!(
            "this folder is a copy of a device ({}); what it captured is sent, and nothing comes",
            reason.code()
        );
    }
    print_report(&report);
    let is_settled = report.phase == Phase::Settled;
    Ok(if is_settled { ExitCode::SUCCESS } else { ExitCode::from(EXIT_NOT_SETTLED) })
}

/// Why the server refused this device, and what to do about it.
fn refused_words(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::Revoked => {
            "the office has revoked this device; what it captured is safe here and local work goes on; \
             call the office, which can enrol it anew"
        }
        ProblemCode::Unknown => {
            "the server does not know this device's certificate, or it has ended; what was captured is safe here; \
             call the office, which can extend it"
        }
        ProblemCode::TooLarge | ProblemCode::Malformed | ProblemCode::Signature => {
            "the server cannot take what this device sends; it is safe here, and the server kept evidence of it; \
             call the office"
        }
        ProblemCode::NotFound => {
            "what answers at the server's address is no sync server of this kind; what was captured is safe here; \
             call the office"
        }
        ProblemCode::Gap
        | ProblemCode::Fork
        | ProblemCode::EnrolmentCode
        | ProblemCode::Busy
        | ProblemCode::Internal
        | ProblemCode::Other => {
            "the server refused this device without a reason that this version knows; what was captured is safe here; \
             call the office"
        }
    }
}

fn print_report(report: &SyncReport) {
    let state = match report.phase {
        Phase::Settled => "all is delivered and all is here".to_owned(),
        Phase::Offline { .. } => "the server could not be reached; nothing is lost".to_owned(),
        Phase::DiskRefuses { .. } => {
            "this device cannot write to its own disk, which may be full; what was saved is safe; make room on it"
                .to_owned()
        }
        Phase::Refused(code) => refused_words(code).to_owned(),
        Phase::EnrolAnew => "a copy of this device exists; enrol it anew".to_owned(),
        Phase::Wiped => "everything is delivered, and the office had this device erased".to_owned(),
        Phase::Pushing | Phase::Pulling => "under way".to_owned(),
    };
    println!("{state}");
    println!("changes of this device: {}, delivered: {}", report.log.head, report.log.acknowledged);
    println!("entries received: {}", report.entries_received);
}

pub fn status(folder: &DataFolder, who: &Who) -> Result<ExitCode, String> {
    if folder.is_erased() {
        println!("The office had this device erased. Everything was delivered before.");
        return Ok(ExitCode::SUCCESS);
    }
    if !folder.records().exists() {
        println!("No device is enrolled in {}.", folder.path().display());
        return Ok(ExitCode::SUCCESS);
    }
    for member in Keyring::open(folder).map_err(text)?.members().map_err(text)? {
        let until = member.lease_until.day(0);
        println!(
            "{} ({}): {} tries left, works offline until {until}",
            member.name, member.role, member.tries_left
        );
    }
    if who.pin_stdin || who.staff.is_some() {
        let (store, _key) = open(folder, who)?;
        let people = store.count_people().map_err(text)?;
        let acknowledged = store.acknowledged().map_err(text)?;
        let head = app::store::LogReads::log_head(&store).map_err(text)?.map_or(0, |head| head.sequence.0);
        println!("people here: {people}; changes of this device: {head}, delivered: {acknowledged}");
    }
    Ok(ExitCode::SUCCESS)
}
