//! Dangerous values and answers: each is raised in the change that records it, stops its visit until somebody says what
//! was done, and stays in the inbox until somebody came back to it.

use super::desk::{CaptureError, Desk, Undo, set};
use crate::apply::Intent;
use crate::store::{LinkedKind, RecordReads};
use chrono::Days;
use shared::content::hearing::{Ear, Shift};
use shared::content::measurements::Measurement;
use shared::content::pack::{AlertRule, DUE_DAYS};
use shared::content::questionnaire::Questionnaire;
use shared::content::units::display_unit;
use shared::domain::calculated::Calculated;
use shared::domain::person::Person;
use shared::domain::route::Staff;
use shared::domain::task::{Task, TaskStatus, task_fields};
use shared::draft::{CheckedVital, VitalValue};
use shared::ids::{PersonId, TaskId, VisitId};
use shared::merge::RecordState;
use shared::record::FieldType;
use shared::time::Timestamp;

const TASKS_OF_PERSON: LinkedKind = LinkedKind::new(&Task::KIND, task_fields::person);

/// One finding that somebody has to come back to.
#[derive(Clone, Debug)]
pub struct TaskView {
    pub id: TaskId,
    pub task: Task,
    pub person_name: String,
    /// Who said what was done.
    pub acknowledged_by: Option<String>,
    /// The record as it is shown.
    seen: RecordState,
}

/// What staff say about a dangerous finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// The protocol's action was done, in the words that were chosen.
    Acted(String),
    /// It could not be done, and why.
    CouldNot(String),
    /// The value was entered wrongly: there is nothing to come back to.
    Mistaken(String),
}

/// What was found, in English, as it stands in the record for whoever follows it up.
pub(super) fn found(alert: &AlertRule, checked: &[CheckedVital<'_>], follows: &[Calculated<'_>]) -> String {
    let is_part = |key: &str| alert.any.iter().any(|line| line.key == key);
    let unit_of = |measurement: &Measurement| {
        display_unit(measurement.unit_ucum.as_deref().unwrap_or_default()).to_owned()
    };
    let typed = checked.iter().filter(|vital| is_part(&vital.measurement.key)).map(|vital| {
        let measurement = vital.measurement;
        let unit = unit_of(measurement);
        let value = match &vital.value {
            VitalValue::OffMeter(beyond, limit) => {
                beyond.words(measurement.meter.as_ref(), &format!("{limit} {unit}"))
            }
            value => format!("{value} {unit}"),
        };
        format!("{} {value}", measurement.name.english).trim_end().to_owned()
    });
    let made = follows.iter().filter(|made| is_part(made.formula.key)).map(|made| {
        format!("{} {} {}", made.measurement.name.english, made.value, unit_of(made.measurement))
    });
    typed.chain(made).collect::<Vec<_>>().join(", ")
}

/// What was found in an ear that hears less than before.
pub(super) fn found_in_ear(ear: Ear, shift: &Shift) -> String {
    let side = match ear {
        Ear::Left => "left",
        Ear::Right => "right",
    };
    let (name, change, now) = (shift.finding.name().english, shift.change_db, shift.threshold_db);
    format!("{name}, {side} ear: {change} dB, mean threshold now {now} dB")
}

impl Desk {
    /// A task that stops its visit, to be written with what raised it and of the same moment, by which it is found again.
    pub(super) fn raised(
        &mut self,
        at: Timestamp,
        visit: VisitId,
        person: PersonId,
        reason: &str,
        found: String,
        due_days: u16,
    ) -> Result<(TaskId, Intent), CaptureError> {
        let task = Task {
            person: Some(person),
            visit: Some(visit),
            reason: Some(reason.to_owned()),
            found: Some(found),
            raised_at: Some(at),
            status: Some(TaskStatus::Requested),
            due_on: self.local_day()?.checked_add_days(Days::new(due_days.into())),
            owner: Some(self.staff),
            ..Task::default()
        };
        let id: TaskId = self.new_id();
        Ok((id, set(&Task::KIND, id, task.values())))
    }

