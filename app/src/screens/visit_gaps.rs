//! The gaps of a visit: each is closed by what was found today, by care that was given elsewhere and its year, declined
//! with a reason, or becomes a follow-up. Whether care of that year counts is decided in `shared::domain::due`.

use super::evidence::{self, Evidence};
use super::format::{self, say};
use super::gap_care::{self, CLOSED_BY, Care};
use super::state::{App, Shared, model, on, on_one, option};
use super::ui::{self, ChoiceOption, GapState, MainWindow, Tone, VisitGap, VisitGapsAdapter};
use super::undo::{self, Undoing};
use super::visit::{self, Progress};
use super::{frame, person};
use crate::capture::{GapDecision, GapView, VisitView};
use chrono::{Days, NaiveDate};
use shared::content::Language;
use shared::content::consent::Scope;
use shared::domain::care_gap::GapStatus;
use shared::domain::due::{Proof, Standing, Suggestion, Verdict};
use shared::ids::CareGapId;
use slint::{ComponentHandle, SharedString};

pub(crate) struct State {
    selected: Option<CareGapId>,
    /// The selected one as the page shows it.
    shown: Option<GapView>,
    decision: ui::GapDecision,
    reason: String,
    care: Care,
}

impl Default for State {
    fn default() -> Self {
        Self {
            selected: None,
            shown: None,
            decision: ui::GapDecision::None,
            reason: String::new(),
            care: Care::default(),
        }
    }
}

const DECLINED: [(&str, &str, &str); 5] = [
    ("not-now", "Does not want it now", "No lo quiere ahora"),
    ("time", "Has to go back to work", "Tiene que volver al trabajo"),
    ("cost", "Worries about the cost", "Le preocupa el costo"),
    ("fear", "Is afraid of it", "Le da miedo"),
    ("doctor", "Wants to ask their doctor first", "Quiere preguntar antes a su médico"),
];
/// Days from now: id, English, Spanish, days.
const FOLLOW_UPS: [(&str, &str, &str, u64); 4] = [
    ("week", "Call in one week", "Llamar en una semana", 7),
    ("month", "Call in one month", "Llamar en un mes", 30),
    ("appointment", "Make an appointment within two weeks", "Hacer una cita en un plazo de dos semanas", 14),
    (
        "next-van",
        "At the van's next stop, in three months",
        "En la próxima visita de la unidad, en tres meses",
        90,
    ),
];

/// Those that need the person's word that they may be called.
const CALLS: [&str; 2] = ["week", "month"];

/// Whether a follow-up, by its words in either language, is a call.
pub(crate) fn is_call(reason: &str) -> bool {
    FOLLOW_UPS
        .iter()
        .any(|(id, english, spanish, _)| CALLS.contains(id) && (reason == *english || reason == *spanish))
}

fn may_call(view: &VisitView) -> bool {
    view.person.consent.as_ref().is_some_and(|consent| consent.may_contact(Scope::OutreachCall))
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<VisitGapsAdapter>();
    adapter.on_select(on_one(shared, select));
    adapter.on_decide(on_one(shared, decide));
    adapter.on_choose_reason(on_one(shared, choose_reason));
    adapter.on_save(on(shared, save));
    adapter.on_reopen(on(shared, reopen));
}

/// The gaps that this visit is about: open ones, and those that it decided.
fn of_visit(view: &VisitView) -> Vec<&GapView> {
    let is_ours = |gap: &&GapView| gap.gap.status == Some(GapStatus::Open) || gap.gap.visit == Some(view.id);
    view.person.gaps.iter().filter(is_ours).collect()
}

pub(crate) fn progress(view: &VisitView) -> Progress {
    let gaps = of_visit(view);
    let done = gaps.iter().filter(|gap| is_done(gap, view)).count();
    Progress { done, asked: gaps.len(), needs_attention: false }
}

/// Decided, or closed by what was found: the end of the visit writes it.
pub(super) fn is_done(gap: &GapView, view: &VisitView) -> bool {
    let closes = evidence::standing(gap, &view.person).is_some_and(|standing| {
        matches!(standing.suggestion, Suggestion::Close { .. } | Suggestion::FollowUp { .. })
    });
    closes || gap.gap.status != Some(GapStatus::Open)
}

