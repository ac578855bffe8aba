//! The platform that the demo draws with where there is no display.

use crate::fixture::{self, NURSE, PIN};
use app::headless::Headless;
use app::screens::ui::{NavAdapter, Screen, SignInAdapter};
use slint::ComponentHandle;
use std::time::Duration;

#[test]
fn the_screens_work_and_are_drawn_in_memory() {
    let headless = Headless::start(1280, 800).expect("one platform a thread");
    let tablet = fixture::tablet();
    let window = tablet.screens.window();
    window.show().expect("shown");
    let sign_in = window.global::<SignInAdapter>();
    sign_in.invoke_choose(NURSE.to_string().into());
    for digit in PIN.chars() {
        sign_in.invoke_press(digit.into());
        headless.advance(Duration::from_millis(100));
    }
    assert_eq!(window.global::<NavAdapter>().get_screen(), Screen::Today);
    let picture = headless.picture().expect("drawn");
    assert_eq!((picture.width, picture.height), (1280, 800));
    let first = &picture.rgba[..4];
    assert!(picture.rgba.chunks(4).any(|pixel| pixel != first), "the picture is not of one colour");
    let path = tablet.folder.path().join("today.png");
    headless.save(&path).expect("saved");
    assert!(image::open(&path).is_ok_and(|image| image.width() == 1280));
}
