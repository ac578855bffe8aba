//! Visit: whose it is, its steps and what is left of each, the consent that was given, its end. The contents of the
//! steps stand in `vitals`, `question`, `visit_gaps` and `summary`.

use super::dialog::{self, Ask, Question};
use super::format::{self, say};
use super::readings;
use super::state::{App, Shared, model, on, on_one};
use super::ui::{MainWindow, Notice, Screen, StepState, Tone, VisitAdapter, VisitPage, VisitStep};
use super::undo::{self, Undoing};
use super::vital::Vital;
use super::{
    check_in, critical, find, forms, frame, question, summary, take_home, visit_gaps, vitals, words,
};
use crate::capture::{ConsentDraft, Scopes, VisitView};
use shared::content::Language;
use shared::content::consent::{self, Scope};
use shared::domain::consent::ConsentMethod;
use shared::domain::visit::{Station, VisitStatus};
use shared::ids::VisitId;
use slint::ComponentHandle;

/// The steps in the order of the protocol.
const PAGES: [VisitPage; 5] =
    [VisitPage::Consent, VisitPage::Vitals, VisitPage::Questions, VisitPage::Gaps, VisitPage::Summary];

pub(crate) struct State {
    pub shown: Option<VisitId>,
    pub page: VisitPage,
    from: Screen,
}

impl Default for State {
    fn default() -> Self {
        Self { shown: None, page: VisitPage::Vitals, from: Screen::Stop }
    }
}

/// How far a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub done: usize,
    pub asked: usize,
    pub needs_attention: bool,
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<VisitAdapter>();
    adapter.on_go(on_one(shared, go));
    adapter.on_next(on(shared, next));
    adapter.on_park(on(shared, park));
    adapter.on_change_consent(on(shared, change_consent));
    adapter.on_withdraw_consent(on(shared, |app| {
        if let Some(visit) = app.visit.shown {
            ask_withdraw(app, visit);
        }
    }));
    adapter.on_show_handout(on(shared, take_home::ask));
    adapter.on_finish(on(shared, finish));
}

/// Opens a visit where work goes on: the first step that is not done; a finished one at its summary.
pub(crate) fn open(app: &mut App, id: VisitId, from: Screen) {
    let Some(view) = app.with_desk(|desk| desk.visit(id)) else { return };
    app.with_desk(|desk| desk.note_look(view.person.id, Some(id), "visit"));
    if view.visit.station == Some(Station::Waiting) && view.visit.status == Some(VisitStatus::InProgress) {
        app.with_desk(|desk| desk.move_to(id, Station::Vitals));
    }
    let is_known = app.visit.shown == Some(id);
    begin(app, &view);
    let page = match view.visit.status {
        Some(VisitStatus::InProgress) if is_known => app.visit.page,
        Some(VisitStatus::InProgress) => first_undone(app, &view, VisitPage::Vitals),
        _ => VisitPage::Summary,
    };
    open_page(app, id, from, page);
}

/// Opens a visit at one step.
pub(crate) fn open_page(app: &mut App, id: VisitId, from: Screen, page: VisitPage) {
    app.visit = State { shown: Some(id), page, from };
    enter_page(app, page);
    frame::show(app, Screen::Visit);
    critical::ask(app, id);
}

/// Another person's visit: nothing typed for the last one stays.
fn begin(app: &mut App, view: &VisitView) {
    if app.visit.shown == Some(view.id) {
        return;
    }
    question::keep_typed(app);
    app.vitals = vitals::State::default();
    app.visit_gaps = visit_gaps::State::default();
    app.question = question::State::default();
    app.visit.shown = Some(view.id);
    let spoken = view.person.person.language.as_deref().and_then(Language::from_tag);
    if app.person.shown != Some(view.person.id) {
        app.frame.person_language = Some(spoken.unwrap_or(app.language()));
        app.person.shown = Some(view.person.id);
    }
    find::remember(app, view.person.id);
}

fn enter_page(app: &mut App, page: VisitPage) {
    if page == VisitPage::Questions {
        question::enter(app);
    }
}

pub(crate) fn view(app: &mut App) -> Option<VisitView> {
    let id = app.visit.shown?;
    app.with_desk(|desk| desk.visit(id))
}

fn progress(app: &App, view: &VisitView, page: VisitPage) -> Progress {
    match page {
        VisitPage::Consent => {
            let agreed = view.person.consent.as_ref().is_some_and(|consent| consent.care == Some(true));
            Progress { done: usize::from(agreed), asked: 1, needs_attention: !agreed }
        }
        VisitPage::Vitals => vitals::progress(app, view),
        VisitPage::Questions => question::progress(view),
        VisitPage::Gaps => visit_gaps::progress(view),
        VisitPage::Summary => {
            let done = usize::from(view.visit.status == Some(VisitStatus::Finished));
            Progress { done, asked: 1, needs_attention: false }
        }
    }
}

