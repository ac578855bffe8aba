//! Pictures of the real screens over a van's own file, drawn by the software renderer where there is no display.

use crate::touch::{Printed, Touch, TouchError};
use app::screens::ui::{
    DialogAdapter, FindAdapter, PersonAdapter, RegisterAdapter, RegisterField, Screen, SettingsAdapter,
    StopAdapter, TodayAdapter, VisitAdapter, VisitPage, VitalsAdapter,
};
use slint::{ComponentHandle, Model};
use std::path::{Path, PathBuf};

/// A folder of numbered pictures.
struct Album {
    folder: PathBuf,
    count: usize,
}

impl Album {
    /// Empties the folder of the pictures of an earlier day.
    fn begin(folder: &Path) -> Result<Album, TouchError> {
        std::fs::create_dir_all(folder)?;
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "png") {
                std::fs::remove_file(path)?;
            }
        }
        Ok(Album { folder: folder.to_owned(), count: 0 })
    }

    fn take(&mut self, touch: &Touch<'_>, name: &str) -> Result<(), TouchError> {
        self.count += 1;
        Ok(touch.picture(&self.folder.join(format!("{:02}-{name}.png", self.count)))?)
    }
}

/// What was made on the way through the screens.
pub struct Taken {
    pub pictures: usize,
    pub printed: Printed,
}

/// Walks through the screens and writes a picture of each.
pub fn take(touch: &mut Touch<'_>, out: &Path) -> Result<Taken, TouchError> {
    let mut album = Album::begin(out)?;
    people(touch, &mut album)?;
    let printed = visit(touch, &mut album)?;
    check_in(touch, &mut album)?;
    touch.open_conflict()?;
    album.take(touch, "inbox")?;
    touch.go(Screen::Sync)?;
    album.take(touch, "sync")?;
    in_spanish(touch, &mut album)?;
    touch.hand_over()?;
    album.take(touch, "sign-in")?;
    touch.ask_pin()?;
    album.take(touch, "pin")?;
    Ok(Taken { pictures: album.count, printed })
}

/// The day, the stop, and who comes to it.
fn people(touch: &mut Touch<'_>, album: &mut Album) -> Result<(), TouchError> {
    touch.go(Screen::Today)?;
    album.take(touch, "today")?;
    let today = touch.window().global::<TodayAdapter>();
    let stops = today.get_stops();
    let last = stops.row_data(stops.row_count().saturating_sub(1));
    let stop = last.ok_or_else(|| TouchError::Unexpected("the day has no stop".into()))?;
    today.invoke_open_stop(stop.id);
    album.take(touch, "stop")?;
    touch.go(Screen::Find)?;
    touch.find("rivera");
    album.take(touch, "find")?;
    touch.window().global::<FindAdapter>().invoke_register();
    let form = touch.window().global::<RegisterAdapter>();
    form.set_family_name("Rivera-Sample".into());
    form.set_given_name("Ana".into());
    form.invoke_edited(RegisterField::GivenName, "Ana".into());
    touch.wait(300);
    album.take(touch, "register")?;
    touch.window().global::<RegisterAdapter>().invoke_cancel();
    Ok(())
}

/// Somebody who is being measured: an ordinary number, a dangerous one, a question, the gaps, the summary and its page.
fn visit(touch: &mut Touch<'_>, album: &mut Album) -> Result<Printed, TouchError> {
    touch.go(Screen::Stop)?;
    let board = touch.window().global::<StopAdapter>();
    let card = board.get_vitals().row_data(0);
    let card = card.ok_or_else(|| TouchError::Unexpected("nobody is being measured".into()))?;
    board.invoke_open(card.id);
    let go = |touch: &Touch<'_>, page| touch.window().global::<VisitAdapter>().invoke_go(page);
    go(touch, VisitPage::Vitals);
    type_pressure(touch, "142");
    album.take(touch, "vitals")?;
    let page = touch.window().global::<VitalsAdapter>();
    page.invoke_close();
    type_pressure(touch, "212126");
    page.invoke_save();
    page.invoke_save_anyway();
    if !touch.window().global::<DialogAdapter>().get_shown() {
        return Err(TouchError::Unexpected("a dangerous pressure was passed by".into()));
    }
    album.take(touch, "critical-value")?;
    touch.answer_dangerous()?;
    for (page, name) in
        [(VisitPage::Questions, "question"), (VisitPage::Gaps, "gaps"), (VisitPage::Summary, "summary")]
    {
        go(touch, page);
        album.take(touch, name)?;
    }
    let printed = touch.print_take_home()?;
    touch.park()?;
    Ok(printed)
}

fn type_pressure(touch: &Touch<'_>, keys: &str) {
    let page = touch.window().global::<VitalsAdapter>();
    page.invoke_select("bp_systolic".into());
    keys.chars().for_each(|key| page.invoke_press(key.into()));
}

fn check_in(touch: &mut Touch<'_>, album: &mut Album) -> Result<(), TouchError> {
    touch.go(Screen::Find)?;
    let row = touch.find("rivera").ok_or_else(|| TouchError::Nobody("rivera".into()))?;
    touch.window().global::<FindAdapter>().invoke_open(row.id);
    album.take(touch, "person")?;
    touch.window().global::<PersonAdapter>().invoke_check_in();
    album.take(touch, "check-in")
}

/// One screen as a crew sees it that speaks Spanish.
fn in_spanish(touch: &mut Touch<'_>, album: &mut Album) -> Result<(), TouchError> {
    let settings = touch.window().global::<SettingsAdapter>();
    settings.invoke_set_language("es".into());
    touch.go(Screen::Stop)?;
    album.take(touch, "stop-in-spanish")?;
    touch.window().global::<SettingsAdapter>().invoke_set_language("en".into());
    Ok(())
}
