//! Find: searching people while somebody types or a badge is scanned, and where a result leads.

use super::format;
use super::state::{App, Shared, model, on, on_one};
use super::ui::{FindAdapter, FindRow, MainWindow, Screen};
use super::{frame, person, register, words};
use crate::capture::PersonHit;
use shared::ids::PersonId;
use slint::{ComponentHandle, SharedString};

/// More rows nobody pages through: another letter finds faster.
const RESULTS_MAX: usize = 60;
const RECENT_MAX: usize = 6;

#[derive(Default)]
pub(crate) struct State {
    /// Seen or opened lately at this stop, the latest first.
    recent: Vec<PersonId>,
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<FindAdapter>();
    adapter.on_search(on_one(shared, search));
    adapter.on_submitted(on_one(shared, submitted));
    adapter.on_open(on_one(shared, open));
    adapter.on_register(on(shared, register_typed));
    adapter.on_clear(on(shared, clear));
}

/// The results anew, for what stands in the field.
pub(crate) fn refresh(app: &mut App) {
    let typed = app.window().global::<FindAdapter>().get_query();
    search(app, typed);
    show_recent(app);
}

fn search(app: &mut App, typed: SharedString) {
    let stop = app.stop;
    let hits = match typed.trim() {
        "" => vec![],
        typed => app.with_desk(|desk| desk.find(typed, stop, RESULTS_MAX)).unwrap_or_default(),
    };
    let window = app.window();
    let adapter = window.global::<FindAdapter>();
    let total = match hits.len() {
        0 => format!("{} “{}”", app.say("Nobody found for", "No se encontró a nadie con"), typed.trim()),
        RESULTS_MAX => app.say("The first 60 people", "Las primeras 60 personas").to_owned(),
        number => format::count(number, app.say("person", "persona"), app.say("people", "personas")),
    };
    adapter.set_total(total.into());
    adapter.set_results(model(hits.iter().map(|hit| row(hit, app, true)).collect()));
}

fn show_recent(app: &mut App) {
    let (recent, stop) = (app.find.recent.clone(), app.stop);
    let Some(desk) = app.desk.as_ref() else { return };
    let hits: Vec<PersonHit> = recent.into_iter().filter_map(|id| desk.known(id, stop).ok()).collect();
    let rows = hits.iter().map(|hit| row(hit, app, false)).collect();
    app.window().global::<FindAdapter>().set_recent(model(rows));
}

fn row(hit: &PersonHit, app: &App, shows_why: bool) -> FindRow {
    let language = app.language();
    let employer = match (&hit.dependent_of, &hit.employer) {
        (Some(worker), _) => format!("{} {worker}", app.say("Family of", "Familia de")),
        (None, Some(employer)) => employer.clone(),
        (None, None) => app.say("No employer", "Sin empleador").to_owned(),
    };
    let member =
        if hit.is_member { app.say("Member", "Afiliado") } else { app.say("Not a member", "No afiliado") };
    let checked_in = hit.checked_in_at.map(|at| {
        format!("{} {}", app.say("Checked in", "Registrado"), format::time(at, app.offset(), language))
    });
    FindRow {
        id: hit.id.to_string().into(),
        name: hit.person.spoken_name().into(),
        born: words::born(&hit.person, app.today(), language).into(),
        employer: employer.into(),
        badge: words::badge(&hit.person, language).into(),
        why: if shows_why { words::why_found(hit.why, language).into() } else { SharedString::new() },
        member: hit.is_member,
        member_text: member.into(),
        checked_in: checked_in.is_some(),
        checked_in_text: checked_in.unwrap_or_default().into(),
    }
}

/// A badge scanner types a number and sends Enter: when exactly one person fits, that is the one.
fn submitted(app: &mut App, typed: SharedString) {
    let stop = app.stop;
    let hits = app.with_desk(|desk| desk.find(typed.trim(), stop, 2)).unwrap_or_default();
    match hits.as_slice() {
        [only] => show_person(app, only.id),
        _ => search(app, typed),
    }
}

fn open(app: &mut App, id: SharedString) {
    if let Ok(id) = id.parse::<PersonId>() {
        show_person(app, id);
    }
}

fn show_person(app: &mut App, id: PersonId) {
    let from = app.screen;
    person::open(app, id, from);
}

/// Somebody was opened or seen: they are found again without typing.
pub(crate) fn remember(app: &mut App, id: PersonId) {
    let recent = &mut app.find.recent;
    recent.retain(|known| *known != id);
    recent.insert(0, id);
    recent.truncate(RECENT_MAX);
}

/// Another stop begins: nobody of the last one stays in sight.
pub(crate) fn forget(app: &mut App) {
    app.find.recent.clear();
    clear(app);
}

/// The next person's search starts empty.
pub(crate) fn clear(app: &mut App) {
    let window = app.window();
    let adapter = window.global::<FindAdapter>();
    adapter.set_query(SharedString::new());
    adapter.set_results(model(vec![]));
    adapter.set_total(SharedString::new());
    show_recent(app);
}

fn register_typed(app: &mut App) {
    let typed = app.window().global::<FindAdapter>().get_query();
    let from = app.screen;
    register::begin(app, &typed, from);
    frame::show(app, Screen::Register);
}
