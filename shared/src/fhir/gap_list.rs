//! A file of gaps in care: what a plan sends (DEQM gaps in care bundles) and what it gets back. Never whether a gap is
//! taken: a member or a rule that nobody knows is told by whoever reads the file. One gap is read in `gap_bundle`.

use super::elements::{self, IDENTIFIER_TYPE, PERSON, STAFF, extension, object};
use super::gap::{self, Around, DeqmStatus};
use super::gap_bundle::{Bundle, Known, MEMBER, MEMBER_TYPE};
use super::json::Json;
use super::node::{Modifiers, Node, Place};
use super::refusal::{Reason, Refusal};
use super::{GAP_FILE_BYTES_MAX, GAP_FILE_ENTRIES_MAX};
use crate::domain::care_gap::CareGap;
use crate::ids::{CareGapId, StaffId};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Kinds of bundle that only hold something: nothing in them asks for anything to be done.
const BUNDLES: [&str; 3] = ["collection", "document", "searchset"];

/// A gap that goes to the plan, with what its record names by id alone.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedGap {
    pub id: CareGapId,
    pub gap: CareGap,
    /// Empty where the person never was a member.
    pub member_number: String,
    /// The code of the member of staff who follows it up.
    pub follow_up_owner: Option<String>,
    /// How the person may be contacted, such as `call text`; empty when in no way.
    pub contact_by: String,
}

pub(super) fn write(gaps: &[ListedGap]) -> String {
    let entry = |listed: &ListedGap| {
        let id = listed.id.uuid();
        let person = PERSON.elsewhere(listed.gap.person.map(|person| person.uuid()));
        let owner = match STAFF.elsewhere(listed.gap.follow_up_owner.map(StaffId::uuid)) {
            Json::Object(mut fields) => {
                fields.extend(listed.follow_up_owner.iter().map(|code| ("display".to_owned(), code.into())));
                Json::Object(fields)
            }
            other => other,
        };
        let around =
            Around { patient: patient(listed, &person), visit: Json::Null, evidence: Json::Null, owner };
        // Which fact closed it, and at which visit, is the record system's to know.
        let gap = CareGap { visit: None, closed_by: None, ..listed.gap.clone() };
        let more = [
            extension("person", "valueReference", person),
            extension("contact-by", "valueString", listed.contact_by.as_str()),
        ];
        let fields = gap::fields(listed.id, &gap, around).map(|(name, value)| match (name, value) {
            ("extension", Json::List(items)) => (name, elements::list(items.into_iter().chain(more.clone()))),
            other => other,
        });
        let head = [("resourceType", "DetectedIssue".into()), ("id", id.to_string().into())];
        object([("fullUrl", elements::urn(id).into()), ("resource", object(head.into_iter().chain(fields)))])
    };
    let bundle = object([
        ("resourceType", "Bundle".into()),
        ("type", "collection".into()),
        ("entry", Json::List(gaps.iter().map(entry).collect())),
    ]);
    serde_json::to_string_pretty(&bundle).expect("texts and lists are JSON")
}

/// The member by the plan's number; somebody without one by ours.
fn patient(listed: &ListedGap, person: &Json) -> Json {
    if listed.member_number.is_empty() {
        return person.clone();
    }
    let number = object([
        ("type", elements::concept(IDENTIFIER_TYPE, MEMBER_TYPE)),
        ("system", MEMBER.into()),
        ("value", listed.member_number.as_str().into()),
    ]);
    object([("type", PERSON.fhir.into()), ("identifier", number)])
}

/// A text of a file with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Such as `Bundle.entry[3].resource.code`.
    pub path: String,
    pub text: String,
}

/// By which name a gap's rule is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatedRule {
    /// The id of a rule in the packs.
    Own(Element),
    /// The canonical address of a measure.
    Measure(Element),
}

/// A gap as a plan states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedGap {
    pub member_number: Element,
    pub rule: StatedRule,
    pub due_since: Option<NaiveDate>,
    /// `plan` or `van`, where the file says one of them.
    pub claimed_by: Option<String>,
    pub status: DeqmStatus,
    /// The id that we gave it, where the plan kept it.
    pub own_id: Option<Element>,
}

/// One DetectedIssue of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapEntry {
    /// Such as `Bundle.entry[3].resource`.
    pub place: String,
    /// The gap, or what is wrong, with what stands there where that is a single value.
    pub gap: Result<StatedGap, (Refusal, String)>,
}

/// The gaps of a file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GapFile {
    pub entries: Vec<GapEntry>,
}

pub(super) fn read(text: &str) -> Result<GapFile, Refusal> {
    let whole = |reason| Refusal { resource: "the file".to_owned(), path: "$".to_owned(), reason };
    if text.len() > GAP_FILE_BYTES_MAX {
        let (count, count_max) = (text.len(), GAP_FILE_BYTES_MAX);
        return Err(whole(Reason::TooMany { what: "bytes", count, count_max }));
    }
    let json = Json::parse(text).map_err(Refusal::from)?;
    let nothing = BTreeMap::new();
    let mut file = GapFile::default();
    let mut count = 0;
    for (place, bundle) in bundles(&json, &nothing)? {
        let entries = entries(&place, bundle, &nothing)?;
        count += entries.len();
        if count > GAP_FILE_ENTRIES_MAX {
            let count_max = GAP_FILE_ENTRIES_MAX;
            return Err(whole(Reason::TooMany { what: "resources", count, count_max }));
        }
        let bundle = Bundle::index(&place, entries);
        file.entries.extend(bundle.gaps(&nothing));
    }
    if file.entries.is_empty() {
        return Err(whole(Reason::NotThis("a bundle with a DetectedIssue".to_owned())));
    }
    Ok(file)
}

/// The bundles of a file, each with its place.
fn bundles<'j>(json: &'j Json, known: &Known) -> Result<Vec<(String, &'j Json)>, Refusal> {
    let kind = match json.field("resourceType") {
        Some(Json::Text(kind)) if kind == "Parameters" => "Parameters",
        _ => "Bundle",
    };
    let place = Place { label: kind.to_owned(), known, modifiers: Modifiers::ComeAgain };
    let node = Node::new(json, &place)?;
    node.fixed("resourceType", kind)?;
    if kind == "Bundle" {
        return Ok(vec![("Bundle".to_owned(), json)]);
    }
    let mut bundles: Vec<String> = Vec::new();
    for (number, parameter) in node.list("parameter")?.into_iter().enumerate() {
        let resource = parameter.need("resource", parameter.object("resource")?)?;
        resource.fixed("resourceType", "Bundle")?;
        bundles.push(format!("Parameters.parameter[{number}].resource"));
    }
    let Some(Json::List(parameters)) = json.field("parameter") else { return Ok(Vec::new()) };
    let resources = parameters.iter().filter_map(|parameter| parameter.field("resource"));
    Ok(bundles.into_iter().zip(resources).collect())
}

fn entries<'j>(place: &str, bundle: &'j Json, known: &Known) -> Result<&'j [Json], Refusal> {
    let place = Place { label: place.to_owned(), known, modifiers: Modifiers::ComeAgain };
    let node = Node::new(bundle, &place)?;
    match node.need("type", node.text("type")?)? {
        kind if BUNDLES.contains(&kind) => {}
        _ => return Err(node.refuse("type", Reason::NotThis(BUNDLES.join(", ")))),
    }
    match bundle.field("entry") {
        Some(Json::List(entries)) => Ok(entries),
        Some(_) => Err(node.refuse("entry", Reason::WrongShape("a list"))),
        None => Err(node.refuse("entry", Reason::Missing)),
    }
}