    /// An answer that demands an action now, before the form is done. The same answer raises it once a visit.
    pub fn raise_answer(
        &mut self,
        visit: VisitId,
        form: &Questionnaire,
        link_id: &str,
    ) -> Result<TaskId, CaptureError> {
        let (person, site) = self.who_and_where(visit)?;
        let reason = format!("{}/{link_id}", form.id().unwrap_or_default());
        let raised = self.tasks_of_visit(visit)?;
        // What was entered wrongly before says nothing about what is entered now.
        let stands = |task: &Task| task.status != Some(TaskStatus::EnteredInError);
        let same = |(_, task): &&(TaskId, Task)| task.reason.as_deref() == Some(&reason) && stands(task);
        if let Some((id, _)) = raised.iter().find(same) {
            return Ok(*id);
        }
        let (id, intent) = self.raised(self.now(), visit, person, &reason, form.title.clone(), DUE_DAYS)?;
        self.write(Self::bucket_of_site(site), Some(visit.into()), vec![intent])?;
        Ok(id)
    }

    /// Every dangerous finding of a visit, the earliest first.
    pub fn tasks_of_visit(&self, visit: VisitId) -> Result<Vec<(TaskId, Task)>, CaptureError> {
        let (person, _) = self.who_and_where(visit)?;
        let mut tasks = self.tasks_of(person)?;
        tasks.retain(|(_, task)| task.visit == Some(visit));
        Ok(tasks)
    }

    pub(super) fn tasks_of(&self, person: PersonId) -> Result<Vec<(TaskId, Task)>, CaptureError> {
        let linked = self.store.linked(person.into(), TASKS_OF_PERSON)?;
        let mut tasks: Vec<(TaskId, Task)> =
            linked.iter().map(|(id, state)| ((*id).into(), Task::read(state))).collect();
        tasks.sort_by_key(|(id, task)| (task.raised_at, *id));
        Ok(tasks)
    }

    /// Writes who acted on a finding, when and how; with `Mistaken` it is closed. What a colleague answered meanwhile
    /// stands beside it.
    pub fn respond(&mut self, id: TaskId, response: &Response) -> Result<Undo, CaptureError> {
        let (words, acted) = match response {
            Response::Acted(words) => (words, true),
            Response::CouldNot(words) | Response::Mistaken(words) => (words, false),
        };
        let mut values = vec![
            (task_fields::action.into(), words.to_value()),
            (task_fields::acted.into(), acted.to_value()),
            (task_fields::acknowledged_by.into(), self.staff.to_value()),
            (task_fields::acknowledged_at.into(), self.now().to_value()),
        ];
        if matches!(response, Response::Mistaken(_)) {
            values.push((task_fields::status.into(), TaskStatus::EnteredInError.to_value()));
            values.push((task_fields::closed_by.into(), self.staff.to_value()));
        }
        let state = self.state(id.into())?;
        let seen =
            if Task::read(&state).is_unanswered() { state } else { RecordState::new(Task::KIND.number) };
        self.change_task(id, &seen, values)
    }

    /// Somebody came back to it, as it was shown.
    pub fn task_done(&mut self, shown: &TaskView) -> Result<Undo, CaptureError> {
        let values = vec![
            (task_fields::status.into(), TaskStatus::Completed.to_value()),
            (task_fields::closed_by.into(), self.staff.to_value()),
        ];
        self.change_task(shown.id, &shown.seen, values)
    }

    fn change_task(
        &mut self,
        id: TaskId,
        seen: &RecordState,
        values: Vec<(shared::record::FieldKey, shared::record::Value)>,
    ) -> Result<Undo, CaptureError> {
        let bucket = self.store.bucket_of(id.into())?.ok_or(CaptureError::Gone)?;
        let visit = Task::read(&self.state(id.into())?).visit;
        self.write(bucket, visit.map(Into::into), vec![Intent::Edit(seen.edit(id.into(), values))])
    }

    /// Everything on this device that somebody still has to come back to, the earliest due first.
    pub fn tasks(&self) -> Result<Vec<TaskView>, CaptureError> {
        let mut found = Vec::new();
        for (id, state) in self.store.states_of(&Task::KIND)? {
            let task = Task::read(&state);
            let Some(person) = task.person.filter(|_| task.is_open()) else { continue };
            let Some(whose) = self.store.state(person.into())? else { continue };
            let person_name = Person::read(&whose).spoken_name();
            let staff = task.acknowledged_by.map(|staff| self.store.state(staff.into())).transpose()?;
            let acknowledged_by = staff.flatten().and_then(|state| Staff::read(&state).name);
            found.push(TaskView { id: id.into(), task, person_name, acknowledged_by, seen: state });
        }
        found.sort_by_key(|view| (view.task.due_on, view.id));
        Ok(found)
    }
}
