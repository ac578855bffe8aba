//! Pictures of the real screens over a van's own file, drawn by the software renderer where there is no display.

use crate::sample::agreed_aloud;
use crate::van::{Van, VanError};
use app::capture::CheckInDraft;
use app::headless::Headless;
use app::screens::ui::{
    FindAdapter, InboxAdapter, NavAdapter, PersonAdapter, Screen, SignInAdapter, StopAdapter, TodayAdapter,
    VisitAdapter, VisitPage, VitalsAdapter,
};
use app::wiring::{Screens, ScreensOptions};
use shared::domain::visit::Station;
use shared::ids::StopId;
use slint::{ComponentHandle, Model};
use std::path::Path;
use std::time::Duration;

/// Why there are no pictures.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("the screens cannot be drawn: {0}")]
    Draw(String),
    #[error(transparent)]
    Van(#[from] VanError),
}

fn cannot(error: impl std::fmt::Display) -> PictureError {
    PictureError::Draw(error.to_string())
}

/// Some people whose visits are under way, so that the board shows a stop at work.
pub fn leave_some_under_way(van: &mut Van, stop: StopId, badges: &[String]) -> Result<(), PictureError> {
    for (number, badge) in badges.iter().enumerate() {
        let hits = van.desk.find(badge, Some(stop), 1).map_err(cannot)?;
        let Some(hit) = hits.first() else { continue };
        let identifiers = vec!["name".into(), "badge".into()];
        let draft =
            CheckInDraft { person: hit.id, stop, identifiers, consent: agreed_aloud(), walk_up: false };
        let visit = van.desk.check_in(&draft).map_err(cannot)?;
        let stations = [Station::Waiting, Station::Vitals, Station::Waiting, Station::Nurse];
        van.desk.move_to(visit, stations[number % stations.len()]).map_err(cannot)?;
    }
    Ok(())
}

/// Signs in with the keypad, walks through the screens and writes a picture of each; gives how many.
pub fn take(van: &Van, pin: &str, out: &Path) -> Result<usize, PictureError> {
    std::fs::create_dir_all(out).map_err(cannot)?;
    let headless = Headless::start(1280, 800).map_err(cannot)?;
    let options = ScreensOptions { is_live: false, ..ScreensOptions::live(van.folder.clone()) };
    let screens = Screens::new(options).map_err(cannot)?;
    let window = screens.window();
    window.show().map_err(cannot)?;
    let mut count = 0;
    let mut snap = |name: &str| {
        headless.advance(Duration::from_millis(400));
        count += 1;
        headless.save(&out.join(format!("{count:02}-{name}.png"))).map_err(cannot)
    };
    snap("sign-in")?;
    window.global::<SignInAdapter>().invoke_choose(van.staff.to_string().into());
    for digit in pin.chars() {
        window.global::<SignInAdapter>().invoke_press(digit.into());
    }
    window.global::<NavAdapter>().invoke_go(Screen::Today);
    snap("today")?;
    let today = window.global::<TodayAdapter>();
    let last = today.get_stops().row_count().saturating_sub(1);
    let stop = today.get_stops().row_data(last).ok_or_else(|| cannot("the day has no stop"))?;
    today.invoke_open_stop(stop.id);
    snap("stop")?;
    window.global::<NavAdapter>().invoke_go(Screen::Find);
    window.global::<FindAdapter>().set_query("rivera".into());
    window.global::<FindAdapter>().invoke_search("rivera".into());
    snap("find")?;
    window.global::<NavAdapter>().invoke_go(Screen::Stop);
    let board = window.global::<StopAdapter>();
    if let Some(card) = board.get_vitals().row_data(0) {
        board.invoke_open(card.id);
        window.global::<VisitAdapter>().invoke_go(VisitPage::Vitals);
        if let Some(tile) = window.global::<VitalsAdapter>().get_tiles().row_data(0) {
            window.global::<VitalsAdapter>().invoke_select(tile.id);
            for key in ["1", "4", "2"] {
                window.global::<VitalsAdapter>().invoke_press(key.into());
            }
        }
        snap("vitals")?;
    }
    window.global::<NavAdapter>().invoke_go(Screen::Find);
    if let Some(row) = window.global::<FindAdapter>().get_results().row_data(0) {
        window.global::<FindAdapter>().invoke_open(row.id);
        snap("person")?;
        window.global::<PersonAdapter>().invoke_check_in();
        snap("check-in")?;
    }
    window.global::<NavAdapter>().invoke_go(Screen::Inbox);
    if let Some(item) = window.global::<InboxAdapter>().get_items().row_data(0) {
        window.global::<InboxAdapter>().invoke_select(item.id);
    }
    snap("inbox")?;
    window.global::<NavAdapter>().invoke_go(Screen::Sync);
    snap("sync")?;
    Ok(count)
}
