//! `employers.csv`: employers with their fee agreement, as it is now. One that is given without a last day is open, and
//! one without a word on families is for them too: what was known before is taken back.

use super::PlannedRecord;
use super::office::{Import, Office};
use super::plan::Draft;
use super::row::{Column, Row};
use shared::domain::account::{Employer, Payer, employer_fields};
use shared::record::{FieldNumber, KindNumber, Value};
use std::collections::HashMap;

const COLUMNS: &[Column] = &[
    Column::needed("code"),
    Column::needed("name"),
    Column::needed("fee_payer"),
    Column::needed("fee_cents"),
    Column::needed("valid_from"),
    Column::needed("valid_to"),
    // Whether the agreement is for families too. An empty cell is the default, which is yes; a file without the column
    // does not speak of it.
    Column::optional("dependents"),
];

/// A fee above a thousand is dollars typed into the wrong column, or worse.
const FEE_CENTS_MAX: i64 = 100_000;

#[derive(Default)]
pub(super) struct EmployerImport {
    /// The line on which each code stood first.
    lines: HashMap<String, u64>,
}

impl Import for EmployerImport {
    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn row(&mut self, office: &Office<'_>, mut row: Row, draft: &mut Draft) {
        let code = row.needed_code("code");
        let name = row.needed_text("name");
        let payers: Vec<(&str, Payer)> = Payer::ALL.iter().map(|payer| (payer.code(), *payer)).collect();
        let fee_payer = row.choice("fee_payer", &payers);
        let fee_cents = row.number("fee_cents", 0, FEE_CENTS_MAX);
        let (agreement_from, agreement_to) = row.period("valid_from", "valid_to");
        let covers_dependents = row.choice("dependents", &[("yes", true), ("no", false)]);
        let has_agreement = ["fee_payer", "fee_cents", "valid_from", "valid_to"]
            .iter()
            .any(|name| !row.cell(name).is_empty());
        for column in ["fee_payer", "valid_from"] {
            if has_agreement && row.cell(column).is_empty() {
                row.refuse::<()>(column, "is missing: an agreement says who pays, and from which day");
            }
        }
        let mut records = Vec::new();
        if let Some(code) = code {
            let line = *self.lines.entry(code.to_ascii_uppercase()).or_insert(row.line);
            if line != row.line {
                row.refuse::<()>("code", format!("stands twice (line {line})"));
            }
            let id = office.names.employer(&code);
            let employer = Employer {
                code: Some(code),
                name,
                fee_payer,
                fee_cents,
                agreement_from,
                agreement_to,
                covers_dependents,
            };
            let mut values = employer.values();
            if agreement_from.is_some() && agreement_to.is_none() {
                values.push((employer_fields::agreement_to.into(), Value::Null));
            }
            if has_agreement && row.has("dependents") && row.cell("dependents").is_empty() {
                values.push((employer_fields::covers_dependents.into(), Value::Null));
            }
            let (kind, bucket, line) = (Employer::KIND.number, office.region_bucket(), row.line);
            records.push(PlannedRecord { record: id.into(), kind, bucket, values, line });
        }
        draft.take(row, records, column_of);
    }
}

fn column_of(_kind: KindNumber, field: FieldNumber) -> &'static str {
    match field {
        employer_fields::name => "name",
        employer_fields::fee_payer => "fee_payer",
        employer_fields::fee_cents => "fee_cents",
        employer_fields::agreement_from => "valid_from",
        employer_fields::agreement_to => "valid_to",
        employer_fields::covers_dependents => "dependents",
        _ => "code",
    }
}
