//! Pictures of the real screens over a van's own file, drawn by the software renderer where there is no display.

use crate::touch::{Touch, TouchError};
use app::screens::ui::{
    FindAdapter, InboxAdapter, PersonAdapter, Screen, StopAdapter, TodayAdapter, VisitAdapter, VisitPage,
    VitalsAdapter,
};
use slint::{ComponentHandle, Model};
use std::path::Path;

/// Walks through the screens and writes a picture of each; gives how many.
pub fn take(touch: &mut Touch<'_>, out: &Path) -> Result<usize, TouchError> {
    std::fs::create_dir_all(out)?;
    let mut count = 0;
    let mut snap = |touch: &Touch<'_>, name: &str| {
        count += 1;
        touch.picture(&out.join(format!("{count:02}-{name}.png")))
    };
    touch.go(Screen::Today)?;
    snap(touch, "today")?;
    let today = touch.window().global::<TodayAdapter>();
    let stops = today.get_stops();
    let last = stops.row_data(stops.row_count().saturating_sub(1));
    let stop = last.ok_or_else(|| TouchError::Unexpected("the day has no stop".into()))?;
    today.invoke_open_stop(stop.id);
    snap(touch, "stop")?;
    touch.go(Screen::Find)?;
    touch.find("rivera");
    snap(touch, "find")?;
    touch.go(Screen::Stop)?;
    let board = touch.window().global::<StopAdapter>();
    if let Some(card) = board.get_vitals().row_data(0) {
        board.invoke_open(card.id);
        touch.window().global::<VisitAdapter>().invoke_go(VisitPage::Vitals);
        let page = touch.window().global::<VitalsAdapter>();
        if let Some(tile) = page.get_tiles().row_data(0) {
            page.invoke_select(tile.id);
            ["1", "4", "2"].into_iter().for_each(|key| page.invoke_press(key.into()));
        }
        snap(touch, "vitals")?;
    }
    touch.go(Screen::Find)?;
    if let Some(row) = touch.window().global::<FindAdapter>().get_results().row_data(0) {
        touch.window().global::<FindAdapter>().invoke_open(row.id);
        snap(touch, "person")?;
        touch.window().global::<PersonAdapter>().invoke_check_in();
        snap(touch, "check-in")?;
    }
    touch.go(Screen::Inbox)?;
    let inbox = touch.window().global::<InboxAdapter>();
    if let Some(item) = inbox.get_items().row_data(0) {
        inbox.invoke_select(item.id);
    }
    snap(touch, "inbox")?;
    touch.go(Screen::Sync)?;
    snap(touch, "sync")?;
    touch.hand_over()?;
    snap(touch, "sign-in")?;
    Ok(count)
}
