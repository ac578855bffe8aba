//! A questionnaire as a person answers it: its questions in order, their options and when each is asked.
//! Never wording of our own: the wording is the instrument and stays as its authors published it.

mod answers;
mod fhir;
mod flow;
mod library;
mod order;
mod scoring;
mod shown;

use super::language::{Language, Words};
use super::quantity::Quantity;
use crate::time::PartialDate;

pub use answers::{Answer, AnswerError, Answers};
pub use flow::Progress;
pub use library::{CANONICAL_BASE, all, by_id, by_url};
pub use scoring::parse as parse_scoring;
pub use scoring::{
    Alert, AnyItem, CutOff, Instrument, Need, Rule, Score, ScoreBand, ScoringError, alert_of, alerts,
    is_known, needs, score,
};

/// A questionnaire that was read from FHIR and checked; it can only be made by `Questionnaire::parse`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Questionnaire {
    /// The canonical address without the version, such as `https://caravan.invalid/fhir/Questionnaire/phq-2`.
    pub url: String,
    pub version: String,
    pub title: String,
    /// The notice that must travel with the wording.
    pub copyright: Option<String>,
    /// Where the wording was read.
    pub source: Option<String>,
    /// The codes of the questionnaire as a whole.
    pub codes: Vec<Coding>,
    pub items: Vec<Item>,
    /// Link ids in an order in which each comes after everything that decides whether it is asked.
    evaluation_order: Vec<String>,
    /// How it is scored, if the pack that it came with says so.
    scoring: Option<Box<Instrument>>,
}

/// A group, a line of text or a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Unique in the questionnaire; answers name it.
    pub link_id: String,
    /// The number printed before the text, such as `1` or `2a`.
    pub prefix: Option<String>,
    pub text: Words,
    pub kind: Kind,
    pub codes: Vec<Coding>,
    /// Whether the questionnaire is incomplete without an answer or a refusal.
    pub required: bool,
    /// Whether more than one option may be chosen, or more than one answer be given.
    pub repeats: bool,
    /// Whether the program fills it in, such as a total score.
    pub read_only: bool,
    /// Whether the file states a unit of the answer, which our own totals have.
    pub has_unit: bool,
    /// Whether the file states a formula for other programs, which our own totals have.
    pub is_calculated: bool,
    /// The options of a choice, in order; empty for every other kind.
    pub options: Vec<AnswerOption>,
    /// When the item is asked; always, if there are no conditions.
    pub conditions: Vec<Condition>,
    pub behavior: Behavior,
    /// What a group holds.
    pub items: Vec<Item>,
}

/// What kind of answer an item takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Group,
    Display,
    Choice,
    Integer,
    /// A number with decimals, such as hours of sleep.
    Decimal,
    /// A year, a month or a day.
    Date,
    Text,
}

/// A code of a code system, such as LOINC's `http://loinc.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coding {
    pub system: String,
    pub code: String,
}

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerOption {
    /// Its code is unique among the options of the item.
    pub coding: Coding,
    pub text: Words,
    /// The points that the option counts in a score.
    pub ordinal: Option<u32>,
    /// Whether no other option may be chosen beside it, such as "None of the above".
    pub exclusive: bool,
}

/// One condition under which an item is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The link id of the question that decides.
    pub question: String,
    pub test: Test,
}

/// What is asked of the deciding question's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Whether there is an answer at all; a refusal is none.
    Exists(bool),
    /// Whether the answer equals or differs. Without an answer neither holds: who declined the first question
    /// of a series is not asked the rest of it.
    Equals(Operand),
    Differs(Operand),
    /// Whether a number or a date compares so to this one. A date that is too vague to tell does not.
    Above(Operand),
    AtLeast(Operand),
    Below(Operand),
    AtMost(Operand),
}

/// What an answer is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// The code of an option of the deciding question.
    Code(String),
    Integer(i32),
    Decimal(Quantity),
    /// A year, a month or a day, as FHIR's dates are.
    Date(PartialDate),
    Text(String),
}

/// Whether all conditions must hold or any one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Behavior {
    #[default]
    All,
    Any,
}

