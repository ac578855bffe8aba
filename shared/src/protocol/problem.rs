//! Errors on the wire: RFC 9457 problem details. Programs read `code`; people read `title` and `detail`.

use serde::{Deserialize, Serialize};

/// What went wrong, by who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemCode {
    /// The body is over its limit, before or after decompression.
    TooLarge,
    /// The body does not decode.
    Malformed,
    /// The signature does not fit.
    Signature,
    /// The chain does not continue from what the server holds. The device sends again from `acknowledged`.
    Gap,
    /// Two installations wrote under one name. The device must enrol anew.
    Fork,
    /// The device's credential was revoked.
    Revoked,
    /// No credential, or one of another plan.
    Unknown,
    /// The enrolment code is wrong, used or too old.
    EnrolmentCode,
    /// Too much at once; try again after the time in `Retry-After`.
    Busy,
    /// The server could not do its work. Nothing was written.
    Internal,
    /// No such address.
    NotFound,
    /// A code of a newer server.
    #[serde(other)]
    Other,
}

impl ProblemCode {
    /// Whether sending the same bytes again is useless.
    pub fn is_permanent(self) -> bool {
        !matches!(self, ProblemCode::Busy | ProblemCode::Internal | ProblemCode::Gap | ProblemCode::Other)
    }
}

/// The body of an error, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: ProblemCode,
    pub title: String,
    pub status: u16,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// With `gap`, `fork` and `wipe`: the last sequence that the server holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<u64>,
    /// The office ordered this device to erase itself, once `acknowledged` covers all that it wrote. A device from
    /// before 2026-11-25 reads the code alone: revoked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wipe: bool,
}
