//! `cargo xtask`: checks what the machine lacks, installs it or says how, then runs the demo, the tests and the
//! measurements. Never does their work itself, and never needs a library.

mod machine;
mod verb;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use verb::{Request, USAGE, Verb};

/// The exit code of wrong use, as shells have it.
const WRONG_USE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(request) = verb::parse(&arguments) else {
        eprint!("{USAGE}");
        return ExitCode::from(WRONG_USE);
    };
    if request.verb == Verb::Help {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let root = workspace_root();
    if let Some(binary) = request.verb.binary()
        && !has_binary(&root, binary)
    {
        eprintln!("cargo xtask {binary}: not built yet; there is no tests/src/bin/{binary}.rs in this tree.");
        return ExitCode::from(WRONG_USE);
    }
    if let Err(message) = machine::prepare() {
        eprintln!("{message}");
        return ExitCode::FAILURE;
    }
    match request.verb {
        Verb::Check => {
            println!("This machine has what the build needs.");
            ExitCode::SUCCESS
        }
        _ => run_cargo(&root, &request),
    }
}

/// Runs cargo in the workspace and passes its exit code on.
fn run_cargo(root: &Path, request: &Request) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    match Command::new(cargo).args(request.cargo_arguments()).current_dir(root).status() {
        // A process that was ended by a signal has no code; it failed all the same.
        Ok(status) => ExitCode::from(status.code().map_or(1, |code| u8::try_from(code).unwrap_or(1))),
        Err(error) => {
            eprintln!("cargo could not be started: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace that this program was built in, wherever it is called from.
fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate lies two folders below the workspace").to_owned()
}

/// Whether the `tests` crate has a program of this name.
fn has_binary(root: &Path, name: &str) -> bool {
    let folder = root.join("tests/src/bin");
    folder.join(format!("{name}.rs")).is_file() || folder.join(name).join("main.rs").is_file()
}
