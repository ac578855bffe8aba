//! Sex for clinical use: which published threshold applies to a person.
//! Never gender or how a person wishes to be addressed, which belong to the person's record.

/// Which of two published thresholds applies. `Unknown` is an answer, and then the more careful one is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sex {
    Female,
    Male,
    #[default]
    Unknown,
}
