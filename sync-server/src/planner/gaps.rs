//! `gaps.csv`: preventive care that members lack, as the plan knows it. An import never reopens a gap: the status is
//! said of new ones only, and a gap that the file no longer names stays as it is.

use super::PlannedRecord;
use super::office::{Import, Office};
use super::plan::Draft;
use super::row::{Column, Row};
use shared::change::Bucket;
use shared::domain::account::Membership;
use shared::domain::care_gap::{CareGap, GapStatus, care_gap_fields};
use shared::ids::{CareGapId, PersonId};
use shared::record::{FieldNumber, KindNumber};
use std::collections::HashMap;

const COLUMNS: &[Column] = &[
    Column::needed("member_number"),
    Column::needed("gap_id"),
    Column::needed("due_since"),
    Column::optional("claimed_by"),
];

const CLAIMANTS: &[(&str, &str)] = &[("plan", "plan"), ("van", "van")];

#[derive(Clone)]
struct Member {
    person: PersonId,
    sites: Vec<Bucket>,
}

#[derive(Default)]
pub(super) struct GapImport {
    /// Members by number, or that nobody has it.
    members: HashMap<String, Option<Member>>,
    /// The line on which each gap stood first.
    lines: HashMap<CareGapId, u64>,
}

impl GapImport {
    fn member(&mut self, office: &Office<'_>, number: &str) -> Option<Member> {
        let look_up = || {
            let id = office.names.membership(number).into();
            let person = Membership::read(&office.world.state(id)?).person?;
            let buckets = office.world.buckets(id).into_iter();
            let sites: Vec<Bucket> = buckets.filter(|bucket| matches!(bucket, Bucket::Site(_))).collect();
            (!sites.is_empty()).then_some(Member { person, sites })
        };
        self.members.entry(number.to_ascii_uppercase()).or_insert_with(look_up).clone()
    }
}

impl Import for GapImport {
    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn row(&mut self, office: &Office<'_>, mut row: Row, draft: &mut Draft) {
        let number = row.needed_code("member_number");
        let member = number.as_deref().and_then(|number| {
            let unknown = "is not known: no roster named this member; import the roster first";
            self.member(office, number).or_else(|| row.refuse("member_number", unknown))
        });
        let rule = row.needed_code("gap_id").and_then(|id| {
            let id = id.to_ascii_uppercase();
            let is_known = office.world.has_gap_rule(&id);
            is_known.then_some(id).or_else(|| row.refuse("gap_id", "is not in the catalog of care gaps"))
        });
        let due_since = row.day("due_since");
        let claimed_by = row.choice("claimed_by", CLAIMANTS);
        let mut records = Vec::new();
        if let (Some(number), Some(member), Some(rule)) = (number, member, rule) {
            let id = office.names.care_gap(&number, &rule);
            let line = *self.lines.entry(id).or_insert(row.line);
            if line != row.line {
                row.refuse::<()>("gap_id", format!("stands twice for this member (line {line})"));
            }
            let is_new = office.world.state(id.into()).is_none();
            let gap = CareGap {
                person: Some(member.person),
                rule: Some(rule.clone()),
                due_since,
                claimed_by: claimed_by.or(is_new.then_some("plan")).map(str::to_owned),
                status: is_new.then_some(GapStatus::Open),
                ..CareGap::default()
            };
            records.extend(member.sites.into_iter().map(|bucket| PlannedRecord {
                record: id.into(),
                kind: CareGap::KIND.number,
                bucket,
                values: gap.values(),
                line: row.line,
            }));
        }
        draft.take(row, records, column_of);
    }
}

fn column_of(_kind: KindNumber, field: FieldNumber) -> &'static str {
    match field {
        care_gap_fields::due_since => "due_since",
        care_gap_fields::claimed_by => "claimed_by",
        _ => "gap_id",
    }
}
