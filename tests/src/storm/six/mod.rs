//! Reconnect at six: vans with a month of undelivered work, then the whole fleet with one day each, then the fleet
//! again while many lines are bad, against one server in a process of its own. Every van is the product's machine
//! and transport over work that lies ready in memory. What is found depends on the seed, how long it takes does not.

mod evening;
mod judge;
mod server;
mod van;

use super::{Case, Report, Storm};
use evening::{Evening, Outcome};
use server::FleetServer;
pub use server::{FLEET, serve, take_two_cores};
use std::sync::Arc;
use std::time::Instant;
use van::Van;

pub const SIX: Storm =
    Storm { name: "six", group: "six", unit: "vans", aim: 2_200, is_whole: true, rounds: None, case };

/// Of eleven vans that are tried one brings a month; the others are the fleet of either other evening.
const EVENINGS_OF_ELEVEN: u64 = 11;
/// What the server's process may take at its peak. It is 64 MiB of cache for writing, as much for folding and reading,
/// and for each request that is worked on a few megabytes, of which there are 64 at most.
const MEMORY_MIB_MAX: u64 = 640;

const BACKLOG: Evening = Evening {
    name: "a month",
    days: 30,
    bad_lines_percent: 0,
    settles: true,
    figures: [
        "a month: half within, ms",
        "a month: 99 % within, ms",
        "a month: slowest, ms",
        "a month: told to wait",
    ],
};
const ONE_DAY: Evening = Evening {
    name: "one day",
    days: 1,
    bad_lines_percent: 0,
    settles: true,
    figures: [
        "one day: half within, ms",
        "one day: 99 % within, ms",
        "one day: slowest, ms",
        "one day: told to wait",
    ],
};
const BAD_LINES: Evening = Evening {
    name: "bad lines",
    days: 1,
    bad_lines_percent: 60,
    settles: false,
    figures: [
        "bad lines: half within, ms",
        "bad lines: 99 % within, ms",
        "bad lines: slowest, ms",
        "bad lines: told to wait",
    ],
};

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn case(case: &Case) -> Report {
    let mut report = Report::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = runtime.expect("a runtime").block_on(evenings(case, &mut report));
    if let Err(finding) = outcome {
        report.find(finding);
    }
    report
}

async fn evenings(case: &Case, report: &mut Report) -> Result<(), String> {
    let with_backlog = case.size.div_ceil(EVENINGS_OF_ELEVEN) as usize;
    let fleet = (case.size as usize - with_backlog).div_ceil(2).max(with_backlog);
    let started = Instant::now();
    let tell = |what: &str| println!("  six: {what} after {:.1} s", started.elapsed().as_secs_f64());
    let folder = tempfile::tempdir().map_err(text)?;
    let data = folder.path().join("server");
    let server = Arc::new(FleetServer::start(&data, fleet as u32).await?);
    tell("the server knows its fleet");
    let mut seeded = case.seeded(30);
    let mut vans: Vec<Van> = (0..fleet as u32).map(Van::new).collect();
    for (evening, count) in [(BACKLOG, with_backlog), (ONE_DAY, fleet), (BAD_LINES, fleet)] {
        for van in &mut vans[..count] {
            report.count("visits", van.work(&mut seeded, app::platform::now(), evening.days));
        }
        tell(&format!("{}: {count} vans set out", evening.name));
        let rest = vans.split_off(count);
        let (back, outcomes) = evening.run(vans, &server, &mut seeded).await?;
        vans = back;
        vans.extend(rest);
        tell(&format!("{}: all are through", evening.name));
        note(report, &evening, outcomes);
        report.tried += count as u64;
    }
    let peak_mib = server.memory_peak_bytes()? >> 20;
    report.peak("server's memory, MiB", peak_mib);
    if peak_mib > MEMORY_MIB_MAX {
        report.find(format!("the server took {peak_mib} MiB of the {MEMORY_MIB_MAX} that it may"));
    }
    // Killed, so that what is looked at is what it had acknowledged.
    drop(server);
    judge::look(&data, &vans).await?;
    tell("all was looked at");
    Ok(())
}

/// The figures of an evening, and whether it was fair.
fn note(report: &mut Report, evening: &Evening, mut outcomes: Vec<Outcome>) {
    outcomes.sort_by_key(|outcome| outcome.delivered_ms);
    let within = |percent: usize| outcomes[(outcomes.len() * percent).div_ceil(100) - 1].delivered_ms;
    let (half, most, slowest) = (within(50), within(99), within(100));
    report.count("pulls", outcomes.iter().map(|outcome| outcome.pulls).sum());
    let told: u64 = outcomes.iter().map(|outcome| outcome.told_to_wait).sum();
    for (name, value) in evening.figures.into_iter().zip([half, most, slowest, told]) {
        report.peak(name, value);
    }
    let most_often = outcomes.iter().map(|outcome| outcome.told_to_wait).max().unwrap_or(0);
    report.peak("one van told to wait, at most", most_often);
    if most_often > evening::TOLD_TO_WAIT_MAX {
        report.find(format!("{}: one van was told to wait {most_often} times", evening.name));
    }
    if slowest > evening::FAIR_MS_MIN.max(half * evening::FAIR_TIMES) {
        report.find(format!("{}: half took {half} ms, and one van waited {slowest} ms", evening.name));
    }
}
