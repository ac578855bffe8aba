//! Whole pages in the person's words, read back from the PDF; and a printer that may not be there.

use super::*;
use shared::content::pack::embedded;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

fn handout(items: usize) -> Handout {
    let item = |number: usize| Item {
        title: format!("Presión arterial {number}: 152 / 96 mmHg"),
        detail: "Su corazón trabaja de más. Quizá no lo sienta. Tiene tratamiento.".into(),
    };
    let code = Code::of(embedded()).expect("the core names a public place");
    Handout {
        language: Language::Spanish,
        title: "Su visita".into(),
        subtitle: "Ana Núñez-Sample · Sample Steel Mill · 23 de noviembre".into(),
        sections: vec![Section { heading: "Qué encontramos".into(), items: (0..items).map(item).collect() }],
        code: Some((code, Item { title: "211".into(), detail: "www.211.org".into() })),
        footer: "Si tiene dolor de pecho o le falta el aire, llame al 911.".into(),
    }
}

/// What a program that reads aloud or searches finds in the file, line breaks as spaces, and how many pages it has.
fn read(pdf: &[u8]) -> (String, usize) {
    let document = lopdf::Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    let text = document.extract_text(&pages).expect("its text");
    (text.split_whitespace().collect::<Vec<_>>().join(" "), pages.len())
}

fn inside(layout: &layout::Layout) -> bool {
    let right = 612.0 - 54.0 + 0.5;
    layout.pages.iter().all(|page| layout::right_edge(page) <= right) && layout.bottom <= 792.0 - 54.0
}

#[test]
fn a_visit_is_read_back_from_one_page_word_for_word_and_a_full_one_is_set_smaller() {
    for items in [3, 9] {
        let page = handout(items);
        let (text, pages) = read(&super::pdf(&page));
        assert_eq!(pages, 1, "{items} items");
        assert!(inside(&layout::fit(&page)));
        assert!(
            text.starts_with(
                "Su visita Ana Núñez-Sample · Sample Steel Mill · 23 de noviembre Qué encontramos"
            )
        );
        assert!(text.contains(&format!("Presión arterial {}: 152 / 96 mmHg", items - 1)), "{text}");
        assert!(text.ends_with("llame al 911."), "{text}");
    }
}

#[test]
fn more_than_a_page_can_hold_goes_on_on_the_next_one_and_nothing_is_lost() {
    let page = handout(60);
    let (text, pages) = read(&super::pdf(&page));
    assert!(pages > 1 && inside(&layout::fit(&page)));
    for number in 0..60 {
        assert!(text.contains(&format!("Presión arterial {number}: 152 / 96 mmHg")), "{number}: {text}");
    }
    assert!(text.contains("llame al 911."));
    assert!(text.contains(&format!("{pages} / {pages}")));
    let codes = layout::fit(&page).pages.iter().filter(|page| page.code.is_some()).count();
    assert_eq!(codes, 1);
}

#[test]
fn letters_that_the_font_lacks_stop_nothing() {
    let mut page = handout(1);
    let hostile = "Ānh Nguyễn 李小龙 \u{0}\u{7}\t \u{202e}مريم\u{10ffff} e\u{301} 😀 ﬁ";
    page.subtitle = format!("{hostile} Łukasz");
    page.sections[0].items[0] = Item { title: hostile.into(), detail: "W".repeat(400) };
    let (text, pages) = read(&super::pdf(&page));
    assert_eq!(pages, 1);
    assert!(text.contains("nh Nguy") && text.contains("ukasz"), "{text}");
    assert!(text.contains("???"), "what cannot be written is seen to be missing: {text}");
    assert_eq!(text.matches('W').count(), 400, "a word wider than the page is broken, not cut");
    let mut empty = handout(0);
    (empty.title, empty.subtitle, empty.footer) = (String::new(), String::new(), String::new());
    empty.code = None;
    assert_eq!(read(&super::pdf(&empty)).1, 1);
}

#[test]
fn the_file_itself_names_nobody_and_carries_its_fonts() {
    let bytes = super::pdf(&handout(5));
    if let Some(folder) = std::env::var_os("CARAVAN_PICTURES") {
        fs::write(Path::new(&folder).join("handout.pdf"), &bytes).expect("written for people to look at");
    }
    assert!(bytes.starts_with(b"%PDF-") && bytes.len() < 400_000, "{}", bytes.len());
    let raw = String::from_utf8_lossy(&bytes);
    assert!(raw.contains("AtkinsonHyperlegibleNext"), "the fonts are inside");
    assert!(!raw.contains("Núñez"), "no name where a viewer or a print service shows the file's title");
}

