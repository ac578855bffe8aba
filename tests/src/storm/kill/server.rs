//! The server is killed while devices push and pull. Every batch that it acknowledged is there at the next start, and
//! nothing needs a repair.

use super::child::spawn;
use crate::plain;
use crate::sample::Seeded;
use crate::storm::disk::{DEVICES, ServerLife, look_at_server};
use crate::storm::{Case, Report, Storm};
use app::sync::Transport;
use shared::protocol::PullRequest;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;
use sync_server::{Settings, server, upkeep};

pub const KILL_SERVER: Storm =
    Storm { name: "kill-server", group: "kill", unit: "kills", aim: 300, is_whole: false, case };

const KILLS_A_LIFE: u64 = 15;
const MICROSECONDS_BEFORE_KILL_MAX: u64 = 150_000;
/// A whole rebuild after every so many kills.
const REBUILD_EVERY: u64 = 5;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn case(case: &Case) -> Report {
    let mut report = Report::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let outcome = runtime.expect("a runtime").block_on(life(case, &mut report));
    if let Err(finding) = outcome {
        report.find(finding);
    }
    report
}

async fn life(case: &Case, report: &mut Report) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(text)?;
    let data = folder.path().join("server");
    plain::serve(&data, DEVICES, ([127, 0, 0, 1], 0).into()).await.map_err(text)?.shutdown().await;
    let mut seeded = case.seeded(21);
    let mut life = ServerLife::default();
    for number in 1..=KILLS_A_LIFE {
        kill_once(&data, &mut life, &mut seeded).await?;
        report.tried += 1;
        check(&data, &mut life, number % REBUILD_EVERY == 0).await?;
    }
    report.count("pushes acknowledged", life.pushes);
    Ok(())
}

async fn kill_once(data: &Path, life: &mut ServerLife, seeded: &mut Seeded) -> Result<(), String> {
    let mut child = spawn(&["server", data.to_str().ok_or("a path of text")?]).map_err(text)?;
    let out = child.stdout.take().expect("the child's output is piped");
    let mut lines = BufReader::new(out).lines();
    let pause = Duration::from_micros(seeded.below(MICROSECONDS_BEFORE_KILL_MAX));
    if seeded.below(10) == 0 {
        // Somewhere in its start.
        std::thread::sleep(pause);
        child.kill().map_err(text)?;
        return child.wait().map(drop).map_err(text);
    }
    let first = lines.next().and_then(Result::ok).unwrap_or_default();
    let Some(address) = first.strip_prefix("listening ") else {
        drop(child.kill());
        drop(child.wait());
        return Err(format!("the server said: {first:?}"));
    };
    let base = format!("http://{address}");
    let killer = std::thread::spawn(move || {
        std::thread::sleep(pause);
        drop(child.kill());
        child.wait()
    });
    let result = talk(&base, life, seeded, &killer).await;
    let status = killer.join().map_err(|_| "the killer panicked")?.map_err(text)?;
    match status.code() {
        Some(_) => Err(format!("the server ended by itself: {status}")),
        None => result,
    }
}

/// Pushes and pulls until the line is dead.
async fn talk<T>(
    base: &str,
    life: &mut ServerLife,
    seeded: &mut Seeded,
    killer: &std::thread::JoinHandle<T>,
) -> Result<(), String> {
    loop {
        life.now = life.now.plus_milliseconds(1000);
        let which = seeded.below(u64::from(DEVICES)) as usize;
        let (number, now) = (life.writers[which].number, life.now);
        let transport = plain::transport(base, number);
        let failure = if seeded.below(4) == 0 {
            let writer = &life.writers[which];
            let (cursor, acknowledged) = (writer.cursor.clone(), writer.acknowledged.sequence);
            let request = PullRequest { cursor, acknowledged, ..PullRequest::default() };
            match transport.pull(&request).await {
                Ok(page) => {
                    life.writers[which].take_page(&page);
                    None
                }
                Err(failure) => Some(failure),
            }
        } else {
            let frame = life.writers[which].next_frame(seeded, now);
            let Some(frame) = frame else { continue };
            match transport.push(frame).await {
                Ok(answer) if answer.acknowledged != life.writers[which].head => {
                    return Err(format!("{:?} was acknowledged", answer.acknowledged));
                }
                Ok(answer) => {
                    life.writers[which].acknowledged = answer.acknowledged;
                    life.pushes += 1;
                    None
                }
                Err(failure) => Some(failure),
            }
        };
        match failure {
            None => {}
            Some(shared::sync::Failure::Transport) => return Ok(()),
            Some(_) if killer.is_finished() => return Ok(()),
            Some(failure) => return Err(format!("device {number} was answered {failure:?}")),
        }
    }
}

async fn check(data: &Path, life: &mut ServerLife, with_rebuild: bool) -> Result<(), String> {
    let settings = Settings::load(data).map_err(text)?;
    let service = server::open(&settings).map_err(text)?;
    let heads = look_at_server(&service, life).await.map_err(text)?;
    drop(service);
    for (writer, head) in life.writers.iter_mut().zip(heads) {
        writer.acknowledged = head;
    }
    if with_rebuild {
        let differences = upkeep::check_rebuild(&settings).await.map_err(text)?;
        if !differences.is_empty() {
            return Err(format!("projections made anew differ: {differences:?}"));
        }
    }
    Ok(())
}
