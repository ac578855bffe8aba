//! A JSON object that knows where it stands, so that every refusal can name its resource and its path.
//! Never what a resource means.

use super::elements::{Noun, extension_url};
use super::json::Json;
use super::refusal::{Reason, Refusal};
use crate::content::Quantity;
use crate::time::{PartialDate, Timestamp};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What every node of one resource shares: its name, and which resources the bundle holds.
pub(super) struct Place<'a> {
    pub(super) label: String,
    pub(super) known: &'a BTreeMap<Uuid, String>,
    pub(super) modifiers: Modifiers,
}

/// Where a `modifierExtension` may stand; anywhere else it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modifiers {
    Nowhere,
    /// The status of a gap in care is the one modifier that is read.
    OfGap,
    /// Whole resources of a bundle come again under their own name.
    ComeAgain,
}

impl Modifiers {
    pub(super) fn of(kind: &str) -> Modifiers {
        if kind == "DetectedIssue" { Modifiers::OfGap } else { Modifiers::Nowhere }
    }
}

/// One object within a resource.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) json: &'a Json,
    place: &'a Place<'a>,
    path: String,
}

/// The longest text that is taken, in bytes: what a field of a record holds.
const TEXT_BYTES_MAX: usize = crate::record::TEXT_BYTES_MAX;
const ITEMS_MAX: usize = 1_000;

