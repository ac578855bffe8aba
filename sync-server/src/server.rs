//! A running server: the listener, its connections and their end. Handshakes happen in tasks of their own, so that
//! a slow one delays nobody.

use crate::auth::DeviceIdentity;
use crate::buckets::PageRules;
use crate::nameplate;
use crate::platform::{Clock, SystemClock};
use crate::register::Register;
use crate::router::router;
use crate::service::{ServerKeys, Service};
use crate::settings::{Settings, SettingsError};
use crate::tls::{self, ClientCheck};
use axum::Router;
use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::response::{IntoResponse, Response};
use ed25519_dalek::SigningKey;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use shared::ids::DeviceNumber;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection that says nothing for so long is closed; a device opens a new one when it has something to say.
const SILENCE_MAX: Duration = Duration::from_secs(90);
const CONNECTIONS_MAX: usize = 4_096;
/// How long requests under way may take to end.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(15);

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("{address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
}

impl From<tls::TlsError> for StartError {
    fn from(error: tls::TlsError) -> Self {
        StartError::Settings(error.into())
    }
}

/// Makes the parts of a server from its data folder. Nothing runs yet.
pub fn open(settings: &Settings) -> Result<Arc<Service>, SettingsError> {
    open_at(settings, Arc::new(SystemClock))
}

/// The same with a clock that the caller sets: for drills about years.
pub fn open_at(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Arc<Service>, SettingsError> {
    let files = settings.keys()?;
    let store = Arc::new(settings.open_store()?);
    let sealing = crypto_box::SecretKey::from_bytes(files.sealing);
    let keys = ServerKeys {
        authority: files.authority,
        signing: SigningKey::from_bytes(&files.signing),
        sealing_public: *sealing.public_key().as_bytes(),
    };
    Ok(Service::new(store, clock, keys, PageRules::default(), Register::of(settings)))
}

pub struct Server;

/// A server that runs until it is told to stop.
pub struct RunningServer {
    pub address: SocketAddr,
    pub service: Arc<Service>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// How connections are spoken to.
#[derive(Clone)]
enum Speech {
    Tls(TlsAcceptor, Arc<ClientCheck>),
    Plain,
}

impl Server {
    /// Opens the folder, folds in the background and listens with TLS; ready when it returns.
    pub async fn start(settings: Settings) -> Result<RunningServer, StartError> {
        Self::start_at(settings, Arc::new(SystemClock)).await
    }

    /// The same with a clock that the caller sets.
    pub async fn start_at(settings: Settings, clock: Arc<dyn Clock>) -> Result<RunningServer, StartError> {
        let files = settings.keys()?;
        let service = open_at(&settings, clock)?;
        let (config, check) = tls::server_config(&files.authority, &files.server)?;
        let speech = Speech::Tls(TlsAcceptor::from(config), Arc::new(check));
        Self::listen(service.clone(), router(service), settings.listen, speech).await
    }

    /// Listens without TLS on behalf of devices that the caller names: `/<number>/v1/…` is device `<number>`, and
    /// `/v1/enrol` makes one. For measurements beside programs that have no TLS; never for people's data.
    pub async fn start_plain(
        service: Arc<Service>,
        devices: &[DeviceNumber],
        listen: SocketAddr,
    ) -> Result<RunningServer, StartError> {
        let (inner, devices) = (router(service.clone()), Arc::<[DeviceNumber]>::from(devices));
        let routes =
            Router::new().fallback(move |request| believe_path(inner.clone(), devices.clone(), request));
        Self::listen(service, routes, listen, Speech::Plain).await
    }

    async fn listen(
        service: Arc<Service>,
        routes: Router,
        listen: SocketAddr,
        speech: Speech,
    ) -> Result<RunningServer, StartError> {
        let failed = |source| StartError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = watch::channel(false);
        nameplate::write_all(&service).await.map_err(SettingsError::from)?;
        let projector = service.start_projector(stopped.clone());
        let accepting = tokio::spawn(accept(listener, routes, speech, stopped));
        Ok(RunningServer { address, service, stop, tasks: vec![accepting, projector] })
    }
}

impl RunningServer {
    /// Takes no new connection, lets requests under way end, and returns when all is on disk.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            drop(task.await);
        }
    }
}

async fn believe_path(routes: Router, devices: Arc<[DeviceNumber]>, mut request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let named = path.strip_prefix('/').and_then(|path| path.split_once('/')).and_then(|(number, rest)| {
        let number = DeviceNumber(number.parse().ok()?);
        let rest: Uri = format!("/{rest}").parse().ok()?;
        devices.contains(&number).then_some((number, rest))
    });
    let identity = match named {
        None => DeviceIdentity::Anonymous,
        Some((number, rest)) => {
            *request.uri_mut() = rest;
            DeviceIdentity::Device(number)
        }
    };
    request.extensions_mut().insert(identity);
    routes.oneshot(request).await.into_response()
}

async fn accept(listener: TcpListener, routes: Router, speech: Speech, mut stopped: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file handles, most likely: others will close theirs.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else { continue };
        let (routes, speech, watcher) = (routes.clone(), speech.clone(), graceful.watcher());
        tokio::spawn(async move {
            serve(stream, routes, speech, watcher).await;
            drop(place);
        });
    }
    drop(tokio::time::timeout(SHUTDOWN_PATIENCE, graceful.shutdown()).await);
}

async fn serve(stream: TcpStream, routes: Router, speech: Speech, watcher: Watcher) {
    drop(stream.set_nodelay(true));
    match speech {
        Speech::Plain => converse(stream, routes, watcher).await,
        Speech::Tls(acceptor, check) => {
            let handshake = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream));
            let Ok(Ok(stream)) = handshake.await else { return };
            let identity = check.identify(stream.get_ref().1.peer_certificates());
            converse(stream, routes.layer(axum::Extension(identity)), watcher).await;
        }
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    routes: Router,
    watcher: Watcher,
) {
    let mut builder = Builder::new(TokioExecutor::new());
    // The date is in the answers' bodies, where it is part of what is kept; a header would only cost bytes.
    builder.http1().auto_date_header(false).timer(TokioTimer::new()).header_read_timeout(SILENCE_MAX);
    builder
        .http2()
        .auto_date_header(false)
        .timer(TokioTimer::new())
        .keep_alive_interval(SILENCE_MAX)
        .max_concurrent_streams(16);
    let connection =
        builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes)).into_owned();
    // A connection that breaks is the device's to repeat; there is nothing to tell.
    drop(watcher.watch(connection).await);
}
