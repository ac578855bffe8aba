//! One row: its cells by column, the checks that every kind of file shares, and what is wrong with it. A column
//! has at most one problem a row, the first that was found; of a cell of several parts each bad part has one.

use chrono::{Datelike, NaiveDate};
use std::fmt;

/// Longest name, address line or code in characters.
const CHARACTERS_MAX: usize = 200;
const SHOWN_CHARACTERS_MAX: usize = 60;

/// A column that a file may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub name: &'static str,
    pub is_required: bool,
    /// Text goes into spreadsheets of other people one day, where a formula would run. A telephone number may
    /// begin with a plus, and its own check leaves no room for a formula.
    pub may_begin_with_plus: bool,
}

impl Column {
    pub const fn needed(name: &'static str) -> Self {
        Self { name, is_required: true, may_begin_with_plus: false }
    }
    pub const fn optional(name: &'static str) -> Self {
        Self { name, is_required: false, may_begin_with_plus: false }
    }
    pub const fn phone(name: &'static str) -> Self {
        Self { name, is_required: false, may_begin_with_plus: true }
    }
}

/// What is wrong with one cell, or with a whole line when `column` is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line on which the row begins, from 1. In a file without lines the number of the row; 0 for the file.
    pub line: u64,
    pub column: String,
    /// The element in a file without lines, such as `Bundle.entry[3].resource.code`.
    pub place: Option<String>,
    /// What stands there, in at most 60 characters that any terminal shows.
    pub value: String,
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => out.write_str(place)?,
            None => write!(out, "line {}", self.line)?,
        }
        if !self.column.is_empty() && self.place.is_none() {
            write!(out, ", {}", self.column)?;
        }
        if !self.value.is_empty() {
            write!(out, " \"{}\"", self.value)?;
        }
        write!(out, ": {}", self.reason)
    }
}

/// A cell's bytes for people: short, and with nothing that would move a terminal's cursor.
pub(super) fn shown(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(SHOWN_CHARACTERS_MAX * 4)];
    let is_cut = start.len() < bytes.len();
    let mut text = String::new();
    for chunk in start.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                character if character.is_control() => text.extend(character.escape_default()),
                character => text.push(character),
            }
        }
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02X}")));
    }
    if !is_cut && text.chars().count() <= SHOWN_CHARACTERS_MAX {
        return text;
    }
    text.chars().take(SHOWN_CHARACTERS_MAX - 1).chain(['…']).collect()
}

