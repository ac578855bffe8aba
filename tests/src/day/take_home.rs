//! The page that a person takes home, as the printer got it: it is read back as a program does that reads aloud.

use super::pictures::Taken;
use super::play::{DayError, Options, file};
use super::table::Table;

/// Keeps the page beside the pictures; every line of the summary stands on it, and what to do in an emergency.
pub(super) fn check(table: &mut Table, options: &Options, taken: &Taken) -> Result<(), DayError> {
    let path = options.pictures.join("take-home.pdf");
    std::fs::write(&path, &taken.page).map_err(file(&path))?;
    let (text, pages) = read(&taken.page)
        .map_err(|error| DayError::Wrong(format!("the page does not read back: {error}")))?;
    let missing: Vec<&String> = taken.summary.iter().filter(|line| !text.contains(&spaced(line))).collect();
    table.verify(
        "the page to take home says all that the summary shows",
        missing.is_empty() && taken.summary.len() > 1 && pages == 1 && text.contains("911"),
        match missing.first() {
            Some(line) => format!("\"{line}\" is missing"),
            None => format!("{} lines on {pages} page", taken.summary.len()),
        },
    );
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
