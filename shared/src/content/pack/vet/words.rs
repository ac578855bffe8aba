//! Whether everything that staff or the person being screened read has words: in English and, where a translation is
//! given, in it too. Never whether the words are right.

use crate::content::gaps::{CareGap, GapCatalog};
use crate::content::language::Words;
use crate::content::measurements::Measurement;
use crate::content::pack::content::Content;
use crate::content::pack::manifest::MANIFEST;
use crate::content::pack::protocol::Grounds;
use crate::content::pack::read::{Pack, Problem};
use crate::content::questionnaire::{Instrument, Item, Kind, Questionnaire};

/// Places whose words are missing: the item, and the reason.
pub(super) fn blank(content: &Content) -> Vec<(String, String)> {
    let mut faults = Blank::default();
    for measurement in &content.catalog.measurements {
        faults.measurement(measurement);
    }
    for form in &content.forms {
        faults.form(form);
    }
    faults.gaps(&content.gaps);
    for step in &content.steps {
        faults.begin(format!("step {}", step.id)).grounds(&step.grounds);
    }
    for alert in &content.alerts {
        let of_alert = faults.begin(format!("alert {}", alert.id));
        of_alert.words("its title", &alert.title).words("its action", &alert.action).grounds(&alert.grounds);
        of_alert.numbered("choice", &alert.choices);
    }
    for text in &content.handout {
        let of_text = faults.begin(format!("handout {}", text.id));
        of_text.words("its text", &text.text);
        for (what, words) in [("its finding", &text.title), ("what to do", &text.todo)] {
            if let Some(words) = words {
                of_text.words(what, words);
            }
        }
        if let Some(grounds) = &text.grounds {
            of_text.grounds(grounds);
        }
    }
    for contact in &content.contacts {
        let of_contact = faults.begin(format!("contact {}", contact.id));
        of_contact.words("its name", &contact.name).words("what it is for", &contact.what);
        of_contact.grounds(&contact.grounds);
        if let Some(address) = &contact.address {
            of_contact.text("its address", address);
        }
    }
    for silent in &content.silent {
        faults.begin(format!("silence about {}", silent.need)).text("its reason", &silent.reason);
    }
    for text in &content.consent {
        let of_text = faults.begin(format!("consent {} {}", text.version, text.language.tag()));
        of_text.text("its title", &text.title).text("its body", &text.body.concat());
        for (place, paragraph) in text.body.iter().enumerate() {
            of_text.text(&format!("paragraph {}", place + 1), paragraph);
        }
        for scope in &text.scopes {
            of_text.text(&format!("the sentence of {}", scope.scope.key()), &scope.sentence);
        }
    }
    faults.found
}

/// What a pack is called, which the content that is made of it does not keep.
pub(super) fn untitled(pack: &Pack) -> Option<Problem> {
    let manifest = &pack.manifest;
    let mut faults = Blank::default();
    faults.begin(MANIFEST.to_owned()).words("its title", &Words::both(&manifest.title, &manifest.title_es));
    let (place, reason) = faults.found.pop()?;
    Some(Problem { pack: manifest.id.clone(), place, reason })
}

/// Collects what is blank, item by item.
#[derive(Default)]
struct Blank {
    item: String,
    found: Vec<(String, String)>,
}

impl Blank {
    fn begin(&mut self, item: String) -> &mut Blank {
        self.item = item;
        self
    }

    fn text(&mut self, what: &str, text: &str) -> &mut Blank {
        if text.trim().is_empty() {
            self.found.push((self.item.clone(), format!("{what} is blank")));
        }
        self
    }

    /// Words in English, and in Spanish where they are given.
    fn words(&mut self, what: &str, words: &Words) -> &mut Blank {
        let said = [("English", Some(&words.english)), ("Spanish", words.spanish.as_ref())];
        for (language, text) in said.into_iter().filter_map(|(language, text)| Some((language, text?))) {
            self.text(&format!("{what} in {language}"), text);
        }
        self
    }

    /// Words that have no name of their own while they are blank.
    fn numbered<'w>(&mut self, what: &str, all: impl IntoIterator<Item = &'w Words>) -> &mut Blank {
        for (place, words) in all.into_iter().enumerate() {
            self.words(&format!("{what} {}", place + 1), words);
        }
        self
    }

    fn grounds(&mut self, grounds: &Grounds) -> &mut Blank {
        self.text("its guideline", &grounds.guideline)
    }

    fn measurement(&mut self, measurement: &Measurement) {
        self.begin(format!("measurement {}", measurement.key));
        self.words("its name", &measurement.name).words("its short name", &measurement.short_name);
        self.numbered("the name of band", measurement.bands.iter().map(|band| &band.name));
        self.numbered("the name of flag", measurement.flags.iter().map(|flag| &flag.name));
        self.text("who vouches for its limits", &measurement.limit_basis);
        self.text("the source of its code", &measurement.code_source);
    }

    fn form(&mut self, form: &Questionnaire) {
        self.begin(format!("questionnaire {}", form.id().unwrap_or_default())).text("its title", &form.title);
        // A group is only what holds questions together, and what the program fills in is read by nobody.
        let is_read =
            |item: &&Item| item.is_question() || item.kind == Kind::Display || !item.text.english.is_empty();
        for item in form.walk().into_iter().filter(is_read) {
            self.words(&format!("{}: its text", item.link_id), &item.text);
            for option in &item.options {
                self.words(&format!("{}: option {}", item.link_id, option.coding.code), &option.text);
            }
        }
        form.instrument().into_iter().for_each(|instrument| self.instrument(instrument));
    }

    fn instrument(&mut self, instrument: &Instrument) {
        self.text("the name of its score", &instrument.name);
        self.text("the source of its score", &instrument.source);
        self.numbered("the name of score band", instrument.bands.iter().map(|band| &band.name));
        for alert in &instrument.alerts {
            self.words(&format!("{}: the action of its alert", alert.link_id), &alert.action);
            self.numbered(&format!("{}: choice", alert.link_id), &alert.choices);
        }
    }

    fn gaps(&mut self, catalog: &GapCatalog) {
        for gap in &catalog.gaps {
            self.gap(gap);
        }
        for (kind, all) in [("condition", &catalog.condition_names), ("service", &catalog.services)] {
            for (id, words) in all {
                self.begin(format!("{kind} {id}")).words("its name", words);
            }
        }
    }

    fn gap(&mut self, gap: &CareGap) {
        self.begin(format!("gap {}", gap.id)).words("its name", &gap.name);
        self.text("for whom it is", &gap.who).text("what meets it", &gap.met_by);
        self.text("what a van does", &gap.van).text("its source", &gap.source);
        for (what, text) in [("its interval", &gap.interval), ("whom it leaves out", &gap.exclude)] {
            if let Some(text) = text {
                self.text(what, text);
            }
        }
        self.numbered("the name of part", gap.rule.parts.iter().map(|part| &part.name));
    }
}

#[cfg(test)]
mod tests;
