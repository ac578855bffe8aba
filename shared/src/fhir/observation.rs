//! What was measured: one Observation a value. Blood pressure, which is two values in one resource, is `pressure`.
//! A unit that people type is taken into the catalog's; never a code or a unit that the catalog does not have.

use super::elements::{self, FACT, LOINC, OBSERVATION_CATEGORY, STAFF, UCUM};
use super::elements::{coding, concept, extension, list, object};
use super::json::Json;
use super::node::Node;
use super::reading::{Found, Parts, parts};
use super::refusal::{Reason, Refusal};
use super::writing::{Writing, amends_extension, own_identifier};
use super::{calculated, chart, panel, pressure, retraction, score};
use crate::content::Quantity;
use crate::content::measurements::{self, Beyond, Category, Measurement, Plausibility};
use crate::content::units::{convert, display_unit};
use crate::domain::screening::{FactStatus, Observation};
use crate::ids::{FactId, StaffId};
use crate::record::Fact;
use crate::time::Timestamp;
use uuid::Uuid;

/// R4: this observation takes the place of another, which is obsolete.
const REPLACES: &str = "http://hl7.org/fhir/StructureDefinition/observation-replaces";
const METHOD: &str = "https://caravan.invalid/fhir/CodeSystem/measurement-method";
/// How a value came to be when no device measured it.
const METHODS: [&str; 2] = ["manual", "calculated"];

pub(super) fn write(out: &mut Writing<'_>) {
    for fact in out.facts_of(Observation::KIND.number) {
        let observation = Observation::read(fact);
        if retraction::is_one(fact, &observation) || pressure::is_part(&observation) {
            continue;
        }
        let Some(measurement) = known(out, fact, &observation) else { continue };
        if observation.panel.is_some() && observation.panel != measurement.panel_loinc {
            out.refuse(fact, "panel", "is not the catalog's");
        }
        let status = out.status_now(fact, observation.status);
        let mut fields = head(out, fact, &observation, measurement, status);
        let (value, extensions) = value(out, fact, &observation, measurement);
        fields.push(("code", code(measurement)));
        fields.extend(value);
        fields.push((
            "extension",
            list(extensions.into_iter().chain(head_extensions(out, fact, &observation, status))),
        ));
        out.put("Observation", fact.id.uuid(), fields);
    }
}

/// The catalog's entry of what was measured, or a word on why it cannot be written.
pub(super) fn known<'a>(
    out: &mut Writing<'a>,
    fact: &Fact,
    observation: &Observation,
) -> Option<&'a Measurement> {
    let Some(loinc) = &observation.loinc else {
        out.refuse(fact, "loinc", "is missing");
        return None;
    };
    let measurement = out.measurement(loinc);
    if measurement.is_none() {
        out.refuse(fact, "loinc", format!("\"{loinc}\" is in no release's catalog"));
    }
    measurement
}

pub(super) fn code(measurement: &Measurement) -> Json {
    let first = coding(LOINC, &measurement.loinc, Some(&measurement.loinc_display));
    let more = measurement.loinc_extra.iter().map(|code| coding(LOINC, code, None));
    object([("coding", list(std::iter::once(first).chain(more)))])
}

/// What one value and a pair of them have in common.
pub(super) fn head(
    out: &mut Writing<'_>,
    fact: &Fact,
    observation: &Observation,
    measurement: &Measurement,
    status: FactStatus,
) -> Vec<(&'static str, Json)> {
    let category = match measurement.category {
        Category::VitalSigns => "vital-signs",
        Category::Laboratory => "laboratory",
        Category::Exam => "exam",
    };
    let (method, device) = match observation.method.as_deref() {
        Some(method) if METHODS.contains(&method) => (concept(METHOD, method), Json::Null),
        device => (Json::Null, object([("display", device.into())])),
    };
    vec![
        ("meta", object([("profile", list([measurement.profile.as_ref().into()]))])),
        ("identifier", own_identifier(FACT, fact.id.uuid())),
        ("status", status.code().into()),
        ("category", list([concept(OBSERVATION_CATEGORY, category)])),
        ("subject", out.person()),
        ("encounter", out.visit(observation.visit)),
        ("effectiveDateTime", out.moment(fact)),
        ("performer", list([STAFF.elsewhere(observation.performer.map(StaffId::uuid))])),
        ("method", method),
        ("device", device),
    ]
}

