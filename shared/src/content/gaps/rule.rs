//! How a care gap is computed: for whom, what closes it, for how long, and what it needs beside. Data as the pack
//! states it; `known` checks that the pack has what it names. Never applied here: `domain::due` does.

use serde::Deserialize;

use crate::content::language::Words;
use crate::content::quantity::Quantity;

/// Who is due for what. Everything that is given must hold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub ages: Ages,
    /// The only sex that it is for.
    pub sex: Option<RuleSex>,
    /// For women from this age on only, where the measure begins later for them.
    pub female_from: Option<u8>,
    /// Names of conditions of which the person must have one, if any are given.
    #[serde(default)]
    pub has: Vec<String>,
    /// Whether smoking now counts like one of the conditions in `has`.
    #[serde(default)]
    pub or_smokes: bool,
    /// Names of conditions of which the person may have none.
    #[serde(default)]
    pub has_not: Vec<String>,
    pub smoking: Option<Smoking>,
    /// Smallest number of packs a day times years.
    pub pack_years_from: Option<u16>,
    /// For whoever smokes, or quit less than so many years ago.
    pub quit_within_years: Option<u16>,
    /// Smallest body mass index in kg/m2.
    pub body_mass_from: Option<i32>,
    /// Any one of these closes it.
    #[serde(default)]
    pub met_by: Vec<Evidence>,
    /// Or all of these parts together, such as vaccines.
    #[serde(default)]
    pub parts: Vec<Part>,
    /// The newest day's values must keep these lines too.
    #[serde(default)]
    pub control: Vec<Control>,
    /// How many days after a positive answer something must follow.
    pub positive_follow_up_days: Option<u16>,
}

/// Ages in whole years, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ages {
    pub from: u8,
    pub to: Option<u8>,
    pub at: AgeAt,
}

/// On which day the age counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgeAt {
    Today,
    YearStart,
    YearEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleSex {
    Female,
    Male,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Smoking {
    Now,
    Ever,
}

/// One part of a rule that asks for several things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: Words,
    /// The age today from which the part belongs to it.
    pub from: Option<u8>,
    /// The last age today in whole years at which it does.
    pub to: Option<u8>,
    pub met_by: Vec<Evidence>,
}

/// What closes a rule or a part.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "EvidenceRow")]
pub struct Evidence {
    pub what: What,
    pub within: Window,
    /// How many times, on days of their own.
    pub doses: u8,
    /// It counts only from this age on.
    pub age_from: Option<u8>,
    /// It counts only from so many days after birth on.
    pub age_days_from: Option<u16>,
    /// It counts only before this age.
    pub before_age: Option<u8>,
    /// It counts only up to this birthday, the birthday included.
    pub until_birthday: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Care given anywhere, by its name in the pack: any of them.
    Services(Vec<String>),
    /// Values by their key: all of them, on one day.
    Measured(Vec<String>),
    /// Answered forms by their id: any of them that has its published score; where link ids are given, any of them in
    /// which all these questions are answered, or one of them names a need.
    Asked { forms: Vec<String>, items: Vec<String> },
}

/// How long evidence counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// This calendar year and so many less one before.
    Years(u8),
    /// So many months to the day.
    Months(u16),
    /// Whole months before the end of this year: 27 begin on the first of October two years ago.
    MonthsBeforeYearEnd(u16),
    /// From July to June.
    Season,
    Ever,
}

/// A line that the newest day's lowest value must keep.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    pub key: String,
    pub below: Option<i32>,
    pub at_most: Option<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceRow {
    services: Option<Vec<String>>,
    measured: Option<Vec<String>>,
    asked: Option<Vec<String>>,
    items: Option<Vec<String>>,
    within: Window,
    doses: Option<u8>,
    age_from: Option<u8>,
    age_days_from: Option<u16>,
    before_age: Option<u8>,
    until_birthday: Option<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartRow {
    name: String,
    name_es: String,
    from: Option<u8>,
    to: Option<u8>,
    met_by: Vec<Evidence>,
}

impl TryFrom<EvidenceRow> for Evidence {
    type Error = &'static str;

    fn try_from(row: EvidenceRow) -> Result<Evidence, &'static str> {
        let what = match (row.services, row.measured, row.asked, row.items) {
            (Some(names), None, None, None) => What::Services(names),
            (None, Some(keys), None, None) => What::Measured(keys),
            (None, None, Some(_), Some(items)) if items.is_empty() => {
                return Err("evidence names no question");
            }
            (None, None, Some(forms), items) => What::Asked { forms, items: items.unwrap_or_default() },
            _ => {
                return Err(
                    "evidence is either services, measured or asked, and only what is asked has items",
                );
            }
        };
        let doses = row.doses.unwrap_or(1);
        if what.names().is_empty() || doses == 0 {
            return Err("evidence names nothing");
        }
        if matches!(row.within, Window::Years(0) | Window::Months(0) | Window::MonthsBeforeYearEnd(0)) {
            return Err("evidence counts for no time");
        }
        Ok(Evidence {
            what,
            within: row.within,
            doses,
            age_from: row.age_from,
            age_days_from: row.age_days_from,
            before_age: row.before_age,
            until_birthday: row.until_birthday,
        })
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Part, D::Error> {
        let row = PartRow::deserialize(deserializer)?;
        if matches!((row.from, row.to), (Some(from), Some(to)) if to < from) {
            return Err(serde::de::Error::custom("the ages of a part end before they begin"));
        }
        let name = Words::both(row.name, row.name_es);
        Ok(Part { name, from: row.from, to: row.to, met_by: row.met_by })
    }
}

impl What {
    pub fn names(&self) -> &[String] {
        match self {
            What::Services(names) | What::Measured(names) | What::Asked { forms: names, .. } => names,
        }
    }
}

impl Control {
    /// Whether a value keeps the line.
    pub fn holds(&self, value: Quantity) -> bool {
        self.below.is_none_or(|limit| value < Quantity::whole(limit))
            && self.at_most.is_none_or(|limit| value <= Quantity::whole(limit))
    }
}

impl Rule {
    /// Care given anywhere that may close it or a part of it, each once, in the order of the rule.
    pub fn services(&self) -> Vec<&str> {
        let mut services: Vec<&str> = Vec::new();
        for evidence in self.evidence() {
            let What::Services(names) = &evidence.what else { continue };
            let new = names.iter().map(String::as_str).filter(|name| !services.contains(name));
            services.extend(new.collect::<Vec<_>>());
        }
        services
    }

    /// Everything that may close it, of every part.
    pub fn evidence(&self) -> impl Iterator<Item = &Evidence> {
        self.met_by.iter().chain(self.parts.iter().flat_map(|part| &part.met_by))
    }
}