pub(super) struct Row {
    pub line: u64,
    /// Text of each column that the file has, trimmed; a cell that cannot be read is empty and has a problem.
    cells: Vec<(&'static str, String)>,
    pub problems: Vec<Problem>,
    /// In a file without lines: where the row stands, and where each of its cells.
    place: Option<String>,
    places: Vec<(&'static str, String)>,
}

impl Row {
    pub fn new(line: u64) -> Self {
        Self { line, cells: Vec::new(), problems: Vec::new(), place: None, places: Vec::new() }
    }
    /// The row of a number in a file without lines.
    pub fn of_entry(number: u64, place: String) -> Self {
        Self { place: Some(place), ..Self::new(number) }
    }
    /// Where the row stands, for another row's problem: `line 5`.
    pub fn spot(&self) -> String {
        self.place.clone().unwrap_or_else(|| format!("line {}", self.line))
    }
    /// Takes in one cell that stands at a place of its own.
    pub fn take_at(&mut self, column: Column, place: String, text: String) {
        self.places.push((column.name, place));
        self.take(column, text.as_bytes());
    }
    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }
    /// Takes one cell in, or says why it cannot be read.
    pub fn take(&mut self, column: Column, bytes: &[u8]) {
        match readable(column, bytes) {
            Ok(text) => self.cells.push((column.name, text)),
            Err(reason) => {
                self.cells.push((column.name, String::new()));
                self.problem(column.name, shown(bytes), reason);
            }
        }
    }
    fn problem(&mut self, column: &str, value: String, reason: String) {
        if self.problems.iter().all(|problem| problem.column != column) {
            self.push_problem(column, value, reason);
        }
    }
    fn push_problem(&mut self, column: &str, value: String, reason: String) {
        let at = self.places.iter().find(|(name, _)| *name == column).map(|(_, place)| place.clone());
        let (place, column) = (at.or_else(|| self.place.clone()), column.to_owned());
        self.problems.push(Problem { line: self.line, column, place, value, reason });
    }
    /// Says what is wrong with a column, unless something is already.
    pub fn refuse<T>(&mut self, column: &str, reason: impl Into<String>) -> Option<T> {
        let value = shown(self.cell(column).as_bytes());
        self.problem(column, value, reason.into());
        None
    }
    /// The same for one part of a cell, each bad part once.
    pub fn refuse_part(&mut self, column: &str, part: &str, reason: impl Into<String>) {
        let value = shown(part.as_bytes());
        if self.problems.iter().all(|problem| problem.column != column || problem.value != value) {
            self.push_problem(column, value, reason.into());
        }
    }
    /// The trimmed text; empty when there is none.
    pub fn cell(&self, column: &str) -> &str {
        self.cells.iter().find(|(name, _)| *name == column).map_or("", |(_, text)| text)
    }
    /// Whether the file has a column.
    pub fn has(&self, column: &str) -> bool {
        self.cells.iter().any(|(name, _)| *name == column)
    }
    pub fn is_blank(&self) -> bool {
        self.problems.is_empty() && self.cells.iter().all(|(_, text)| text.is_empty())
    }
    /// Text on one line, if there is any.
    pub fn text(&mut self, column: &str) -> Option<String> {
        let text = self.cell(column).split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() > CHARACTERS_MAX {
            return self.refuse(column, format!("is too long; at most {CHARACTERS_MAX} characters fit"));
        }
        (!text.is_empty()).then_some(text)
    }
    /// A code or number by which the office names something.
    pub fn code(&mut self, column: &str) -> Option<String> {
        let code = self.text(column)?;
        if is_shortened(&code) {
            return self.refuse(
                column,
                "was shortened by a spreadsheet; format the column as text and export again",
            );
        }
        Some(code)
    }
    pub fn needed_code(&mut self, column: &str) -> Option<String> {
        self.code(column).or_else(|| self.refuse(column, "is missing"))
    }
    pub fn needed_text(&mut self, column: &str) -> Option<String> {
        self.text(column).or_else(|| self.refuse(column, "is missing"))
    }
    pub fn day(&mut self, column: &str) -> Option<NaiveDate> {
        let typed = self.cell(column);
        if typed.is_empty() {
            return None;
        }
        let day = NaiveDate::parse_from_str(typed, "%Y-%m-%d").ok();
        // The parser also takes 2026-1-5, +2026-01-05 and -12025-11-01, which nobody means and no record can hold.
        let is_meant = |day: &NaiveDate| day.to_string() == typed && (1..=9999).contains(&day.year());
        match day.filter(is_meant) {
            Some(day) => Some(day),
            None => self.refuse(column, "is not a day; write it as 2026-11-23"),
        }
    }
    pub fn needed_day(&mut self, column: &str) -> Option<NaiveDate> {
        self.day(column).or_else(|| self.refuse(column, "is missing"))
    }
    /// A whole number within bounds.
    pub fn number(&mut self, column: &str, least: i64, most: i64) -> Option<i64> {
        let typed = self.cell(column);
        if typed.is_empty() {
            return None;
        }
        let number = typed.parse::<i64>().ok().filter(|number| (least..=most).contains(number));
        number.or_else(|| self.refuse(column, format!("is not a whole number from {least} to {most}")))
    }
    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, column: &str, choices: &[(&str, T)]) -> Option<T> {
        let typed = self.cell(column).to_lowercase();
        if typed.is_empty() {
            return None;
        }
        let found = choices.iter().find(|(word, _)| *word == typed).map(|(_, choice)| *choice);
        found.or_else(|| {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.refuse(column, format!("is not known; write {}", words.join(", ")))
        })
    }
    /// Two days that bound a time; the last may not come before the first.
    pub fn period(&mut self, first: &str, last: &str) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let (from, to) = (self.day(first), self.day(last));
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            self.refuse::<()>(last, format!("is before {first} {from}"));
        }
        (from, to)
    }
}

/// A cell's text, trimmed, or why no field may hold it.
fn readable(column: Column, bytes: &[u8]) -> Result<String, String> {
    if bytes.len() > shared::record::TEXT_BYTES_MAX {
        return Err(format!("is {} KiB long; at most 64 KiB can be read", bytes.len().div_ceil(1024)));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err("is not UTF-8 text; save the file as \"CSV UTF-8\"".into());
    };
    if text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t')) {
        return Err("has a character that cannot be read".into());
    }
    let trimmed = text.trim();
    let is_formula = match trimmed.chars().next() {
        Some('=' | '@') => true,
        Some('+') => !column.may_begin_with_plus,
        _ => text.starts_with('\t') && !trimmed.is_empty(),
    };
    if is_formula {
        return Err("would run as a formula in a spreadsheet; remove the first character".into());
    }
    Ok(trimmed.to_owned())
}

/// `1.23E+11`: what a spreadsheet makes of a long number.
fn is_shortened(code: &str) -> bool {
    let Some((digits, exponent)) = code.split_once("E+") else { return false };
    let is_number =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_number(digits) && is_number(exponent)
}
