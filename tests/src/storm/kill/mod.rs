//! `kill -9` of real app and server processes at moments that the seed chooses. The storm's own program plays both in
//! processes of their own; who survives is compared with what was acknowledged.

mod app;
mod child;
mod screens;
mod server;
mod tablet;
mod touched;

pub use app::{HASTY, KILL_APP};
pub use child::{CHILD, PROGRAM, as_a_child, bytes_of, hexadecimal, say, spawn};
pub use server::KILL_SERVER;
pub use touched::KILL_SCREENS;

use super::{Case, Report};

/// Lives one life; whatever ended it early is a finding.
fn lived(case: &Case, life: impl AsyncFnOnce(&Case, &mut Report) -> Result<(), String>) -> Report {
    let mut report = Report::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let outcome = runtime.expect("a runtime").block_on(life(case, &mut report));
    if let Err(finding) = outcome {
        report.find(finding);
    }
    report
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
