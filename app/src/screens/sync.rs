//! Sync: how far each visit came, what was refused, how this device stands. Nothing here waits for the network.

use super::format::{self, say};
use super::state::{App, Shared, model, on, on_one};
use super::ui::{Delivered, Fact, MainWindow, RefusedChange, Screen, SyncAdapter, Tone, VisitDelivery};
use super::{frame, refusal, visit};
use crate::capture::{Delivery, DeviceFacts, Refusal, Undelivered};
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
    let trouble = trouble(app, &facts);
    let headline =
        trouble.map_or_else(|| headline(waiting, refused.len(), language), |told| told.0.to_owned());
    adapter.set_headline(headline.into());
    adapter.set_advice(trouble.map_or("", |told| told.1).into());
    let tone = match (tone, waiting.changes, refused.len()) {
        _ if trouble.is_some() => Tone::Urgent,
        (Tone::Neutral, _, 1..) => Tone::Caution,
        (Tone::Neutral, 0, _) => Tone::Good,
        (tone, ..) => tone,
    };
    adapter.set_tone(tone);
    adapter.set_contact(contact(app, &facts).into());
    adapter.set_visits(model(deliveries.iter().map(|delivery| row(delivery, app)).collect()));
    adapter.set_refused(model(
        refused.iter().map(|refusal| refused_row(refusal, &deliveries, language)).collect(),
    ));
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

/// Trouble of this very device that staff cannot mend: what it is, and what to do.
fn trouble(app: &App, facts: &DeviceFacts) -> Option<(&'static str, &'static str)> {
    let language = app.language();
    if facts.is_copy {
        return Some((
            say(language, "This is a copy: enroll it again", "Esto es una copia: regístrela de nuevo"),
            say(
                language,
                "This device's records were copied from another device, or an older copy was put back. You can go on working: what you capture is kept and delivered. Nothing new comes in until the office enrolls this device again.",
                "Los registros de este dispositivo son copia de otro, o se restauró una copia anterior. Puede seguir trabajando: lo que registre se guarda y se entrega. No llega nada nuevo hasta que la oficina registre de nuevo este dispositivo.",
            ),
        ));
    }
    match app.report.map(|report| report.phase) {
        Some(Phase::DiskRefuses { .. }) => Some((
            say(language, "This device's disk refuses", "El disco de este dispositivo falla"),
            say(
                language,
                "It is full or failing: what comes from the server cannot be kept here. What was said to be saved is safe. Call the office before you go on.",
                "Está lleno o fallando: lo que llega del servidor no se puede guardar aquí. Lo que se dijo que está guardado está seguro. Llame a la oficina antes de seguir.",
            ),
        )),
        _ => None,
    }
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
    let (server, state) = match (&delivery.refused, delivery.on_server, is_going) {
        (Some(refusal), ..) => {
            let kept = say(language, "Kept apart:", "Guardado aparte:");
            (Delivered::Refused, format!("{kept} {}", refusal::words(&refusal.reason, language)))
        }
        (None, true, _) => {
            let words =
                say(language, "Delivered, the server signed for it", "Entregada, el servidor la firmó");
            (Delivered::Yes, words.to_owned())
        }
        (None, false, true) => (Delivered::Going, say(language, "On its way", "En camino").to_owned()),
        (None, false, false) => {
            let words = say(language, "Safe here, waits for the network", "Segura aquí, espera la red");
            (Delivered::No, words.to_owned())
        }
    };
    let when = delivery.checked_in_at.map(|at| format::moment(at, app.now(), app.offset(), language));
    VisitDelivery {
        id: delivery.visit.to_string().into(),
        name: delivery.person_name.as_str().into(),
        when: when.unwrap_or_default().into(),
        device: Delivered::Yes,
        server,
        state: state.into(),
    }
}

fn refused_row(refusal: &Refusal, deliveries: &[Delivery], language: Language) -> RefusedChange {
    let whose = deliveries.iter().find(|delivery| refusal.names.contains(&delivery.visit.into()));
    let number = format!("{} {}", say(language, "Change", "Cambio"), refusal.sequence);
    let title = match whose.map(|delivery| delivery.person_name.as_str()).filter(|name| !name.is_empty()) {
        Some(name) => format!("{name} · {number}"),
        None => number,
    };
    RefusedChange {
        id: refusal.sequence.to_string().into(),
        title: title.into(),
        reason: refusal::told(&refusal.reason, language).into(),
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
