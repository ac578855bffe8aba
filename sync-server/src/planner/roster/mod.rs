//! `roster.csv`: the people whom a site expects, with their cover. A person is named by badge, a dependent by the
//! employee's badge. Whoever the newest roster of a site and employer leaves out is no longer expected, unless some
//! row could not be read; nobody is ever removed.

mod entry;

use super::PlannedRecord;
use super::office::{Import, Office};
use super::plan::Draft;
use super::row::{Column, Row};
use entry::{Badge, COLUMNS, Cover, Entry};
use shared::change::Bucket;
use shared::domain::account::{Membership, membership_fields};
use shared::domain::person::{Person, Relation, person_fields};
use shared::domain::route::{RosterEntry, Site, roster_entry_fields};
use shared::ids::{EmployerId, MembershipId, PersonId, RosterEntryId, SiteId};
use shared::record::{FieldNumber, KindNumber, Value};
use std::collections::{BTreeSet, HashMap};

/// How many lines a note lists.
const LISTED_MAX: usize = 20;

/// An employee's row: where, and whether nothing is wrong with it.
#[derive(Clone, Copy)]
struct Employee {
    line: u64,
    is_good: bool,
}

#[derive(Default)]
pub(super) struct RosterImport {
    employees: HashMap<PersonId, Employee>,
    /// They may stand before their employee, so they wait for the end of the file.
    dependents: Vec<Entry>,
    /// The line on which each person of a site stood first.
    entries: HashMap<RosterEntryId, u64>,
    /// Whose each member number is, and the line that says so.
    members: HashMap<MembershipId, (PersonId, u64)>,
    covered: BTreeSet<(SiteId, EmployerId)>,
    moved_members: Vec<u64>,
    short_postal_codes: Vec<u64>,
}

impl Import for RosterImport {
    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn row(&mut self, office: &Office<'_>, row: Row, draft: &mut Draft) {
        let entry = Entry::read(office, row);
        match entry.relation {
            Some(Relation::Employee) => self.settle(office, entry, draft),
            _ => self.dependents.push(entry),
        }
    }

    fn finish(&mut self, office: &Office<'_>, draft: &mut Draft) {
        for mut entry in std::mem::take(&mut self.dependents) {
            self.check_employee(office, &mut entry);
            self.settle(office, entry, draft);
        }
        if draft.problems.is_empty() {
            self.let_go(office, draft);
        }
        let moved = "Member numbers that belonged to somebody else before";
        let short = "Postal codes of four digits, which may have lost a zero in a spreadsheet";
        for (what, lines) in [(moved, &mut self.moved_members), (short, &mut self.short_postal_codes)] {
            lines.sort_unstable();
            let listed: Vec<String> = lines.iter().take(LISTED_MAX).map(u64::to_string).collect();
            let more = if lines.len() > LISTED_MAX { "…" } else { "" };
            if !lines.is_empty() {
                draft.notes.push(format!("{what}: {} (lines {}{more}).", lines.len(), listed.join(", ")));
            }
        }
    }
}

impl RosterImport {
    /// A dependent belongs to an employee of this file or of an earlier one.
    fn check_employee(&self, office: &Office<'_>, entry: &mut Entry) {
        let Some(Badge { employer_code, number, .. }) = &entry.badge else { return };
        let employee = office.names.employee(employer_code, number);
        match self.employees.get(&employee) {
            Some(Employee { is_good: true, .. }) => {}
            _ if office.is_known(employee) => {}
            Some(Employee { line, .. }) => {
                entry.row.refuse::<()>(
                    "employee_of",
                    format!("names the employee of line {line}, which has a problem"),
                );
            }
            None => {
                entry.row.refuse::<()>("employee_of", "is nobody's employee number, in this file or before");
            }
        }
    }

    fn settle(&mut self, office: &Office<'_>, mut entry: Entry, draft: &mut Draft) {
        let Some(person) = entry.person_id(office) else {
            draft.take(entry.row, Vec::new(), column_of);
            return;
        };
        let line = entry.row.line;
        let is_employee = entry.relation == Some(Relation::Employee);
        if let Some(site) = entry.site {
            let first = *self.entries.entry(office.names.roster_entry(site, person)).or_insert(line);
            if first != line {
                let column = if is_employee { "employee_number" } else { "given_name" };
                entry.row.refuse::<()>(column, format!("stands twice (line {first})"));
            }
        }
        if let Some(cover) = &entry.cover {
            let membership = office.names.membership(&cover.member_number);
            let (owner, first) = *self.members.entry(membership).or_insert((person, line));
            if owner != person {
                entry.row.refuse::<()>("member_number", format!("stands twice (line {first})"));
            }
        }
        let records = self.records(office, &entry, person);
        let has_short_code = is_short_postal_code(entry.row.cell("postal_code"));
        let moved = entry.cover.as_ref().is_some_and(|cover| is_moved(office, cover, person));
        let covered = entry.site.zip(entry.badge.as_ref().map(|badge| badge.employer));
        let is_good = draft.take(entry.row, records, column_of);
        if is_employee {
            let employee = self.employees.entry(person).or_insert(Employee { line, is_good });
            employee.is_good |= is_good;
        }
        if is_good {
            self.covered.extend(covered);
            self.moved_members.extend(moved.then_some(line));
            self.short_postal_codes.extend(has_short_code.then_some(line));
        }
    }

