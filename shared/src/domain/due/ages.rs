//! Ages from dates that may be vague: every answer is sure or none.

use crate::time::PartialDate;
use chrono::{Datelike, Days, Months, NaiveDate};

/// A date of birth, if it is known.
#[derive(Clone, Copy)]
pub(super) struct Ages(pub Option<PartialDate>);

impl Ages {
    /// The lowest and the highest age in whole years that the person may have on a day.
    fn span(self, on: NaiveDate) -> Option<(i32, i32)> {
        let born = self.0?;
        let age = |born: NaiveDate| {
            on.year() - born.year() - i32::from((on.month(), on.day()) < (born.month(), born.day()))
        };
        Some((age(born.latest()), age(born.earliest())))
    }

    /// Whether the age lies within on a day; nothing when the date of birth is too vague to say.
    pub fn within(self, from: u8, to: Option<u8>, on: NaiveDate) -> Option<bool> {
        let (low, high) = self.span(on)?;
        let holds = |age: i32| age >= i32::from(from) && to.is_none_or(|to| age <= i32::from(to));
        match (holds(low), holds(high)) {
            (true, true) => Some(true),
            (false, false) => Some(false),
            _ => None,
        }
    }
    /// Whether the person surely has an age on a day that may itself be vague.
    pub fn surely_at_least(self, age: u8, on: PartialDate) -> bool {
        self.span(on.earliest()).is_some_and(|(low, _)| low >= i32::from(age))
    }
    pub fn surely_below(self, age: u8, on: PartialDate) -> bool {
        self.span(on.latest()).is_some_and(|(_, high)| high < i32::from(age))
    }
    /// Whether so many days or more surely passed since birth.
    pub fn surely_days_old(self, days: u16, on: PartialDate) -> bool {
        let reached = self.0.and_then(|born| born.latest().checked_add_days(Days::new(days.into())));
        reached.is_some_and(|reached| reached <= on.earliest())
    }
    /// Whether a day surely is not after a birthday.
    pub fn surely_by_birthday(self, age: u8, on: PartialDate) -> bool {
        self.reached(age).is_some_and(|birthday| on.latest() <= birthday)
    }
    /// The first day on which the person may have had an age.
    pub fn reached(self, age: u8) -> Option<NaiveDate> {
        self.0?.earliest().checked_add_months(Months::new(u32::from(age) * 12))
    }
}
