//! A plan's gaps as FHIR R4 JSON: each DetectedIssue as a row of `gaps.csv`, so that the same checks hold for both. Never
//! what a gap means, and never the reading of FHIR itself, which is `shared::fhir`.

use super::FileForm;
use super::plan::Draft;
use super::row::{Column, Problem, Row, shown};
use shared::fhir::{self, DeqmStatus, GapEntry, Refusal, StatedGap, StatedRule};

/// Cells that a CSV file has no column for.
pub(super) const MEASURE: &str = "measure";
pub(super) const OWN_ID: &str = "own_id";
pub(super) const STATUS: &str = "status";

/// Whether a file is to be read as JSON. Its name says so; without a name that says anything its first character does,
/// with which no header of ours begins.
pub(super) fn is_json(form: FileForm, bytes: &[u8]) -> bool {
    match form {
        FileForm::Json => true,
        FileForm::Csv => false,
        FileForm::Unsaid => begins_as_json(bytes),
    }
}

/// What is wrong with a file that is named as CSV and holds JSON.
pub(super) fn misnamed(form: FileForm, bytes: &[u8]) -> Option<Problem> {
    let reason = "begins as JSON, and its name says that it is CSV; name it .json";
    (form == FileForm::Csv && begins_as_json(bytes)).then(|| problem(0, "the file".into(), "", reason.into()))
}

fn begins_as_json(bytes: &[u8]) -> bool {
    matches!(without_mark(bytes).trim_ascii_start().first(), Some(b'{' | b'['))
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Hands each gap to `on_row`; gives how many there are.
pub(super) fn each_gap(bytes: &[u8], draft: &mut Draft, on_row: &mut dyn FnMut(Row, &mut Draft)) -> usize {
    let Ok(text) = std::str::from_utf8(without_mark(bytes)) else {
        draft.problems.push(problem(0, "the file".into(), "", "is not UTF-8 text".into()));
        return 0;
    };
    let file = match fhir::read_gaps(text) {
        Ok(file) => file,
        Err(refusal) => {
            draft.problems.push(problem(0, refusal.place(), "", refusal.reason.to_string()));
            return 0;
        }
    };
    let (count, mut prospective) = (file.entries.len(), 0);
    for (number, GapEntry { place, gap }) in (1u64..).zip(file.entries) {
        match gap {
            Ok(gap) if gap.status == DeqmStatus::Prospective => prospective += 1,
            Ok(gap) => on_row(row(number, &place, gap), draft),
            Err((refusal, value)) => draft.problems.push(refused(number, &refusal, &value)),
        }
    }
    if prospective > 0 {
        draft.notes.push(format!("Gaps that are not open yet and were not read: {prospective}."));
    }
    count
}

fn refused(number: u64, refusal: &Refusal, value: &str) -> Problem {
    problem(number, refusal.place(), value, refusal.reason.to_string())
}

fn problem(number: u64, place: String, value: &str, reason: String) -> Problem {
    let value = shown(value.as_bytes());
    Problem { line: number, column: String::new(), place: Some(place), value, reason }
}

fn row(number: u64, place: &str, gap: StatedGap) -> Row {
    let at = |field: &str| format!("{place}.{field}");
    let mut row = Row::of_entry(number, place.to_owned());
    row.take_at(Column::needed("member_number"), gap.member_number.path, gap.member_number.text);
    match gap.rule {
        StatedRule::Own(rule) => row.take_at(Column::needed("gap_id"), rule.path, rule.text),
        StatedRule::Measure(measure) => row.take_at(Column::needed(MEASURE), measure.path, measure.text),
    }
    let day = gap.due_since.map(|day| day.to_string()).unwrap_or_default();
    row.take_at(Column::needed("due_since"), at("identifiedDateTime"), day);
    row.take_at(Column::optional("claimed_by"), at("author.display"), gap.claimed_by.unwrap_or_default());
    row.take_at(Column::optional(STATUS), at("modifierExtension"), gap.status.code().to_owned());
    if let Some(id) = gap.own_id {
        row.take_at(Column::optional(OWN_ID), id.path, id.text);
    }
    row
}
