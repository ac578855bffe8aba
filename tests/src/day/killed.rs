//! A van's work in a process of its own that is killed in the middle of it. Only starts, listens and kills; whether
//! anything was lost is judged by the day.

use super::play::{DayError, Options, PIN, file};
use super::work::WorkPlan;
use crate::van::Van;
use shared::ids::Sequence;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// How far the chain had come, and its hash there, after each save that the process said was durable; and whether it came
/// to its end.
pub fn run_until_killed(
    options: &Options,
    van: &Van,
    plan: &WorkPlan,
    lines_before_kill: usize,
) -> Result<(Vec<(Sequence, String)>, bool), DayError> {
    let mut child = Command::new(&options.program)
        .arg("van")
        .arg(van.folder.path())
        .args([van.staff.to_string(), PIN.into(), plan.stop.to_string(), plan.badges.join(",")])
        .args([plan.walk_ups.to_string(), plan.seed.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(file(&options.program))?;
    let out = child.stdout.take().expect("the child's output is piped");
    let (mut saved, mut finished) = (Vec::new(), false);
    for line in BufReader::new(out).lines() {
        let line = line.map_err(file(&options.program))?;
        finished |= line == "done";
        if let Some((sequence, hash)) = line.strip_prefix("saved ").and_then(|rest| rest.split_once(' '))
            && let Ok(sequence) = sequence.parse()
        {
            saved.push((Sequence(sequence), hash.to_owned()));
        }
        if saved.len() == lines_before_kill {
            // The process goes on saving while the signal is on its way.
            child.kill().map_err(file(&options.program))?;
        }
    }
    let status = child.wait().map_err(file(&options.program))?;
    if !finished && status.code().is_some() {
        return Err(DayError::Wrong(format!("the van's process ended by itself: {status}")));
    }
    Ok((saved, finished))
}
