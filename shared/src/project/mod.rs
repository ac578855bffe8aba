//! From a record's state to the rows that stores keep for finding it again: pure folds, so that any row can be
//! made anew from the log.

mod links;
mod search;

pub use links::{Link, links};
pub use search::{Match, Query, SearchRow, WhyFound, person_row, rank};

#[cfg(test)]
mod tests;
