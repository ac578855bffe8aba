//! Builds the window and every controller over one shared state, and joins them to the clock, the key and the sync
//! thread. What a screen shows or a tap does is decided in `screens`, never here.

use crate::capture::{Desk, DeskOptions};
use crate::handout::{self, Handout, Patience};
use crate::platform;
use crate::screens::state::{App, Gate, Shared};
use crate::screens::ui::{MainWindow, Screen};
use crate::screens::*;
use crate::session::{
    self, DataFolder, FolderError, Keyring, LateKey, Pin, Preferences, Reason, SignInError,
};
use crate::store::{DataKey, StoreError};
use crate::sync::{self, LEASE_MS, Safeguard, SyncReport};
use shared::ids::{Entropy, StaffId};
use shared::sync::Phase;
use shared::time::Timestamp;
use slint::ComponentHandle;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::{Notify, watch};

/// Tells the time.
pub type WallClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Makes a source of randomness.
pub type EntropySource = fn() -> Box<dyn Entropy + Send>;

/// What the screens need from outside. The platform of the window is set by whoever calls.
pub struct ScreensOptions {
    pub folder: DataFolder,
    pub clock: WallClock,
    pub entropy: EntropySource,
    /// The program that takes a page for the printer from its standard input: `lp`.
    pub printer: PathBuf,
    /// Whether an event loop will run. Then PINs are checked on a thread and sync runs by itself; without one,
    /// as in tests and in the demo without a display, everything happens before a call returns.
    pub is_live: bool,
}

impl ScreensOptions {
    /// Of a real tablet.
    pub fn live(folder: DataFolder) -> Self {
        Self {
            folder,
            clock: Arc::new(platform::now),
            entropy: || Box::new(platform::SystemEntropy),
            printer: "lp".into(),
            is_live: true,
        }
    }
}

