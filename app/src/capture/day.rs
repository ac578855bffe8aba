//! Today's route, its stops, the board of a stop, and whether the day pack is whole.

use super::desk::{CaptureError, Desk, Undo, set};
use crate::store::{LinkedKind, MetaReads, RecordReads};
use chrono::NaiveDate;
use shared::domain::care_gap::{CareGap, GapStatus, care_gap_fields};
use shared::domain::person::Person;
use shared::domain::route::{
    RosterEntry, Route, Site, Stop, StopStatus, roster_entry_fields, route_fields, stop_fields,
};
use shared::domain::visit::{Station, Visit, VisitStatus, visit_fields};
use shared::ids::{PersonId, RouteId, SiteId, StopId, VisitId};
use shared::record::FieldType;
use shared::time::Timestamp;

const STOPS_OF_ROUTE: LinkedKind = LinkedKind::new(&Stop::KIND, stop_fields::route);
const ROUTES_OF_VAN: LinkedKind = LinkedKind::new(&Route::KIND, route_fields::van);
const EXPECTED_AT_SITE: LinkedKind = LinkedKind::new(&RosterEntry::KIND, roster_entry_fields::site);
pub(super) const VISITS_AT_STOP: LinkedKind = LinkedKind::new(&Visit::KIND, visit_fields::stop);
pub(super) const GAPS_OF_PERSON: LinkedKind = LinkedKind::new(&CareGap::KIND, care_gap_fields::person);

/// A van's day.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    pub route: Option<RouteId>,
    pub day: NaiveDate,
    /// The planner's words to the crew.
    pub note: Option<String>,
    /// In the order of the route.
    pub stops: Vec<StopView>,
    pub pack: PackState,
}

/// One stop as Today shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct StopView {
    pub id: StopId,
    pub site: SiteId,
    pub site_name: String,
    pub address: String,
    pub arrive_at: Option<Timestamp>,
    pub depart_at: Option<Timestamp>,
    pub offset_minutes_east: i64,
    pub status: StopStatus,
    pub expected: usize,
    pub seen: usize,
}

/// Where the van can be met after a visit.
#[derive(Clone, Debug, PartialEq)]
pub struct NextStop {
    pub stop: StopView,
    /// It is where the visit was.
    pub is_same_site: bool,
}

/// Whether everything for the day is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackState {
    /// Nothing came yet.
    None,
    /// Something came, but not all: one line each.
    Missing(Vec<String>),
    /// The server said that this was all.
    Complete { people: usize, at: Timestamp },
}

/// The queue of a stop.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    pub waiting: Vec<Card>,
    pub vitals: Vec<Card>,
    pub nurse: Vec<Card>,
    pub done: Vec<Card>,
}

/// One visit on the board.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    pub visit: VisitId,
    pub person: PersonId,
    pub name: String,
    pub language: Option<String>,
    pub checked_in_at: Timestamp,
    pub open_gaps: usize,
}

/// A day of the van with its stops, in the order of the route.
pub(super) struct PlannedDay {
    pub id: RouteId,
    pub route: Route,
    pub stops: Vec<(StopId, Stop)>,
}

impl Desk {
    /// Today's route by the time at its own stops; the next one when there is none today.
    pub fn today(&self) -> Result<Day, CaptureError> {
        let coming = self.planned_days()?.into_iter().filter(|day| self.is_coming(day));
        let Some(PlannedDay { id, route, stops }) = coming.min_by_key(|day| day.route.day) else {
            let (day, pack) = (self.local_day()?, self.pack(&[])?);
            return Ok(Day { route: None, day, note: None, stops: vec![], pack });
        };
        let stops = stops.into_iter().map(|(id, stop)| self.stop_view(id, stop));
        let stops = stops.collect::<Result<Vec<_>, _>>()?;
        let (day, pack) = (route.day.map_or_else(|| self.local_day(), Ok)?, self.pack(&stops)?);
        Ok(Day { route: Some(id), day, note: route.note, stops, pack })
    }

    /// Every day of this van that is here.
    pub(super) fn planned_days(&self) -> Result<Vec<PlannedDay>, CaptureError> {
        let mut days = Vec::new();
        for (id, state) in self.store.linked(self.identity.van_id().into(), ROUTES_OF_VAN)? {
            let stops = self.store.linked(id, STOPS_OF_ROUTE)?;
            let mut stops: Vec<(StopId, Stop)> =
                stops.iter().map(|(id, state)| ((*id).into(), Stop::read(state))).collect();
            stops.sort_by_key(|(_, stop)| stop.position.unwrap_or(u32::MAX));
            days.push(PlannedDay { id: id.into(), route: Route::read(&state), stops });
        }
        Ok(days)
    }

    /// One stop.
    pub fn stop(&self, id: StopId) -> Result<StopView, CaptureError> {
        let stop = Stop::read(&self.state(id.into())?);
        self.stop_view(id, stop)
    }

