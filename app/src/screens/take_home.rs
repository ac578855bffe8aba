//! What a person takes home: the findings of a visit for the packs to speak about, the page that is printed, the code on
//! it, and how printing went. Where things stand on paper is in `crate::handout`.

use super::dialog::{self, Ask, Question};
use super::format::{self, say};
use super::state::App;
use super::ui::{SummaryLine, Tone, VisitAdapter};
use super::vital::Vital;
use super::{forms, frame, person, summary, visit, vitals, vitals_tiles};
use crate::capture::{VisitView, calculated_of, hearing_shift};
use crate::handout::{Code, Handout, Item, PrintError, QUIET_MODULES, Section};
use crate::wiring;
use shared::content::hearing::Ear;
use shared::content::pack::{Contact, Findings};
use shared::content::{Language, blood_pressure, questionnaire};
use shared::domain::person::Sex;
use shared::domain::task::TaskStatus;
use shared::ids::VisitId;
use slint::{Image, Rgb8Pixel, SharedPixelBuffer};

/// Pixels of the screen a module of the code has.
const MODULE_PIXELS: usize = 4;

/// What this visit found, without whose it was.
pub(super) fn findings(view: &VisitView) -> Findings {
    let content = view.packs.current();
    let catalog = &content.catalog;
    let whom = person::whom(&view.person);
    let mut found = Findings::default();
    if let Some(pressure) = Vital::of_key("bp_systolic", content)
        && let Some([systolic, diastolic]) =
            vitals_tiles::counted(pressure, &vitals::of_visit(view, pressure), catalog).as_deref()
    {
        found.pressure = blood_pressure::categorize(*systolic, *diastolic).ok();
    }
    let newest = |key: &str| {
        let loinc = &catalog.find(key)?.loinc;
        view.results.iter().map(|result| &result.observation).find(|seen| seen.loinc.as_ref() == Some(loinc))
    };
    let number = |key: &str| newest(key).and_then(|seen| seen.value).and_then(|value| value.quantity());
    for measurement in &catalog.measurements {
        if let Some(value) = number(&measurement.key) {
            found.value(measurement, value, whom);
        } else if let Some(choice) = newest(&measurement.key).and_then(|seen| seen.text.as_deref()) {
            found.choice(measurement, choice);
        }
    }
    // A child's index is not judged, so nothing is said about it.
    for made in calculated_of(&view.results, view.id, catalog) {
        if made.formula.is_judged_at(whom.age_years) {
            found.value(made.measurement, made.value, whom);
        }
    }
    let shift = |ear| hearing_shift(&view.person.results, view.id, ear, content);
    found.hearing_shift = Ear::BOTH.into_iter().any(|ear| shift(ear).is_some());
    let stopped = view.tasks.iter().filter(|(_, task)| task.status != Some(TaskStatus::EnteredInError));
    found.outside.extend(stopped.filter_map(|(_, task)| task.reason.clone()));
    let sex = view.person.person.sex.unwrap_or(Sex::Unknown);
    for form in forms::of_visit(view) {
        let Some(answers) = forms::response(view, form).map(|given| forms::answers_of(form, given)) else {
            continue;
        };
        let needs = questionnaire::needs(form, &answers);
        found.needs.extend(needs.into_iter().map(|need| need.need.to_owned()));
        if let (Some(id), Some(score)) = (form.id(), questionnaire::score(form, &answers, sex.into())) {
            found.score(id, &score);
        }
    }
    found
}

/// A place that helps, with what to dial first.
pub(super) fn help_line(contact: &Contact, language: Language) -> SummaryLine {
    let name = contact.name.text(language);
    let call = say(language, "call", "llame al");
    let phone = contact.phone.as_ref().map(|phone| format!(": {call} {}", phone.text(language)));
    let title = format!("{name}{}", phone.unwrap_or_default());
    let web = contact.web.as_deref().map(|web| web.trim_start_matches("https://"));
    let places: Vec<&str> = contact.address.as_deref().into_iter().chain(web).collect();
    let detail = format!("{} {}", contact.what.text(language), places.join(" · "));
    SummaryLine { title: title.into(), detail: detail.trim_end().into(), tone: Tone::Info }
}

