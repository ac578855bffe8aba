//! Where and when: sites, vans, crews, a van's day and its stops, and who is expected.

use crate::ids::{EmployerId, PersonId, RosterEntryId, RouteId, SiteId, StaffId, StopId, VanId};
use crate::record::{coded_values, record_kind};
use crate::time::Timestamp;
use chrono::NaiveDate;

record_kind! {
    /// A place where vans stop (FHIR Location).
    Site, SiteId, site_fields, 4, "Location" {
        1 code: String, Latest;
        2 name: String, Latest;
        3 employer: EmployerId, Latest;
        4 address: String, Latest;
        5 city: String, Latest;
        6 state: String, Latest;
        7 postal_code: String, Latest;
        /// IANA name, such as America/Chicago.
        8 time_zone: String, Latest;
    }
}

record_kind! {
    /// A van (FHIR Location of mode kind).
    Van, VanId, van_fields, 5, "Location" {
        1 code: String, Latest;
        2 name: String, Latest;
    }
}

coded_values! {
    /// What a member of a crew may do.
    Role {
        Nurse = "nurse",
        MedicalAssistant = "medical_assistant",
        CommunityHealthWorker = "community_health_worker",
        Supervisor = "supervisor",
    }
}

record_kind! {
    /// A member of a crew (FHIR Practitioner).
    Staff, StaffId, staff_fields, 6, "Practitioner" {
        1 code: String, Latest;
        2 name: String, Latest;
        3 role: Role, Latest;
        /// Whether this person still works here.
        4 active: bool, Latest;
    }
}

record_kind! {
    /// A van's day.
    Route, RouteId, route_fields, 7, "Schedule" {
        1 van: VanId, Latest;
        2 day: NaiveDate, Latest;
        /// The planner's words to the crew.
        3 note: String, Latest;
        /// Ids of staff.
        4 crew: Vec<String>, Set;
    }
}

coded_values! {
    /// Where a stop stands.
    StopStatus { Planned = "planned", Arrived = "arrived", Departed = "departed", Cancelled = "cancelled" }
}

record_kind! {
    /// One halt of a van's day at a site (FHIR Appointment).
    Stop, StopId, stop_fields, 8, "Appointment" {
        1 route: RouteId, Latest;
        2 site: SiteId, Latest;
        /// Place in the day, from 1.
        3 position: u32, Latest;
        4 arrive_at: Timestamp, Latest;
        5 depart_at: Timestamp, Latest;
        /// Minutes east of UTC at the site on that day, so that a tablet without zone tables shows the right hour.
        6 offset_minutes_east: i64, Latest;
        7 status: StopStatus, Latest;
    }
}

record_kind! {
    /// One expected person of one site's employer.
    RosterEntry, RosterEntryId, roster_entry_fields, 9, "Group.member" {
        1 site: SiteId, Latest;
        2 person: PersonId, Latest;
        3 employer: EmployerId, Latest;
        /// The roster's day.
        4 day: NaiveDate, Latest;
        /// Whether the newest roster still names this person.
        5 expected: bool, Latest;
    }
}
