//! `tasks`. A line names the rule, never on whom it was raised: that, the value and what was done come with `--values`.

use super::Outcome;
use super::device::moment;
use crate::server;
use crate::settings::Settings;
use crate::tasks::{self, Finding, Summary};
use chrono::NaiveDate;
use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub(super) struct Tasks {
    /// Also those that are closed
    #[arg(long)]
    all: bool,
    /// Print what was found, on whom and what was done; they are about a person
    #[arg(long)]
    values: bool,
}

pub(super) async fn run(settings: &Settings, options: Tasks) -> Outcome {
    let service = server::open(settings)?;
    let (findings, today) = tasks::list(&service).await?;
    for finding in findings.iter().filter(|finding| options.all || finding.task.is_open()) {
        lines(finding, today, options.values).iter().for_each(|line| println!("{line}"));
    }
    println!("{}", closing(&tasks::summary(&findings, today)));
    Ok(ExitCode::SUCCESS)
}

fn lines(finding: &Finding, today: NaiveDate, values: bool) -> Vec<String> {
    let Finding { id, task, .. } = finding;
    let or_unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    let raised = task.raised_at.map(moment).unwrap_or_default();
    let answer = match task.acknowledged_at {
        None => "NOT ANSWERED".to_owned(),
        Some(at) => {
            let acted = if task.acted == Some(true) { "acted" } else { "could not act" };
            format!("{acted} {} by {}", moment(at), or_unknown(&finding.acknowledged_by))
        }
    };
    let status = task.status.map(|status| status.code()).unwrap_or("requested");
    let due = match (task.is_open(), task.due_on) {
        (true, Some(day)) if day < today => {
            format!("OVERDUE since {day}, {}", or_unknown(&finding.owner))
        }
        (true, Some(day)) => format!("due {day}, {}", or_unknown(&finding.owner)),
        _ => status.to_owned(),
    };
    let reason = task.reason.as_deref().unwrap_or("?");
    let mut lines = vec![format!("{id} {reason} at {} {raised}: {answer}; {due}", or_unknown(&finding.site))];
    if values {
        let person = task.person.map(|person| person.to_string()).unwrap_or_default();
        let (found, action) = (or_unknown(&task.found), task.action.as_deref().unwrap_or_default());
        lines.push(format!("  person {person}  {found:?}  {action:?}"));
    }
    lines
}

fn closing(summary: &Summary) -> String {
    let Summary { open, overdue, unanswered, completed, entered_in_error, median_milliseconds } = summary;
    let median = median_milliseconds
        .map(|wait| format!("; answered after {} s, the median", wait / 1_000))
        .unwrap_or_default();
    format!(
        "{open} open ({overdue} overdue, {unanswered} not answered), {completed} completed, {entered_in_error} entered in error{median}"
    )
}
