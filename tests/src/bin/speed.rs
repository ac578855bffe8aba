//! `cargo xtask speed [NAME…]`: measures and prints a table. Exits with success whatever the figures are.

use std::path::Path;
use std::process::ExitCode;
use tests::speed::{MEASUREMENTS, Row, SERVE, START, TOUCH, WINDOW, serve, start_app, touch_app, window};

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    // The app whose start and touches are measured is this very program.
    if let [verb, folder] = wanted.as_slice() {
        match verb.as_str() {
            START => return run(|| start_app(Path::new(folder))),
            TOUCH => return run(|| touch_app(Path::new(folder))),
            SERVE => return run(|| serve(Path::new(folder))),
            WINDOW => return run(|| window(Path::new(folder))),
            _ => {}
        }
    }
    let unknown: Vec<&String> =
        wanted.iter().filter(|name| !MEASUREMENTS.iter().any(|known| known.name == **name)).collect();
    if !unknown.is_empty() {
        let names: Vec<&str> = MEASUREMENTS.iter().map(|known| known.name).collect();
        eprintln!("speed: {unknown:?} is not measured; choose from {}", names.join(", "));
        return ExitCode::from(2);
    }
    Row::print_head();
    for measurement in MEASUREMENTS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == measurement.name) {
            for row in (measurement.run)() {
                row.print();
            }
        }
    }
    ExitCode::SUCCESS
}

fn run(work: impl FnOnce()) -> ExitCode {
    work();
    ExitCode::SUCCESS
}
