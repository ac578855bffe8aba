//! `quarantine list`, `refused`, `show`, `release`, `reject`. What a person said or has is printed only with `--values`.

use super::Outcome;
use super::device::moment;
use super::values::{field_name, kind_name, value_text};
use crate::quarantine::{self, Shown};
use crate::server;
use crate::settings::Settings;
use crate::store::DecisionOutcome;
use clap::{Args, Subcommand};
use shared::change::{Change, Edit, Operation};
use shared::ids::{DeviceNumber, Sequence};
use shared::record::Fact;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(super) enum QuarantineVerb {
    /// One line a change: device, sequence, reason, time
    List,
    /// One line a batch that was refused whole, kept as evidence: device, reason, what is kept of it, time
    Refused,
    /// One change: why it is kept apart, and which kinds and fields it touches
    Show {
        #[command(flatten)]
        which: Which,
        /// Print the values too; they are about a person
        #[arg(long)]
        values: bool,
    },
    /// Try a change again under today's rules
    Release {
        #[command(flatten)]
        which: Which,
        /// Merge it although its device may not write to its bucket
        #[arg(long, requires = "reason")]
        overrule: bool,
        /// Why the rule does not hold here
        #[arg(long, requires = "overrule")]
        reason: Option<String>,
    },
    /// Close a change for good: it stays in the log and is never merged
    Reject {
        #[command(flatten)]
        which: Which,
        /// What the van is told
        #[arg(long)]
        reason: String,
    },
}

#[derive(Args)]
pub(super) struct Which {
    /// Number of the device, as `quarantine list` shows it
    device: u32,
    /// Number of the change
    sequence: u64,
}

impl Which {
    fn parts(&self) -> (DeviceNumber, Sequence) {
        (DeviceNumber(self.device), Sequence(self.sequence))
    }
}

pub(super) async fn run(settings: &Settings, verb: QuarantineVerb) -> Outcome {
    let service = server::open(settings)?;
    match verb {
        QuarantineVerb::List => {
            for row in quarantine::list(&service).await? {
                let at = moment(row.at);
                println!("device {}, change {}: {} ({at})", row.number, row.sequence, row.reason);
            }
        }
        QuarantineVerb::Refused => {
            for row in quarantine::refused(&service).await? {
                println!(
                    "device {}: {}, {} bytes kept ({})",
                    row.number,
                    row.reason,
                    row.bytes,
                    moment(row.at)
                );
            }
        }
        QuarantineVerb::Show { which, values } => {
            let (number, sequence) = which.parts();
            let shown = quarantine::show(&service, number, sequence).await?;
            lines(&shown, values).iter().for_each(|line| println!("{line}"));
        }
        QuarantineVerb::Release { which, reason, .. } => {
            let (number, sequence) = which.parts();
            quarantine::release(&service, number, sequence, reason.as_deref()).await?;
            println!("change {sequence} of device {number} is merged");
        }
        QuarantineVerb::Reject { which, reason } => {
            let (number, sequence) = which.parts();
            quarantine::reject(&service, number, sequence, &reason).await?;
            println!("change {sequence} of device {number} is closed");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What an operator reads.
fn lines(shown: &Shown, values: bool) -> Vec<String> {
    let Shown { entry, change } = shown;
    let mut lines = vec![format!("kept apart {}: {}", moment(entry.at), entry.reason)];
    if let Some(decision) = &entry.decision {
        let outcome = match decision.outcome {
            DecisionOutcome::Released => "released",
            DecisionOutcome::Overruled => "released against the rules",
            DecisionOutcome::Closed => "closed for good",
        };
        let because = if decision.note.is_empty() { String::new() } else { format!(": {}", decision.note) };
        lines.push(format!("{outcome} {}{because}", moment(decision.at)));
    }
    match change {
        None => lines.push("it does not decode; only its bytes are known".to_owned()),
        Some(change) => lines.extend(change_lines(change, values)),
    }
    lines
}

fn change_lines(change: &Change, values: bool) -> Vec<String> {
    let mut lines = vec![
        format!("written {} by staff {}", moment(change.stamp.moment()), change.staff),
        format!("bucket {}", change.bucket),
    ];
    for operation in &change.operations {
        match operation {
            Operation::Edit(Edit { record, kind, puts }) => {
                lines.push(format!("edits {} {record}", kind_name(*kind)));
                for put in puts {
                    let name = field_name(*kind, put.key.field);
                    // A member's name is a value: which allergy, which need.
                    let member = put.key.member.as_deref().filter(|_| values);
                    let member = member.map(|member| format!("/{member}")).unwrap_or_default();
                    let value = if values { format!(" = {}", value_text(&put.value)) } else { String::new() };
                    lines.push(format!("  {name}{member}{value}"));
                }
            }
            Operation::Fact(fact) => lines.extend(fact_lines(fact, values)),
            Operation::Unknown(number) => lines.push(format!("operation {number} of a newer app")),
        }
    }
    lines
}

fn fact_lines(fact: &Fact, values: bool) -> Vec<String> {
    let mut lines = vec![format!("adds {} {} about {}", kind_name(fact.kind), fact.id, fact.subject)];
    for (field, value) in &fact.fields {
        let value = if values { format!(" = {}", value_text(value)) } else { String::new() };
        lines.push(format!("  {}{value}", field_name(fact.kind, *field)));
    }
    lines
}
