//! A person as typed at the door of the van, or as a row of a roster gives them.

use super::words::{FieldError, Reason};
use crate::content::Language;
use crate::domain::names::phone_digits;
use crate::domain::person::{Person, Relation, Sex};
use crate::ids::{EmployerId, PersonId};
use crate::time::PartialDate;
use chrono::NaiveDate;

/// Longest name or address line.
const CHARACTERS_MAX: usize = 100;
const AGE_YEARS_MAX: i32 = 125;

/// Everything as text, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonDraft {
    pub family_name: String,
    pub given_name: String,
    pub middle_name: String,
    pub birth_date: String,
    /// `female`, `male` or `unknown`.
    pub sex: String,
    pub language: String,
    pub phone: String,
    pub email: String,
    pub address_line: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub employee_number: String,
    /// `self`, `spouse`, `child` or `other`.
    pub relation: String,
    pub employer: Option<EmployerId>,
    pub dependent_of: Option<PersonId>,
}

/// What the check needs to know of the world.
#[derive(Clone, Copy, Debug)]
pub struct PersonRules {
    pub today: NaiveDate,
}

struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    fn refuse<T>(&mut self, field: &'static str, reason: Reason) -> Option<T> {
        self.errors.push(FieldError { field, reason });
        None
    }

    fn text(&mut self, field: &'static str, typed: &str) -> Option<String> {
        let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            None
        } else if text.chars().any(char::is_control) {
            self.refuse(field, Reason::ControlCharacter)
        } else if text.chars().count() > CHARACTERS_MAX {
            self.refuse(field, Reason::TooLong { characters_max: CHARACTERS_MAX })
        } else {
            Some(text)
        }
    }

    fn needed(&mut self, field: &'static str, typed: &str) -> Option<String> {
        let before = self.errors.len();
        let text = self.text(field, typed);
        if text.is_none() && self.errors.len() == before {
            return self.refuse(field, Reason::Missing);
        }
        text
    }

    fn birth_date(&mut self, typed: &str, today: NaiveDate) -> Option<PartialDate> {
        const FIELD: &str = "birth_date";
        let typed = typed.trim();
        if typed.is_empty() {
            return self.refuse(FIELD, Reason::Missing);
        }
        let Ok(date) = typed.parse::<PartialDate>() else {
            return self.refuse(FIELD, Reason::NotADate(typed.chars().take(40).collect()));
        };
        if date.earliest() > today {
            return self.refuse(FIELD, Reason::InTheFuture(date.to_string()));
        }
        if date.age_years_on(today) > AGE_YEARS_MAX {
            return self.refuse(FIELD, Reason::TooOld { years_max: AGE_YEARS_MAX });
        }
        Some(date)
    }

    fn choice<T>(&mut self, field: &'static str, typed: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        let choice = read(&typed.to_lowercase());
        if choice.is_none() {
            return self.refuse(field, Reason::NotAChoice(typed.chars().take(40).collect()));
        }
        choice
    }

    fn phone(&mut self, typed: &str) -> Option<String> {
        let text = self.text("phone", typed)?;
        let allowed = |character: char| character.is_ascii_digit() || " +-().".contains(character);
        if !(7..=15).contains(&phone_digits(&text).len()) || !text.chars().all(allowed) {
            return self.refuse("phone", Reason::NotAPhone(text.chars().take(40).collect()));
        }
        Some(text)
    }

    fn email(&mut self, typed: &str) -> Option<String> {
        let text = self.text("email", typed)?;
        let parts: Vec<&str> = text.split('@').collect();
        let fits = matches!(parts.as_slice(), [name, host] if !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.'))
            && !text.contains(' ');
        if fits {
            Some(text)
        } else {
            self.refuse("email", Reason::NotAnEmail(text.chars().take(40).collect()))
        }
    }
}

impl PersonDraft {
    /// The person, or every field's error.
    pub fn check(&self, rules: &PersonRules) -> Result<Person, Vec<FieldError>> {
        let mut check = Check { errors: Vec::new() };
        let language = |tag: &str| Language::from_tag(tag).map(|language| language.tag().to_owned());
        let person = Person {
            family_name: check.needed("family_name", &self.family_name),
            given_name: check.needed("given_name", &self.given_name),
            middle_name: check.text("middle_name", &self.middle_name),
            birth_date: check.birth_date(&self.birth_date, rules.today),
            sex: check.choice("sex", &self.sex, Sex::from_code),
            language: check.choice("language", &self.language, language),
            phone: check.phone(&self.phone),
            email: check.email(&self.email),
            address_line: check.text("address_line", &self.address_line),
            city: check.text("city", &self.city),
            state: check.text("state", &self.state),
            postal_code: check.text("postal_code", &self.postal_code),
            employer: self.employer,
            relation: check.choice("relation", &self.relation, Relation::from_code),
            dependent_of: self.dependent_of,
            employee_number: check.text("employee_number", &self.employee_number),
            tobacco_status: None,
            allergies: None,
            conditions: None,
            pronouns: None,
        };
        if check.errors.is_empty() { Ok(person) } else { Err(check.errors) }
    }

    /// The draft as far as it can be read, for finding who it may be while somebody types.
    pub fn so_far(&self) -> Person {
        let text = |typed: &str| Some(typed.trim().to_owned()).filter(|text| !text.is_empty());
        Person {
            family_name: text(&self.family_name),
            given_name: text(&self.given_name),
            birth_date: self.birth_date.trim().parse().ok(),
            sex: Sex::from_code(self.sex.trim()),
            phone: text(&self.phone),
            address_line: text(&self.address_line),
            postal_code: text(&self.postal_code),
            employer: self.employer,
            relation: Relation::from_code(self.relation.trim()),
            employee_number: text(&self.employee_number),
            ..Person::default()
        }
    }
}
