//! Storms: the product's own stores, merge and sync under faults that a seed chooses. Every storm is made of cases;
//! the same seed and case give the same run, and a finding prints the line that replays it.

pub mod seed;

pub mod run;
pub mod table;
pub mod trace;

pub mod disk;

pub mod kill;

pub mod world;

pub mod six;

pub use run::{Budget, Plan};
pub use seed::Case;
pub use trace::Trace;

use std::hash::Hash;

/// What one case did and found.
#[derive(Default)]
pub struct Report {
    /// In the storm's own unit.
    pub tried: u64,
    /// What else is worth counting, by name.
    pub counts: Vec<(&'static str, u64)>,
    /// What grows no larger by trying again, by name: of several cases the largest.
    pub peaks: Vec<(&'static str, u64)>,
    /// What must not be: each is a fault of the product or of the storm.
    pub findings: Vec<String>,
    /// What was done and what came of it, of storms that play within this process.
    pub trace: Trace,
}

impl Report {
    pub fn count(&mut self, name: &'static str, more: u64) {
        match self.counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += more,
            None => self.counts.push((name, more)),
        }
    }
    pub fn peak(&mut self, name: &'static str, value: u64) {
        match self.peaks.iter_mut().find(|(known, _)| *known == name) {
            Some((_, peak)) => *peak = value.max(*peak),
            None => self.peaks.push((name, value)),
        }
    }
    /// Notes what was tried, and all that was counted and found by then, as what happened next.
    pub fn note(&mut self, what: impl Hash) {
        self.trace.note((what, &self.counts, &self.findings));
    }
    pub fn find(&mut self, what: impl std::fmt::Display) {
        self.findings.push(what.to_string());
    }
    pub fn take(&mut self, other: Report) {
        self.tried += other.tried;
        for (name, count) in other.counts {
            self.count(name, count);
        }
        for (name, value) in other.peaks {
            self.peak(name, value);
        }
        self.findings.extend(other.findings);
        self.trace.join(other.trace);
    }
}

/// One kind of trouble.
pub struct Storm {
    pub name: &'static str,
    /// Storms that are asked for together.
    pub group: &'static str,
    /// What `Report::tried` counts.
    pub unit: &'static str,
    /// How many of it a run without arguments tries.
    pub aim: u64,
    /// One case tries all that is asked for, up to the aim, and has the machine to itself.
    pub is_whole: bool,
    /// Whatever was tried by then, a run to the aim goes on until so many cases were played to their end, and counts each
    /// of them under this name.
    pub rounds: Option<(&'static str, u64)>,
    pub case: fn(&Case) -> Report,
}

/// Every storm, in the order in which they run.
pub const STORMS: &[Storm] = &[
    disk::DEVICE_CUTS,
    disk::DEVICE_FAULTS,
    disk::FLIPS,
    disk::SERVER_FLIPS,
    disk::SERVER_CUTS,
    disk::SERVER_FAULTS,
    kill::KILL_APP,
    kill::KILL_SCREENS,
    kill::KILL_SERVER,
    world::WORLD,
    six::SIX,
];