/// What to dial and which page to open, without what for.
fn short_line(contact: &Contact, language: Language) -> String {
    let web = contact.web.as_deref().map(|web| web.trim_start_matches("https://").to_owned());
    let line = help_line(contact, language).title.to_string();
    [Some(line), web].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What stands on every page, such as what to do in an emergency.
fn always(view: &VisitView, language: Language) -> String {
    let texts = view.packs.current().handout_always().map(|text| text.text.text(language));
    texts.collect::<Vec<_>>().join(" ")
}

/// What stands beside the code.
fn beside_code(view: &VisitView, language: Language) -> Option<(Code, Item)> {
    let content = view.packs.current();
    let code = Code::of(content)?;
    let (_, contact) = content.handout_code()?;
    let title = say(
        language,
        "Help near you: point your phone's camera here",
        "Ayuda cerca de usted: apunte aquí la cámara de su teléfono",
    );
    let place = help_line(contact, language);
    let detail = format!("{}. {}", place.title, place.detail);
    Some((code, Item { title: title.to_owned(), detail }))
}

/// The foot of a turned screen: the code, and what stands on every page.
pub(super) fn show_foot(view: &VisitView, language: Language, adapter: &VisitAdapter<'_>) {
    adapter.set_always(always(view, language).into());
    let Some((code, beside)) = beside_code(view, language) else {
        return adapter.set_code(Image::default());
    };
    let content = view.packs.current();
    let place = content.handout_code().map(|(_, contact)| short_line(contact, language)).unwrap_or_default();
    adapter.set_code_title(beside.title.into());
    adapter.set_code_words(place.into());
    adapter.set_code(picture(&code));
}

fn picture(code: &Code) -> Image {
    let side = (code.width_modules() + 2 * QUIET_MODULES) * MODULE_PIXELS;
    let mut pixels = SharedPixelBuffer::<Rgb8Pixel>::new(side as u32, side as u32);
    for (at, pixel) in pixels.make_mut_slice().iter_mut().enumerate() {
        let module = |at: usize| (at / MODULE_PIXELS).checked_sub(QUIET_MODULES);
        let is_dark =
            module(at / side).zip(module(at % side)).is_some_and(|(row, column)| code.is_dark(row, column));
        *pixel = if is_dark { Rgb8Pixel::new(0, 0, 0) } else { Rgb8Pixel::new(255, 255, 255) };
    }
    Image::from_rgb8(pixels)
}

/// Asks how the person gets their results.
pub(super) fn ask(app: &mut App) {
    let Some(visit) = app.visit.shown else { return };
    let language = app.language();
    let title = say(language, "Results for the person", "Resultados para la persona");
    let body = say(
        language,
        "Both are in the person's language. A turned screen shows nothing else of this tablet.",
        "Los dos están en el idioma de la persona. Una pantalla entregada no muestra nada más de la tableta.",
    );
    let choices = vec![
        ("show", say(language, "Show them: hand over the screen", "Mostrarlos: entregar la pantalla")),
        ("print", say(language, "Print them on one page", "Imprimirlos en una hoja")),
    ];
    let told = Question::told(Tone::Info, title, body, language);
    let (confirm, cancel) = (say(language, "Go on", "Seguir"), say(language, "Close", "Cerrar"));
    dialog::open(app, Question { ask: Ask::HandOut(visit), choices, confirm, cancel, ..told });
}

/// What was chosen.
pub(super) fn chosen(app: &mut App, visit: VisitId, chosen: Option<&str>) {
    if app.visit.shown != Some(visit) {
        return;
    }
    match chosen {
        Some("print") => {
            let Some(view) = visit::view(app) else { return };
            let page = page(app, &view);
            wiring::print(app, page);
        }
        _ => frame::turn(app),
    }
}

/// The page as it is printed, in the person's language.
fn page(app: &App, view: &VisitView) -> Handout {
    let language = app.frame.person_language.unwrap_or(app.language());
    let section = |heading: &str, lines: Vec<SummaryLine>| Section {
        heading: heading.to_owned(),
        items: lines
            .into_iter()
            .map(|line| Item { title: line.title.into(), detail: line.detail.into() })
            .collect(),
    };
    let content = view.packs.current();
    let findings = findings(view);
    let said = content.handout_said(&findings);
    let desk = app.desk.as_ref();
    let next = desk.and_then(|desk| desk.next_stop(view.id).ok().flatten());
    let site = view.visit.site.and_then(|site| desk?.site_name(site).ok()).unwrap_or_default();
    let at = view.visit.checked_in_at.unwrap_or(app.now());
    let day = format::date(format::local(at, app.offset()).date(), language);
    let parts = [view.person.person.spoken_name(), site, day];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    // What stands beside the code is not said twice.
    let mut help = summary::help(view, &said, language);
    let on_code = content.handout_code().map(|(_, contact)| help_line(contact, language));
    help.retain(|line| Some(line) != on_code.as_ref());
    let mut sections = vec![
        section(say(language, "What we found", "Qué encontramos"), summary::found(view, language)),
        section(
            say(language, "What it means", "Qué significa"),
            summary::meaning(&findings, &said, language),
        ),
        section(
            say(language, "What comes next", "Qué sigue"),
            summary::next_steps(app, view, &said, next.as_ref(), language),
        ),
        section(say(language, "Who helps", "Quién ayuda"), help),
    ];
    sections.retain(|section| !section.items.is_empty());
    Handout {
        language,
        title: say(language, "Your visit", "Su visita").to_owned(),
        subtitle: parts.join(" · "),
        sections,
        code: beside_code(view, language),
        footer: always(view, language),
    }
}

/// How printing went. Without a printer the screen is what there is: nothing of a person is left in a file.
pub(crate) fn printed(app: &mut App, answer: Result<(), PrintError>) {
    let language = app.language();
    let error = match answer {
        Ok(()) => {
            let title = say(language, "The page is printed", "La hoja está impresa");
            let body = say(
                language,
                "Give it to the person yourself. It has their name on it.",
                "Désela usted a la persona. Lleva su nombre.",
            );
            return dialog::open(app, Question::told(Tone::Good, title, body, language));
        }
        Err(error) => error,
    };
    let title = say(language, "Nothing was printed", "No se imprimió nada");
    let body = match &error {
        PrintError::NoService => say(
            language,
            "No printer is set up on this van. Show the results on the screen instead.",
            "Esta unidad no tiene impresora. Muestre los resultados en la pantalla.",
        )
        .to_owned(),
        PrintError::Stuck => say(
            language,
            "The printer did not print, and the page was taken back. Check paper and power, or show the results on the screen.",
            "La impresora no imprimió y la hoja se retiró. Revise el papel y la corriente, o muestre los resultados en la pantalla.",
        )
        .to_owned(),
        other => format!(
            "{} ({other})",
            say(
                language,
                "Check the printer, or show the results on the screen.",
                "Revise la impresora o muestre los resultados en la pantalla.",
            )
        ),
    };
    dialog::open(app, Question::told(Tone::Caution, title, &body, language));
}
