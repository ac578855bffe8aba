//! What an idle server and an idle app cost: the processor's time of a process of its own that has nothing to do.

use super::screens::{myself, prepare};
use super::{Row, plain};
use app::session::DataFolder;
use app::wiring::run_window;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The verb by which this program starts itself as a server.
pub const SERVE: &str = "idle-server";
/// The verb by which this program starts itself as the app in a window.
pub const WINDOW: &str = "idle-app";

const WARM_UP: Duration = Duration::from_secs(3);
const WATCHED: Duration = Duration::from_secs(10);
const DISPLAY: &str = ":79";
/// Linux counts a process's time in hundredths of a second.
const TICKS_A_SECOND: f64 = 100.0;

/// The child: a server that nobody asks.
pub fn serve(path: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("the machine can run threads");
    runtime.block_on(async {
        let _server = plain::serve(path, 1, ([127, 0, 0, 1], 0).into()).await.expect("a server");
        std::future::pending::<()>().await
    });
}

/// The child: the app at its sign-in screen, in a window that nobody touches.
pub fn window(path: &Path) {
    let folder = DataFolder::open(path).expect("a folder");
    run_window(folder, false).expect("a window");
}

fn ticks(child: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let number =
        |place: usize| fields.get(place).and_then(|text| text.parse::<f64>().ok()).unwrap_or(f64::NAN);
    // User and system time are fields 14 and 15; the first two were cut off with the name.
    number(11) + number(12)
}

/// Share of one core that a child takes once it is warm, in percent.
fn watch(mut child: Child) -> f64 {
    std::thread::sleep(WARM_UP);
    let before = ticks(&child);
    std::thread::sleep(WATCHED);
    let share = (ticks(&child) - before) / TICKS_A_SECOND / WATCHED.as_secs_f64() * 100.0;
    drop(child.kill());
    drop(child.wait());
    share
}

pub fn idle() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = myself(SERVE, &folder.path().join("server")).spawn().expect("the program starts");
    let mut rows = vec![Row::absolute("processor of an idle server", watch(server), "%", 1.0)];
    let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match quiet(Command::new("Xvfb").args([DISPLAY, "-screen", "0", "1280x800x24"])) {
        Ok(mut display) => {
            std::thread::sleep(WARM_UP);
            let device = folder.path().join("device");
            prepare(&device);
            let app = myself(WINDOW, &device).env("DISPLAY", DISPLAY).spawn().expect("the program starts");
            rows.push(Row::absolute("processor of an idle app in a window", watch(app), "%", 1.0));
            drop(display.kill());
            drop(display.wait());
        }
        Err(_) => println!("  an idle app needs a window; this machine has no Xvfb, so it is not measured"),
    }
    rows
}
