//! One HTTP request a call, by reqwest. Every answer is bounded before it is believed.

use super::tls;
use crate::store::Identity;
use reqwest::{Client, Response, StatusCode};
use shared::compress;
use shared::ids::Sequence;
use shared::protocol::{Problem, ProblemCode, PullPage, PullRequest, PushAnswer, limits};
use shared::sync::Failure;
use shared::time::Timestamp;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// A page over a bad cell link takes its time; silence for this long means that the link is gone.
const READ_TIMEOUT: Duration = Duration::from_secs(45);

/// What carries batches and pages.
#[async_trait::async_trait]
pub trait Transport: Send {
    /// `body` is a compressed batch.
    async fn push(&self, body: Vec<u8>) -> Result<PushAnswer, Failure>;
    async fn pull(&self, request: &PullRequest) -> Result<PullPage, Failure>;
}

/// The server over HTTPS.
pub struct HttpTransport {
    client: Client,
    base: String,
}

impl HttpTransport {
    /// `Err` when the certificates that enrolment stored do not parse.
    pub fn enrolled(identity: &Identity, server_time: Option<Timestamp>) -> Result<Self, rustls::Error> {
        let settings = tls::enrolled(
            &identity.authority,
            &identity.certificate,
            &identity.certificate_key,
            server_time,
        )?;
        let client = Client::builder()
            .tls_backend_preconfigured(settings)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .no_proxy()
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        Ok(Self { client, base: format!("https://{}", identity.server) })
    }

    /// Without TLS, for measuring beside programs that have none.
    pub fn plain(base: &str) -> Self {
        // The client asks for a provider even where no TLS is spoken; whoever installed one first is right too.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder().no_proxy().build().expect("a client without TLS needs nothing");
        Self { client, base: base.to_owned() }
    }

    async fn post(&self, path: &str, encoding: Option<&str>, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let mut request = self.client.post(format!("{}{path}", self.base)).body(body);
        request = match encoding {
            Some(encoding) => request.header("content-encoding", encoding),
            None => request.header("accept-encoding", "zstd"),
        };
        let response = request.send().await.map_err(|_| Failure::Transport)?;
        let status = response.status();
        let packed = response.headers().get("content-encoding").is_some_and(|encoding| encoding == "zstd");
        let body = bounded(response).await?;
        if status != StatusCode::OK {
            return Err(refusal(status, &body));
        }
        if packed {
            return compress::decompress(&body, limits::PAGE_BYTES_MAX).map_err(|_| Failure::Unreadable);
        }
        Ok(body)
    }
}

/// The whole body, or a failure once it is over the limit.
async fn bounded(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Failure::Transport)? {
        if body.len() + chunk.len() > limits::PAGE_BYTES_MAX {
            return Err(Failure::Unreadable);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn refusal(status: StatusCode, body: &[u8]) -> Failure {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => {
            Failure::Refused { code: problem.code, acknowledged: problem.acknowledged.map(Sequence) }
        }
        // A page of some gateway on the way, not the server's own word.
        Err(_) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => Failure::Transport,
        Err(_) => Failure::Refused { code: ProblemCode::Other, acknowledged: None },
    }
}

#[async_trait::async_trait]
impl Transport for HttpTransport {
    async fn push(&self, body: Vec<u8>) -> Result<PushAnswer, Failure> {
        let answer = self.post("/v1/sync/push", Some("zstd"), body).await?;
        PushAnswer::read(&answer).map_err(|_| Failure::Unreadable)
    }

    async fn pull(&self, request: &PullRequest) -> Result<PullPage, Failure> {
        let page = self.post("/v1/sync/pull", None, request.write()).await?;
        PullPage::read(&page).map_err(|_| Failure::Unreadable)
    }
}
