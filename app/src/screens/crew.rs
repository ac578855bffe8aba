//! The tiles of the sign-in screen: who has a PIN here, who may choose one, and what keeps somebody out.

use super::format::{self, say};
use super::state::{App, Gate};
use super::ui::{CrewTile, Tone};
use super::words;
use crate::capture::CrewMember;
use crate::session::Member;
use shared::ids::StaffId;
use shared::time::Timestamp;

pub(super) fn members(app: &App) -> Vec<Member> {
    app.keyring.members().unwrap_or_default()
}

/// Whether somebody without a PIN may choose one: a colleague handed over, and the data key is in memory.
pub(super) fn is_vouched_for(app: &App) -> bool {
    app.gate == Gate::HandedOver && app.key.is_some()
}

fn tile_of_member(member: &Member, app: &App) -> CrewTile {
    let language = app.language();
    let (note, tone, enabled) = if member.tries_left == 0 {
        let note =
            say(language, "Too many wrong PINs: ask a colleague", "Demasiados PIN incorrectos: pida ayuda");
        (note.to_owned(), Tone::Urgent, is_vouched_for(app))
    } else if app.now() > member.lease_until {
        let note = say(language, "Too long without the server", "Demasiado tiempo sin el servidor");
        (note.to_owned(), Tone::Caution, true)
    } else {
        (lease(member.lease_until, app), Tone::Good, true)
    };
    tile(member.staff, &member.name, &words::role_of_code(&member.role, language), &note, tone, enabled)
}

fn tile_without_pin(member: &CrewMember, app: &App) -> CrewTile {
    let language = app.language();
    let vouched = is_vouched_for(app);
    let note = match vouched {
        true => say(language, "Chooses a PIN first", "Primero elige un PIN"),
        false => say(
            language,
            "No PIN yet: a colleague signs in and taps \"Switch person\"",
            "Sin PIN: un colega inicia sesión y toca \"Cambiar de persona\"",
        ),
    };
    let role = member.role.map_or("", |role| words::role(role, language));
    tile(member.staff, &member.name, role, note, if vouched { Tone::Info } else { Tone::Neutral }, vouched)
}

fn tile(staff: StaffId, name: &str, role: &str, note: &str, tone: Tone, enabled: bool) -> CrewTile {
    CrewTile {
        id: staff.to_string().into(),
        name: name.into(),
        role: role.into(),
        initials: format::initials(name).into(),
        note: note.into(),
        tone,
        enabled,
    }
}

/// `Works offline until Thursday`.
pub(super) fn lease(until: Timestamp, app: &App) -> String {
    let language = app.language();
    let day = format::local(until, app.offset()).date();
    let days = day.signed_duration_since(app.today()).num_days();
    let day = match days {
        ..=6 => format::weekday(day, language).to_owned(),
        _ => format::short_date(day, app.today(), language),
    };
    format!("{} {day}", say(language, "Works offline until", "Sin conexión hasta el"))
}

/// Tiles: who has a PIN here, then who has none. Before the first sign-in only the former are known.
pub(super) fn tiles(app: &App) -> Vec<CrewTile> {
    let members = members(app);
    let known = |list: Option<Vec<CrewMember>>| list.unwrap_or_default();
    let desk = app.desk.as_ref();
    let crew = known(desk.and_then(|desk| desk.crew().ok()));
    let shown = match app.sign_in.everybody {
        true => known(desk.and_then(|desk| desk.everybody().ok())),
        false => crew.clone(),
    };
    let in_crew = |member: &&Member| {
        app.sign_in.everybody || crew.is_empty() || crew.iter().any(|other| other.staff == member.staff)
    };
    let has_no_pin = |member: &&CrewMember| !members.iter().any(|other| other.staff == member.staff);
    let mut tiles: Vec<CrewTile> =
        members.iter().filter(in_crew).map(|member| tile_of_member(member, app)).collect();
    tiles.extend(shown.iter().filter(has_no_pin).map(|member| tile_without_pin(member, app)));
    tiles
}
