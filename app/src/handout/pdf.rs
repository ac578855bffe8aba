//! The page as a PDF: US Letter, Atkinson Hyperlegible Next. Where things stand is worked out in `layout`; here it is
//! only drawn.

use super::layout::{self, Layout, MARGIN, PAGE_HEIGHT, PAGE_WIDTH, Page, TEXT_WIDTH, Weight};
use super::{Code, Handout};
use krilla::Document;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};

const RULE_HEIGHT: f32 = 0.75;

/// The page's bytes. What does not fit on one page in readable type goes on on a second one.
pub fn pdf(handout: &Handout) -> Vec<u8> {
    draw(handout, &layout::fit(handout))
}

fn draw(handout: &Handout, layout: &Layout) -> Vec<u8> {
    let font = |bytes: &'static [u8]| {
        Font::new(bytes.to_vec().into(), 0).expect("the fonts of this build are whole")
    };
    let fonts = (font(layout::REGULAR), font(layout::BOLD));
    let mut document = Document::new();
    // No name in what a viewer shows as the file's title.
    let metadata = Metadata::new().title(handout.title.clone()).language(handout.language.tag().to_owned());
    document.set_metadata(metadata);
    for page in &layout.pages {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).expect("a page is larger than nothing");
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        draw_page(&mut surface, page, &fonts, handout.code.as_ref().map(|(code, _)| code));
        surface.finish();
        sheet.finish();
    }
    document.finish().expect("pages of text in embedded fonts are a valid PDF")
}

fn draw_page(surface: &mut Surface<'_>, page: &Page, fonts: &(Font, Font), code: Option<&Code>) {
    for line in &page.lines {
        let font = if line.weight == Weight::Bold { fonts.1.clone() } else { fonts.0.clone() };
        let at = Point::from_xy(line.left, line.baseline);
        surface.draw_text(at, font, line.size, &line.text, false, TextDirection::LeftToRight);
    }
    let mut path = PathBuilder::new();
    for top in &page.rules {
        push(&mut path, MARGIN, *top, TEXT_WIDTH, RULE_HEIGHT);
    }
    if let (Some(code), Some(square)) = (code, page.code) {
        let modules = code.width_modules();
        let module = square.side / modules as f32;
        for row in 0..modules {
            // A run of dark modules is one rectangle, so that no hair of white stands between them on paper.
            let mut column = 0;
            while column < modules {
                let run = (column..modules).take_while(|at| code.is_dark(row, *at)).count();
                if run > 0 {
                    let (left, top) =
                        (square.left + column as f32 * module, square.top + row as f32 * module);
                    push(&mut path, left, top, run as f32 * module, module);
                }
                column += run.max(1);
            }
        }
    }
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn push(path: &mut PathBuilder, left: f32, top: f32, width: f32, height: f32) {
    path.push_rect(Rect::from_xywh(left, top, width, height).expect("it has a width and a height"));
}
