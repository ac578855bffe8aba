//! What every controller shares: the desk, who acts, which screen is shown. No screen's own decision lives here.

use super::ui::{MainWindow, Screen};
use super::{
    check_in, contact, dialog, find, frame, inbox, person, question, register, sign_in, signature, stop,
    trouble, undo, visit, visit_gaps, vitals,
};
use crate::capture::{CaptureError, Desk};
use crate::session::{DataFolder, Keyring, Preferences};
use crate::store::DataKey;
use crate::sync::{Safeguard, SyncReport};
use crate::wiring::{EntropySource, WallClock};
use chrono::NaiveDate;
use shared::content::Language;
use shared::ids::{SiteId, StaffId, StopId};
use shared::time::Timestamp;
use slint::{ModelRc, SharedString, Timer, VecModel};
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use tokio::sync::Notify;

/// The state behind the window. Callbacks borrow it one at a time.
pub(crate) type Shared = Rc<RefCell<App>>;

/// Who works at this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acting {
    pub staff: StaffId,
    pub name: String,
    /// The code of the role.
    pub role: String,
}

/// Whether the screens are open, and where a PIN leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Gate {
    /// Nobody signed in since the start: there is no data key.
    Closed,
    Open,
    /// The same person comes back to this screen with what was typed.
    Locked(Screen),
    /// A colleague who was signed in hands over, and vouches for whoever has no PIN yet.
    HandedOver,
    /// The person being screened gives the screen back.
    Turned(Screen),
}

pub(crate) struct App {
    pub window: slint::Weak<MainWindow>,
    pub myself: Weak<RefCell<App>>,
    pub folder: DataFolder,
    pub clock: WallClock,
    pub entropy: EntropySource,
    pub printer: PathBuf,
    /// Whether an event loop runs: slow work then goes to threads and sync runs by itself.
    pub is_live: bool,
    pub keyring: Keyring,
    pub preferences: Preferences,
    /// Rung to sync at once.
    pub saved: Arc<Notify>,
    pub key: Option<DataKey>,
    pub desk: Option<Desk>,
    pub safeguard: Option<Safeguard>,
    pub report: Option<SyncReport>,
    pub acting: Option<Acting>,
    pub gate: Gate,
    pub screen: Screen,
    pub stop: Option<StopId>,
    pub idle: Timer,

    pub frame: frame::State,
    pub dialog: dialog::State,
    pub undo: undo::State,
    pub sign_in: sign_in::State,
    pub stops: stop::State,
    pub find: find::State,
    pub register: register::State,
    pub person: person::State,
    pub contact: contact::State,
    pub check_in: check_in::State,
    pub signature: signature::Strokes,
    pub visit: visit::State,
    pub vitals: vitals::State,
    pub question: question::State,
    pub visit_gaps: visit_gaps::State,
    pub inbox: inbox::State,
}

impl App {
    /// The window outlives every callback, and only callbacks come here.
    pub fn window(&self) -> MainWindow {
        self.window.upgrade().expect("controllers are called by their window only")
    }
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
    /// The language of the staff.
    pub fn language(&self) -> Language {
        self.preferences.language
    }
    /// One of two wordings in the language of the staff.
    pub fn say<'a>(&self, english: &'a str, spanish: &'a str) -> &'a str {
        super::format::say(self.language(), english, spanish)
    }
    /// Minutes east of UTC where the van stands, or stands next.
    pub fn offset(&self) -> i64 {
        self.frame.offset_minutes_east
    }
    pub fn today(&self) -> NaiveDate {
        super::format::local(self.now(), self.offset()).date()
    }

    /// Reads or writes through the desk. What goes wrong is told to the person in words, and nothing typed is lost.
    pub fn with_desk<T>(&mut self, act: impl FnOnce(&mut Desk) -> Result<T, CaptureError>) -> Option<T> {
        match act(self.desk.as_mut()?) {
            Ok(done) => Some(done),
            Err(error) => {
                trouble::tell(self, &error);
                None
            }
        }
    }

