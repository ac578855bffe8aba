//! What is wrong with a field, and how to say it.

use crate::content::Language;

/// One field's error. `field` is the name in the kind's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: &'static str,
    pub reason: Reason,
}

/// Why a field is refused, with what was typed where that helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Missing,
    TooLong { characters_max: usize },
    ControlCharacter,
    NotADate(String),
    InTheFuture(String),
    TooOld { years_max: i32 },
    NotAPhone(String),
    NotAnEmail(String),
    NotAChoice(String),
}

impl FieldError {
    /// A sentence that says what is wrong and what to do.
    pub fn words(&self, language: Language) -> String {
        let english = language == Language::English;
        match &self.reason {
            Reason::Missing if english => "Please fill this in.".into(),
            Reason::Missing => "Por favor complete este campo.".into(),
            Reason::TooLong { characters_max } if english => {
                format!("At most {characters_max} letters fit here.")
            }
            Reason::TooLong { characters_max } => format!("Aquí caben {characters_max} letras como máximo."),
            Reason::ControlCharacter if english => {
                "This has a character that cannot be read. Type it again.".into()
            }
            Reason::ControlCharacter => "Hay un carácter que no se puede leer. Escríbalo de nuevo.".into(),
            Reason::NotADate(typed) if english => {
                format!("\"{typed}\" is not a date. Write 1975, 1975-04 or 1975-04-23.")
            }
            Reason::NotADate(typed) => {
                format!("\"{typed}\" no es una fecha. Escriba 1975, 1975-04 o 1975-04-23.")
            }
            Reason::InTheFuture(typed) if english => format!("{typed} is in the future."),
            Reason::InTheFuture(typed) => format!("{typed} está en el futuro."),
            Reason::TooOld { years_max } if english => format!("That is more than {years_max} years ago."),
            Reason::TooOld { years_max } => format!("Eso fue hace más de {years_max} años."),
            Reason::NotAPhone(typed) if english => {
                format!("\"{typed}\" is not a telephone number. Write 7 to 15 digits.")
            }
            Reason::NotAPhone(typed) => format!("\"{typed}\" no es un teléfono. Escriba de 7 a 15 dígitos."),
            Reason::NotAnEmail(typed) if english => format!("\"{typed}\" is not an e-mail address."),
            Reason::NotAnEmail(typed) => format!("\"{typed}\" no es un correo electrónico."),
            Reason::NotAChoice(typed) if english => format!("\"{typed}\" is not one of the choices."),
            Reason::NotAChoice(typed) => format!("\"{typed}\" no es una de las opciones."),
        }
    }
}
