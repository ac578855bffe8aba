//! One bundle of gaps in care: each DetectedIssue, with the Patient and the MeasureReport that it names. Never the file
//! around it, which is `gap_list`.

use super::elements::IDENTIFIER_TYPE;
use super::gap::{GAP, RULE, deqm_status, own_rule};
use super::gap_list::{Element, GapEntry, StatedGap, StatedRule};
use super::json::Json;
use super::node::{Modifiers, Node, Place};
use super::refusal::{Reason, Refusal};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The system of a member number of ours; of others the type MB says that it is one.
pub(super) const MEMBER: &str = "https://caravan.invalid/fhir/id/member-number";
/// HL7 v2-0203: member number.
pub(super) const MEMBER_TYPE: &str = "MB";

pub(super) type Known = BTreeMap<Uuid, String>;

/// What a reference may name within one bundle.
pub(super) struct Bundle<'j> {
    place: String,
    entries: &'j [Json],
    /// Entries by address and by `Type/id`; nothing for what two entries are called.
    names: BTreeMap<String, Option<usize>>,
}

fn text<'j>(json: &'j Json, field: &str) -> Option<&'j str> {
    match json.field(field) {
        Some(Json::Text(text)) => Some(text),
        _ => None,
    }
}

impl<'j> Bundle<'j> {
    pub(super) fn index(place: &str, entries: &'j [Json]) -> Bundle<'j> {
        let mut names: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for (number, entry) in entries.iter().enumerate() {
            let resource = entry.field("resource");
            let address = text(entry, "fullUrl").map(str::to_owned);
            let short = resource
                .and_then(|resource| Some((text(resource, "resourceType")?, text(resource, "id")?)))
                .map(|(kind, id)| format!("{kind}/{id}"));
            for name in [address, short].into_iter().flatten() {
                let known = names.entry(name).or_insert(Some(number));
                *known = known.filter(|known| *known == number);
            }
        }
        Bundle { place: place.to_owned(), entries, names }
    }

    pub(super) fn gaps(&self, known: &Known) -> Vec<GapEntry> {
        let kind = |json: &'j Json| text(json.field("resource")?, "resourceType");
        let has_issue = self.entries.iter().any(|json| kind(json) == Some("DetectedIssue"));
        let entry = |(number, json): (usize, &Json)| {
            let place = format!("{}.entry[{number}].resource", self.place);
            let resource = json.field("resource").unwrap_or(&Json::Null);
            match text(resource, "resourceType") {
                Some("DetectedIssue") => {}
                // Passed over in silence it would be a gap that nobody hears of.
                Some("MeasureReport") if !has_issue => {
                    let path = "$".to_owned();
                    let refusal = Refusal { resource: place.clone(), path, reason: Reason::ReportAlone };
                    let value = text(resource, "measure").unwrap_or_default().chars().take(200).collect();
                    return Some(GapEntry { place, gap: Err((refusal, value)) });
                }
                // What else stands in the bundle is read where a gap names it.
                Some(_) => return None,
                None => {
                    let path = "resourceType".to_owned();
                    let refusal = Refusal { resource: place.clone(), path, reason: Reason::Missing };
                    return Some(GapEntry { place, gap: Err((refusal, String::new())) });
                }
            }
            let at = Place { label: place.clone(), known, modifiers: Modifiers::OfGap };
            let gap = Node::new(resource, &at).and_then(|node| self.gap(&node, known));
            let gap = gap.map_err(|refusal| {
                // What is wrong may stand in the Patient or in the report that the gap names.
                let value =
                    if refusal.resource == place { shown(resource, &refusal.path) } else { String::new() };
                (refusal, value)
            });
            Some(GapEntry { place, gap })
        };
        self.entries.iter().enumerate().filter_map(entry).collect()
    }

    fn gap(&self, node: &Node<'_>, known: &Known) -> Result<StatedGap, Refusal> {
        let status = deqm_status(node)?;
        let claimed_by = node.object("author")?.map(|author| author.string("display")).transpose()?.flatten();
        let mut own_id = None;
        for (place, identifier) in node.list("identifier")?.into_iter().enumerate() {
            if identifier.text("system")? == Some(&GAP.system()) {
                let value = identifier.need("value", identifier.string("value")?)?;
                let element = element(node, &format!("identifier[{place}].value"), value);
                if own_id.replace(element).is_some() {
                    return Err(identifier.refuse("system", Reason::Twice));
                }
            }
        }
        Ok(StatedGap {
            member_number: self.member_number(node, known)?,
            rule: self.rule(node, known)?,
            due_since: due_since(node)?,
            claimed_by: claimed_by.filter(|by| matches!(by.as_str(), "plan" | "van")),
            status,
            own_id,
        })
    }

    /// The entry that a reference names; nothing when it names none of this bundle.
    fn named(&self, node: &Node<'_>) -> Result<Option<usize>, Refusal> {
        let Some(name) = node.text("reference")? else { return Ok(None) };
        match self.names.get(name) {
            Some(Some(number)) => Ok(Some(*number)),
            Some(None) => Err(node.refuse("reference", Reason::Twice)),
            None => Ok(None),
        }
    }

    /// A resource of this bundle with its place, if it is of a kind.
    fn resource(&self, number: usize, kind: &str) -> Option<(String, &'j Json)> {
        let resource = self.entries[number].field("resource")?;
        let is_one = text(resource, "resourceType") == Some(kind);
        is_one.then(|| (format!("{}.entry[{number}].resource", self.place), resource))
    }

    fn member_number(&self, node: &Node<'_>, known: &Known) -> Result<Element, Refusal> {
        let patient = node.need("patient", node.object("patient")?)?;
        let here = match patient.object("identifier")? {
            Some(identifier) if is_member_number(&identifier)? => {
                let value = identifier.need("value", identifier.string("value")?)?;
                Some(element(node, "patient.identifier.value", value))
            }
            _ => None,
        };
        let Some(number) = self.named(&patient)? else {
            return here.ok_or_else(|| match patient.has("reference") {
                true => {
                    let name = patient.text("reference").ok().flatten().unwrap_or_default();
                    patient.refuse("reference", Reason::Unresolved(name.chars().take(64).collect()))
                }
                false => patient.here(Reason::NoMemberNumber),
            });
        };
        let Some((label, resource)) = self.resource(number, "Patient") else {
            return Err(patient.refuse("reference", Reason::WrongShape("a Patient")));
        };
        let place = Place { label, known, modifiers: Modifiers::Nowhere };
        let person = Node::new(resource, &place)?;
        let mut found: Option<Element> = None;
        for (at, identifier) in person.list("identifier")?.into_iter().enumerate() {
            if !is_member_number(&identifier)? || identifier.text("use")? == Some("old") {
                continue;
            }
            let value = identifier.need("value", identifier.string("value")?)?;
            if found.as_ref().is_some_and(|found| found.text != value) {
                return Err(person.refuse("identifier", Reason::Twice));
            }
            found = Some(element(&person, &format!("identifier[{at}].value"), value));
        }
        let found = found.ok_or_else(|| person.refuse("identifier", Reason::NoMemberNumber))?;
        match here {
            Some(here) if here.text != found.text => {
                Err(patient.refuse("identifier", Reason::Contradicts("the Patient that is named".to_owned())))
            }
            _ => Ok(found),
        }
    }

    /// The rule by our own code, else the measure of the reports that are the evidence.
    fn rule(&self, node: &Node<'_>, known: &Known) -> Result<StatedRule, Refusal> {
        if let Some((place, rule)) = own_rule(node)? {
            return Ok(StatedRule::Own(element(node, &format!("code.coding[{place}].code"), rule)));
        }
        let mut found: Option<Element> = None;
        for evidence in node.list("evidence")? {
            for detail in evidence.list("detail")? {
                let report = self.named(&detail)?.and_then(|number| self.resource(number, "MeasureReport"));
                let Some((label, resource)) = report else { continue };
                let place = Place { label, known, modifiers: Modifiers::Nowhere };
                let report = Node::new(resource, &place)?;
                let measure = report.need("measure", report.string("measure")?)?;
                if found.as_ref().is_some_and(|found| found.text != measure) {
                    return Err(detail.refuse("reference", Reason::Contradicts("the measure before".into())));
                }
                found = Some(element(&report, "measure", measure));
            }
        }
        found.map(StatedRule::Measure).ok_or_else(|| node.refuse("code", Reason::NoRule(RULE)))
    }
}

fn element(node: &Node<'_>, path: &str, text: String) -> Element {
    Element { path: node.refuse(path, Reason::Missing).place(), text }
}

fn is_member_number(identifier: &Node<'_>) -> Result<bool, Refusal> {
    if identifier.text("system")? == Some(MEMBER) {
        return Ok(true);
    }
    let Some(kind) = identifier.object("type")? else { return Ok(false) };
    for coding in kind.list("coding")? {
        if coding.text("system")? == Some(IDENTIFIER_TYPE) && coding.text("code")? == Some(MEMBER_TYPE) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The day that a gap was identified for, as its own clock says it.
fn due_since(node: &Node<'_>) -> Result<Option<NaiveDate>, Refusal> {
    let period = node.object("identifiedPeriod")?;
    let (node, field) = match &period {
        Some(period) => (period, "start"),
        None => (node, "identifiedDateTime"),
    };
    match node.text(field)?.and_then(|text| text.split_once('T')) {
        None => node.day(field),
        Some((day, _)) => {
            node.moment(field)?;
            let day = day.parse().map_err(|_| node.refuse(field, Reason::WrongShape("a day")))?;
            Ok(Some(day))
        }
    }
}

/// What stands at a path, where it is a single value.
fn shown(resource: &Json, path: &str) -> String {
    let mut at = resource;
    for step in path.split('.') {
        let (name, places) = step.split_once('[').map_or((step, ""), |(name, rest)| (name, rest));
        let Some(mut next) = at.field(name) else { return String::new() };
        for place in places.split('[').filter_map(|place| place.trim_end_matches(']').parse::<usize>().ok()) {
            let Json::List(items) = next else { return String::new() };
            let Some(item) = items.get(place) else { return String::new() };
            next = item;
        }
        at = next;
    }
    match at {
        Json::Text(text) | Json::Number(text) => text.chars().take(200).collect(),
        Json::Boolean(value) => value.to_string(),
        Json::Null | Json::List(_) | Json::Object(_) => String::new(),
    }
}
