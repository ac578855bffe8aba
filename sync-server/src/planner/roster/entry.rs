//! One row of a roster: a person, whom the person belongs to, and the cover. The person passes the same check as at
//! the door of a van.

use crate::planner::office::Office;
use crate::planner::row::{Column, Row};
use chrono::NaiveDate;
use shared::content::Language;
use shared::domain::person::{Person, Relation, Sex};
use shared::draft::{FieldError, PersonDraft, PersonRules, Reason};
use shared::ids::{EmployerId, PersonId, SiteId};

pub(super) const COLUMNS: &[Column] = &[
    Column::needed("site_code"),
    Column::needed("employer_code"),
    Column::needed("employee_number"),
    Column::needed("relation"),
    Column::needed("employee_of"),
    Column::needed("family_name"),
    Column::needed("given_name"),
    Column::optional("middle_name"),
    Column::needed("birth_date"),
    Column::optional("sex"),
    Column::optional("language"),
    Column::phone("phone"),
    Column::optional("email"),
    Column::optional("address"),
    Column::optional("city"),
    Column::optional("state"),
    Column::optional("postal_code"),
    Column::optional("member_number"),
    Column::optional("plan"),
    Column::optional("coverage_from"),
    Column::optional("coverage_to"),
    Column::optional("conditions"),
];

/// Between the conditions of a person.
const SEPARATOR: char = ';';

const RELATIONS: &[(&str, Relation)] =
    &[("employee", Relation::Employee), ("spouse", Relation::Spouse), ("child", Relation::Child)];

pub(super) struct Cover {
    pub member_number: String,
    pub plan: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// A badge: the employer's code and the number on it.
#[derive(Clone)]
pub(super) struct Badge {
    pub employer_code: String,
    pub employer: EmployerId,
    pub number: String,
}

/// What a row says, as far as it could be read; the problems are in `row`.
pub(super) struct Entry {
    pub row: Row,
    pub site: Option<SiteId>,
    pub relation: Option<Relation>,
    /// The person's own badge, or that of the employee whom a dependent belongs to.
    pub badge: Option<Badge>,
    pub person: Option<Person>,
    pub cover: Option<Cover>,
}

impl Entry {
    pub fn read(office: &Office<'_>, mut row: Row) -> Self {
        let site = row.needed_code("site_code").and_then(|code| {
            let id = office.names.site(&code);
            let unknown = "is not known; import the schedule that names it first";
            if office.is_known(id) { Some(id) } else { row.refuse("site_code", unknown) }
        });
        let employer = row.needed_code("employer_code").and_then(|code| {
            let id = office.names.employer(&code);
            let unknown = "is not known; import the employers first";
            if office.is_known(id) { Some((code, id)) } else { row.refuse("employer_code", unknown) }
        });
        let relation = row.choice("relation", RELATIONS).or_else(|| row.refuse("relation", "is missing"));
        let number = relation.and_then(|relation| badge_number(&mut row, relation));
        let badge = employer.zip(number).map(|((employer_code, employer), number)| Badge {
            employer_code,
            employer,
            number,
        });
        let cover = cover(&mut row);
        let person = person(office, &mut row, relation, badge.as_ref());
        let conditions = conditions(office, &mut row);
        let person = person.map(|person| Person { conditions, ..person });
        Self { row, site, relation, badge, person, cover }
    }

