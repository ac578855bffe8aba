//! The real screens without a display: a platform that keeps the window in memory, moves its own clock, and saves
//! what is shown as a PNG. For the demo and for whoever has no panel at hand; never a way to work with people.

use slint::platform::software_renderer::{MinimalSoftwareWindow, PremultipliedRgbaColor, RepaintBufferType};
use slint::platform::{Platform, SetPlatformError, WindowAdapter, update_timers_and_animations};
use slint::{PhysicalSize, PlatformError};
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// How far the clock moves at once, so that timers fire in their order.
const STEP: Duration = Duration::from_millis(50);

/// The platform of this thread, once started.
pub struct Headless {
    window: Rc<MinimalSoftwareWindow>,
    clock: Rc<Cell<Duration>>,
    /// What the panel shows, of which only what changed is painted anew.
    panel: RefCell<Vec<PremultipliedRgbaColor>>,
}

/// What is shown: rows from the top, four bytes a pixel, red first.
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<u8>,
}

struct Memory {
    window: Rc<MinimalSoftwareWindow>,
    clock: Rc<Cell<Duration>>,
}

impl Platform for Memory {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.window.clone())
    }
    fn duration_since_start(&self) -> Duration {
        self.clock.get()
    }
}

impl Headless {
    /// Becomes the platform of this thread. It has one window, of so many pixels.
    pub fn start(width: u32, height: u32) -> Result<Headless, SetPlatformError> {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        window.set_size(PhysicalSize::new(width, height));
        let clock = Rc::new(Cell::new(Duration::ZERO));
        slint::platform::set_platform(Box::new(Memory { window: window.clone(), clock: clock.clone() }))?;
        let panel = RefCell::new(vec![PremultipliedRgbaColor::default(); (width * height) as usize]);
        Ok(Headless { window, clock, panel })
    }

    /// Lets time pass: timers fire, animations end.
    pub fn advance(&self, time: Duration) {
        let end = self.clock.get() + time;
        while self.clock.get() < end {
            self.clock.set((self.clock.get() + STEP).min(end));
            update_timers_and_animations();
        }
    }

    /// Paints what changed since it last did, as the window of a tablet does; false when that was nothing.
    pub fn paint(&self) -> bool {
        update_timers_and_animations();
        let width = self.window.size().width as usize;
        self.window.draw_if_needed(|renderer| {
            renderer.render(&mut self.panel.borrow_mut(), width);
        })
    }

    /// Draws the whole window as it is now.
    pub fn picture(&self) -> Result<Picture, PlatformError> {
        update_timers_and_animations();
        let pixels = self.window.take_snapshot()?;
        Ok(Picture { width: pixels.width(), height: pixels.height(), rgba: pixels.as_bytes().to_vec() })
    }

    /// Draws the window into a PNG file.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let picture = self.picture().map_err(|error| io::Error::other(error.to_string()))?;
        picture.save(path)
    }
}

impl Picture {
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), self.width, self.height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.rgba)?;
        Ok(writer.finish()?)
    }
}
