//! A tablet in somebody's hands: the real screens over a van's file, without a display. Whatever is done here goes
//! through the adapters that every tap goes through, and is judged by what the screen then says.

mod printer;
mod register;
mod visit;

pub use printer::Printed;
pub use register::WalkUp;

use crate::sample::Seeded;
use crate::van::{Van, VanError};
use app::headless::Headless;
use app::screens::ui::{
    DialogAdapter, FindAdapter, FindRow, InboxAdapter, InboxKind, MainWindow, NavAdapter, Screen,
    SignInAdapter, SignInMode, StopAdapter, TodayAdapter, Tone,
};
use app::store::{LogReads, StoreError};
use app::wiring::{Screens, ScreensOptions};
use printer::Printer;
use shared::change::Head;
use shared::ids::{StaffId, StopId};
use slint::{ComponentHandle, Model, ModelRc};
use std::path::Path;
use std::time::Duration;

/// What fingers did, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    pub visits: u32,
    pub registered: u32,
    pub readings: u32,
    pub responses: u32,
    pub gaps_decided: u32,
    /// Dangerous values and answers that were acted on.
    pub dangerous: u32,
    pub refused_inputs: u32,
    pub duplicates_shown: u32,
}

/// Why somebody at a tablet could not go on.
#[derive(Debug, thiserror::Error)]
pub enum TouchError {
    #[error("the screens cannot be shown: {0}")]
    Show(String),
    #[error("nobody was found for {0}")]
    Nobody(String),
    /// What the screen says is not what it should say at this point.
    #[error("{0}")]
    Unexpected(String),
    #[error(transparent)]
    Van(#[from] VanError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the crew's report could not be written: {0}")]
    Report(#[from] std::io::Error),
}

/// Hears where the device's chain stands after each save that the screen said was done.
pub type Heard<'h> = dyn FnMut(Head) -> std::io::Result<()> + 'h;

/// A tablet at which somebody is signed in.
pub struct Touch<'h> {
    headless: Headless,
    screens: Screens,
    /// Where what is printed comes out.
    printer: Printer,
    /// Another connection to the same file, which only reads.
    van: Van,
    seeded: Seeded,
    /// Codes of answers that are given wherever they are offered; others are drawn.
    pub prefers: Vec<&'static str>,
    heard: &'h mut Heard<'h>,
    pub worked: Worked,
}

/// Signs in at the tablet of a folder and works there. Windows belong to their thread, so each such shift has its own.
pub fn at_a_tablet<T: Send>(
    folder: &Path,
    staff: StaffId,
    pin: &str,
    seed: u64,
    heard: &mut (dyn FnMut(Head) -> std::io::Result<()> + Send),
    work: impl FnOnce(&mut Touch<'_>) -> Result<T, TouchError> + Send,
) -> Result<T, TouchError> {
    std::thread::scope(|scope| {
        let shift = scope.spawn(move || {
            let mut touch = Touch::sign_in(Van::sign_in(folder, staff, pin)?, pin, seed, heard)?;
            work(&mut touch)
        });
        shift.join().unwrap_or_else(|_| Err(TouchError::Show("the screens' thread ended".into())))
    })
}

impl<'h> Touch<'h> {
    fn sign_in(van: Van, pin: &str, seed: u64, heard: &'h mut Heard<'h>) -> Result<Touch<'h>, TouchError> {
        let show = |error: String| TouchError::Show(error);
        let headless = Headless::start(1280, 800).map_err(|error| show(error.to_string()))?;
        let printer = Printer::install()?;
        let live = ScreensOptions::live(van.folder.clone());
        let options = ScreensOptions { is_live: false, printer: printer.program(), ..live };
        let screens = Screens::new(options).map_err(|error| show(error.to_string()))?;
        screens.window().show().map_err(|error| show(error.to_string()))?;
        let staff = van.staff;
        let touch = Touch {
            headless,
            screens,
            printer,
            van,
            seeded: Seeded(seed),
            prefers: vec![],
            heard,
            worked: Worked::default(),
        };
        touch.wait(400);
        let crew = touch.window().global::<SignInAdapter>();
        type_pin(&crew, staff, pin);
        match touch.screen() {
            Screen::SignIn => Err(TouchError::Unexpected(format!("sign-in: {}", crew.get_error()))),
            _ => Ok(touch),
        }
    }

    pub fn window(&self) -> &MainWindow {
        self.screens.window()
    }

    /// Lets the screens' own clock run, for timers.
    pub fn wait(&self, milliseconds: u64) {
        self.headless.advance(Duration::from_millis(milliseconds));
    }

    /// Writes what is on the screen, once what moves has come to rest.
    pub fn picture(&self, path: &Path) -> std::io::Result<()> {
        self.wait(400);
        self.headless.save(path)
    }

    fn screen(&self) -> Screen {
        self.window().global::<NavAdapter>().get_screen()
    }

    fn expect(&self, screen: Screen) -> Result<(), TouchError> {
        let shown = self.screen();
        let dialog = self.window().global::<DialogAdapter>();
        let asked =
            if dialog.get_shown() { format!(", with {:?}", dialog.get_title()) } else { String::new() };
        match shown == screen {
            true => Ok(()),
            false => {
                Err(TouchError::Unexpected(format!("{screen:?} should be shown, and is {shown:?}{asked}")))
            }
        }
    }

    pub fn go(&self, screen: Screen) -> Result<(), TouchError> {
        self.window().global::<NavAdapter>().invoke_go(screen);
        self.expect(screen)
    }

    /// Opens a stop of today's route.
    pub fn open_stop(&mut self, stop: StopId) -> Result<(), TouchError> {
        self.go(Screen::Today)?;
        self.window().global::<TodayAdapter>().invoke_open_stop(stop.to_string().into());
        self.expect(Screen::Stop)?;
        self.saved()
    }

    pub fn close_stop(&mut self) -> Result<(), TouchError> {
        self.go(Screen::Stop)?;
        self.window().global::<StopAdapter>().invoke_close_stop();
        self.expect(Screen::Today)?;
        self.saved()
    }

    /// The best row for what is typed or scanned.
    pub fn find(&self, typed: &str) -> Option<FindRow> {
        let find = self.window().global::<FindAdapter>();
        find.set_query(typed.into());
        find.invoke_search(typed.into());
        find.get_results().row_data(0)
    }

    /// Opens the first conflict of the inbox.
    pub fn open_conflict(&self) -> Result<(), TouchError> {
        self.go(Screen::Inbox)?;
        let inbox = self.window().global::<InboxAdapter>();
        let conflict =
            inbox.get_items().iter().find(|item| item.kind == InboxKind::Conflict && !item.settled);
        let conflict =
            conflict.ok_or_else(|| TouchError::Unexpected("no conflict is in the inbox".into()))?;
        inbox.invoke_select(conflict.id);
        match inbox.get_kind() == InboxKind::Conflict && inbox.get_values().row_count() > 1 {
            true => Ok(()),
            false => Err(TouchError::Unexpected("the inbox shows no values side by side".into())),
        }
    }

    /// Settles the first conflict of the inbox by one of its values, counted from 0; gives the value in the screen's words.
    pub fn settle(&mut self, value: usize) -> Result<String, TouchError> {
        self.open_conflict()?;
        let inbox = self.window().global::<InboxAdapter>();
        let words = inbox.get_values().row_data(value).map(|card| card.value.to_string());
        inbox.invoke_choose(value.to_string().into());
        inbox.invoke_settle();
        match inbox.get_settled() {
            true => self.saved()?,
            false => return Err(TouchError::Unexpected("the conflict was not settled".into())),
        }
        Ok(words.unwrap_or_default())
    }

    /// Somebody else takes over: the crew is shown.
    pub fn hand_over(&self) -> Result<(), TouchError> {
        self.window().global::<NavAdapter>().invoke_switch_person();
        self.expect(Screen::SignIn)
    }

    /// The colleague who works here is asked for the PIN again.
    pub fn ask_pin(&self) -> Result<(), TouchError> {
        let crew = self.window().global::<SignInAdapter>();
        crew.invoke_choose(self.van.staff.to_string().into());
        match crew.get_mode() == SignInMode::Pin {
            true => Ok(()),
            false => Err(TouchError::Unexpected("nobody is asked for a PIN".into())),
        }
    }

    /// The screen said that something is saved: tells how far the chain has come.
    fn saved(&mut self) -> Result<(), TouchError> {
        match self.van.desk.store().log_head()? {
            Some(head) => Ok((self.heard)(head)?),
            None => Ok(()),
        }
    }

    /// Every dangerous finding that the screen asks about is answered with the protocol's first action.
    pub fn answer_dangerous(&mut self) -> Result<(), TouchError> {
        while self.window().global::<DialogAdapter>().get_shown() {
            let dialog = self.window().global::<DialogAdapter>();
            let first = first(&dialog.get_choices()).filter(|_| dialog.get_tone() == Tone::Urgent);
            let Some(first) = first.filter(|_| !dialog.get_can_confirm()) else {
                return Err(TouchError::Unexpected(format!("nobody expects {:?}", dialog.get_title())));
            };
            dialog.invoke_choose(first.id);
            dialog.invoke_confirmed();
            self.worked.dangerous += 1;
            self.saved()?;
        }
        Ok(())
    }
}

/// Somebody's tile, and the digits of the PIN.
pub fn type_pin(crew: &SignInAdapter<'_>, staff: StaffId, pin: &str) {
    crew.invoke_choose(staff.to_string().into());
    pin.chars().for_each(|digit| crew.invoke_press(digit.into()));
}

fn first<T: Clone + 'static>(rows: &ModelRc<T>) -> Option<T> {
    rows.row_data(0)
}
