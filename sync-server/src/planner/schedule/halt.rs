//! One row of a schedule: a halt of a van, with the site that it is at.

use super::clock::{Moment, moment, time};
use crate::planner::PlannedRecord;
use crate::planner::office::Office;
use crate::planner::row::{Column, Row};
use chrono::NaiveDate;
use chrono_tz::Tz;
use shared::change::Bucket;
use shared::domain::route::{Route, Site, Stop, StopStatus, Van};
use shared::ids::{EmployerId, StaffId, StopId};

pub(super) const COLUMNS: &[Column] = &[
    Column::optional("region"),
    Column::needed("date"),
    Column::needed("van"),
    Column::needed("stop_order"),
    Column::needed("site_code"),
    Column::optional("site_name"),
    Column::needed("employer_code"),
    Column::optional("employer_name"),
    Column::optional("address"),
    Column::optional("city"),
    Column::optional("state"),
    Column::optional("postal_code"),
    Column::needed("time_zone"),
    Column::needed("arrive"),
    Column::needed("depart"),
    Column::needed("crew"),
];

const STOPS_OF_A_DAY_MAX: i64 = 1_000;

/// What a row says, as far as it could be read; the problems are in `row`.
pub(super) struct Halt {
    pub row: Row,
    pub van: Option<String>,
    pub day: Option<NaiveDate>,
    pub position: Option<u32>,
    pub site: Option<String>,
    pub arrive: Option<Moment>,
    pub depart: Option<Moment>,
    pub crew: Vec<StaffId>,
    employer: Option<EmployerId>,
    zone: Option<Tz>,
}

impl Halt {
    pub fn read(office: &Office<'_>, mut row: Row) -> Self {
        let position = row.number("stop_order", 1, STOPS_OF_A_DAY_MAX);
        if position.is_none() {
            row.refuse::<()>("stop_order", "is missing");
        }
        let day = row.needed_day("date");
        let zone = row.needed_code("time_zone").and_then(|name| {
            let unknown = "is not a time zone; write its IANA name, such as America/New_York";
            name.parse::<Tz>().ok().or_else(|| row.refuse("time_zone", unknown))
        });
        let employer = row.needed_code("employer_code").and_then(|code| {
            let id = office.names.employer(&code);
            let unknown = "is not known; import the employers first";
            if office.is_known(id) { Some(id) } else { row.refuse("employer_code", unknown) }
        });
        let arrive = wall_time(&mut row, "arrive", zone.zip(day));
        let depart = wall_time(&mut row, "depart", zone.zip(day));
        if arrive.zip(depart).is_some_and(|(arrive, depart)| depart.at <= arrive.at) {
            row.refuse::<()>("depart", "is not after arrive");
        }
        Self {
            van: row.needed_code("van"),
            site: row.needed_code("site_code"),
            position: position.and_then(|position| u32::try_from(position).ok()),
            crew: crew(office, &mut row),
            row,
            day,
            arrive,
            depart,
            employer,
            zone,
        }
    }

    /// The site, van and route of this halt, and the stop itself; nothing where a part is missing. `earlier_visits`
    /// counts the van's halts at the same site before, on that day.
    pub fn records(&mut self, office: &Office<'_>, earlier_visits: usize) -> Vec<PlannedRecord> {
        let (Some(van), Some(day), Some(site)) = (&self.van, self.day, &self.site) else { return Vec::new() };
        let (van_id, site_id, route_id) =
            (office.names.van(van), office.names.site(site), office.names.route(van, day));
        let stop_id = office.names.stop(van, day, site, earlier_visits);
        let place = Site {
            code: Some(site.clone()),
            name: self.row.text("site_name"),
            employer: self.employer,
            address: self.row.text("address"),
            city: self.row.text("city"),
            state: self.row.text("state"),
            postal_code: self.row.text("postal_code"),
            time_zone: self.zone.map(|zone| zone.name().to_owned()),
        };
        let crew = self.crew.iter().map(StaffId::to_string).collect();
        let route = Route { van: Some(van_id), day: Some(day), note: None, crew: Some(crew) };
        let stop = Stop {
            route: Some(route_id),
            site: Some(site_id),
            position: self.position,
            arrive_at: self.arrive.map(|moment| moment.at),
            depart_at: self.depart.map(|moment| moment.at),
            offset_minutes_east: self.arrive.map(|moment| moment.offset_minutes_east),
            status: status(office, stop_id),
        };
        let van = Van { code: Some(van.clone()), name: None };
        let (of_region, of_route) = (office.region_bucket(), Bucket::Route(van_id, day));
        let line = self.row.line;
        [
            (site_id.into(), Site::KIND.number, Bucket::Site(site_id), place.values()),
            (van_id.into(), Van::KIND.number, of_region, van.values()),
            (route_id.into(), Route::KIND.number, of_route, route.values()),
            (stop_id.into(), Stop::KIND.number, of_route, stop.values()),
        ]
        .map(|(record, kind, bucket, values)| PlannedRecord { record, kind, bucket, values, line })
        .into()
    }
}

/// A stop on its way is never set back; one that an earlier schedule had dropped is planned again.
fn status(office: &Office<'_>, stop: StopId) -> Option<StopStatus> {
    let known = office.world.state(stop.into()).map(|state| Stop::read(&state).status);
    matches!(known, None | Some(Some(StopStatus::Cancelled))).then_some(StopStatus::Planned)
}

fn wall_time(row: &mut Row, column: &str, place: Option<(Tz, NaiveDate)>) -> Option<Moment> {
    if row.cell(column).is_empty() {
        return row.refuse(column, "is missing");
    }
    let Some(time) = time(row.cell(column)) else {
        return row.refuse(column, "is not a time; write 06:00 or 6:00 AM");
    };
    let (zone, day) = place?;
    moment(zone, day, time).or_else(|reason| row.refuse(column, reason).ok_or(())).ok()
}

fn crew(office: &Office<'_>, row: &mut Row) -> Vec<StaffId> {
    let cell = row.cell("crew").to_owned();
    let mut crew = Vec::new();
    for code in cell.split([';', ',', '|', '\n']).map(str::trim).filter(|code| !code.is_empty()) {
        let id = office.names.staff(code);
        if !office.is_known(id) {
            row.refuse_part("crew", code, "is not known; import the staff first");
        }
        if !crew.contains(&id) {
            crew.push(id);
        }
    }
    crew
}
