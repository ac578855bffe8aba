//! The app as it ships, without a panel: its window, controllers, PINs, store and sync thread, on a platform that paints
//! into memory, and somebody who works at it. Says what was acknowledged, after it was; never ends by itself.

use super::child::{AnyError, hexadecimal, say};
use crate::sample::Seeded;
use crate::touch::type_pin;
use app::platform;
use app::screens::ui::{
    DialogAdapter, FindAdapter, MainWindow, NavAdapter, PersonAdapter, RegisterAdapter, RegisterField,
    Screen, SignInAdapter, TodayAdapter,
};
use app::session::{DataFolder, Keyring, Pin};
use app::store::{LogReads, Store};
use app::wiring::{Screens, ScreensOptions};
use shared::ids::{Sequence, StaffId};
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{
    EventLoopProxy, Platform, WindowAdapter, duration_until_next_timer_update, update_timers_and_animations,
};
use slint::{
    ComponentHandle, EventLoopError, Model, PhysicalSize, PlatformError, Rgb8Pixel, Timer, TimerMode,
};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// The child's first argument.
pub const SCREENS: &str = "screens";
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 800;
/// Between two touches of somebody in a hurry.
const TOUCH_EVERY: Duration = Duration::from_millis(2);
const PAUSE_MAX: Duration = Duration::from_millis(5);

type Posted = Box<dyn FnOnce() + Send>;

/// A panel of memory with an event loop.
struct Panel {
    window: Rc<MinimalSoftwareWindow>,
    began: Instant,
    post: Sender<Posted>,
    posted: Receiver<Posted>,
}

struct Proxy(Sender<Posted>);

impl EventLoopProxy for Proxy {
    fn quit_event_loop(&self) -> Result<(), EventLoopError> {
        Err(EventLoopError::EventLoopTerminated)
    }
    fn invoke_from_event_loop(&self, event: Posted) -> Result<(), EventLoopError> {
        self.0.send(event).map_err(|_| EventLoopError::EventLoopTerminated)
    }
}

impl Platform for Panel {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.window.clone())
    }
    fn duration_since_start(&self) -> Duration {
        self.began.elapsed()
    }
    fn new_event_loop_proxy(&self) -> Option<Box<dyn EventLoopProxy>> {
        Some(Box::new(Proxy(self.post.clone())))
    }
    fn run_event_loop(&self) -> Result<(), PlatformError> {
        let mut pixels = vec![Rgb8Pixel::default(); (WIDTH * HEIGHT) as usize];
        loop {
            update_timers_and_animations();
            self.window.draw_if_needed(|renderer| {
                renderer.render(&mut pixels, WIDTH as usize);
            });
            let pause = duration_until_next_timer_update().unwrap_or(PAUSE_MAX).min(PAUSE_MAX);
            if let Ok(event) = self.posted.recv_timeout(pause) {
                event();
            }
            self.posted.try_iter().for_each(|event| event());
        }
    }
}

fn become_panel() -> Result<(), AnyError> {
    let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
    window.set_size(PhysicalSize::new(WIDTH, HEIGHT));
    let (post, posted) = channel();
    slint::platform::set_platform(Box::new(Panel { window, began: Instant::now(), post, posted }))?;
    Ok(())
}