/// Why a questionnaire was refused. It arises only when a file is loaded, and names the item by link id;
/// what concerns no item names `questionnaire`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionnaireError {
    /// The file is larger than a questionnaire may be.
    #[error("the questionnaire has {bytes} bytes; at most {bytes_max} are read")]
    TooLarge { bytes: usize, bytes_max: usize },
    /// The text is not JSON.
    #[error("the questionnaire is not JSON: {reason}")]
    NotJson { reason: String },
    /// A field that must be there is not.
    #[error("{link_id}: {field} is missing")]
    Missing { link_id: String, field: &'static str },
    /// A field has another shape than FHIR R4 gives it.
    #[error("{link_id}: {field} has the wrong shape")]
    WrongShape { link_id: String, field: String },
    /// A part of FHIR that this program does not know; ignoring it could change what is asked.
    #[error("{link_id}: {feature} is not supported")]
    UnknownFeature { link_id: String, feature: String },
    /// Groups within groups beyond the bound.
    #[error("{link_id}: groups are nested more than {depth_max} deep")]
    TooDeep { link_id: String, depth_max: usize },
    /// More items, or more options or conditions of one item, than the bound.
    #[error("{link_id}: more than {count_max} {what}")]
    TooMany { link_id: String, what: &'static str, count_max: usize },
    /// Two items have one link id, or two options of one item have one code.
    #[error("{link_id}: {value} stands twice")]
    Twice { link_id: String, value: String },
    /// A condition names a question or an option that does not exist, or asks what its kind cannot answer.
    #[error("{link_id}: the condition on {question} can never be decided")]
    Undecidable { link_id: String, question: String },
    /// Whether the item is asked depends on itself.
    #[error("{link_id}: whether it is asked depends on itself")]
    Cycle { link_id: String },
}

impl Questionnaire {
    /// The most bytes of a file that are read.
    pub const BYTES_MAX: usize = 1 << 20;
    /// The most items a questionnaire can have.
    pub const ITEMS_MAX: usize = 500;
    /// The most options an item can have, and the most conditions.
    pub const OPTIONS_MAX: usize = 200;
    /// How deep groups can be nested.
    pub const DEPTH_MAX: usize = 8;

    /// Reads a FHIR R4 Questionnaire in JSON, within the bounds above. What is not understood is refused.
    pub fn parse(json: &str) -> Result<Questionnaire, QuestionnaireError> {
        fhir::parse(json)
    }

    /// The questionnaire with its rules of scoring, which must fit it.
    pub fn scored_by(mut self, instrument: Instrument) -> Result<Questionnaire, Vec<ScoringError>> {
        instrument.check(&self)?;
        self.scoring = Some(Box::new(instrument));
        Ok(self)
    }

    /// The rules by which it is scored.
    pub fn instrument(&self) -> Option<&Instrument> {
        self.scoring.as_deref()
    }

    /// The id: the last part of the canonical address, such as `phq-2`; nothing when the address has none.
    pub fn id(&self) -> Option<&str> {
        Some(Questionnaire::id_of(&self.url)).filter(|id| !id.is_empty())
    }

    /// The id within a canonical address with or without a version.
    pub fn id_of(canonical: &str) -> &str {
        let url = canonical.split_once('|').map_or(canonical, |(url, _)| url);
        url.rsplit_once('/').map_or(url, |(_, id)| id)
    }

    /// The canonical address with the version, by which a response names it.
    pub fn canonical(&self) -> String {
        format!("{}|{}", self.url, self.version)
    }

    /// Every item in the order of the file, each group before what it holds.
    pub fn walk(&self) -> Vec<&Item> {
        fn push<'a>(items: &'a [Item], found: &mut Vec<&'a Item>) {
            for item in items {
                found.push(item);
                push(&item.items, found);
            }
        }
        let mut found = Vec::new();
        push(&self.items, &mut found);
        found
    }

    /// The item of a link id.
    pub fn item(&self, link_id: &str) -> Option<&Item> {
        self.walk().into_iter().find(|item| item.link_id == link_id)
    }

    /// Whether everything that a person reads exists in a language. Items that the program fills in are not
    /// read by the person, so they do not count.
    pub fn is_translated(&self, language: Language) -> bool {
        self.untranslated(language).is_empty()
    }

    /// Link ids of the items that a person reads and of which a word is missing in a language.
    pub fn untranslated(&self, language: Language) -> Vec<&str> {
        let says = |words: &Words| words.english.is_empty() || words.say(language).translated;
        let is_whole = |item: &Item| says(&item.text) && item.options.iter().all(|option| says(&option.text));
        let read = self.walk().into_iter().filter(|item| !item.read_only);
        read.filter(|item| !is_whole(item)).map(|item| item.link_id.as_str()).collect()
    }
}

impl Item {
    /// Whether a person answers it: no group, no line of text, nothing the program fills in.
    pub fn is_question(&self) -> bool {
        !self.read_only && !matches!(self.kind, Kind::Group | Kind::Display)
    }

    /// Whether its answers are a list: it repeats, and is no choice, whose options are chosen together.
    pub fn is_list(&self) -> bool {
        self.repeats && self.kind != Kind::Choice
    }

    /// The option of a code.
    pub fn option(&self, code: &str) -> Option<&AnswerOption> {
        self.options.iter().find(|option| option.coding.code == code)
    }
}

#[cfg(test)]
mod tests;
