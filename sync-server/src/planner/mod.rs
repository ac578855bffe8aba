//! The planner's room: reads the office's CSV files (staff, employers, schedule, roster, gaps) into records to be
//! written and problems by line; gaps also as FHIR, with problems by element. It knows nothing of the store, writes nothing and reads no clock. `read` is the
//! door, `World` is all that it asks of what is known.
//!
//! In reading order: what comes in as bytes (`table`, `quotes`, `row`), how a row's record is named and collected (`natural`,
//! `plan`, `office`), and one file a kind of import. An empty cell gives no value: what is known stays.

mod natural;
mod office;
mod plan;
mod quotes;
mod row;
mod table;

mod employers;
mod gap_file;
mod gaps;
mod roster;
mod schedule;
mod staff;

pub use natural::natural_id;
pub use row::Problem;

use chrono::NaiveDate;
use office::{Import, Office};
use plan::Draft;
use shared::change::Bucket;
use shared::content::gaps::GapCatalog;
use shared::ids::{RecordId, RegionId};
use shared::merge::RecordState;
use shared::record::{FieldKey, KindNumber, Value};
use std::path::Path;

/// What a file tells. Later kinds name records of earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImportKind {
    Staff,
    Employers,
    Schedule,
    Roster,
    Gaps,
}

impl ImportKind {
    /// In the order in which a new region is told of itself.
    pub const ALL: [ImportKind; 5] = [
        ImportKind::Staff,
        ImportKind::Employers,
        ImportKind::Schedule,
        ImportKind::Roster,
        ImportKind::Gaps,
    ];

    /// The word for it on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            ImportKind::Staff => "staff",
            ImportKind::Employers => "employers",
            ImportKind::Schedule => "schedule",
            ImportKind::Roster => "roster",
            ImportKind::Gaps => "gaps",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What an import asks of what is known already. Every question may come often: answer from memory.
pub trait World {
    /// A record's merged state, if it was ever written.
    fn state(&self, record: RecordId) -> Option<RecordState>;
    /// Every bucket that the record stands in.
    fn buckets(&self, record: RecordId) -> Vec<Bucket>;
    /// The records of one kind in a bucket.
    fn members(&self, bucket: Bucket, kind: KindNumber) -> Vec<(RecordId, RecordState)>;
    /// The rules of the packs in force.
    fn gap_rules(&self) -> &GapCatalog {
        shared::content::gaps::embedded()
    }
}

/// What a record is to hold. Only fields that the file gives are named; `Null` means that the file says "none".
/// A person of two sites comes twice, once for each bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRecord {
    pub record: RecordId,
    pub kind: KindNumber,
    pub bucket: Bucket,
    /// In order of field and member.
    pub values: Vec<(FieldKey, Value)>,
    /// The line that said so first; 0 for what follows from a record that is no longer in the file.
    pub line: u64,
}

/// A file, read. Rows with a problem have nothing in `planned`; problems and notes may hold personal data, so
/// they are for the operator's eyes and never for a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    pub planned: Vec<PlannedRecord>,
    /// In order of line.
    pub problems: Vec<Problem>,
    /// What the operator should know although nothing is wrong.
    pub notes: Vec<String>,
    /// Rows of data, good and bad.
    pub rows: usize,
}

/// What a file's name says that it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileForm {
    Csv,
    Json,
    /// No name, or one that says neither.
    #[default]
    Unsaid,
}

impl FileForm {
    /// By the end of the name, in letters of either size.
    pub fn of_name(path: &Path) -> FileForm {
        let extension = path.extension().unwrap_or_default();
        match extension {
            _ if extension.eq_ignore_ascii_case("json") => FileForm::Json,
            _ if extension.eq_ignore_ascii_case("csv") => FileForm::Csv,
            _ => FileForm::Unsaid,
        }
    }
}

/// Reads one file for one region. `today` tells dates in the future.
pub fn read(
    kind: ImportKind,
    form: FileForm,
    bytes: &[u8],
    world: &dyn World,
    region: RegionId,
    today: NaiveDate,
) -> Reading {
    let office = Office::new(world, region, today);
    let mut import: Box<dyn Import> = match kind {
        ImportKind::Staff => Box::new(staff::StaffImport::default()),
        ImportKind::Employers => Box::new(employers::EmployerImport::default()),
        ImportKind::Schedule => Box::new(schedule::ScheduleImport::default()),
        ImportKind::Roster => Box::new(roster::RosterImport::default()),
        ImportKind::Gaps => Box::new(gaps::GapImport::default()),
    };
    let mut draft = Draft::default();
    if kind == ImportKind::Gaps
        && let Some(problem) = gap_file::misnamed(form, bytes)
    {
        draft.problems.push(problem);
        return draft.into_reading(0);
    }
    if kind == ImportKind::Gaps && gap_file::is_json(form, bytes) {
        let mut on_row = |row: row::Row, draft: &mut Draft| import.row(&office, row, draft);
        let rows = gap_file::each_gap(bytes, &mut draft, &mut on_row);
        import.finish(&office, &mut draft);
        return draft.into_reading(rows);
    }
    let read = table::each_row(bytes, import.columns(), &mut |row| import.row(&office, row, &mut draft));
    draft.problems.extend(read.problems);
    draft.notes.extend(read.notes);
    import.finish(&office, &mut draft);
    draft.into_reading(read.rows)
}

#[cfg(test)]
mod tests;
