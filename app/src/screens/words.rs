//! Words of the domain in the staff's or the person's language: roles, sexes, why somebody was found, who pays.
//! Pure. Fixed words of the screens stand in the .slint files and their translation.

use super::format::{self, say};
use chrono::NaiveDate;
use shared::content::Language;
use shared::domain::account::{Employer, Payer};
use shared::domain::duplicates::Reason;
use shared::domain::person::{Person, Sex, TobaccoStatus};
use shared::domain::route::Role;
use shared::draft::{FieldError, Reason as FieldReason};
use shared::project::WhyFound;

/// A language by its own name, as people look for it.
pub fn language_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Spanish => "Español",
    }
}

pub fn role(role: Role, language: Language) -> &'static str {
    match role {
        Role::Nurse => say(language, "Nurse", "Enfermería"),
        Role::MedicalAssistant => say(language, "Medical assistant", "Asistente médico"),
        Role::CommunityHealthWorker => say(language, "Community health worker", "Promotor de salud"),
        Role::Supervisor => say(language, "Supervisor", "Supervisión"),
    }
}

/// The role behind a code of the keyring; the code itself when this build does not know it.
pub fn role_of_code(code: &str, language: Language) -> String {
    Role::from_code(code).map_or_else(|| code.to_owned(), |known| role(known, language).to_owned())
}

pub fn sex(sex: Sex, language: Language) -> &'static str {
    match sex {
        Sex::Female => say(language, "Female", "Mujer"),
        Sex::Male => say(language, "Male", "Hombre"),
        Sex::Unknown => say(language, "Not known", "No se sabe"),
    }
}

pub fn tobacco(status: TobaccoStatus, language: Language) -> &'static str {
    match status {
        TobaccoStatus::Never => say(language, "Never smoked", "Nunca ha fumado"),
        TobaccoStatus::Former => say(language, "Former smoker", "Fumaba antes"),
        TobaccoStatus::EveryDay => say(language, "Smokes every day", "Fuma todos los días"),
        TobaccoStatus::SomeDays => say(language, "Smokes some days", "Fuma algunos días"),
    }
}

/// `47 years · March 3, 1978`; says so when the date is not known.
pub fn born(person: &Person, today: NaiveDate, language: Language) -> String {
    match person.birth_date {
        Some(born) => {
            format!("{} · {}", format::age(born, today, language), format::partial_date(born, language))
        }
        None => say(language, "Birth date not known", "No se sabe la fecha de nacimiento").to_owned(),
    }
}

/// The language that a person speaks, by its own name.
pub fn spoken(person: &Person) -> Option<&'static str> {
    person.language.as_deref().and_then(Language::from_tag).map(language_name)
}

pub fn badge(person: &Person, language: Language) -> String {
    match person.employee_number.as_deref() {
        Some(number) => format!("{} {number}", say(language, "Badge", "Gafete")),
        None => String::new(),
    }
}

pub fn why_found(why: WhyFound, language: Language) -> &'static str {
    match why {
        WhyFound::Name => say(language, "Same name", "Mismo nombre"),
        WhyFound::NameBegins => say(language, "Name begins like this", "El nombre empieza así"),
        WhyFound::Number => say(language, "Same number or date", "Mismo número o fecha"),
        WhyFound::ShortForm => say(language, "Short form of the name", "Forma corta del nombre"),
        WhyFound::SoundsLike => say(language, "Sounds like it", "Suena parecido"),
        WhyFound::Misspelt => say(language, "Similar spelling", "Se escribe parecido"),
    }
}

/// What agreed between two entries, or did not.
pub fn likeness(reason: Reason, language: Language) -> &'static str {
    match reason {
        Reason::SameName => say(language, "same name", "mismo nombre"),
        Reason::NamesSwapped => say(language, "names swapped", "nombres intercambiados"),
        Reason::SimilarName => say(language, "similar name", "nombre parecido"),
        Reason::SoundsLike => say(language, "name sounds alike", "el nombre suena parecido"),
        Reason::ShortForm => say(language, "short form of the name", "forma corta del nombre"),
        Reason::OtherName => say(language, "other name", "otro nombre"),
        Reason::SameBirthDate => say(language, "same birth date", "misma fecha de nacimiento"),
        Reason::FitsBirthDate => say(language, "birth date fits", "la fecha de nacimiento encaja"),
        Reason::DayAndMonthSwapped => say(language, "day and month swapped", "día y mes intercambiados"),
        Reason::OneDigitOff => say(language, "birth date one digit off", "fecha con un dígito distinto"),
        Reason::OtherBirthDate => say(language, "other birth date", "otra fecha de nacimiento"),
        Reason::SamePhone => say(language, "same telephone", "mismo teléfono"),
        Reason::SameBadge => say(language, "same badge", "mismo gafete"),
        Reason::SameAddress => say(language, "same address", "misma dirección"),
        Reason::OtherSex => say(language, "other sex", "otro sexo"),
    }
}

/// Who pays, as the person's band says it.
pub fn fee(
    payer: Payer,
    cents: i64,
    employer: Option<&Employer>,
    today: NaiveDate,
    language: Language,
) -> String {
    let until = employer.and_then(|employer| employer.agreement_to);
    match (payer, until) {
        (Payer::Employer, None) => say(language, "Paid by the employer", "Lo paga el empleador").to_owned(),
        (Payer::Employer, Some(day)) => format!(
            "{} {}",
            say(language, "Paid by the employer until", "Lo paga el empleador hasta el"),
            format::short_date(day, today, language)
        ),
        (Payer::Plan, _) => say(language, "Paid by the plan", "Lo paga el plan").to_owned(),
        (Payer::Person, _) => {
            format!("{} {}", say(language, "The person pays", "Paga la persona:"), format::money(cents))
        }
    }
}

/// A field's error in the room below a field: what is wrong and what to do. The draft's own sentence where there is no
/// shorter one.
pub fn field_error(error: &FieldError, language: Language) -> String {
    let short = match &error.reason {
        FieldReason::NotADate(_) => {
            say(language, "Not a date: write 3/5/1975", "No es fecha: escriba 3/5/1975")
        }
        FieldReason::NotAPhone(_) => {
            say(language, "Not a number: 7 to 15 digits", "No es un número: 7 a 15 dígitos")
        }
        FieldReason::NotAnEmail(_) => say(language, "Not an e-mail address", "No es un correo electrónico"),
        FieldReason::InTheFuture(_) => say(language, "This is in the future", "Está en el futuro"),
        _ => return error.words(language),
    };
    short.to_owned()
}