    fn stop_view(&self, id: StopId, stop: Stop) -> Result<StopView, CaptureError> {
        let site_id = stop.site.ok_or(CaptureError::Gone)?;
        let site = self.store.state(site_id.into())?.map(|state| Site::read(&state)).unwrap_or_default();
        let address =
            [site.address, site.city, site.state].into_iter().flatten().collect::<Vec<_>>().join(", ");
        Ok(StopView {
            id,
            site: site_id,
            site_name: site.name.or(site.code).unwrap_or_default(),
            address,
            arrive_at: stop.arrive_at,
            depart_at: stop.depart_at,
            offset_minutes_east: stop.offset_minutes_east.unwrap_or(0),
            status: stop.status.unwrap_or(StopStatus::Planned),
            expected: self.store.count_linked(site_id.into(), EXPECTED_AT_SITE)?,
            seen: self.store.count_linked(id.into(), VISITS_AT_STOP)?,
        })
    }

    fn pack(&self, stops: &[StopView]) -> Result<PackState, CaptureError> {
        let Some(at) = self.store.complete_at()? else {
            return Ok(if self.store.cursor()?.is_empty() {
                PackState::None
            } else {
                PackState::Missing(vec![])
            });
        };
        let missing: Vec<String> =
            stops.iter().filter(|stop| stop.site_name.is_empty()).map(|stop| stop.id.to_string()).collect();
        if missing.is_empty() {
            Ok(PackState::Complete { people: self.store.count_people()?, at })
        } else {
            Ok(PackState::Missing(missing))
        }
    }

    /// Marks a stop as arrived at or departed from.
    pub fn set_stop_status(&mut self, stop: StopId, status: StopStatus) -> Result<Undo, CaptureError> {
        let state = self.state(stop.into())?;
        let route = Stop::read(&state).route.ok_or(CaptureError::Gone)?;
        let route = Route::read(&self.state(route.into())?);
        let bucket = match (route.van, route.day) {
            (Some(van), Some(day)) => shared::change::Bucket::Route(van, day),
            _ => return Err(CaptureError::Gone),
        };
        self.write(
            bucket,
            None,
            vec![set(&Stop::KIND, stop, vec![(stop_fields::status.into(), status.to_value())])],
        )
    }

    /// The queue of a stop: who waits longest first; of the done, the latest first.
    pub fn board(&self, stop: StopId) -> Result<Board, CaptureError> {
        let mut board = Board::default();
        for (id, state) in self.store.linked(stop.into(), VISITS_AT_STOP)? {
            let visit = Visit::read(&state);
            let Some(person_id) = visit.person else { continue };
            if visit.status == Some(VisitStatus::Cancelled) {
                continue;
            }
            let person =
                self.store.state(person_id.into())?.map(|state| Person::read(&state)).unwrap_or_default();
            let card = Card {
                visit: id.into(),
                person: person_id,
                name: person.spoken_name(),
                language: person.language,
                checked_in_at: visit.checked_in_at.unwrap_or_default(),
                open_gaps: self.open_gaps(person_id)?,
            };
            match (visit.status, visit.station) {
                (Some(VisitStatus::Finished), _) | (_, Some(Station::Done)) => board.done.push(card),
                (_, Some(Station::Vitals)) => board.vitals.push(card),
                (_, Some(Station::Nurse)) => board.nurse.push(card),
                _ => board.waiting.push(card),
            }
        }
        for column in [&mut board.waiting, &mut board.vitals, &mut board.nurse, &mut board.done] {
            column.sort_by_key(|card| (card.checked_in_at, card.visit));
        }
        board.done.reverse();
        Ok(board)
    }

    fn open_gaps(&self, person: PersonId) -> Result<usize, CaptureError> {
        let gaps = self.store.linked(person.into(), GAPS_OF_PERSON)?;
        Ok(gaps.iter().filter(|(_, state)| CareGap::read(state).status == Some(GapStatus::Open)).count())
    }

    /// The van's next planned stop at the site of a visit; else its next one anywhere, by what this device knows.
    pub fn next_stop(&self, visit: VisitId) -> Result<Option<NextStop>, CaptureError> {
        let (_, site) = self.who_and_where(visit)?;
        let now = self.now();
        let mut coming: Vec<(bool, Timestamp, StopId)> = Vec::new();
        for (route, _) in self.store.linked(self.identity.van_id().into(), ROUTES_OF_VAN)? {
            for (id, state) in self.store.linked(route, STOPS_OF_ROUTE)? {
                let stop = Stop::read(&state);
                let is_planned = stop.status.unwrap_or(StopStatus::Planned) == StopStatus::Planned;
                if let Some(at) = stop.arrive_at.filter(|at| is_planned && *at > now) {
                    coming.push((stop.site != Some(site), at, id.into()));
                }
            }
        }
        let Some((is_elsewhere, _, id)) = coming.into_iter().min() else { return Ok(None) };
        Ok(Some(NextStop { stop: self.stop(id)?, is_same_site: !is_elsewhere }))
    }

    /// What people call a site; empty when it is not here.
    pub fn site_name(&self, site: SiteId) -> Result<String, CaptureError> {
        let site = self.store.state(site.into())?.map(|state| Site::read(&state)).unwrap_or_default();
        Ok(site.name.or(site.code).unwrap_or_default())
    }
}
