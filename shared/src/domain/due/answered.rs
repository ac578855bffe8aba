//! What an answered form says to the rules: whether it counts, what it found, how much the person smoked. Half an
//! instrument and "Don't know" say nothing.

use super::Proof;
use crate::content::Sex;
use crate::content::questionnaire::{self, Answer, Answers, Questionnaire};
use crate::domain::person::TobaccoStatus;
use crate::domain::screening::{QuestionnaireResponse, answers_of};
use crate::ids::FactId;
use crate::time::PartialDate;
use chrono::NaiveDate;
use std::collections::BTreeSet;

const LOINC: &str = "http://loinc.org";
/// LOINC: tobacco smoking status.
const STATUS: &str = "72166-2";
/// LOINC: cigarettes smoked total (pack per year), which are packs a day times years.
const PACK_YEARS: &str = "8664-5";
/// LOINC: date quit tobacco smoking.
const QUIT_DATE: &str = "74010-0";

/// One answered form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    pub form: String,
    pub on: NaiveDate,
    /// Whether its published score exists: every question that counts has an answer that says something.
    pub scored: bool,
    /// The score is positive, or an answer names a need.
    pub positive: bool,
    /// Link ids of the questions with an answer that says something.
    pub known: BTreeSet<String>,
    /// Link ids of the questions of which the answer names a need.
    pub needs: BTreeSet<String>,
    /// Where the form asks the smoking status and it was told.
    pub smoking: Option<Smoked>,
    pub fact: Option<FactId>,
}

/// How much and until when somebody smoked, as far as it was told with the status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Smoked {
    pub pack_years: Option<u16>,
    pub quit_on: Option<PartialDate>,
}

impl Answered {
    /// Reads a response to the form of a canonical address. Of a form that is not at hand the score that was stored
    /// with the response is all that is known.
    pub(super) fn read(
        response: &QuestionnaireResponse,
        canonical: &str,
        form: Option<&Questionnaire>,
        sex: Sex,
        on: NaiveDate,
        fact: FactId,
    ) -> Answered {
        let id = Questionnaire::id_of(canonical).to_owned();
        let answered = Answered { form: id, on, fact: Some(fact), ..Answered::default() };
        let Some(form) = form else { return Answered { scored: response.score.is_some(), ..answered } };
        let answers = answers_of(form, response);
        let score = questionnaire::score(form, &answers, sex);
        let needs: BTreeSet<String> =
            questionnaire::needs(form, &answers).into_iter().map(|need| need.link_id.to_owned()).collect();
        let asked = form.questions(&answers).into_iter().map(|item| &item.link_id);
        let known = asked.filter(|link_id| questionnaire::is_known(form, &answers, link_id));
        Answered {
            scored: score.is_some(),
            positive: score.is_some_and(|score| score.positive) || !needs.is_empty(),
            known: known.cloned().collect(),
            smoking: Smoked::read(form, &answers),
            needs,
            ..answered
        }
    }

    /// What it proves of these questions, or of the whole form where none are named; nothing when it does not count.
    pub(super) fn proof(&self, items: &[String]) -> Option<Proof> {
        let needs = items.iter().any(|item| self.needs.contains(item));
        let (counts, positive) = match items {
            [] => (self.scored, self.positive),
            items => (needs || items.iter().all(|item| self.known.contains(item)), needs),
        };
        counts.then(|| Proof { what: self.form.clone(), on: self.on, fact: self.fact, positive })
    }
}

impl Smoked {
    /// Nothing where the form does not ask the status, or where it was not told.
    fn read(form: &Questionnaire, answers: &Answers) -> Option<Smoked> {
        let answer = |loinc: &str| {
            let is_it = |code: &questionnaire::Coding| code.system == LOINC && code.code == loinc;
            let item = form.walk().into_iter().find(|item| item.codes.iter().any(is_it))?;
            answers.get(&item.link_id)
        };
        let Answer::Codes(status) = answer(STATUS)? else { return None };
        status.iter().find_map(|code| TobaccoStatus::from_code(code))?;
        Some(Smoked {
            pack_years: match answer(PACK_YEARS) {
                Some(Answer::Integer(years)) => u16::try_from(*years).ok(),
                _ => None,
            },
            quit_on: match answer(QUIT_DATE) {
                Some(Answer::Date(date)) => Some(*date),
                _ => None,
            },
        })
    }
}
