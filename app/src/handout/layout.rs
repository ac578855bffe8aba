//! Where everything stands on the page: the largest type at which all of it fits on one, else readable type on as many
//! as it takes. Nothing is left out. Never a PDF.

use super::{Handout, Item};
use shared::domain::names;

pub(super) const REGULAR: &[u8] = include_bytes!("../../ui/fonts/AtkinsonHyperlegibleNext_400Regular.ttf");
pub(super) const BOLD: &[u8] = include_bytes!("../../ui/fonts/AtkinsonHyperlegibleNext_700Bold.ttf");

/// US Letter, in points of 1/72 inch.
pub(super) const PAGE_WIDTH: f32 = 612.0;
pub(super) const PAGE_HEIGHT: f32 = 792.0;
pub(super) const MARGIN: f32 = 54.0;
pub(super) const TEXT_WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;
const BOTTOM: f32 = PAGE_HEIGHT - MARGIN;
/// Body type for one page, largest first.
const BODY_SIZES: [f32; 6] = [16.0, 15.0, 14.0, 13.0, 12.0, 11.0];
/// Below the smallest of them the page would be for nobody: then it goes on on another one, in this type.
const BODY_SIZE_PAGES: f32 = 13.0;
const LINE_HEIGHT: f32 = 1.3;
/// The code's side: a telephone reads it at arm's length.
const CODE_SIDE: f32 = 80.0;
const CODE_QUIET: f32 = 14.0;

/// Which of the two weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Plain,
    Bold,
}

/// One line of type on the page, its baseline from the top.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub text: String,
    pub weight: Weight,
    pub size: f32,
    pub left: f32,
    pub baseline: f32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Square {
    pub left: f32,
    pub top: f32,
    pub side: f32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Page {
    pub lines: Vec<Line>,
    /// Thin lines across the page, from the top.
    pub rules: Vec<f32>,
    pub code: Option<Square>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub pages: Vec<Page>,
    /// How far down the last page goes.
    pub bottom: f32,
}

struct Faces {
    plain: ttf_parser::Face<'static>,
    bold: ttf_parser::Face<'static>,
}

impl Faces {
    fn load() -> Faces {
        let face = |bytes| ttf_parser::Face::parse(bytes, 0).expect("the fonts of this build are whole");
        Faces { plain: face(REGULAR), bold: face(BOLD) }
    }

    fn of(&self, weight: Weight) -> &ttf_parser::Face<'static> {
        match weight {
            Weight::Plain => &self.plain,
            Weight::Bold => &self.bold,
        }
    }

    fn width(&self, text: &str, weight: Weight, size: f32) -> f32 {
        let face = self.of(weight);
        let advance = |letter| face.glyph_index(letter).and_then(|glyph| face.glyph_hor_advance(glyph));
        let units: u32 = text.chars().map(|letter| advance(letter).map_or(500, u32::from)).sum();
        units as f32 * size / f32::from(face.units_per_em())
    }

    /// The text in letters that the font has: the plain letter for one with a mark that it lacks, else `?`, so that
    /// somebody sees that something stood there.
    fn printable(&self, text: &str, weight: Weight) -> String {
        let face = self.of(weight);
        let mut said = String::with_capacity(text.len());
        for letter in text.chars() {
            if letter.is_whitespace() || letter.is_control() {
                said.push(' ');
            } else if face.glyph_index(letter).is_some() {
                said.push(letter);
            } else if !matches!(letter, '\u{300}'..='\u{36f}') {
                let plain = names::fold(&letter.to_string());
                let is_there =
                    !plain.is_empty() && plain.chars().all(|plain| face.glyph_index(plain).is_some());
                match (is_there, letter.is_uppercase()) {
                    (true, true) => said.push_str(&plain.to_uppercase()),
                    (true, false) => said.push_str(&plain),
                    (false, _) => said.push('?'),
                }
            }
        }
        said
    }

    /// Breaks a text between words, and a word that is wider than the page between letters.
    fn wrap(&self, text: &str, weight: Weight, size: f32, width: f32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let fits = |text: &str| self.width(text, weight, size) <= width;
        for word in self.printable(text, weight).split_whitespace() {
            match lines.last_mut() {
                Some(line) if fits(&format!("{line} {word}")) => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(String::new()),
            }
            let Some(line) = lines.last_mut().filter(|line| line.is_empty()) else { continue };
            if fits(word) {
                line.push_str(word);
                continue;
            }
            for letter in word.chars() {
                let Some(line) = lines.last_mut() else { continue };
                if line.is_empty() || fits(&format!("{line}{letter}")) {
                    line.push(letter);
                } else {
                    lines.push(letter.to_string());
                }
            }
        }
        lines
    }
}

struct Pen<'f> {
    faces: &'f Faces,
    layout: Layout,
    may_break: bool,
}

