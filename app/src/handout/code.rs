//! The code on the page that a telephone reads. It is made of what the packs say is public and of nothing else: no
//! value of a person, a visit or a tablet ever comes here.

use qrcode::{Color, EcLevel, QrCode};
use shared::content::pack::Content;

/// White modules around the code, without which readers do not find it (ISO/IEC 18004).
pub const QUIET_MODULES: usize = 4;

/// Dark and light modules in rows, without the quiet zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// What a telephone reads: a public `https` page or a `tel:` number.
    leads_to: String,
    width_modules: usize,
    is_dark: Vec<bool>,
}

impl Code {
    /// The code of the packs in use; nothing where they name no public place for it. It takes the packs alone, so that
    /// whoever was screened cannot be in it.
    pub fn of(packs: &Content) -> Option<Code> {
        let (leads_to, _) = packs.handout_code()?;
        // A quarter of it may be creased or dirty. Only an address that is too long for any code is refused.
        let code = QrCode::with_error_correction_level(leads_to.as_bytes(), EcLevel::Q).ok()?;
        let is_dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Some(Code { leads_to, width_modules: code.width(), is_dark })
    }

    pub fn leads_to(&self) -> &str {
        &self.leads_to
    }
    /// Modules a side.
    pub fn width_modules(&self) -> usize {
        self.width_modules
    }
    /// Whether a module is dark; none is outside.
    pub fn is_dark(&self, row: usize, column: usize) -> bool {
        let is_inside = row < self.width_modules && column < self.width_modules;
        is_inside && self.is_dark[row * self.width_modules + column]
    }
}
