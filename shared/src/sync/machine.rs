//! One device's sync. Own changes go up until none is left, then states come down until the server says
//! `complete`. Every answer tells where the server holds this device's chain, so a server restored from an old
//! backup is noticed and the changes are sent again. Nothing here ever stops local work.

use crate::change::Head;
use crate::ids::Sequence;
use crate::protocol::{ProblemCode, Standing};

/// The longest pause between tries.
pub const RETRY_MS_MAX: u64 = 5 * 60_000;
const RETRY_MS_FIRST: u64 = 1_000;
/// After a refusal that only people can mend, ask again now and then: they may have mended it.
const REFUSED_RETRY_MS: u64 = 10 * 60_000;

/// Where this device's own log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogStatus {
    pub head: Sequence,
    pub acknowledged: Sequence,
}

/// Why a request gave no answer that helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No network, a cut connection, a server that is not there.
    Transport,
    /// The server's refusal, with the last sequence that it holds where it said so.
    Refused { code: ProblemCode, acknowledged: Option<Sequence> },
    /// The server has too much to do. Where it said so, not to come back before then; nothing of what was sent was kept.
    Busy { retry_after_ms: Option<u64> },
    /// The device is to erase itself, once the server holds all that it wrote: what it holds now.
    WipeOrdered { acknowledged: Sequence },
    /// What came does not decode or does not fit. Nothing of it was kept.
    Unreadable,
    /// This device's own store could not write, such as with a full disk.
    Store,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A save, a touch on "Sync now", a timer, or a network that came back.
    Wake(LogStatus),
    /// A push was answered and the acknowledgement is on disk.
    Pushed(Result<LogStatus, Failure>),
    /// A page was merged and is on disk, with its cursor.
    Pulled(Result<Pulled, Failure>),
}

/// What a merged page told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulled {
    pub complete: bool,
    pub server_holds: Head,
    pub standing: Standing,
    pub log: LogStatus,
}

/// What the driver is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send the batch that follows this sequence; answer with `Pushed`.
    PushAfter(Sequence),
    /// Ask for the next page, merge it; answer with `Pulled`.
    Pull,
    /// The server holds less than it acknowledged: count only this as delivered.
    Rewind(Sequence),
    /// Ask a person to enrol this device anew. Local work goes on.
    EnrolAnew,
    /// The server holds all up to here and ordered the device to erase itself. A save that came meanwhile is
    /// delivered first: answer with `Wake`.
    Wipe { held: Sequence },
    /// Do nothing for this long, unless something is saved. Jitter of up to half is the driver's.
    Wait { delay_ms: u64 },
    /// All is delivered and all is here.
    Settled,
}

/// What the sync screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Settled,
    Pushing,
    Pulling,
    /// Waiting to try again after so many failures.
    Offline {
        failures: u32,
    },
    /// This device cannot write to its own disk, or read from it: waiting to try again after so many failures.
    DiskRefuses {
        failures: u32,
    },
    /// The server refuses this device.
    Refused(ProblemCode),
    /// A copy of this device exists.
    EnrolAnew,
    /// The office ordered this device to erase itself, and everything is delivered.
    Wiped,
}

/// The machine. One request at a time is under way.
#[derive(Clone, Debug)]
pub struct Machine {
    phase: Phase,
    failures: u32,
    /// The newest own change.
    head: Sequence,
    /// Up to where the server holds this copy's own branch, or a device's chain that it wants whole before it is
    /// erased, at its last word.
    branch_held: Option<Sequence>,
}

impl Default for Machine {
    fn default() -> Self {
        Self { phase: Phase::Settled, failures: 0, head: Sequence(0), branch_held: None }
    }
}

impl Machine {
    pub fn phase(&self) -> Phase {
        self.phase
    }

