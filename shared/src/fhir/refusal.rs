//! Why a bundle from elsewhere is not taken, or a visit cannot be written: which resource, which element, which reason.
//! Never the value of a person, only codes, units and numbers' bounds.

use super::json::{Broken, Why};

/// One thing that is wrong with what came in. The system that sent it must act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{resource}: {path}: {reason}")]
pub struct Refusal {
    /// `Observation/<id>`, or `Bundle` where no resource is known yet.
    pub resource: String,
    /// The element's path within it, such as `component[1].valueQuantity.code`.
    pub path: String,
    pub reason: Reason,
}

impl Refusal {
    /// The element's place as one path, such as `Bundle.entry[3].resource.code`.
    pub fn place(&self) -> String {
        match self.path.as_str() {
            "$" => self.resource.clone(),
            path => format!("{}.{path}", self.resource),
        }
    }
}

/// What is wrong with an element.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("is not JSON: {0}")]
    NotJson(String),
    #[error("nests deeper than {} levels", super::json::DEPTH_MAX)]
    TooDeep,
    #[error("has {count} {what}; at most {count_max} are read")]
    TooMany { what: &'static str, count: usize, count_max: usize },
    #[error("is missing")]
    Missing,
    #[error("is not {0}")]
    WrongShape(&'static str),
    /// Exactly this is understood there.
    #[error("is not \"{0}\"")]
    NotThis(String),
    #[error("has no coding of {0}")]
    WrongSystem(String),
    #[error("holds the unknown code \"{0}\"")]
    UnknownCode(String),
    #[error("is in \"{unit}\"; {loinc} is taken in \"{expected}\"")]
    WrongUnit { unit: String, loinc: String, expected: String },
    #[error("is outside {low} to {high}, where no living person's value lies")]
    Impossible { low: String, high: String },
    #[error("has more digits than a quantity can have")]
    TooPrecise,
    #[error("stands twice")]
    Twice,
    #[error("names {0}, which is not in the bundle")]
    Unresolved(String),
    #[error("is not understood, and passing it over could change what is meant")]
    NotUnderstood,
    /// Two parts of the bundle say different things.
    #[error("contradicts {0}")]
    Contradicts(String),
    #[error("has no member number: an identifier of type MB (HL7 v2-0203)")]
    NoMemberNumber,
    #[error("names no rule: neither by a coding of {0} nor by a MeasureReport of this file as evidence")]
    NoRule(&'static str),
    /// A report says how far a measure was met; which part of it is a gap, and whether it is open, only its issue says.
    #[error(
        "is a MeasureReport, and no DetectedIssue stands in its bundle: the report does not say which gap is open; ask \
         the plan for the gaps in care bundle (DEQM), whose DetectedIssue has a gapStatus"
    )]
    ReportAlone,
    /// An answer that does not fit its form.
    #[error("does not fit the form: {0}")]
    NotAnAnswer(String),
}

/// Why something of a visit has no place in FHIR as it is. Whoever keeps the record must act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {field} {reason}")]
pub struct Unwritable {
    /// The fact or record, such as `Observation <id>`.
    pub what: String,
    pub field: &'static str,
    pub reason: String,
}

impl From<Broken> for Refusal {
    fn from(broken: Broken) -> Refusal {
        let reason = match broken.why {
            Why::NotJson(reason) => Reason::NotJson(reason),
            Why::TooDeep => Reason::TooDeep,
            Why::Twice => Reason::Twice,
        };
        let path = if broken.path.is_empty() { "$".to_owned() } else { broken.path };
        Refusal { resource: "Bundle".to_owned(), path, reason }
    }
}
