//! The signature: strokes in the pixels of the pad as they are drawn, and as points of a 1000 by 300 field for the
//! record, whatever the size of the pad was.

use super::check_in;
use super::state::{App, Shared};
use super::ui::{MainWindow, SignatureAdapter};
use slint::{ComponentHandle, SharedString};
use std::fmt::Write;
use std::rc::Rc;

const FIELD_WIDTH: f32 = 1000.0;
const FIELD_HEIGHT: f32 = 300.0;
/// More points than any name has; what comes after is not drawn either.
const POINTS_MAX: usize = 4_000;
/// Closer points than this say nothing new, in pixels.
const STEP_PX: f32 = 2.0;

/// One signature under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strokes {
    width: f32,
    height: f32,
    strokes: Vec<Vec<(f32, f32)>>,
    points: usize,
}

impl Strokes {
    pub fn begin(&mut self, x: f32, y: f32, width: f32, height: f32) {
        if self.strokes.is_empty() {
            (self.width, self.height) = (width.max(1.0), height.max(1.0));
        }
        self.strokes.push(vec![(x, y)]);
        self.points += 1;
    }

    /// False when the point adds nothing.
    pub fn add(&mut self, x: f32, y: f32) -> bool {
        let Some(stroke) = self.strokes.last_mut() else { return false };
        let (last_x, last_y) = *stroke.last().expect("a stroke begins with a point");
        let is_near = (x - last_x).abs() < STEP_PX && (y - last_y).abs() < STEP_PX;
        if is_near || self.points >= POINTS_MAX {
            return false;
        }
        stroke.push((x, y));
        self.points += 1;
        true
    }

    /// A dot is no signature.
    pub fn is_empty(&self) -> bool {
        self.strokes.iter().all(|stroke| stroke.len() < 2)
    }

    /// Path commands in pixels of the pad.
    pub fn commands(&self) -> String {
        let mut commands = String::with_capacity(self.points * 12);
        for stroke in &self.strokes {
            for (index, (x, y)) in stroke.iter().enumerate() {
                let command = if index == 0 { 'M' } else { 'L' };
                write!(commands, "{command}{x:.0} {y:.0} ").expect("writing to text cannot fail");
            }
        }
        commands
    }

    /// `x,y x,y;x,y` in a field of 1000 by 300.
    pub fn recorded(&self) -> String {
        let point = |(x, y): &(f32, f32)| {
            let x = (x * FIELD_WIDTH / self.width).clamp(0.0, FIELD_WIDTH).round();
            let y = (y * FIELD_HEIGHT / self.height).clamp(0.0, FIELD_HEIGHT).round();
            format!("{x},{y}")
        };
        let stroke = |points: &Vec<(f32, f32)>| points.iter().map(point).collect::<Vec<_>>().join(" ");
        self.strokes.iter().map(stroke).collect::<Vec<_>>().join(";")
    }
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<SignatureAdapter>();
    let weak = Rc::downgrade(shared);
    adapter.on_begin(move |x, y, width, height| {
        let Some(app) = weak.upgrade() else { return };
        let mut app = app.borrow_mut();
        app.touched();
        app.signature.begin(x, y, width, height);
        show(&app);
    });
    adapter.on_move(super::state::on_two(shared, |app, x, y| {
        if app.signature.add(x, y) {
            show(app);
        }
    }));
    adapter.on_end(super::state::on(shared, |app| check_in::show_missing(app)));
    adapter.on_clear(super::state::on(shared, clear));
}

fn show(app: &App) {
    let window = app.window();
    let adapter = window.global::<SignatureAdapter>();
    adapter.set_width(app.signature.width.max(1.0));
    adapter.set_height(app.signature.height.max(1.0));
    adapter.set_commands(SharedString::from(app.signature.commands()));
    adapter.set_empty(app.signature.strokes.is_empty());
}

pub(crate) fn is_empty(app: &App) -> bool {
    app.signature.is_empty()
}

/// As the record keeps it.
pub(crate) fn strokes(app: &App) -> String {
    app.signature.recorded()
}

pub(crate) fn clear(app: &mut App) {
    app.signature = Strokes::default();
    show(app);
    check_in::show_missing(app);
}

#[cfg(test)]
mod tests;
