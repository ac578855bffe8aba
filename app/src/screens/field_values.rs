//! Any field's value in words, for cards that put two of them side by side. Pure.

use super::contact;
use super::format::{self, say};
use super::words;
use crate::capture::ConflictView;
use shared::content::Language;
use shared::domain::account::{Employer, Membership, Payer, employer_fields, membership_fields};
use shared::domain::care_gap::{CareGap, GapStatus, care_gap_fields};
use shared::domain::person::{Person, Sex, TobaccoStatus};
use shared::domain::task::{Task, TaskStatus, task_fields};
use shared::domain::visit::{Visit, visit_fields};
use shared::record::Value;

/// A kind of record, for what has no person's name.
pub(crate) fn kind(fhir: &str, language: Language) -> &'static str {
    if fhir == Employer::KIND.name {
        say(language, "An employer", "Un empleador")
    } else if fhir == Membership::KIND.name {
        say(language, "A membership", "Una afiliación")
    } else if fhir == CareGap::KIND.name {
        say(language, "A care gap", "Un pendiente de salud")
    } else {
        say(language, "A record", "Un registro")
    }
}

/// What people call the field.
pub(crate) fn field(view: &ConflictView, language: Language) -> String {
    let number = view.key.field;
    let kind = view.subject.kind;
    if kind == Person::KIND.name {
        return contact::field_words(number, language).to_owned();
    }
    let words = if kind == Membership::KIND.name && number == membership_fields::member_number {
        say(language, "Member number", "Número de afiliado")
    } else if kind == Membership::KIND.name && number == membership_fields::covered_to {
        say(language, "Covered until", "Cubierto hasta")
    } else if kind == Employer::KIND.name && number == employer_fields::fee_payer {
        say(language, "Who pays the fee", "Quién paga la tarifa")
    } else if kind == CareGap::KIND.name && number == care_gap_fields::status {
        say(language, "State of the gap", "Estado del pendiente")
    } else if kind == CareGap::KIND.name && number == care_gap_fields::reason {
        say(language, "Reason", "Motivo")
    } else if kind == Task::KIND.name && number == task_fields::action {
        say(language, "What was done at once", "Qué se hizo enseguida")
    } else if kind == Task::KIND.name && number == task_fields::acted {
        say(language, "Whether somebody could act", "Si se pudo actuar")
    } else if kind == Task::KIND.name && number == task_fields::status {
        say(language, "State of the task", "Estado de la tarea")
    } else if kind == Visit::KIND.name && number == visit_fields::note {
        say(language, "Note of the visit", "Nota de la visita")
    } else {
        return format::capital(&view.field.replace('_', " "));
    };
    words.to_owned()
}

/// One value.
pub(crate) fn value(view: &ConflictView, value: &Value, language: Language) -> String {
    match value {
        Value::Null => say(language, "Cleared", "Borrado").to_owned(),
        Value::Boolean(true) => say(language, "Yes", "Sí").to_owned(),
        Value::Boolean(false) => say(language, "No", "No").to_owned(),
        Value::Integer(cents) if view.field.ends_with("_cents") => format::money(*cents),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.quantity().map(|number| number.to_string()).unwrap_or_default(),
        Value::Text(text) => coded(view.field, text, language).map_or_else(|| text.clone(), str::to_owned),
        Value::Date(date) => format::partial_date(*date, language),
        Value::Timestamp(at) => format::date(format::local(*at, 0).date(), language),
        Value::List(values) => {
            values.iter().map(|one| self::value(view, one, language)).collect::<Vec<_>>().join(", ")
        }
        Value::Bytes(_) | Value::Id(_) => say(language, "Another record", "Otro registro").to_owned(),
    }
}

/// A code as words, where the field holds codes.
fn coded(field: &str, code: &str, language: Language) -> Option<&'static str> {
    match field {
        "sex" => Some(words::sex(Sex::from_code(code)?, language)),
        "tobacco_status" => Some(words::tobacco(TobaccoStatus::from_code(code)?, language)),
        "language" => Some(words::language_name(Language::from_tag(code)?)),
        "fee_payer" => Some(match Payer::from_code(code)? {
            Payer::Employer => say(language, "The employer", "El empleador"),
            Payer::Plan => say(language, "The plan", "El plan"),
            Payer::Person => say(language, "The person", "La persona"),
        }),
        "status" if TaskStatus::from_code(code).is_some() => Some(match TaskStatus::from_code(code)? {
            TaskStatus::Requested => say(language, "Somebody has to come back to it", "Alguien debe volver"),
            TaskStatus::Completed => say(language, "Done", "Hecho"),
            TaskStatus::EnteredInError => say(language, "Entered wrongly", "Anotado mal"),
        }),
        "status" => Some(match GapStatus::from_code(code)? {
            GapStatus::Open => say(language, "Open", "Pendiente"),
            GapStatus::Closed => say(language, "Closed", "Resuelto"),
            GapStatus::Declined => say(language, "Declined", "Rechazado"),
            GapStatus::FollowUp => say(language, "Follow-up", "En seguimiento"),
        }),
        _ => None,
    }
}
