//! Whether two entries may be one person: Fellegi–Sunter weights (Fellegi and Sunter, 1969) over name, birth date,
//! sex, telephone, badge and address, with a reason for each. Linking is a reversible fact, never a rewriting of ids.

use super::names::{fold, phone_digits, same_given_name, sound};
use super::person::Person;
use crate::ids::{PersonId, StaffId};
use crate::record::fact_kind;
use crate::time::PartialDate;

fact_kind! {
    /// A decision that two entries are, or are not, one person. Its subject is the first of them.
    SamePerson, 105, "Patient.link" {
        1 other: PersonId;
        /// True links them, false parts them again. The newest decides.
        2 same: bool;
        3 decided_by: StaffId;
    }
}

/// One field's part of the score, in bits: log2 of how much likelier the agreement is for one person than for two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    pub what: Reason,
    pub weight_bits: f32,
}

/// What agreed, or did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    SameName,
    NamesSwapped,
    SimilarName,
    SoundsLike,
    ShortForm,
    OtherName,
    SameBirthDate,
    FitsBirthDate,
    DayAndMonthSwapped,
    OneDigitOff,
    OtherBirthDate,
    SamePhone,
    SameBadge,
    SameAddress,
    OtherSex,
}

/// The sum over all fields; 10 bits is a likely match, 16 a near certain one.
#[derive(Clone, Debug, PartialEq)]
pub struct Likeness {
    pub total_bits: f32,
    pub evidence: Vec<Evidence>,
}

/// From here on an entry is worth showing before a new person is made.
pub const WORTH_SHOWING_BITS: f32 = 6.0;
/// From here on staff are asked to say why it is somebody else.
pub const NEAR_CERTAIN_BITS: f32 = 16.0;

/// Compares two entries. Missing fields say nothing.
pub fn likeness(left: &Person, right: &Person) -> Likeness {
    let evidence: Vec<Evidence> = [
        names(left, right),
        birth_dates(left.birth_date, right.birth_date),
        phones(left, right),
        badges(left, right),
        addresses(left, right),
        sexes(left, right),
    ]
    .into_iter()
    .flatten()
    .map(|(what, weight_bits)| Evidence { what, weight_bits })
    .collect();
    Likeness { total_bits: evidence.iter().map(|part| part.weight_bits).sum(), evidence }
}

fn names(left: &Person, right: &Person) -> Option<(Reason, f32)> {
    let parts =
        |person: &Person| Some((fold(person.family_name.as_deref()?), fold(person.given_name.as_deref()?)));
    let ((family_a, given_a), (family_b, given_b)) = (parts(left)?, parts(right)?);
    if family_a == family_b && given_a == given_b {
        return Some((Reason::SameName, 9.0));
    }
    if family_a == given_b && given_a == family_b {
        return Some((Reason::NamesSwapped, 8.0));
    }
    if family_a == family_b && same_given_name(&given_a, &given_b) {
        return Some((Reason::ShortForm, 7.5));
    }
    let whole = |family: &str, given: &str| {
        let mut words: Vec<&str> = family.split(' ').chain(given.split(' ')).collect();
        words.sort_unstable();
        words.join(" ")
    };
    let similarity = strsim::jaro_winkler(&whole(&family_a, &given_a), &whole(&family_b, &given_b));
    if similarity >= 0.93 {
        return Some((Reason::SimilarName, 6.5));
    }
    let sounds_alike = sound(&family_a) == sound(&family_b)
        && (sound(&given_a) == sound(&given_b) || same_given_name(&given_a, &given_b));
    if sounds_alike {
        return Some((Reason::SoundsLike, 6.0));
    }
    Some(if similarity >= 0.85 { (Reason::SimilarName, 2.0) } else { (Reason::OtherName, -6.0) })
}

fn birth_dates(left: Option<PartialDate>, right: Option<PartialDate>) -> Option<(Reason, f32)> {
    let (left, right) = (left?, right?);
    if left == right {
        let exact = matches!(left, PartialDate::Day(_));
        return Some(if exact { (Reason::SameBirthDate, 8.5) } else { (Reason::FitsBirthDate, 4.0) });
    }
    if left.may_equal(right) {
        return Some((Reason::FitsBirthDate, 3.0));
    }
    let (a, b) = (left.to_string(), right.to_string());
    if let (PartialDate::Day(_), PartialDate::Day(_)) = (left, right) {
        if a[..4] == b[..4] && a[5..7] == b[8..10] && a[8..10] == b[5..7] {
            return Some((Reason::DayAndMonthSwapped, 5.0));
        }
        if a.bytes().zip(b.bytes()).filter(|(one, other)| one != other).count() == 1 {
            return Some((Reason::OneDigitOff, 3.5));
        }
    }
    Some((Reason::OtherBirthDate, -7.0))
}

fn phones(left: &Person, right: &Person) -> Option<(Reason, f32)> {
    let (a, b) = (phone_digits(left.phone.as_deref()?), phone_digits(right.phone.as_deref()?));
    (a.len() >= 7 && a == b).then_some((Reason::SamePhone, 5.0))
}

fn badges(left: &Person, right: &Person) -> Option<(Reason, f32)> {
    let same_employer = left.employer.is_some() && left.employer == right.employer;
    let (a, b) = (left.employee_number.as_deref()?, right.employee_number.as_deref()?);
    (same_employer && !a.is_empty() && a.eq_ignore_ascii_case(b) && left.relation == right.relation)
        .then_some((Reason::SameBadge, 8.0))
}

fn addresses(left: &Person, right: &Person) -> Option<(Reason, f32)> {
    let (a, b) = (fold(left.address_line.as_deref()?), fold(right.address_line.as_deref()?));
    (!a.is_empty() && a == b && left.postal_code == right.postal_code).then_some((Reason::SameAddress, 3.0))
}

fn sexes(left: &Person, right: &Person) -> Option<(Reason, f32)> {
    use super::person::Sex;
    let (a, b) = (left.sex?, right.sex?);
    (a != b && a != Sex::Unknown && b != Sex::Unknown).then_some((Reason::OtherSex, -4.0))
}
