//! Why nobody was signed in, in words. Pure.

use super::format::{self, say};
use super::trouble;
use crate::session::{PinError, Reason, SignInError};
use shared::content::Language;

pub(super) fn pin(error: PinError, language: Language) -> &'static str {
    match error {
        PinError::TooCommon => {
            say(language, "Too easy to guess. Choose another.", "Muy fácil de adivinar. Elija otro.")
        }
        PinError::Length | PinError::NotDigits => {
            say(language, "A PIN has six digits.", "Un PIN tiene seis dígitos.")
        }
    }
}

pub(super) fn tries(tries_left: u32, language: Language) -> String {
    let (one, many) = (say(language, "try left", "intento más"), say(language, "tries left", "intentos más"));
    format::count(tries_left as usize, one, many)
}

pub(super) fn error(error: &SignInError, language: Language) -> String {
    match error {
        SignInError::WrongPin { .. } => {
            say(language, "This PIN is not right.", "Este PIN no es correcto.").into()
        }
        SignInError::Disabled => say(
            language,
            "Too many wrong PINs. Ask a colleague who is signed in to let you in.",
            "Demasiados PIN incorrectos. Pida a un colega con sesión abierta que le dé acceso.",
        )
        .into(),
        SignInError::NotAMember => {
            say(language, "No PIN was chosen on this device.", "No se eligió un PIN en este dispositivo.")
                .into()
        }
        SignInError::Revoked => say(
            language,
            "The office ended this person's access. Call the office.",
            "La oficina terminó el acceso de esta persona. Llame a la oficina.",
        )
        .into(),
        SignInError::LeaseEnded => say(
            language,
            "Too long without the server. Say why you go on.",
            "Demasiado tiempo sin el servidor. Diga por qué sigue.",
        )
        .into(),
        SignInError::Folder(_) => say(
            language,
            "The files of this device cannot be read.",
            "No se pueden leer los archivos de este dispositivo.",
        )
        .into(),
        SignInError::Store(error) => trouble::words(error, language).0.to_owned(),
    }
}

/// The reasons for which somebody goes on after their lease ended, each with the words of its button.
pub(super) fn reasons(language: Language) -> [(Reason, &'static str); 3] {
    [
        (Reason::NoNetwork, say(language, "No network for days", "Sin red desde hace días")),
        (
            Reason::WrongClock,
            say(
                language,
                "The date or time of this device is wrong",
                "La fecha o la hora de este dispositivo está mal",
            ),
        ),
        (Reason::Emergency, say(language, "Somebody needs care now", "Alguien necesita atención ahora")),
    ]
}
