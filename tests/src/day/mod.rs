//! A whole van day on real parts: server, two vans, a cut cable, a killed process, and the comparison at the end.

mod compare;
mod conflict;
mod killed;
mod known;
mod pictures;
mod play;
mod server;
mod table;
mod take_home;
mod verify;
mod work;

pub use play::{DayError, Options, PIN, play};
pub use work::{WorkPlan, work_as_a_process};
