//! After a lease ended: the PIN was right, and whoever goes on says why (break-glass). For a shift the same reason
//! stands for the same person, who need not say it anew after each lock. What it opens is `session`'s business.

use super::sign_in;
use super::sign_in_words as said;
use super::state::{Acting, App, option};
use super::ui::{ChoiceOption, SignInMode};
use crate::session::{LateKey, Reason, SignInError};
use crate::wiring;
use shared::ids::StaffId;
use shared::time::Timestamp;
use slint::SharedString;
use std::collections::HashMap;

/// How long a reason stands.
const SHIFT_MS: i64 = 12 * 3_600_000;

#[derive(Default)]
pub(super) struct State {
    late: Option<LateKey>,
    chosen: Option<Reason>,
    /// Who gave which reason since this start, and when.
    given: HashMap<StaffId, (Reason, Timestamp)>,
}

impl State {
    /// What stays when somebody else is asked, or nobody.
    pub fn kept(&mut self) -> State {
        State { given: std::mem::take(&mut self.given), ..State::default() }
    }
    pub fn is_chosen(&self) -> bool {
        self.chosen.is_some()
    }
    /// The reason that stands for somebody. A clock that was set back makes them say it again.
    fn standing(&self, staff: StaffId, now: Timestamp) -> Option<Reason> {
        let (reason, at) = self.given.get(&staff)?;
        let stands = (0..SHIFT_MS).contains(&(now.milliseconds() - at.milliseconds()));
        stands.then(|| reason.clone())
    }
}

/// Asks why, or goes on with what was said before.
pub(super) fn ask(app: &mut App, chosen: Acting, late: LateKey) {
    if let Some(reason) = app.sign_in.late.standing(chosen.staff, app.now()) {
        return enter(app, chosen, &late, &reason);
    }
    app.sign_in.late.late = Some(late);
    app.sign_in.mode = SignInMode::Reason;
    sign_in::refuse(app, &SignInError::LeaseEnded);
}

/// The reasons as the screen offers them.
pub(super) fn options(app: &App) -> Vec<ChoiceOption> {
    let chosen = app.sign_in.late.chosen.as_ref();
    let offered = said::reasons(app.language()).into_iter();
    offered.map(|(reason, words)| option(reason.code(), words, chosen == Some(&reason))).collect()
}

pub(super) fn choose(app: &mut App, id: SharedString) {
    let mut offered = said::reasons(app.language()).into_iter();
    app.sign_in.late.chosen =
        offered.find(|(reason, _)| reason.code() == id.as_str()).map(|(reason, _)| reason);
    sign_in::show_entry(app);
}

pub(super) fn go_on(app: &mut App) {
    let (Some(chosen), Some(reason)) = (app.sign_in.chosen.clone(), app.sign_in.late.chosen.clone()) else {
        return;
    };
    let Some(late) = app.sign_in.late.late.take() else { return };
    let now = app.now();
    app.sign_in.late.given.insert(chosen.staff, (reason.clone(), now));
    enter(app, chosen, &late, &reason);
}

/// What cannot be noted opens nothing; the PIN is asked for again.
fn enter(app: &mut App, chosen: Acting, late: &LateKey, reason: &Reason) {
    app.sign_in.mode = SignInMode::Pin;
    match wiring::break_glass(app, late, reason) {
        Ok(key) => sign_in::open(app, chosen, key),
        Err(error) => sign_in::refuse(app, &error.into()),
    }
}
