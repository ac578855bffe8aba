//! Why the server keeps a change apart, in words that staff can say on the telephone, with the code that the office knows.
//! Pure; who decides about it is an operator.

use super::format::say;
use crate::store::CLOSED;
use shared::content::Language;

/// The reason in words, and its code.
pub(crate) fn words(reason: &str, language: Language) -> String {
    if reason.starts_with(CLOSED) {
        return say(language, "the office closed it", "la oficina lo cerró").to_owned();
    }
    let (code, field) = reason.split_once(": ").unwrap_or((reason, ""));
    let words = match code {
        "malformed" => say(language, "the server cannot read it", "el servidor no lo puede leer"),
        "newer-app" => say(
            language,
            "it was written by a newer app than the server knows",
            "lo escribió una aplicación más nueva que el servidor",
        ),
        "unknown-clock" => say(
            language,
            "it builds on something that the server has never seen",
            "se basa en algo que el servidor nunca vio",
        ),
        "out-of-bounds" => say(
            language,
            "a value is outside what the server accepts",
            "un valor está fuera de lo que acepta el servidor",
        ),
        "twice" => {
            say(language, "it writes one field more than once", "escribe un mismo dato más de una vez")
        }
        "other-kind" => say(
            language,
            "the record is of another kind on the server",
            "en el servidor el registro es de otro tipo",
        ),
        "foreign-bucket" => say(
            language,
            "it belongs to a place that this van may not write to",
            "pertenece a un lugar en el que esta unidad no puede escribir",
        ),
        "fact-rewritten" => say(
            language,
            "its number was used before for something else",
            "su número ya se usó para otra cosa",
        ),
        _ => say(
            language,
            "for a reason that this app does not know",
            "por un motivo que esta aplicación no conoce",
        ),
    };
    let named = if field.is_empty() { String::new() } else { format!(" ({field})") };
    format!("{words}{named}")
}

/// The same as a whole notice: what becomes of the change, and what to do.
pub(crate) fn told(reason: &str, language: Language) -> String {
    if let Some(note) = reason.strip_prefix(CLOSED) {
        let closed = say(
            language,
            "The office closed it; it stays on this device alone. The office says:",
            "La oficina lo cerró; queda solo en este dispositivo. La oficina dice:",
        );
        return format!("{closed} {note}");
    }
    let apart = say(language, "The server keeps it apart:", "El servidor lo guarda aparte:");
    let advice = say(
        language,
        "Nothing is lost here. Tell the office this code:",
        "Aquí no se pierde nada. Diga a la oficina este código:",
    );
    format!("{apart} {}. {advice} {reason}", words(reason, language))
}

#[cfg(test)]
mod tests;
