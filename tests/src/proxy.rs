//! A breakable relay between devices and the server: it cuts, stalls, breaks after so many bytes, and counts.
//! It never looks inside what it carries.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

#[derive(Default)]
struct Line {
    is_cut: AtomicBool,
    /// Bytes that still go through before the line breaks by itself.
    bytes_left: AtomicU64,
    up_bytes: AtomicU64,
    down_bytes: AtomicU64,
    connections: AtomicU64,
    cut: Notify,
}

/// A relay on a loopback port of its own. Dropped, it stops.
pub struct Proxy {
    pub address: SocketAddr,
    line: Arc<Line>,
    task: tokio::task::JoinHandle<()>,
}

/// What went through since the last look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub up_bytes: u64,
    pub down_bytes: u64,
    pub connections: u64,
}

impl Proxy {
    /// Relays to `target`.
    pub async fn start(target: SocketAddr) -> std::io::Result<Proxy> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let line = Arc::new(Line { bytes_left: AtomicU64::new(u64::MAX), ..Line::default() });
        let shared = line.clone();
        let task = tokio::spawn(async move {
            while let Ok((device, _)) = listener.accept().await {
                tokio::spawn(relay(device, target, shared.clone()));
            }
        });
        Ok(Proxy { address, line, task })
    }

    /// Pulls the cable: open connections break, new ones are closed at once.
    pub fn cut(&self) {
        self.line.is_cut.store(true, Ordering::SeqCst);
        self.line.cut.notify_waiters();
    }

    /// Plugs it in again.
    pub fn restore(&self) {
        self.line.bytes_left.store(u64::MAX, Ordering::SeqCst);
        self.line.is_cut.store(false, Ordering::SeqCst);
    }

    /// Breaks by itself once this many more bytes went through, both ways together.
    pub fn break_after(&self, bytes: u64) {
        self.line.bytes_left.store(bytes, Ordering::SeqCst);
    }

    /// What went through since the last call.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            up_bytes: self.line.up_bytes.swap(0, Ordering::SeqCst),
            down_bytes: self.line.down_bytes.swap(0, Ordering::SeqCst),
            connections: self.line.connections.swap(0, Ordering::SeqCst),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

async fn relay(device: TcpStream, target: SocketAddr, line: Arc<Line>) {
    if line.is_cut.load(Ordering::SeqCst) {
        return;
    }
    line.connections.fetch_add(1, Ordering::SeqCst);
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = (device.set_nodelay(true), server.set_nodelay(true));
    let (device_reads, device_writes) = device.into_split();
    let (server_reads, server_writes) = server.into_split();
    let cut = line.cut.notified();
    tokio::select! {
        () = carry(device_reads, server_writes, &line, &line.up_bytes) => {}
        () = carry(server_reads, device_writes, &line, &line.down_bytes) => {}
        () = cut => {}
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    line: &Line,
    count: &AtomicU64,
) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let Ok(length) = from.read(&mut buffer).await else { return };
        let allowed = take(&line.bytes_left, length as u64) as usize;
        if length == 0 || to.write_all(&buffer[..allowed]).await.is_err() {
            return;
        }
        count.fetch_add(allowed as u64, Ordering::SeqCst);
        if allowed < length {
            line.is_cut.store(true, Ordering::SeqCst);
            line.cut.notify_waiters();
            return;
        }
    }
}

/// Takes up to `wanted` from what is left and says how much there was.
fn take(left: &AtomicU64, wanted: u64) -> u64 {
    let before = left
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            Some(if left == u64::MAX { left } else { left.saturating_sub(wanted) })
        })
        .expect("the update always gives a value");
    before.min(wanted)
}
