//! One evening: every van comes back at the same moment and does what the machine says until all is delivered, and all
//! is there. Measures how long that took and who was told to wait; judges only what no van may meet.

use super::server::FleetServer;
use super::text;
use super::van::Van;
use crate::plain;
use crate::sample::Seeded;
use app::sync::{HttpTransport, Transport, jittered};
use ed25519_dalek::{Signature, VerifyingKey};
use shared::ids::Sequence;
use shared::protocol::{PullPage, PullRequest, PushAnswer};
use shared::sync::{Action, Event, Failure, LogStatus, Machine, Pulled};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use sync_server::router::PUSH_PATH;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Nobody waits for ever: a van that is not through by then is a finding.
const EVENING_MAX: Duration = Duration::from_secs(150);
/// Fair is when the slowest van took no more than so many times what half of them took, or less than this.
pub const FAIR_TIMES: u64 = 10;
pub const FAIR_MS_MIN: u64 = 30_000;
/// How often one van is sent away at most.
pub const TOLD_TO_WAIT_MAX: u64 = 20;
/// How long a bad line says nothing in the middle of a batch before it breaks.
const STALL: Duration = Duration::from_secs(8);
/// Vans on good lines come a moment after those on bad ones, which by then hold the server's places.
const GOOD_LINES_AFTER: Duration = Duration::from_secs(1);

pub struct Evening {
    pub name: &'static str,
    /// What each van has worked since the last time.
    pub days: i64,
    /// Vans whose first batch stalls and breaks.
    pub bad_lines_percent: usize,
    /// Whether a van stays until all is there that is meant for it, too.
    pub settles: bool,
    /// Names for half, 99 of 100, the slowest, and those told to wait.
    pub figures: [&'static str; 4],
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// From the evening's start until the server held all.
    pub delivered_ms: u64,
    pub told_to_wait: u64,
    /// A van asks until the server has folded all that came.
    pub pulls: u64,
}

impl Evening {
    /// All vans at once; gives them back in their order.
    pub async fn run(
        &self,
        vans: Vec<Van>,
        server: &Arc<FleetServer>,
        seeded: &mut Seeded,
    ) -> Result<(Vec<Van>, Vec<Outcome>), String> {
        let bad_lines = vans.len() * self.bad_lines_percent / 100;
        let mut lines = Vec::with_capacity(vans.len());
        for van in vans {
            let stalls = AtomicBool::new((van.place as usize) < bad_lines);
            let good = server.line(van.place, server.address)?;
            lines.push((van, Line { good, stalls, server: server.clone() }, Seeded(seeded.draw())));
        }
        let start = Instant::now();
        let mut coming = JoinSet::new();
        for (mut van, line, mut seeded) in lines {
            let (server_key, settles) = (server.key, self.settles);
            let is_later = bad_lines > 0 && !line.stalls.load(Ordering::Relaxed);
            coming.spawn(async move {
                if is_later {
                    tokio::time::sleep(GOOD_LINES_AFTER).await;
                }
                let reconnecting = reconnect(&mut van, &line, &server_key, &mut seeded, (start, settles));
                match tokio::time::timeout(EVENING_MAX, reconnecting).await {
                    Ok(Ok(outcome)) => Ok((van, outcome)),
                    Ok(Err(finding)) => Err(format!("van {}: {finding}", van.place)),
                    Err(_) => Err(format!("van {} still waited after {EVENING_MAX:?}", van.place)),
                }
            });
        }
        let mut back = Vec::new();
        while let Some(joined) = coming.join_next().await {
            back.push(joined.map_err(text)?.map_err(|finding| format!("{}: {finding}", self.name))?);
        }
        back.sort_by_key(|(van, _)| van.place);
        Ok(back.into_iter().unzip())
    }
}

/// The product's line, except that the first batch over a bad one stalls halfway and breaks.
struct Line {
    good: HttpTransport,
    stalls: AtomicBool,
    server: Arc<FleetServer>,
}

impl Line {
    async fn push(&self, place: u32, body: &[u8]) -> Result<PushAnswer, Failure> {
        if self.stalls.swap(false, Ordering::Relaxed) {
            // Whatever happens to it, the van hears nothing.
            drop(self.stall(place, body).await);
            return Err(Failure::Transport);
        }
        self.good.push(body.to_vec()).await
    }