pub(crate) fn refresh(app: &mut App, view: &VisitView) {
    let language = app.language();
    let progress = progress(view);
    let window = app.window();
    let adapter = window.global::<VisitGapsAdapter>();
    let mut gaps = of_visit(view);
    // What was planned on the person's page comes first.
    gaps.sort_by_key(|gap| !app.person.planned.contains(&gap.id));
    let rows = gaps.into_iter().map(|gap| row(gap, view, app)).chain(met(view, app));
    adapter.set_gaps(model(rows.collect()));
    let left = format!(
        "{} {} {} {}",
        progress.done,
        say(language, "of", "de"),
        progress.asked,
        say(language, "decided", "decididos")
    );
    adapter.set_left(if progress.asked == 0 { String::new() } else { left }.into());
    show_selected(app, view, &adapter);
    app.visit_gaps.shown = selected(app, view).cloned();
}

fn row(gap: &GapView, view: &VisitView, app: &App) -> VisitGap {
    let language = app.language();
    let (title, reason) = person::gap_words(gap, language);
    let (age, age_tone) = person::gap_age(gap, &view.person, app);
    let standing = evidence::standing(gap, &view.person);
    let closes = evidence::of(gap, view, app);
    let (state, text, tone) = match gap.gap.status {
        Some(GapStatus::Closed) => {
            let by = standing.and_then(|standing| match &standing.verdict {
                Some(Verdict::Met { by, .. }) => Some(evidence::words(by, view, app)),
                _ => None,
            });
            let text = by.unwrap_or_else(|| say(language, "Closed today", "Resuelto hoy").to_owned());
            match standing.and_then(|standing| standing.verdict.as_ref()) {
                Some(Verdict::Met { follow_up_by: Some(by), .. }) => {
                    (GapState::Closed, format!("{text} · {}", has_to_follow(*by, app)), Tone::Caution)
                }
                _ => (GapState::Closed, text, Tone::Good),
            }
        }
        Some(GapStatus::Declined) => {
            let why = gap.gap.reason.as_deref().unwrap_or_default();
            (GapState::Declined, format!("{} {why}", say(language, "Declined:", "Rechazado:")), Tone::Neutral)
        }
        Some(GapStatus::FollowUp) => {
            let on = gap
                .gap
                .follow_up_on
                .map(|day| format::short_date(day, app.today(), language))
                .unwrap_or_default();
            let why = evidence::promise_words(gap, language);
            (GapState::FollowUp, format!("{why} · {on}"), Tone::Info)
        }
        _ => match (standing.map(|standing| &standing.suggestion), closes) {
            (Some(Suggestion::FollowUp { by, on }), _) => {
                let text = format!("{} · {}", evidence::words(by, view, app), has_to_follow(*on, app));
                (GapState::FollowUp, text, Tone::Caution)
            }
            (_, Some(by)) => (GapState::Closed, by.words, Tone::Good),
            (_, None) => (GapState::Open, String::new(), age_tone),
        },
    };
    VisitGap {
        id: gap.id.to_string().into(),
        title: title.into(),
        reason: reason.into(),
        age: age.into(),
        state,
        state_text: text.into(),
        tone,
    }
}

/// What a positive answer wants.
fn has_to_follow(by: NaiveDate, app: &App) -> String {
    let wants = app.say("something has to follow by", "algo debe seguir a más tardar el");
    format!("{wants} {}", format::short_date(by, app.today(), app.language()))
}

/// What no gap stood for and was done all the same.
fn met(view: &VisitView, app: &App) -> Vec<VisitGap> {
    let language = app.language();
    let row = |(standing, by): (&Standing<'static>, &Proof)| {
        let rule = standing.rule?;
        let done = evidence::words(by, view, app);
        let (state, text, tone) = match &standing.suggestion {
            Suggestion::FollowUp { on, .. } => {
                (GapState::FollowUp, format!("{done} · {}", has_to_follow(*on, app)), Tone::Caution)
            }
            _ => (GapState::Closed, done, Tone::Good),
        };
        Some(VisitGap {
            id: rule.id.as_str().into(),
            title: rule.name.text(language).into(),
            reason: say(language, "Was due and is done", "Tocaba y ya se hizo").into(),
            age: SharedString::new(),
            state,
            state_text: text.into(),
            tone,
        })
    };
    evidence::met_today(view, app).into_iter().filter_map(row).collect()
}