pub(super) fn head_extensions(
    out: &mut Writing<'_>,
    fact: &Fact,
    observation: &Observation,
    status: FactStatus,
) -> Vec<Json> {
    let written = observation.status.unwrap_or(FactStatus::Final);
    let reading = observation.reading.filter(|reading| i32::try_from(*reading).is_ok());
    if reading != observation.reading {
        out.refuse(fact, "reading", "is no 32-bit integer");
    }
    let home = fact.amends.and_then(|amended| out.homes.get(&amended).copied());
    vec![
        extension(
            "status-as-written",
            "valueCode",
            Some(written).filter(|written| *written != status).map(FactStatus::code),
        ),
        extension("reading", "valueUnsignedInt", reading),
        extension(REPLACES, "valueReference", home.map(|home| FACT.here(home))),
        amends_extension(fact),
    ]
}

/// The fields and extensions that hold a value.
pub(super) fn value(
    out: &mut Writing<'_>,
    fact: &Fact,
    observation: &Observation,
    measurement: &Measurement,
) -> (Vec<(&'static str, Json)>, Vec<Json>) {
    let mut quantity = Json::Null;
    if let Some(value) = observation.value {
        let unit = measurement.unit_ucum.as_ref().filter(|unit| observation.unit.as_ref() == Some(unit));
        match (unit, elements::number(value)) {
            (Some(unit), Some(number)) => {
                quantity = object([
                    ("value", number),
                    ("comparator", observation.beyond.map(Beyond::code).into()),
                    ("unit", display_unit(unit).into()),
                    ("system", UCUM.into()),
                    ("code", unit.into()),
                ]);
            }
            (None, _) => out.refuse(fact, "unit", "is not the catalog's UCUM unit"),
            (_, None) => out.refuse(fact, "value", "has more digits than a quantity can have"),
        }
    } else if observation.text.as_deref().is_none_or(str::is_empty) {
        out.refuse(fact, "value", "is missing");
    }
    if observation.beyond.is_some() && observation.value.is_none() {
        out.refuse(fact, "beyond", "stands without the end of the meter's range");
    }
    let (text, beside) = match observation.value {
        None => (observation.text.as_ref(), None),
        Some(_) => (None, observation.text.as_ref()),
    };
    let said = observation.interpretation.as_ref();
    let fields = vec![
        ("valueQuantity", quantity),
        ("valueString", text.into()),
        ("interpretation", list([elements::concept_text(said)])),
    ];
    let extensions = vec![
        extension("confirmed-unusual", "valueBoolean", observation.confirmed_unusual),
        extension("text-beside-value", "valueString", beside),
    ];
    (fields, extensions)
}

pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    if node.has("derivedFrom") {
        return match calculated::is_one(node, found)? {
            true => calculated::read(node, id, found),
            false => score::read(node, id, found),
        };
    }
    if node.has("hasMember") {
        return panel::read(node, found);
    }
    let concept = node.need("code", node.object("code")?)?;
    let loinc = concept.code_here(LOINC)?;
    match loinc {
        chart::SMOKING => return chart::read_smoking(node, found),
        pressure::PANEL => return pressure::read(node, id, found),
        _ => {}
    }
    node.without(&["component", "dataAbsentReason"])?;
    let measurement = measurement(found, &concept, loinc)?;
    for extra in &measurement.loinc_extra {
        let codings = concept.list("coding")?;
        let codes: Result<Vec<_>, _> = codings.iter().map(|coding| coding.text("code")).collect();
        if !codes?.contains(&Some(extra.as_str())) {
            return Err(concept.refuse("coding", Reason::NotThis(extra.clone())));
        }
    }
    let panel = found.panels.get(&id).cloned();
    if panel.is_some() && panel != measurement.panel_loinc {
        return Err(concept.refuse("coding.code", Reason::Contradicts("the panel that names it".to_owned())));
    }
    let head = read_head(node)?;
    let observation = Observation {
        panel,
        loinc: Some(loinc.to_owned()),
        ..read_value(node, measurement, head.observation)?
    };
    found.fact(
        node,
        observation.fact(FactId::from_uuid(id), head.parts.person.into(), head.at, head.parts.amends),
    )
}

pub(super) fn measurement<'f>(
    found: &'f Found<'_>,
    concept: &Node<'_>,
    loinc: &str,
) -> Result<&'f Measurement, Refusal> {
    let unknown = || Reason::UnknownCode(loinc.chars().take(64).collect());
    found.measurement(loinc).ok_or_else(|| concept.refuse("coding.code", unknown()))
}

