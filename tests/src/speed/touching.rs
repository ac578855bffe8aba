//! From a touch to the painted picture, for the ten most used actions, three of which save, on one core, while the sync
//! thread merges people who are new to the tablet.

use super::screens::myself;
use super::tablet::AtWork;
use super::{Row, percentile};
use crate::office::PIN;
use crate::touch::type_pin;
use app::headless::Headless;
use app::platform;
use app::screens::ui::{
    CheckInAdapter, ConsentMethod, FindAdapter, NavAdapter, PersonAdapter, QuestionAdapter, QuestionKind,
    Screen, SignInAdapter, TodayAdapter, VisitAdapter, VisitPage, VitalsAdapter,
};
use app::session::{DataFolder, Keyring, Pin};
use app::sync::SyncReport;
use app::wiring::{Screens, ScreensOptions};
use slint::{ComponentHandle, Model};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The verb by which this program starts itself as somebody who works.
pub const TOUCH: &str = "touch-app";

/// On the tablet before, and coming meanwhile.
const PEOPLE: u64 = 10_000;
const NEW_PEOPLE: u64 = 100_000;
/// Fewer rounds than this while people come in would say nothing of a 95th percentile.
const ROUNDS_MIN: usize = 10;
const ROUNDS_MAX: usize = 200;
const AIM_MS: f64 = 50.0;
/// A question goes on by itself after a moment.
const GO_ON: Duration = Duration::from_millis(400);

/// The screens of one member of staff, and what the sync thread tells.
struct Hand {
    headless: Headless,
    screens: Screens,
    reports: watch::Receiver<SyncReport>,
}

impl Hand {
    /// What a touch does, what came meanwhile is shown as well, and what changed is painted, as a window does.
    fn touch(&mut self, what: &str, act: impl FnOnce(&Screens)) {
        let begun = Instant::now();
        act(&self.screens);
        if self.reports.has_changed().unwrap_or(false) {
            let report = *self.reports.borrow_and_update();
            self.screens.report(report);
        }
        self.headless.advance(Duration::from_millis(1));
        self.headless.paint();
        println!("{:.3} {what}", begun.elapsed().as_secs_f64() * 1e3);
    }

    fn has_settled(&self) -> bool {
        self.reports.borrow().settled_at.is_some()
    }

    fn came(&self) -> u64 {
        self.reports.borrow().entries_received
    }

    /// Somebody is found, checked in, measured and asked; the visit stays open.
    fn round(&mut self, round: usize) {
        let go = |screen: Screen| {
            move |screens: &Screens| screens.window().global::<NavAdapter>().invoke_go(screen)
        };
        go(Screen::Today)(&self.screens);
        self.touch("open a stop", |screens| {
            let today = screens.window().global::<TodayAdapter>();
            let stop = today.get_stops().row_data(0).expect("the day has a stop");
            today.invoke_open_stop(stop.id);
        });
        go(Screen::Find)(&self.screens);
        let typed = ["lop", "gar", "mar", "ram", "sil"][round % 5];
        self.touch("a letter of a search", |screens| {
            screens.window().global::<FindAdapter>().invoke_search(typed.into());
        });
        let found = self.screens.window().global::<FindAdapter>().get_results();
        let somebody =
            found.iter().find(|row| !row.checked_in).expect("somebody is found who has not come yet");
        self.touch("open a person", |screens| {
            screens.window().global::<FindAdapter>().invoke_open(somebody.id.clone());
        });
        self.touch("begin a check-in", |screens| {
            screens.window().global::<PersonAdapter>().invoke_check_in()
        });
        {
            let check_in = self.screens.window().global::<CheckInAdapter>();
            check_in.invoke_toggle_identifier("name".into());
            check_in.invoke_toggle_identifier("badge".into());
            check_in.invoke_choose_method(ConsentMethod::Verbal);
        }
        self.touch("save a check-in", |screens| {
            let check_in = screens.window().global::<CheckInAdapter>();
            assert!(check_in.get_can_start(), "{}", check_in.get_missing());
            check_in.invoke_start();
        });
        self.measure(round);
        self.ask();
        self.touch("back to the stop", |screens| {
            screens.window().global::<NavAdapter>().invoke_go(Screen::Stop)
        });
    }

