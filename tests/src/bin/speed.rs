//! `cargo xtask speed [NAME…]`: measures and prints a table. Exits with success whatever the figures are.

use std::process::ExitCode;
use tests::speed::{MEASUREMENTS, Row};

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
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
