//! What every import works with: the region's names, what is known, and today.

use super::World;
use super::natural::Names;
use super::plan::Draft;
use super::row::{Column, Row};
use chrono::NaiveDate;
use shared::change::Bucket;
use shared::ids::{RecordId, RegionId};
use std::cell::RefCell;
use std::collections::HashMap;

/// One kind of file. Rows come in order; `finish` is called once, after the last.
pub(super) trait Import {
    fn columns(&self) -> &'static [Column];
    fn row(&mut self, office: &Office<'_>, row: Row, draft: &mut Draft);
    fn finish(&mut self, _office: &Office<'_>, _draft: &mut Draft) {}
}

pub(super) struct Office<'w> {
    pub world: &'w dyn World,
    pub names: Names,
    pub today: NaiveDate,
    /// A roster asks for the same site and employer on every row.
    exists: RefCell<HashMap<RecordId, bool>>,
}

impl<'w> Office<'w> {
    pub fn new(world: &'w dyn World, region: RegionId, today: NaiveDate) -> Self {
        Self { world, names: Names(region), today, exists: RefCell::default() }
    }
    /// Where employers, staff and vans stand.
    pub fn region_bucket(&self) -> Bucket {
        Bucket::Staff(self.names.0)
    }
    pub fn is_known(&self, record: impl Into<RecordId>) -> bool {
        let record = record.into();
        *self.exists.borrow_mut().entry(record).or_insert_with(|| self.world.state(record).is_some())
    }
}
