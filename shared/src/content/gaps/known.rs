//! Whether a pack has what its gap rules name, and whether they can hold at all. Never whether one does for a person.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::{Rule, What};
use crate::content::questionnaire::Questionnaire;

/// What a rule may name.
pub struct Known<'k> {
    pub conditions: BTreeSet<&'k str>,
    pub measurements: BTreeSet<&'k str>,
    pub forms: BTreeMap<&'k str, &'k Questionnaire>,
}

impl Rule {
    /// What contradicts itself or names what the pack does not have; all faults at once.
    pub fn faults(&self, known: &Known<'_>) -> Vec<String> {
        let mut faults = Vec::new();
        if self.ages.to.is_some_and(|to| to < self.ages.from) {
            faults.push("its ages end before they begin".to_owned());
        }
        if self.met_by.is_empty() == self.parts.is_empty() {
            faults.push("it needs either met_by or parts".to_owned());
        }
        if self.parts.iter().any(|part| part.met_by.is_empty()) {
            faults.push("a part is met by nothing".to_owned());
        }
        if self.or_smokes && self.has.is_empty() {
            faults.push("or_smokes stands beside no condition in has".to_owned());
        }
        let conditions = self.has.iter().chain(&self.has_not);
        for name in conditions.filter(|name| !known.conditions.contains(name.as_str())) {
            faults.push(format!("condition {name:?} is not in the pack"));
        }
        for evidence in self.evidence() {
            match &evidence.what {
                What::Services(_) => {}
                What::Measured(keys) => {
                    let missing = keys.iter().filter(|key| !known.measurements.contains(key.as_str()));
                    faults.extend(missing.map(|key| format!("measurement {key:?} is not in the pack")));
                }
                What::Asked { forms, items } => faults.extend(known.questions_missing(forms, items)),
            }
        }
        for control in &self.control {
            if !known.measurements.contains(control.key.as_str()) {
                faults.push(format!("measurement {:?} is not in the pack", control.key));
            }
            if control.below.is_some() == control.at_most.is_some() {
                faults.push(format!("control of {:?} needs either below or at_most", control.key));
            }
        }
        faults
    }
}

impl Known<'_> {
    fn questions_missing(&self, forms: &[String], items: &[String]) -> Vec<String> {
        let mut faults = Vec::new();
        for id in forms {
            let Some(form) = self.forms.get(id.as_str()) else {
                faults.push(format!("questionnaire {id:?} is not in the pack"));
                continue;
            };
            let is_missing = |item: &&String| !form.item(item).is_some_and(|item| item.is_question());
            let missing = items.iter().filter(is_missing);
            faults.extend(missing.map(|item| format!("questionnaire {id:?} has no question {item:?}")));
        }
        faults
    }
}