/// Why there are no screens.
#[derive(Debug, thiserror::Error)]
pub enum ScreensError {
    #[error("no window can be opened: {}", without_places(&.0.to_string()))]
    Window(#[from] slint::PlatformError),
    #[error("Caravan is open here already")]
    AlreadyOpen,
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Keyring(#[from] SignInError),
}

/// What a library of the window says, without the places in its own source.
fn without_places(said: &str) -> String {
    let mut text = String::new();
    for word in said.split_whitespace() {
        if !word.contains(".rs:") {
            text.push_str(if text.is_empty() { "" } else { " " });
            text.push_str(word);
            continue;
        }
        text.truncate(text.trim_end_matches(" at").len());
        text.push_str(if word.ends_with(':') { ":" } else { "" });
    }
    text
}

/// Makes windows come from the machine's display. The software renderer is the default: it starts ten times faster and
/// needs a fifth of the memory of the others.
pub fn choose_display() -> Result<(), slint::PlatformError> {
    if std::env::var_os("SLINT_BACKEND").is_none() {
        slint::BackendSelector::new()
            .backend_name("winit".into())
            .renderer_name("software".into())
            .select()?;
    }
    Ok(())
}

/// Opens the window of a real tablet and runs until it is closed.
pub fn run_window(folder: DataFolder, fullscreen: bool) -> Result<(), ScreensError> {
    choose_display()?;
    let _held = folder.hold()?.ok_or(ScreensError::AlreadyOpen)?;
    let screens = Screens::new(ScreensOptions::live(folder))?;
    screens.window().set_kiosk(fullscreen);
    Ok(screens.window().run()?)
}

/// The window with its controllers, as long as this lives.
pub struct Screens {
    window: MainWindow,
    app: Shared,
}

impl Screens {
    /// Shows nothing yet: call `show` or `run` on the window.
    pub fn new(options: ScreensOptions) -> Result<Screens, ScreensError> {
        let keyring = Keyring::open(&options.folder)?;
        let preferences = Preferences::load(&options.folder);
        let window = MainWindow::new()?;
        fonts::stand_in();
        let app = Rc::new_cyclic(|myself| {
            RefCell::new(App {
                window: window.as_weak(),
                myself: myself.clone(),
                folder: options.folder,
                clock: options.clock,
                entropy: options.entropy,
                printer: options.printer,
                is_live: options.is_live,
                keyring,
                preferences,
                saved: Arc::new(Notify::new()),
                key: None,
                desk: None,
                safeguard: None,
                report: None,
                acting: None,
                gate: Gate::Closed,
                screen: Screen::SignIn,
                stop: None,
                idle: slint::Timer::default(),
                frame: frame::State::default(),
                dialog: dialog::State::default(),
                undo: undo::State::default(),
                sign_in: sign_in::State::default(),
                stops: stop::State::default(),
                find: find::State::default(),
                register: register::State::default(),
                person: person::State::default(),
                contact: contact::State::default(),
                check_in: check_in::State::default(),
                signature: signature::Strokes::default(),
                visit: visit::State::default(),
                vitals: vitals::State::default(),
                question: question::State::default(),
                visit_gaps: visit_gaps::State::default(),
                inbox: inbox::State::default(),
            })
        });
        wire(&app, &window);
        settings::apply(&mut app.borrow_mut());
        frame::start_timers(&mut app.borrow_mut());
        frame::show(&mut app.borrow_mut(), Screen::SignIn);
        Ok(Screens { window, app })
    }

    pub fn window(&self) -> &MainWindow {
        &self.window
    }

    /// Brings the visible screen up to what the file holds now.
    pub fn refresh(&self) {
        frame::refresh(&mut self.app.borrow_mut());
    }

    /// What sync reported, where no event loop carries it here.
    pub fn report(&self, report: SyncReport) {
        reported(&mut self.app.borrow_mut(), report);
    }

    /// Rung whenever something is saved, and by "Sync now".
    pub fn saved(&self) -> Arc<Notify> {
        self.app.borrow().saved.clone()
    }
}

fn wire(app: &Shared, window: &MainWindow) {
    frame::wire(app, window);
    dialog::wire(app, window);
    undo::wire(app, window);
    sign_in::wire(app, window);
    today::wire(app, window);
    stop::wire(app, window);
    find::wire(app, window);
    register::wire(app, window);
    person::wire(app, window);
    contact::wire(app, window);
    conditions::wire(app, window);
    check_in::wire(app, window);
    signature::wire(app, window);
    visit::wire(app, window);
    vitals::wire(app, window);
    question::wire(app, window);
    visit_gaps::wire(app, window);
    inbox::wire(app, window);
    screens_sync::wire(app, window);
    settings::wire(app, window);
}

use crate::screens::sync as screens_sync;

/// Checks a PIN. Stretching it takes a moment, so a running window does it on a thread.
pub(crate) fn check_pin(app: &mut App, staff: StaffId, pin: Pin) {
    let now = app.now();
    if !app.is_live {
        let answer = app.keyring.unlock(staff, &pin, now);
        return sign_in::checked(app, staff, answer);
    }
    let (tell, told) = tokio::sync::oneshot::channel();
    let folder = app.folder.clone();
    std::thread::spawn(move || {
        let answer = Keyring::open(&folder).and_then(|keyring| keyring.unlock(staff, &pin, now));
        // Nobody listens when the window closed meanwhile.
        let _ = tell.send(answer);
    });
    let weak = app.myself.clone();
    let spawned = slint::spawn_local(async move {
        if let (Ok(answer), Some(app)) = (told.await, weak.upgrade()) {
            sign_in::checked(&mut app.borrow_mut(), staff, answer);
        }
    });
    spawned.expect("a live window has an event loop");
}

/// The key of a colleague whose lease ended, once their reason is on disk; it is to reach the office soon.
pub(crate) fn break_glass(app: &App, late: &LateKey, reason: &Reason) -> Result<DataKey, StoreError> {
    let key = late.give(&app.folder, reason, app.now(), &mut *(app.entropy)())?;
    app.saved.notify_one();
    Ok(key)
}

/// Opens the device's file for a colleague whose PIN was right, and starts sync with the first one.
pub(crate) fn open_desk(app: &mut App, staff: StaffId, key: DataKey) -> Result<(), StoreError> {
    if let Some(desk) = app.desk.as_mut() {
        desk.hand_over(staff);
        app.key = Some(key);
        return Ok(());
    }
    let mut store = session::open_records(&app.folder, &key)?;
    match Safeguard::open(&app.folder, &mut store) {
        Ok(safeguard) => app.safeguard = Some(safeguard),
        // Nothing that is kept beside the file may keep a crew from its work.
        Err(error) => tracing::error!(%error, "whether this file is a copy cannot be told"),
    }
    let clock = app.clock.clone();
    let options =
        DeskOptions { now: Box::new(move || clock()), entropy: (app.entropy)(), saved: app.saved.clone() };
    app.desk = Some(Desk::open(store, staff, options)?);
    if app.is_live {
        // A device that cannot sync still works: the strip says that it is offline.
        match sync::start(&app.folder, key.clone(), app.saved.clone()) {
            Ok(reports) => listen(app, reports),
            Err(error) => tracing::error!(%error, "sync could not start"),
        }
    }
    app.key = Some(key);
    Ok(())
}

/// Hands a page to the printer. The print service may take its time, so a running window does it on a thread.
pub(crate) fn print(app: &mut App, page: Handout) {
    let printer = app.printer.clone();
    if !app.is_live {
        let patience = Patience { looks: 1, ..Patience::default() };
        let answer = handout::print(&printer, &handout::pdf(&page), patience);
        return take_home::printed(app, answer);
    }
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Nobody listens when the window closed meanwhile.
        let _ = tell.send(handout::print(&printer, &handout::pdf(&page), Patience::default()));
    });
    let weak = app.myself.clone();
    let spawned = slint::spawn_local(async move {
        if let (Ok(answer), Some(app)) = (told.await, weak.upgrade()) {
            take_home::printed(&mut app.borrow_mut(), answer);
        }
    });
    spawned.expect("a live window has an event loop");
}

