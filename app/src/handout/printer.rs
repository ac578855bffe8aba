//! The way to paper: `lp` of the system's print service takes the page from its standard input, so that nothing of a
//! person is ever written to a file by us. The service itself keeps a page until it is printed; whatever becomes of
//! it, it is told to forget it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Why nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The system has no print service.
    #[error("there is no lp on this system")]
    NoService,
    /// The service took nothing, such as without a printer.
    #[error("the print service refused: {0}")]
    Refused(String),
    #[error("the print service broke off: {0}")]
    Broken(io::Error),
    /// The printer did not print in time. The page was taken back.
    #[error("the printer does not print")]
    Stuck,
}

/// How long a printer may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub looks: u32,
    pub between: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { looks: 60, between: Duration::from_secs(1) }
    }
}

/// Hands a page to the default printer and returns when it is printed; a page that is not printed in time is taken back.
/// `program` is `lp`, looked for on the path; its companions `lpstat` and `cancel` stand beside it.
pub fn print(program: &Path, pdf: &[u8], patience: Patience) -> Result<(), PrintError> {
    let Some(job) = hand_over(program, pdf)? else { return Ok(()) };
    let mut printed = false;
    for look in 0..patience.looks {
        if look > 0 {
            std::thread::sleep(patience.between);
        }
        // A service that does not answer once is asked again: a page that may still wait is never called printed.
        if is_waiting(program, &job) == Some(false) {
            printed = true;
            break;
        }
    }
    forget(program, &job);
    if printed { Ok(()) } else { Err(PrintError::Stuck) }
}

/// The name by which the service knows the page, where it says one.
fn hand_over(program: &Path, pdf: &[u8]) -> Result<Option<String>, PrintError> {
    let started = Command::new(program)
        .env("LC_ALL", "C")
        .args(["-o", "media=Letter", "-o", "fit-to-page", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(PrintError::NoService),
        Err(error) => return Err(PrintError::Broken(error)),
    };
    let written = child.stdin.take().map_or(Ok(()), |mut page| page.write_all(pdf));
    let ended = child.wait_with_output().map_err(PrintError::Broken)?;
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr);
        return Err(PrintError::Refused(said.trim().chars().take(200).collect()));
    }
    let said = String::from_utf8_lossy(&ended.stdout);
    let job = said.split_once("request id is ").and_then(|(_, rest)| rest.split_whitespace().next());
    let job = job.filter(|job| !job.starts_with('-')).map(str::to_owned);
    if let (Err(error), job) = (written, &job) {
        job.iter().for_each(|job| forget(program, job));
        return Err(PrintError::Broken(error));
    }
    Ok(job)
}

fn beside(program: &Path, companion: &str) -> PathBuf {
    program.with_file_name(companion)
}

/// Whether the page is still to be printed; nothing when the service cannot be asked.
fn is_waiting(program: &Path, job: &str) -> Option<bool> {
    let asked = Command::new(beside(program, "lpstat"))
        .env("LC_ALL", "C")
        .args(["-W", "not-completed", "-o"])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&asked.stdout);
    asked.status.success().then(|| said.lines().any(|line| line.split_whitespace().next() == Some(job)))
}

/// Takes a page back, or deletes what the service keeps of a printed one. Where that is not possible any more, nothing is
/// left to do.
fn forget(program: &Path, job: &str) {
    let told = Command::new(beside(program, "cancel"))
        .args(["-x", job])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !told.is_ok_and(|status| status.success()) {
        tracing::warn!("the print service was not told to forget a page");
    }
}
