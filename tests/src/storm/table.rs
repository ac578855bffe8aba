//! The closing table: what was tried, how often, what was found, against the aim. Judges nothing.

use super::Report;
use std::time::Duration;

pub struct Row {
    pub name: &'static str,
    pub unit: &'static str,
    pub aim: u64,
    pub report: Report,
    pub took: Duration,
}

pub fn print(rows: &[Row]) {
    println!("\n{:<16} {:>22} {:>10} {:>8} {:>8}", "storm", "tried", "aim", "found", "time");
    println!("{}", "-".repeat(69));
    for row in rows {
        let tried = format!("{} {}", row.report.tried, row.unit);
        let found = row.report.findings.len();
        let time = format!("{:.1} s", row.took.as_secs_f64());
        println!("{:<16} {tried:>22} {:>10} {found:>8} {time:>8}", row.name, row.aim);
        for (name, count) in row.report.counts.iter().chain(&row.report.peaks) {
            println!("  {name:<28} {count:>8}");
        }
    }
    let found: usize = rows.iter().map(|row| row.report.findings.len()).sum();
    match found {
        0 => println!("\nNothing was lost, nothing was silently wrong."),
        found => println!("\n{found} findings; each is printed above with the line that replays it."),
    }
}