    /// The site where the van stands, for what is registered here.
    pub fn site(&mut self) -> Option<SiteId> {
        let stop = self.stop?;
        self.with_desk(|desk| desk.stop(stop)).map(|stop| stop.site)
    }

    /// Whether the person being screened holds the open screen. At the sign-in screen that follows it they do not.
    pub fn is_with_the_person(&self) -> bool {
        self.frame.is_turned && self.gate == Gate::Open
    }

    /// Somebody is at work: the automatic lock waits anew.
    pub fn touched(&mut self) {
        if self.idle.running() {
            self.idle.restart();
        }
    }
}

/// A callback without arguments.
pub(crate) fn on(shared: &Shared, act: fn(&mut App)) -> impl FnMut() + 'static {
    let weak = Rc::downgrade(shared);
    move || with(&weak, Heard::FromStaff, act)
}

/// A callback without arguments that is heard on a turned screen too.
pub(crate) fn on_turned(shared: &Shared, act: fn(&mut App)) -> impl FnMut() + 'static {
    let weak = Rc::downgrade(shared);
    move || with(&weak, Heard::FromAnybody, act)
}

/// A callback with one argument that is heard on a turned screen too.
pub(crate) fn on_one_turned<T: 'static>(shared: &Shared, act: fn(&mut App, T)) -> impl FnMut(T) + 'static {
    let weak = Rc::downgrade(shared);
    move |argument| with(&weak, Heard::FromAnybody, |app| act(app, argument))
}

/// A callback with one argument.
pub(crate) fn on_one<T: 'static>(shared: &Shared, act: fn(&mut App, T)) -> impl FnMut(T) + 'static {
    let weak = Rc::downgrade(shared);
    move |argument| with(&weak, Heard::FromStaff, |app| act(app, argument))
}

/// A callback with two arguments.
pub(crate) fn on_two<A: 'static, B: 'static>(
    shared: &Shared,
    act: fn(&mut App, A, B),
) -> impl FnMut(A, B) + 'static {
    let weak = Rc::downgrade(shared);
    move |first, second| with(&weak, Heard::FromStaff, |app| act(app, first, second))
}

/// Something that nobody touched for, such as a timer.
pub(crate) fn later(shared: &Weak<RefCell<App>>, act: fn(&mut App)) -> impl FnMut() + 'static {
    let weak = shared.clone();
    move || {
        if let Some(app) = weak.upgrade() {
            act(&mut app.borrow_mut());
        }
    }
}

/// Whose callbacks are heard. A turned screen is in the hands of the person being screened: whatever reaches a control
/// there that is not meant for them, by whatever way, does nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    FromStaff,
    FromAnybody,
}

fn with(weak: &Weak<RefCell<App>>, heard: Heard, act: impl FnOnce(&mut App)) {
    if let Some(app) = weak.upgrade() {
        let mut app = app.borrow_mut();
        app.touched();
        if heard == Heard::FromAnybody || !app.is_with_the_person() {
            act(&mut app);
        }
    }
}

/// Rows for a list of the window.
pub(crate) fn model<T: Clone + 'static>(rows: Vec<T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from(rows))
}

/// An option of a short choice.
pub(crate) fn option(
    id: impl Into<SharedString>,
    label: impl Into<SharedString>,
    selected: bool,
) -> super::ui::ChoiceOption {
    super::ui::ChoiceOption { id: id.into(), label: label.into(), detail: SharedString::new(), selected }
}

/// Both languages, each by its own name.
pub(crate) fn language_options(chosen: Option<Language>) -> ModelRc<super::ui::ChoiceOption> {
    let option = |language: Language| {
        option(language.tag(), super::words::language_name(language), chosen == Some(language))
    };
    model(Language::ALL.into_iter().map(option).collect())
}