/// Runs the app over a folder, as `caravan --data FOLDER` does, with somebody who signs in and works.
pub fn run(folder: &Path, staff: &str, pin: &str, seed: &str) -> Result<(), AnyError> {
    become_panel()?;
    let folder = DataFolder::open(folder)?;
    let _held = folder.hold()?.ok_or("open here already")?;
    let screens = Screens::new(ScreensOptions::live(folder.clone()))?;
    screens.window().show()?;
    // To see what is on disk, by a connection that the app knows nothing of.
    let staff: StaffId = staff.parse()?;
    let key = Keyring::open(&folder)?.sign_in(staff, &Pin::typed(pin), platform::now())?;
    let witness = Store::open(&folder.records(), &key)?;
    let told = witness.log_head()?.map_or(Sequence(0), |head| head.sequence);
    let hand = Hand {
        window: screens.window().clone_strong(),
        staff,
        pin: pin.to_owned(),
        seeded: Seeded(seed.parse()?),
        witness,
        told,
    };
    let hand = RefCell::new(hand);
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, TOUCH_EVERY, move || {
        let mut hand = hand.borrow_mut();
        hand.touch();
        if let Err(error) = hand.tell() {
            drop(say(format_args!("error {error}")));
        }
    });
    Ok(slint::run_event_loop()?)
}

/// Who works at the screens.
struct Hand {
    window: MainWindow,
    staff: StaffId,
    pin: String,
    seeded: Seeded,
    witness: Store,
    told: Sequence,
}

impl Hand {
    /// One touch, or a few that belong together, on whatever screen is shown.
    fn touch(&mut self) {
        let window = self.window.clone_strong();
        let nav = window.global::<NavAdapter>();
        let dialog = window.global::<DialogAdapter>();
        if dialog.get_shown() {
            return dialog.invoke_confirmed();
        }
        match nav.get_screen() {
            Screen::SignIn => self.sign_in(&window.global::<SignInAdapter>()),
            Screen::Today => {
                let today = window.global::<TodayAdapter>();
                if let Some(stop) = today.get_stops().row_data(0) {
                    today.invoke_open_stop(stop.id);
                }
            }
            Screen::Find => {
                let find = window.global::<FindAdapter>();
                find.set_query("sample".into());
                find.invoke_search("sample".into());
                match find.get_results().row_data(self.seeded.below(6) as usize) {
                    Some(row) if self.seeded.below(2) == 0 => find.invoke_open(row.id),
                    _ => find.invoke_register(),
                }
            }
            Screen::Register => self.register(&window.global::<RegisterAdapter>()),
            Screen::Person => self.correct(&window.global::<PersonAdapter>(), &nav),
            _ => nav.invoke_go(Screen::Find),
        }
    }

    fn sign_in(&self, adapter: &SignInAdapter) {
        if adapter.get_checking() {
            return;
        }
        type_pin(adapter, self.staff, &self.pin);
    }

    fn register(&mut self, adapter: &RegisterAdapter) {
        let number = self.seeded.draw();
        adapter.set_given_name(format!("Ana {}", number % 1_000_000).into());
        adapter.set_family_name("Núñez-Sample".into());
        adapter.set_birth_date((1940 + number % 60).to_string().into());
        adapter.invoke_edited(RegisterField::BirthDate, adapter.get_birth_date());
        for (field, options) in [
            (RegisterField::Sex, adapter.get_sexes()),
            (RegisterField::Language, adapter.get_languages()),
            (RegisterField::Belongs, adapter.get_belongs()),
        ] {
            if let Some(option) = options.row_data(0) {
                adapter.invoke_choose(field, option.id);
            }
        }
        adapter.invoke_new_person();
    }

    /// Corrects the telephone of whoever is shown, now and then.
    fn correct(&mut self, adapter: &PersonAdapter, nav: &NavAdapter) {
        if self.seeded.below(3) == 0 {
            return nav.invoke_go(Screen::Find);
        }
        adapter.invoke_edit("phone".into());
        adapter.set_edit_value(format!("555-01{:02}", self.seeded.below(100)).into());
        adapter.invoke_save_edit();
    }

    /// A touch that saved has returned: what it wrote is on disk.
    fn tell(&mut self) -> Result<(), AnyError> {
        let Some(head) = self.witness.log_head()? else { return Ok(()) };
        if head.sequence > self.told {
            self.told = head.sequence;
            say(format_args!("saved {} {}", head.sequence, hexadecimal(&head.hash.0)))?;
        }
        Ok(())
    }
}
