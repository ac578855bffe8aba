//! Dates, times, ages and amounts as people read them, in English and Spanish. Pure: never asks for the time and
//! never knows a screen.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike};
use shared::content::Language;
use shared::time::{PartialDate, Timestamp};

const MONTHS_ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_SPANISH: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
const DAYS_ENGLISH: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYS_SPANISH: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];

/// One of two wordings.
pub fn say<'a>(language: Language, english: &'a str, spanish: &'a str) -> &'a str {
    match language {
        Language::English => english,
        Language::Spanish => spanish,
    }
}

/// A moment on the wall of a place.
pub fn local(moment: Timestamp, offset_minutes_east: i64) -> NaiveDateTime {
    let shifted = moment.plus_milliseconds(offset_minutes_east * 60_000).milliseconds();
    DateTime::from_timestamp_millis(shifted).unwrap_or_default().naive_utc()
}

/// `9:12 AM`, `9:12 a. m.`
pub fn time(moment: Timestamp, offset_minutes_east: i64, language: Language) -> String {
    let at = local(moment, offset_minutes_east);
    let (is_afternoon, hour) = at.hour12();
    let half = match (language, is_afternoon) {
        (Language::English, false) => "AM",
        (Language::English, true) => "PM",
        (Language::Spanish, false) => "a. m.",
        (Language::Spanish, true) => "p. m.",
    };
    // No break between the hour and its half.
    format!("{hour}:{:02}\u{a0}{}", at.minute(), half.replace(' ', "\u{a0}"))
}

/// `Thursday`, `jueves`.
pub fn weekday(day: NaiveDate, language: Language) -> &'static str {
    let index = day.weekday().num_days_from_monday() as usize;
    say(language, DAYS_ENGLISH[index], DAYS_SPANISH[index])
}

fn month_name(day: NaiveDate, language: Language) -> &'static str {
    say(language, MONTHS_ENGLISH[day.month0() as usize], MONTHS_SPANISH[day.month0() as usize])
}

/// `Tuesday, June 24`, `Martes 24 de junio`.
pub fn day_of_week(day: NaiveDate, language: Language) -> String {
    let month = month_name(day, language);
    match language {
        Language::English => format!("{}, {month} {}", weekday(day, language), day.day()),
        Language::Spanish => capital(&format!("{} {} de {month}", weekday(day, language), day.day())),
    }
}

/// `March 3, 1978`, `3 de marzo de 1978`.
pub fn date(day: NaiveDate, language: Language) -> String {
    let month = month_name(day, language);
    match language {
        Language::English => format!("{month} {}, {}", day.day(), day.year()),
        Language::Spanish => format!("{} de {month} de {}", day.day(), day.year()),
    }
}

/// `June 3`, `3 de junio`, with the year only when it is another one.
pub fn short_date(day: NaiveDate, today: NaiveDate, language: Language) -> String {
    if day.year() != today.year() {
        return date(day, language);
    }
    match language {
        Language::English => format!("{} {}", month_name(day, language), day.day()),
        Language::Spanish => format!("{} de {}", day.day(), month_name(day, language)),
    }
}

/// `March 2025`, `marzo de 2025`.
pub fn month(day: NaiveDate, language: Language) -> String {
    let name = month_name(day, language);
    match language {
        Language::English => format!("{name} {}", day.year()),
        Language::Spanish => format!("{name} de {}", day.year()),
    }
}

/// A date as far as it is known.
pub fn partial_date(known: PartialDate, language: Language) -> String {
    match known {
        PartialDate::Year(year) => year.to_string(),
        PartialDate::Month(..) => month(known.earliest(), language),
        PartialDate::Day(day) => date(day, language),
    }
}

/// `Today 9:12 AM`, `June 3, 9:12 AM`.
pub fn moment(at: Timestamp, now: Timestamp, offset_minutes_east: i64, language: Language) -> String {
    let (day, today) = (local(at, offset_minutes_east).date(), local(now, offset_minutes_east).date());
    let time = time(at, offset_minutes_east, language);
    if day == today {
        return format!("{} {time}", say(language, "Today", "Hoy"));
    }
    if day.succ_opt() == Some(today) {
        return format!("{} {time}", say(language, "Yesterday", "Ayer"));
    }
    format!("{}, {time}", short_date(day, today, language))
}

