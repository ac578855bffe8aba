//! What people read, in both languages.

use super::*;
use shared::content::Language::{English, Spanish};

/// 2025-06-24T15:12:00Z, at sites five hours west of Greenwich.
const NOW: Timestamp = Timestamp::from_milliseconds(1_750_777_920_000);
const WEST: i64 = -300;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn times_and_days_are_said_as_people_say_them() {
    assert_eq!(time(NOW, WEST, English), "10:12\u{a0}AM");
    assert_eq!(time(NOW, WEST, Spanish), "10:12\u{a0}a.\u{a0}m.");
    assert_eq!(time(NOW, 0, English), "3:12\u{a0}PM");
    assert_eq!(day_of_week(day("2025-06-24"), English), "Tuesday, June 24");
    assert_eq!(day_of_week(day("2025-06-24"), Spanish), "Martes 24 de junio");
    assert_eq!(date(day("1978-03-03"), Spanish), "3 de marzo de 1978");
    assert_eq!(partial_date(PartialDate::Month(1975, 4), English), "April 1975");
    assert_eq!(moment(NOW.plus_milliseconds(-86_400_000), NOW, WEST, English), "Yesterday 10:12\u{a0}AM");
}

#[test]
fn ages_and_spans_have_their_plural() {
    let today = day("2025-06-24");
    assert_eq!(age(PartialDate::Day(day("1978-03-03")), today, English), "47 years");
    assert_eq!(age(PartialDate::Day(day("2025-05-01")), today, Spanish), "1 mes");
    assert_eq!(span(day("2023-01-01"), today, English), "2 years");
    assert_eq!(span(day("2025-06-23"), today, Spanish), "1 día");
    assert_eq!(ago(NOW.plus_milliseconds(-7_200_000), NOW, English), "2 hours ago");
    assert_eq!(ago(NOW.plus_milliseconds(-60_000), NOW, Spanish), "hace 1 minuto");
    assert_eq!(
        (thousands(1_340), thousands(12), money(2_505)),
        ("1,340".into(), "12".into(), "$25.05".into())
    );
}

#[test]
fn a_birth_date_is_understood_as_it_is_typed_here() {
    for (typed, read) in [
        ("3/5/1980", "1980-03-05"),
        ("03-05-1980", "1980-03-05"),
        ("1980", "1980"),
        ("4/1975", "1975-04"),
        ("1980-03-05", "1980-03-05"),
        ("13/40/1980", "1980-13-40"),
        ("last spring", "last spring"),
        ("", ""),
    ] {
        assert_eq!(typed_date(typed), read, "{typed}");
    }
}

#[test]
fn initials_come_from_the_first_and_the_last_name() {
    assert_eq!(initials("Ana Núñez-Sample"), "AS");
    assert_eq!(initials("ñoño"), "Ñ");
    assert_eq!(initials(""), "");
}