fn selected<'v>(app: &App, view: &'v VisitView) -> Option<&'v GapView> {
    let id = app.visit_gaps.selected?;
    view.person.gaps.iter().find(|gap| gap.id == id)
}

fn show_selected(app: &App, view: &VisitView, adapter: &VisitGapsAdapter<'_>) {
    let language = app.language();
    let Some(gap) = selected(app, view) else {
        adapter.set_selected_id(SharedString::new());
        return adapter.set_decision(ui::GapDecision::None);
    };
    let (title, reason) = person::gap_words(gap, language);
    let evidence = evidence::of(gap, view, app);
    adapter.set_selected_id(gap.id.to_string().into());
    adapter.set_title(title.into());
    let claim = format::capital(person::gap_claim(gap, &view.person, language));
    let lacks = evidence::missing_parts(gap, &view.person, language);
    let reason =
        [reason, claim, lacks].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(". ");
    adapter.set_reason(reason.into());
    adapter.set_evidence(evidence.as_ref().map(|evidence| evidence.words.clone()).unwrap_or_default().into());
    let against = evidence::against(gap, view, app);
    adapter.set_can_close(against.is_none());
    adapter.set_against(against.unwrap_or_default().into());
    adapter.set_grounds(gap.rule.map(|rule| evidence::grounds(rule, language)).unwrap_or_default().into());
    adapter.set_decided(gap.gap.status != Some(GapStatus::Open));
    adapter.set_decision(app.visit_gaps.decision);
    adapter.set_reasons(model(reasons(app, gap, view, evidence.as_ref())));
    adapter.set_asks(asks_words(app, gap).into());
    adapter.set_can_save(is_answered(app));
}

fn asks_words(app: &App, gap: &GapView) -> &'static str {
    let language = app.language();
    match app.visit_gaps.decision {
        ui::GapDecision::None => "",
        ui::GapDecision::Decline => say(language, "Why not now?", "¿Por qué no ahora?"),
        ui::GapDecision::FollowUp => say(language, "What comes next?", "¿Qué sigue?"),
        ui::GapDecision::Close if gap_care::services(gap).is_empty() => {
            say(language, "How was it closed?", "¿Cómo se resolvió?")
        }
        ui::GapDecision::Close => app.visit_gaps.care.asks_words(language),
    }
}

fn is_answered(app: &App) -> bool {
    let state = &app.visit_gaps;
    !state.reason.is_empty() || state.care.is_whole()
}

fn reasons(app: &App, gap: &GapView, view: &VisitView, evidence: Option<&Evidence>) -> Vec<ChoiceOption> {
    let (language, chosen) = (app.language(), app.visit_gaps.reason.as_str());
    let plain = |(id, english, spanish): &(&'static str, &'static str, &'static str)| {
        option(*id, say(language, english, spanish), chosen == *id)
    };
    match app.visit_gaps.decision {
        ui::GapDecision::None => vec![],
        ui::GapDecision::Close => {
            let found =
                evidence.map(|evidence| option("evidence", evidence.words.as_str(), chosen == "evidence"));
            if gap_care::services(gap).is_empty() {
                return found.into_iter().chain(CLOSED_BY.iter().map(plain)).collect();
            }
            let rows = gap_care::rows(&app.visit_gaps.care, gap, &view.packs, app);
            found.filter(|_| !app.visit_gaps.care.is_begun()).into_iter().chain(rows).collect()
        }
        ui::GapDecision::Decline => DECLINED.iter().map(plain).collect(),
        ui::GapDecision::FollowUp => FOLLOW_UPS
            .iter()
            .filter(|(id, ..)| !CALLS.contains(id) || may_call(view))
            .map(|(id, english, spanish, days)| {
                let mut row = option(*id, say(language, english, spanish), chosen == *id);
                row.detail = format::date(after(app.today(), *days), language).into();
                row
            })
            .collect(),
    }
}

pub(crate) fn after(today: NaiveDate, days: u64) -> NaiveDate {
    today.checked_add_days(Days::new(days)).unwrap_or(today)
}

fn show(app: &mut App) {
    if let Some(view) = visit::view(app) {
        refresh(app, &view);
    }
}

fn select(app: &mut App, id: SharedString) {
    app.visit_gaps = State { selected: id.parse().ok(), ..State::default() };
    show(app);
}

