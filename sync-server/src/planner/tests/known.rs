//! A world in memory that imports can be written to.

use super::super::*;
use shared::ids::{DeviceNumber, Sequence, StaffId};
use shared::merge::Author;
use shared::time::Stamp;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const REGION: RegionId = RegionId(7);
pub(super) const DAY: [(ImportKind, &str); 5] = [
    (ImportKind::Staff, super::STAFF),
    (ImportKind::Employers, super::EMPLOYERS),
    (ImportKind::Schedule, super::SCHEDULE),
    (ImportKind::Roster, super::ROSTER),
    (ImportKind::Gaps, super::GAPS),
];

pub(super) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day")
}

#[derive(Default)]
pub(super) struct Known {
    records: BTreeMap<RecordId, (RecordState, BTreeSet<Bucket>)>,
    sequence: u64,
}

impl World for Known {
    fn state(&self, record: RecordId) -> Option<RecordState> {
        self.records.get(&record).map(|(state, _)| state.clone())
    }
    fn buckets(&self, record: RecordId) -> Vec<Bucket> {
        self.records.get(&record).map(|(_, buckets)| buckets.iter().copied().collect()).unwrap_or_default()
    }
    fn members(&self, bucket: Bucket, kind: KindNumber) -> Vec<(RecordId, RecordState)> {
        let all = self
            .records
            .iter()
            .filter(|(_, (state, buckets))| state.kind == kind && buckets.contains(&bucket));
        all.map(|(record, (state, _))| (*record, state.clone())).collect()
    }
}

impl Known {
    pub fn with_schedule() -> Self {
        let mut known = Self::default();
        for (kind, file) in &DAY[..3] {
            known.import(*kind, file);
        }
        known
    }
    pub fn with_roster() -> Self {
        let mut known = Self::with_schedule();
        known.import(ImportKind::Roster, super::ROSTER);
        known
    }
    pub fn read(&self, kind: ImportKind, file: impl AsRef<[u8]>) -> Reading {
        self.read_named(kind, FileForm::Unsaid, file)
    }
    pub fn read_named(&self, kind: ImportKind, form: FileForm, file: impl AsRef<[u8]>) -> Reading {
        read(kind, form, file.as_ref(), self, REGION, today())
    }
    /// Reads a good file and writes it.
    pub fn import(&mut self, kind: ImportKind, file: &str) -> Reading {
        let reading = self.read(kind, file);
        assert_eq!(reading.problems, []);
        self.take(&reading);
        reading
    }
    /// Writes what is planned; gives the number of fields that changed.
    pub fn take(&mut self, reading: &Reading) -> usize {
        reading.planned.iter().map(|record| self.write(record)).sum()
    }
    pub fn write(&mut self, planned: &PlannedRecord) -> usize {
        self.sequence += 1;
        let author = Author {
            device: DeviceNumber(1),
            sequence: Sequence(self.sequence),
            stamp: Stamp::from_bits(self.sequence),
            staff: StaffId::from_bytes([0; 16]),
        };
        let new = || (RecordState::new(planned.kind), BTreeSet::new());
        let (state, buckets) = self.records.entry(planned.record).or_insert_with(new);
        buckets.insert(planned.bucket);
        let puts = state.edit(planned.record, planned.values.iter().cloned()).puts;
        let count = puts.len();
        puts.into_iter().for_each(|put| state.apply(author, put));
        count
    }
    /// Somebody else's write of one field.
    pub fn set(&mut self, record: RecordId, field: impl Into<FieldKey>, value: Value) {
        let (state, buckets) = self.records.get(&record).expect("a known record");
        let bucket = *buckets.first().expect("a bucket");
        let planned =
            PlannedRecord { record, kind: state.kind, bucket, values: vec![(field.into(), value)], line: 0 };
        self.write(&planned);
    }
    /// Records of a kind that fit, with their ids.
    pub fn all<T>(&self, kind: shared::record::Kind, read: fn(&RecordState) -> T) -> Vec<(RecordId, T)> {
        let of_kind = self.records.iter().filter(|(_, (state, _))| state.kind == kind.number);
        of_kind.map(|(record, (state, _))| (*record, read(state))).collect()
    }
    pub fn only<T>(
        &self,
        kind: shared::record::Kind,
        read: fn(&RecordState) -> T,
        fits: impl Fn(&T) -> bool,
    ) -> Vec<T> {
        self.all(kind, read).into_iter().map(|(_, it)| it).filter(fits).collect()
    }
}
