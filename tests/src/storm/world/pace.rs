//! How a world's time goes: how long it lasts, how long a line may be down, how busy people are.

use crate::storm::Case;

#[derive(Clone, Copy)]
pub struct Pace {
    pub calms: i64,
    pub hours_between_calms: i64,
    /// A line is up or down for at most so long.
    pub link_hours: i64,
    /// How much more seldom than on a busy day anything is done, so that the hours go by.
    pub slowness: i64,
}

const BUSY: Pace = Pace { calms: 4, hours_between_calms: 5, link_hours: 6, slowness: 1 };
/// Vans that are away for days.
const FAR: Pace = Pace { calms: 2, hours_between_calms: 40, link_hours: 60, slowness: 4 };
/// Vans that are away for up to thirty days.
const MONTH: Pace = Pace { calms: 1, hours_between_calms: 720, link_hours: 720, slowness: 12 };

impl Pace {
    /// Of sixteen worlds three are far and one lasts a month.
    pub fn of(case: &Case) -> Pace {
        match case.number % 16 {
            4 => MONTH,
            number if number % 4 == 3 => FAR,
            _ => BUSY,
        }
    }
}
