//! The command line. Results for people go to standard output, logs as JSON lines to standard error; a log line holds
//! numbers, codes and ids of devices, never a person.

mod conflicts;
mod device;
mod export;
mod pack;
mod quarantine;
mod serve;
mod tasks;
mod values;

use crate::import::{self, ImportOptions};
use crate::planner::{FileForm, ImportKind};
use crate::platform::{Clock, SystemClock};
use crate::recover;
use crate::server;
use crate::settings::{NewServer, Settings};
use crate::upkeep;
use clap::{Args, Parser, Subcommand, ValueEnum};
use shared::ids::RegionId;
use std::error::Error;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

type Outcome = Result<ExitCode, Box<dyn Error>>;

/// Caravan's sync server: keeps every change, merges it and hands it on.
#[derive(Parser)]
#[command(name = "sync-server", version)]
struct Cli {
    /// The folder with the server's settings, keys and database
    #[arg(long, env = "CARAVAN_DATA", global = true, default_value = "caravan-server")]
    data: PathBuf,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a data folder: keys, certificates, an empty database
    Init(Init),
    /// Run until SIGTERM or SIGINT
    Serve,
    /// Read a planner's CSV file, or gaps as FHIR R4 JSON; nothing is written unless every row is good
    Import(Import),
    /// Protocol packs: what every van asks, measures and says
    #[command(subcommand)]
    Pack(pack::PackVerb),
    /// Write a CSV file for the plan's other systems
    #[command(subcommand)]
    Export(export::ExportVerb),
    /// Enrol, list and revoke devices
    #[command(subcommand)]
    Device(device::DeviceVerb),
    /// Changes that were kept apart
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineVerb),
    /// Fields that two people changed apart
    #[command(subcommand)]
    Conflicts(conflicts::ConflictsVerb),
    /// Dangerous findings that somebody has to come back to
    Tasks(tasks::Tasks),
    /// Take in files of unsent changes that a tablet sealed to this server, or folders of them; a server may run
    Recover {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Fold the whole log anew and compare it with the live tables
    Rebuild(Rebuild),
    /// Copy the database to a new file, encrypted with the same key; a server may run
    Backup { file: PathBuf },
    /// Put a backup in the place of the database and begin a new epoch; no server may run
    Restore { file: PathBuf },
}

#[derive(Args)]
struct Init {
    /// Number of the region
    #[arg(long, default_value_t = 1)]
    region: u16,
    /// Host name or address by which tablets reach this server; may be given more than once
    #[arg(long = "name", default_value = "localhost")]
    names: Vec<String>,
    /// Address and port to listen on
    #[arg(long, default_value = "127.0.0.1:7443")]
    listen: SocketAddr,
}

#[derive(Args)]
struct Import {
    kind: Kind,
    file: PathBuf,
    /// Write nothing; tell what would be written
    #[arg(long)]
    dry_run: bool,
    /// Write the good rows although there are bad ones
    #[arg(long)]
    skip_bad: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Staff,
    Employers,
    Schedule,
    Roster,
    Gaps,
}

#[derive(Args)]
struct Rebuild {
    /// Compare only; the live tables stay as they are
    #[arg(long, required = true)]
    check: bool,
}

impl From<Kind> for ImportKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Staff => ImportKind::Staff,
            Kind::Employers => ImportKind::Employers,
            Kind::Schedule => ImportKind::Schedule,
            Kind::Roster => ImportKind::Roster,
            Kind::Gaps => ImportKind::Gaps,
        }
    }
}

/// Does what a command line says; the first argument is the program's name.
pub async fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = Cli::parse_from(arguments);
    // The runner of migrations tells file names of the machine that built it.
    let default_level = if matches!(cli.verb, Verb::Serve) { "info,refinery_core=warn" } else { "warn" };
    let filter = EnvFilter::try_from_env("CARAVAN_LOG").unwrap_or_else(|_| EnvFilter::new(default_level));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    run(cli).await.unwrap_or_else(|error| {
        eprintln!("sync-server: {error}");
        ExitCode::FAILURE
    })
}

async fn run(cli: Cli) -> Outcome {
    let settings = || Settings::load(&cli.data);
    match cli.verb {
        Verb::Init(init) => init_folder(&cli.data, init).await,
        Verb::Serve => serve::serve(settings()?).await,
        Verb::Import(import) => import_file(&settings()?, import).await,
        Verb::Pack(verb) => pack::run(&cli.data, verb).await,
        Verb::Export(verb) => export::run(&settings()?, verb).await,
        Verb::Device(verb) => device::run(&settings()?, verb).await,
        Verb::Quarantine(verb) => quarantine::run(&settings()?, verb).await,
        Verb::Conflicts(verb) => conflicts::run(&settings()?, verb).await,
        Verb::Tasks(options) => tasks::run(&settings()?, options).await,
        Verb::Recover { files } => recover_files(&settings()?, &files).await,
        Verb::Rebuild(Rebuild { .. }) => rebuild(&settings()?).await,
        Verb::Backup { file } => {
            upkeep::backup(&settings()?, &file)?;
            println!("written and read back: {}", file.display());
            Ok(ExitCode::SUCCESS)
        }
        Verb::Restore { file } => {
            let epoch = upkeep::restore(&settings()?, &file).await?;
            println!("restored; epoch {epoch}");
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn init_folder(data: &std::path::Path, init: Init) -> Outcome {
    let new = NewServer { region: RegionId(init.region), names: init.names, listen: init.listen };
    let settings = Settings::init(data, new, SystemClock.now()).await?;
    println!("made {}, for {} on {}", data.display(), settings.names.join(", "), settings.listen);
    Ok(ExitCode::SUCCESS)
}

async fn import_file(settings: &Settings, import: Import) -> Outcome {
    let bytes = std::fs::read(&import.file).map_err(|error| format!("{}: {error}", import.file.display()))?;
    let form = FileForm::of_name(&import.file);
    if form == FileForm::Json && !matches!(import.kind, Kind::Gaps) {
        return Err(format!("{}: only gaps are read as FHIR", import.file.display()).into());
    }
    let service = server::open(settings)?;
    let options = ImportOptions { dry_run: import.dry_run, skip_bad: import.skip_bad, form };
    let report = import::run(&service, import.kind.into(), bytes, options).await?;
    println!("{report}");
    Ok(if report.is_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn recover_files(settings: &Settings, paths: &[PathBuf]) -> Outcome {
    let service = server::open(settings)?;
    let secret = settings.keys()?.sealing;
    for path in recover::files(paths)? {
        let named = |error: recover::RecoverError| format!("{}: {error}", path.display());
        let bytes = recover::read(&path).map_err(named)?;
        let took = recover::take_in(&service, secret, &bytes).await.map_err(named)?;
        let branch = if took.is_branch { ", as a branch: a copy of the tablet wrote too" } else { "" };
        println!("device {}: changes {} to {} are held{branch}", took.device, took.first, took.last);
    }
    service.projector.catch_up().await?;
    Ok(ExitCode::SUCCESS)
}

async fn rebuild(settings: &Settings) -> Outcome {
    let differences = upkeep::check_rebuild(settings).await?;
    for difference in &differences {
        println!("{}: {} rows differ", difference.table, difference.rows);
    }
    if differences.is_empty() {
        println!("everything made from the log is as it is");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}
