//! What leaves the server as files for the plan's other systems. Each exit that says what was found or whom to call asks
//! the person's consent that is in force, and says how much it left out for want of it. Linked entries leave as one
//! person.

mod people;

mod charges;
mod gap_file;
mod gaps;
mod visit;

pub use charges::{ChargeExport, charges};
pub use gaps::{Remainder, remainder};
pub use visit::{VisitExport, VisitExportError, visit};

#[cfg(test)]
mod tests;
