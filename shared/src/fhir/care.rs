//! Care that was given before or elsewhere (Procedure) and the charge line of the visit (ChargeItem).
//! Never what is still due, which is `gap`.

use super::elements::{FACT, STAFF, concept, extension, list, object};
use super::json::Json;
use super::node::Node;
use super::reading::{Found, parts};
use super::refusal::{Reason, Refusal};
use super::writing::{Writing, amends_extension, own_identifier};
use crate::content::Quantity;
use crate::domain::account::Payer;
use crate::domain::fee::{Charge, Eligibility};
use crate::domain::past_care::{CareSource, PastCare};
use crate::ids::{FactId, StaffId};
use uuid::Uuid;

const SERVICE: &str = "https://caravan.invalid/fhir/CodeSystem/service";
const VISIT_FEE: &str = "https://caravan.invalid/fhir/CodeSystem/charge";

pub(super) fn write(out: &mut Writing<'_>) {
    for fact in out.facts_of(PastCare::KIND.number) {
        let care = PastCare::read(fact);
        let service = care.service.as_deref().filter(|service| !service.is_empty());
        // Without a service it says nothing but that another fact was an error.
        if service.is_none() && fact.amends.is_none() {
            out.refuse(fact, "service", "is missing");
            continue;
        }
        let is_said = service.is_some() && out.stands(fact, None);
        let status = if is_said { "completed" } else { "entered-in-error" };
        let performer = care.performer.map(|staff| STAFF.elsewhere(Some(staff.uuid())));
        let fields = [
            ("identifier", own_identifier(FACT, fact.id.uuid())),
            ("status", status.into()),
            ("code", service.map_or(Json::Null, |service| concept(SERVICE, service))),
            ("subject", out.person()),
            ("encounter", out.visit(care.visit)),
            ("performedDateTime", care.given_on.map(|date| date.to_string()).into()),
            // Who wrote it down; who gave the care is not known.
            ("recorder", performer.into()),
            ("note", list([object([("text", care.note.as_ref().into())])])),
            (
                "extension",
                list([
                    extension("recorded-at", "valueDateTime", out.moment(fact)),
                    extension("care-source", "valueCode", care.source.map(CareSource::code)),
                    amends_extension(fact),
                ]),
            ),
        ];
        out.put("Procedure", fact.id.uuid(), fields);
    }
    for fact in out.facts_of(Charge::KIND.number) {
        let charge = Charge::read(fact);
        let cents = charge.fee_cents.map(|cents| Quantity::new(cents, 2));
        let price = match cents {
            None => Json::Null,
            Some(Ok(price)) => {
                object([("value", Json::Number(price.to_string())), ("currency", "USD".into())])
            }
            Some(Err(_)) => {
                out.refuse(fact, "fee_cents", "has more digits than a price can have");
                continue;
            }
        };
        let status = if out.stands(fact, None) { "billable" } else { "entered-in-error" };
        let fields = [
            ("identifier", own_identifier(FACT, fact.id.uuid())),
            ("status", status.into()),
            ("code", concept(VISIT_FEE, "visit-fee")),
            ("subject", out.person()),
            ("context", out.visit(charge.visit)),
            ("occurrenceDateTime", charge.day.map(|day| day.to_string()).into()),
            ("enteredDate", out.moment(fact)),
            ("priceOverride", price),
            ("overrideReason", charge.rule.as_ref().into()),
            (
                "extension",
                list([
                    extension("payer", "valueCode", charge.payer.map(Payer::code)),
                    extension("eligibility", "valueCode", charge.eligibility.map(Eligibility::code)),
                    extension("walk-up", "valueBoolean", charge.walk_up),
                    amends_extension(fact),
                ]),
            ),
        ];
        out.put("ChargeItem", fact.id.uuid(), fields);
    }
}

pub(super) fn read_procedure(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    let parts = parts(node, "subject", "encounter")?;
    status(node, "completed")?;
    let source = node.extension_text("care-source", "valueCode")?;
    let note = node.only("note")?.map(|note| note.need("text", note.string("text")?)).transpose()?;
    let service = match parts.amends {
        Some(_) => node.code("code", SERVICE)?,
        None => Some(node.need("code", node.code("code", SERVICE)?)?),
    };
    let care = PastCare {
        visit: parts.visit,
        service: service.map(str::to_owned),
        given_on: node.date("performedDateTime")?,
        source: node.known("extension", source, CareSource::from_code)?,
        performer: node.reference("recorder", STAFF)?.map(StaffId::from_uuid),
        note,
    };
    let at = node.need("extension", node.extension_moment("recorded-at")?)?;
    found.fact(node, care.fact(FactId::from_uuid(id), parts.person.into(), at, parts.amends))
}

pub(super) fn read_charge(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    let parts = parts(node, "subject", "context")?;
    status(node, "billable")?;
    if node.code("code", VISIT_FEE)? != Some("visit-fee") {
        return Err(node.refuse("code", Reason::NotThis("visit-fee".to_owned())));
    }
    let payer = node.extension_text("payer", "valueCode")?;
    let eligibility = node.extension_text("eligibility", "valueCode")?;
    let cents = |price: Node<'_>| -> Result<i64, Refusal> {
        price.fixed("currency", "USD")?;
        let value = price.need("value", price.number("value")?)?;
        let cents = value.rounded(2).filter(|cents| *cents == value);
        let cents = cents.ok_or_else(|| price.refuse("value", Reason::WrongShape("dollars and cents")))?;
        Ok(cents.mantissa())
    };
    let charge = Charge {
        visit: parts.visit,
        payer: node.known("extension", payer, Payer::from_code)?,
        fee_cents: node.object("priceOverride")?.map(cents).transpose()?,
        rule: node.string("overrideReason")?,
        day: node.day("occurrenceDateTime")?,
        eligibility: node.known("extension", eligibility, Eligibility::from_code)?,
        walk_up: node.extension_flag("walk-up")?,
    };
    let at = node.need("enteredDate", node.moment("enteredDate")?)?;
    found.fact(node, charge.fact(FactId::from_uuid(id), parts.person.into(), at, parts.amends))
}

/// The usual status, or that another fact amends this one.
fn status(node: &Node<'_>, usual: &str) -> Result<(), Refusal> {
    match node.text("status")? {
        Some("entered-in-error") => Ok(()),
        _ => node.fixed("status", usual),
    }
}
