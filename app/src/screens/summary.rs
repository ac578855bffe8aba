//! The summary of a visit in the person's language and in short words: what was found, what it means, what comes next.
//! Never a diagnosis.

use super::dialog::{self, Question};
use super::format::{self, say};
use super::forms;
use super::person;
use super::readings::{self, Vital};
use super::state::{App, model};
use super::ui::{SummaryLine, Tone, VisitAdapter};
use crate::capture::VisitView;
use shared::content::Language;
use shared::content::blood_pressure::{Category, categorize};
use shared::content::questionnaire;
use shared::domain::care_gap::GapStatus;
use shared::domain::person::Sex;
use slint::ComponentHandle;

fn line(title: impl AsRef<str>, detail: impl AsRef<str>, tone: Tone) -> SummaryLine {
    SummaryLine { title: title.as_ref().into(), detail: detail.as_ref().into(), tone }
}

pub(crate) fn refresh(app: &mut App, view: &VisitView) {
    let language = app.frame.person_language.unwrap_or(app.language());
    let window = app.window();
    let adapter = window.global::<VisitAdapter>();
    adapter.set_found(model(found(view, language)));
    adapter.set_meaning(model(meaning(view, language)));
    adapter.set_next_steps(model(next_steps(view, language)));
}

fn found(view: &VisitView, language: Language) -> Vec<SummaryLine> {
    let mut lines = Vec::new();
    for vital in Vital::ALL {
        let values = match vital {
            Vital::BodyMass => readings::body_mass_of(&view.results, view.id).map(|index| vec![index]),
            _ => readings::readings(&view.results, vital).into_iter().next().map(|reading| reading.values),
        };
        let Some(values) = values else { continue };
        let unit = vital.units()[0];
        let value = readings::value_words(vital, &values, unit);
        let title = format!("{}: {value} {}", vital.name(language), readings::unit_beside(unit, language));
        let judged = readings::judge(vital, &values, person::whose(&view.person), language);
        let (category, tone) = judged.unwrap_or((String::new(), Tone::Neutral));
        lines.push(line(title.trim_end(), category, tone));
    }
    if lines.is_empty() {
        lines.push(line(
            say(language, "Nothing was measured today", "Hoy no se midió nada"),
            "",
            Tone::Neutral,
        ));
    }
    lines
}

fn meaning(view: &VisitView, language: Language) -> Vec<SummaryLine> {
    let mut lines = Vec::new();
    if let Some(newest) = readings::readings(&view.results, Vital::Pressure).first()
        && let Ok(category) = categorize(newest.values[0], newest.values[1])
    {
        lines.push(pressure_meaning(category, language));
    }
    for (form, words) in form_meanings(view, language) {
        lines.push(line(form, words, Tone::Info));
    }
    lines.extend(needs(view, language));
    if lines.is_empty() {
        let words = say(language, "Your numbers look fine today", "Sus números se ven bien hoy");
        lines.push(line(
            words,
            say(language, "Keep coming back once a year.", "Vuelva una vez al año."),
            Tone::Good,
        ));
    }
    lines
}

fn pressure_meaning(category: Category, language: Language) -> SummaryLine {
    match category {
        Category::Normal => line(
            say(language, "Your blood pressure is good", "Su presión está bien"),
            say(language, "Your heart does not work too hard.", "Su corazón no trabaja de más."),
            Tone::Good,
        ),
        Category::Elevated => line(
            say(language, "Your blood pressure is a little high", "Su presión está un poco alta"),
            say(
                language,
                "Less salt and more walking can bring it down.",
                "Menos sal y caminar más pueden bajarla.",
            ),
            Tone::Info,
        ),
        Category::StageOne | Category::StageTwo => line(
            say(language, "Your blood pressure is high", "Su presión está alta"),
            say(
                language,
                "Your heart works too hard. You may not feel it. It can be treated.",
                "Su corazón trabaja de más. Quizá no lo sienta. Tiene tratamiento.",
            ),
            Tone::Caution,
        ),
        Category::Crisis => line(
            say(language, "Your blood pressure is very high", "Su presión está muy alta"),
            say(language, "You need help today.", "Necesita ayuda hoy."),
            Tone::Urgent,
        ),
    }
}