/// What was found today is chosen at once: the usual way is two taps.
fn decide(app: &mut App, decision: ui::GapDecision) {
    let Some(view) = visit::view(app) else { return };
    let is_against = |gap: &GapView| evidence::against(gap, &view, app).is_some();
    if decision == ui::GapDecision::Close && selected(app, &view).is_some_and(is_against) {
        return;
    }
    app.visit_gaps.decision = decision;
    app.visit_gaps.reason.clear();
    app.visit_gaps.care = Care::default();
    let evidence = selected(app, &view).and_then(|gap| evidence::of(gap, &view, app));
    if decision == ui::GapDecision::Close && evidence.is_some() {
        app.visit_gaps.reason = "evidence".to_owned();
    }
    refresh(app, &view);
}

fn choose_reason(app: &mut App, id: SharedString) {
    let Some(view) = visit::view(app) else { return };
    let Some(gap) = selected(app, &view) else { return };
    let of_care = app.visit_gaps.decision == ui::GapDecision::Close && !gap_care::services(gap).is_empty();
    if of_care && id != "evidence" {
        app.visit_gaps.reason.clear();
        app.visit_gaps.care.choose(&id);
    } else {
        app.visit_gaps.reason = id.to_string();
    }
    refresh(app, &view);
}

fn words_of(reasons: &[(&str, &'static str, &'static str)], id: &str, language: Language) -> String {
    let found = reasons.iter().find(|(known, _, _)| *known == id);
    found.map_or("", |(_, english, spanish)| say(language, english, spanish)).to_owned()
}

/// What was chosen, as a decision.
fn decision(app: &App, gap: &GapView, view: &VisitView) -> Option<GapDecision> {
    let (language, reason) = (app.language(), app.visit_gaps.reason.as_str());
    Some(match app.visit_gaps.decision {
        ui::GapDecision::None => return None,
        ui::GapDecision::Close => {
            let evidence = evidence::of(gap, view, app).filter(|_| reason == "evidence");
            let by = evidence.and_then(|evidence| evidence.fact);
            let words = words_of(&CLOSED_BY, reason, language);
            GapDecision::Closed { by, reason: Some(words).filter(|words| !words.is_empty()) }
        }
        ui::GapDecision::Decline => GapDecision::Declined { reason: words_of(&DECLINED, reason, language) },
        ui::GapDecision::FollowUp => {
            let (_, english, spanish, days) = FOLLOW_UPS.iter().find(|(id, ..)| *id == reason)?;
            GapDecision::FollowUp {
                on: after(app.today(), *days),
                owner: app.acting.as_ref()?.staff,
                reason: Some(say(language, english, spanish).to_owned()),
            }
        }
    })
}

fn save(app: &mut App) {
    let Some(view) = visit::view(app) else { return };
    let Some(gap) = app.visit_gaps.shown.clone() else { return };
    if app.visit_gaps.reason.is_empty() && app.visit_gaps.care.is_whole() {
        let care = std::mem::take(&mut app.visit_gaps).care;
        return gap_care::save(app, &view, &gap, care);
    }
    let Some(decision) = decision(app, &gap, &view) else { return };
    write(app, &view, &gap, &decision);
}

fn reopen(app: &mut App) {
    let Some(view) = visit::view(app) else { return };
    let Some(gap) = app.visit_gaps.shown.clone() else { return };
    write(app, &view, &gap, &GapDecision::Reopened { reason: None });
}

fn write(app: &mut App, view: &VisitView, gap: &GapView, decision: &GapDecision) {
    let (title, _) = person::gap_words(gap, app.language());
    let Some(undo) = app.with_desk(|desk| desk.decide_gap(view.id, gap, decision)) else { return };
    app.visit_gaps = State::default();
    app.person.planned.remove(&gap.id);
    frame::refresh(app);
    let done = match decision {
        GapDecision::Closed { .. } => app.say("closed", "resuelto"),
        GapDecision::Declined { .. } => app.say("declined", "rechazado"),
        GapDecision::FollowUp { .. } => app.say("follow-up made", "con seguimiento"),
        GapDecision::Reopened { .. } => app.say("open again", "pendiente de nuevo"),
    };
    undo::offer(app, &format!("{title}: {done}"), Undoing::Fields(undo));
}
