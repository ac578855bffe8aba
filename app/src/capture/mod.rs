//! What staff do on a van, without a screen: find, register, check in, screen, settle. Each call reads projections
//! or writes one atomic change through `apply`, and returns when it is durable. The touch screens and the demo's
//! van day call the same functions. Never SQL, never the network.

mod calculated;
mod check_in;
mod conflicts;
mod crew;
mod day;
mod delivery;
mod desk;
mod drafts;
mod due;
mod find;
mod follow_ups;
mod gaps;
mod hearing;
mod packs;
mod person;
mod place;
mod questions;
mod register;
mod tasks;
mod views;
mod visit;
mod vitals;

pub use calculated::calculated_of;
pub use check_in::{CheckInDraft, CheckInError, ConsentDraft, Scopes};
pub use conflicts::{Candidate, ConflictView, Place, Subject};
pub use crew::CrewMember;
pub use day::{Board, Card, Day, NextStop, PackState, StopView};
pub use delivery::{Delivery, DeviceFacts, Refusal, Undelivered};
pub use desk::{CaptureError, Desk, DeskOptions, Undo};
pub use find::{Alike, PersonHit};
pub use follow_ups::{Ended, FollowUp, Outcome};
pub use gaps::{GapDecision, GapView, contradiction};
pub use hearing::{hearing_baseline, hearing_shift};
pub use packs::Packs;
pub use person::{PersonView, Result as ResultLine};
pub use questions::is_whole;
pub use register::RegisterError;
pub use tasks::{Response, TaskView};
pub use visit::VisitView;
pub use vitals::{VitalsError, VitalsTaken};
