//! Performs the machine's actions: reads batches, sends them, merges pages, waits.

use super::client::Transport;
use super::{Safeguard, key_bytes, seal};
use crate::apply::apply_page;
use crate::platform;
use crate::session::DataFolder;
use crate::session::erase::erase_delivered;
use crate::store::{Identity, LogReads, MetaReads, Store, StoreError};
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use shared::change::{Batch, Head};
use shared::compress;
use shared::ids::Sequence;
use shared::protocol::{PullPage, PullRequest, PushAnswer, Standing, limits};
use shared::sync::{Action, Event, Failure, LogStatus, Machine, Phase, Pulled};
use shared::time::Timestamp;
use std::ops::{Deref, DerefMut};

/// What the screens show of sync.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SyncReport {
    pub phase: Phase,
    pub log: LogStatus,
    /// Records and facts that came in the run under way, or in the last one.
    pub entries_received: u64,
    /// When all was delivered and all was here for the last time, by this device's clock.
    pub settled_at: Option<Timestamp>,
}

/// The device's file, which is away while a thread merges a page into it.
struct Lent(Option<Store>);

const IS_HERE: &str = "the file comes back before anything else asks for it";

impl Deref for Lent {
    type Target = Store;
    fn deref(&self) -> &Store {
        self.0.as_ref().expect(IS_HERE)
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Store {
        self.0.as_mut().expect(IS_HERE)
    }
}

/// Drives one device's sync over one transport.
pub struct Driver<T> {
    store: Lent,
    /// The page that was asked for while the one before it was merged.
    ahead: Option<Result<PullPage, Failure>>,
    transport: T,
    identity: Identity,
    signing_key: SigningKey,
    server_key: VerifyingKey,
    machine: Machine,
    report: SyncReport,
    /// What is erased when the office orders it.
    folder: Option<DataFolder>,
    /// The server said that the certificate ends soon.
    renewal_is_due: bool,
    /// Nothing where no folder is there to keep it, as in measurements.
    safeguard: Option<Safeguard>,
    now: Box<dyn Fn() -> Timestamp + Send>,
}

impl<T: Transport> Driver<T> {
    /// A device without an identity cannot sync.
    pub fn new(store: Store, transport: T) -> Result<Self, StoreError> {
        let damaged = |what: &str| StoreError::Damaged(what.to_owned());
        let identity = store.identity()?.ok_or_else(|| damaged("a device that was never enrolled"))?;
        let signing_key = key_bytes(&identity.signing_key).ok_or_else(|| damaged("the signing key"))?;
        let server_key = key_bytes(&identity.server_signing_key)
            .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
            .ok_or_else(|| damaged("the server's key"))?;
        let mut driver = Self {
            report: SyncReport {
                phase: Phase::Settled,
                log: LogStatus { head: Sequence(0), acknowledged: Sequence(0) },
                entries_received: 0,
                settled_at: None,
            },
            signing_key: SigningKey::from_bytes(&signing_key),
            machine: Machine::default(),
            store: Lent(Some(store)),
            ahead: None,
            transport,
            identity,
            server_key,
            folder: None,
            renewal_is_due: false,
            safeguard: None,
            now: Box::new(platform::now),
        };
        driver.report.log = driver.log_status()?;
        Ok(driver)
    }

    /// Obeys an order to erase this folder, once all is delivered.
    pub fn erasing(mut self, folder: &DataFolder) -> Self {
        self.folder = Some(folder.clone());
        self
    }

    /// Keeps the files beside the device's file up to it.
    pub fn guarded(mut self, safeguard: Safeguard) -> Self {
        self.safeguard = Some(safeguard);
        self
    }

    /// In a pause: what is kept beside the device's file is brought up to it.
    pub fn rest(&mut self) {
        if let Some(safeguard) = self.safeguard.as_mut() {
            safeguard.at_rest(&self.store);
        }
    }

    /// With another clock than the machine's.
    pub fn by_clock(self, now: Box<dyn Fn() -> Timestamp + Send>) -> Self {
        Self { now, ..self }
    }

    pub fn report(&self) -> SyncReport {
        self.report
    }

    /// Gives the file back.
    pub fn into_store(self) -> Store {
        self.store.0.expect(IS_HERE)
    }

    /// Syncs until all is settled or there is nothing to do but wait; gives the pause that the machine asks for,
    /// or nothing when all is settled. `told` hears of every step.
    pub async fn run_once(
        &mut self,
        told: &mut (dyn FnMut(SyncReport) + Send),
    ) -> Result<Option<u64>, StoreError> {
        let ran = self.run(told).await;
        if ran.is_err() {
            // Else the machine would wait for ever for the answer to what was never done.
            self.machine.step(Event::Pushed(Err(Failure::Store)));
            self.report.phase = self.machine.phase();
            told(self.report);
        }
        ran
    }

