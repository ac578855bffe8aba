//! What app and server say to each other, v1: `POST /v1/enrol` (JSON), `POST /v1/sync/push` (a batch, zstd) and
//! `POST /v1/sync/pull` (CBOR), `POST /v1/renew` (JSON). Errors are RFC 9457 problems whose `code` a program reads.

mod enrol;
pub mod limits;
mod messages;
mod problem;
pub mod sealed;

pub use enrol::{EnrolAnswer, EnrolRequest, EnrolmentCode, NotACode, RenewAnswer, RenewRequest};
pub use messages::{
    Decided, FactEntry, Outcome, PROTOCOL_VERSION, PullAnswer, PullPage, PullRequest, PushAnswer, Rejected,
    Standing, StateEntry,
};
pub use problem::{Problem, ProblemCode};

#[cfg(test)]
mod tests;