    fn records(&self, office: &Office<'_>, entry: &Entry, id: PersonId) -> Vec<PlannedRecord> {
        let (Some(site), Some(person), Some(badge)) = (entry.site, &entry.person, &entry.badge) else {
            return Vec::new();
        };
        let entry_id = office.names.roster_entry(site, id);
        let known = office.world.state(entry_id.into()).map(|state| RosterEntry::read(&state));
        let was_expected = known.and_then(|known| known.expected) == Some(true);
        let roster_entry = RosterEntry {
            site: Some(site),
            person: Some(id),
            employer: Some(badge.employer),
            // The same roster on another day says nothing new.
            day: (!was_expected).then_some(office.today),
            expected: Some(true),
        };
        let mut records = vec![
            (id.into(), Person::KIND.number, person.values()),
            (entry_id.into(), RosterEntry::KIND.number, roster_entry.values()),
        ];
        if let Some(cover) = &entry.cover {
            let membership = office.names.membership(&cover.member_number);
            records.push((membership.into(), Membership::KIND.number, cover_values(cover, id)));
        }
        let (bucket, line) = (Bucket::Site(site), entry.row.line);
        let planned = |(record, kind, values)| PlannedRecord { record, kind, bucket, values, line };
        records.into_iter().map(planned).collect()
    }

    /// Stops expecting people whom an earlier roster of the same sites and employers named. Entries that a van
    /// made are not of any roster.
    fn let_go(&self, office: &Office<'_>, draft: &mut Draft) {
        let sites: BTreeSet<SiteId> = self.covered.iter().map(|(site, _)| *site).collect();
        for site in sites {
            let bucket = Bucket::Site(site);
            let mut gone = 0;
            for (record, state) in office.world.members(bucket, RosterEntry::KIND.number) {
                let entry = RosterEntry::read(&state);
                let is_covered =
                    entry.employer.is_some_and(|employer| self.covered.contains(&(site, employer)));
                let is_ours = entry
                    .person
                    .is_some_and(|person| record == office.names.roster_entry(site, person).into());
                let is_named = self.entries.contains_key(&record.into());
                if is_covered && is_ours && !is_named && entry.expected == Some(true) {
                    let values = vec![(roster_entry_fields::expected.into(), Value::Boolean(false))];
                    let kind = RosterEntry::KIND.number;
                    draft.add(PlannedRecord { record, kind, bucket, values, line: 0 });
                    gone += 1;
                }
            }
            if gone > 0 {
                let state = office.world.state(site.into());
                let code =
                    state.and_then(|state| Site::read(&state).code).unwrap_or_else(|| site.to_string());
                draft.notes.push(format!(
                    "People of {code} who are not in this file and no longer expected: {gone}."
                ));
            }
        }
    }
}

/// Cover that is given without a last day is open: the last day that was known before is taken back.
fn cover_values(cover: &Cover, person: PersonId) -> Vec<(shared::record::FieldKey, Value)> {
    let membership = Membership {
        person: Some(person),
        member_number: Some(cover.member_number.clone()),
        plan: cover.plan.clone(),
        covered_from: cover.from,
        covered_to: cover.to,
    };
    let mut values = membership.values();
    if cover.from.is_some() && cover.to.is_none() {
        values.push((membership_fields::covered_to.into(), Value::Null));
    }
    values
}

fn is_moved(office: &Office<'_>, cover: &Cover, person: PersonId) -> bool {
    let known = office.world.state(office.names.membership(&cover.member_number).into());
    known.and_then(|state| Membership::read(&state).person).is_some_and(|owner| owner != person)
}

fn is_short_postal_code(code: &str) -> bool {
    code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit())
}

fn column_of(kind: KindNumber, field: FieldNumber) -> &'static str {
    if kind == Membership::KIND.number {
        return match field {
            membership_fields::plan => "plan",
            membership_fields::covered_from => "coverage_from",
            membership_fields::covered_to => "coverage_to",
            _ => "member_number",
        };
    }
    let field = if kind == Person::KIND.number { field } else { person_fields::employee_number };
    match field {
        person_fields::address_line => "address",
        person_fields::employer => "employer_code",
        person_fields::dependent_of => "employee_of",
        field => Person::KIND.field(field).map_or("", |field| field.name),
    }
}
