//! What an idle server and an idle app cost: the processor's time of a process of its own that has nothing to do. The
//! app is signed in, and its sync thread asks a real office as often as it does at work.

use super::screens::myself;
use super::tablet::AtWork;
use super::{Row, plain};
use crate::office::PIN;
use app::screens::ui::SignInAdapter;
use app::session::{DataFolder, Keyring};
use app::wiring::{Screens, ScreensOptions, choose_display};
use slint::{ComponentHandle, Timer};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The verb by which this program starts itself as a server.
pub const SERVE: &str = "idle-server";
/// The verb by which this program starts itself as the app in a window.
pub const WINDOW: &str = "idle-app";

const WARM_UP: Duration = Duration::from_secs(3);
const WATCHED: Duration = Duration::from_secs(10);
/// Longer than the pause between two looks for news: one of them at least is in it.
const APP_WATCHED: Duration = Duration::from_secs(40);
/// Stretching the PIN and the first sync come before idling.
const APP_WARM_UP: Duration = Duration::from_secs(15);
const SIGN_IN_AFTER: Duration = Duration::from_secs(2);
const PEOPLE: u64 = 1_000;
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

/// The child: the app in a window that nobody touches after the sign-in.
pub fn window(path: &Path) {
    choose_display().expect("a display");
    let folder = DataFolder::open(path).expect("a folder");
    let members = Keyring::open(&folder).and_then(|keyring| keyring.members()).expect("a keyring");
    let staff = members.first().expect("a member of staff").staff;
    let screens = Screens::new(ScreensOptions::live(folder)).expect("screens");
    let window = screens.window().clone_strong();
    Timer::single_shot(SIGN_IN_AFTER, move || {
        let sign_in = window.global::<SignInAdapter>();
        sign_in.invoke_choose(staff.to_string().into());
        PIN.chars().for_each(|digit| sign_in.invoke_press(digit.into()));
    });
    screens.window().run().expect("a window");
}

fn ticks(child: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let number =
        |place: usize| fields.get(place).and_then(|text| text.parse::<f64>().ok()).unwrap_or(f64::NAN);
    // User and system time are fields 14 and 15; the first two were cut off with the name.
    number(11) + number(12)
}

/// Share of one core that a child takes once it is warm, in percent. `begun` is called when it is.
fn watch(mut child: Child, warm_up: Duration, watched: Duration, begun: &mut dyn FnMut()) -> f64 {
    std::thread::sleep(warm_up);
    begun();
    let before = ticks(&child);
    std::thread::sleep(watched);
    let share = (ticks(&child) - before) / TICKS_A_SECOND / watched.as_secs_f64() * 100.0;
    drop(child.kill());
    drop(child.wait());
    share
}

pub fn idle() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = myself(SERVE, &folder.path().join("server")).spawn().expect("the program starts");
    let share = watch(server, WARM_UP, WATCHED, &mut || {});
    let mut rows = vec![Row::absolute("processor of an idle server", 1, share, "%", 1.0)];
    let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match quiet(Command::new("Xvfb").args([DISPLAY, "-screen", "0", "1280x800x24"])) {
        Ok(mut display) => {
            std::thread::sleep(WARM_UP);
            rows.push(idle_app(&folder.path().join("work")));
            drop(display.kill());
            drop(display.wait());
        }
        Err(_) => println!("  an idle app needs a window; this machine has no Xvfb, so it is not measured"),
    }
    rows
}

/// The office is in this process, the app in one of its own; that it asked the office is looked at as well.
fn idle_app(work: &Path) -> Row {
    let runtime = tokio::runtime::Runtime::new().expect("the machine can run threads");
    let at_work = runtime.block_on(AtWork::open(work, PEOPLE));
    let app = myself(WINDOW, &at_work.tablet).env("DISPLAY", DISPLAY).spawn().expect("the program starts");
    let share = watch(app, APP_WARM_UP, APP_WATCHED, &mut || {
        at_work.line.traffic();
    });
    assert!(at_work.line.traffic().down_bytes > 0, "the idle app did not ask the office");
    runtime.block_on(at_work.office.server.shutdown());
    Row::absolute("processor of an idle app, signed in, that syncs", 1, share, "%", 1.0)
}