impl<'a> Node<'a> {
    pub(super) fn new(json: &'a Json, place: &'a Place<'a>) -> Result<Node<'a>, Refusal> {
        Node { json, place, path: String::new() }.checked()
    }

    fn at(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    fn below(&self, json: &'a Json, path: String) -> Result<Node<'a>, Refusal> {
        Node { json, place: self.place, path }.checked()
    }

    /// An object without parts that change the meaning of others in a way that is not known here.
    fn checked(self) -> Result<Node<'a>, Refusal> {
        let Json::Object(_) = self.json else { return Err(self.here(Reason::WrongShape("an object"))) };
        self.without(&["implicitRules"])?;
        let comes_again = self.place.modifiers == Modifiers::ComeAgain && self.path.ends_with("].resource");
        let is_gap = self.place.modifiers == Modifiers::OfGap && self.path.is_empty();
        if !comes_again && !is_gap {
            self.without(&["modifierExtension"])?;
        }
        if !comes_again {
            self.one_value()?;
        }
        Ok(self)
    }

    /// FHIR has one `value[x]` in an element: which of two is meant nobody can know.
    fn one_value(&self) -> Result<(), Refusal> {
        let mut values = self.values();
        match (values.next(), values.next()) {
            (Some(first), Some(second)) => Err(self.refuse(second, Reason::Contradicts(first.to_owned()))),
            _ => Ok(()),
        }
    }

    /// The names of its elements `value[x]`.
    fn values(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let fields = match self.json {
            Json::Object(fields) => fields.as_slice(),
            _ => &[],
        };
        let is_value = |name: &&str| {
            let kind = name.strip_prefix("value").unwrap_or_default();
            kind.starts_with(|first: char| first.is_ascii_uppercase())
        };
        fields.iter().map(|(name, _)| name.as_str()).filter(is_value)
    }

    /// Refuses a value where others are to say what was found.
    pub(super) fn without_value(&self) -> Result<(), Refusal> {
        match self.values().next() {
            Some(field) => Err(self.refuse(field, Reason::NotUnderstood)),
            None => Ok(()),
        }
    }

    /// The refusal of this very object.
    pub(super) fn here(&self, reason: Reason) -> Refusal {
        let path = if self.path.is_empty() { "$".to_owned() } else { self.path.clone() };
        Refusal { resource: self.place.label.clone(), path, reason }
    }

    pub(super) fn refuse(&self, field: &str, reason: Reason) -> Refusal {
        Refusal { resource: self.place.label.clone(), path: self.at(field), reason }
    }

    pub(super) fn need<T>(&self, field: &str, found: Option<T>) -> Result<T, Refusal> {
        found.ok_or_else(|| self.refuse(field, Reason::Missing))
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.json.field(field).is_some()
    }

    /// Refuses elements that would change what the others mean.
    pub(super) fn without(&self, fields: &[&str]) -> Result<(), Refusal> {
        match fields.iter().find(|field| self.has(field)) {
            Some(field) => Err(self.refuse(field, Reason::NotUnderstood)),
            None => Ok(()),
        }
    }

    pub(super) fn text(&self, field: &str) -> Result<Option<&'a str>, Refusal> {
        match self.json.field(field) {
            None => Ok(None),
            Some(Json::Text(text)) if text.len() > TEXT_BYTES_MAX => Err(self.refuse(
                field,
                Reason::TooMany { what: "bytes", count: text.len(), count_max: TEXT_BYTES_MAX },
            )),
            Some(Json::Text(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(self.refuse(field, Reason::WrongShape("a text"))),
        }
    }

    pub(super) fn string(&self, field: &str) -> Result<Option<String>, Refusal> {
        Ok(self.text(field)?.map(str::to_owned))
    }

    /// A text that must be this.
    pub(super) fn fixed(&self, field: &str, expected: &str) -> Result<(), Refusal> {
        match self.need(field, self.text(field)?)? {
            found if found == expected => Ok(()),
            _ => Err(self.refuse(field, Reason::NotThis(expected.to_owned()))),
        }
    }

    pub(super) fn boolean(&self, field: &str) -> Result<Option<bool>, Refusal> {
        match self.json.field(field) {
            None => Ok(None),
            Some(Json::Boolean(value)) => Ok(Some(*value)),
            Some(_) => Err(self.refuse(field, Reason::WrongShape("true or false"))),
        }
    }

    /// A whole number of 32 bits, as FHIR's integers are.
    pub(super) fn integer(&self, field: &str) -> Result<Option<i32>, Refusal> {
        match self.json.field(field) {
            None => Ok(None),
            Some(Json::Number(text)) => {
                let number =
                    text.parse().map_err(|_| self.refuse(field, Reason::WrongShape("a 32-bit integer")));
                number.map(Some)
            }
            Some(_) => Err(self.refuse(field, Reason::WrongShape("a number"))),
        }
    }

    /// A decimal number with the digits that it was written with.
    pub(super) fn number(&self, field: &str) -> Result<Option<Quantity>, Refusal> {
        match self.json.field(field) {
            None => Ok(None),
            Some(Json::Number(text)) => {
                exact(text).map(Some).ok_or_else(|| self.refuse(field, Reason::TooPrecise))
            }
            Some(_) => Err(self.refuse(field, Reason::WrongShape("a number"))),
        }
    }

    pub(super) fn date(&self, field: &str) -> Result<Option<PartialDate>, Refusal> {
        let parse = |text: &str| {
            text.parse().map_err(|_| self.refuse(field, Reason::WrongShape("a year, a month or a day")))
        };
        self.text(field)?.map(parse).transpose()
    }

    pub(super) fn day(&self, field: &str) -> Result<Option<chrono::NaiveDate>, Refusal> {
        match self.date(field)? {
            None => Ok(None),
            Some(PartialDate::Day(day)) => Ok(Some(day)),
            Some(_) => Err(self.refuse(field, Reason::WrongShape("a day"))),
        }
    }

    /// A moment with a time zone.
    pub(super) fn moment(&self, field: &str) -> Result<Option<Timestamp>, Refusal> {
        let parse = |text: &str| {
            let parsed = chrono::DateTime::parse_from_rfc3339(text);
            let moment =
                parsed.map_err(|_| self.refuse(field, Reason::WrongShape("a moment with its zone")))?;
            Ok(Timestamp::from_milliseconds(moment.timestamp_millis()))
        };
        self.text(field)?.map(parse).transpose()
    }

    pub(super) fn object(&self, field: &str) -> Result<Option<Node<'a>>, Refusal> {
        self.json.field(field).map(|json| self.below(json, self.at(field))).transpose()
    }

    pub(super) fn list(&self, field: &str) -> Result<Vec<Node<'a>>, Refusal> {
        match self.json.field(field) {
            None => Ok(Vec::new()),
            Some(Json::List(items)) if items.len() > ITEMS_MAX => Err(self
                .refuse(field, Reason::TooMany { what: "items", count: items.len(), count_max: ITEMS_MAX })),
            Some(Json::List(items)) => {
                let node = |(place, json)| self.below(json, self.at(&format!("{field}[{place}]")));
                items.iter().enumerate().map(node).collect()
            }
            Some(_) => Err(self.refuse(field, Reason::WrongShape("a list"))),
        }
    }

    /// One item of a list, where the list has a bound of its own.
    pub(super) fn item(&self, field: &str, place: usize, json: &'a Json) -> Result<Node<'a>, Refusal> {
        self.below(json, self.at(&format!("{field}[{place}]")))
    }

    /// The item of a list that has one at most.
    pub(super) fn only(&self, field: &str) -> Result<Option<Node<'a>>, Refusal> {
        let mut items = self.list(field)?;
        match items.len() {
            0 | 1 => Ok(items.pop()),
            count => Err(self.refuse(field, Reason::TooMany { what: "items", count, count_max: 1 })),
        }
    }

    /// The extension of a name, which stands once at most.
    pub(super) fn extension(&self, name: &str) -> Result<Option<Node<'a>>, Refusal> {
        let url = extension_url(name);
        let mut found = None;
        for extension in self.list("extension")? {
            if extension.text("url")? == Some(&url) && found.replace(extension).is_some() {
                return Err(self.refuse("extension", Reason::Twice));
            }
        }
        Ok(found)
    }