/// A number with its noun, in the singular or the plural.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// `1,340`: the United States write it so in both languages.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `47 years`; months for the first two years of a life.
pub fn age(born: PartialDate, today: NaiveDate, language: Language) -> String {
    let years = born.age_years_on(today).max(0) as usize;
    let first = born.earliest();
    let months = (today.year() - first.year()) * 12 + today.month() as i32
        - first.month() as i32
        - i32::from(today.day() < first.day());
    if years < 2 && !matches!(born, PartialDate::Year(_)) {
        let (one, many) = (say(language, "month", "mes"), say(language, "months", "meses"));
        return count(months.max(0) as usize, one, many);
    }
    count(years, say(language, "year", "año"), say(language, "years", "años"))
}

/// How long ago a day was: `2 years`, `3 months`, `5 days`.
pub fn span(from: NaiveDate, today: NaiveDate, language: Language) -> String {
    let days = today.signed_duration_since(from).num_days().max(0) as usize;
    let (number, (one, many)) = match (days, language) {
        (730.., Language::English) => (days / 365, ("year", "years")),
        (730.., Language::Spanish) => (days / 365, ("año", "años")),
        (60.., Language::English) => (days / 30, ("month", "months")),
        (60.., Language::Spanish) => (days / 30, ("mes", "meses")),
        (_, Language::English) => (days, ("day", "days")),
        (_, Language::Spanish) => (days, ("día", "días")),
    };
    count(number, one, many)
}

/// How long ago a moment was: `2 hours ago`.
pub fn ago(at: Timestamp, now: Timestamp, language: Language) -> String {
    let minutes = minutes_between(at, now);
    let (number, (one, many)) = match (minutes, language) {
        (0, _) => return say(language, "just now", "ahora mismo").to_owned(),
        (2880.., Language::English) => (minutes / 1440, ("day", "days")),
        (2880.., Language::Spanish) => (minutes / 1440, ("día", "días")),
        (120.., Language::English) => (minutes / 60, ("hour", "hours")),
        (120.., Language::Spanish) => (minutes / 60, ("hora", "horas")),
        (_, Language::English) => (minutes, ("minute", "minutes")),
        (_, Language::Spanish) => (minutes, ("minuto", "minutos")),
    };
    let number = count(number, one, many);
    match language {
        Language::English => format!("{number} ago"),
        Language::Spanish => format!("hace {number}"),
    }
}

/// Whole minutes from one moment to another, never below zero.
pub fn minutes_between(from: Timestamp, to: Timestamp) -> usize {
    ((to.milliseconds() - from.milliseconds()).max(0) / 60_000) as usize
}

/// `$25.00`.
pub fn money(cents: i64) -> String {
    format!("${}.{:02}", cents / 100, (cents % 100).abs())
}

/// The first letters of the first and the last name.
pub fn initials(name: &str) -> String {
    let mut words = name.split([' ', '-']).filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// With a capital first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A birth date as people type it here, month first, in the form that a draft reads: `3/5/1980` is `1980-03-05`.
/// Anything else comes back as it was, for the draft to say what is wrong.
pub fn typed_date(typed: &str) -> String {
    let parts: Vec<&str> = typed.trim().split(['/', '.', '-', ' ']).filter(|part| !part.is_empty()).collect();
    let numbers: Option<Vec<u32>> = parts.iter().map(|part| part.parse().ok()).collect();
    match (numbers.as_deref(), parts.as_slice()) {
        (Some([month, day, year]), [.., last]) if last.len() == 4 => format!("{year:04}-{month:02}-{day:02}"),
        (Some([month, year]), [_, last]) if last.len() == 4 => format!("{year:04}-{month:02}"),
        (Some([year, month, day]), [first, ..]) if first.len() == 4 => {
            format!("{year:04}-{month:02}-{day:02}")
        }
        _ => typed.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests;
