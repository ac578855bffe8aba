//! Runs storms: cases spread over the machine's cores until the budget is used up, progress while they run, and each
//! finding with the line that replays it. Knows nothing of what a storm does.

use super::seed::Case;
use super::table::{self, Row};
use super::{Report, Storm};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const PROGRESS_EVERY: Duration = Duration::from_secs(10);
/// After so many findings a storm has made its point.
const FINDINGS_MAX: usize = 10;

/// How much of each storm is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// Each storm's own aim times this.
    Aims(f64),
    /// So many of each storm's unit.
    Count(u64),
    /// The time is shared out among the storms.
    Time(Duration),
    /// One case.
    Only(u64),
}

pub struct Plan {
    pub seed: u64,
    pub budget: Budget,
    pub threads: usize,
}

impl Plan {
    /// Runs the storms one after the other, prints the table, and says whether nothing was found.
    pub fn run(&self, storms: &[&Storm]) -> bool {
        println!("storm: seed {}, {} at once", self.seed, self.threads);
        let rows: Vec<Row> = storms.iter().map(|storm| self.run_one(storm, storms.len() as u32)).collect();
        table::print(&rows);
        rows.iter().all(|row| row.report.findings.is_empty())
    }

    /// One storm, alone.
    pub fn run_one(&self, storm: &Storm, shares: u32) -> Row {
        let started = Instant::now();
        let (goal, until) = match self.budget {
            Budget::Aims(times) => ((storm.aim as f64 * times).ceil() as u64, None),
            Budget::Count(count) => (count, None),
            Budget::Time(time) => (u64::MAX, Some(started + time / shares)),
            Budget::Only(_) => (1, None),
        };
        let first = if let Budget::Only(case) = self.budget { case } else { 0 };
        let is_alone = matches!(self.budget, Budget::Only(_));
        let threads = if is_alone || storm.is_whole { 1 } else { self.threads };
        let size = if is_alone { storm.aim } else { goal.min(storm.aim) };
        let work = Work {
            storm,
            seed: self.seed,
            goal,
            size,
            until,
            next: AtomicU64::new(first),
            tried: AtomicU64::new(0),
            is_alone,
            is_over: AtomicBool::new(false),
            total: Mutex::default(),
            rounds: storm.rounds.filter(|_| goal >= storm.aim && until.is_none() && !is_alone),
        };
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| work.run());
            }
            work.tell(started);
        });
        let rounds = work.rounds;
        let mut total = work.total.into_inner().expect("no case panics outside of its catch");
        if let Some((name, wanted)) = rounds {
            let whole = total.counts.iter().find(|(known, _)| *known == name).map_or(0, |(_, count)| *count);
            if whole < wanted && total.findings.is_empty() {
                total.find(format!("{whole} {name} of {wanted}: the rest was not tried"));
            }
        }
        Row { name: storm.name, unit: storm.unit, aim: storm.aim, report: total, took: started.elapsed() }
    }
}

struct Work<'s> {
    storm: &'s Storm,
    seed: u64,
    goal: u64,
    size: u64,
    until: Option<Instant>,
    next: AtomicU64,
    tried: AtomicU64,
    /// One case, whatever it counts.
    is_alone: bool,
    is_over: AtomicBool,
    total: Mutex<Report>,
    /// Cases that must be played to their end.
    rounds: Option<(&'static str, u64)>,
}

impl Work<'_> {
    fn is_enough(&self) -> bool {
        let rounds_left = self.rounds.is_some_and(|(_, rounds)| self.next.load(Ordering::Relaxed) < rounds);
        self.is_over.load(Ordering::Relaxed)
            || (self.tried.load(Ordering::Relaxed) >= self.goal && !rounds_left)
            || self.until.is_some_and(|until| Instant::now() >= until)
    }

    fn run(&self) {
        while !self.is_enough() {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let case = Case { seed: self.seed, number, size: self.size };
            let report = catch_unwind(AssertUnwindSafe(|| (self.storm.case)(&case)));
            let report = report.unwrap_or_else(|panic| Report {
                findings: vec![format!("panicked: {}", words(&*panic))],
                ..Report::default()
            });
            for finding in &report.findings {
                println!("  FOUND {} case {}: {finding}", self.storm.name, case.number);
                println!("    again: cargo xtask storm {}", self.again(&case));
            }
            self.tried.fetch_add(report.tried, Ordering::Relaxed);
            let mut total = self.total.lock().expect("nobody panics while adding up");
            total.take(report);
            if total.findings.len() >= FINDINGS_MAX || self.is_alone {
                self.is_over.store(true, Ordering::Relaxed);
            }
        }
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// The arguments that run a case again.
    fn again(&self, case: &Case) -> String {
        let (name, seed) = (self.storm.name, case.seed);
        // Only the first case of such a run is smaller than the aim.
        match self.storm.is_whole && case.size < self.storm.aim {
            true => format!("{name} --seed {seed} --count {}", case.size),
            false => format!("{name} --seed {seed} --only {}", case.number),
        }
    }

    /// Progress, until the storm is over.
    fn tell(&self, started: Instant) {
        let mut told = Instant::now();
        while !self.is_over.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(20));
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                let goal = if self.goal == u64::MAX { String::new() } else { format!(" of {}", self.goal) };
                println!(
                    "  {}: {}{goal} {} after {} s",
                    self.storm.name,
                    self.tried.load(Ordering::Relaxed),
                    self.storm.unit,
                    started.elapsed().as_secs()
                );
            }
        }
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without words")
}
