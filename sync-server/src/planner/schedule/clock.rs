//! Wall times at a site as moments. A time that clocks skip or repeat that night is refused: nobody guesses when a
//! crew starts.

use chrono::{LocalResult, NaiveDate, NaiveTime, Offset, TimeZone};
use chrono_tz::Tz;
use shared::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub at: Timestamp,
    pub offset_minutes_east: i64,
}

/// As planners and their spreadsheets write it.
const FORMS: [&str; 5] = ["%H:%M", "%I:%M %p", "%I:%M%p", "%H:%M:%S", "%I:%M:%S %p"];

pub(super) fn time(typed: &str) -> Option<NaiveTime> {
    FORMS.iter().find_map(|form| NaiveTime::parse_from_str(typed, form).ok())
}

/// When a clock at the site shows `time`, or why nobody can say.
pub(super) fn moment(zone: Tz, day: NaiveDate, time: NaiveTime) -> Result<Moment, String> {
    match zone.from_local_datetime(&day.and_time(time)) {
        LocalResult::Single(local) => Ok(Moment {
            at: Timestamp::from_milliseconds(local.timestamp_millis()),
            offset_minutes_east: i64::from(local.offset().fix().local_minus_utc() / 60),
        }),
        LocalResult::None => Err(format!("is skipped on {day} in {zone}: clocks go forward over it")),
        LocalResult::Ambiguous(..) => Err(format!("comes twice on {day} in {zone}: clocks go back over it")),
    }
}