/// What positive answers mean, without their score: nobody is told a number about their mood.
fn form_meanings(view: &VisitView, language: Language) -> Vec<(&'static str, &'static str)> {
    let sex = view.person.person.sex.unwrap_or(Sex::Unknown);
    let is_positive = |id: &str| {
        let form = view.packs.current().form(id)?;
        let answers = forms::answers_of(form, forms::response(view, form)?);
        Some(questionnaire::score(form, &answers, sex.into())?.positive)
    };
    let mut meanings = Vec::new();
    if is_positive("phq-9").or(is_positive("phq-2")) == Some(true) {
        meanings.push((
            say(language, "You have felt low lately", "Últimamente se ha sentido mal de ánimo"),
            say(
                language,
                "Many people do. Talking to somebody helps.",
                "A muchas personas les pasa. Hablar con alguien ayuda.",
            ),
        ));
    }
    if is_positive("tobacco-status") == Some(true) {
        meanings.push((
            say(language, "You smoke", "Usted fuma"),
            say(
                language,
                "Stopping is the best thing you can do for your health.",
                "Dejarlo es lo mejor que puede hacer por su salud.",
            ),
        ));
    }
    meanings
}

/// The needs that the answers name, in one line. Violence at home is never put on a page that somebody else may read
/// over a shoulder: the nurse speaks about it.
fn needs(view: &VisitView, language: Language) -> Option<SummaryLine> {
    let mut named: Vec<&str> = Vec::new();
    for form in forms::of_visit(view) {
        let Some(response) = forms::response(view, form) else { continue };
        for need in questionnaire::needs(form, &forms::answers_of(form, response)) {
            if let Some(words) = need_words(need.need, language).filter(|words| !named.contains(words)) {
                named.push(words);
            }
        }
    }
    let title = format::capital(&named.join(", "));
    let detail = say(
        language,
        "You told us that this is hard. There are places near you that help for free.",
        "Nos dijo que esto le cuesta. Cerca de usted hay lugares que ayudan gratis.",
    );
    (!named.is_empty()).then(|| line(title, detail, Tone::Info))
}

fn need_words(need: &str, language: Language) -> Option<&'static str> {
    Some(match need {
        "food-insecurity" => say(language, "enough food", "que alcance la comida"),
        "homelessness" => say(language, "a place to live", "un lugar donde vivir"),
        "housing-instability" | "inadequate-housing" => say(language, "your home", "su vivienda"),
        "transportation-insecurity" => say(language, "getting around", "el transporte"),
        "utility-insecurity" => say(language, "power, gas and water", "la luz, el gas y el agua"),
        _ => return None,
    })
}

fn next_steps(view: &VisitView, language: Language) -> Vec<SummaryLine> {
    let mut lines = Vec::new();
    let newest = readings::readings(&view.results, Vital::Pressure).into_iter().next();
    let category = newest.and_then(|newest| categorize(newest.values[0], newest.values[1]).ok());
    if category.is_some_and(|category| category >= Category::StageOne) {
        lines.push(line(
            say(language, "See your doctor about your blood pressure", "Vea a su médico por la presión"),
            say(language, "Within one month. Take this paper with you.", "En un mes. Lleve esta hoja."),
            Tone::Caution,
        ));
    }
    for gap in view.person.gaps.iter().filter(|gap| gap.gap.status == Some(GapStatus::FollowUp)) {
        let (title, _) = person::gap_words(gap, language);
        let when = gap.gap.follow_up_on.map(|day| format::date(day, language)).unwrap_or_default();
        lines.push(line(title, format!("{} {when}", say(language, "By", "Antes del")), Tone::Info));
    }
    for gap in view.person.gaps.iter().filter(|gap| gap.gap.status == Some(GapStatus::Open)) {
        let (title, todo) = person::gap_words(gap, language);
        lines.push(line(title, todo, Tone::Neutral));
    }
    if view.results.is_empty() {
        lines.push(line(
            say(language, "Come back to be measured", "Vuelva para que le midamos"),
            "",
            Tone::Neutral,
        ));
    }
    if lines.is_empty() {
        lines.push(line(say(language, "Nothing more for now", "Por ahora nada más"), "", Tone::Good));
    }
    lines
}

/// There is no printer on this van yet: the page itself is shown to the person.
pub(crate) fn show_handout(app: &mut App) {
    let language = app.language();
    let title = say(language, "Show this page to the person", "Muestre esta página a la persona");
    let body = say(
        language,
        "No printer is set up on this van. Turn the tablet: this page is in the person's language.",
        "Esta unidad no tiene impresora. Gire la tableta: esta página está en el idioma de la persona.",
    );
    dialog::open(app, Question::told(Tone::Info, title, body, language));
}