/// The next step that is not done, from one on; the summary when all are.
fn first_undone(app: &App, view: &VisitView, from: VisitPage) -> VisitPage {
    let at = PAGES.iter().position(|page| *page == from).unwrap_or(0);
    let is_undone = |page: &&VisitPage| {
        let progress = progress(app, view, **page);
        progress.done < progress.asked
    };
    PAGES[at..].iter().find(is_undone).copied().unwrap_or(VisitPage::Summary)
}

pub(crate) fn refresh(app: &mut App) {
    let Some(view) = view(app) else { return };
    let (language, page) = (app.language(), app.visit.page);
    let window = app.window();
    let adapter = window.global::<VisitAdapter>();
    let person = &view.person.person;
    adapter.set_person_name(person.spoken_name().into());
    let age = person.birth_date.map(|born| format::age(born, app.today(), language));
    let sex = person.sex.map(|sex| words::sex(sex, language).to_owned());
    let line = [age, sex, words::spoken(person).map(str::to_owned)];
    adapter.set_person_line(line.into_iter().flatten().collect::<Vec<_>>().join(" · ").into());
    let end = view.visit.finished_at.unwrap_or(app.now());
    let minutes = format::minutes_between(view.visit.checked_in_at.unwrap_or(end), end);
    adapter.set_duration(format!("{} min", format::thousands(minutes)).into());
    let steps = PAGES.map(|step_page| step(app, &view, step_page));
    adapter.set_steps(model(steps.to_vec()));
    adapter.set_page(page);
    match page {
        VisitPage::Consent => show_consent(app, &view, &adapter),
        VisitPage::Vitals => vitals::refresh(app, &view),
        VisitPage::Questions => question::refresh(app),
        VisitPage::Gaps => visit_gaps::refresh(app, &view),
        VisitPage::Summary => {
            summary::refresh(app, &view);
            show_unfinished(app, &view, &adapter);
        }
    }
}

fn step(app: &App, view: &VisitView, page: VisitPage) -> VisitStep {
    let language = app.language();
    let progress = progress(app, view, page);
    let is_done = progress.done >= progress.asked;
    let state = match (is_done, progress.needs_attention, app.visit.page == page) {
        (_, true, _) => StepState::Attention,
        (true, ..) => StepState::Done,
        (false, _, true) => StepState::Doing,
        _ => StepState::Todo,
    };
    let detail = match page {
        VisitPage::Consent => {
            let consent = view.person.consent.as_ref();
            let at = view.visit.checked_in_at.unwrap_or_default();
            let method =
                format::capital(check_in::method_words(consent.and_then(|consent| consent.method), language));
            format!("{method} · {}", format::time(at, app.offset(), language))
        }
        VisitPage::Summary => String::new(),
        _ if progress.asked == 0 => say(language, "Nothing to do", "Nada pendiente").to_owned(),
        _ => format!("{} {} {}", progress.done, say(language, "of", "de"), progress.asked),
    };
    VisitStep { page, state, detail: detail.into() }
}

fn show_consent(app: &App, view: &VisitView, adapter: &VisitAdapter<'_>) {
    let language = app.language();
    let consent = view.person.consent.clone().unwrap_or_default();
    let title = match consent.care {
        Some(true) => format!(
            "{}, {}",
            say(language, "Consent given", "Consentimiento dado"),
            check_in::method_words(consent.method, language)
        ),
        _ => say(language, "Consent withdrawn", "Consentimiento retirado").to_owned(),
    };
    adapter.set_consent_title(title.into());
    let mut lines: Vec<Notice> = Scope::ALL
        .into_iter()
        .map(|scope| {
            let yes = consent.agrees(scope) == Some(true);
            Notice {
                text: check_in::scope_words(scope, language).into(),
                detail: if yes {
                    say(language, "Agreed", "Aceptado")
                } else {
                    say(language, "Not agreed", "No aceptado")
                }
                .into(),
                tone: if yes { Tone::Good } else { Tone::Neutral },
            }
        })
        .collect();
    lines.push(Notice {
        text: format!(
            "{} {}",
            say(language, "Text of", "Texto de"),
            consent.text_version.unwrap_or_default()
        )
        .into(),
        detail: check_in::language_of(consent.language.as_deref()).into(),
        tone: Tone::Neutral,
    });
    adapter.set_consent_lines(model(lines));
}

