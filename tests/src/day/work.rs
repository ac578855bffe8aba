//! What a crew does at one stop, at the touch screens. Runs in the demo's own process or in a process of its own that
//! may be killed at any moment.

use crate::touch::{Touch, TouchError, WalkUp, Worked, at_a_tablet};
use app::screens::ui::Screen;
use shared::ids::{StaffId, StopId};
use std::io::Write;
use std::path::Path;

/// One stop's work.
#[derive(Clone, Debug)]
pub struct WorkPlan {
    pub stop: StopId,
    /// What the badge scanner reads, one person each.
    pub badges: Vec<String>,
    pub walk_ups: u32,
    pub seed: u64,
}

/// What one van does about the person whom both vans see: an answer, and the correction of a field.
#[derive(Clone, Debug)]
pub struct Errand {
    pub badge: String,
    /// Code of the answer, where it is offered.
    pub answer: &'static str,
    pub field: &'static str,
    pub value: &'static str,
}

/// Opens the stop and sees everybody of the plan. People who were seen before, such as before a crash, are passed over.
pub fn work_stop(touch: &mut Touch<'_>, plan: &WorkPlan) -> Result<(), TouchError> {
    touch.open_stop(plan.stop)?;
    for badge in &plan.badges {
        touch.see(badge)?;
    }
    for number in 0..plan.walk_ups {
        let walk_up = walk_up(plan, number);
        touch.register(&walk_up)?;
        touch.see(&walk_up.phone)?;
    }
    Ok(())
}

fn walk_up(plan: &WorkPlan, number: u32) -> WalkUp {
    WalkUp {
        family_name: format!("Walkup-Sample-{:x}", plan.seed),
        given_name: ["Noor", "Sam", "Lu", "Kim"][number as usize % 4].into(),
        birth_date: format!("6/{}", 1960 + number),
        phone: format!("555-555-{:04}", 7000 + (plan.seed + u64::from(number)) % 3000),
    }
}

/// A visit that is begun, asked and parked, and a field that is put right.
pub fn run_errand(touch: &mut Touch<'_>, stop: StopId, errand: &Errand) -> Result<(), TouchError> {
    touch.open_stop(stop)?;
    touch.prefers = vec![errand.answer];
    touch.open_visit(&errand.badge)?;
    touch.answer_questions()?;
    touch.park()?;
    touch.prefers.clear();
    touch.correct(&errand.badge, errand.field, errand.value)
}

/// Some people whose visits are under way, so that the board shows a stop at work.
pub fn leave_some_under_way(touch: &mut Touch<'_>, badges: &[String]) -> Result<(), TouchError> {
    for (number, badge) in badges.iter().enumerate() {
        if !touch.open_visit(badge)? {
            continue;
        }
        match number % 3 {
            0 => touch.park()?,
            1 => touch.go(Screen::Stop)?,
            _ => {
                touch.take_vitals()?;
                touch.park()?;
            }
        }
    }
    Ok(())
}

/// The work of one stop as a process: prints `saved SEQUENCE HASH` after each save that the screen showed as done, and
/// `done` at the end.
pub fn work_as_a_process(
    folder: &Path,
    staff: StaffId,
    pin: &str,
    plan: &WorkPlan,
) -> Result<Worked, TouchError> {
    let mut heard = |head: shared::change::Head| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "saved {} {:?}", head.sequence.0, head.hash)?;
        out.flush()
    };
    let worked = at_a_tablet(folder, staff, pin, plan.seed, &mut heard, |touch| {
        work_stop(touch, plan)?;
        Ok(touch.worked)
    })?;
    println!("done");
    Ok(worked)
}
