//! Which day it is where vans stop, for what an operator reads or hands on. Never which day a visit was: that is written
//! with the visit, by the clock of its stop.

use crate::holdings::Holdings;
use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use shared::domain::route::Site;
use shared::time::Timestamp;

/// Today at the westernmost of the sites that are held, so that nobody's cover ends and nothing is overdue before the
/// evening does; in UTC where no site names its zone. `Site` must be among the kinds that were read.
pub(crate) fn today(held: &Holdings, now: Timestamp) -> NaiveDate {
    let utc = DateTime::from_timestamp_millis(now.milliseconds()).unwrap_or_default();
    let sites = held.records.values().filter(|state| state.kind == Site::KIND.number).map(Site::read);
    let zones = sites.filter_map(|site| site.time_zone?.parse::<Tz>().ok());
    zones.map(|zone| utc.with_timezone(&zone).date_naive()).min().unwrap_or(utc.date_naive())
}
