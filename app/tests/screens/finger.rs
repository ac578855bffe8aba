//! What a finger and an eye do: tap what has a label, read what is on the screen, in the testing backend without a
//! window. Pictures are written only where CARAVAN_PICTURES names a folder.

use crate::fixture::{self, PIN, Tablet};
use app::screens::ui::MainWindow;
use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, LogicalSize};
use std::time::Duration;

/// A tablet at the sign-in screen. The platform belongs to the test's own thread.
pub fn start() -> Tablet {
    let options =
        TestingBackendOptions { mock_time: true, threading: false, renderer_name: Some("software".into()) };
    slint::platform::set_platform(Box::new(TestingBackend::new(options))).expect("one platform a thread");
    shown(fixture::tablet())
}

fn shown(tablet: Tablet) -> Tablet {
    let window = tablet.screens.window();
    window.window().set_size(LogicalSize::new(1280.0, 800.0));
    window.show().expect("shown");
    mock_elapsed_time(Duration::from_millis(200));
    tablet
}

/// The process dies and is started anew; the nurse signs in and opens the stop.
pub fn after_a_crash(tablet: Tablet) -> Tablet {
    tablet.screens.window().hide().expect("hidden");
    let tablet = shown(fixture::died(tablet));
    tap(&tablet, "Jordan Sample");
    type_digits(&tablet, PIN);
    if has(&tablet, "Open this stop") {
        tap(&tablet, "Open this stop");
    }
    tablet
}

/// Everything on the screen that a finger or a key can do something with.
pub fn controls(tablet: &Tablet) -> Vec<String> {
    let passive = [
        AccessibleRole::None,
        AccessibleRole::Text,
        AccessibleRole::Image,
        AccessibleRole::ProgressIndicator,
        AccessibleRole::RadioGroup,
        AccessibleRole::Groupbox,
    ];
    let elements = ElementQuery::from_root(tablet.screens.window()).find_all();
    let active = elements
        .iter()
        .filter(|element| element.accessible_role().is_some_and(|role| !passive.contains(&role)));
    active.map(|element| element.accessible_label().unwrap_or_default().to_string()).collect()
}

/// A tablet where the nurse has signed in.
pub fn signed_in() -> Tablet {
    let tablet = start();
    tap(&tablet, "Jordan Sample");
    type_digits(&tablet, PIN);
    tablet
}

pub fn type_digits(tablet: &Tablet, digits: &str) {
    for digit in digits.chars() {
        tap(tablet, &digit.to_string());
    }
}

pub fn labels(tablet: &Tablet) -> Vec<String> {
    let elements = ElementQuery::from_root(tablet.screens.window()).find_all();
    elements.iter().filter_map(|element| element.accessible_label()).map(|label| label.to_string()).collect()
}

/// Everything that is on the screen as text: labels, values and descriptions.
pub fn texts(tablet: &Tablet) -> String {
    let elements = ElementQuery::from_root(tablet.screens.window()).find_all();
    let texts = elements.iter().flat_map(|element| {
        [element.accessible_label(), element.accessible_value(), element.accessible_description()]
    });
    texts.flatten().map(|text| text.to_string()).collect::<Vec<_>>().join("\n")
}

/// What is labelled so for whoever hears the screen: what has no role stands inside something that has one.
fn labelled(tablet: &Tablet, label: &str) -> impl Iterator<Item = ElementHandle> {
    let found = ElementHandle::find_by_accessible_label(tablet.screens.window(), label);
    found.filter(|element| element.accessible_role().is_some_and(|role| role != AccessibleRole::None))
}

pub fn find(tablet: &Tablet, label: &str) -> ElementHandle {
    let found = labelled(tablet, label).next();
    found.unwrap_or_else(|| panic!("nothing is labelled {label:?} among {:?}", labels(tablet)))
}

/// Where something stands whose label begins so: left, top, right, bottom, in pixels of the panel.
pub fn bounds(tablet: &Tablet, begins: &str) -> [f32; 4] {
    let elements = ElementQuery::from_root(tablet.screens.window()).find_all();
    let is_meant = |element: &&ElementHandle| {
        element.accessible_label().is_some_and(|label| label.replace('\u{a0}', " ").starts_with(begins))
    };
    let found = elements.iter().find(is_meant);
    let found = found.unwrap_or_else(|| panic!("nothing begins with {begins:?} among {:?}", labels(tablet)));
    let (at, size) = (found.absolute_position(), found.size());
    [at.x, at.y, at.x + size.width, at.y + size.height]
}

