//! A planner's file into the server's own chain: read, compared with what is known, and written as changes. A file
//! that was imported before writes nothing, and a field that the file has not changed since never undoes what a van
//! corrected in between.

mod compare;
mod world;

use crate::ledger::{self, Entry};
use crate::packs;
use crate::planner::{self, FileForm, ImportKind, Problem};
use crate::service::Service;
use crate::store::{StoreError, StoreResult};
use compare::Comparison;
use shared::change::Operation;
use shared::ids::StaffId;
use std::fmt;
use std::sync::Arc;

/// Nobody on a van: what an import writes, the office wrote.
const OFFICE: StaffId = StaffId::from_bytes([0; 16]);
/// Records that share one change: what one line of a file says belongs together.
const OPERATIONS_A_CHANGE_MAX: usize = 64;

#[derive(Clone, Copy, Debug, Default)]
pub struct ImportOptions {
    /// Only tell what would be done.
    pub dry_run: bool,
    /// Write the good rows although there are bad ones.
    pub skip_bad: bool,
    /// What the file's name says that it holds.
    pub form: FileForm,
}

/// What an import did, or would do. It may hold personal data of bad rows: for the operator's eyes, never for a log.
#[derive(Clone, Debug)]
pub struct Report {
    pub kind: ImportKind,
    pub rows: usize,
    pub problems: Vec<Problem>,
    pub notes: Vec<String>,
    /// Records.
    pub new: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Whether the same options without a dry run write.
    pub is_taken: bool,
    pub is_written: bool,
    pub is_dry_run: bool,
}

impl Report {
    /// Whether there were rows at all: a file without its header, or of another kind, has none that could be skipped.
    fn is_readable(&self) -> bool {
        is_readable(self.rows, &self.problems)
    }
}

fn is_readable(rows: usize, problems: &[Problem]) -> bool {
    rows > 0 || problems.is_empty()
}

pub async fn run(
    service: &Arc<Service>,
    kind: ImportKind,
    bytes: Vec<u8>,
    options: ImportOptions,
) -> StoreResult<Report> {
    service.projector.catch_up().await?;
    let release = packs::held(service).await?.in_force(&service.keys.signing.verifying_key());
    let rules = release.map(|release| release.content.gaps);
    let world = world::StoreWorld::new(service.store.clone(), rules);
    let (region, today) = (service.store.region(), service.clock.now().day(0));
    let reading = tokio::task::spawn_blocking(move || {
        let reading = planner::read(kind, options.form, &bytes, &world, region, today);
        world.into_result(reading)
    });
    let reading = reading.await.map_err(|_| StoreError::Closed)??;
    let compared = compare::compare(service.store.as_ref(), &reading.planned).await?;
    let is_taken =
        reading.problems.is_empty() || (options.skip_bad && is_readable(reading.rows, &reading.problems));
    let is_written = is_taken && !options.dry_run;
    if is_written {
        ledger::write(service, OFFICE, &entries(&compared)).await?;
        service.store.remember_import(compared.memory).await?;
        service.projector.catch_up().await?;
    }
    tracing::info!(
        kind = kind.name(),
        rows = reading.rows,
        problems = reading.problems.len(),
        "a file was read"
    );
    Ok(Report {
        kind,
        rows: reading.rows,
        problems: reading.problems,
        notes: reading.notes,
        new: compared.new,
        changed: compared.changed,
        unchanged: compared.unchanged,
        is_taken,
        is_written,
        is_dry_run: options.dry_run,
    })
}

/// What one line says of one bucket becomes one change.
fn entries(compared: &Comparison) -> Vec<Entry> {
    let mut entries: Vec<(u64, Entry)> = Vec::new();
    for write in &compared.writes {
        let operation = Operation::Edit(write.edit.clone());
        match entries.last_mut() {
            Some((line, entry))
                if *line == write.line
                    && entry.bucket == write.bucket
                    && entry.operations.len() < OPERATIONS_A_CHANGE_MAX =>
            {
                entry.operations.push(operation);
            }
            _ => entries.push((write.line, Entry { bucket: write.bucket, operations: vec![operation] })),
        }
    }
    entries.into_iter().map(|(_, entry)| entry).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(out, "{problem}")?;
        }
        for note in &self.notes {
            writeln!(out, "note: {note}")?;
        }
        let kind = self.kind.name();
        if !self.is_readable() {
            return write!(out, "{kind}: the file cannot be read; nothing written");
        }
        let bad: std::collections::BTreeSet<u64> = self.problems.iter().map(|problem| problem.line).collect();
        let (rows, bad) = (self.rows, bad.len());
        let Report { new, changed, unchanged, .. } = self;
        let done = match (self.is_taken, self.is_dry_run) {
            (true, false) => "written",
            (true, true) => "dry run, nothing written; without --dry-run this would be written",
            (false, false) => "nothing written, because of the bad rows; --skip-bad writes the others",
            (false, true) => {
                "dry run; nothing would be written, because of the bad rows; --skip-bad writes the others"
            }
        };
        write!(
            out,
            "{kind}: {rows} rows, {bad} bad; records: {new} new, {changed} changed, {unchanged} unchanged; {done}"
        )
    }
}

#[cfg(test)]
mod tests;
