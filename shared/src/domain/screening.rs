//! What was measured and what was answered, as immutable facts whose subject is the person.

use crate::content::measurements::Beyond;
use crate::content::questionnaire::{self, Answers, Questionnaire};
use crate::ids::{StaffId, VisitId};
use crate::record::{Decimal, FieldType, Value, coded_values, fact_kind};
use crate::time::PartialDate;

coded_values! {
    /// FHIR observation-status.
    FactStatus { Final = "final", Amended = "amended", EnteredInError = "entered-in-error" }
}

fact_kind! {
    /// One measured value (FHIR Observation).
    Observation, 101, "Observation" {
        1 visit: VisitId;
        /// LOINC code.
        2 loinc: String;
        3 value: Decimal;
        /// UCUM code of the unit.
        4 unit: String;
        /// A value that is not a number.
        5 text: String;
        /// LOINC code of the panel that it is a part of.
        6 panel: String;
        /// Which reading of the visit, from 1.
        7 reading: u32;
        8 status: FactStatus;
        9 performer: StaffId;
        /// `manual`, or the device that measured.
        10 method: String;
        /// Category in the words of the guideline at that time, such as "stage 1".
        11 interpretation: String;
        /// The person confirmed a value outside the usual range.
        12 confirmed_unusual: bool;
        /// The meter showed LO or HI: the value is the end of its range, and the true one lies beyond it.
        13 beyond: Beyond;
    }
}

/// What was said to one question. A skipped question is a fact too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerValue {
    /// Codes of the chosen options.
    Codes(Vec<String>),
    Integer(i64),
    Decimal(Decimal),
    Date(PartialDate),
    Text(String),
    /// Every answer to a question that repeats and is no choice: numbers, dates or texts.
    Several(Vec<AnswerValue>),
    /// HL7 data-absent-reason `asked-declined`.
    Declined,
    /// HL7 data-absent-reason `not-asked`.
    NotAsked,
}

/// How an answer to a form is kept.
impl From<&questionnaire::Answer> for AnswerValue {
    fn from(answer: &questionnaire::Answer) -> AnswerValue {
        match answer {
            questionnaire::Answer::Codes(codes) => AnswerValue::Codes(codes.clone()),
            questionnaire::Answer::Integer(number) => AnswerValue::Integer((*number).into()),
            questionnaire::Answer::Decimal(number) => AnswerValue::Decimal((*number).into()),
            questionnaire::Answer::Date(date) => AnswerValue::Date(*date),
            questionnaire::Answer::Text(text) => AnswerValue::Text(text.clone()),
            questionnaire::Answer::Several(answers) => {
                AnswerValue::Several(answers.iter().map(AnswerValue::from).collect())
            }
            questionnaire::Answer::Declined => AnswerValue::Declined,
            questionnaire::Answer::NotAsked => AnswerValue::NotAsked,
        }
    }
}

/// A response's answers as answers to the form. What does not fit it any more is left out.
pub fn answers_of(form: &Questionnaire, response: &QuestionnaireResponse) -> Answers {
    let mut answers = Answers::new();
    for stored in response.answers.iter().flat_map(|list| &list.0) {
        let answer = questionnaire::Answer::try_from(&stored.value);
        // An answer of another version of the form is no answer to this one.
        let _ = answer.map(|answer| answers.record(form, &stored.link_id, answer));
    }
    answers
}

/// Why a stored answer is none that a form takes: a number has more digits than an answer can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the number does not fit")]
pub struct TooLarge;

/// A stored answer as the form's.
impl TryFrom<&AnswerValue> for questionnaire::Answer {
    type Error = TooLarge;

