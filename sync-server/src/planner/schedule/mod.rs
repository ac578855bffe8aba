//! `schedule.csv`: vans, sites, routes with their crew, and stops. The newest schedule of a van's day decides who is
//! on it and where it stops; days and vans that it does not name stay as they are.

mod clock;
mod halt;

use super::PlannedRecord;
use super::office::{Import, Office};
use super::plan::Draft;
use super::row::{Column, Row};
use chrono::NaiveDate;
use halt::{COLUMNS, Halt};
use shared::change::Bucket;
use shared::domain::route::{Route, Site, Stop, StopStatus, route_fields, site_fields, stop_fields};
use shared::ids::{RecordId, StaffId};
use shared::record::{FieldKey, FieldNumber, FieldType, KindNumber, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Default)]
pub(super) struct ScheduleImport {
    /// Halts of each van's day; the van's code with capitals.
    days: BTreeMap<(String, NaiveDate), Vec<Halt>>,
    /// The region that the first row names, and where.
    region: Option<(String, u64)>,
    new_vans: BTreeSet<String>,
    new_sites: BTreeSet<String>,
}

impl Import for ScheduleImport {
    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn row(&mut self, office: &Office<'_>, mut row: Row, draft: &mut Draft) {
        self.check_region(&mut row);
        let halt = Halt::read(office, row);
        match (&halt.van, halt.day) {
            (Some(van), Some(day)) => {
                self.days.entry((van.to_ascii_uppercase(), day)).or_default().push(halt);
            }
            _ => drop(draft.take(halt.row, Vec::new(), column_of)),
        }
    }

    fn finish(&mut self, office: &Office<'_>, draft: &mut Draft) {
        let days = std::mem::take(&mut self.days);
        let mut routes = Vec::new();
        for ((van, day), mut halts) in days {
            let bucket = Bucket::Route(office.names.van(&van), day);
            let crew: BTreeSet<StaffId> = halts.iter().flat_map(|halt| halt.crew.iter().copied()).collect();
            let line = halts.iter().map(|halt| halt.row.line).min().unwrap_or_default();
            check_order(&mut halts);
            self.plan(office, halts, draft);
            routes.push(PlannedRoute {
                record: office.names.route(&van, day).into(),
                van,
                day,
                bucket,
                crew,
                line,
            });
        }
        // A row that could not be read may be the one that names a nurse or a stop.
        if draft.problems.is_empty() {
            routes.iter().for_each(|route| route.let_go(office, draft));
        }
        for (what, codes) in [("Vans", &self.new_vans), ("Sites", &self.new_sites)] {
            if !codes.is_empty() {
                let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
                draft.notes.push(format!("{what} that are new: {}.", codes.join(", ")));
            }
        }
    }
}

impl ScheduleImport {
    /// A server keeps one region, and a file is of one.
    fn check_region(&mut self, row: &mut Row) {
        let Some(region) = row.code("region") else { return };
        let (first, line) = self.region.get_or_insert_with(|| (region.clone(), row.line));
        if !first.eq_ignore_ascii_case(&region) {
            row.refuse::<()>("region", format!("differs from line {line}; a file is of one region"));
        }
    }

    /// Plans the halts of one van's day, in their order.
    fn plan(&mut self, office: &Office<'_>, halts: Vec<Halt>, draft: &mut Draft) {
        let mut visits: HashMap<String, usize> = HashMap::new();
        for mut halt in halts {
            let earlier =
                visits.entry(halt.site.as_deref().unwrap_or_default().to_ascii_uppercase()).or_default();
            let records = halt.records(office, *earlier);
            *earlier += 1;
            let (van, site) = (halt.van, halt.site);
            if draft.take(halt.row, records, column_of) {
                self.new_vans.extend(van.filter(|code| !office.is_known(office.names.van(code))));
                self.new_sites.extend(site.filter(|code| !office.is_known(office.names.site(code))));
            }
        }
    }
}

/// Brings a day's halts into order and refuses those that stand on each other's feet.
fn check_order(halts: &mut [Halt]) {
    halts.sort_by_key(|halt| (halt.position.unwrap_or(u32::MAX), halt.row.line));
    for later in 1..halts.len() {
        let (before, after) = halts.split_at_mut(later);
        let (Some(before), Some(after)) = (before.last(), after.first_mut()) else { continue };
        let line = before.row.line;
        if after.position.is_some() && after.position == before.position {
            after.row.refuse::<()>("stop_order", format!("stands twice for this van and day (line {line})"));
        } else if let Some((left, came)) = before.depart.zip(after.arrive)
            && came.at < left.at
        {
            after.row.refuse::<()>("arrive", format!("is before the van leaves the stop of line {line}"));
        }
    }
}

/// A van's day as the file gives it.
struct PlannedRoute {
    record: RecordId,
    van: String,
    day: NaiveDate,
    bucket: Bucket,
    crew: BTreeSet<StaffId>,
    line: u64,
}

impl PlannedRoute {
    /// Lets go of crew and stops that an earlier schedule named and this one does not.
    fn let_go(&self, office: &Office<'_>, draft: &mut Draft) {
        let members = office.world.state(self.record).map(|state| state.members(route_fields::crew));
        let kept: BTreeSet<String> = self.crew.iter().map(StaffId::to_string).collect();
        let gone = members.unwrap_or_default().into_iter().filter(|member| !kept.contains(member));
        let off = |member: String| (FieldKey::member(route_fields::crew, &member), Value::Boolean(false));
        let values: Vec<(FieldKey, Value)> = gone.map(off).collect();
        // Without any code the file says nothing of the crew.
        if !kept.is_empty() && !values.is_empty() {
            let (record, kind, bucket, line) = (self.record, Route::KIND.number, self.bucket, self.line);
            draft.add(PlannedRecord { record, kind, bucket, values, line });
        }
        for (record, state) in office.world.members(self.bucket, Stop::KIND.number) {
            let stop = Stop::read(&state);
            let is_waiting = matches!(stop.status, None | Some(StopStatus::Planned));
            let is_of_route = stop.route.map(RecordId::from) == Some(self.record);
            if is_waiting && is_of_route && draft.line_of(record).is_none() {
                let values = vec![(stop_fields::status.into(), StopStatus::Cancelled.to_value())];
                let (kind, bucket) = (Stop::KIND.number, self.bucket);
                draft.add(PlannedRecord { record, kind, bucket, values, line: 0 });
                let (van, day) = (&self.van, self.day);
                draft
                    .notes
                    .push(format!("A stop of {van} on {day} is not in this file and will be cancelled."));
            }
        }
    }
}

fn column_of(kind: KindNumber, field: FieldNumber) -> &'static str {
    if kind != Site::KIND.number {
        return "van";
    }
    match field {
        site_fields::name => "site_name",
        site_fields::employer => "employer_code",
        site_fields::address => "address",
        site_fields::city => "city",
        site_fields::state => "state",
        site_fields::postal_code => "postal_code",
        site_fields::time_zone => "time_zone",
        _ => "site_code",
    }
}