fn show_unfinished(app: &App, view: &VisitView, adapter: &VisitAdapter<'_>) {
    let language = app.language();
    let left = |page, english, spanish| {
        let progress = progress(app, view, page);
        let left = progress.asked.saturating_sub(progress.done);
        (left > 0).then(|| format!("{}: {left}", say(language, english, spanish)))
    };
    let left = [
        left(VisitPage::Vitals, "Vitals not taken", "Signos sin tomar"),
        left(VisitPage::Questions, "Forms not done", "Formularios sin hacer"),
        left_open(view, language),
        left(VisitPage::Gaps, "Gaps not decided", "Pendientes sin decidir"),
    ];
    let is_open = view.visit.status == Some(VisitStatus::InProgress);
    let must_act = view.tasks.iter().any(|(_, task)| task.is_unanswered());
    adapter.set_can_finish(is_open && !must_act);
    let text = match is_open {
        true => left.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        false => say(language, "This visit is finished.", "Esta visita terminó.").to_owned(),
    };
    adapter.set_unfinished(text.into());
}

/// Forms of which a required question was put off. They keep nobody here: the visit may end without them.
fn left_open(view: &VisitView, language: Language) -> Option<String> {
    let titles: Vec<&str> = forms::left_open(view).iter().map(|form| form.title.as_str()).collect();
    let words = say(language, "questions still to ask:", "faltan preguntas de:");
    (!titles.is_empty()).then(|| format!("{words} {}", titles.join(", ")))
}

fn go(app: &mut App, page: VisitPage) {
    if app.frame.is_turned {
        return;
    }
    app.visit.page = page;
    enter_page(app, page);
    frame::show(app, Screen::Visit);
}

pub(crate) fn next(app: &mut App) {
    let Some(view) = view(app) else { return };
    let at = PAGES.iter().position(|page| *page == app.visit.page).unwrap_or(0);
    let after = PAGES[(at + 1).min(PAGES.len() - 1)];
    let page = first_undone(app, &view, after);
    go(app, page);
}

/// Back to the stop; the visit waits for the nurse when the vitals are done, else for its turn.
fn park(app: &mut App) {
    let Some(view) = view(app) else { return };
    if view.visit.status == Some(VisitStatus::InProgress) {
        let pressure = Vital::of_key("bp_systolic", view.packs.current());
        let has_vitals =
            pressure.is_some_and(|pressure| !readings::readings(&view.results, pressure).is_empty());
        let station = if has_vitals { Station::Nurse } else { Station::Waiting };
        if app.with_desk(|desk| desk.move_to(view.id, station)).is_none() {
            return;
        }
    }
    leave(app);
}

fn leave(app: &mut App) {
    let screen = if app.stop.is_some() { Screen::Stop } else { Screen::Today };
    app.visit.from = screen;
    frame::show(app, screen);
}

fn change_consent(app: &mut App) {
    if let Some(id) = app.visit.shown {
        check_in::change(app, id);
    }
}

/// A withdrawal is asked about once: what was shared cannot be called back.
pub(crate) fn ask_withdraw(app: &mut App, visit: VisitId) {
    let language = app.language();
    let title = say(language, "Withdraw the consent?", "¿Retirar el consentimiento?");
    let body = say(
        language,
        "Nothing more is measured or shared from now on. What was already shared cannot be called back.",
        "Desde ahora no se mide ni se comparte nada más. Lo que ya se compartió no se puede retirar.",
    );
    let told = Question::told(Tone::Caution, title, body, language);
    let (confirm, cancel) =
        (say(language, "Withdraw it", "Retirarlo"), say(language, "Keep it", "Conservarlo"));
    dialog::open(app, Question { ask: Ask::Withdraw(visit), confirm, cancel, ..told });
}

pub(crate) fn withdraw(app: &mut App, visit: VisitId) {
    let language = app.frame.person_language.unwrap_or(app.language());
    let method = ConsentMethod::WitnessedVerbal;
    let packs = app.with_desk(|desk| desk.packs());
    let text = packs.and_then(|packs| packs.current().consent_text(language));
    let text = text.unwrap_or_else(|| consent::current(language));
    let draft = ConsentDraft { scopes: Scopes::default(), text, method, signature: String::new() };
    if app.with_desk(|desk| desk.decide_consent(visit, &draft)).is_some() {
        open_page(app, visit, Screen::Stop, VisitPage::Consent);
    }
}

fn finish(app: &mut App) {
    let Some(id) = app.visit.shown else { return };
    let Some(view) = view(app) else { return };
    if view.visit.status != Some(VisitStatus::InProgress) {
        return;
    }
    let Some(undo) = app.with_desk(|desk| desk.finish(id)) else { return };
    let text =
        format!("{} {}", app.say("Visit finished:", "Visita terminada:"), view.person.person.spoken_name());
    app.person.planned.clear();
    find::clear(app);
    leave(app);
    undo::offer(app, &text, Undoing::Fields(undo));
}
