//! Every route on this page. From the outside in: who asks, too many at once, the body and its limits, the turn to
//! work. Who is no device of this server takes no van's seat.

use crate::auth::{Caller, DeviceIdentity, require_device};
use crate::body::{self, BodyError};
use crate::courier::PushError;
use crate::enrol;
use crate::error::Refusal;
use crate::nameplate;
use crate::service::Service;
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use shared::compress;
use shared::protocol::{ProblemCode, PullAnswer, PullRequest};
use shared::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long a request waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(3);
/// Below this a page is sent as it is.
const COMPRESS_FROM_BYTES: usize = 512;
/// An answer up to this length says nothing but the time.
const SHORT_BYTES_MAX: usize = 16;
/// How old a device's last sign of life grows before an idle pull writes a new one.
const SEEN_AGAIN_AFTER_MS: i64 = 5 * 60_000;

/// The one address to which a device that is to erase itself may still write.
pub const PUSH_PATH: &str = "/v1/sync/push";

pub fn router(service: Arc<Service>) -> Router {
    let sync = Router::new()
        .route(PUSH_PATH, post(push))
        .route("/v1/sync/pull", post(pull))
        .route("/v1/renew", post(enrol::renew))
        .route_layer(middleware::from_fn_with_state(service.clone(), take_seat))
        .route_layer(middleware::from_fn_with_state(service.clone(), require_device));
    let enrolment = Router::new()
        .route("/v1/enrol", post(enrol::handle))
        .route_layer(middleware::from_fn_with_state(service.clone(), take_enrolment_place));
    Router::new()
        .merge(enrolment)
        .merge(sync)
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .fallback(|body: Body| async {
            body::throw_away(body).await;
            Refusal::new(ProblemCode::NotFound, "There is no such address here")
        })
        .method_not_allowed_fallback(|body: Body| async {
            body::throw_away(body).await;
            let title = "This address does not take such a request";
            Refusal::with_status(ProblemCode::NotFound, StatusCode::METHOD_NOT_ALLOWED, title)
        })
        .with_state(service)
}

/// The same routes for one device that needs no certificate: for tests and measurements without TLS.
pub fn router_for(service: Arc<Service>, identity: DeviceIdentity) -> Router {
    router(service).layer(Extension(identity))
}

/// At most so many bodies of devices are in memory at once, slow links included.
async fn take_seat(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let _seat = wait_for(&service.seats).await?;
    Ok(next.run(request).await)
}

/// Whoever holds an operator's code is nobody yet, like everybody who holds none: they share a few places of their own.
async fn take_enrolment_place(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    match wait_for(&service.enrolment_places).await {
        Ok(_place) => Ok(next.run(request).await),
        Err(refusal) => {
            body::throw_away(request.into_body()).await;
            Err(refusal)
        }
    }
}

/// The others wait a little and are then told to come back.
async fn wait_for(places: &Semaphore) -> Result<SemaphorePermit<'_>, Refusal> {
    let place = tokio::time::timeout(TURN_TIMEOUT, places.acquire()).await;
    place.ok().and_then(Result::ok).ok_or_else(Refusal::busy)
}

async fn ready(State(service): State<Arc<Service>>) -> Result<&'static str, Refusal> {
    service.store.region_row().await?;
    if service.projector.is_healthy() { Ok("ready") } else { Err(Refusal::busy()) }
}

async fn push(
    State(service): State<Arc<Service>>,
    Extension(Caller(device)): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let frame = match body::read(&headers, body, &body::OF_A_DEVICE).await {
        Ok(frame) => frame,
        Err(BodyError::TooLarge(beginning)) => {
            service.courier.keep_beginning(&device, beginning).await?;
            return Err(Refusal::too_large());
        }
        Err(error) => return Err(error.into()),
    };
    let _turn = wait_for(&service.turns).await?;
    let answer = service.courier.push(&device, frame).await;
    if let Err(PushError::Fork { .. }) = answer
        && let Err(error) = nameplate::write_one(&service, device.number).await
    {
        tracing::warn!(device = device.number.0, %error, "a branch's name was not written");
    }
    match answer {
        Ok(answer) => Ok(cbor(answer.write())),
        // A copy never gets as far as a pull: its branch is all that there is to wait for.
        Err(error @ PushError::Fork { .. }) if device.wipe_ordered_at.is_some() => {
            Err(Refusal::from(error).wipe())
        }
        Err(error) => Err(error.into()),
    }
}

async fn pull(
    State(service): State<Arc<Service>>,
    Extension(Caller(device)): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let bytes = body::read(&headers, body, &body::OF_A_DEVICE).await?;
    let request = PullRequest::read(&bytes).map_err(crate::buckets::PullError::from)?;
    // Nobody works while they wait for the projector.
    let is_caught_up = service.buckets.wait().await?;
    let _turn = wait_for(&service.turns).await?;
    let page = service.buckets.pull(&device, &request, is_caught_up).await?;
    let now = service.clock.now();
    if device.last_seen_at.is_none_or(|seen| is_old(seen, now)) {
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let agent = agent.map(|text| text.chars().take(64).collect());
        service.store.note_seen(device.number, now, agent).await?;
    }
    let takes_zstd = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .any(|value| value.to_str().is_ok_and(|text| text.split(',').any(|name| name.trim() == "zstd")));
    let task = tokio::task::spawn_blocking(move || {
        let bytes = PullAnswer::write(&page, &request);
        let is_packed = takes_zstd && bytes.len() > COMPRESS_FROM_BYTES;
        if is_packed { (compress::compress(&bytes), true) } else { (bytes, false) }
    });
    let (bytes, is_packed) = task.await.map_err(|_| Refusal::internal())?;
    // A short answer needs no name of its type: bytes are what an idle device pays for.
    let mut response =
        if bytes.len() > SHORT_BYTES_MAX { cbor(bytes) } else { Body::from(bytes).into_response() };
    if is_packed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("zstd"));
    }
    Ok(response)
}

fn is_old(seen: Timestamp, now: Timestamp) -> bool {
    seen.plus_milliseconds(SEEN_AGAIN_AFTER_MS) <= now
}

fn cbor(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/cbor"))], bytes).into_response()
}

#[cfg(test)]
mod tests;
