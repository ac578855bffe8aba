//! `serve`: runs until the system says stop. The one line on standard output says that it is ready.

use super::Outcome;
use crate::server::Server;
use crate::settings::Settings;
use crate::upkeep;
use std::io::Write;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

pub(super) async fn serve(settings: Settings) -> Outcome {
    let _lock = upkeep::lock(&settings)?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let server = Server::start(settings).await?;
    println!("listening on https://{}", server.address);
    std::io::stdout().flush()?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    server.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
