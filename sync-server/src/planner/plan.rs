//! What an import has so far: records to write, each once a bucket, problems and notes. A row gives all of its
//! records or none, and two rows that say different things of one record are a problem of the later.

use super::row::{Problem, Row};
use super::{PlannedRecord, Reading};
use shared::ids::RecordId;
use shared::record::{FieldKey, FieldNumber, KindNumber, Value};
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct Draft {
    planned: Vec<PlannedRecord>,
    /// Where each record stands in `planned`; more than one for a record of several buckets.
    places: HashMap<RecordId, Vec<usize>>,
    pub problems: Vec<Problem>,
    pub notes: Vec<String>,
}

/// Another line said something else of this field.
pub(super) struct Clash {
    pub kind: KindNumber,
    pub field: FieldNumber,
    pub line: u64,
}

impl Draft {
    /// Takes a row's records in when nothing is wrong with it, and its problems in any case. `column_of` names the
    /// column that a field comes from.
    pub fn take(
        &mut self,
        mut row: Row,
        records: Vec<PlannedRecord>,
        column_of: impl Fn(KindNumber, FieldNumber) -> &'static str,
    ) -> bool {
        // Of a row that is bad already nobody asks what it says.
        let clashes = if row.is_good() { records.as_slice() } else { &[] };
        for Clash { kind, field, line } in clashes.iter().filter_map(|record| self.clash(record)) {
            row.refuse::<()>(column_of(kind, field), format!("differs from line {line}"));
        }
        let is_good = row.is_good();
        if is_good {
            records.into_iter().for_each(|record| self.add(record));
        }
        self.problems.append(&mut row.problems);
        is_good
    }

    pub fn line_of(&self, record: impl Into<RecordId>) -> Option<u64> {
        let places = self.places.get(&record.into())?;
        places.first().map(|place| self.planned[*place].line)
    }

    fn clash(&self, record: &PlannedRecord) -> Option<Clash> {
        let places = self.places.get(&record.record)?;
        places.iter().find_map(|place| {
            let earlier = &self.planned[*place];
            let differs = |(key, value): &&(FieldKey, Value)| {
                earlier.values.iter().any(|(other, said)| other == key && said != value)
            };
            let (key, _) = record.values.iter().find(differs)?;
            Some(Clash { kind: record.kind, field: key.field, line: earlier.line })
        })
    }

    /// Adds a record, or what it says more than before.
    pub fn add(&mut self, mut record: PlannedRecord) {
        record.values.sort_by(|(left, _), (right, _)| left.cmp(right));
        let places = self.places.entry(record.record).or_default();
        let same_bucket = places.iter().find(|place| self.planned[**place].bucket == record.bucket);
        match same_bucket.copied() {
            None => {
                places.push(self.planned.len());
                self.planned.push(record);
            }
            Some(place) => {
                let values = &mut self.planned[place].values;
                for (key, value) in record.values {
                    if let Err(gap) = values.binary_search_by(|(other, _)| other.cmp(&key)) {
                        values.insert(gap, (key, value));
                    }
                }
            }
        }
    }

    pub fn into_reading(mut self, rows: usize) -> Reading {
        self.problems.sort_by_key(|problem| problem.line);
        Reading { planned: self.planned, problems: self.problems, notes: self.notes, rows }
    }
}
