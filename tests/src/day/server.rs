//! The sync server of the day: the real program in a process of its own.

use super::play::Options;
use shared::ids::VisitId;
use shared::protocol::{EnrolmentCode, NotACode};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// What went wrong at the office.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("the server's program: {0}")]
    Program(#[from] std::io::Error),
    #[error("sync-server {verb} failed:\n{output}")]
    Refused { verb: String, output: String },
    #[error("the server did not say where it listens")]
    Silent,
    #[error(transparent)]
    Code(#[from] NotACode),
}

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    process: Child,
    program: PathBuf,
    data: PathBuf,
}

impl Server {
    /// Initialises an empty folder and serves it on a free port of loopback, with TLS.
    pub async fn start(options: &Options) -> Result<Server, ServerError> {
        let data = options.work.join("server");
        let program = options.program.clone();
        run(&program, &data, &["init", "--region", "1", "--name", "127.0.0.1", "--listen", "127.0.0.1:0"])?;
        let mut process = Command::new(&program)
            .args(["server", "serve", "--data"])
            .arg(&data)
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(options.work.join("server.log"))?)
            .spawn()?;
        let out = process.stdout.take().expect("the child's output is piped");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address = line.trim().rsplit('/').next().and_then(|address| address.parse().ok());
        let address = address.ok_or(ServerError::Silent)?;
        Ok(Server { address, process, program, data })
    }

    /// Loads the CSV files of the day, moved to today; gives the last line of each report.
    pub fn import_day(&self, options: &Options) -> Result<Vec<String>, ServerError> {
        let schedule = std::fs::read_to_string(options.demo.join("schedule.csv"))?;
        // Midnight at the stops' meridian comes five hours after London's.
        let today = (chrono::Utc::now() - chrono::TimeDelta::hours(5)).date_naive();
        let moved = options.work.join("schedule.csv");
        std::fs::write(&moved, schedule.replace("2026-11-23", &today.to_string()))?;
        let files = [
            ("employers", options.demo.join("employers.csv")),
            ("staff", options.demo.join("staff.csv")),
            ("schedule", moved),
            ("roster", options.demo.join("roster.csv")),
            ("gaps", options.demo.join("gaps.csv")),
        ];
        let import = |(kind, path): &(&str, PathBuf)| {
            let path = path.display().to_string();
            let report = run(&self.program, &self.data, &["import", kind, &path])?;
            Ok(report.lines().last().unwrap_or_default().to_owned())
        };
        files.iter().map(import).collect()
    }

    /// Publishes the project's own packs: the core and the sample of a regional overlay. Gives every line that was said.
    pub fn publish_packs(&self, options: &Options) -> Result<Vec<String>, ServerError> {
        let content = options.demo.join("../../shared/content");
        let core = content.join("core").display().to_string();
        let overlay = content.join("overlays/gulf-sample").display().to_string();
        let said = run(&self.program, &self.data, &["pack", "publish", &core, &overlay])?;
        Ok(said.lines().map(str::to_owned).collect())
    }

    /// Under which release each device last asked, as an operator sees it.
    pub fn adoption(&self) -> Result<Vec<String>, ServerError> {
        let said = run(&self.program, &self.data, &["pack", "adoption"])?;
        Ok(said.lines().map(str::to_owned).collect())
    }

    /// The gaps that remain, as the file that goes back to the plan: its lines, and what was said about it.
    pub fn export_gaps(&self, file: &std::path::Path, closed: bool) -> Result<Vec<String>, ServerError> {
        let name = file.display().to_string();
        let flag = closed.then_some("--closed");
        let line: Vec<&str> = ["export", "gaps", &name].into_iter().chain(flag).collect();
        run(&self.program, &self.data, &line)?;
        Ok(std::fs::read_to_string(file)?.lines().map(str::to_owned).collect())
    }

    /// One visit as FHIR.
    pub fn export_visit(&self, visit: VisitId, file: &std::path::Path) -> Result<String, ServerError> {
        let (visit, name) = (visit.to_string(), file.display().to_string());
        run(&self.program, &self.data, &["export", "visit", &visit, &name])?;
        Ok(std::fs::read_to_string(file)?)
    }

    /// Dangerous findings as the operator sees them, one line each, and the closing line.
    pub fn tasks(&self) -> Result<Vec<String>, ServerError> {
        let said = run(&self.program, &self.data, &["tasks"])?;
        Ok(said.lines().map(str::to_owned).collect())
    }

    /// Fields with more than one value as the operator sees them, each with its values.
    pub fn conflicts(&self) -> Result<Vec<String>, ServerError> {
        let said = run(&self.program, &self.data, &["conflicts", "list", "--values"])?;
        Ok(said.lines().map(str::to_owned).collect())
    }

    /// A one-time code, as an operator makes it.
    pub fn enrolment_code(&self, van: &str, staff: &str) -> Result<EnrolmentCode, ServerError> {
        let server = self.address.to_string();
        let said = run(
            &self.program,
            &self.data,
            &["device", "enrol", "--van", van, "--staff", staff, "--server", &server],
        )?;
        let code = said.split_whitespace().find(|word| word.starts_with("caravan1:")).unwrap_or_default();
        Ok(code.parse()?)
    }

    /// Asks the server to end, as an operator would, and waits for it.
    pub async fn stop(mut self) -> Result<(), ServerError> {
        // The shell knows `kill` by itself; a bare machine has no program of that name.
        Command::new("sh").args(["-c", &format!("kill {}", self.process.id())]).status()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs one verb of the server's program to its end and gives what it said.
fn run(program: &PathBuf, data: &PathBuf, arguments: &[&str]) -> Result<String, ServerError> {
    let output = Command::new(program).arg("server").args(arguments).arg("--data").arg(data).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let verb = arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ");
    Err(ServerError::Refused { verb, output: format!("{said}{}", String::from_utf8_lossy(&output.stderr)) })
}
