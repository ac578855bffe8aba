//! Settings: language of the staff, colours, text size, and what this program is. What is chosen stays on the tablet.

use super::format::say;
use super::state::{App, Shared, language_options, model, on, on_one};
use super::ui::{Fact, MainWindow, Scheme, SettingsAdapter, Theme, Tone};
use super::{frame, register, vitals};
use crate::session::Colors;
use shared::content::{Language, pack};
use slint::{ComponentHandle, SharedString};

/// Of the text on a turned screen, whatever smaller size the crew works with.
const TURNED_PERCENT: u16 = 125;

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<SettingsAdapter>();
    adapter.on_set_language(on_one(shared, set_language));
    adapter.on_set_scheme(on_one(shared, set_scheme));
    adapter.on_set_text_scale(on_one(shared, set_text_scale));
    adapter.on_back(on(shared, frame::leave_settings));
}

/// Brings the window up to the tablet's preferences.
pub(crate) fn apply(app: &mut App) {
    let window = app.window();
    let theme = window.global::<Theme>();
    theme.set_scheme(match app.preferences.colors {
        Colors::Light => Scheme::Light,
        Colors::Dark => Scheme::Dark,
        Colors::Glare => Scheme::Glare,
    });
    scale(app);
    speak(app, app.language());
}

/// The text's size: what the crew chose, and large in the hands of the person being screened.
pub(crate) fn scale(app: &App) {
    let least = if app.is_with_the_person() { TURNED_PERCENT } else { 100 };
    let percent = app.preferences.text_percent.clamp(least, 150);
    app.window().global::<Theme>().set_text_scale(f32::from(percent) / 100.0);
}

/// Which translation the fixed words are in. `es_US`, never `es`: that one writes 37.5 with a comma.
pub(crate) fn speak(_app: &App, language: Language) {
    let bundled = match language {
        Language::English => "en",
        Language::Spanish => "es_US",
    };
    if let Err(error) = slint::select_bundled_translation(bundled) {
        tracing::error!(%error, "a translation is missing from this build");
    }
}

fn keep(app: &App) {
    if let Err(error) = app.preferences.save(&app.folder) {
        tracing::warn!(%error, "preferences could not be kept");
    }
}

/// The staff's language; the person's stays what it is.
pub(crate) fn set_language(app: &mut App, tag: SharedString) {
    let Some(language) = Language::from_tag(&tag) else { return };
    app.preferences.language = language;
    keep(app);
    speak(app, language);
    vitals::retranslate(app);
    register::retranslate(app);
    frame::refresh(app);
}

fn set_scheme(app: &mut App, scheme: Scheme) {
    app.preferences.colors = match scheme {
        Scheme::Light => Colors::Light,
        Scheme::Dark => Colors::Dark,
        Scheme::Glare => Colors::Glare,
    };
    keep(app);
    apply(app);
}

fn set_text_scale(app: &mut App, scale: f32) {
    app.preferences.text_percent = (scale * 100.0).round() as u16;
    keep(app);
    apply(app);
}

pub(crate) fn refresh(app: &mut App) {
    let language = app.language();
    let window = app.window();
    let adapter = window.global::<SettingsAdapter>();
    adapter.set_languages(language_options(Some(language)));
    adapter.set_can_lock(app.acting.is_some());
    let fact =
        |label: &str, value: String| Fact { label: label.into(), value: value.into(), tone: Tone::Neutral };
    let mut rows = vec![fact(say(language, "Version", "Versión"), env!("CARGO_PKG_VERSION").to_owned())];
    if let Some(desk) = app.desk.as_ref() {
        let identity = desk.identity();
        rows.push(fact(say(language, "Device", "Dispositivo"), identity.label.clone()));
        rows.push(fact(say(language, "Van", "Unidad"), identity.van_code.clone()));
    }
    let packs = app.with_desk(|desk| desk.packs());
    let content = packs.map_or_else(pack::embedded, |packs| packs.current());
    rows.push(fact(say(language, "Protocol", "Protocolo"), content.name()));
    rows.push(fact(say(language, "Measurements", "Mediciones"), content.catalog.version.clone()));
    rows.push(fact(say(language, "Questionnaires", "Cuestionarios"), content.forms.len().to_string()));
    rows.push(fact(
        say(language, "Consent text", "Texto de consentimiento"),
        content.consent_text(language).map(|text| text.version.clone()).unwrap_or_default(),
    ));
    rows.push(fact(say(language, "License", "Licencia"), "GPL-3.0-only".to_owned()));
    adapter.set_about(model(rows));
}
