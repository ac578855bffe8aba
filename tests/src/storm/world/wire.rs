//! The line between a van and the office, in simulated time: it loses, delays, repeats, reorders and cuts off what it
//! carries. It never looks inside.

use crate::sample::Seeded;
use app::sync::Transport;
use shared::compress;
use shared::ids::Sequence;
use shared::protocol::{Problem, PullAnswer, PullPage, PullRequest, PushAnswer, limits};
use shared::sync::Failure;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// An answer as it comes over the line, or nothing: the line is dead.
pub type Answer = Option<(u16, Vec<u8>)>;

/// A request under way.
#[derive(Clone)]
pub struct Letter {
    pub path: &'static str,
    pub body: Vec<u8>,
    /// Where the device waits for the answer; the first one counts.
    answer: Arc<Mutex<Option<Answer>>>,
}

impl Letter {
    pub fn is_push(&self) -> bool {
        self.path == PUSH
    }
    /// Gives the device its answer, if it still waits and has none.
    pub fn answer(&self, answer: Answer) {
        let mut slot = self.answer.lock().expect("nobody panics with it");
        if slot.is_none() {
            *slot = Some(answer);
        }
    }
}

const PUSH: &str = "/v1/sync/push";

/// A device's end of the line.
#[derive(Clone, Default)]
pub struct Line(Arc<Mutex<Vec<Letter>>>);

impl Line {
    /// What the device sent since the last look.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics with it"))
    }

    async fn send(&self, path: &'static str, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let slot = Arc::new(Mutex::new(None));
        let letter = Letter { path, body, answer: slot.clone() };
        self.0.lock().expect("nobody panics with it").push(letter);
        let answer = poll_fn(|_| match slot.lock().expect("nobody panics with it").take() {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        });
        let (status, body) = answer.await.ok_or(Failure::Transport)?;
        if status == 200 {
            return Ok(body);
        }
        Err(match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => {
                Failure::Refused { code: problem.code, acknowledged: problem.acknowledged.map(Sequence) }
            }
            Err(_) => Failure::Transport,
        })
    }
}

#[async_trait::async_trait]
impl Transport for Line {
    async fn push(&self, body: Vec<u8>) -> Result<PushAnswer, Failure> {
        let answer = self.send(PUSH, body).await?;
        PushAnswer::read(&answer).map_err(|_| Failure::Unreadable)
    }
    async fn pull(&self, request: &PullRequest) -> Result<PullPage, Failure> {
        let page = self.send("/v1/sync/pull", request.write()).await?;
        let page = compress::decompress(&page, limits::PAGE_BYTES_MAX).map_err(|_| Failure::Unreadable)?;
        let answer = PullAnswer::read(&page).map_err(|_| Failure::Unreadable)?;
        Ok(answer.into_page(request))
    }
}

/// What happens to one request.
#[derive(Default)]
pub struct Fate {
    /// When it comes to the office, each time with what is left of it; never, where it is lost.
    pub arrives_ms: Vec<i64>,
    /// Bytes that come through, of the request and of the answer.
    pub request_bytes: Option<usize>,
    pub answer_bytes: Option<usize>,
    pub answer_ms: i64,
    pub loses_answer: bool,
}

/// How long a device waits for an answer.
pub const PATIENCE_MS: i64 = 45_000;
const HOUR_MS: u64 = 3_600_000;

impl Fate {
    /// On a good day.
    pub fn calm(seeded: &mut Seeded) -> Fate {
        Fate { arrives_ms: vec![20 + seeded.below(80) as i64], answer_ms: 40, ..Fate::default() }
    }

    /// On a bad line.
    pub fn stormy(seeded: &mut Seeded, length: usize) -> Fate {
        let mut fate = Fate::calm(seeded);
        fate.answer_ms = 20 + seeded.below(2_000) as i64;
        let cut = |seeded: &mut Seeded| Some(seeded.below(length as u64 + 1) as usize);
        match seeded.below(24) {
            // Lost on the way up.
            0..=1 => fate.arrives_ms.clear(),
            // Taken, and the answer is lost.
            2..=4 => fate.loses_answer = true,
            // Comes twice, the second time perhaps hours later, from a relay that kept it.
            5..=7 => fate.arrives_ms.push(seeded.below(3 * HOUR_MS) as i64),
            // Held by a relay for so long that nobody waits any more.
            8 => fate.arrives_ms = vec![PATIENCE_MS + seeded.below(6 * HOUR_MS) as i64],
            9 => fate.request_bytes = cut(seeded),
            10 => fate.answer_bytes = Some(seeded.below(4_000) as usize),
            // A slow cell: overtaken by others.
            11..=14 => fate.arrives_ms = vec![seeded.below(40_000) as i64],
            _ => {}
        }
        fate
    }
}
