//! Sync: how far each visit came, what was refused, how this device stands. Nothing here waits for the network.

use super::format::{self, say};
use super::frame;
use super::state::{App, Shared, model, on, on_one};
use super::ui::{Delivered, Fact, MainWindow, RefusedChange, Screen, SyncAdapter, Tone, VisitDelivery};
use super::visit;
use crate::capture::{Delivery, DeviceFacts, Refusal, Undelivered};
use crate::store::CLOSED;
use shared::content::Language;
use shared::ids::VisitId;
use shared::sync::Phase;
use slint::{ComponentHandle, SharedString};

const VISITS_SHOWN: usize = 200;
/// From here on staff are told that the clock is off.
const CLOCK_OFF_MS: i64 = 120_000;

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<SyncAdapter>();
    adapter.on_sync_now(on(shared, |app| app.saved.notify_one()));
    adapter.on_open_visit(on_one(shared, open_visit));
}

pub(crate) fn refresh(app: &mut App) {
    let Some(deliveries) = app.with_desk(|desk| desk.deliveries(VISITS_SHOWN)) else { return };
    let Some(refused) = app.with_desk(|desk| desk.refusals()) else { return };
    let Some(facts) = app.with_desk(|desk| desk.device_facts()) else { return };
    let language = app.language();
    let window = app.window();
    let adapter = window.global::<SyncAdapter>();
    let Some(waiting) = app.with_desk(|desk| desk.undelivered()) else { return };
    let (_, tone) = frame::delivery(app);
    let headline = match facts.is_copy {
        true => say(language, "This is a copy: enroll it again", "Esto es una copia: regístrela de nuevo")
            .to_owned(),
        false => headline(waiting, refused.len(), language),
    };
    adapter.set_headline(headline.into());
    adapter.set_advice(if facts.is_copy { copy_words(language) } else { "" }.into());
    let tone = match (tone, waiting.changes, refused.len()) {
        _ if facts.is_copy => Tone::Urgent,
        (Tone::Neutral, _, 1..) => Tone::Caution,
        (Tone::Neutral, 0, _) => Tone::Good,
        (tone, ..) => tone,
    };
    adapter.set_tone(tone);
    adapter.set_contact(contact(app, &facts).into());
    adapter.set_visits(model(deliveries.iter().map(|delivery| row(delivery, app)).collect()));
    adapter.set_refused(model(refused.iter().map(|refusal| refused_row(refusal, language)).collect()));
    show_progress(app, &adapter);
    adapter.set_device(model(device(app, &facts)));
}

fn headline(waiting: Undelivered, refused: usize, language: Language) -> String {
    if refused > 0 {
        let (one, many) = (
            say(language, "change was refused", "cambio fue rechazado"),
            say(language, "changes were refused", "cambios fueron rechazados"),
        );
        return format::count(refused, one, many);
    }
    match waiting {
        Undelivered { changes: 0, .. } => {
            say(language, "Everything is delivered", "Todo está entregado").to_owned()
        }
        Undelivered { visits: 0, changes } => format::count(
            changes,
            say(language, "change waits for the network", "cambio espera la red"),
            say(language, "changes wait for the network", "cambios esperan la red"),
        ),
        Undelivered { visits, .. } => format::count(
            visits,
            say(language, "visit waits for the network", "visita espera la red"),
            say(language, "visits wait for the network", "visitas esperan la red"),
        ),
    }
}

/// What a copy means for whoever works with it.
fn copy_words(language: Language) -> &'static str {
    say(
        language,
        "This device's records were copied from another device, or an older copy was put back. You can go on working: what you capture is kept and delivered. Nothing new comes in until the office enrolls this device again.",
        "Los registros de este dispositivo son copia de otro, o se restauró una copia anterior. Puede seguir trabajando: lo que registre se guarda y se entrega. No llega nada nuevo hasta que la oficina registre de nuevo este dispositivo.",
    )
}

fn contact(app: &App, facts: &DeviceFacts) -> String {
    let language = app.language();
    // The server's time at the last contact, by this device's clock.
    match facts.server_time.map(|at| at.plus_milliseconds(facts.clock_offset_ms)) {
        Some(at) => {
            let at = format::moment(at, app.now(), app.offset(), language);
            format!("{} {at}", say(language, "Last contact:", "Último contacto:"))
        }
        None => say(language, "No contact yet", "Sin contacto todavía").to_owned(),
    }
}

fn is_moving(app: &App) -> bool {
    app.report.is_some_and(|report| matches!(report.phase, Phase::Pushing | Phase::Pulling))
}

