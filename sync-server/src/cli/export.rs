//! `export gaps`, `export charges`.

use super::Outcome;
use crate::export;
use crate::server;
use crate::settings::Settings;
use clap::Subcommand;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Subcommand)]
pub(super) enum ExportVerb {
    /// The gaps that remain after the day: open, declined, and with a follow-up
    Gaps {
        /// Where the file goes; it must not be there yet
        file: PathBuf,
        /// Also those that were closed
        #[arg(long)]
        closed: bool,
    },
    /// The charge line of every visit, with the rule that made it
    Charges {
        /// Where the file goes; it must not be there yet
        file: PathBuf,
    },
}

pub(super) async fn run(settings: &Settings, verb: ExportVerb) -> Outcome {
    let service = server::open(settings)?;
    match verb {
        ExportVerb::Gaps { file, closed } => {
            let export = export::gaps(&service, closed).await?;
            let name = file.display();
            // The file names people: nobody else may read it, and none is written over.
            write_private(&file, &export.csv).map_err(|error| format!("{name}: {error}"))?;
            println!(
                "{name}: {} gaps; {} people left out for want of consent to care",
                export.rows, export.left_out
            );
            Ok(ExitCode::SUCCESS)
        }
        ExportVerb::Charges { file } => {
            let export = export::charges(&service).await?;
            let name = file.display();
            write_private(&file, &export.csv).map_err(|error| format!("{name}: {error}"))?;
            println!("{name}: {} charge lines", export.rows);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