/// Whether two places on the panel share a pixel.
pub fn overlap(one: [f32; 4], other: [f32; 4]) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}

pub fn has(tablet: &Tablet, label: &str) -> bool {
    labelled(tablet, label).next().is_some()
}

/// What stands in a field.
pub fn typed(tablet: &Tablet, label: &str) -> String {
    let is_field = |element: &ElementHandle| element.accessible_role() == Some(AccessibleRole::TextInput);
    let mut fields = labelled(tablet, label).filter(is_field);
    fields.next().and_then(|field| field.accessible_value()).unwrap_or_default().to_string()
}

/// Asserts that some text on the screen contains a part.
pub fn sees(tablet: &Tablet, part: &str) {
    let texts = texts(tablet).replace('\u{a0}', " ");
    assert!(texts.contains(part), "{part:?} is not on the screen:\n{texts}");
}

pub fn tap(tablet: &Tablet, label: &str) {
    find(tablet, label).mock_single_click(PointerEventButton::Left);
    mock_elapsed_time(Duration::from_millis(50));
}

/// What may be chosen on the page, in its order.
pub fn options(tablet: &Tablet) -> Vec<String> {
    let elements = ElementQuery::from_root(tablet.screens.window()).find_all();
    let roles = [AccessibleRole::RadioButton, AccessibleRole::Checkbox];
    let chosen =
        elements.iter().filter(|element| element.accessible_role().is_some_and(|role| roles.contains(&role)));
    chosen.filter_map(|element| element.accessible_label()).map(|label| label.to_string()).collect()
}

pub fn tap_first_option(tablet: &Tablet) {
    let first = options(tablet).into_iter().next();
    tap(tablet, &first.expect("something can be chosen"));
}

/// Lets the screens' own clock run, for timers.
pub fn pass(seconds: f32) {
    mock_elapsed_time(Duration::from_secs_f32(seconds));
}

/// Types into the field that has the focus, as a keyboard or a badge scanner does.
pub fn type_text(tablet: &Tablet, text: &str) {
    let window = tablet.screens.window().window();
    for letter in text.chars() {
        let text: slint::SharedString = letter.into();
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.dispatch_event(WindowEvent::KeyReleased { text });
    }
    mock_elapsed_time(Duration::from_millis(50));
}

/// Fills a field that is not in focus.
pub fn fill(tablet: &Tablet, label: &str, text: &str) {
    let is_field = |element: &ElementHandle| element.accessible_role() == Some(AccessibleRole::TextInput);
    let mut fields = labelled(tablet, label).filter(is_field);
    let field =
        fields.next().unwrap_or_else(|| panic!("no field is labelled {label:?} among {:?}", labels(tablet)));
    field.set_accessible_value(text);
    mock_elapsed_time(Duration::from_millis(50));
}

/// Drags a finger over the signature pad.
pub fn sign(tablet: &Tablet) {
    let pad = find(tablet, "Signature area");
    let (at, size) = (pad.absolute_position(), pad.size());
    let target = LogicalPosition::new(at.x + size.width * 0.8, at.y + size.height * 0.3);
    pad.mock_drag(target, PointerEventButton::Left);
    mock_elapsed_time(Duration::from_millis(50));
}

pub fn window(tablet: &Tablet) -> &MainWindow {
    tablet.screens.window()
}

/// Writes what is on the screen, for people to look at.
pub fn picture(tablet: &Tablet, name: &str) {
    let Some(folder) = std::env::var_os("CARAVAN_PICTURES") else { return };
    // What moves begins to move when it is drawn; what people look at is where it ends.
    window(tablet).window().take_snapshot().expect("the software renderer draws");
    pass(0.3);
    let pixels = window(tablet).window().take_snapshot().expect("the software renderer draws");
    let image = image::RgbaImage::from_raw(pixels.width(), pixels.height(), pixels.as_bytes().to_vec());
    let path = std::path::Path::new(&folder).join(format!("{name}.png"));
    image.expect("four bytes a pixel").save(path).expect("a picture is written");
}
