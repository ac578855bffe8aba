//! One person's visit to a van (FHIR Encounter, class FLD): where it stands and who does what.

use crate::ids::{PersonId, SiteId, StaffId, StopId, VanId, VisitId};
use crate::record::{coded_values, record_kind};
use crate::time::Timestamp;

coded_values! {
    /// The station where the person waits or is being seen.
    Station { Waiting = "waiting", Vitals = "vitals", Nurse = "nurse", Done = "done" }
}

coded_values! {
    /// How a visit ended, or that it has not (FHIR encounter-status).
    VisitStatus { InProgress = "in-progress", Finished = "finished", Cancelled = "cancelled" }
}

record_kind! {
    /// A visit.
    Visit, VisitId, visit_fields, 10, "Encounter" {
        1 person: PersonId, Latest;
        2 stop: StopId, Latest;
        3 site: SiteId, Latest;
        4 van: VanId, Latest;
        5 station: Station, Latest;
        6 status: VisitStatus, Latest;
        7 checked_in_at: Timestamp, Latest;
        8 finished_at: Timestamp, Latest;
        /// Which two identifiers were confirmed at check-in, in words such as "name, birth date".
        9 identifiers_confirmed: String, Review;
        10 checked_in_by: StaffId, Latest;
        /// What staff want the next station to know.
        11 note: String, Review;
        12 walk_up: bool, Latest;
    }
}