    fn try_from(value: &AnswerValue) -> Result<questionnaire::Answer, TooLarge> {
        Ok(match value {
            AnswerValue::Codes(codes) => questionnaire::Answer::Codes(codes.clone()),
            AnswerValue::Integer(number) => {
                questionnaire::Answer::Integer(i32::try_from(*number).map_err(|_| TooLarge)?)
            }
            AnswerValue::Decimal(number) => {
                questionnaire::Answer::Decimal(number.quantity().ok_or(TooLarge)?)
            }
            AnswerValue::Date(date) => questionnaire::Answer::Date(*date),
            AnswerValue::Text(text) => questionnaire::Answer::Text(text.clone()),
            AnswerValue::Several(answers) => questionnaire::Answer::Several(
                answers.iter().map(questionnaire::Answer::try_from).collect::<Result<_, _>>()?,
            ),
            AnswerValue::Declined => questionnaire::Answer::Declined,
            AnswerValue::NotAsked => questionnaire::Answer::NotAsked,
        })
    }
}

/// One answered item of a questionnaire, by its linkId.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub link_id: String,
    pub value: AnswerValue,
}

/// Every answer of a response, in the order in which it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerList(pub Vec<Answer>);

impl FieldType for AnswerList {
    fn to_value(&self) -> Value {
        let answer =
            |answer: &Answer| Value::List(vec![Value::Text(answer.link_id.clone()), said(&answer.value)]);
        Value::List(self.0.iter().map(answer).collect())
    }

    fn from_value(value: &Value) -> Option<Self> {
        let Value::List(answers) = value else { return None };
        let answer = |answer: &Value| {
            let Value::List(parts) = answer else { return None };
            let [Value::Text(link_id), said] = parts.as_slice() else { return None };
            Some(Answer { link_id: link_id.clone(), value: understood(said)? })
        };
        answers.iter().map(answer).collect::<Option<_>>().map(AnswerList)
    }
}

/// How an answer is stored. Several answers are a list within a list, which the codes of options never are.
fn said(value: &AnswerValue) -> Value {
    match value {
        AnswerValue::Codes(codes) => Value::List(codes.iter().cloned().map(Value::Text).collect()),
        AnswerValue::Several(answers) => Value::List(vec![Value::List(answers.iter().map(said).collect())]),
        AnswerValue::Integer(number) => Value::Integer(*number),
        AnswerValue::Decimal(number) => Value::Decimal(*number),
        AnswerValue::Date(date) => Value::Date(*date),
        AnswerValue::Text(text) => Value::Text(text.clone()),
        AnswerValue::Declined => Value::Null,
        AnswerValue::NotAsked => Value::Boolean(false),
    }
}

fn understood(said: &Value) -> Option<AnswerValue> {
    Some(match said {
        Value::List(parts) => match parts.as_slice() {
            [Value::List(answers)] => {
                AnswerValue::Several(answers.iter().map(single).collect::<Option<_>>()?)
            }
            codes => AnswerValue::Codes(codes.iter().map(String::from_value).collect::<Option<_>>()?),
        },
        Value::Null => AnswerValue::Declined,
        Value::Boolean(false) => AnswerValue::NotAsked,
        one => single(one)?,
    })
}

fn single(said: &Value) -> Option<AnswerValue> {
    match said {
        Value::Integer(number) => Some(AnswerValue::Integer(*number)),
        Value::Decimal(number) => Some(AnswerValue::Decimal(*number)),
        Value::Date(date) => Some(AnswerValue::Date(*date)),
        Value::Text(text) => Some(AnswerValue::Text(text.clone())),
        _ => None,
    }
}

fact_kind! {
    /// One filled-in form (FHIR QuestionnaireResponse).
    QuestionnaireResponse, 102, "QuestionnaireResponse" {
        1 visit: VisitId;
        /// Canonical with version, `url|version`: exactly what was asked.
        2 questionnaire: String;
        3 answers: AnswerList;
        /// Total by the published scoring; missing where the form has none or is incomplete.
        4 score: i64;
        /// Band or outcome by the published table.
        5 outcome: String;
        6 language: String;
        7 performer: StaffId;
        8 status: FactStatus;
        /// Release of the protocol packs that it was asked under, such as `caravan-core 2026.11.1`.
        9 pack: String;
    }
}
