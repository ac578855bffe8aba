//! A national core with its regional overlays, as one content. An overlay adds, tightens, or switches off what the core
//! marks as local. Whatever else it tries is a problem, and whatever it does is told as a difference: nothing is
//! changed in silence.

mod tighten;

use super::content::{Content, Difference, PackName, What};
use super::manifest::PackKind;
use super::protocol::{Does, Step};
use super::read::{Pack, Problem};
use crate::content::gaps::GapCatalog;
use crate::content::gaps::known::Known;
use serde::Deserialize;
use std::fmt::Display;
use tighten::Tighten;

/// What an overlay says about the core's items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    #[serde(default)]
    off: Vec<Off>,
    #[serde(default)]
    tighten: Vec<Tighten>,
}

/// One local item of the core that a region does without.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Off {
    step: Option<String>,
    gap: Option<String>,
    alert: Option<String>,
    reason: String,
}

/// Composes one content. The core comes first; overlays follow in order, and a later one may not contradict an earlier.
pub fn compose(packs: Vec<Pack>) -> Result<Content, Vec<Problem>> {
    let mut packs = packs.into_iter();
    let problem = |pack: &str, reason: &str| {
        vec![Problem {
            pack: pack.to_owned(),
            place: super::manifest::MANIFEST.to_owned(),
            reason: reason.to_owned(),
        }]
    };
    let Some(core) = packs.next() else { return Err(problem("packs", "there is no pack")) };
    if core.manifest.kind != PackKind::Core {
        return Err(problem(&core.manifest.id, "is an overlay, where the core is to come first"));
    }
    let mut composing = Composing::begin(core);
    for overlay in packs {
        composing.overlay(overlay);
    }
    composing.finish()
}

struct Composing {
    content: Content,
    problems: Vec<Problem>,
    /// The pack that is being laid over.
    pack: String,
}

impl Composing {
    fn begin(core: Pack) -> Composing {
        let pack = core.manifest.id.clone();
        let name = PackName { id: pack.clone(), version: core.manifest.version.clone(), hash: core.hash };
        let content = Content {
            packs: vec![name],
            catalog: core.catalog.unwrap_or_default(),
            forms: core.forms,
            gaps: core.gaps.unwrap_or_default(),
            steps: core.steps,
            alerts: core.alerts,
            consent: core.consent,
            handout: core.handout,
            contacts: core.contacts,
            silent: core.silent,
            differences: Vec::new(),
        };
        Composing { content, problems: Vec::new(), pack }
    }

    fn refuse(&mut self, place: impl Display, reason: impl Display) {
        self.problems.push(Problem {
            pack: self.pack.clone(),
            place: place.to_string(),
            reason: reason.to_string(),
        });
    }

    fn differ(&mut self, what: What, item: impl Display, detail: impl Display, reason: &str) {
        self.content.differences.push(Difference {
            pack: self.pack.clone(),
            what,
            item: item.to_string(),
            detail: detail.to_string(),
            reason: reason.to_owned(),
        });
    }

    fn overlay(&mut self, overlay: Pack) {
        let manifest = &overlay.manifest;
        self.pack = manifest.id.clone();
        let core = self.content.packs[0].clone();
        match &manifest.extends {
            Some(extends) if extends.id != core.id => {
                self.refuse(
                    "pack.json extends",
                    format!("is written for {}, not for {}", extends.id, core.id),
                );
            }
            Some(extends) if extends.version > core.version => {
                self.refuse(
                    "pack.json extends",
                    format!("needs {} {}; this is {}", core.id, extends.version, core.version),
                );
            }
            Some(extends) if extends.version < core.version => {
                let detail = format!("was written for {} {}", core.id, extends.version);
                self.differ(What::Noted, "pack.json", detail, "the core is newer");
            }
            Some(_) => {}
            None => self.refuse("pack.json kind", "a second core"),
        }
        if self.content.packs.iter().any(|pack| pack.id == manifest.id) {
            self.refuse("pack.json id", "this pack is laid over already");
        }
        self.content.packs.push(PackName {
            id: manifest.id.clone(),
            version: manifest.version.clone(),
            hash: overlay.hash,
        });
        let changes = overlay.changes.clone();
        self.add(overlay);
        for off in &changes.off {
            self.switch_off(off);
        }
        for change in &changes.tighten {
            if let Err((place, reason)) = self.tighten(change) {
                self.refuse(format!("changes {place}"), reason);
            }
        }
    }

