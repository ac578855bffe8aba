//! The page that a person takes home, as the printer got it: it is read back as a program does that reads aloud.

use super::play::{DayError, Options, file};
use super::table::Table;
use crate::touch::Printed;

/// Keeps the page beside the pictures. What was found, what it means and what comes next stands on it as on the screen,
/// and what to do in an emergency.
pub(super) fn check(table: &mut Table, options: &Options, printed: &Printed) -> Result<(), DayError> {
    let path = options.pictures.join("take-home.pdf");
    std::fs::write(&path, &printed.page).map_err(file(&path))?;
    let (text, pages) = read(&printed.page)
        .map_err(|error| DayError::Wrong(format!("the page does not read back: {error}")))?;
    let said: Vec<String> = printed.lines.iter().chain([&printed.always]).map(|line| spaced(line)).collect();
    let missing = said.iter().find(|line| !text.contains(line.as_str()));
    table.verify(
        "the page to take home says what the summary shows",
        missing.is_none() && printed.lines.len() > 2 && !printed.always.is_empty(),
        missing.map_or_else(|| format!("{} texts", said.len()), |line| format!("\"{line}\" is missing")),
    );
    table.did("pages to take home", pages);
    Ok(())
}

/// All words of the file with single spaces between them, and how many pages it has.
fn read(pdf: &[u8]) -> Result<(String, usize), lopdf::Error> {
    let document = lopdf::Document::load_mem(pdf)?;
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    Ok((spaced(&document.extract_text(&pages)?), pages.len()))
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
