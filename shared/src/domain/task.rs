//! What a dangerous value or answer leaves to do: what was found, what was done at once and by whom, and who comes
//! back to it by when. Never the value itself, which is a fact of its own.

use crate::ids::{PersonId, StaffId, TaskId, VisitId};
use crate::record::{coded_values, record_kind};
use crate::time::Timestamp;
use chrono::NaiveDate;

coded_values! {
    /// FHIR task-status, as far as a van uses it.
    TaskStatus { Requested = "requested", Completed = "completed", EnteredInError = "entered-in-error" }
}

record_kind! {
    /// A critical value or answer and its follow-up (FHIR Task). It is written in the change that holds the value, so
    /// that no crash and no lock lets anybody go on without it.
    Task, TaskId, task_fields, 13, "Task" {
        1 person: PersonId, Latest;
        2 visit: VisitId, Latest;
        /// Id of the alert rule in the pack, or `form/linkId` of the answer.
        3 reason: String, Latest;
        /// What was found, in English, such as `Systolic blood pressure 190 mmHg`; a form's title for an answer.
        4 found: String, Latest;
        5 raised_at: Timestamp, Latest;
        /// What was done at once, or why it could not be, in the words that staff chose from.
        6 action: String, Review;
        /// False when the protocol's action could not be done.
        7 acted: bool, Review;
        /// Nobody has acted yet while this is missing.
        8 acknowledged_by: StaffId, Latest;
        9 acknowledged_at: Timestamp, Latest;
        10 status: TaskStatus, Review;
        11 due_on: NaiveDate, Latest;
        12 owner: StaffId, Latest;
        /// Who closed it.
        13 closed_by: StaffId, Latest;
    }
}

impl Task {
    /// Whether somebody still has to come back to it.
    pub fn is_open(&self) -> bool {
        self.status.is_none_or(|status| status == TaskStatus::Requested)
    }
    /// Whether it stops its visit: raised, and nobody said yet what was done.
    pub fn is_unanswered(&self) -> bool {
        self.is_open() && self.acknowledged_at.is_none()
    }
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.is_open() && self.due_on.is_some_and(|due_on| due_on < today)
    }
}