    /// Items of the overlay's own. One that stands already would contradict it, or say the same twice.
    fn add(&mut self, overlay: Pack) {
        for form in overlay.forms {
            let id = form.id().unwrap_or_default().to_owned();
            if self.is_new(format!("questionnaire {id}"), self.content.form(&id).is_some(), form.canonical())
            {
                self.content.forms.push(form);
            }
        }
        for measurement in overlay.catalog.map(|catalog| catalog.measurements).unwrap_or_default() {
            let catalog = &self.content.catalog;
            let stands =
                catalog.find(&measurement.key).is_some() || catalog.find_loinc(&measurement.loinc).is_some();
            if self.is_new(format!("measurement {}", measurement.key), stands, &measurement.name.english) {
                self.content.catalog.measurements.push(measurement);
            }
        }
        self.add_gaps(overlay.gaps.unwrap_or_default());
        for step in overlay.steps {
            self.add_step(step);
        }
        for alert in overlay.alerts {
            let stands = self.content.alerts.iter().any(|other| other.id == alert.id);
            if self.is_new(format!("alert {}", alert.id), stands, &alert.title.english) {
                self.content.alerts.push(alert);
            }
        }
        for text in overlay.handout {
            let stands = self.content.handout_text(&text.id).is_some();
            if self.is_new(format!("handout {}", text.id), stands, "") {
                self.content.handout.push(text);
            }
        }
        for silent in overlay.silent {
            let stands = self.content.silent.iter().any(|other| other.need == silent.need);
            if self.is_new(format!("silence about {}", silent.need), stands, &silent.reason) {
                self.content.silent.push(silent);
            }
        }
        for contact in overlay.contacts {
            let stands = self.content.contact(&contact.id).is_some();
            if self.is_new(format!("contact {}", contact.id), stands, &contact.name.english) {
                self.content.contacts.push(contact);
            }
        }
    }

    /// Tells that an item is added, or refuses one that stands already.
    fn is_new(&mut self, place: String, stands: bool, detail: impl Display) -> bool {
        match stands {
            true => self.refuse(place, "stands already; an overlay may only tighten it or switch it off"),
            false => self.differ(What::Added, place, detail, ""),
        }
        !stands
    }

    fn add_gaps(&mut self, gaps: GapCatalog) {
        for (name, codes) in gaps.conditions {
            let before = self.content.gaps.conditions.get(&name);
            // The same list under the same name says nothing new.
            if before == Some(&codes) {
                continue;
            }
            let stands = before.is_some();
            if self.is_new(format!("condition {name}"), stands, codes.join(", ")) {
                self.content.gaps.conditions.insert(name, codes);
            }
        }
        for (name, words) in gaps.condition_names {
            let before = self.content.gaps.condition_names.get(&name);
            if before == Some(&words) {
                continue;
            }
            let stands = before.is_some();
            if self.is_new(format!("words for condition {name}"), stands, &words.english) {
                self.content.gaps.condition_names.insert(name, words);
            }
        }
        for (id, words) in gaps.services {
            let before = self.content.gaps.services.get(&id);
            if before == Some(&words) {
                continue;
            }
            let stands = before.is_some();
            if self.is_new(format!("service {id}"), stands, &words.english) {
                self.content.gaps.services.insert(id, words);
            }
        }
        for gap in gaps.gaps {
            let stands = self.content.gaps.find(&gap.id).is_some();
            if self.is_new(format!("gap {}", gap.id), stands, &gap.name.english) {
                self.content.gaps.gaps.push(gap);
            }
        }
    }

    fn add_step(&mut self, step: Step) {
        let place = format!("step {}", step.id);
        let position = |id: &str| self.content.steps.iter().position(|other| other.id == id);
        let stands = position(&step.id).is_some();
        let at = match &step.after {
            None => Some(self.content.steps.len()),
            Some(after) => position(after).map(|at| at + 1),
        };
        let Some(at) = at else {
            let after = step.after.unwrap_or_default();
            return self.refuse(place, format!("stands after {after:?}, which is not there"));
        };
        if self.is_new(place, stands, format!("as number {}", at + 1)) {
            self.content.steps.insert(at, step);
        }
    }

