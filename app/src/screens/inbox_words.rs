//! What the inbox says: its lines, the values of a conflict side by side, and what settled it.

use super::format::{self, say};
use super::inbox::{Chosen, Item, Settled, conflict_id};
use super::state::App;
use super::ui::{ConflictValue, InboxItem, InboxKind};
use super::{field_values, inbox_task, person};
use crate::capture::{Candidate, ConflictView, Place};
use shared::content::Language;
use slint::SharedString;

pub(super) fn row(item: &Item, app: &App) -> InboxItem {
    let language = app.language();
    match item {
        Item::Task(view) => InboxItem {
            id: item.id().into(),
            kind: InboxKind::FollowUp,
            title: view.person_name.as_str().into(),
            detail: inbox_task::title(app, view).into(),
            when: inbox_task::due_words(view, app).into(),
            settled: false,
        },
        Item::Conflict(view) => conflict_row(view, false, app),
        Item::FollowUp(follow_up) => {
            let on = follow_up.gap.gap.follow_up_on.map(|day| format::short_date(day, app.today(), language));
            InboxItem {
                id: item.id().into(),
                kind: InboxKind::FollowUp,
                title: follow_up.person_name.as_str().into(),
                detail: person::gap_words(&follow_up.gap, language).0.into(),
                when: on.unwrap_or_default().into(),
                settled: false,
            }
        }
    }
}

pub(super) fn conflict_row(view: &ConflictView, settled: bool, app: &App) -> InboxItem {
    let language = app.language();
    let values = format::count(
        view.candidates.len(),
        say(language, "value", "valor"),
        say(language, "values", "valores"),
    );
    let newest = view.candidates.iter().map(|candidate| candidate.at).max().unwrap_or_default();
    InboxItem {
        id: conflict_id(view).into(),
        kind: InboxKind::Conflict,
        title: title(view, app),
        detail: format!("{} · {values}", field_values::field(view, language)).into(),
        when: format::ago(newest, app.now(), language).into(),
        settled,
    }
}

pub(super) fn title(view: &ConflictView, app: &App) -> SharedString {
    let kind = || field_values::kind(view.subject.kind, app.language()).to_owned();
    view.subject.person_name.clone().unwrap_or_else(kind).into()
}

pub(super) fn settled_words(settled: &Settled, app: &App) -> String {
    let language = app.language();
    let value = settled.chosen.value(&settled.view);
    let value = value.map(|value| field_values::value(&settled.view, &value, language)).unwrap_or_default();
    let at = format::moment(settled.at, app.now(), app.offset(), language);
    format!("{} {}, {at}: {value}", say(language, "Settled by", "Resuelto por"), settled.by)
}

/// Where a value comes from, in words: never a number, which says nothing to anybody.
fn place_words(place: &Place, language: Language) -> String {
    match place {
        Place::ThisDevice => say(language, "This device", "Este dispositivo").to_owned(),
        Place::Office => say(language, "The office", "La oficina").to_owned(),
        Place::Unnamed => say(language, "Another device", "Otro dispositivo").to_owned(),
        Place::Tablet { label, van_code, is_copy } => {
            let label = match is_copy {
                true => format!("{} {label}", say(language, "A copy of", "Una copia de")),
                false => label.clone(),
            };
            van_code.iter().cloned().chain([label]).collect::<Vec<_>>().join(" · ")
        }
    }
}

pub(super) fn card(
    index: usize,
    candidate: &Candidate,
    view: &ConflictView,
    chosen: Option<Chosen>,
    app: &App,
) -> ConflictValue {
    let language = app.language();
    let had_seen = match candidate.seen.is_empty() {
        true => say(language, "Had seen no value", "No había visto ningún valor"),
        false => say(
            language,
            "Had seen an earlier value, not the other one",
            "Había visto un valor anterior, no el otro",
        ),
    };
    ConflictValue {
        id: index.to_string().into(),
        value: field_values::value(view, &candidate.value, language).into(),
        who: candidate.by.clone().unwrap_or_else(|| say(language, "Somebody", "Alguien").to_owned()).into(),
        r#where: place_words(&candidate.place, language).into(),
        when: format::moment(candidate.at, app.now(), app.offset(), language).into(),
        had_seen: had_seen.into(),
        chosen: chosen == Some(Chosen::One(index)),
    }
}
