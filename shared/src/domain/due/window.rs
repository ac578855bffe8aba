//! How long evidence counts, by the calendar. Never what the evidence is.

use crate::content::gaps::rule::Window;
use chrono::{Datelike, Months, NaiveDate};

impl Window {
    /// Whether evidence of a day still counts today.
    pub fn holds(self, on: NaiveDate, today: NaiveDate) -> bool {
        on <= today && self.until(on).is_none_or(|until| today <= until)
    }

    /// The last day on which evidence of a day counts; open when it counts for ever.
    pub fn until(self, on: NaiveDate) -> Option<NaiveDate> {
        let year_end = |year: i32| NaiveDate::from_ymd_opt(year, 12, 31);
        match self {
            Window::Ever => None,
            Window::Years(years) => year_end(on.year() + i32::from(years) - 1),
            Window::Months(months) => {
                on.checked_add_months(Months::new(months.into())).and_then(|day| day.pred_opt())
            }
            // The last year whose window of whole months before its end still holds the day.
            Window::MonthsBeforeYearEnd(months) => {
                let month = on.year() * 12 + on.month0() as i32;
                year_end((month + i32::from(months)).div_euclid(12) - 1)
            }
            Window::Season => NaiveDate::from_ymd_opt(on.year() + i32::from(on.month() >= 7), 6, 30),
        }
    }
}
