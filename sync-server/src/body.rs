//! Bodies of requests as they come from the wire: whole and within their limit, or the beginning of one that is over
//! it. Never what they say.

use crate::error::Refusal;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, header};
use shared::protocol::{ProblemCode, limits};
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

/// How much of a body is read, and for how long.
pub struct Allowance {
    pub bytes_max: usize,
    pub patience: Duration,
}

/// A body over a bad cell link takes its time; one that takes longer than this will not come.
pub const OF_A_DEVICE: Allowance =
    Allowance { bytes_max: limits::REQUEST_BYTES_MAX, patience: Duration::from_secs(180) };
/// Nobody knows who sends it. An enrolment is a thousand bytes that are sent at once.
pub const OF_A_STRANGER: Allowance = Allowance { bytes_max: 16 * 1024, patience: Duration::from_secs(10) };
/// What is read and thrown away of a body that is too large or that nobody wants, so that the sender reads the answer.
const DRAIN_BYTES_MAX: usize = 8 * 1024 * 1024;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// What is kept of a request that nobody will read: enough to see whose program made it.
pub const BEGINNING_BYTES_MAX: usize = 4 * 1024;

/// Why there is no body.
#[derive(Debug)]
pub enum BodyError {
    TooLarge(Beginning),
    NotWhole,
}

/// The start of a body that is too large.
#[derive(Debug)]
pub struct Beginning {
    pub bytes: Vec<u8>,
    /// How long the sender said that all of it is, if it did.
    pub told_bytes: Option<u64>,
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge(_) => Refusal::too_large(),
            BodyError::NotWhole => {
                Refusal::new(ProblemCode::Malformed, "The request's body did not come whole")
            }
        }
    }
}

/// The whole body within what it is allowed.
pub async fn read(headers: &HeaderMap, mut body: Body, allowance: &Allowance) -> Result<Vec<u8>, BodyError> {
    let Allowance { bytes_max, patience } = *allowance;
    let told = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let mut bytes = Vec::new();
    if told.is_none_or(|length| length <= bytes_max as u64) {
        match tokio::time::timeout(patience, fill(&mut body, &mut bytes, bytes_max)).await {
            Ok(Filled::Whole) => return Ok(bytes),
            Ok(Filled::Over) => {}
            Ok(Filled::Broken) | Err(_) => return Err(BodyError::NotWhole),
        }
    }
    // Whatever becomes of the rest, the sender hears that it is too much.
    drop(tokio::time::timeout(DRAIN_TIMEOUT, drain(&mut body, &mut bytes)).await);
    bytes.truncate(BEGINNING_BYTES_MAX);
    bytes.shrink_to_fit();
    Err(BodyError::TooLarge(Beginning { bytes, told_bytes: told }))
}

/// Reads what nobody wants, within bounds, so that its sender reads the answer.
pub async fn throw_away(mut body: Body) {
    drop(tokio::time::timeout(DRAIN_TIMEOUT, drain(&mut body, &mut Vec::new())).await);
}

enum Filled {
    Whole,
    Over,
    Broken,
}

/// Reads until the end, or until it is more than a request may be.
async fn fill(body: &mut Body, bytes: &mut Vec<u8>, bytes_max: usize) -> Filled {
    while let Some(frame) = next(body).await {
        let Ok(piece) = frame else { return Filled::Broken };
        bytes.extend_from_slice(&piece);
        if bytes.len() > bytes_max {
            return Filled::Over;
        }
    }
    Filled::Whole
}

/// Reads on, and keeps no more than a beginning.
async fn drain(body: &mut Body, beginning: &mut Vec<u8>) {
    let mut read = beginning.len();
    while let Some(Ok(piece)) = next(body).await {
        read += piece.len();
        let room = BEGINNING_BYTES_MAX.saturating_sub(beginning.len()).min(piece.len());
        beginning.extend_from_slice(&piece[..room]);
        if read > DRAIN_BYTES_MAX {
            return;
        }
    }
}

/// The next piece of a body; an empty one stands for what is no data.
async fn next(body: &mut Body) -> Option<Result<axum::body::Bytes, axum::Error>> {
    let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
}
