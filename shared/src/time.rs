//! Moments, the hybrid logical clock and dates that may be vague. Clocks order what is shown; they never
//! decide what is kept, and nobody here asks the machine for the time.

use chrono::{Datelike, NaiveDate};
use std::fmt;
use std::str::FromStr;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }
    pub const fn milliseconds(self) -> i64 {
        self.0
    }
    pub const fn plus_milliseconds(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }
    /// Calendar day at an offset east of UTC.
    pub fn day(self, offset_minutes_east: i32) -> NaiveDate {
        let local = self.0.saturating_add(i64::from(offset_minutes_east) * 60_000);
        chrono::DateTime::from_timestamp_millis(local).map_or(NaiveDate::MIN, |moment| moment.date_naive())
    }
}

/// A hybrid logical clock's stamp: 48 bits of milliseconds, then a 16-bit counter (Kulkarni et al., 2014).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(u64);

impl Stamp {
    const COUNTER_BITS: u32 = 16;
    const MILLISECONDS_MAX: u64 = (1 << 48) - 1;

    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    pub const fn bits(self) -> u64 {
        self.0
    }
    fn at(moment: Timestamp) -> Self {
        let milliseconds = (moment.0.max(0) as u64).min(Self::MILLISECONDS_MAX);
        Self(milliseconds << Self::COUNTER_BITS)
    }
    pub fn moment(self) -> Timestamp {
        Timestamp((self.0 >> Self::COUNTER_BITS) as i64)
    }
}

/// How far ahead of its own time a clock lets itself be dragged by somebody else's stamp.
pub const STAMP_LEAD_MS_MAX: i64 = 120_000;

/// One device's hybrid logical clock. A stamp from far in the future does not drag it along.
#[derive(Clone, Copy, Debug, Default)]
pub struct HybridClock {
    last: Stamp,
}

impl HybridClock {
    pub fn starting_after(last: Stamp) -> Self {
        Self { last }
    }
    /// The latest stamp given or observed.
    pub fn last(&self) -> Stamp {
        self.last
    }
    /// The stamp of a new change, later than every stamp given or observed before.
    pub fn tick(&mut self, now: Timestamp) -> Stamp {
        self.last = Stamp::at(now).max(Stamp(self.last.0.saturating_add(1)));
        self.last
    }
    /// Makes later ticks follow `seen`, unless its writer's clock is more than `STAMP_LEAD_MS_MAX` ahead.
    pub fn observe(&mut self, seen: Stamp, now: Timestamp) {
        if seen.moment() <= now.plus_milliseconds(STAMP_LEAD_MS_MAX) {
            self.last = self.last.max(seen);
        }
    }
}

/// A date as people know it: the year, the month of a year, or the day. Ordered by its earliest day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartialDate {
    Year(i32),
    Month(i32, u32),
    Day(NaiveDate),
}

/// Text that is not a year, a month or a day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a date; write 1975, 1975-04 or 1975-04-23")]
pub struct NotADate(pub String);

impl PartialDate {
    /// The first day that the date may mean.
    pub fn earliest(self) -> NaiveDate {
        match self {
            PartialDate::Year(year) => NaiveDate::from_ymd_opt(year, 1, 1),
            PartialDate::Month(year, month) => NaiveDate::from_ymd_opt(year, month, 1),
            PartialDate::Day(day) => Some(day),
        }
        .expect("a partial date is checked when it is made")
    }
    /// The last day that the date may mean.
    pub fn latest(self) -> NaiveDate {
        let next = match self {
            PartialDate::Day(day) => return day,
            PartialDate::Year(year) | PartialDate::Month(year, 12) => NaiveDate::from_ymd_opt(year + 1, 1, 1),
            PartialDate::Month(year, month) => NaiveDate::from_ymd_opt(year, month + 1, 1),
        };
        next.and_then(|first| first.pred_opt()).expect("a partial date is checked when it is made")
    }
    pub fn year(self) -> i32 {
        self.earliest().year()
    }
    /// Whole years from the earliest day to `on`, as a birthday counts them.
    pub fn age_years_on(self, on: NaiveDate) -> i32 {
        let born = self.earliest();
        on.year() - born.year() - i32::from((on.month(), on.day()) < (born.month(), born.day()))
    }
    /// Whether both may be the same day: a year fits every day in it.
    pub fn may_equal(self, other: PartialDate) -> bool {
        let (short, long) = (self.to_string(), other.to_string());
        short.starts_with(&long) || long.starts_with(&short)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PartialDate::Year(year) => write!(out, "{year:04}"),
            PartialDate::Month(year, month) => write!(out, "{year:04}-{month:02}"),
            PartialDate::Day(day) => write!(out, "{}", day.format("%Y-%m-%d")),
        }
    }
}

impl FromStr for PartialDate {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let parse = || {
            let mut parts = text.split('-');
            let number = |part: &str, digits: usize| {
                (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
                    .then(|| part.parse::<u32>().ok())?
            };
            let year = number(parts.next()?, 4).filter(|year| (1..=9999).contains(year))? as i32;
            let date = match (parts.next(), parts.next(), parts.next()) {
                (None, ..) => PartialDate::Year(year),
                (Some(month), None, _) => {
                    PartialDate::Month(year, number(month, 2).filter(|month| (1..=12).contains(month))?)
                }
                (Some(month), Some(day), None) => {
                    PartialDate::Day(NaiveDate::from_ymd_opt(year, number(month, 2)?, number(day, 2)?)?)
                }
                _ => return None,
            };
            Some(date)
        };
        parse().ok_or_else(|| NotADate(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests;
