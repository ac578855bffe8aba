//! `conflicts list` and `conflicts settle`. What a person said or has is printed only with `--values`.

use super::Outcome;
use super::device::moment;
use super::values::{field_name, kind_name, value_text};
use crate::conflicts::{self, Choice, OpenConflict};
use crate::server;
use crate::settings::Settings;
use clap::Subcommand;
use shared::ids::{DeviceNumber, RecordId, Sequence};
use std::process::ExitCode;
use std::str::FromStr;

#[derive(Subcommand)]
pub(super) enum ConflictsVerb {
    /// One line a field with more than one value
    List {
        /// Print each value, with the change that wrote it; they are about a person
        #[arg(long)]
        values: bool,
    },
    /// Let one value of a field stand, everywhere
    Settle {
        /// The record's id
        record: RecordId,
        /// The field's name, as `conflicts list` shows it
        field: String,
        /// The change that wrote the right value, as `conflicts list --values` shows it
        #[arg(long, value_name = "DEVICE/CHANGE")]
        take: Taken,
        /// Code of the member of staff who decides
        #[arg(long)]
        staff: String,
    },
}

#[derive(Clone, Copy)]
pub(super) struct Taken(Choice);

impl FromStr for Taken {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').and_then(|(device, sequence)| {
            Some((DeviceNumber(device.parse().ok()?), Sequence(sequence.parse().ok()?)))
        });
        let (device, sequence) = parts.ok_or("write it as 4/17: device 4, change 17")?;
        Ok(Taken(Choice { device, sequence }))
    }
}

pub(super) async fn run(settings: &Settings, verb: ConflictsVerb) -> Outcome {
    let service = server::open(settings)?;
    match verb {
        ConflictsVerb::List { values } => {
            for conflict in conflicts::list(&service).await? {
                lines(&conflict, values).iter().for_each(|line| println!("{line}"));
            }
        }
        ConflictsVerb::Settle { record, field, take, staff } => {
            conflicts::settle(&service, record, &field, take.0, &staff).await?;
            println!("{field} of record {record} is settled");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(open: &OpenConflict, values: bool) -> Vec<String> {
    let devices: Vec<String> = open.devices().iter().map(ToString::to_string).collect();
    let mut lines = vec![format!(
        "{} {} {}: {} values, of devices {}, since {}",
        kind_name(open.kind),
        open.record,
        field_name(open.kind, open.field()),
        open.conflict.candidates.len(),
        devices.join(", "),
        moment(open.since())
    )];
    for written in open.conflict.candidates.iter().filter(|_| values) {
        let author = written.author;
        let (at, value) = (moment(author.stamp.moment()), value_text(&written.value));
        lines.push(format!("  {}/{}  {at}  {value}", author.device, author.sequence));
    }
    lines
}