    pub fn step(&mut self, event: Event) -> Vec<Action> {
        if let Event::Wake(_) = event {
            self.branch_held = None;
        }
        match event {
            Event::Wake(log) => match self.phase {
                Phase::Pushing | Phase::Pulling => Vec::new(),
                _ => self.begin(log),
            },
            Event::Pushed(Ok(log)) => {
                self.failures = 0;
                self.begin(log)
            }
            Event::Pushed(Err(failure)) => self.failed(failure),
            Event::Pulled(Ok(pulled)) => self.pulled(pulled),
            Event::Pulled(Err(failure)) => self.failed(failure),
        }
    }

    fn begin(&mut self, log: LogStatus) -> Vec<Action> {
        self.head = log.head;
        if log.acknowledged < log.head {
            self.phase = Phase::Pushing;
            vec![Action::PushAfter(log.acknowledged)]
        } else {
            self.phase = Phase::Pulling;
            vec![Action::Pull]
        }
    }

    fn pulled(&mut self, pulled: Pulled) -> Vec<Action> {
        self.failures = 0;
        if pulled.standing == Standing::EnrolAnew {
            self.phase = Phase::EnrolAnew;
            return vec![Action::EnrolAnew, Action::Wait { delay_ms: REFUSED_RETRY_MS }];
        }
        if pulled.server_holds.sequence < pulled.log.acknowledged {
            self.phase = Phase::Pushing;
            let held = pulled.server_holds.sequence;
            return vec![Action::Rewind(held), Action::PushAfter(held)];
        }
        if pulled.log.acknowledged < pulled.log.head || !pulled.complete {
            return self.begin(pulled.log);
        }
        self.phase = Phase::Settled;
        vec![Action::Settled]
    }

    fn failed(&mut self, failure: Failure) -> Vec<Action> {
        self.failures = self.failures.saturating_add(1);
        match failure {
            Failure::Refused { code: ProblemCode::Gap, acknowledged: Some(held) } if self.failures < 3 => {
                self.phase = Phase::Pushing;
                vec![Action::Rewind(held), Action::PushAfter(held)]
            }
            // The rest of a copy's branch is delivered before a person is asked: nothing that it captured is lost.
            Failure::Refused { code: ProblemCode::Fork, acknowledged: Some(held) }
                if held < self.head && self.branch_held != Some(held) =>
            {
                self.branch_held = Some(held);
                self.phase = Phase::Pushing;
                vec![Action::EnrolAnew, Action::PushAfter(held)]
            }
            Failure::Refused { code: ProblemCode::Fork, .. } => {
                self.phase = Phase::EnrolAnew;
                vec![Action::EnrolAnew, Action::Wait { delay_ms: REFUSED_RETRY_MS }]
            }
            Failure::WipeOrdered { acknowledged: held } if held >= self.head => {
                self.phase = Phase::Wiped;
                vec![Action::Wipe { held }]
            }
            Failure::WipeOrdered { acknowledged: held } if self.branch_held != Some(held) => {
                self.branch_held = Some(held);
                self.phase = Phase::Pushing;
                vec![Action::PushAfter(held)]
            }
            Failure::Refused { code, .. } if code.is_permanent() => {
                self.phase = Phase::Refused(code);
                vec![Action::Wait { delay_ms: REFUSED_RETRY_MS }]
            }
            // The driver may halve a pause: twice the time that was asked for comes back after it, and spread out.
            Failure::Busy { retry_after_ms } => {
                self.rest(retry_after_ms.unwrap_or_default().saturating_mul(2))
            }
            Failure::Store => {
                let pause = self.rest(0);
                self.phase = Phase::DiskRefuses { failures: self.failures };
                pause
            }
            Failure::Transport
            | Failure::Unreadable
            | Failure::Refused { .. }
            | Failure::WipeOrdered { .. } => self.rest(0),
        }
    }

    /// A pause that grows with each failure, and is not shorter than what was asked for.
    fn rest(&mut self, asked_ms: u64) -> Vec<Action> {
        self.phase = Phase::Offline { failures: self.failures };
        let doublings = self.failures.saturating_sub(1).min(16);
        let grown_ms = RETRY_MS_FIRST << doublings;
        vec![Action::Wait { delay_ms: grown_ms.max(asked_ms).min(RETRY_MS_MAX) }]
    }
}
