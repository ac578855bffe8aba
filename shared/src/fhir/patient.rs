//! The person: Patient (US Core 7). Never their cover, which is `coverage`, nor what is known of their health, which is
//! `chart`.

use super::elements::{EMPLOYER, IDENTIFIER_TYPE, PERSON};
use super::elements::{absent_extension, coding, concept, concept_text, extension, identifier, list, object};
use super::json::Json;
use super::node::Node;
use super::reading::Found;
use super::refusal::{Reason, Refusal};
use super::writing::Writing;
use crate::domain::person::{Person, Relation, Sex};
use crate::ids::PersonId;
use uuid::Uuid;

const PROFILE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient";
const PRONOUNS: &str = "http://hl7.org/fhir/StructureDefinition/individual-pronouns";
const RELATION: &str = "http://terminology.hl7.org/CodeSystem/subscriber-relationship";
const LANGUAGE: &str = "urn:ietf:bcp:47";
const BADGE: &str = "https://caravan.invalid/fhir/id/employee-number";

pub(super) fn write(out: &mut Writing<'_>) {
    let (id, person) = (out.record.person_id.uuid(), &out.record.person);
    let given = |text: &'_ Option<String>| text.clone().filter(|text| !text.is_empty());
    let badge = given(&person.employee_number).map(|number| {
        object([
            ("type", concept(IDENTIFIER_TYPE, "EI")),
            ("system", BADGE.into()),
            ("value", number.into()),
            ("assigner", EMPLOYER.elsewhere(person.employer.map(|employer| employer.uuid()))),
        ])
    });
    let language = given(&person.language).map(|tag| {
        object([
            ("language", object([("coding", list([coding(LANGUAGE, &tag, None)]))])),
            ("preferred", true.into()),
        ])
    });
    let telecom = |system: &str, value: &Option<String>| match value.as_ref().filter(|text| !text.is_empty())
    {
        Some(value) => object([("system", system.into()), ("value", value.into())]),
        None => Json::Null,
    };
    let pronouns = extension("value", "valueCodeableConcept", concept_text(person.pronouns.as_ref()));
    let pronouns = match person.pronouns.as_deref() {
        None | Some("") => Json::Null,
        Some(_) => object([("url", PRONOUNS.into()), ("extension", list([rename(pronouns, "value")]))]),
    };
    let gender = person.sex.map(Sex::code);
    out.put(
        "Patient",
        id,
        [
            ("meta", object([("profile", list([PROFILE.into()]))])),
            ("identifier", list([identifier(&PERSON.system(), &id.to_string()), badge.into()])),
            ("name", list([name(person)])),
            ("birthDate", person.birth_date.map(|date| date.to_string()).into()),
            ("gender", gender.into()),
            (
                "_gender",
                if gender.is_none() {
                    object([("extension", list([absent_extension("unknown")]))])
                } else {
                    Json::Null
                },
            ),
            ("communication", list([language.into()])),
            ("telecom", list([telecom("phone", &person.phone), telecom("email", &person.email)])),
            (
                "address",
                list([object([
                    ("line", list([person.address_line.as_ref().into()])),
                    ("city", person.city.as_ref().into()),
                    ("state", person.state.as_ref().into()),
                    ("postalCode", person.postal_code.as_ref().into()),
                ])]),
            ),
            (
                "extension",
                list([
                    pronouns,
                    extension(
                        "employer",
                        "valueReference",
                        EMPLOYER.elsewhere(person.employer.map(|id| id.uuid())),
                    ),
                    extension("relation", "valueCoding", relation(person.relation)),
                    extension(
                        "dependent-of",
                        "valueReference",
                        PERSON.elsewhere(person.dependent_of.map(|id| id.uuid())),
                    ),
                ]),
            ),
        ],
    );
}

/// The inner part of a published extension has a bare name for its address.
fn rename(part: Json, url: &str) -> Json {
    match part {
        Json::Object(fields) => object(
            fields
                .iter()
                .map(|(name, value)| (name.as_str(), if name == "url" { url.into() } else { value.clone() })),
        ),
        other => other,
    }
}

fn relation(relation: Option<Relation>) -> Json {
    relation.map(|relation| coding(RELATION, relation.code(), None)).into()
}