impl Pen<'_> {
    fn page(&mut self) -> &mut Page {
        self.layout.pages.last_mut().expect("a layout has a page from its beginning on")
    }

    fn write(&mut self, text: &str, weight: Weight, size: f32, indent: f32) {
        for text in self.faces.wrap(text, weight, size, TEXT_WIDTH - indent) {
            self.layout.bottom += size * LINE_HEIGHT;
            let baseline = self.layout.bottom - size * (LINE_HEIGHT - 1.0);
            self.page().lines.push(Line { text, weight, size, left: MARGIN + indent, baseline });
        }
    }
    fn space(&mut self, height: f32) {
        self.layout.bottom += height;
    }
    fn rule(&mut self, body: f32) {
        self.space(body);
        let top = self.layout.bottom;
        self.page().rules.push(top);
        self.space(body * 0.5);
    }
    /// A short detail stands behind its title, so that a list of results takes a line each.
    fn item(&mut self, item: &Item, body: f32, indent: f32) {
        let (title, detail) = (&item.title, &item.detail);
        let behind = self.faces.width(title, Weight::Bold, body) + body * 0.6;
        let width = behind + self.faces.width(detail, Weight::Plain, body);
        if !detail.is_empty() && indent == 0.0 && width <= TEXT_WIDTH {
            self.write(title, Weight::Bold, body, indent);
            let baseline = self.layout.bottom - body * (LINE_HEIGHT - 1.0);
            let text = self.faces.printable(detail, Weight::Plain);
            let left = MARGIN + behind;
            self.page().lines.push(Line { text, weight: Weight::Plain, size: body, left, baseline });
            return;
        }
        self.write(&item.title, Weight::Bold, body, indent);
        self.write(&item.detail, Weight::Plain, body, indent);
    }
    fn code(&mut self, beside: &Item, body: f32) {
        let top = self.layout.bottom + CODE_QUIET;
        self.page().code = Some(Square { left: MARGIN, top, side: CODE_SIDE });
        self.space(CODE_QUIET);
        self.item(beside, body, CODE_SIDE + 2.0 * CODE_QUIET);
        self.layout.bottom = self.layout.bottom.max(top + CODE_SIDE + CODE_QUIET);
    }

    /// Writes what belongs together. Where it would run out of the page it stands on the next one as a whole.
    fn together(&mut self, write: impl FnOnce(&mut Self)) {
        let (top, page) = (self.layout.bottom, self.page());
        let (lines, rules, had_code) = (page.lines.len(), page.rules.len(), page.code.is_some());
        write(self);
        if !self.may_break || self.layout.bottom <= BOTTOM || lines == 0 {
            return;
        }
        let up = top - MARGIN;
        let page = self.page();
        let mut next = Page { lines: page.lines.split_off(lines), ..Page::default() };
        next.rules = page.rules.split_off(rules);
        next.code = page.code.take_if(|_| !had_code);
        next.lines.iter_mut().for_each(|line| line.baseline -= up);
        next.rules.iter_mut().for_each(|rule| *rule -= up);
        next.code.iter_mut().for_each(|square| square.top -= up);
        self.layout.bottom -= up;
        self.layout.pages.push(next);
    }
}

fn lay_out(handout: &Handout, faces: &Faces, body: f32, may_break: bool) -> Layout {
    let layout = Layout { pages: vec![Page::default()], bottom: MARGIN };
    let mut pen = Pen { faces, layout, may_break };
    pen.write(&handout.title, Weight::Bold, body * 1.7, 0.0);
    pen.write(&handout.subtitle, Weight::Plain, body, 0.0);
    for section in &handout.sections {
        let mut items = section.items.iter();
        pen.together(|pen| {
            pen.rule(body);
            pen.write(&section.heading, Weight::Bold, body * 1.25, 0.0);
            if let Some(first) = items.next() {
                pen.space(body * 0.4);
                pen.item(first, body, 0.0);
            }
        });
        for item in items {
            pen.together(|pen| {
                pen.space(body * 0.4);
                pen.item(item, body, 0.0);
            });
        }
    }
    if let Some((_, beside)) = &handout.code {
        pen.together(|pen| pen.code(beside, body));
    }
    pen.together(|pen| {
        pen.rule(body);
        pen.write(&handout.footer, Weight::Bold, body, 0.0);
    });
    pen.layout
}

/// The largest type at which all of it fits on one page, else as many pages as it takes, each with its number.
pub(super) fn fit(handout: &Handout) -> Layout {
    let faces = Faces::load();
    for body in BODY_SIZES {
        let layout = lay_out(handout, &faces, body, false);
        if layout.bottom <= BOTTOM {
            return layout;
        }
    }
    let mut layout = lay_out(handout, &faces, BODY_SIZE_PAGES, true);
    let count = layout.pages.len();
    for (number, page) in layout.pages.iter_mut().enumerate() {
        page.lines.push(Line {
            text: format!("{} / {count}", number + 1),
            weight: Weight::Plain,
            size: BODY_SIZE_PAGES,
            left: PAGE_WIDTH - MARGIN - 30.0,
            baseline: PAGE_HEIGHT - MARGIN / 2.0,
        });
    }
    layout
}

#[cfg(test)]
pub(super) fn right_edge(page: &Page) -> f32 {
    let faces = Faces::load();
    let right = |line: &Line| line.left + faces.width(&line.text, line.weight, line.size);
    page.lines.iter().map(right).fold(0.0, f32::max)
}
