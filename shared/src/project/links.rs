//! Which records name which: the one index by which a store finds a person's gaps or a stop's visits.

use crate::domain::account::{Membership, membership_fields};
use crate::domain::care_gap::{CareGap, care_gap_fields};
use crate::domain::route::{RosterEntry, Route, Stop, roster_entry_fields, route_fields, stop_fields};
use crate::domain::task::{Task, task_fields};
use crate::domain::visit::{Visit, visit_fields};
use crate::ids::RecordId;
use crate::merge::RecordState;
use crate::record::{FieldNumber, KindNumber, Value};

/// A record of `kind` names `target` in `field`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    pub target: RecordId,
    pub field: FieldNumber,
}

/// The fields worth finding by, a kind.
const LINK_FIELDS: &[(KindNumber, &[FieldNumber])] = &[
    (Membership::KIND.number, &[membership_fields::person]),
    (Route::KIND.number, &[route_fields::van]),
    (Stop::KIND.number, &[stop_fields::route, stop_fields::site]),
    (RosterEntry::KIND.number, &[roster_entry_fields::site, roster_entry_fields::person]),
    (Visit::KIND.number, &[visit_fields::person, visit_fields::stop]),
    (CareGap::KIND.number, &[care_gap_fields::person]),
    (Task::KIND.number, &[task_fields::person]),
];

/// Every link of a record. Each concurrent value gives one, so that a conflict hides nothing.
pub fn links(state: &RecordState) -> Vec<Link> {
    let fields =
        LINK_FIELDS.iter().find(|(kind, _)| *kind == state.kind).map_or(&[][..], |(_, fields)| fields);
    let mut links = Vec::new();
    for field in fields {
        for written in state.standing(&(*field).into()) {
            if let Value::Id(uuid) = written.value {
                links.push(Link { target: RecordId::from_uuid(uuid), field: *field });
            }
        }
    }
    links.sort();
    links.dedup();
    links
}
