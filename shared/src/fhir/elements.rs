//! The small parts that every resource is made of: codings, references, extensions, moments; and the addresses of the
//! code systems. Never a resource of its own.

use super::json::Json;
use crate::content::Quantity;
use crate::record::Decimal;
use crate::time::Timestamp;
use uuid::Uuid;

/// Before the name of everything that no published standard names. `.invalid` belongs to nobody (RFC 2606), as in the
/// questionnaires: a plan that publishes them puts its own address there.
pub(super) const BASE: &str = "https://caravan.invalid/fhir/";

pub(super) const LOINC: &str = "http://loinc.org";
pub(super) const UCUM: &str = "http://unitsofmeasure.org";
pub(super) const SNOMED: &str = "http://snomed.info/sct";
/// HL7 v2-0203: what an identifier is.
pub(super) const IDENTIFIER_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
pub(super) const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
pub(super) const OBSERVATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
pub(super) const ABSENT_REASON: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
pub(super) const ABSENT_EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// Something that is named from a resource: the last part of its identifier's system, and its FHIR type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noun {
    pub(super) name: &'static str,
    pub(super) fhir: &'static str,
}

pub(super) const PERSON: Noun = Noun { name: "person", fhir: "Patient" };
pub(super) const VISIT: Noun = Noun { name: "visit", fhir: "Encounter" };
pub(super) const STAFF: Noun = Noun { name: "staff", fhir: "Practitioner" };
pub(super) const SITE: Noun = Noun { name: "site", fhir: "Location" };
pub(super) const VAN: Noun = Noun { name: "van", fhir: "Location" };
pub(super) const STOP: Noun = Noun { name: "stop", fhir: "Appointment" };
pub(super) const EMPLOYER: Noun = Noun { name: "employer", fhir: "Organization" };
pub(super) const FACT: Noun = Noun { name: "fact", fhir: "Resource" };

impl Noun {
    pub(super) fn system(self) -> String {
        format!("{BASE}id/{}", self.name)
    }

    /// A reference to what stands in the same bundle.
    pub(super) fn here(self, id: Uuid) -> Json {
        object([("reference", urn(id).into())])
    }

    /// A reference by identifier to what stands elsewhere.
    pub(super) fn elsewhere(self, id: Option<Uuid>) -> Json {
        let Some(id) = id else { return Json::Null };
        object([("type", self.fhir.into()), ("identifier", identifier(&self.system(), &id.to_string()))])
    }
}

pub(super) fn urn(id: Uuid) -> String {
    format!("urn:uuid:{id}")
}

/// An object without its empty fields.
pub(super) fn object<'n>(fields: impl IntoIterator<Item = (&'n str, Json)>) -> Json {
    let kept = fields.into_iter().filter(|(_, value)| !value.is_empty());
    Json::Object(kept.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A list without its empty items.
pub(super) fn list(items: impl IntoIterator<Item = Json>) -> Json {
    Json::List(items.into_iter().filter(|item| !item.is_empty()).collect())
}

pub(super) fn identifier(system: &str, value: &str) -> Json {
    object([("system", system.into()), ("value", value.into())])
}

pub(super) fn coding(system: &str, code: &str, display: Option<&str>) -> Json {
    object([("system", system.into()), ("code", code.into()), ("display", display.into())])
}

/// A concept of one coding.
pub(super) fn concept(system: &str, code: &str) -> Json {
    object([("coding", list([coding(system, code, None)]))])
}

pub(super) fn concept_text(text: Option<&String>) -> Json {
    object([("text", text.into())])
}

/// The address of an extension of our own, or the published one where `name` is an address itself.
pub(super) fn extension_url(name: &str) -> String {
    if name.starts_with("http") { name.to_owned() } else { format!("{BASE}StructureDefinition/{name}") }
}

/// An extension with one value, or nothing when there is none.
pub(super) fn extension(name: &str, field: &str, value: impl Into<Json>) -> Json {
    let value = value.into();
    if value.is_empty() { Json::Null } else { object([("url", extension_url(name).into()), (field, value)]) }
}

/// Why there is no value, by the HL7 codes.
pub(super) fn absent_extension(reason: &str) -> Json {
    extension(ABSENT_EXTENSION, "valueCode", reason)
}

/// A moment in UTC with its milliseconds, in the years that FHIR has: 1 to 9999.
pub(super) fn moment(at: Timestamp) -> Option<String> {
    let moment = chrono::DateTime::from_timestamp_millis(at.milliseconds())?;
    let year = chrono::Datelike::year(&moment);
    (1..=9999).contains(&year).then(|| moment.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// A decimal with the digits that it was typed with; nothing when it has more than a quantity can have.
pub(super) fn number(value: Decimal) -> Option<Json> {
    Quantity::new(value.mantissa, value.scale).ok().map(|quantity| Json::Number(quantity.to_string()))
}

/// An id for what is made out of records and has none: the same whenever it is made again (UUID of version 8).
pub(super) fn made_id(what: &str, parts: &[&[u8]]) -> Uuid {
    let mut hasher = blake3::Hasher::new_derive_key("caravan 2026-12 resource made of records");
    for part in std::iter::once(&what.as_bytes()).chain(parts) {
        hasher.update(&(part.len() as u64).to_be_bytes()).update(part);
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
