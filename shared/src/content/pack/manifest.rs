//! `pack.json`: what a pack is called, what it extends and which files it is made of.

use serde::Deserialize;
use std::cmp::Ordering;
use std::fmt;

/// The name of the manifest in every pack.
pub const MANIFEST: &str = "pack.json";
/// The shape of packs that this build reads.
pub const FORMAT: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    /// Lower-case letters, digits and `-`.
    pub id: String,
    pub version: Version,
    pub kind: PackKind,
    /// For an overlay: the core that it is written for.
    pub extends: Option<Extends>,
    pub title: String,
    pub title_es: String,
    /// The day of the version.
    pub date: chrono::NaiveDate,
    pub publisher: String,
    #[serde(default)]
    pub note: Option<String>,
    pub files: FileNames,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackKind {
    Core,
    Overlay,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extends {
    pub id: String,
    pub version: Version,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileNames {
    pub measurements: Option<String>,
    pub scoring: Option<String>,
    pub gaps: Option<String>,
    pub protocol: Option<String>,
    pub alerts: Option<String>,
    pub consent: Option<String>,
    pub handout: Option<String>,
    /// What an overlay tightens or switches off.
    pub changes: Option<String>,
    #[serde(default)]
    pub questionnaires: Vec<FormFile>,
}

/// A questionnaire with the languages in which every word of it is official.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormFile {
    pub file: String,
    pub languages: Vec<crate::content::Language>,
}

/// Two to four numbers with points between, such as `2026.11.1`; ordered number by number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Version(Vec<u32>);

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Version, String> {
        let refused =
            || format!("{:?} is no version such as 2026.11.1", text.chars().take(40).collect::<String>());
        let number = |part: &str| {
            let is_plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let is_short = part == "0" || !part.starts_with('0');
            if is_plain && is_short { part.parse().ok() } else { None }
        };
        let parts: Option<Vec<u32>> = text.split('.').map(number).collect();
        parts.filter(|parts| (2..=4).contains(&parts.len())).map(Version).ok_or_else(refused)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u32::to_string).collect();
        out.write_str(&parts.join("."))
    }
}

impl Manifest {
    /// The pack with its version, as responses name it.
    pub fn name(&self) -> String {
        format!("{} {}", self.id, self.version)
    }

    /// What is wrong with the manifest itself.
    pub(super) fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if self.format.cmp(&FORMAT) != Ordering::Equal {
            faults.push(("format", format!("is {}; this build reads {FORMAT}", self.format)));
        }
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.id.is_empty() || self.id.len() > 64 || !self.id.bytes().all(is_plain) {
            faults.push(("id", "may hold only lower-case letters, digits and -".to_owned()));
        }
        match (self.kind, &self.extends) {
            (PackKind::Core, Some(_)) => faults.push(("extends", "a core extends nothing".to_owned())),
            (PackKind::Overlay, None) => faults.push(("extends", "an overlay names its core".to_owned())),
            _ => {}
        }
        let files = &self.files;
        if self.kind == PackKind::Core {
            for (what, file) in [
                ("measurements", &files.measurements),
                ("scoring", &files.scoring),
                ("gaps", &files.gaps),
                ("protocol", &files.protocol),
                ("alerts", &files.alerts),
                ("consent", &files.consent),
                ("handout", &files.handout),
            ] {
                if file.is_none() {
                    faults.push(("files", format!("a core has {what}")));
                }
            }
            if files.changes.is_some() {
                faults.push(("files", "a core changes nothing".to_owned()));
            }
        } else if files.consent.is_some() {
            faults.push(("files", "the consent is national: an overlay has none".to_owned()));
        }
        faults
    }

    /// Every file that the manifest names, with itself.
    pub(super) fn named_files(&self) -> Vec<&str> {
        let files = &self.files;
        let single = [
            &files.measurements,
            &files.scoring,
            &files.gaps,
            &files.protocol,
            &files.alerts,
            &files.consent,
            &files.handout,
            &files.changes,
        ];
        let forms = files.questionnaires.iter().map(|form| form.file.as_str());
        single.into_iter().flatten().map(String::as_str).chain(forms).chain([MANIFEST]).collect()
    }
}
