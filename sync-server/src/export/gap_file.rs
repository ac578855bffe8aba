//! How a file of gaps looks: CSV for a spreadsheet, FHIR R4 JSON for a record system. Never which gaps stand in it.

use super::gaps::Remainder;
use chrono::NaiveDate;
use shared::domain::care_gap::GapStatus;
use shared::fhir;

const COLUMNS: [&str; 11] = [
    "member_number",
    "person",
    "gap_id",
    "status",
    "due_since",
    "claimed_by",
    "reason",
    "follow_up_on",
    "follow_up_owner",
    "contact_by",
    "may_contact",
];

impl Remainder {
    pub fn csv(&self) -> Vec<u8> {
        let mut out = csv::Writer::from_writer(Vec::new());
        let mut line =
            |fields: [String; 11]| out.write_record(&fields).expect("memory takes what is written");
        line(COLUMNS.map(str::to_owned));
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let text = |text: Option<&str>| plain(text.unwrap_or_default());
        for listed in &self.gaps {
            let gap = &listed.gap;
            line([
                plain(&listed.member_number),
                gap.person.map(|person| person.to_string()).unwrap_or_default(),
                text(gap.rule.as_deref()),
                gap.status.unwrap_or(GapStatus::Open).code().to_owned(),
                day(gap.due_since),
                text(gap.claimed_by.as_deref()),
                text(gap.reason.as_deref()),
                day(gap.follow_up_on),
                text(listed.follow_up_owner.as_deref()),
                listed.contact_by.clone(),
                if listed.contact_by.is_empty() { "no" } else { "yes" }.to_owned(),
            ]);
        }
        out.into_inner().expect("memory takes what is written")
    }

    /// A collection of DetectedIssue (DEQM), as `import gaps` reads it.
    pub fn fhir(&self) -> String {
        fhir::write_gaps(&self.gaps)
    }
}

/// A text that no spreadsheet takes for a formula.
pub(super) fn plain(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
