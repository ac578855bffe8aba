//! Dangerous findings of all vans, for the operator and whoever answers for quality: which wait, which are overdue, and
//! how soon somebody acted. Reads; a task is closed on a van.

use crate::holdings;
use crate::local_day;
use crate::service::Service;
use crate::store::StoreResult;
use chrono::NaiveDate;
use shared::change::Bucket;
use shared::domain::route::{Site, Staff};
use shared::domain::task::{Task, TaskStatus};
use shared::domain::visit::Visit;
use shared::ids::TaskId;
use std::collections::BTreeMap;

/// One dangerous finding with where and by whom, in names that stand on no person.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub id: TaskId,
    pub task: Task,
    /// Code of the site of its visit.
    pub site: Option<String>,
    /// Code of the member of staff who said what was done.
    pub acknowledged_by: Option<String>,
    /// Code of the member of staff who comes back to it.
    pub owner: Option<String>,
}

/// What a quality lead asks first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub open: usize,
    pub overdue: usize,
    /// Nobody said yet what was done.
    pub unanswered: usize,
    pub completed: usize,
    pub entered_in_error: usize,
    /// From the finding to the word of who acted, of those that were answered.
    pub median_milliseconds: Option<i64>,
}

/// Every finding, the longest waiting first, and which day it is where vans stop.
pub async fn list(service: &Service) -> StoreResult<(Vec<Finding>, NaiveDate)> {
    let kinds = [Task::KIND, Visit::KIND, Site::KIND, Staff::KIND].map(|kind| kind.number);
    let held = holdings::read(service, |_: &Bucket| true, &kinds).await?;
    let mut staff = BTreeMap::new();
    let mut sites = BTreeMap::new();
    for (id, state) in &held.records {
        if state.kind == Staff::KIND.number {
            staff.extend(Staff::read(state).code.map(|code| (*id, code)));
        } else if state.kind == Site::KIND.number {
            sites.extend(Site::read(state).code.map(|code| (*id, code)));
        }
    }
    let tasks = held.records.iter().filter(|(_, state)| state.kind == Task::KIND.number);
    let mut findings: Vec<Finding> = tasks
        .map(|(id, state)| {
            let task = Task::read(state);
            let visit = task.visit.and_then(|visit| held.records.get(&visit.into())).map(Visit::read);
            let site = visit.and_then(|visit| visit.site).and_then(|site| sites.get(&site.into()).cloned());
            let code = |id: Option<shared::ids::StaffId>| id.and_then(|id| staff.get(&id.into()).cloned());
            let (acknowledged_by, owner) = (code(task.acknowledged_by), code(task.owner));
            Finding { id: (*id).into(), task, site, acknowledged_by, owner }
        })
        .collect();
    findings.sort_by_key(|finding| (finding.task.due_on, finding.task.raised_at, finding.id));
    Ok((findings, local_day::today(&held, service.clock.now())))
}

/// Counts, as of a day.
pub fn summary(findings: &[Finding], today: NaiveDate) -> Summary {
    let mut summary = Summary::default();
    let mut waits = Vec::new();
    for Finding { task, .. } in findings {
        summary.open += usize::from(task.is_open());
        summary.overdue += usize::from(task.is_overdue(today));
        summary.unanswered += usize::from(task.is_unanswered());
        summary.completed += usize::from(task.status == Some(TaskStatus::Completed));
        summary.entered_in_error += usize::from(task.status == Some(TaskStatus::EnteredInError));
        if let (Some(raised), Some(answered)) = (task.raised_at, task.acknowledged_at) {
            waits.push(answered.milliseconds() - raised.milliseconds());
        }
    }
    waits.sort_unstable();
    summary.median_milliseconds = waits.get(waits.len() / 2).copied();
    summary
}
