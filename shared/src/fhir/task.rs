//! A dangerous finding and its follow-up: Task. Never the value that was found, which is an Observation.

use super::elements::{self, Noun, PERSON, STAFF, VISIT, extension, list, object};
use super::json::Json;
use super::node::Node;
use super::reading::Found;
use super::refusal::{Reason, Refusal};
use super::writing::{Writing, own_identifier};
use crate::domain::task::{Task, TaskStatus};
use crate::ids::{PersonId, StaffId, TaskId, VisitId};
use crate::time::Timestamp;
use uuid::Uuid;

const TASK: Noun = Noun { name: "task", fhir: "Task" };
const ACTION: &str = "https://caravan.invalid/fhir/CodeSystem/task-output";

pub(super) fn write(out: &mut Writing<'_>) {
    let record = out.record;
    for (id, task) in &record.tasks {
        if task.person != Some(record.person_id) {
            out.refuse_record("Task", id.uuid(), "person", "is another person");
        }
        let mut moment = |field, at: Option<Timestamp>| {
            let written = at.and_then(elements::moment);
            if at.is_some() && written.is_none() {
                out.refuse_record("Task", id.uuid(), field, "is in no year from 1 to 9999");
            }
            Json::from(written)
        };
        let (raised, acknowledged) =
            (moment("raised_at", task.raised_at), moment("acknowledged_at", task.acknowledged_at));
        let output = |code: &str, field, value: Json| match value.is_empty() {
            true => Json::Null,
            false => object([("type", elements::concept(ACTION, code)), (field, value)]),
        };
        let due = task.due_on.map(|day| object([("end", day.to_string().into())]));
        let staff = |id: Option<StaffId>| STAFF.elsewhere(id.map(StaffId::uuid));
        let fields = [
            ("identifier", own_identifier(TASK, id.uuid())),
            // A task that says nothing of its state is open.
            ("status", task.status.unwrap_or(TaskStatus::Requested).code().into()),
            ("intent", "order".into()),
            ("priority", "urgent".into()),
            ("description", task.found.as_ref().into()),
            ("for", out.person()),
            ("encounter", out.visit(task.visit)),
            ("authoredOn", raised),
            ("owner", staff(task.owner)),
            ("reasonCode", elements::concept_text(task.reason.as_ref())),
            ("restriction", object([("period", due.into())])),
            (
                "output",
                list([
                    output("action", "valueString", task.action.as_ref().into()),
                    output("acted", "valueBoolean", task.acted.into()),
                ]),
            ),
            (
                "extension",
                list([
                    extension("acknowledged-by", "valueReference", staff(task.acknowledged_by)),
                    extension("acknowledged-at", "valueDateTime", acknowledged),
                    extension("closed-by", "valueReference", staff(task.closed_by)),
                ]),
            ),
        ];
        out.put("Task", id.uuid(), fields);
    }
}

pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    node.fixed("intent", "order")?;
    let person = node.need("for", node.reference("for", PERSON)?)?;
    let status = node.need("status", node.text("status")?)?;
    let staff = |name| -> Result<Option<StaffId>, Refusal> {
        Ok(node.extension_reference(name, STAFF)?.map(StaffId::from_uuid))
    };
    let mut task = Task {
        person: Some(PersonId::from_uuid(person)),
        visit: node.reference("encounter", VISIT)?.map(VisitId::from_uuid),
        reason: node.object("reasonCode")?.map(|code| code.string("text")).transpose()?.flatten(),
        found: node.string("description")?,
        raised_at: node.moment("authoredOn")?,
        acknowledged_by: staff("acknowledged-by")?,
        acknowledged_at: node.extension_moment("acknowledged-at")?,
        status: node.known("status", Some(status), TaskStatus::from_code)?,
        owner: node.reference("owner", STAFF)?.map(StaffId::from_uuid),
        closed_by: staff("closed-by")?,
        ..Task::default()
    };
    if let Some(period) = node.object("restriction")?.map(|node| node.object("period")).transpose()?.flatten()
    {
        task.due_on = period.day("end")?;
    }
    for output in node.list("output")? {
        match output.code("type", ACTION)? {
            Some("action") => task.action = Some(output.need("valueString", output.string("valueString")?)?),
            Some("acted") => task.acted = Some(output.need("valueBoolean", output.boolean("valueBoolean")?)?),
            _ => return Err(output.refuse("type", Reason::NotUnderstood)),
        }
    }
    found.tasks.insert(TaskId::from_uuid(id), task);
    Ok(())
}
