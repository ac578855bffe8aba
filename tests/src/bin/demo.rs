//! `cargo xtask demo`: plays a whole van day. The same program also plays the server and the van that is killed,
//! each in a process of its own.

use app::session::DataFolder;
use app::wiring::run_window;
use std::path::Path;
use std::process::ExitCode;
use tests::day::{Options, PIN, WorkPlan, play, work_as_a_process};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
    match words[..] {
        ["server", ..] => runtime().block_on(sync_server::cli::main(std::env::args_os().skip(1))),
        ["van", ..] => van(&arguments[2..]),
        ["window", ..] => window(&arguments[2..]),
        [] => demo(false),
        ["--window"] => demo(true),
        ["--window", other, ..] | [other, ..] => {
            eprintln!("demo: \"{other}\" is not known; cargo xtask demo [--window]");
            ExitCode::from(2)
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("the machine can run threads")
}

/// `van FOLDER STAFF PIN STOP BADGE,BADGE… WALK-UPS SEED`
fn van(arguments: &[String]) -> ExitCode {
    let [folder, staff, pin, stop, badges, walk_ups, seed] = arguments else {
        eprintln!("demo van: FOLDER STAFF PIN STOP BADGES WALK-UPS SEED");
        return ExitCode::from(2);
    };
    let plan = (|| {
        let plan = WorkPlan {
            stop: stop.parse().ok()?,
            badges: badges.split(',').map(str::to_owned).collect(),
            walk_ups: walk_ups.parse().ok()?,
            seed: seed.parse().ok()?,
        };
        Some((staff.parse().ok()?, plan))
    })();
    let Some((staff, plan)) = plan else {
        eprintln!("demo van: an argument does not parse");
        return ExitCode::from(2);
    };
    match work_as_a_process(Path::new(folder), staff, pin, &plan) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo van: {error}");
            ExitCode::FAILURE
        }
    }
}

/// `window FOLDER`: the real window over a van's file, in a process of its own.
fn window(arguments: &[String]) -> ExitCode {
    let folder = arguments.first().map(|path| DataFolder::open(Path::new(path)));
    let Some(Ok(folder)) = folder else {
        eprintln!("demo window: FOLDER");
        return ExitCode::from(2);
    };
    match run_window(folder, false) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}; the pictures show the same screens.");
            ExitCode::from(3)
        }
    }
}

/// Shows the played day until the window is closed.
fn show(options: &Options) {
    println!("\nThe window shows the first van's evening. The PIN is {PIN}.");
    let folder = options.work.join("VAN-01");
    if let Err(error) = std::process::Command::new(&options.program).arg("window").arg(folder).status() {
        eprintln!("demo: {error}");
    }
}

fn demo(with_window: bool) -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let work = match tempfile::tempdir() {
        Ok(work) => work,
        Err(error) => {
            eprintln!("demo: no temporary folder: {error}");
            return ExitCode::FAILURE;
        }
    };
    let program = std::env::current_exe().expect("the running program has a path");
    let options = Options {
        demo: root.join("demo"),
        work: work.path().to_owned(),
        program,
        people_a_stop: 12,
        pictures: root.with_file_name("target").join("demo"),
    };
    match runtime().block_on(play(&options)) {
        Ok(true) => {
            if with_window {
                show(&options);
            }
            ExitCode::SUCCESS
        }
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("demo: {error}");
            if let Ok(log) = std::fs::read_to_string(options.work.join("server.log")) {
                eprintln!(
                    "the server's last words:\n{}",
                    log.lines().rev().take(10).collect::<Vec<_>>().join("\n")
                );
            }
            ExitCode::FAILURE
        }
    }
}
