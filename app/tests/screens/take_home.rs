//! What a person takes home: a page where there is a printer, the turned screen in any case, and no trace of it left.

use crate::day::{at_the_stop, checked_in};
use crate::finger::*;
use crate::fixture::{PIN, Tablet};
use slint::ComponentHandle;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn print(tablet: &Tablet) {
    tap(tablet, "Show or print");
    tap(tablet, "Print them on one page");
    tap(tablet, "Go on");
}

/// A program in the place of one of the print service's. Another program puts it there: what this process writes
/// itself cannot be run while a child that another test starts still holds it open.
fn service(tablet: &Tablet, name: &str, script: &str) {
    let draft = tablet.folder.path().join("draft");
    fs::write(&draft, format!("#!/bin/sh\n{script}\n")).expect("a printer");
    let installed =
        Command::new("install").arg(draft).arg(tablet.folder.path().join(name)).status().expect("it runs");
    assert!(installed.success());
}

/// Everything that lies in a folder, with its first bytes.
fn lying(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(lying(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).expect("read").into_iter().take(8).collect());
        }
    }
    found
}

fn pages_lying(folder: &Path) -> usize {
    lying(folder).values().filter(|bytes| bytes.starts_with(b"%PDF-")).count()
}

fn text_of(pdf: &[u8]) -> String {
    let document = lopdf::Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    let text = document.extract_text(&pages).expect("its text");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a telephone reads from a picture of the screen.
fn scanned(tablet: &Tablet) -> Option<String> {
    let pixels = window(tablet).window().take_snapshot().expect("the software renderer draws");
    let (width, height) = (pixels.width() as usize, pixels.height() as usize);
    let bytes = pixels.as_bytes();
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let at = (y * width + x) * 4;
        ((u32::from(bytes[at]) + u32::from(bytes[at + 1]) + u32::from(bytes[at + 2])) / 3) as u8
    });
    picture.detect_grids().first().and_then(|grid| grid.decode().ok()).map(|(_, text)| text)
}

/// The results of a visit at its summary, printed, refused, stuck and shown.
pub fn results(tablet: &Tablet) {
    let folder = tablet.folder.path();
    let before: Vec<PathBuf> = lying(folder).into_keys().collect();
    print(tablet);
    sees(tablet, "No printer is set up on this van");
    tap(tablet, "Understood");
    assert_eq!(lying(folder).into_keys().collect::<Vec<_>>(), before, "without a printer nothing is written");
    service(tablet, "lp", "cat > /dev/null; echo 'lp: no default destination' >&2; exit 1");
    print(tablet);
    sees(
        tablet,
        "Check the printer, or show the results on the screen. (the print service refused: lp: no default destination)",
    );
    tap(tablet, "Understood");
    let spool = folder.join("spool");
    service(tablet, "lp", &format!("cat > {}; echo 'request id is Van-1 (0 file(s))'", spool.display()));
    service(tablet, "lpstat", "echo 'Van-1  crew  9216  Mon'");
    service(tablet, "cancel", &format!("rm {}", spool.display()));
    print(tablet);
    sees(tablet, "The printer did not print, and the page was taken back.");
    tap(tablet, "Understood");
    assert_eq!(pages_lying(folder), 0, "what failed left no page behind");
    let out = folder.join("paper.pdf");
    service(tablet, "lp", &format!("cat > {}", out.display()));
    print(tablet);
    sees(tablet, "The page is printed");
    tap(tablet, "Understood");
    let page = fs::read(&out).expect("printed");
    if let Some(folder) = std::env::var_os("CARAVAN_PICTURES") {
        fs::write(Path::new(&folder).join("page.pdf"), &page).expect("for people to look at");
    }
    let text = text_of(&page);
    for said in [
        "Su visita Ana Núñez-Sample · Sample Steel Mill · 23 de noviembre de 2026",
        "Qué encontramos Presión arterial: 152 / 96 mmHg Alta, etapa 2",
        "Qué significa Su presión salió muy alta hoy",
        "Su vivienda, que alcance la comida, el transporte, la luz, el gas y el agua",
        "Vea a un profesional de salud por su presión en los próximos días",
        "La próxima parada de la unidad: Sample Cannery",
        "100 Sample Road, Sampleton",
        "211: llame al 211. Comida, vivienda, transporte",
        "www.211.org",
        "llame al 911",
    ] {
        assert!(text.contains(said), "{said:?} is not on the page:\n{text}");
    }
    turned(tablet);
}

/// What stands on the page that comes out of the printer.
pub fn printed(tablet: &Tablet) -> String {
    let out = tablet.folder.path().join("paper.pdf");
    service(tablet, "lp", &format!("cat > {}", out.display()));
    print(tablet);
    tap(tablet, "Understood");
    text_of(&fs::read(&out).expect("printed"))
}

/// The place that helps stands whole at the foot of the turned screen.
fn foot(tablet: &Tablet) {
    const CARD_BOTTOM_PX: f32 = 800.0 - 16.0;
    let bottom = bounds(tablet, "211: ")[3];
    assert!(bottom <= CARD_BOTTOM_PX, "it ends at {bottom}, and the card at {CARD_BOTTOM_PX}");
}

fn turned(tablet: &Tablet) {
    tap(tablet, "Show or print");
    picture(tablet, "27-hand-out");
    tap(tablet, "Show them: hand over the screen");
    tap(tablet, "Go on");
    sees(tablet, "Qué encontramos");
    assert!(!has(tablet, "Inbox") && !has(tablet, "Finish visit"), "nothing else can be reached");
    picture(tablet, "28-results-turned");
    foot(tablet);
    assert_eq!(
        scanned(tablet).as_deref(),
        Some("https://www.211.org"),
        "a telephone reads it off the screen"
    );
    tap(tablet, "Devolver la pantalla");
    type_digits(tablet, PIN);
    sees(tablet, "What we found");
}

#[test]
fn the_page_is_in_english_for_whoever_speaks_it_and_the_code_is_the_same_for_everybody() {
    let tablet = at_the_stop();
    checked_in(&tablet, "okafor", "Grace Okafor-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Summary");
    assert!(!texts(&tablet).contains("What it means"), "where nothing was found there is no empty card");
    let text = printed(&tablet);
    for said in [
        "Your visit Grace Okafor-Sample",
        "Nothing was measured today",
        "The van's next stop: Sample Cannery",
        "call 911",
    ] {
        assert!(text.contains(said), "{said:?} is not on the page:\n{text}");
    }
    tap(&tablet, "Show or print");
    tap(&tablet, "Show them: hand over the screen");
    tap(&tablet, "Go on");
    picture(&tablet, "29-results-turned-english");
    foot(&tablet);
    assert_eq!(scanned(&tablet).as_deref(), Some("https://www.211.org"));
}
