//! `export gaps`, `export charges` and `export visit`.

use super::Outcome;
use crate::export;
use crate::server;
use crate::settings::Settings;
use clap::Subcommand;
use shared::domain::consent::Recipient;
use shared::ids::VisitId;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Subcommand)]
pub(super) enum ExportVerb {
    /// The gaps that remain after the day: open, declined, and with a follow-up
    Gaps {
        /// Where the file goes; it must not be there yet. As FHIR R4 where it ends in .json, else as CSV
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
    /// One visit as a FHIR R4 transaction bundle, if the person agrees to it
    Visit {
        /// The visit's id
        visit: VisitId,
        /// Where the file goes; it must not be there yet
        file: PathBuf,
        /// For a community partner, who gets who it is and the needs that they named
        #[arg(long)]
        partner: bool,
    },
}

pub(super) async fn run(settings: &Settings, verb: ExportVerb) -> Outcome {
    let service = server::open(settings)?;
    match verb {
        ExportVerb::Gaps { file, closed } => {
            let remainder = export::remainder(&service, closed).await?;
            let name = file.display();
            let bytes = match is_json(&file) {
                true => remainder.fhir().into_bytes(),
                false => remainder.csv(),
            };
            // The file names people: nobody else may read it, and none is written over.
            write_private(&file, &bytes).map_err(|error| format!("{name}: {error}"))?;
            println!(
                "{name}: {} gaps; {} people left out for want of consent to care",
                remainder.gaps.len(),
                remainder.left_out
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
        ExportVerb::Visit { visit, file, partner } => {
            let recipient = if partner { Recipient::Partner } else { Recipient::RecordSystem };
            let export = export::visit(&service, visit, recipient).await?;
            let name = file.display();
            write_private(&file, export.bundle.as_bytes()).map_err(|error| format!("{name}: {error}"))?;
            println!("{name}: {} facts of the visit", export.facts);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
