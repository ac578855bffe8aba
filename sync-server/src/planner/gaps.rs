//! `gaps.csv`, or the same as FHIR: preventive care that members lack, as the plan knows it. An import never reopens a gap:
//! of a gap that is known the status is said only where the plan has closed it, and a gap that the file no longer names
//! stays as it is.

use super::PlannedRecord;
use super::gap_file::{MEASURE, OWN_ID, STATUS};
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
    /// The row in which each gap stood first, and where that is.
    rows: HashMap<CareGapId, (u64, String)>,
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
        let rule = rule(office, &mut row);
        let due_since = row.day("due_since");
        let claimed_by = row.choice("claimed_by", CLAIMANTS);
        let mut records = Vec::new();
        let is_closed = row.cell(STATUS) == GapStatus::Closed.code();
        if let (Some(number), Some(member), Some(rule)) = (number, member, rule) {
            let own = own_id(office, &mut row, &member, &rule);
            let id = own.unwrap_or_else(|| office.names.care_gap(&number, &rule));
            let (line, spot) = self.rows.entry(id).or_insert_with(|| (row.line, row.spot()));
            if *line != row.line {
                let twice = format!("stands twice for this member ({spot})");
                row.refuse::<()>(if row.cell(MEASURE).is_empty() { "gap_id" } else { MEASURE }, twice);
            }
            let known = office.world.state(id.into()).map(|state| CareGap::read(&state));
            let is_new = known.is_none();
            // The plan says that the care was given. Nobody need ever hear of a gap that came closed.
            let closes = is_closed && known.is_some_and(|known| known.status != Some(GapStatus::Closed));
            let status = match (is_new, closes) {
                (true, _) => Some(GapStatus::Open),
                (false, true) => Some(GapStatus::Closed),
                (false, false) => None,
            };
            let gap = CareGap {
                person: Some(member.person),
                rule: Some(rule.clone()),
                due_since,
                claimed_by: claimed_by.or(is_new.then_some("plan")).map(str::to_owned),
                status,
                ..CareGap::default()
            };
            let sites = if is_new && is_closed { Vec::new() } else { member.sites };
            records.extend(sites.into_iter().map(|bucket| PlannedRecord {
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

/// The rule by its id, or by the measure that it is of.
fn rule(office: &Office<'_>, row: &mut Row) -> Option<String> {
    let rules = office.world.gap_rules();
    if let Some(measure) = row.code(MEASURE) {
        let rule = rules.of_measure(&measure).map(|gap| gap.id.clone());
        return rule.or_else(|| row.refuse(MEASURE, "is no measure of the catalog of care gaps"));
    }
    let id = row.needed_code("gap_id")?.to_ascii_uppercase();
    let is_known = rules.find(&id).is_some();
    is_known.then_some(id).or_else(|| row.refuse("gap_id", "is not in the catalog of care gaps"))
}

/// The gap that this server gave the plan under an id, where the plan kept it: a van's own finding comes back as itself.
/// An id that nobody gave says nothing; one that is of another gap is refused.
fn own_id(office: &Office<'_>, row: &mut Row, member: &Member, rule: &str) -> Option<CareGapId> {
    let id: CareGapId = row.cell(OWN_ID).parse().ok()?;
    let state = office.world.state(id.into())?;
    let gap = CareGap::read(&state);
    let is_same = state.kind == CareGap::KIND.number
        && gap.person == Some(member.person)
        && gap.rule.as_deref() == Some(rule);
    if is_same { Some(id) } else { row.refuse(OWN_ID, "is of another person's gap, or of another rule's") }
}

fn column_of(_kind: KindNumber, field: FieldNumber) -> &'static str {
    match field {
        care_gap_fields::due_since => "due_since",
        care_gap_fields::claimed_by => "claimed_by",
        _ => "gap_id",
    }
}
