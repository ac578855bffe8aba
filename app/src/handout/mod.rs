//! The page that a person takes home: what was found, what it means, what comes next, who helps, in their language and
//! in large type. It becomes a PDF in memory and goes to a printer. Never a diagnosis, and never a file of its own
//! accord.

mod code;
mod layout;
mod pdf;
mod printer;

pub use code::{Code, QUIET_MODULES};
pub use pdf::pdf;
pub use printer::{Patience, PrintError, print};

use shared::content::Language;

/// One thing on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub title: String,
    /// Empty for none.
    pub detail: String,
}

/// A heading with what stands below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub heading: String,
    pub items: Vec<Item>,
}

/// The whole page in the order in which it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handout {
    pub language: Language,
    pub title: String,
    /// Whose, where and when.
    pub subtitle: String,
    pub sections: Vec<Section>,
    /// A code with what stands beside it for whoever has no telephone to read it with.
    pub code: Option<(Code, Item)>,
    /// What to do in an emergency.
    pub footer: String,
}

#[cfg(test)]
mod tests;
