//! Finding a person by whatever is said.

use super::*;
use crate::domain::person::Person;

fn row() -> SearchRow {
    person_row(&Person {
        family_name: Some("Núñez-Sample".into()),
        given_name: Some("Roberto".into()),
        birth_date: "1975-04-23".parse().ok(),
        employee_number: Some("E-1042".into()),
        phone: Some("+1 (555) 555-0142".into()),
        ..Person::default()
    })
}

#[test]
fn whatever_is_said_finds_the_person_and_says_why() {
    let cases = [
        ("nunez", WhyFound::Name),
        ("nun rob", WhyFound::NameBegins),
        ("bob nuñez", WhyFound::ShortForm),
        ("noonez", WhyFound::SoundsLike),
        ("nunex", WhyFound::Misspelt),
        ("1975-04-23", WhyFound::Number),
        ("4/23/1975", WhyFound::Number),
        ("0142", WhyFound::Number),
        ("e-1042", WhyFound::Number),
        ("Nuñez, Roberto 1975", WhyFound::Number),
    ];
    for (typed, why) in cases {
        assert_eq!(rank(&Query::parse(typed), &row()).map(|found| found.why), Some(why), "{typed}");
    }
    for typed in ["garcia", "nunez garcia", "1976", "'\" OR 1=1 --", "*", "\u{0}"] {
        assert_eq!(rank(&Query::parse(typed), &row()), None, "{typed}");
    }
}