/// What stands once in a resource, whether it holds one value or two.
pub(super) struct Head {
    pub(super) parts: Parts,
    pub(super) at: Timestamp,
    pub(super) observation: Observation,
}

pub(super) fn read_head(node: &Node<'_>) -> Result<Head, Refusal> {
    let parts = parts(node, "subject", "encounter")?;
    let at = node.need("effectiveDateTime", node.moment("effectiveDateTime")?)?;
    let status = node.need("status", node.text("status")?)?;
    // FHIR tells apart two ways of amending that are one to a van.
    let status = if status == "corrected" { "amended" } else { status };
    let status = node.known("status", Some(status), FactStatus::from_code)?;
    let written = node.extension_text("status-as-written", "valueCode")?;
    let method = match (node.code("method", METHOD)?, node.object("device")?) {
        (Some(method), None) => Some(method.to_owned()),
        (None, Some(device)) => Some(device.need("display", device.string("display")?)?),
        (None, None) => None,
        (Some(_), Some(_)) => {
            return Err(node.refuse("device", Reason::Contradicts("the manual method".into())));
        }
    };
    let reading = |node: Node<'_>| {
        let number = node.need("valueUnsignedInt", node.integer("valueUnsignedInt")?)?;
        u32::try_from(number).map_err(|_| node.refuse("valueUnsignedInt", Reason::WrongShape("a count")))
    };
    let performer = node.only("performer")?.map(|node| node.reference_here(STAFF)).transpose()?;
    let observation = Observation {
        visit: parts.visit,
        status: node.known("extension", written, FactStatus::from_code)?.or(status),
        performer: performer.map(StaffId::from_uuid),
        method,
        reading: node.extension("reading")?.map(reading).transpose()?,
        ..Observation::default()
    };
    Ok(Head { parts, at, observation })
}

/// The value of a resource or of one of its components, in the catalog's unit.
pub(super) fn read_value(
    node: &Node<'_>,
    measurement: &Measurement,
    head: Observation,
) -> Result<Observation, Refusal> {
    let mut observation = Observation {
        confirmed_unusual: node.extension_flag("confirmed-unusual")?,
        text: node.extension_text("text-beside-value", "valueString")?,
        ..head
    };
    if let Some(said) = node.only("interpretation")? {
        observation.interpretation = Some(said.need("text", said.string("text")?)?);
    }
    if let Some(choice) = node.text("valueString")? {
        if !measurement.choices.iter().any(|known| known == choice) {
            return Err(node.refuse("valueString", Reason::UnknownCode(choice.chars().take(64).collect())));
        }
        observation.text = Some(choice.to_owned());
        return Ok(observation);
    }
    let quantity = node.need("valueQuantity", node.object("valueQuantity")?)?;
    let Some(unit) = &measurement.unit_ucum else {
        return Err(node.refuse("valueQuantity", Reason::WrongShape("one of the choices")));
    };
    observation.beyond = quantity.known("comparator", quantity.text("comparator")?, Beyond::from_code)?;
    quantity.fixed("system", UCUM)?;
    let value = quantity.need("value", quantity.number("value")?)?;
    let value = in_unit(&quantity, measurement, value, unit)?;
    if let Plausibility::Refused { low, high } = measurements::check(measurement, &value) {
        return Err(
            quantity.refuse("value", Reason::Impossible { low: low.to_string(), high: high.to_string() })
        );
    }
    observation.value = Some(value.into());
    observation.unit = Some(unit.clone());
    Ok(observation)
}

/// The value in the catalog's unit. Only units that the catalog names for this very measurement are converted: the
/// factor of glucose is wrong for cholesterol.
fn in_unit(
    node: &Node<'_>,
    measurement: &Measurement,
    value: Quantity,
    unit: &str,
) -> Result<Quantity, Refusal> {
    let given = node.need("code", node.text("code")?)?;
    if given == unit {
        return Ok(value);
    }
    let wrong = || {
        let (unit, loinc) = (given.chars().take(64).collect(), measurement.loinc.clone());
        node.refuse(
            "code",
            Reason::WrongUnit { unit, loinc, expected: measurement.unit_ucum.clone().unwrap_or_default() },
        )
    };
    if !measurement.unit_ucum_alternatives.iter().any(|other| other == given) {
        return Err(wrong());
    }
    convert(value, given, unit, value.scale().saturating_add(1).clamp(2, Quantity::SCALE_MAX))
        .ok_or_else(wrong)
}
