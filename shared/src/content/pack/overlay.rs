//! A national core with its regional overlays, as one content. An overlay adds, tightens, or switches off what the core
//! marks as local. Whatever else it tries is a problem, and whatever it does is told as a difference: nothing is
//! changed in silence.

use super::content::{Content, Difference, PackName, What};
use super::manifest::PackKind;
use super::protocol::{Ask, exact};
use super::read::{Pack, Problem};
use crate::content::gaps::rule::{Known, Window};
use crate::content::measurements::Limits;
use crate::content::questionnaire::Rule;
use serde::Deserialize;
use serde_json::Number;
use std::fmt::Display;

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

/// One item of the core that a region is stricter about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tighten {
    measurement: Option<String>,
    alert: Option<String>,
    gap: Option<String>,
    score: Option<String>,
    step: Option<String>,
    hard_limits: Option<[Number; 2]>,
    soft_limits: Option<[Number; 2]>,
    /// The line of an alert that is moved.
    key: Option<String>,
    above: Option<Number>,
    below: Option<Number>,
    within_months: Option<u16>,
    age_from: Option<u8>,
    age_to: Option<u8>,
    positive_at: Option<PositiveAt>,
    ask: Option<Ask>,
    reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum PositiveAt {
    Same(u32),
    BySex { male: u32, female: u32 },
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

/// Why a change of an overlay is refused.
type Refusal = String;

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
        const STANDS: &str = "stands already; an overlay may only tighten it or switch it off";
        for form in overlay.forms {
            let id = form.id().unwrap_or_default().to_owned();
            match self.content.form(&id) {
                Some(_) => self.refuse(format!("questionnaire {id}"), STANDS),
                None => {
                    self.differ(What::Added, format!("questionnaire {id}"), form.canonical(), "");
                    self.content.forms.push(form);
                }
            }
        }
        for measurement in overlay.catalog.map(|catalog| catalog.measurements).unwrap_or_default() {
            let place = format!("measurement {}", measurement.key);
            let taken = self.content.catalog.find(&measurement.key).is_some()
                || self.content.catalog.find_loinc(&measurement.loinc).is_some();
            if taken {
                self.refuse(place, STANDS);
                continue;
            }
            self.differ(What::Added, place, &measurement.name.english, "");
            self.content.catalog.measurements.push(measurement);
        }
        let gaps = overlay.gaps.unwrap_or_default();
        for (name, codes) in gaps.conditions {
            match self.content.gaps.conditions.get(&name) {
                Some(before) if *before != codes => self.refuse(format!("condition {name}"), STANDS),
                Some(_) => {}
                None => {
                    self.differ(What::Added, format!("condition {name}"), codes.join(", "), "");
                    self.content.gaps.conditions.insert(name, codes);
                }
            }
        }
        for gap in gaps.gaps {
            let place = format!("gap {}", gap.id);
            if self.content.gaps.find(&gap.id).is_some() {
                self.refuse(place, STANDS);
                continue;
            }
            self.differ(What::Added, place, &gap.name.english, "");
            self.content.gaps.gaps.push(gap);
        }
        for step in overlay.steps {
            let place = format!("step {}", step.id);
            if self.content.steps.iter().any(|other| other.id == step.id) {
                self.refuse(place, STANDS);
                continue;
            }
            let at = match &step.after {
                None => Some(self.content.steps.len()),
                Some(after) => {
                    self.content.steps.iter().position(|other| other.id == *after).map(|at| at + 1)
                }
            };
            match at {
                None => self.refuse(
                    place,
                    format!("stands after {:?}, which is not there", step.after.unwrap_or_default()),
                ),
                Some(at) => {
                    self.differ(What::Added, place, format!("as number {}", at + 1), "");
                    self.content.steps.insert(at, step);
                }
            }
        }
        for alert in overlay.alerts {
            let place = format!("alert {}", alert.id);
            if self.content.alerts.iter().any(|other| other.id == alert.id) {
                self.refuse(place, STANDS);
                continue;
            }
            self.differ(What::Added, place, &alert.title.english, "");
            self.content.alerts.push(alert);
        }
        for text in overlay.handout {
            let place = format!("handout {}", text.id);
            if self.content.handout.iter().any(|other| other.id == text.id) {
                self.refuse(place, STANDS);
                continue;
            }
            self.differ(What::Added, place, "", "");
            self.content.handout.push(text);
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

    fn tighten(&mut self, change: &Tighten) -> Result<(), (String, Refusal)> {
        let named = [&change.measurement, &change.alert, &change.gap, &change.score, &change.step];
        if named.iter().filter(|name| name.is_some()).count() != 1 {
            return Err((
                "tighten".to_owned(),
                "names one measurement, alert, gap, score or step".to_owned(),
            ));
        }
        let (item, detail) = if let Some(key) = &change.measurement {
            let place = format!("measurement {key}");
            (place.clone(), self.tighten_measurement(key, change).map_err(|reason| (place, reason))?)
        } else if let Some(id) = &change.alert {
            let place = format!("alert {id}");
            (place.clone(), self.tighten_alert(id, change).map_err(|reason| (place, reason))?)
        } else if let Some(id) = &change.gap {
            let place = format!("gap {id}");
            (place.clone(), self.tighten_gap(id, change).map_err(|reason| (place, reason))?)
        } else if let Some(id) = &change.score {
            let place = format!("score {id}");
            (place.clone(), self.tighten_score(id, change).map_err(|reason| (place, reason))?)
        } else {
            let id = change.step.clone().unwrap_or_default();
            let place = format!("step {id}");
            (place.clone(), self.tighten_step(&id, change).map_err(|reason| (place, reason))?)
        };
        if change.reason.trim().is_empty() {
            return Err((item, "is tightened without a reason".to_owned()));
        }
        if detail.is_empty() {
            return Err((item, "nothing is tightened".to_owned()));
        }
        self.differ(What::Tightened, item, detail.join("; "), &change.reason);
        Ok(())
    }

    fn tighten_measurement(&mut self, key: &str, change: &Tighten) -> Result<Vec<String>, Refusal> {
        let found = self.content.catalog.measurements.iter_mut().find(|measurement| measurement.key == key);
        let measurement = found.ok_or("is not there")?;
        let mut detail = Vec::new();
        let limits = |limits: &[Number; 2]| -> Result<Limits, Refusal> {
            let limits = Limits { low: exact(&limits[0])?, high: exact(&limits[1])? };
            if limits.low > limits.high { Err("its limits are upside down".to_owned()) } else { Ok(limits) }
        };
        let mut narrow =
            |name: &str, now: &Option<[Number; 2]>, before: &mut Option<Limits>| -> Result<(), Refusal> {
                let Some(now) = now.as_ref().map(limits).transpose()? else { return Ok(()) };
                if before.is_some_and(|before| !before.holds(now.low) || !before.holds(now.high)) {
                    return Err(format!("its {name} limits would be wider than the core's"));
                }
                let was =
                    before.map_or("none".to_owned(), |before| format!("{} to {}", before.low, before.high));
                detail.push(format!("{name} limits {was}, now {} to {}", now.low, now.high));
                *before = Some(now);
                Ok(())
            };
        narrow("hard", &change.hard_limits, &mut measurement.hard_limits)?;
        narrow("soft", &change.soft_limits, &mut measurement.soft_limits)?;
        if let (Some(hard), Some(soft)) = (measurement.hard_limits, measurement.soft_limits)
            && !(hard.holds(soft.low) && hard.holds(soft.high))
        {
            return Err("its soft limits are not within the hard ones".to_owned());
        }
        Ok(detail)
    }

    fn tighten_alert(&mut self, id: &str, change: &Tighten) -> Result<Vec<String>, Refusal> {
        let found = self.content.alerts.iter_mut().find(|alert| alert.id == id);
        let alert = found.ok_or("is not there")?;
        let key = change.key.as_deref().ok_or("names no key")?;
        let line =
            alert.any.iter_mut().find(|line| line.key == key).ok_or(format!("has no line of {key:?}"))?;
        let mut detail = Vec::new();
        if let Some(above) = change.above.as_ref().map(exact).transpose()? {
            let before = line.above.ok_or("its line is not an upper one")?;
            if above > before {
                return Err(format!("would be raised later, above {above} instead of {before}"));
            }
            detail.push(format!("{key} above {before}, now above {above}"));
            line.above = Some(above);
        }
        if let Some(below) = change.below.as_ref().map(exact).transpose()? {
            let before = line.below.ok_or("its line is not a lower one")?;
            if below < before {
                return Err(format!("would be raised later, below {below} instead of {before}"));
            }
            detail.push(format!("{key} below {before}, now below {below}"));
            line.below = Some(below);
        }
        Ok(detail)
    }

    fn tighten_gap(&mut self, id: &str, change: &Tighten) -> Result<Vec<String>, Refusal> {
        let found = self.content.gaps.gaps.iter_mut().find(|gap| gap.id == id);
        let rule = &mut found.ok_or("is not there")?.rule;
        let mut detail = Vec::new();
        if let Some(months) = change.within_months {
            let all = rule.met_by.iter_mut().chain(rule.parts.iter_mut().flat_map(|part| &mut part.met_by));
            for evidence in all {
                match evidence.within {
                    Window::Months(before) if months > 0 && months <= before => {
                        detail.push(format!(
                            "{} within {before} months, now {months}",
                            evidence.what.names().join(", ")
                        ));
                        evidence.within = Window::Months(months);
                    }
                    Window::Months(before) => {
                        return Err(format!("evidence would count for {months} months instead of {before}"));
                    }
                    _ => return Err("its evidence does not count by months".to_owned()),
                }
            }
        }
        if let Some(from) = change.age_from {
            if from > rule.ages.from {
                return Err(format!("would begin at {from} instead of {}", rule.ages.from));
            }
            detail.push(format!("from age {}, now from {from}", rule.ages.from));
            rule.ages.from = from;
        }
        if let Some(to) = change.age_to {
            let before = rule.ages.to.ok_or("has no last age")?;
            if to < before {
                return Err(format!("would end at {to} instead of {before}"));
            }
            detail.push(format!("to age {before}, now to {to}"));
            rule.ages.to = Some(to);
        }
        Ok(detail)
    }

    fn tighten_score(&mut self, id: &str, change: &Tighten) -> Result<Vec<String>, Refusal> {
        let Some(at) = self.content.forms.iter().position(|form| form.id() == Some(id)) else {
            return Err("is not there".to_owned());
        };
        let wanted = change.positive_at.ok_or("names no positive_at")?;
        let (male, female) = match wanted {
            PositiveAt::Same(value) => (value, value),
            PositiveAt::BySex { male, female } => (male, female),
        };
        let form = &self.content.forms[at];
        let mut instrument = form.instrument().cloned().ok_or("has no score")?;
        let Rule::Sum { positive_at, minimum, .. } = &mut instrument.rule else {
            return Err("has no cut-off".to_owned());
        };
        let before = positive_at.by_sex();
        if male > before.0 || female > before.1 {
            return Err(format!(
                "would be positive later, from {male} and {female} instead of {} and {}",
                before.0, before.1
            ));
        }
        if male <= *minimum || female <= *minimum {
            return Err("would be positive for everybody".to_owned());
        }
        *positive_at = crate::content::questionnaire::CutOff::BySex { male, female };
        let refused = |faults: Vec<_>| format!("{faults:?}");
        self.content.forms[at] = form.clone().scored_by(instrument).map_err(refused)?;
        Ok(vec![format!(
            "positive from {} (men) and {} (women), now from {male} and {female}",
            before.0, before.1
        )])
    }

    fn tighten_step(&mut self, id: &str, change: &Tighten) -> Result<Vec<String>, Refusal> {
        let found = self.content.steps.iter_mut().find(|step| step.id == id);
        let step = found.ok_or("is not there")?;
        match (step.ask, change.ask) {
            (Ask::Offered, Some(Ask::Always)) => step.ask = Ask::Always,
            (Ask::Always, Some(Ask::Offered)) => return Err("is part of every visit in the core".to_owned()),
            _ => return Ok(Vec::new()),
        }
        Ok(vec!["offered, now part of every visit".to_owned()])
    }

    /// The whole must hold together, whoever contributed.
    fn finish(mut self) -> Result<Content, Vec<Problem>> {
        self.pack = self.content.packs.iter().map(|pack| pack.id.as_str()).collect::<Vec<_>>().join(" + ");
        let content = &self.content;
        let mut faults: Vec<(String, String)> = Vec::new();
        for step in &content.steps {
            let place = || format!("step {}", step.id);
            match &step.does {
                super::protocol::Does::Form(id) if content.form(id).is_none() => {
                    faults.push((place(), format!("asks questionnaire {id:?}, which is not there")));
                }
                super::protocol::Does::Measure(keys) => {
                    let missing = keys.iter().filter(|key| content.catalog.find(key).is_none());
                    faults.extend(
                        missing.map(|key| (place(), format!("measures {key:?}, which is not there"))),
                    );
                }
                super::protocol::Does::Form(_) => {}
            }
            let missing = step.handout.iter().filter(|id| content.handout_text(id).is_none());
            faults.extend(missing.map(|id| (place(), format!("has handout {id:?}, which is not there"))));
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
            forms: content.forms.iter().filter_map(|form| form.id()).collect(),
        };
        for gap in &content.gaps.gaps {
            faults.extend(
                gap.rule.faults(&known).into_iter().map(|reason| (format!("gap {}", gap.id), reason)),
            );
        }
        let then = content.forms.iter().filter_map(|form| form.instrument());
        for instrument in then {
            if let Some(id) = instrument.then.as_ref().filter(|id| content.form(id).is_none()) {
                faults.push((
                    format!("score {}", instrument.id),
                    format!("leads to {id:?}, which is not there"),
                ));
            }
        }
        for (place, reason) in faults {
            self.refuse(place, reason);
        }
        if self.problems.is_empty() { Ok(self.content) } else { Err(self.problems) }
    }
}
