//! A printer that keeps what it is given, so that nothing goes to one of this machine, and what a person takes home.

use super::{Touch, TouchError};
use app::screens::ui::{DialogAdapter, Tone, VisitAdapter, VisitPage};
use slint::{ComponentHandle, Model};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use tempfile::TempDir;

/// The page that a person takes home.
pub struct Printed {
    /// As the printer got it.
    pub page: Vec<u8>,
    /// What the screen says beside it, line by line.
    pub lines: Vec<String>,
    /// What to do in an emergency.
    pub always: String,
}

pub(super) struct Printer(TempDir);

impl Printer {
    pub fn install() -> io::Result<Printer> {
        let printer = Printer(tempfile::tempdir()?);
        let paper = printer.paper();
        fs::write(printer.program(), format!("#!/bin/sh\ncat > '{}'\n", paper.display()))?;
        fs::set_permissions(printer.program(), Permissions::from_mode(0o700))?;
        Ok(printer)
    }

    /// What takes a page from its standard input.
    pub fn program(&self) -> PathBuf {
        self.0.path().join("lp")
    }

    fn paper(&self) -> PathBuf {
        self.0.path().join("paper.pdf")
    }

    fn take(&self) -> io::Result<Vec<u8>> {
        let page = fs::read(self.paper())?;
        fs::remove_file(self.paper())?;
        Ok(page)
    }
}

impl Touch<'_> {
    /// Prints what the person of the visit takes home.
    pub fn print_take_home(&mut self) -> Result<Printed, TouchError> {
        self.go_to(VisitPage::Summary)?;
        let visit = self.window().global::<VisitAdapter>();
        let cards = [visit.get_found(), visit.get_meaning(), visit.get_next_steps()];
        let shown = cards.iter().flat_map(|card| card.iter());
        let lines = shown.flat_map(|line| [line.title, line.detail]).filter(|text| !text.is_empty());
        let (lines, always) = (lines.map(Into::into).collect(), visit.get_always().into());
        visit.invoke_show_handout();
        let dialog = self.window().global::<DialogAdapter>();
        dialog.invoke_choose("print".into());
        dialog.invoke_confirmed();
        if dialog.get_tone() != Tone::Good {
            return Err(TouchError::Unexpected(format!("nothing was printed: {:?}", dialog.get_body())));
        }
        dialog.invoke_confirmed();
        Ok(Printed { page: self.printer.take()?, lines, always })
    }
}
