//! What went wrong, in words that a colleague would use, and what to do. Nothing that was typed is taken away.

use super::dialog::{self, Ask, Question};
use super::state::App;
use super::ui::{Screen, Tone};
use super::{critical, format::say, frame};
use crate::capture::CaptureError;
use crate::store::StoreError;
use shared::content::Language;

/// Title and what to do.
pub(crate) fn words(error: &StoreError, language: Language) -> (&'static str, &'static str) {
    match error {
        StoreError::Full => (
            say(language, "This device is full", "Este dispositivo está lleno"),
            say(
                language,
                "Nothing was saved. What you typed is still here. Free some space or use another device, then save again.",
                "No se guardó nada. Lo que escribió sigue aquí. Libere espacio o use otro dispositivo y guarde de nuevo.",
            ),
        ),
        StoreError::TooLarge(_) => (
            say(language, "This is too much for one save", "Es demasiado para guardarlo de una vez"),
            say(
                language,
                "Nothing was saved. What you typed is still here. Make it shorter, then save again.",
                "No se guardó nada. Lo que escribió sigue aquí. Acórtelo y guarde de nuevo.",
            ),
        ),
        StoreError::WrongKey => (
            say(language, "The records cannot be opened", "No se pueden abrir los registros"),
            say(
                language,
                "The key of this device does not fit its file. Call the office.",
                "La llave de este dispositivo no corresponde a su archivo. Llame a la oficina.",
            ),
        ),
        StoreError::Erased => (
            say(language, "This device was erased", "Este dispositivo fue borrado"),
            say(
                language,
                "The office ordered it. This was not saved: write it down and use another device.",
                "La oficina lo ordenó. Esto no se guardó: anótelo y use otro dispositivo.",
            ),
        ),
        StoreError::Damaged(_) | StoreError::Migration(_) => (
            say(
                language,
                "The records of this device are damaged",
                "Los registros de este dispositivo están dañados",
            ),
            say(
                language,
                "Nothing was changed. Use another device and call the office.",
                "No se cambió nada. Use otro dispositivo y llame a la oficina.",
            ),
        ),
        StoreError::Sqlite(_) => (
            say(language, "It could not be saved", "No se pudo guardar"),
            say(
                language,
                "What you typed is still here. Try again; if it fails again, call the office.",
                "Lo que escribió sigue aquí. Intente de nuevo; si vuelve a fallar, llame a la oficina.",
            ),
        ),
    }
}

/// Tells the person. What is gone leads back to where the work goes on.
pub(crate) fn tell(app: &mut App, error: &CaptureError) {
    let language = app.language();
    match error {
        CaptureError::Store(error) => {
            tracing::warn!(permanent = error.is_permanent(), "the device's file refused an action");
            let (title, body) = words(error, language);
            dialog::open(app, Question::told(Tone::Caution, title, body, language));
        }
        CaptureError::Unanswered => {
            if let Some(visit) = app.visit.shown {
                critical::ask(app, visit);
            }
        }
        CaptureError::NotAgreed => {
            let title =
                say(language, "The person does not agree to care", "La persona no acepta la atención");
            let body = say(
                language,
                "Nothing was saved. To go on, ask for a new consent on the visit's first page.",
                "No se guardó nada. Para seguir, pida un nuevo consentimiento en la primera página de la visita.",
            );
            dialog::open(app, Question::told(Tone::Caution, title, body, language));
        }
        CaptureError::Contradicted => {
            let title =
                say(language, "What was measured today says otherwise", "Lo que se midió hoy dice otra cosa");
            let body = say(
                language,
                "Nothing was saved: nobody's word closes a gap while today's value is beyond its line.",
                "No se guardó nada: nadie puede cerrar de palabra un pendiente cuyo valor de hoy está fuera del límite.",
            );
            dialog::open(app, Question::told(Tone::Caution, title, body, language));
        }
        CaptureError::Gone => {
            let title =
                say(language, "This is no longer on this device", "Esto ya no está en este dispositivo");
            let body = say(
                language,
                "It was moved or belongs to another day. You are back where you can go on.",
                "Se movió o pertenece a otro día. Está de vuelta donde puede continuar.",
            );
            dialog::open(
                app,
                Question { ask: Ask::GoneBack, ..Question::told(Tone::Info, title, body, language) },
            );
        }
    }
}

/// After the notice that something is gone: the stop, or the day when the stop is gone itself.
pub(crate) fn go_back(app: &mut App) {
    let stop_is_here = match (app.stop, app.desk.as_ref()) {
        (Some(stop), Some(desk)) => desk.stop(stop).is_ok(),
        _ => false,
    };
    if !stop_is_here {
        app.stop = None;
    }
    let safe = if stop_is_here { Screen::Stop } else { Screen::Today };
    if app.screen != safe {
        frame::show(app, safe);
    }
}