fn row(delivery: &Delivery, app: &App) -> VisitDelivery {
    let language = app.language();
    let is_going = app.report.is_some_and(|report| report.phase == Phase::Pushing);
    let (server, state) = match (delivery.on_server, is_going) {
        (true, _) => (
            Delivered::Yes,
            say(language, "Delivered, the server signed for it", "Entregada, el servidor la firmó"),
        ),
        (false, true) => (Delivered::Going, say(language, "On its way", "En camino")),
        (false, false) => {
            (Delivered::No, say(language, "Safe here, waits for the network", "Segura aquí, espera la red"))
        }
    };
    let when = delivery.checked_in_at.map(|at| format::moment(at, app.now(), app.offset(), language));
    VisitDelivery {
        id: delivery.visit.to_string().into(),
        name: delivery.person_name.as_str().into(),
        when: when.unwrap_or_default().into(),
        device: Delivered::Yes,
        van: Delivered::NotUsed,
        server,
        record: Delivered::NotUsed,
        state: state.into(),
    }
}

fn refused_row(refusal: &Refusal, language: Language) -> RefusedChange {
    let (words, reason) = match refusal.reason.strip_prefix(CLOSED) {
        Some(note) => (
            say(
                language,
                "The office closed it; it stays on this device alone. The office says:",
                "La oficina lo cerró; queda solo en este dispositivo. La oficina dice:",
            ),
            note,
        ),
        None => (
            say(
                language,
                "The server keeps it apart. Nothing is lost here. Tell the office this reason:",
                "El servidor lo guarda aparte. Aquí no se pierde nada. Diga a la oficina este motivo:",
            ),
            refusal.reason.as_str(),
        ),
    };
    RefusedChange {
        id: refusal.sequence.to_string().into(),
        title: format!("{} {}", say(language, "Change", "Cambio"), refusal.sequence).into(),
        reason: format!("{words} {reason}").into(),
        action: SharedString::new(),
    }
}

fn show_progress(app: &App, adapter: &SyncAdapter<'_>) {
    let language = app.language();
    adapter.set_running(is_moving(app));
    let Some(report) = app.report else { return };
    let (sent, all) = (report.log.acknowledged.0, report.log.head.0);
    adapter.set_progress(sent as f32 / all.max(1) as f32);
    let text = match report.phase {
        Phase::Pulling => format::count(
            report.entries_received as usize,
            say(language, "entry received", "registro recibido"),
            say(language, "entries received", "registros recibidos"),
        ),
        _ => format!(
            "{} {} {}",
            format::thousands(sent as usize),
            say(language, "of", "de"),
            format::thousands(all as usize)
        ),
    };
    adapter.set_progress_text(text.into());
}

/// How far this device's clock is off, in words.
fn clock_words(offset_ms: i64, language: Language) -> (String, Tone) {
    if offset_ms.abs() < CLOCK_OFF_MS {
        return (say(language, "Right", "Correcto").to_owned(), Tone::Neutral);
    }
    let minutes = format::count(
        (offset_ms.abs() / 60_000) as usize,
        say(language, "minute", "minuto"),
        say(language, "minutes", "minutos"),
    );
    let way = if offset_ms > 0 {
        say(language, "ahead", "adelantado")
    } else {
        say(language, "behind", "atrasado")
    };
    (format!("{minutes} {way}"), Tone::Caution)
}

fn device(app: &App, facts: &DeviceFacts) -> Vec<Fact> {
    let language = app.language();
    let fact = |label: &str, value: String, tone| Fact { label: label.into(), value: value.into(), tone };
    let mut rows = Vec::new();
    if facts.must_enrol {
        let value = say(language, "Enroll it again", "Regístrelo de nuevo").to_owned();
        let label = match facts.is_copy {
            true => say(language, "This is a copy", "Es una copia"),
            false => say(language, "A copy of it exists", "Existe una copia"),
        };
        rows.push(fact(label, value, Tone::Urgent));
    }
    if let Some(desk) = app.desk.as_ref() {
        let identity = desk.identity();
        rows.push(fact(say(language, "Name", "Nombre"), identity.label.clone(), Tone::Neutral));
        rows.push(fact(say(language, "Van", "Unidad"), identity.van_code.clone(), Tone::Neutral));
        rows.push(fact(say(language, "Number", "Número"), identity.number.to_string(), Tone::Neutral));
    }
    let (clock, tone) = clock_words(facts.clock_offset_ms, language);
    rows.push(fact(say(language, "Clock", "Reloj"), clock, tone));
    rows.push(fact(
        say(language, "People held here", "Personas guardadas"),
        format::thousands(facts.people),
        Tone::Neutral,
    ));
    let megabytes = std::fs::metadata(app.folder.records()).map_or(0, |file| file.len().div_ceil(1_000_000));
    rows.push(fact(
        say(language, "Records, encrypted", "Registros, cifrados"),
        format!("{megabytes} MB"),
        Tone::Neutral,
    ));
    rows.push(fact(say(language, "Version", "Versión"), env!("CARGO_PKG_VERSION").to_owned(), Tone::Neutral));
    rows
}

fn open_visit(app: &mut App, id: SharedString) {
    if let Ok(id) = id.parse::<VisitId>() {
        visit::open(app, id, Screen::Sync);
    }
}