    async fn run(&mut self, told: &mut (dyn FnMut(SyncReport) + Send)) -> Result<Option<u64>, StoreError> {
        self.report.entries_received = 0;
        let mut actions = self.machine.step(Event::Wake(self.log_status()?));
        loop {
            self.report.phase = self.machine.phase();
            self.report.log = self.log_status()?;
            told(self.report);
            let mut next = None;
            for action in actions {
                match action {
                    Action::PushAfter(after) => next = Some(Event::Pushed(self.push_after(after).await)),
                    Action::Pull => next = Some(Event::Pulled(self.pull().await)),
                    Action::Rewind(held) => self.set_acknowledged(held)?,
                    Action::EnrolAnew => self.must_enrol()?,
                    Action::Wipe { held } if self.folder.is_some() => {
                        if self.wipe(held)? {
                            told(self.report);
                            return Ok(None);
                        }
                        next = Some(Event::Wake(self.log_status()?));
                    }
                    Action::Wipe { .. } => return Ok(Some(shared::sync::RETRY_MS_MAX)),
                    Action::Wait { delay_ms } => return Ok(Some(delay_ms)),
                    Action::Settled => {
                        self.report.settled_at = Some((self.now)());
                        self.renew().await;
                        told(self.report);
                        return Ok(None);
                    }
                }
            }
            match next {
                Some(event) => actions = self.machine.step(event),
                None => return Ok(Some(0)),
            }
        }
    }

    fn log_status(&self) -> Result<LogStatus, StoreError> {
        let head = self.store.log_head()?.map_or(Sequence(0), |head| head.sequence);
        Ok(LogStatus { head, acknowledged: self.store.acknowledged()? })
    }

    fn set_acknowledged(&mut self, sequence: Sequence) -> Result<(), StoreError> {
        let write = self.store.write()?;
        write.set_acknowledged(sequence)?;
        write.commit()
    }

    fn must_enrol(&mut self) -> Result<(), StoreError> {
        let write = self.store.write()?;
        write.set_must_enrol(true)?;
        write.commit()
    }

    /// Fetches and keeps the next certificate. What goes wrong is tried again at the next pull that asks for it; the
    /// one in use goes on working.
    async fn renew(&mut self) {
        if !std::mem::take(&mut self.renewal_is_due) {
            return;
        }
        let renewed = match self.transport.renew(&self.identity).await {
            Ok(Some(renewed)) => renewed,
            Ok(None) => return,
            Err(failure) => return tracing::warn!(?failure, "the certificate could not be renewed"),
        };
        if let Err(error) = self.keep_identity(&renewed) {
            return tracing::warn!(
                permanent = error.is_permanent(),
                "the next certificate could not be kept"
            );
        }
        let server_time = self.store.server_time().ok().flatten();
        self.transport.adopt(&renewed, server_time);
        self.identity = renewed;
    }

    /// Only the certificate and its key are taken over.
    fn keep_identity(&mut self, identity: &Identity) -> Result<(), StoreError> {
        let damaged = || StoreError::Damaged("a device that was never enrolled".into());
        let known = self.store.identity()?.ok_or_else(damaged)?;
        let (certificate, certificate_key) = (identity.certificate.clone(), identity.certificate_key.clone());
        let write = self.store.write()?;
        write.set_identity(&Identity { certificate, certificate_key, ..known })?;
        write.commit()
    }

    /// Erases the folder, unless something was saved after what the server holds.
    fn wipe(&mut self, held: Sequence) -> Result<bool, StoreError> {
        let Some(folder) = &self.folder else { return Ok(false) };
        if !erase_delivered(folder, &mut self.store, held)? {
            return Ok(false);
        }
        tracing::warn!("the office had this device erased");
        self.report.phase = Phase::Wiped;
        Ok(true)
    }

    async fn push_after(&mut self, after: Sequence) -> Result<LogStatus, Failure> {
        // What it says of the chain is from before this push.
        self.ahead = None;
        let (frame, head) = self.run_after(after).map_err(|_| Failure::Store)?;
        if let Some(safeguard) = self.safeguard.as_mut() {
            safeguard.before_sending(head).map_err(|_| Failure::Store)?;
        }
        let answer = self.transport.push(frame).await?;
        let message = PushAnswer::signed_message(self.identity.device_id(), answer.acknowledged);
        let signature = Signature::from_bytes(&answer.countersignature);
        self.server_key.verify_strict(&message, &signature).map_err(|_| Failure::Unreadable)?;
        let held = self.store.hash_at(answer.acknowledged.sequence).map_err(|_| Failure::Store)?;
        if answer.acknowledged.sequence < head.sequence || held != Some(answer.acknowledged.hash) {
            return Err(Failure::Unreadable);
        }
        self.set_acknowledged(answer.acknowledged.sequence).map_err(|_| Failure::Store)?;
        self.log_status().map_err(|_| Failure::Store)
    }