/// Nobody works for a while: what is kept beside the file is brought up to it.
pub(crate) fn rest(app: &mut App) {
    if let (Some(safeguard), Some(desk)) = (app.safeguard.as_mut(), app.desk.as_mut()) {
        safeguard.at_rest(desk.store());
    }
}

fn listen(app: &App, mut reports: watch::Receiver<SyncReport>) {
    let weak = app.myself.clone();
    let spawned = slint::spawn_local(async move {
        loop {
            let report = *reports.borrow_and_update();
            let Some(app) = weak.upgrade() else { return };
            reported(&mut app.borrow_mut(), report);
            drop(app);
            if reports.changed().await.is_err() {
                return;
            }
        }
    });
    spawned.expect("a live window has an event loop");
}

/// The office had this device erased: nothing of anybody stays on the screen or in memory.
fn erased(app: &mut App) {
    (app.desk, app.key, app.acting, app.stop) = (None, None, None, None);
    match Keyring::open(&app.folder) {
        Ok(keyring) => app.keyring = keyring,
        Err(error) => tracing::error!(%error, "an erased folder cannot be opened"),
    }
    app.undo = undo::State::default();
    app.stops = stop::State::default();
    app.find = find::State::default();
    app.register = register::State::default();
    app.person = person::State::default();
    app.contact = contact::State::default();
    app.check_in = check_in::State::default();
    app.signature = signature::Strokes::default();
    app.visit = visit::State::default();
    app.vitals = vitals::State::default();
    app.question = question::State::default();
    app.visit_gaps = visit_gaps::State::default();
    app.inbox = inbox::State::default();
    frame::close_erased(app);
}

/// A contact with the server renews everybody's lease, and what came is shown.
fn reported(app: &mut App, report: SyncReport) {
    let before = app.report.replace(report);
    if report.phase == Phase::Wiped {
        return erased(app);
    }
    let settled_before = before.and_then(|before| before.settled_at);
    if let Some(settled_at) = report.settled_at.filter(|settled_at| Some(*settled_at) != settled_before) {
        let lease_until = settled_at.plus_milliseconds(LEASE_MS);
        let held = app.desk.as_mut().map(|desk| desk.store());
        if let Some(Err(error)) = held.map(|held| app.keyring.renew_leases(lease_until, held)) {
            tracing::warn!(%error, "leases could not be renewed");
        }
        if before.is_none() || report.entries_received > 0 {
            inbox::count(app);
        }
    }
    let is_news = before.is_none_or(|before| before.phase != report.phase || before.log != report.log);
    let came = before.is_none_or(|before| before.entries_received != report.entries_received);
    if app.gate == Gate::Open && (is_news || came) {
        match app.screen {
            Screen::Today | Screen::Stop | Screen::Sync => frame::refresh(app),
            Screen::Inbox if came => frame::refresh(app),
            _ => frame::strip(app),
        }
    }
}
