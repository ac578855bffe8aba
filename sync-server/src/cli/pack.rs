//! `pack check`, `pack publish`, `pack diff`, `pack adoption`.

use super::{Outcome, device};
use crate::packs;
use crate::server;
use crate::settings::Settings;
use clap::{Args, Subcommand};
use shared::content::pack::{Content, PackFiles, Problem, diff, embedded, load, vet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Subcommand)]
pub(super) enum PackVerb {
    /// Read packs and tell every problem, every difference that overlays make, and what is unconfirmed
    Check(Folders),
    /// Check, sign and hand out as the region's next release; a refusal changes nothing
    Publish(Publish),
    /// What packs would change for a clinician, against the release in force
    Diff(Diff),
    /// Under which release each device last asked its forms
    Adoption,
}

#[derive(Args)]
pub(super) struct Folders {
    /// The folder of the core, then those of its overlays
    #[arg(required = true)]
    packs: Vec<PathBuf>,
}

#[derive(Args)]
pub(super) struct Publish {
    #[command(flatten)]
    folders: Folders,
    /// Return to an older version
    #[arg(long)]
    go_back: bool,
}

#[derive(Args)]
pub(super) struct Diff {
    #[command(flatten)]
    folders: Folders,
    /// Compare with these folders instead of the release in force: the core, then its overlays
    #[arg(long)]
    from: Vec<PathBuf>,
}

pub(super) async fn run(data: &Path, verb: PackVerb) -> Outcome {
    match verb {
        PackVerb::Check(folders) => check(&folders.packs),
        PackVerb::Publish(publish) => self::publish(data, publish).await,
        PackVerb::Diff(diff) => self::diff_of(data, diff).await,
        PackVerb::Adoption => adoption(data).await,
    }
}

fn check(folders: &[PathBuf]) -> Outcome {
    let packs = packs::read_folders(folders)?;
    Ok(match vet(&packs) {
        Err(problems) => {
            tell_problems(&problems);
            ExitCode::FAILURE
        }
        Ok(content) => {
            tell(&content);
            ExitCode::SUCCESS
        }
    })
}

fn loaded(packs: &[(String, PackFiles)]) -> Option<Content> {
    match load(packs) {
        Ok(content) => Some(content),
        Err(problems) => {
            tell_problems(&problems);
            None
        }
    }
}

fn tell_problems(problems: &[Problem]) {
    problems.iter().for_each(|problem| println!("{problem}"));
    println!("{} problems; nothing is published", problems.len());
}

/// What a content is, what overlays changed in it, and what a clinical lead has still to confirm.
fn tell(content: &Content) {
    content.differences.iter().for_each(|difference| println!("{difference}"));
    for step in content.steps.iter().filter(|step| step.grounds.basis.needs_confirmation()) {
        println!("unconfirmed: step {} ({}, {})", step.id, step.grounds.guideline, step.grounds.year);
    }
    for gap in content.gaps.gaps.iter().filter(|gap| gap.basis.needs_confirmation()) {
        println!("unconfirmed: gap {} ({})", gap.id, gap.source);
    }
    for alert in content.alerts.iter().filter(|alert| alert.grounds.basis.needs_confirmation()) {
        println!("unconfirmed: alert {} ({}, {})", alert.id, alert.grounds.guideline, alert.grounds.year);
    }
    let guesses = content
        .catalog
        .measurements
        .iter()
        .filter(|measurement| measurement.limit_basis.starts_with("GUESS"));
    println!("unconfirmed: the limits of {} measurements", guesses.count());
    let unreviewed = content
        .handout
        .iter()
        .filter(|text| text.grounds.as_ref().is_some_and(|grounds| grounds.basis.needs_confirmation()));
    println!("unconfirmed: the words of {} texts of the handout", unreviewed.count());
    for form in &content.forms {
        if !form.is_translated(shared::content::Language::Spanish) {
            println!("not translated: questionnaire {}", form.id().unwrap_or_default());
        }
    }
    println!(
        "{}: {} questionnaires, {} measurements, {} steps, {} gap rules, {} alerts; no problem",
        content.name(),
        content.forms.len(),
        content.catalog.measurements.len(),
        content.steps.len(),
        content.gaps.gaps.len(),
        content.alerts.len()
    );
}

async fn publish(data: &Path, publish: Publish) -> Outcome {
    let packs = packs::read_folders(&publish.folders.packs)?;
    let service = server::open(&Settings::load(data)?)?;
    let published = match packs::publish(&service, &packs, publish.go_back).await {
        Err(packs::PublishError::Problems(problems)) => {
            tell_problems(&problems);
            return Ok(ExitCode::FAILURE);
        }
        other => other?,
    };
    published.content.differences.iter().for_each(|difference| println!("{difference}"));
    let (name, number) = (published.content.name(), published.number);
    match published.parts {
        0 => println!("release {number}, {name}, is in force already"),
        parts => println!(
            "release {number}, {name}, is in force; {parts} parts go to every device at its next sync"
        ),
    }
    Ok(ExitCode::SUCCESS)
}

async fn diff_of(data: &Path, arguments: Diff) -> Outcome {
    let packs = packs::read_folders(&arguments.folders.packs)?;
    let Some(after) = loaded(&packs) else { return Ok(ExitCode::FAILURE) };
    let (against, before) = if arguments.from.is_empty() {
        let service = server::open(&Settings::load(data)?)?;
        let key = service.keys.signing.verifying_key();
        match packs::held(&service).await?.in_force(&key) {
            Some(release) => (format!("release {}", release.number), release.content),
            None => ("the core of this build".to_owned(), embedded().clone()),
        }
    } else {
        let packs = packs::read_folders(&arguments.from)?;
        let Some(before) = loaded(&packs) else { return Ok(ExitCode::FAILURE) };
        ("these folders".to_owned(), before)
    };
    let changes = diff(&before, &after);
    changes.iter().for_each(|change| println!("{change}"));
    println!("{} lines change from {against}, {}, to {}", changes.len(), before.name(), after.name());
    Ok(ExitCode::SUCCESS)
}

async fn adoption(data: &Path) -> Outcome {
    let service = server::open(&Settings::load(data)?)?;
    let key = service.keys.signing.verifying_key();
    match packs::held(&service).await?.in_force(&key) {
        Some(release) => println!("in force: release {}, {}", release.number, release.content.name()),
        None => println!("in force: no release; devices use the core of their build"),
    }
    for device in packs::adoption(&service).await? {
        let (number, label) = (device.device.number, &device.device.label);
        if device.asked.is_empty() {
            println!("{number:>4}  {label}: no response yet");
        }
        for asked in &device.asked {
            let forms: Vec<String> =
                asked.forms.iter().map(|(form, count)| format!("{form} x{count}")).collect();
            println!(
                "{number:>4}  {label}: {}; {} responses, the last {}; {}",
                asked.release,
                asked.responses,
                device::moment(asked.last_at),
                forms.join(", ")
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