    pub(super) fn extension_text(&self, name: &str, field: &str) -> Result<Option<String>, Refusal> {
        self.extension(name)?.map(|node| node.need(field, node.string(field)?)).transpose()
    }

    pub(super) fn extension_flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        let flag = |node: Node<'a>| node.need("valueBoolean", node.boolean("valueBoolean")?);
        self.extension(name)?.map(flag).transpose()
    }

    pub(super) fn extension_moment(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let moment = |node: Node<'a>| node.need("valueDateTime", node.moment("valueDateTime")?);
        self.extension(name)?.map(moment).transpose()
    }

    pub(super) fn extension_reference(&self, name: &str, noun: Noun) -> Result<Option<Uuid>, Refusal> {
        let reference = |node: Node<'a>| node.need("valueReference", node.reference("valueReference", noun)?);
        self.extension(name)?.map(reference).transpose()
    }

    /// The code of one system within a concept. A concept without a coding of it is refused.
    pub(super) fn code(&self, field: &str, system: &str) -> Result<Option<&'a str>, Refusal> {
        self.object(field)?.map(|concept| concept.code_here(system)).transpose()
    }

    /// The same of this very concept.
    pub(super) fn code_here(&self, system: &str) -> Result<&'a str, Refusal> {
        for coding in self.list("coding")? {
            if coding.text("system")? == Some(system) {
                return coding.need("code", coding.text("code")?);
            }
        }
        Err(self.refuse("coding", Reason::WrongSystem(system.to_owned())))
    }

    /// A code of one of our own lists.
    pub(super) fn known<T>(
        &self,
        field: &str,
        code: Option<impl AsRef<str>>,
        from_code: fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let read = |code: &str| {
            let unknown = || Reason::UnknownCode(code.chars().take(64).collect());
            from_code(code).ok_or_else(|| self.refuse(field, unknown()))
        };
        code.map(|code| read(code.as_ref())).transpose()
    }

    /// The id that a reference names: of what stands in the bundle, or by our own identifier.
    pub(super) fn reference(&self, field: &str, noun: Noun) -> Result<Option<Uuid>, Refusal> {
        self.object(field)?.map(|node| node.reference_here(noun)).transpose()
    }

    pub(super) fn reference_here(&self, noun: Noun) -> Result<Uuid, Refusal> {
        let id = |node: &Node<'a>, field: &str, text: &str| {
            Uuid::parse_str(text).map_err(|_| node.refuse(field, Reason::WrongShape("an id")))
        };
        if let Some(text) = self.text("reference")? {
            let urn = text.strip_prefix("urn:uuid:");
            let id = id(self, "reference", urn.unwrap_or_default())?;
            return match self.place.known.get(&id) {
                Some(kind) if noun.fhir == "Resource" || kind == noun.fhir => Ok(id),
                Some(_) => Err(self.refuse("reference", Reason::WrongShape(noun.fhir))),
                None => Err(self.refuse("reference", Reason::Unresolved(text.chars().take(64).collect()))),
            };
        }
        let identifier = self.need("identifier", self.object("identifier")?)?;
        identifier.fixed("system", &noun.system())?;
        id(&identifier, "value", identifier.need("value", identifier.text("value")?)?)
    }
}

/// The exact value of a JSON number, with or without an exponent; nothing when a quantity cannot hold it.
fn exact(text: &str) -> Option<Quantity> {
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok().filter(|exponent| (-18..=18).contains(exponent))?;
    let value = Quantity::parse(digits).ok()?;
    let scale = i32::from(value.scale()) - exponent;
    match u8::try_from(scale) {
        Ok(scale) => Quantity::new(value.mantissa(), scale).ok(),
        Err(_) => {
            Quantity::new(value.mantissa().checked_mul(10i64.checked_pow(scale.unsigned_abs())?)?, 0).ok()
        }
    }
}
