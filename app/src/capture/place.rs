//! Where the van stands, and which day it is there: the one day by which a desk judges what is due, who is covered, how
//! old somebody is and by when somebody comes back. Never the day in Greenwich, which in the west is over by afternoon.

use super::day::PlannedDay;
use super::desk::{CaptureError, Desk};
use crate::store::RecordReads;
use chrono::NaiveDate;
use shared::domain::route::{Stop, StopStatus};
use shared::ids::StopId;

/// The clock of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Here {
    /// Minutes east of UTC. What happened before is put on its day by the same clock.
    pub offset_minutes_east: i32,
    pub day: NaiveDate,
}

impl Desk {
    /// The stop at which work goes on; days are told by its clock. Nothing when none is open.
    pub fn stand_at(&mut self, stop: Option<StopId>) {
        self.open_stop = stop;
    }

    /// Minutes east of UTC where the van stands, or stands next: at the open stop, else at the one that was reached, else
    /// at the next one, else at the last one.
    pub fn offset_minutes_east(&self) -> Result<i64, CaptureError> {
        if let Some(stop) = self.open_stop
            && let Some(state) = self.store.state(stop.into())?
            && let Some(offset) = Stop::read(&state).offset_minutes_east
        {
            return Ok(offset);
        }
        let days = self.planned_days()?;
        let coming = days.iter().filter(|day| self.is_coming(day)).min_by_key(|day| day.route.day);
        let nearest = coming.or_else(|| days.iter().max_by_key(|day| day.route.day));
        let stops = nearest.map_or(&[][..], |day| &day.stops);
        let with =
            |wanted| stops.iter().find(|(_, stop)| stop.status.unwrap_or(StopStatus::Planned) == wanted);
        let here = with(StopStatus::Arrived).or_else(|| with(StopStatus::Planned)).or(stops.last());
        Ok(here.and_then(|(_, stop)| stop.offset_minutes_east).unwrap_or(0))
    }

    /// The day where the van stands.
    pub fn local_day(&self) -> Result<NaiveDate, CaptureError> {
        Ok(self.here()?.day)
    }

    pub(super) fn here(&self) -> Result<Here, CaptureError> {
        Ok(self.place_at(self.offset_minutes_east()?))
    }

    /// A place by its offset, such as a stop's.
    pub(super) fn place_at(&self, offset_minutes_east: i64) -> Here {
        let offset_minutes_east = offset_minutes_east as i32;
        Here { offset_minutes_east, day: self.now().day(offset_minutes_east) }
    }

    /// Whether a planned day is not over where its first stop is.
    pub(super) fn is_coming(&self, planned: &PlannedDay) -> bool {
        let offset = planned.stops.first().and_then(|(_, stop)| stop.offset_minutes_east).unwrap_or(0);
        planned.route.day.is_some_and(|day| day >= self.place_at(offset).day)
    }
}
