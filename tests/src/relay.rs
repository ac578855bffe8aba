//! A relay that speaks another version of the protocol: it rewrites what passes, as a peer one version older or newer
//! would have written it. It knows where a message's version stands and nothing else.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::compress;
use shared::protocol::limits;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What becomes of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    AsItIs,
    /// The version's number alone is another.
    Version(u8),
    /// The version is another and a part is appended.
    Appended(u8),
    /// Another answer instead: a status and a body.
    Instead(u16, &'static str),
}

/// How each kind of message is rewritten.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    pub batch: Rewrite,
    pub push_answer: Rewrite,
    pub pull: Rewrite,
    pub page: Rewrite,
}

impl Dialect {
    pub const PLAIN: Dialect = Dialect {
        batch: Rewrite::AsItIs,
        push_answer: Rewrite::AsItIs,
        pull: Rewrite::AsItIs,
        page: Rewrite::AsItIs,
    };
}

/// Every message is an array whose second byte is its version.
fn rewritten(mut message: Vec<u8>, how: Rewrite) -> Vec<u8> {
    match how {
        Rewrite::AsItIs | Rewrite::Instead(..) => {}
        Rewrite::Version(version) => message[1] = version,
        Rewrite::Appended(version) => {
            message[0] += 1;
            message[1] = version;
            // A text, as CBOR.
            message.extend_from_slice(b"\x65newer");
        }
    }
    message
}

struct Line {
    target: SocketAddr,
    dialect: Dialect,
    client: reqwest::Client,
}

/// A relay to a plain server, on a loopback port of its own. Dropped, it stops.
pub struct Relay {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Relay {
    pub async fn start(target: SocketAddr, dialect: Dialect) -> std::io::Result<Relay> {
        // The client asks for a provider of TLS even where none is spoken; a device's own brings it.
        drop(app::sync::HttpTransport::plain(""));
        let client = reqwest::Client::builder().no_proxy().build().map_err(std::io::Error::other)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let line = Arc::new(Line { target, dialect, client });
        let routes = Router::new().fallback(pass).with_state(line);
        let task = tokio::spawn(async move { drop(axum::serve(listener, routes).await) });
        Ok(Relay { address, task })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(State(line): State<Arc<Line>>, request: Request<Body>) -> Response {
    let path = request.uri().path().to_owned();
    let is_push = path.ends_with("/push");
    let Ok(body) = axum::body::to_bytes(request.into_body(), limits::BATCH_BYTES_MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (up, down) = match is_push {
        true => (line.dialect.batch, line.dialect.push_answer),
        false => (line.dialect.pull, line.dialect.page),
    };
    let body = match is_push {
        true => match compress::decompress(&body, limits::BATCH_BYTES_MAX) {
            Ok(batch) => compress::compress(&rewritten(batch, up)),
            Err(_) => body.to_vec(),
        },
        false => rewritten(body.to_vec(), up),
    };
    let sent = line.client.post(format!("http://{}{path}", line.target)).body(body).send().await;
    let Ok(answer) = sent else { return StatusCode::BAD_GATEWAY.into_response() };
    let status = answer.status();
    let body = answer.bytes().await.unwrap_or_default();
    match down {
        Rewrite::Instead(status, body) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
        }
        how if status.is_success() => (status, Bytes::from(rewritten(body.to_vec(), how))).into_response(),
        _ => (status, body).into_response(),
    }
}
