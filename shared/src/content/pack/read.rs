//! Reads the files of one pack. Every fault is told, with the file and the item in it; a pack with faults is no pack.

use super::files::PackFiles;
use super::handout::{Contact, HandoutFile, HandoutText, Silent};
use super::manifest::{FormFile, MANIFEST, Manifest, PackKind};
use super::overlay::Changes;
use super::protocol::{AlertFile, AlertRule, ProtocolFile, Step};
use crate::content::consent::{self, ConsentText};
use crate::content::gaps::{self, GapCatalog};
use crate::content::language::Language;
use crate::content::measurements::Catalog;
use crate::content::questionnaire::{Instrument, Questionnaire, parse_scoring};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fmt;

/// What is wrong, and where: the file, and the item in it where there is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub pack: String,
    pub place: String,
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}: {}", self.pack, self.place, self.reason)
    }
}

/// One pack, read but not yet composed with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    pub manifest: Manifest,
    pub hash: [u8; 32],
    pub catalog: Option<Catalog>,
    pub forms: Vec<Questionnaire>,
    /// Rules of scoring by the id of their form, each fitting a form of this pack.
    pub gaps: Option<GapCatalog>,
    pub steps: Vec<Step>,
    pub alerts: Vec<AlertRule>,
    pub consent: Vec<ConsentText>,
    pub handout: Vec<HandoutText>,
    pub contacts: Vec<Contact>,
    pub silent: Vec<Silent>,
    pub changes: Changes,
}

/// The longest reason or place that is told; hostile files do not write the report.
const SAID_CHARACTERS_MAX: usize = 300;

/// Collects problems of one pack.
struct Faults {
    pack: String,
    found: Vec<Problem>,
}

impl Faults {
    fn add(&mut self, place: impl fmt::Display, reason: impl fmt::Display) {
        let short = |text: String| -> String {
            text.chars()
                .map(|character| if character.is_control() { ' ' } else { character })
                .take(SAID_CHARACTERS_MAX)
                .collect()
        };
        let (place, reason) = (short(place.to_string()), short(reason.to_string()));
        self.found.push(Problem { pack: self.pack.clone(), place, reason });
    }
}

impl Pack {
    /// Reads a pack. `label` names it in problems as long as its manifest does not.
    pub fn read(label: &str, files: &PackFiles) -> Result<Pack, Vec<Problem>> {
        let mut faults = Faults { pack: label.to_owned(), found: Vec::new() };
        let manifest: Option<Manifest> = json(files, MANIFEST, &mut faults);
        let Some(manifest) = manifest else { return Err(faults.found) };
        faults.pack = manifest.id.chars().take(64).collect();
        for (place, reason) in manifest.faults() {
            faults.add(format!("{MANIFEST} {place}"), reason);
        }
        let named = manifest.named_files();
        for name in files.names().filter(|name| !named.contains(name)) {
            faults.add(name, "is not named in pack.json");
        }
        let mut seen = BTreeSet::new();
        for name in named.iter().filter(|name| !seen.insert(**name)) {
            faults.add(name, "is named twice in pack.json");
        }
        let pack = read_parts(manifest, files, &mut faults);
        match faults.found.is_empty() {
            true => Ok(pack),
            false => Err(faults.found),
        }
    }
}

fn read_parts(manifest: Manifest, files: &PackFiles, faults: &mut Faults) -> Pack {
    let names = &manifest.files;
    let catalog = names.measurements.as_deref().and_then(|name| {
        let parsed = Catalog::parse(text(files, name, faults)?);
        parsed.map_err(|error| faults.add(name, error)).ok()
    });
    let gaps = names.gaps.as_deref().and_then(|name| {
        let parsed = gaps::parse(text(files, name, faults)?);
        parsed.map_err(|error| faults.add(name, error)).ok()
    });
    let consent = names.consent.as_deref().and_then(|name| {
        let parsed = consent::parse(text(files, name, faults)?);
        parsed.map_err(|error| faults.add(name, error)).ok()
    });
    let steps = names.protocol.as_deref().map(|name| {
        rows(
            json::<ProtocolFile>(files, name, faults).map(|file| file.steps),
            name,
            |step: &Step| &step.id,
            faults,
        )
    });
    let alerts = names.alerts.as_deref().map(|name| {
        rows(
            json::<AlertFile>(files, name, faults).map(|file| file.alerts),
            name,
            |alert: &AlertRule| &alert.id,
            faults,
        )
    });
    let (mut handout, mut contacts, mut silent) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(name) = names.handout.as_deref()
        && let Some(file) = json::<HandoutFile>(files, name, faults)
    {
        handout = rows(Some(file.texts), name, |text: &HandoutText| &text.id, faults);
        contacts = rows(Some(file.contacts), name, |contact: &Contact| &contact.id, faults);
        silent = file.silent;
    }
    let changes = names.changes.as_deref().and_then(|name| json(files, name, faults)).unwrap_or_default();
    let forms = forms(&manifest, files, faults);
    Pack {
        hash: files.hash(),
        catalog,
        forms,
        gaps,
        steps: steps.unwrap_or_default(),
        alerts: alerts.unwrap_or_default(),
        consent: consent.unwrap_or_default(),
        handout,
        contacts,
        silent,
        changes,
        manifest,
    }
}