    /// The next batch as it goes over the wire, and the head it leads to. A sealed run goes as it is, even where the
    /// server holds its beginning.
    fn run_after(&self, after: Sequence) -> Result<(Vec<u8>, Head), StoreError> {
        if let Some(run) = self.store.sealed_after(after)? {
            return Ok((run.frame, run.head));
        }
        let rows = self.store.unsealed_after(after, limits::BATCH_BYTES_AIM, limits::CHANGES_A_BATCH_MAX)?;
        let changes: Vec<Vec<u8>> = rows.into_iter().map(|row| row.envelope).collect();
        if changes.is_empty() {
            return Err(StoreError::Damaged(format!("the log has no change after {after}")));
        }
        let before = seal::head_before(&self.store, &self.identity, after.next())?;
        let number = self.identity.device_number();
        let (batch, head) =
            Batch::seal(self.identity.device_id(), number, before, &changes, &self.signing_key);
        Ok((compress::compress(&batch), head))
    }

    /// What is done in an idle moment: rows learn to be small, runs of the log are sealed.
    pub fn tidy(&mut self) -> Result<(), StoreError> {
        self.store.learn()?;
        while seal::seal_run(&mut self.store, &self.identity, &self.signing_key)? {}
        Ok(())
    }

    async fn pull(&mut self) -> Result<Pulled, Failure> {
        let status = self.log_status().map_err(|_| Failure::Store)?;
        // Another installation may have written under the numbers that a copy will use next: what it wrote must not
        // come here under a name of this one's own. A copy delivers and takes nothing until it is enrolled anew.
        if self.safeguard.as_ref().is_some_and(|safeguard| safeguard.copied().is_some()) {
            let server_holds = Head { sequence: status.acknowledged, hash: self.identity.genesis().hash };
            return Ok(Pulled { complete: true, server_holds, standing: Standing::EnrolAnew, log: status });
        }
        let rejections_heard =
            self.store.rejected().map_err(|_| Failure::Store)?.last().map_or(Sequence(0), |last| last.0);
        let cursor = self.store.cursor().map_err(|_| Failure::Store)?;
        let request = PullRequest {
            cursor,
            acknowledged: status.acknowledged,
            rejections_heard,
            takes_unchanged: true,
        };
        let page = match self.ahead.take() {
            Some(page) => page?,
            None => self.transport.pull(&request).await?,
        };
        self.renewal_is_due = page.renew_certificate;
        self.report.entries_received += (page.states.len() + page.facts.len()) as u64;
        let (complete, server_holds, standing) = (page.complete, page.acknowledged, page.standing);
        let heard = page.rejected.last().map_or(rejections_heard, |last| last.sequence.max(rejections_heard));
        let next = PullRequest { cursor: page.cursor.clone(), rejections_heard: heard, ..request };
        self.merge(page, (!complete).then_some(next)).await?;
        let log = self.log_status().map_err(|_| Failure::Store)?;
        Ok(Pulled { complete, server_holds, standing, log })
    }

    /// Merges a page; where another follows, on a thread of its own, while that one is on its way. A simulated world
    /// has no threads, and there one comes after the other.
    async fn merge(&mut self, page: PullPage, next: Option<PullRequest>) -> Result<(), Failure> {
        let now = (self.now)();
        let threads = tokio::runtime::Handle::try_current();
        let merged = match (next, threads) {
            (Some(next), Ok(threads)) => {
                let mut store = self.store.0.take().expect(IS_HERE);
                let merging = threads.spawn_blocking(move || {
                    let merged = apply_page(&mut store, &page, now);
                    (store, merged)
                });
                let (merging, ahead) = tokio::join!(merging, self.transport.pull(&next));
                let (store, merged) =
                    merging.expect("merging does not panic, and nobody ends the runtime meanwhile");
                self.store.0 = Some(store);
                self.ahead = merged.is_ok().then_some(ahead);
                merged
            }
            _ => apply_page(&mut self.store, &page, now),
        };
        let unreadable = merged.map_err(|error| {
            tracing::warn!(permanent = error.is_permanent(), "what came could not be saved");
            Failure::Store
        })?;
        if unreadable > 0 {
            tracing::error!(unreadable, "states from the server could not be read and were passed over");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
