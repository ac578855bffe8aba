//! The controllers: each owns an adapter of the window and decides what it shows and what a tap does. They read and
//! write through `capture` only; layout and view state stand in `ui/`. Never SQL, never the network.
//!
//! In reading order: what all share (`state`, `frame`, `undo`, `dialog`), words (`format`, `words`, …), then one
//! file a screen in the order of a day.

/// What the compiler makes of `ui/*.slint`.
pub mod ui {
    slint::include_modules!();
}

pub(crate) mod state;

pub(crate) mod dialog;
pub(crate) mod frame;
pub(crate) mod trouble;
pub(crate) mod undo;

pub(crate) mod fonts;
pub mod format;
pub(crate) mod judged;
pub(crate) mod readings;
pub(crate) mod vital;
pub(crate) mod words;

pub(crate) mod crew;
pub(crate) mod sign_in;
mod sign_in_late;
pub(crate) mod sign_in_words;
pub(crate) mod today;

pub(crate) mod candidates;
pub(crate) mod find;
pub(crate) mod register;
pub(crate) mod stop;

pub(crate) mod check_in;
pub(crate) mod conditions;
pub(crate) mod contact;
pub(crate) mod person;
pub(crate) mod results;
pub(crate) mod signature;

pub(crate) mod critical;
pub(crate) mod entry;
pub(crate) mod evidence;
pub(crate) mod forms;
pub(crate) mod gap_care;
pub(crate) mod question;
mod question_more;
pub(crate) mod question_page;
pub(crate) mod summary;
pub(crate) mod take_home;
pub(crate) mod visit;
pub(crate) mod visit_gaps;
pub(crate) mod vitals;
pub(crate) mod vitals_tiles;

pub(crate) mod field_values;
pub(crate) mod inbox;
pub(crate) mod inbox_follow_up;
pub(crate) mod inbox_task;
mod inbox_words;
pub(crate) mod refusal;
pub(crate) mod settings;
pub(crate) mod sync;

pub use sign_in::PIN_DIGITS;
