//! The visit: Encounter (US Core 7) of class field. Never what was found in it.

use super::elements::{self, ACT_CODE, PERSON, SITE, STAFF, STOP, VAN, VISIT};
use super::elements::{coding, concept, extension, list, object};
use super::json::Json;
use super::node::Node;
use super::reading::Found;
use super::refusal::{Reason, Refusal};
use super::writing::{Writing, own_identifier};
use crate::domain::visit::{Station, Visit, VisitStatus};
use crate::ids::{PersonId, SiteId, StaffId, StopId, VanId, VisitId};
use crate::time::Timestamp;
use uuid::Uuid;

const PROFILE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-encounter";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const PLACE_TYPE: &str = "http://terminology.hl7.org/CodeSystem/location-physical-type";
const SITE_TYPE: &str = "si";
const VEHICLE_TYPE: &str = "ve";

pub(super) fn write(out: &mut Writing<'_>) {
    let (id, visit) = (out.record.visit_id.uuid(), &out.record.visit);
    if visit.person != Some(out.record.person_id) {
        out.refuse_record("Encounter", id, "person", "is another person than the bundle's");
    }
    let mut moment = |field, at: Option<Timestamp>| {
        let written = at.and_then(elements::moment);
        if at.is_some() && written.is_none() {
            out.refuse_record("Encounter", id, field, "is in no year from 1 to 9999");
        }
        Json::from(written)
    };
    let (start, end) =
        (moment("checked_in_at", visit.checked_in_at), moment("finished_at", visit.finished_at));
    // Two tablets' clocks may say that a visit ended before it began. FHIR has no such period.
    let is_period = visit.checked_in_at.zip(visit.finished_at).is_none_or(|(start, end)| start <= end);
    let (period, apart) = match is_period {
        true => (object([("start", start), ("end", end)]), [Json::Null, Json::Null]),
        false => (
            Json::Null,
            [
                extension("checked-in-at", "valueDateTime", start),
                extension("finished-at", "valueDateTime", end),
            ],
        ),
    };
    let place = |noun: elements::Noun, id: Option<Uuid>, kind: &str| match id {
        Some(id) => {
            object([("location", noun.elsewhere(Some(id))), ("physicalType", concept(PLACE_TYPE, kind))])
        }
        None => Json::Null,
    };
    let admitter = visit.checked_in_by.map(|staff| {
        object([
            ("type", list([concept(PARTICIPATION, "ADM")])),
            ("individual", STAFF.elsewhere(Some(staff.uuid()))),
        ])
    });
    let person = out.person();
    out.put(
        "Encounter",
        id,
        [
            ("meta", object([("profile", list([PROFILE.into()]))])),
            ("identifier", own_identifier(VISIT, id)),
            ("status", visit.status.map_or("unknown", VisitStatus::code).into()),
            ("class", coding(ACT_CODE, "FLD", Some("field"))),
            ("type", list([object([("text", "Clinic van visit".into())])])),
            ("subject", person),
            ("appointment", list([STOP.elsewhere(visit.stop.map(StopId::uuid))])),
            ("participant", list([admitter.into()])),
            ("period", period),
            (
                "location",
                list([
                    place(SITE, visit.site.map(SiteId::uuid), SITE_TYPE),
                    place(VAN, visit.van.map(VanId::uuid), VEHICLE_TYPE),
                ]),
            ),
            (
                "extension",
                list(apart.into_iter().chain([
                    extension("station", "valueCode", visit.station.map(Station::code)),
                    extension("identifiers-confirmed", "valueString", visit.identifiers_confirmed.as_ref()),
                    extension("note", "valueString", visit.note.as_ref()),
                    extension("walk-up", "valueBoolean", visit.walk_up),
                ])),
            ),
        ],
    );
}

pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    let class = node.need("class", node.object("class")?)?;
    class.fixed("system", ACT_CODE)?;
    class.fixed("code", "FLD")?;
    let status = node.need("status", node.text("status")?)?;
    let subject = node.need("subject", node.reference("subject", PERSON)?)?;
    let mut visit = Visit {
        person: Some(PersonId::from_uuid(subject)),
        status: node.known(
            "status",
            Some(status).filter(|code| *code != "unknown"),
            VisitStatus::from_code,
        )?,
        station: node.known("extension", node.extension_text("station", "valueCode")?, Station::from_code)?,
        identifiers_confirmed: node.extension_text("identifiers-confirmed", "valueString")?,
        note: node.extension_text("note", "valueString")?,
        walk_up: node.extension_flag("walk-up")?,
        checked_in_at: node.extension_moment("checked-in-at")?,
        finished_at: node.extension_moment("finished-at")?,
        ..Visit::default()
    };
    if let Some(period) = node.object("period")? {
        visit.checked_in_at = period.moment("start")?;
        visit.finished_at = period.moment("end")?;
        if visit.checked_in_at.zip(visit.finished_at).is_some_and(|(start, end)| start > end) {
            return Err(node.refuse("period", Reason::WrongShape("a period that starts before it ends")));
        }
    }
    if let Some(stop) = node.only("appointment")? {
        visit.stop = Some(StopId::from_uuid(stop.reference_here(STOP)?));
    }
    if let Some(participant) = node.only("participant")? {
        visit.checked_in_by = participant.reference("individual", STAFF)?.map(StaffId::from_uuid);
    }
    for location in node.list("location")? {
        let place = |noun| location.need("location", location.reference("location", noun)?);
        match location.code("physicalType", PLACE_TYPE)? {
            Some(SITE_TYPE) => visit.site = Some(SiteId::from_uuid(place(SITE)?)),
            Some(VEHICLE_TYPE) => visit.van = Some(VanId::from_uuid(place(VAN)?)),
            _ => return Err(location.refuse("physicalType", Reason::NotUnderstood)),
        }
    }
    found.visit(node, VisitId::from_uuid(id), visit)
}
