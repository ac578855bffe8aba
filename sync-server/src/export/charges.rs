//! The charge lines of all visits, as a CSV file for whoever bills. Each line stands as it was written at its visit. It
//! asks no consent: who was seen before a withdrawal was seen, and the line says nothing of what was found.

use super::gap_file::plain;
use super::people::{self, People};
use crate::holdings;
use crate::service::Service;
use crate::store::StoreResult;
use shared::change::Bucket;
use shared::domain::fee::Charge;
use shared::domain::route::Site;
use shared::domain::visit::Visit;
use shared::ids::PersonId;
use shared::record::Fact;

const COLUMNS: [&str; 10] = [
    "day",
    "visit",
    "person",
    "member_number",
    "payer",
    "fee_cents",
    "rule",
    "eligibility",
    "walk_up",
    "site_code",
];

/// A file of charge lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChargeExport {
    pub csv: Vec<u8>,
    pub rows: usize,
}

/// Every charge line, by day. It says that somebody was seen and who pays, and nothing of what was found.
pub async fn charges(service: &Service) -> StoreResult<ChargeExport> {
    let kinds = [Charge::KIND, Visit::KIND, Site::KIND].map(|kind| kind.number);
    let kinds: Vec<_> = people::KINDS.into_iter().chain(kinds).collect();
    let held = holdings::read(service, |bucket| matches!(bucket, Bucket::Site(_)), &kinds).await?;
    let people = People::of(&held);
    let site_code = |charge: &Charge| {
        let visit = charge.visit.and_then(|visit| held.records.get(&visit.into())).map(Visit::read)?;
        held.records.get(&visit.site?.into()).map(Site::read)?.code
    };
    let is_charge = |fact: &&Fact| fact.kind == Charge::KIND.number;
    let standing = |facts: &'_ [Fact], fact: &Fact| !facts.iter().any(|other| other.amends == Some(fact.id));
    let facts = held.facts.iter().flat_map(|(person, facts)| {
        facts.iter().filter(move |fact| standing(facts, fact)).map(move |fact| (*person, fact))
    });
    let mut lines: Vec<[String; 10]> = facts
        .filter(|(_, fact)| is_charge(fact))
        .map(|(entry, fact)| {
            let charge = Charge::read(fact);
            line(entry.into(), &charge, &people, site_code(&charge))
        })
        .collect();
    lines.sort();
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut write = |fields: &[String; 10]| out.write_record(fields).expect("memory takes what is written");
    write(&COLUMNS.map(str::to_owned));
    lines.iter().for_each(&mut write);
    Ok(ChargeExport { rows: lines.len(), csv: out.into_inner().expect("memory takes what is written") })
}

fn line(entry: PersonId, charge: &Charge, people: &People, site_code: Option<String>) -> [String; 10] {
    // By the day of the visit: who was a member then may be none today.
    let number = charge.day.map(|day| people.member_number(entry, day)).unwrap_or_default();
    [
        charge.day.map(|day| day.to_string()).unwrap_or_default(),
        charge.visit.map(|visit| visit.to_string()).unwrap_or_default(),
        people.head(entry).to_string(),
        plain(&number),
        charge.payer.map(|payer| payer.code().to_owned()).unwrap_or_default(),
        charge.fee_cents.map(|cents| cents.to_string()).unwrap_or_default(),
        plain(charge.rule.as_deref().unwrap_or_default()),
        charge.eligibility.map(|eligibility| eligibility.code().to_owned()).unwrap_or_default(),
        charge.walk_up.map(|walk_up| if walk_up { "yes" } else { "no" }.to_owned()).unwrap_or_default(),
        site_code.map(|code| plain(&code)).unwrap_or_default(),
    ]
}
