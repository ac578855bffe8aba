//! Errors on their way out, by who must act. A caller gets a code and a sentence; what went wrong inside goes to
//! the log and never over the wire.

use crate::buckets::PullError;
use crate::courier::PushError;
use crate::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::protocol::{Problem, ProblemCode};

/// When to come back, in seconds, where there is too much to do.
const RETRY_AFTER_SECONDS: u16 = 5;

/// A problem that answers a request (RFC 9457).
#[derive(Debug)]
pub struct Refusal(pub Box<Problem>);

pub fn status_of(code: ProblemCode) -> StatusCode {
    match code {
        ProblemCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemCode::Malformed => StatusCode::BAD_REQUEST,
        ProblemCode::Signature => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemCode::Gap | ProblemCode::Fork => StatusCode::CONFLICT,
        ProblemCode::Revoked | ProblemCode::EnrolmentCode => StatusCode::FORBIDDEN,
        ProblemCode::Unknown => StatusCode::UNAUTHORIZED,
        ProblemCode::Busy => StatusCode::SERVICE_UNAVAILABLE,
        ProblemCode::NotFound => StatusCode::NOT_FOUND,
        ProblemCode::Internal | ProblemCode::Other => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Refusal {
    pub fn new(code: ProblemCode, title: &str) -> Self {
        Self::with_status(code, status_of(code), title)
    }
    pub fn with_status(code: ProblemCode, status: StatusCode, title: &str) -> Self {
        let (title, status) = (title.to_owned(), status.as_u16());
        Self(Box::new(Problem {
            code,
            title,
            status,
            detail: String::new(),
            acknowledged: None,
            wipe: false,
        }))
    }
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = detail.into();
        self
    }
    pub fn acknowledged(mut self, sequence: u64) -> Self {
        self.0.acknowledged = Some(sequence);
        self
    }
    /// An order to the device to erase itself, once it holds nothing beyond `acknowledged`.
    pub fn wipe(mut self) -> Self {
        self.0.wipe = true;
        self
    }
    pub fn too_large() -> Self {
        Self::new(ProblemCode::TooLarge, "The request is larger than the server takes")
    }
    pub fn busy() -> Self {
        Self::new(ProblemCode::Busy, "The server has too much to do; try again soon")
            .detail(format!("nothing is lost; come back in {RETRY_AFTER_SECONDS} seconds or later"))
    }
    pub fn internal() -> Self {
        Self::new(ProblemCode::Internal, "The server could not do its work; nothing was written")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&*self.0).expect("a problem is plain text and numbers");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        }
        response
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Refusal::busy(),
            StoreError::WrongKey | StoreError::Closed | StoreError::Damaged(_) | StoreError::Database(_) => {
                tracing::error!(%error, "a request failed in the store");
                Refusal::internal()
            }
        }
    }
}

impl From<PushError> for Refusal {
    fn from(error: PushError) -> Self {
        match error {
            PushError::TooLarge => Refusal::too_large(),
            PushError::Malformed(why) => {
                Refusal::new(ProblemCode::Malformed, "The batch does not decode").detail(why)
            }
            PushError::OtherDevice => {
                Refusal::new(ProblemCode::Malformed, "The batch names another device than its credential")
            }
            PushError::Signature => {
                Refusal::new(ProblemCode::Signature, "The signature does not fit the batch")
            }
            PushError::Gap { acknowledged } => {
                Refusal::new(ProblemCode::Gap, "Changes before this batch are missing")
                    .acknowledged(acknowledged.0)
            }
            PushError::Fork { acknowledged } => Refusal::new(
                ProblemCode::Fork,
                "Another installation wrote under this name; enrol this device anew",
            )
            .detail("nothing is lost: the batch was kept")
            .acknowledged(acknowledged.0),
            PushError::TooManyForks => Refusal::new(
                ProblemCode::Fork,
                "Too many installations wrote under this name; enrol this device anew",
            )
            .detail("the batch was not kept; the device still holds it"),
            PushError::Store(error) => error.into(),
        }
    }
}

impl From<PullError> for Refusal {
    fn from(error: PullError) -> Self {
        match error {
            PullError::Malformed(why) => {
                Refusal::new(ProblemCode::Malformed, "The pull does not decode").detail(why.to_string())
            }
            PullError::Store(error) => error.into(),
        }
    }
}