    /// Half of a batch goes through, in records of TLS of its own, and holds a place at the server.
    async fn stall(&self, place: u32, body: &[u8]) -> Result<(), String> {
        let mut line = self.server.raw_line(place).await?;
        let length = body.len();
        let head = format!("POST {PUSH_PATH} HTTP/1.1\r\nhost: server\r\ncontent-length: {length}\r\n\r\n");
        line.write_all(head.as_bytes()).await.map_err(text)?;
        line.write_all(&body[..length / 2]).await.map_err(text)?;
        line.flush().await.map_err(text)?;
        tokio::time::sleep(STALL).await;
        Ok(())
    }
}

/// Does what the machine says, until it says that all is settled, or all is delivered.
async fn reconnect(
    van: &mut Van,
    line: &Line,
    server_key: &VerifyingKey,
    seeded: &mut Seeded,
    (start, settles): (Instant, bool),
) -> Result<Outcome, String> {
    let mut machine = Machine::default();
    let mut outcome = Outcome::default();
    let mut event = Event::Wake(van.log());
    let mut asked_ms = 0;
    loop {
        let mut next = None;
        for action in machine.step(event) {
            next = Some(match action {
                Action::PushAfter(after) => Event::Pushed(push(van, line, server_key, after).await?),
                Action::Pull => {
                    outcome.pulls += 1;
                    Event::Pulled(pull(van, line).await?)
                }
                Action::Wait { delay_ms } => {
                    let pause_ms = jittered(delay_ms, seeded.draw());
                    if pause_ms < asked_ms {
                        return Err(format!("told to wait {asked_ms} ms, it waits {pause_ms} ms"));
                    }
                    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                    Event::Wake(van.log())
                }
                Action::Settled => return Ok(outcome),
                Action::Rewind(_) | Action::EnrolAnew | Action::Wipe { .. } => {
                    return Err(format!("the server lost or doubted what it held: {action:?}"));
                }
            });
        }
        event = next.ok_or("the machine asks for nothing")?;
        asked_ms = 0;
        if let Event::Pushed(Err(Failure::Busy { retry_after_ms }))
        | Event::Pulled(Err(Failure::Busy { retry_after_ms })) = event
        {
            asked_ms = retry_after_ms.ok_or("told to wait, but not for how long")?;
            outcome.told_to_wait += 1;
        }
        if outcome.delivered_ms == 0 && van.acknowledged == van.head.sequence {
            outcome.delivered_ms = start.elapsed().as_millis() as u64;
            if !settles {
                return Ok(outcome);
            }
        }
    }
}

/// What may come back from a server that works: anything else is a finding.
fn expected<T>(answer: Result<T, Failure>) -> Result<Result<T, Failure>, String> {
    match answer {
        Err(failure @ (Failure::Refused { .. } | Failure::Unreadable)) => {
            Err(format!("the server answered {failure:?}"))
        }
        answer => Ok(answer),
    }
}

async fn push(
    van: &mut Van,
    line: &Line,
    server_key: &VerifyingKey,
    after: Sequence,
) -> Result<Result<LogStatus, Failure>, String> {
    let frame = van.frame_after(after).ok_or("the machine asks for what is not there")?;
    let answer = match expected(line.push(van.place, &frame.body).await)? {
        Ok(answer) => answer,
        Err(failure) => return Ok(Err(failure)),
    };
    let message = PushAnswer::signed_message(plain::device_id(van.number()), answer.acknowledged);
    let signature = Signature::from_bytes(&answer.countersignature);
    server_key.verify_strict(&message, &signature).map_err(|_| "the acknowledgement is not the server's")?;
    if answer.acknowledged != frame.head {
        return Err(format!("{:?} was acknowledged of {:?}", answer.acknowledged, frame.head));
    }
    van.acknowledged = frame.head.sequence;
    Ok(Ok(van.log()))
}

async fn pull(van: &mut Van, line: &Line) -> Result<Result<Pulled, Failure>, String> {
    let request = PullRequest {
        cursor: van.cursor.clone(),
        acknowledged: van.acknowledged,
        rejections_heard: van.rejections_heard,
        takes_unchanged: true,
    };
    let page: PullPage = match expected(line.good.pull(&request).await)? {
        Ok(page) => page,
        Err(failure) => return Ok(Err(failure)),
    };
    if let Some(rejected) = page.rejected.first() {
        return Err(format!("change {} was kept apart: {}", rejected.sequence, rejected.reason));
    }
    van.cursor = page.cursor;
    let (complete, server_holds, standing) = (page.complete, page.acknowledged, page.standing);
    Ok(Ok(Pulled { complete, server_holds, standing, log: van.log() }))
}