/// Given names in order; where only a middle name is known, FHIR wants a word on why the first is not.
fn name(person: &Person) -> Json {
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (family, given, middle) =
        (text(&person.family_name), text(&person.given_name), text(&person.middle_name));
    if family.is_none() && given.is_none() && middle.is_none() {
        return object([("extension", list([absent_extension("unknown")]))]);
    }
    let unknown = object([("extension", list([absent_extension("unknown")]))]);
    let (given, shadow) = match (given, middle) {
        (None, Some(middle)) => (vec![Json::Null, middle.into()], vec![unknown, Json::Null]),
        (given, middle) => ([given, middle].into_iter().flatten().map(Json::from).collect(), Vec::new()),
    };
    object([
        ("use", "official".into()),
        ("family", family.into()),
        ("given", given.into()),
        ("_given", shadow.into()),
    ])
}

pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found) -> Result<(), Refusal> {
    if node.boolean("active")? == Some(false) || node.has("link") {
        return Err(node.refuse("link", Reason::NotUnderstood));
    }
    let mut person = Person {
        birth_date: node.date("birthDate")?,
        sex: node.known("gender", node.text("gender")?, Sex::from_code)?,
        employer: node.extension_reference("employer", EMPLOYER)?.map(crate::ids::EmployerId::from_uuid),
        dependent_of: node.extension_reference("dependent-of", PERSON)?.map(PersonId::from_uuid),
        ..Person::default()
    };
    if let Some(name) = node.only("name")? {
        person.family_name = name.string("family")?;
        (person.given_name, person.middle_name) = given(&name)?;
    }
    if let Some(language) = node.only("communication")? {
        let language = language.need("language", language.object("language")?)?;
        person.language = Some(language.code_here(LANGUAGE)?.to_owned());
    }
    for telecom in node.list("telecom")? {
        let slot = match telecom.text("system")? {
            Some("phone") => &mut person.phone,
            Some("email") => &mut person.email,
            _ => return Err(telecom.refuse("system", Reason::NotUnderstood)),
        };
        if slot.replace(telecom.need("value", telecom.string("value")?)?).is_some() {
            return Err(node.refuse("telecom", Reason::Twice));
        }
    }
    if let Some(address) = node.only("address")? {
        person.address_line = texts(&address, "line")?.into_iter().next().flatten();
        person.city = address.string("city")?;
        person.state = address.string("state")?;
        person.postal_code = address.string("postalCode")?;
    }
    for identifier in node.list("identifier")? {
        if identifier.text("system")? == Some(BADGE) {
            person.employee_number = Some(identifier.need("value", identifier.string("value")?)?);
        }
    }
    if let Some(extension) = node.extension("relation")? {
        let coding = extension.need("valueCoding", extension.object("valueCoding")?)?;
        coding.fixed("system", RELATION)?;
        person.relation = coding.known("code", coding.text("code")?, Relation::from_code)?;
    }
    if let Some(pronouns) = node.extension(PRONOUNS)? {
        let value = pronouns.need("extension", pronouns.only("extension")?)?;
        let concept = value.need("valueCodeableConcept", value.object("valueCodeableConcept")?)?;
        person.pronouns = concept.string("text")?;
    }
    found.person(node, PersonId::from_uuid(id), person)
}

/// The given and the middle name.
fn given(name: &Node<'_>) -> Result<(Option<String>, Option<String>), Refusal> {
    let mut names = texts(name, "given")?.into_iter();
    let both = (names.next().flatten(), names.next().flatten());
    match names.next() {
        Some(_) => Err(name.refuse("given", Reason::TooMany { what: "names", count: 3, count_max: 2 })),
        None => Ok(both),
    }
}

/// Texts of a list, where null stands for one that is not known.
fn texts(node: &Node<'_>, field: &str) -> Result<Vec<Option<String>>, Refusal> {
    let wrong = || node.refuse(field, Reason::WrongShape("a list of texts"));
    let text = |json: &Json| match json {
        Json::Text(text) if text.len() <= crate::record::TEXT_BYTES_MAX => Ok(Some(text.clone())),
        Json::Null => Ok(None),
        _ => Err(wrong()),
    };
    match node.json.field(field) {
        None => Ok(Vec::new()),
        Some(Json::List(items)) => items.iter().map(text).collect(),
        Some(_) => Err(wrong()),
    }
}