    /// Who this is, when enough could be read to know.
    pub fn person_id(&self, office: &Office<'_>) -> Option<PersonId> {
        let Badge { employer_code, number, .. } = self.badge.as_ref()?;
        match self.relation? {
            Relation::Employee => Some(office.names.employee(employer_code, number)),
            relation => {
                let person = self.person.as_ref()?;
                let (given, born) = (person.given_name.as_deref()?, person.birth_date?);
                Some(office.names.dependent(employer_code, number, relation, given, born))
            }
        }
    }
}

fn badge_number(row: &mut Row, relation: Relation) -> Option<String> {
    if relation != Relation::Employee {
        if !row.cell("employee_number").is_empty() {
            row.refuse::<()>(
                "employee_number",
                "is for employees only; a dependent names the employee in employee_of",
            );
        }
        return row.needed_code("employee_of");
    }
    let number = row.needed_code("employee_number");
    let other = row.cell("employee_of");
    if !other.is_empty() && number.as_deref() != Some(other) {
        row.refuse::<()>("employee_of", "is for dependents only");
    }
    number
}

fn cover(row: &mut Row) -> Option<Cover> {
    let number = row.code("member_number");
    let plan = row.text("plan");
    let (from, to) = row.period("coverage_from", "coverage_to");
    let has_cover =
        ["plan", "coverage_from", "coverage_to"].iter().any(|column| !row.cell(column).is_empty());
    if number.is_none() && has_cover {
        return row.refuse("member_number", "is missing, though a plan or days of cover are given");
    }
    number.map(|member_number| Cover { member_number, plan, from, to })
}

/// SNOMED CT codes of the conditions that the rules of the packs in force know. An empty cell says nothing: it is not
/// known, and never "none".
fn conditions(office: &Office<'_>, row: &mut Row) -> Option<Vec<String>> {
    let rules = office.world.gap_rules();
    let cell = row.cell("conditions").to_owned();
    let mut codes: Vec<String> = Vec::new();
    for word in cell.split(SEPARATOR).map(str::trim).filter(|word| !word.is_empty()) {
        match rules.condition_code(word) {
            Some(code) if codes.iter().any(|known| known == code) => {}
            Some(code) => codes.push(code.to_owned()),
            None => {
                let names: Vec<&str> = rules.conditions.keys().map(String::as_str).collect();
                let known = names.join(", ");
                row.refuse_part(
                    "conditions",
                    word,
                    format!("is no condition that a rule knows; write {known}"),
                );
            }
        }
    }
    (!codes.is_empty()).then_some(codes)
}

fn person(
    office: &Office<'_>,
    row: &mut Row,
    relation: Option<Relation>,
    badge: Option<&Badge>,
) -> Option<Person> {
    let cell = |column: &str| row.cell(column).to_owned();
    let is_dependent = relation.is_some_and(|relation| relation != Relation::Employee);
    let employee = badge.map(|badge| office.names.employee(&badge.employer_code, &badge.number));
    let draft = PersonDraft {
        family_name: cell("family_name"),
        given_name: cell("given_name"),
        middle_name: cell("middle_name"),
        birth_date: cell("birth_date"),
        sex: cell("sex"),
        language: cell("language"),
        phone: cell("phone"),
        email: cell("email"),
        address_line: cell("address"),
        city: cell("city"),
        state: cell("state"),
        postal_code: cell("postal_code"),
        employee_number: cell("employee_number"),
        relation: relation.map_or("", Relation::code).to_owned(),
        employer: badge.map(|badge| badge.employer),
        dependent_of: employee.filter(|_| is_dependent),
    };
    match draft.check(&PersonRules { today: office.today }) {
        Ok(person) => Some(person),
        Err(errors) => {
            for error in errors {
                row.refuse::<()>(column_of_field(error.field), words(&error));
            }
            None
        }
    }
}

fn column_of_field(field: &str) -> &str {
    if field == "address_line" { "address" } else { field }
}

/// The reason as a report has it: the column and the value stand beside it.
fn words(error: &FieldError) -> String {
    let codes = |words: Vec<&str>| format!("is not known; write {}", words.join(", "));
    match (&error.reason, error.field) {
        (Reason::Missing, _) => "is missing".into(),
        (Reason::TooLong { characters_max }, _) => {
            format!("is too long; at most {characters_max} characters fit")
        }
        (Reason::ControlCharacter, _) => "has a character that cannot be read".into(),
        (Reason::NotADate(_), _) => "is not a date; write 1975, 1975-04 or 1975-04-23".into(),
        (Reason::InTheFuture(_), _) => "is in the future".into(),
        (Reason::TooOld { years_max }, _) => format!("is more than {years_max} years ago"),
        (Reason::NotAPhone(_), _) => "is not a telephone number; write 7 to 15 digits".into(),
        (Reason::NotAnEmail(_), _) => "is not an e-mail address".into(),
        (Reason::NotAChoice(_), "sex") => codes(Sex::ALL.iter().map(|sex| sex.code()).collect()),
        (Reason::NotAChoice(_), "language") => {
            codes(Language::ALL.iter().map(|language| language.tag()).collect())
        }
        (Reason::NotAChoice(_), _) => "is not one of the choices".into(),
    }
}
