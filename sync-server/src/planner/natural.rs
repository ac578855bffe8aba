//! Ids that follow from what the office calls a thing, so that the same row is the same record on every import
//! and on every server of the region. Never for what a van makes: those ids are random.

use chrono::NaiveDate;
use shared::domain::account::{Employer, Membership};
use shared::domain::care_gap::CareGap;
use shared::domain::names::fold;
use shared::domain::person::{Person, Relation};
use shared::domain::route::{RosterEntry, Route, Site, Staff, Stop, Van};
use shared::ids::{
    CareGapId, EmployerId, MembershipId, PersonId, RecordId, RegionId, RosterEntryId, RouteId, SiteId,
    StaffId, StopId, VanId,
};
use shared::record::KindNumber;
use shared::time::PartialDate;

/// Changing it would part every imported record from its past.
const CONTEXT: &str = "caravan planner natural id v1";

/// The id of the record of a kind that a region knows by `parts`: a UUID of version 8 (RFC 9562, free form).
pub fn natural_id(region: RegionId, kind: KindNumber, parts: &[&str]) -> RecordId {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(&region.0.to_be_bytes()).update(&kind.0.to_be_bytes());
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes()).update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    RecordId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Codes are typed by hand: small letters and capitals mean the same.
fn key(code: &str) -> String {
    code.to_ascii_uppercase()
}

/// The names that one region gives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names(pub RegionId);

impl Names {
    fn id(self, kind: KindNumber, parts: &[&str]) -> RecordId {
        natural_id(self.0, kind, parts)
    }
    pub fn employer(self, code: &str) -> EmployerId {
        self.id(Employer::KIND.number, &[&key(code)]).into()
    }
    pub fn site(self, code: &str) -> SiteId {
        self.id(Site::KIND.number, &[&key(code)]).into()
    }
    pub fn van(self, code: &str) -> VanId {
        self.id(Van::KIND.number, &[&key(code)]).into()
    }
    pub fn staff(self, code: &str) -> StaffId {
        self.id(Staff::KIND.number, &[&key(code)]).into()
    }
    pub fn route(self, van: &str, day: NaiveDate) -> RouteId {
        self.id(Route::KIND.number, &[&key(van), &day.to_string()]).into()
    }
    /// By site and how often the van was there before on that day, not by place in the day: a planner who swaps
    /// two stops moves them.
    pub fn stop(self, van: &str, day: NaiveDate, site: &str, earlier_visits: usize) -> StopId {
        let parts = [key(van), day.to_string(), key(site), earlier_visits.to_string()];
        self.id(Stop::KIND.number, &parts.each_ref().map(String::as_str)).into()
    }
    /// By badge alone: a corrected name or birth date changes the person instead of making another.
    pub fn employee(self, employer: &str, number: &str) -> PersonId {
        self.id(Person::KIND.number, &[&key(employer), &key(number)]).into()
    }
    /// Dependents have no badge. A corrected given name or birth date makes another person, which the vans' search
    /// for duplicates then shows beside the old one.
    pub fn dependent(
        self,
        employer: &str,
        number: &str,
        relation: Relation,
        given_name: &str,
        born: PartialDate,
    ) -> PersonId {
        let folded = fold(given_name);
        let given = if folded.is_empty() { given_name.to_owned() } else { folded };
        let parts = [key(employer), key(number), relation.code().to_owned(), given, born.to_string()];
        self.id(Person::KIND.number, &parts.each_ref().map(String::as_str)).into()
    }
    pub fn membership(self, member_number: &str) -> MembershipId {
        self.id(Membership::KIND.number, &[&key(member_number)]).into()
    }
    pub fn roster_entry(self, site: SiteId, person: PersonId) -> RosterEntryId {
        self.id(RosterEntry::KIND.number, &[&site.to_string(), &person.to_string()]).into()
    }
    /// One rule has one gap a person: a new due date changes it.
    pub fn care_gap(self, member_number: &str, rule: &str) -> CareGapId {
        self.id(CareGap::KIND.number, &[&key(member_number), rule]).into()
    }
}
