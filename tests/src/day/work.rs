//! What a crew does at one stop, through the controllers of the touch screens. Runs in the demo's own process or in
//! a process of its own that may be killed at any moment.

use crate::sample::Seeded;
use crate::van::{Van, VanError};
use app::capture::{
    CheckInDraft, CheckInError, ConsentDraft, Desk, GapDecision, RegisterError, Response, Scopes, VitalsError,
};
use app::store::LogReads;
use shared::content::Language;
use shared::content::consent::current;
use shared::content::questionnaire::{Answer, Answers, Kind, Questionnaire};
use shared::domain::care_gap::GapStatus;
use shared::domain::consent::ConsentMethod;
use shared::domain::visit::Station;
use shared::draft::{PersonDraft, VitalDraft};
use shared::ids::{PersonId, StaffId, StopId, VisitId};
use std::io::Write;
use std::path::PathBuf;

/// One stop's work.
#[derive(Clone, Debug)]
pub struct WorkPlan {
    pub stop: StopId,
    /// What the badge scanner reads, one person each.
    pub badges: Vec<String>,
    pub walk_ups: u32,
    pub seed: u64,
}

/// Why a crew could not go on.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    #[error("nobody was found for badge {0}")]
    Nobody(String),
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Capture(#[from] app::capture::CaptureError),
    #[error(transparent)]
    Van(#[from] VanError),
    #[error("the crew's report could not be written: {0}")]
    Report(#[from] std::io::Error),
}

impl From<CheckInError> for WorkError {
    fn from(error: CheckInError) -> Self {
        WorkError::Refused(error.to_string())
    }
}

impl From<VitalsError> for WorkError {
    fn from(error: VitalsError) -> Self {
        WorkError::Refused(error.to_string())
    }
}

impl From<RegisterError> for WorkError {
    fn from(error: RegisterError) -> Self {
        WorkError::Refused(error.to_string())
    }
}

/// Counts of one stop's work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    pub visits: u32,
    pub registered: u32,
    pub readings: u32,
    pub responses: u32,
    pub gaps_decided: u32,
    /// Dangerous values that were answered.
    pub dangerous: u32,
    pub refused_inputs: u32,
    pub duplicates_shown: u32,
}

/// Works one stop. `saved` hears the visit after each save that is durable. People whose visit was finished before,
/// such as before a crash, are passed over.
pub fn work_stop(
    desk: &mut Desk,
    plan: &WorkPlan,
    saved: &mut dyn FnMut(&mut Desk, VisitId) -> Result<(), WorkError>,
) -> Result<Worked, WorkError> {
    let mut worked = Worked::default();
    let mut seeded = Seeded(plan.seed);
    for badge in &plan.badges {
        let hits = desk.find(badge, Some(plan.stop), 5)?;
        let hit = hits.first().ok_or_else(|| WorkError::Nobody(badge.clone()))?;
        screen(desk, plan.stop, hit.id, &mut seeded, &mut worked, saved)?;
    }
    for number in 0..plan.walk_ups {
        let person = register(desk, plan, number, &mut worked)?;
        screen(desk, plan.stop, person, &mut seeded, &mut worked, saved)?;
    }
    Ok(worked)
}

/// A walk-up: rubbish first, which is refused with reasons; then who it may be; then the new person.
fn register(
    desk: &mut Desk,
    plan: &WorkPlan,
    number: u32,
    worked: &mut Worked,
) -> Result<PersonId, WorkError> {
    let site = desk.stop(plan.stop)?.site;
    let rubbish =
        PersonDraft { family_name: " ".into(), birth_date: "31/31/31".into(), ..PersonDraft::default() };
    match desk.register(&rubbish, site) {
        Err(RegisterError::Fields(errors)) if errors.len() == 3 => worked.refused_inputs += 1,
        other => {
            return Err(WorkError::Refused(format!("rubbish was not refused as it should be: {other:?}")));
        }
    }
    let draft = PersonDraft {
        family_name: format!("Walkup-Sample-{:x}", plan.seed),
        given_name: ["Noor", "Sam", "Lu", "Kim"][number as usize % 4].into(),
        birth_date: format!("{}-06", 1960 + number),
        sex: "female".into(),
        language: "es".into(),
        phone: format!("555-555-{:04}", 7000 + number),
        ..PersonDraft::default()
    };
    let known = desk.alike(&draft, 5)?;
    if let Some(same) = known.iter().find(|alike| alike.likeness.total_bits >= 16.0) {
        worked.duplicates_shown += 1;
        return Ok(same.id);
    }
    worked.registered += 1;
    Ok(desk.register(&draft, site)?)
}

fn consent(seeded: &mut Seeded) -> ConsentDraft {
    let signed = seeded.below(2) == 0;
    ConsentDraft {
        scopes: Scopes {
            care: true,
            share_with_partners: seeded.below(2) == 0,
            outreach_call: true,
            outreach_text: seeded.below(2) == 0,
            outreach_mail: false,
            research: false,
        },
        text: current(if seeded.below(3) == 0 { Language::Spanish } else { Language::English }),
        method: if signed { ConsentMethod::Signature } else { ConsentMethod::WitnessedVerbal },
        signature: if signed { "100,150 220,90 340,180;400,140 520,160".into() } else { String::new() },
    }
}

fn screen(
    desk: &mut Desk,
    stop: StopId,
    person: PersonId,
    seeded: &mut Seeded,
    worked: &mut Worked,
    saved: &mut dyn FnMut(&mut Desk, VisitId) -> Result<(), WorkError>,
) -> Result<(), WorkError> {
    let draft = CheckInDraft {
        person,
        stop,
        identifiers: vec!["name".into(), "birth date".into()],
        consent: consent(seeded),
        walk_up: false,
    };
    let before = desk.person(person)?;
    if before.visits.iter().any(|(id, visit)| visit.stop == Some(stop) && Some(*id) != before.open_visit) {
        return Ok(());
    }
    let visit = match desk.check_in(&draft) {
        Err(CheckInError::AlreadyHere(open)) => open,
        other => other?,
    };
    saved(desk, visit)?;
    take_vitals(desk, visit, seeded, worked)?;
    saved(desk, visit)?;
    desk.move_to(visit, Station::Nurse)?;
    saved(desk, visit)?;
    let packs = desk.packs()?;
    let form = packs.current().form("phq-2");
    let form = form.ok_or_else(|| WorkError::Refused("the packs have no PHQ-2".into()))?;
    desk.record_response(visit, form, &answers(form, seeded), Language::English)?;
    worked.responses += 1;
    saved(desk, visit)?;
    decide_gaps(desk, visit, worked)?;
    answer_dangerous(desk, visit, worked)?;
    desk.finish(visit)?;
    worked.visits += 1;
    saved(desk, visit)
}

/// An impossible pulse is refused; a plausible set is taken.
fn take_vitals(
    desk: &mut Desk,
    visit: VisitId,
    seeded: &mut Seeded,
    worked: &mut Worked,
) -> Result<(), WorkError> {
    let vital = |measurement: &str, typed: String, confirmed| VitalDraft {
        measurement: measurement.into(),
        typed,
        confirmed,
        ..VitalDraft::default()
    };
    match desk.record_vitals(visit, &[vital("heart_rate", "720".into(), true)], 1) {
        Err(VitalsError::Values(_)) => worked.refused_inputs += 1,
        other => return Err(WorkError::Refused(format!("a pulse of 720 was not refused: {other:?}"))),
    }
    let taken = desk.record_vitals(
        visit,
        &[
            vital("bp_systolic", (105 + seeded.below(85)).to_string(), true),
            vital("bp_diastolic", (60 + seeded.below(35)).to_string(), true),
            vital("heart_rate", (55 + seeded.below(50)).to_string(), true),
            vital("body_temp", format!("36.{}", seeded.below(10)), true),
            vital("spo2", (94 + seeded.below(6)).to_string(), true),
        ],
        1,
    )?;
    worked.readings += taken.facts.len() as u32;
    Ok(())
}

/// A dangerous pressure stops the visit until the nurse acts; one that a killed process left unanswered too.
fn answer_dangerous(desk: &mut Desk, visit: VisitId, worked: &mut Worked) -> Result<(), WorkError> {
    for (task, found) in desk.tasks_of_visit(visit)? {
        if found.is_unanswered() {
            desk.respond(task, &Response::Acted("The nurse is here".into()))?;
            worked.dangerous += 1;
        }
    }
    Ok(())
}

fn answers(form: &Questionnaire, seeded: &mut Seeded) -> Answers {
    let mut answers = Answers::new();
    while let Some(item) = form.next_item(&answers) {
        let answer = match item.kind {
            Kind::Choice if !item.options.is_empty() => Answer::code(
                item.options[seeded.below(item.options.len() as u64) as usize].coding.code.clone(),
            ),
            _ => Answer::Declined,
        };
        answers.record(form, &item.link_id.clone(), answer).expect("an offered option is an answer");
    }
    answers
}

/// The first open gap is closed by what was measured, the second becomes a follow-up, others are declined.
fn decide_gaps(desk: &mut Desk, visit: VisitId, worked: &mut Worked) -> Result<(), WorkError> {
    let view = desk.visit(visit)?;
    let evidence = view.results.first().map(|result| result.fact);
    let today = desk.day_at(0);
    let open = view.person.gaps.iter().filter(|gap| gap.gap.status == Some(GapStatus::Open));
    for (position, gap) in open.take(3).enumerate() {
        let decision = match position {
            0 => GapDecision::Closed { by: evidence, reason: None },
            1 => GapDecision::FollowUp {
                on: today + chrono::Days::new(14),
                owner: desk.staff(),
                reason: "book at the clinic".into(),
            },
            _ => GapDecision::Declined { reason: "not now".into() },
        };
        desk.decide_gap(visit, gap.id, &decision)?;
        worked.gaps_decided += 1;
    }
    Ok(())
}

/// The work of one stop as a process: prints `saved VISIT SEQUENCE` after each durable save and `done` at the end.
pub fn work_as_a_process(
    folder: PathBuf,
    staff: StaffId,
    pin: &str,
    plan: &WorkPlan,
) -> Result<(), WorkError> {
    let mut van = Van::sign_in(&folder, staff, pin)?;
    let out = std::io::stdout();
    work_stop(&mut van.desk, plan, &mut |desk, visit| {
        let head = desk.store().log_head().map_err(app::capture::CaptureError::from)?;
        let sequence = head.map_or(0, |head| head.sequence.0);
        let mut out = out.lock();
        writeln!(out, "saved {visit} {sequence}")?;
        Ok(out.flush()?)
    })?;
    println!("done");
    Ok(())
}
