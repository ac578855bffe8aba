//! One HTTP request a call, by reqwest. Every answer is bounded before it is believed.

use super::enrol::certificate_request;
use super::tls;
use crate::store::Identity;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use shared::compress;
use shared::ids::Sequence;
use shared::protocol::{
    Problem, ProblemCode, PullAnswer, PullPage, PullRequest, PushAnswer, RenewAnswer, RenewRequest, limits,
};
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
    /// The identity with its next certificate, where this transport shows one. Nothing is adopted yet.
    async fn renew(&mut self, _: &Identity) -> Result<Option<Identity>, Failure> {
        Ok(None)
    }
    /// Shows the certificate of this identity from now on.
    fn adopt(&mut self, _: &Identity, _: Option<Timestamp>) {}
}

/// The server over HTTPS.
pub struct HttpTransport {
    client: Client,
    base: String,
    shows_certificate: bool,
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
        Ok(Self { client, base: format!("https://{}", identity.server), shows_certificate: true })
    }

    /// Without TLS, for measuring beside programs that have none.
    pub fn plain(base: &str) -> Self {
        // The client asks for a provider even where no TLS is spoken; whoever installed one first is right too.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder().no_proxy().build().expect("a client without TLS needs nothing");
        Self { client, base: base.to_owned(), shows_certificate: false }
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
        let retry_after_ms = retry_after_ms(response.headers());
        let body = bounded(response).await?;
        if status != StatusCode::OK {
            return Err(refusal(status, retry_after_ms, &body));
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

/// When the server wants to be asked again: our server says it in seconds, never as a date.
fn retry_after_ms(headers: &HeaderMap) -> Option<u64> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    seconds.checked_mul(1_000)
}

fn refusal(status: StatusCode, retry_after_ms: Option<u64>, body: &[u8]) -> Failure {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) if problem.wipe => {
            Failure::WipeOrdered { acknowledged: Sequence(problem.acknowledged.unwrap_or_default()) }
        }
        Ok(problem) if problem.code == ProblemCode::Busy => Failure::Busy { retry_after_ms },
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
        let answer = PullAnswer::read(&page).map_err(|_| Failure::Unreadable)?;
        Ok(answer.into_page(request))
    }

    async fn renew(&mut self, identity: &Identity) -> Result<Option<Identity>, Failure> {
        if !self.shows_certificate {
            return Ok(None);
        }
        let (key, certificate_request) = certificate_request().map_err(|_| Failure::Store)?;
        let request = RenewRequest { certificate_request };
        let body = serde_json::to_vec(&request).expect("a request is plain text");
        let answer = self.post("/v1/renew", None, body).await?;
        let answer: RenewAnswer = serde_json::from_slice(&answer).map_err(|_| Failure::Unreadable)?;
        let (certificate, certificate_key) = (answer.certificate, key.serialize_pem());
        let renewed = Identity { certificate, certificate_key, ..identity.clone() };
        // One that does not fit its key would lock the device out: it is tried before it is kept.
        HttpTransport::enrolled(&renewed, None).map_err(|_| Failure::Unreadable)?;
        Ok(Some(renewed))
    }

    fn adopt(&mut self, identity: &Identity, server_time: Option<Timestamp>) {
        match HttpTransport::enrolled(identity, server_time) {
            Ok(next) => self.client = next.client,
            Err(error) => tracing::warn!(%error, "the next certificate is shown from the next start on"),
        }
    }
}
