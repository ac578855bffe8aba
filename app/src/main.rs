//! `caravan`: opens the touch screens, or does one thing on the command line and ends. What each command does stands
//! in `cli`; here are its words and the window.

mod cli;

use app::session::DataFolder;
use app::wiring::{ScreensError, run_window};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// No display was found, or none that works.
const EXIT_NO_DISPLAY: u8 = 3;

/// Caravan's touchscreen for mobile clinic vans.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Folder with this device's files.
    #[arg(long, global = true, env = "CARAVAN_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Fills the whole panel, without a frame.
    #[arg(long)]
    fullscreen: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Makes this installation a device of a van, with an operator's one-time code.
    Enrol {
        /// As `sync-server device enrol` prints it: `caravan1:…`.
        code: String,
        /// The name on the tablet's back, for people.
        #[arg(long)]
        label: String,
        /// Reads the new PIN from the first line of standard input.
        #[arg(long)]
        pin_stdin: bool,
        /// Sets the device that the folder holds aside and enrols another in its place; close the screens first.
        #[arg(long)]
        anew: bool,
    },
    /// Syncs once without a window, and says how it went.
    Sync {
        #[command(flatten)]
        who: cli::Who,
    },
    /// Says who can sign in here, and with a PIN how far delivery is.
    Status {
        #[command(flatten)]
        who: cli::Who,
    },
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("CARAVAN_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let outcome = data_folder(arguments.data).and_then(|folder| match arguments.command {
        None => return_code(run_window(folder, arguments.fullscreen)),
        Some(Command::Enrol { code, label, pin_stdin, anew }) => {
            cli::enrol(&folder, &code, &label, pin_stdin, anew)
        }
        Some(Command::Sync { who }) => cli::sync(&folder, &who),
        Some(Command::Status { who }) => cli::status(&folder, &who),
    });
    outcome.unwrap_or_else(|message| {
        eprintln!("caravan: {message}");
        ExitCode::FAILURE
    })
}

fn data_folder(chosen: Option<PathBuf>) -> Result<DataFolder, String> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    let shared = || std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(home);
    let path = chosen.or_else(|| shared().map(|folder| folder.join("caravan")));
    let path = path.ok_or("say where the device's files are: --data DIR")?;
    DataFolder::open(&path).map_err(|error| error.to_string())
}

fn return_code(opened: Result<(), ScreensError>) -> Result<ExitCode, String> {
    match opened {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error @ ScreensError::Window(_)) => {
            eprintln!("caravan: {error}");
            eprintln!("Start it on the panel of the van, or with DISPLAY or WAYLAND_DISPLAY set.");
            Ok(ExitCode::from(EXIT_NO_DISPLAY))
        }
        Err(error) => Err(error.to_string()),
    }
}
