//! The gaps that remain after the day, as a CSV file: what the plan gets back to act on. A person who does not agree
//! to be cared for is left out, and nobody who did not agree to be contacted is marked as somebody to call.

use crate::holdings;
use crate::service::Service;
use crate::store::StoreResult;
use chrono::NaiveDate;
use shared::change::Bucket;
use shared::content::consent::Scope;
use shared::domain::account::Membership;
use shared::domain::care_gap::{CareGap, GapStatus};
use shared::domain::consent::{Consent, in_force};
use shared::domain::person::Person;
use shared::domain::route::Staff;
use shared::ids::{CareGapId, PersonId, RecordId};
use std::collections::{BTreeMap, BTreeSet};

const COLUMNS: [&str; 11] = [
    "member_number",
    "person",
    "gap_id",
    "status",
    "due_since",
    "claimed_by",
    "reason",
    "follow_up_on",
    "follow_up_owner",
    "contact_by",
    "may_contact",
];

/// A file with what was left out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GapExport {
    pub csv: Vec<u8>,
    pub rows: usize,
    /// People whose gaps stay here, because they do not agree to be cared for.
    pub left_out: usize,
}

/// All gaps that are not closed; with `closed` also those that a van closed, so that the plan can close its own.
pub async fn gaps(service: &Service, closed: bool) -> StoreResult<GapExport> {
    let kinds =
        [CareGap::KIND, Person::KIND, Membership::KIND, Staff::KIND, Consent::KIND].map(|kind| kind.number);
    let wanted = |bucket: &Bucket| matches!(bucket, Bucket::Site(_) | Bucket::Staff(_));
    let held = holdings::read(service, wanted, &kinds).await?;
    let of_kind = |kind: &'static shared::record::Kind| {
        held.records.iter().filter(move |(_, state)| state.kind == kind.number)
    };
    let mut members: BTreeMap<PersonId, String> = BTreeMap::new();
    for (_, state) in of_kind(&Membership::KIND) {
        let membership = Membership::read(state);
        if let (Some(person), Some(number)) = (membership.person, membership.member_number) {
            members.entry(person).or_insert(number);
        }
    }
    let staff: BTreeMap<RecordId, String> =
        of_kind(&Staff::KIND).filter_map(|(id, state)| Some((*id, Staff::read(state).code?))).collect();
    let mut rows: Vec<(String, String, CareGapId, CareGap, String)> = Vec::new();
    let mut left_out: BTreeSet<PersonId> = BTreeSet::new();
    for (id, state) in of_kind(&CareGap::KIND) {
        let gap = CareGap::read(state);
        let Some(person) = gap.person else { continue };
        if gap.status == Some(GapStatus::Closed) && !closed {
            continue;
        }
        let consent = held.facts.get(&person.into()).and_then(|facts| in_force(facts.iter()));
        // The plan's own gap of somebody whom no van met goes back as it came; what a van wrote needs the person's word.
        let was_met = consent.is_some() || gap.visit.is_some() || gap.claimed_by.as_deref() == Some("van");
        let may_care = consent.as_ref().and_then(|consent| consent.care) == Some(true);
        if was_met && !may_care {
            left_out.insert(person);
            continue;
        }
        let contact_by = consent.map(|consent| channels(&consent)).unwrap_or_default();
        let number = members.get(&person).cloned().unwrap_or_default();
        rows.push((number, person.to_string(), (*id).into(), gap, contact_by));
    }
    rows.sort_by(|left, right| {
        (&left.0, &left.1, &left.3.rule, left.2).cmp(&(&right.0, &right.1, &right.3.rule, right.2))
    });
    let count = rows.len();
    Ok(GapExport { csv: write(&rows, &staff), rows: count, left_out: left_out.len() })
}

fn write(
    rows: &[(String, String, CareGapId, CareGap, String)],
    staff: &BTreeMap<RecordId, String>,
) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut line = |fields: [String; 11]| out.write_record(&fields).expect("memory takes what is written");
    line(COLUMNS.map(str::to_owned));
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    for (number, person, _, gap, contact_by) in rows {
        let owner = gap.follow_up_owner.map(RecordId::from);
        line([
            plain(number),
            person.clone(),
            plain(gap.rule.as_deref().unwrap_or_default()),
            gap.status.unwrap_or(GapStatus::Open).code().to_owned(),
            day(gap.due_since),
            plain(gap.claimed_by.as_deref().unwrap_or_default()),
            plain(gap.reason.as_deref().unwrap_or_default()),
            day(gap.follow_up_on),
            owner.and_then(|owner| staff.get(&owner).cloned()).map(|code| plain(&code)).unwrap_or_default(),
            contact_by.clone(),
            if contact_by.is_empty() { "no" } else { "yes" }.to_owned(),
        ]);
    }
    out.into_inner().expect("memory takes what is written")
}

/// How a person may be contacted, such as `call text`.
fn channels(consent: &Consent) -> String {
    let channels =
        [(Scope::OutreachCall, "call"), (Scope::OutreachText, "text"), (Scope::OutreachMail, "mail")];
    let agreed = channels.into_iter().filter(|(channel, _)| consent.may_contact(*channel));
    agreed.map(|(_, name)| name).collect::<Vec<_>>().join(" ")
}

/// A text that no spreadsheet takes for a formula.
pub(super) fn plain(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