    fn switch_off(&mut self, off: &Off) {
        const NATIONAL: &str = "the core does not mark it as local";
        const MISSING: &str = "is not there";
        let content = &mut self.content;
        let (place, verdict) = match (&off.step, &off.gap, &off.alert) {
            (Some(id), None, None) => {
                let at = content.steps.iter().position(|step| step.id == *id);
                let local = at.map(|at| content.steps[at].local);
                if let (Some(at), Some(true)) = (at, local) {
                    content.steps.remove(at);
                }
                (format!("step {id}"), local)
            }
            (None, Some(id), None) => {
                let at = content.gaps.gaps.iter().position(|gap| gap.id == *id);
                let local = at.map(|at| content.gaps.gaps[at].local);
                if let (Some(at), Some(true)) = (at, local) {
                    content.gaps.gaps.remove(at);
                }
                (format!("gap {id}"), local)
            }
            (None, None, Some(id)) => {
                let at = content.alerts.iter().position(|alert| alert.id == *id);
                let local = at.map(|at| content.alerts[at].local);
                if let (Some(at), Some(true)) = (at, local) {
                    content.alerts.remove(at);
                }
                (format!("alert {id}"), local)
            }
            _ => return self.refuse("changes off", "names one step, one gap or one alert"),
        };
        match verdict {
            _ if off.reason.trim().is_empty() => self.refuse(place, "is switched off without a reason"),
            None => self.refuse(place, MISSING),
            Some(false) => self.refuse(place, NATIONAL),
            Some(true) => self.differ(What::SwitchedOff, place, "", &off.reason),
        }
    }

    /// The whole must hold together, whoever contributed.
    fn finish(mut self) -> Result<Content, Vec<Problem>> {
        self.pack = self.content.packs.iter().map(|pack| pack.id.as_str()).collect::<Vec<_>>().join(" + ");
        for (place, reason) in dangling(&self.content) {
            self.refuse(place, reason);
        }
        if self.problems.is_empty() { Ok(self.content) } else { Err(self.problems) }
    }
}

/// Whatever one part of a content names and no other part has: the place and the reason.
fn dangling(content: &Content) -> Vec<(String, String)> {
    let mut faults = steps_dangling(content);
    for text in &content.handout {
        let place = format!("handout {}", text.id);
        faults.extend(text.faults(content).into_iter().map(|reason| (place.clone(), reason)));
    }
    for alert in &content.alerts {
        let missing = alert.any.iter().filter(|line| content.catalog.find(&line.key).is_none());
        faults.extend(missing.map(|line| {
            (format!("alert {}", alert.id), format!("watches {:?}, which is not there", line.key))
        }));
    }
    let known = Known {
        conditions: content.gaps.conditions.keys().map(String::as_str).collect(),
        measurements: content.catalog.measurements.iter().map(|known| known.key.as_str()).collect(),
        forms: content.forms.iter().filter_map(|form| Some((form.id()?, form))).collect(),
    };
    for gap in &content.gaps.gaps {
        faults.extend(gap.rule.faults(&known).into_iter().map(|reason| (format!("gap {}", gap.id), reason)));
    }
    for instrument in content.forms.iter().filter_map(|form| form.instrument()) {
        if let Some(id) = instrument.then.as_ref().filter(|id| content.form(id).is_none()) {
            faults.push((format!("score {}", instrument.id), format!("leads to {id:?}, which is not there")));
        }
    }
    faults
}

fn steps_dangling(content: &Content) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    for step in &content.steps {
        let place = || format!("step {}", step.id);
        match &step.does {
            Does::Form(id) if content.form(id).is_none() => {
                faults.push((place(), format!("asks questionnaire {id:?}, which is not there")));
            }
            Does::Form(_) => {}
            Does::Measure(keys) => {
                let missing = keys.iter().filter(|key| content.catalog.find(key).is_none());
                faults.extend(missing.map(|key| (place(), format!("measures {key:?}, which is not there"))));
            }
        }
        let missing = step.handout.iter().filter(|id| content.handout_text(id).is_none());
        faults.extend(missing.map(|id| (place(), format!("has handout {id:?}, which is not there"))));
    }
    faults
}
