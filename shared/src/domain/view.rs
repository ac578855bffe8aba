//! That somebody looked at a person's record (FHIR AuditEvent, subtype read). It stands in the same hash chain as what
//! was written, and goes up only: the server keeps it and hands it to no van. Never clinical data.

use crate::ids::{StaffId, VisitId};
use crate::record::{KindNumber, fact_kind};

fact_kind! {
    /// One look at a record. Its subject is the person, its time is when.
    View, 106, "AuditEvent" {
        1 staff: StaffId;
        /// The visit that was opened, where it was one.
        2 visit: VisitId;
        /// Why: the screen that showed it.
        3 screen: String;
    }
}

/// Looks by the same member of staff at the same person within this time are one.
pub const SAME_LOOK_MS: i64 = 15 * 60_000;

/// Facts of this kind are kept by the server and handed to no van: who looked at what is the office's business.
pub const UP_ONLY: KindNumber = View::KIND.number;

pub fn goes_up_only(kind: KindNumber) -> bool {
    kind == UP_ONLY
}
