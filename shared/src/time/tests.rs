//! Stories of clocks and vague dates.

use super::*;

#[test]
fn ticks_rise_while_the_wall_clock_jumps_backwards() {
    let mut clock = HybridClock::default();
    let first = clock.tick(Timestamp::from_milliseconds(1_000_000));
    let second = clock.tick(Timestamp::from_milliseconds(10));
    assert!(second > first);
}

#[test]
fn a_stamp_ten_years_ahead_does_not_drag_the_clock_along() {
    let now = Timestamp::from_milliseconds(1_700_000_000_000);
    let mut clock = HybridClock::default();
    clock.observe(Stamp::at(now.plus_milliseconds(10 * 365 * 86_400_000)), now);
    assert_eq!(clock.tick(now).moment(), now);
    clock.observe(Stamp::at(now.plus_milliseconds(60_000)), now);
    assert!(clock.tick(now).moment() >= now.plus_milliseconds(60_000));
}

#[test]
fn partial_dates_read_as_people_write_them() {
    for text in ["1975", "1975-04", "1975-04-23", "2024-02-29"] {
        assert_eq!(text.parse::<PartialDate>().map(|date| date.to_string()).as_deref(), Ok(text));
    }
    for text in ["", "75", "1975-13", "1975-4", "2023-02-29", "1975-04-23-01", "１９７５", "-1975", "0000"]
    {
        assert!(text.parse::<PartialDate>().is_err(), "{text}");
    }
}

#[test]
fn ages_count_birthdays_and_vague_dates_fit() {
    let born: PartialDate = "2000-02-29".parse().expect("a day");
    let on = |text: &str| text.parse::<NaiveDate>().expect("a day");
    assert_eq!(born.age_years_on(on("2018-02-28")), 17);
    assert_eq!(born.age_years_on(on("2018-03-01")), 18);
    assert!(born.may_equal("2000".parse().expect("a year")));
    assert!(!born.may_equal("2000-03".parse().expect("a month")));
}
