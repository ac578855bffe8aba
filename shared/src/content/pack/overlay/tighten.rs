//! What an overlay is stricter about. Whatever would be looser, later or wider than the core is refused.

use super::super::protocol::{Ask, exact};
use super::{Composing, What};
use crate::content::gaps::rule::Window;
use crate::content::measurements::Limits;
use crate::content::questionnaire::{CutOff, Rule};
use serde::Deserialize;
use serde_json::Number;

/// One item of the core that a region is stricter about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tighten {
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

/// Why a change of an overlay is refused.
type Refusal = String;

impl Composing {
    pub(super) fn tighten(&mut self, change: &Tighten) -> Result<(), (String, Refusal)> {
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
        *positive_at = CutOff::BySex { male, female };
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
}