/// What a telephone's camera reads, quiet zone and all.
fn scanned(code: &Code) -> String {
    const PIXELS: usize = 5;
    let side = (code.width_modules() + 2 * QUIET_MODULES) * PIXELS;
    let module = |at: usize| (at / PIXELS).checked_sub(QUIET_MODULES);
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, |column, row| {
        let dark = module(row).zip(module(column)).is_some_and(|(row, column)| code.is_dark(row, column));
        if dark { 0 } else { 255 }
    });
    let found = picture.detect_grids();
    assert_eq!(found.len(), 1, "one code");
    found[0].decode().expect("it reads").1
}

#[test]
fn a_telephone_reads_the_packs_public_place_from_the_code_and_nothing_else() {
    let code = Code::of(embedded()).expect("a code");
    let public = embedded().contact("211").and_then(|contact| contact.web.clone()).expect("a page");
    assert_eq!(scanned(&code), public);
    assert_eq!(code.leads_to(), public);
    assert!(code.width_modules() <= 33, "large enough modules on paper: {}", code.width_modules());
}

const AT_ONCE: Patience = Patience { looks: 3, between: Duration::ZERO };

/// A print service: `lp` and its companions as scripts in a folder. Another program puts each of them there: what
/// this process writes itself cannot be run while a child that another test starts still holds it open.
fn service(folder: &Path, scripts: &[(&str, String)]) -> PathBuf {
    for (name, script) in scripts {
        let draft = folder.join("draft");
        fs::write(&draft, format!("#!/bin/sh\n{script}\n")).expect("written");
        let installed = Command::new("install").arg(draft).arg(folder.join(name)).status().expect("it runs");
        assert!(installed.success());
    }
    folder.join("lp")
}

#[test]
fn a_page_goes_to_the_print_service_whole_or_the_reason_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = super::pdf(&handout(5));
    let missing = print(&folder.path().join("lp"), &page, AT_ONCE);
    assert!(matches!(missing, Err(PrintError::NoService)));
    let out = folder.path().join("printed");
    let works = service(folder.path(), &[("lp", format!("cat > {}", out.display()))]);
    print(&works, &page, AT_ONCE).expect("printed");
    assert_eq!(fs::read(&out).expect("printed"), page);
    let refuses = "cat > /dev/null; echo 'lp: no default destination' >&2; exit 1".to_owned();
    match print(&service(folder.path(), &[("lp", refuses)]), &page, AT_ONCE) {
        Err(PrintError::Refused(why)) => assert_eq!(why, "lp: no default destination"),
        other => panic!("{other:?}"),
    }
    let breaks = "exec <&-; echo 'request id is Van-3 (0 file(s))'".to_owned();
    let large = vec![0; 1_000_000];
    assert!(matches!(
        print(&service(folder.path(), &[("lp", breaks)]), &large, AT_ONCE),
        Err(PrintError::Broken(_))
    ));
}

/// A service with a spool folder, as real ones have; `waits` decides whether its printer ever prints.
fn spooling(folder: &Path, waits: bool) -> PathBuf {
    let spool = folder.join("spool");
    fs::create_dir_all(&spool).expect("a spool");
    let spool = spool.display();
    service(
        folder,
        &[
            ("lp", format!("cat > {spool}/Van-7; echo 'request id is Van-7 (0 file(s))'")),
            ("lpstat", if waits { "echo 'Van-7  crew  9216  Mon'".into() } else { "true".into() }),
            ("cancel", format!("[ \"$1\" = -x ] && rm {spool}/$2")),
        ],
    )
}

#[test]
fn a_page_that_is_printed_or_stuck_is_kept_nowhere() {
    let page = super::pdf(&handout(5));
    for waits in [false, true] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let answer = print(&spooling(folder.path(), waits), &page, AT_ONCE);
        assert_eq!(matches!(answer, Err(PrintError::Stuck)), waits, "{answer:?}");
        let left = fs::read_dir(folder.path().join("spool")).expect("a spool").count();
        assert_eq!(left, 0, "the service was told to forget the page");
    }
}