/// The forms with their scoring. A form whose scoring does not fit is left out with its faults told.
fn forms(manifest: &Manifest, files: &PackFiles, faults: &mut Faults) -> Vec<Questionnaire> {
    let names = &manifest.files;
    let mut instruments: Vec<Instrument> = Vec::new();
    let scoring = names.scoring.as_deref().unwrap_or_default();
    if let Some(json) = names.scoring.as_deref().and_then(|name| text(files, name, faults)) {
        let (parsed, errors) = parse_scoring(json);
        instruments = parsed;
        errors.iter().for_each(|error| faults.add(format!("{scoring} {}", error.item), &error.reason));
    }
    let mut forms: Vec<Questionnaire> = Vec::new();
    for file in &names.questionnaires {
        let Some(json) = text(files, &file.file, faults) else { continue };
        let form = match Questionnaire::parse(json) {
            Ok(form) => form,
            Err(error) => {
                faults.add(&file.file, error);
                continue;
            }
        };
        let Some(id) = form.id().map(str::to_owned) else {
            faults.add(&file.file, "its address has no id at its end");
            continue;
        };
        if forms.iter().any(|other| other.id() == Some(&id)) {
            faults.add(&file.file, format!("another questionnaire of the pack is called {id:?} too"));
            continue;
        }
        translations(file, &form, faults);
        let of_form = instruments.iter().position(|instrument| instrument.id == id);
        match of_form.map(|at| form.clone().scored_by(instruments.remove(at))) {
            None => forms.push(form),
            Some(Ok(scored)) => forms.push(scored),
            Some(Err(errors)) => {
                errors
                    .iter()
                    .for_each(|error| faults.add(format!("{scoring} {}", error.item), &error.reason));
                forms.push(form);
            }
        }
    }
    for left in &instruments {
        faults.add(format!("{scoring} {}", left.id), "the pack has no questionnaire of this id");
    }
    let then: Vec<(String, String)> = forms
        .iter()
        .filter_map(|form| form.instrument())
        .filter_map(|instrument| Some((instrument.id.clone(), instrument.then.clone()?)))
        .collect();
    for (id, then) in then.iter().filter(|(_, then)| !forms.iter().any(|form| form.id() == Some(then))) {
        if manifest.kind == PackKind::Core {
            faults.add(format!("{scoring} {id}"), format!("leads to {then:?}, which the pack does not have"));
        }
    }
    forms
}

/// A form is wholly in a language or not at all: half a translation is no instrument.
fn translations(file: &FormFile, form: &Questionnaire, faults: &mut Faults) {
    if !file.languages.contains(&Language::English) {
        faults.add(&file.file, "is not said to be in English");
    }
    let claims = file.languages.contains(&Language::Spanish);
    let missing = form.untranslated(Language::Spanish);
    let has_some = form.walk().into_iter().any(|item| {
        item.text.spanish.is_some() || item.options.iter().any(|option| option.text.spanish.is_some())
    });
    if claims || has_some {
        for link_id in missing {
            let reason = match claims {
                true => "has no Spanish text, though the pack says that the form is translated",
                false => "has no Spanish text, while other items of the form have one",
            };
            faults.add(format!("{} {link_id}", file.file), reason);
        }
    }
}

fn text<'f>(files: &'f PackFiles, name: &str, faults: &mut Faults) -> Option<&'f str> {
    let Some(bytes) = files.get(name) else {
        faults.add(name, "is missing");
        return None;
    };
    let text = std::str::from_utf8(bytes);
    text.map_err(|error| faults.add(name, format!("is not UTF-8 from byte {} on", error.valid_up_to()))).ok()
}

fn json<T: DeserializeOwned>(files: &PackFiles, name: &str, faults: &mut Faults) -> Option<T> {
    let parsed = serde_json::from_str(text(files, name, faults)?);
    parsed.map_err(|error| faults.add(name, error)).ok()
}

/// Rows of a file, each told by its id when it does not read or stands twice.
fn rows<T: DeserializeOwned>(
    values: Option<Vec<serde_json::Value>>,
    name: &str,
    id_of: impl Fn(&T) -> &String,
    faults: &mut Faults,
) -> Vec<T> {
    let mut rows: Vec<T> = Vec::new();
    for (place, value) in values.into_iter().flatten().enumerate() {
        let id = value.get("id").and_then(serde_json::Value::as_str).map(str::to_owned);
        let place = format!("{name} {}", id.unwrap_or_else(|| format!("row {}", place + 1)));
        match serde_json::from_value::<T>(value) {
            Err(error) => faults.add(place, error),
            Ok(row) if rows.iter().any(|other| id_of(other) == id_of(&row)) => {
                faults.add(place, "stands twice")
            }
            Ok(row) => rows.push(row),
        }
    }
    rows
}