    fn measure(&mut self, round: usize) {
        self.screens.window().global::<VisitAdapter>().invoke_go(VisitPage::Vitals);
        let tiles = self.screens.window().global::<VitalsAdapter>().get_tiles();
        let pulse =
            tiles.iter().find(|tile| tile.id == "heart_rate").expect("every visit measures the pulse");
        self.touch("choose a measurement", |screens| {
            screens.window().global::<VitalsAdapter>().invoke_select(pulse.id.clone());
        });
        self.touch("a key of the keypad", |screens| {
            screens.window().global::<VitalsAdapter>().invoke_press("7".into())
        });
        let digit = (round % 10).to_string();
        self.screens.window().global::<VitalsAdapter>().invoke_press(digit.into());
        self.touch("save a vital", |screens| {
            let vitals = screens.window().global::<VitalsAdapter>();
            assert!(vitals.get_can_save(), "{}", vitals.get_error());
            vitals.invoke_save();
        });
    }

    fn ask(&mut self) {
        self.screens.window().global::<VisitAdapter>().invoke_go(VisitPage::Questions);
        let question = self.screens.window().global::<QuestionAdapter>();
        assert!(matches!(question.get_kind(), QuestionKind::Single), "the first question has one answer");
        let answer = question.get_options().row_data(0).expect("it offers answers");
        self.touch("save an answer", |screens| {
            screens.window().global::<QuestionAdapter>().invoke_choose(answer.id.clone());
        });
        self.headless.advance(GO_ON);
    }
}

/// The child: works in rounds until all people are here, and prints how long each touch took until its picture was
/// painted; at last, how many people came while it worked.
pub fn touch_app(path: &Path) {
    let folder = DataFolder::open(path).expect("a folder");
    let keyring = Keyring::open(&folder).expect("a keyring");
    let staff = keyring.members().expect("read").first().expect("a member of staff").staff;
    let key = keyring.sign_in(staff, &Pin::typed(PIN), platform::now()).expect("the right PIN");
    let headless = Headless::start(1280, 800).expect("a platform");
    let options = ScreensOptions { is_live: false, ..ScreensOptions::live(folder.clone()) };
    let screens = Screens::new(options).expect("screens");
    let window = screens.window();
    window.show().expect("shown");
    type_pin(&window.global::<SignInAdapter>(), staff, PIN);
    let reports = app::sync::start(&folder, key, screens.saved()).expect("a sync thread");
    let mut hand = Hand { headless, screens, reports };
    let (mut rounds, mut came) = (0, 0);
    while rounds < ROUNDS_MAX && !hand.has_settled() {
        hand.round(rounds);
        rounds += 1;
        came = came.max(hand.came());
    }
    println!("{rounds} rounds {came} came");
    std::process::exit(0);
}

/// What a child said: each action's times, how many rounds it worked, and how many people came.
#[derive(Default)]
struct Told {
    times: BTreeMap<String, Vec<f64>>,
    rounds: usize,
    came: usize,
}

fn read(text: &str) -> Told {
    let mut told = Told::default();
    for line in text.lines() {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            [rounds, "rounds", came, "came"] => {
                (told.rounds, told.came) = (rounds.parse().unwrap_or(0), came.parse().unwrap_or(0));
            }
            [ms, what @ ..] => {
                told.times.entry(what.join(" ")).or_default().extend(ms.parse::<f64>());
            }
            [] => {}
        }
    }
    told
}

/// Touch to painted picture: the pool of all, then each action.
pub fn touches() -> Vec<Row> {
    let runtime = tokio::runtime::Runtime::new().expect("the machine can run threads");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at_work = runtime.block_on(async {
        let at_work = AtWork::open(folder.path(), PEOPLE).await;
        at_work.add_people(PEOPLE, NEW_PEOPLE).await;
        at_work
    });
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(std::env::current_exe().expect("the running program has a path"));
    command.arg(TOUCH).arg(&at_work.tablet).stdout(Stdio::piped());
    // Where cores cannot be taken away, all of them are measured.
    let output = command.output().or_else(|_| myself(TOUCH, &at_work.tablet).output()).expect("it runs");
    runtime.block_on(at_work.office.server.shutdown());
    let told = read(&String::from_utf8_lossy(&output.stdout));
    assert!(told.rounds >= ROUNDS_MIN, "{} rounds while people came in: give it more people", told.rounds);
    let mut pool: Vec<f64> = told.times.values().flatten().copied().collect();
    let what = format!("touch to picture while {} new people come in, p95", told.came);
    let mut rows = vec![Row::absolute(&what, pool.len(), percentile(&mut pool, 0.95), "ms", AIM_MS)];
    for (what, mut times) in told.times {
        let count = times.len();
        rows.push(Row::absolute(
            &format!("  {what}, p95"),
            count,
            percentile(&mut times, 0.95),
            "ms",
            AIM_MS,
        ));
    }
    rows
}
