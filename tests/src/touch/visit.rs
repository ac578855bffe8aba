//! One person's visit at the screens: found, checked in, measured, asked, gaps decided, done. A visit that a killed
//! process left goes on where it was.

use super::{Touch, TouchError};
use app::screens::ui::{
    CheckInAdapter, ConsentMethod, DialogAdapter, FindAdapter, GapDecision, GapState, NavAdapter,
    PersonAdapter, QuestionAdapter, QuestionKind, Screen, SignatureAdapter, TileState, VisitAdapter,
    VisitGapsAdapter, VisitPage, VisitState, VitalsAdapter,
};
use slint::{ComponentHandle, Model, SharedString};

/// A questionnaire with more pages than this does not end.
const PAGES_MAX: usize = 200;
/// So many gaps are talked about in one visit.
const GAPS_DECIDED: usize = 3;

impl Touch<'_> {
    /// Sees one person from the door to the end; somebody who was seen here before is passed over.
    pub fn see(&mut self, typed: &str) -> Result<(), TouchError> {
        if !self.open_visit(typed)? {
            return Ok(());
        }
        self.take_vitals()?;
        self.answer_questions()?;
        self.decide_gaps()?;
        self.finish()
    }

    /// Whether a visit is open now; not when the person was seen at this stop before.
    pub fn open_visit(&mut self, typed: &str) -> Result<bool, TouchError> {
        let row = self.find(typed).ok_or_else(|| TouchError::Nobody(typed.to_owned()))?;
        // A badge scanner sends Enter: when exactly one person fits, that is the one.
        self.window().global::<FindAdapter>().invoke_submitted(typed.into());
        if self.screen() != Screen::Person {
            self.window().global::<FindAdapter>().invoke_open(row.id);
        }
        self.expect(Screen::Person)?;
        let person = self.window().global::<PersonAdapter>();
        match (person.get_visit(), row.checked_in) {
            (VisitState::None, true) => return Ok(false),
            (VisitState::None, false) => {
                person.invoke_check_in();
                self.check_in()?;
            }
            _ => person.invoke_continue_visit(),
        }
        self.expect(Screen::Visit)?;
        self.saved()?;
        self.answer_dangerous()?;
        Ok(true)
    }

    fn check_in(&mut self) -> Result<(), TouchError> {
        self.expect(Screen::CheckIn)?;
        let (signed, draws) = (self.seeded.below(2) == 0, self.seeded.draw());
        let page = self.window().global::<CheckInAdapter>();
        page.invoke_start();
        if self.screen() != Screen::CheckIn {
            return Err(TouchError::Unexpected("a visit began without identifiers and consent".into()));
        }
        let identifiers: Vec<_> = page.get_identifiers().iter().take(2).collect();
        for identifier in identifiers {
            page.invoke_toggle_identifier(identifier.id);
        }
        let scopes: Vec<_> = page.get_scopes().iter().filter(|scope| !scope.locked).collect();
        for (at, scope) in scopes.into_iter().enumerate().filter(|(_, scope)| scope.id != "research") {
            if draws >> at & 1 == 1 {
                page.invoke_toggle_scope(scope.id);
            }
        }
        match signed {
            true => self.sign(),
            false => page.invoke_choose_method(ConsentMethod::Verbal),
        }
        let page = self.window().global::<CheckInAdapter>();
        if !page.get_can_start() {
            return Err(TouchError::Unexpected(format!("check-in: {}", page.get_missing())));
        }
        page.invoke_start();
        Ok(())
    }

    fn sign(&self) {
        let pad = self.window().global::<SignatureAdapter>();
        for stroke in
            [[(60.0, 90.0), (130.0, 60.0), (200.0, 110.0)], [(240.0, 90.0), (310.0, 80.0), (380.0, 95.0)]]
        {
            let [(x, y), rest @ ..] = stroke;
            pad.invoke_begin(x, y, 600.0, 200.0);
            rest.into_iter().for_each(|(x, y)| pad.invoke_move(x, y));
            pad.invoke_end();
        }
    }

    /// An impossible pulse is refused; a plausible set is taken, a raised pressure once more.
    pub fn take_vitals(&mut self) -> Result<(), TouchError> {
        self.go_to(VisitPage::Vitals)?;
        self.refuse_a_pulse()?;
        let mut below = |bound| self.seeded.below(bound);
        let typed = [
            ("bp_systolic", format!("{}{}", 105 + below(85), 60 + below(35))),
            ("heart_rate", (55 + below(50)).to_string()),
            ("body_temp", format!("97.{}", below(10))),
            ("spo2", (94 + below(6)).to_string()),
            ("height", format!("5{}", below(10))),
            ("weight", (120 + below(110)).to_string()),
        ];
        for (tile, keys) in typed {
            if self.tile(tile)?.state != TileState::Done {
                self.measure(tile, &keys)?;
            }
        }
        if self.tile("bp_systolic")?.state == TileState::Again {
            self.measure("bp_systolic", "13884")?;
        }
        Ok(())
    }

    pub(super) fn go_to(&self, page: VisitPage) -> Result<(), TouchError> {
        let visit = self.window().global::<VisitAdapter>();
        visit.invoke_go(page);
        match visit.get_page() == page {
            true => Ok(()),
            false => Err(TouchError::Unexpected(format!("{page:?} does not open"))),
        }
    }

    fn tile(&self, id: &str) -> Result<app::screens::ui::VitalTile, TouchError> {
        let tiles = self.window().global::<VitalsAdapter>().get_tiles();
        tiles.iter().find(|tile| tile.id == id).ok_or_else(|| TouchError::Unexpected(format!("no tile {id}")))
    }

    fn type_keys(&self, tile: &str, keys: &str) {
        let page = self.window().global::<VitalsAdapter>();
        page.invoke_select(tile.into());
        keys.chars().for_each(|key| page.invoke_press(SharedString::from(key)));
    }

    fn refuse_a_pulse(&mut self) -> Result<(), TouchError> {
        self.type_keys("heart_rate", "720");
        let page = self.window().global::<VitalsAdapter>();
        page.invoke_save();
        if page.get_error().is_empty() || page.get_selected_id() != "heart_rate" {
            return Err(TouchError::Unexpected("a pulse of 720 was not refused".into()));
        }
        page.invoke_close();
        self.worked.refused_inputs += 1;
        Ok(())
    }

    fn measure(&mut self, tile: &str, keys: &str) -> Result<(), TouchError> {
        self.type_keys(tile, keys);
        let page = self.window().global::<VitalsAdapter>();
        page.invoke_save();
        if !page.get_ask_again().is_empty() {
            page.invoke_save_anyway();
        }
        if !page.get_selected_id().is_empty() {
            return Err(TouchError::Unexpected(format!("{tile} {keys}: {}", page.get_error())));
        }
        self.worked.readings += 1;
        self.saved()?;
        self.answer_dangerous()
    }

    /// Every form of the visit, page by page.
    pub fn answer_questions(&mut self) -> Result<(), TouchError> {
        self.go_to(VisitPage::Questions)?;
        for _ in 0..PAGES_MAX {
            let page = self.window().global::<QuestionAdapter>();
            let is_form = !page.get_form().is_empty();
            match page.get_kind() {
                QuestionKind::Finished => {
                    page.invoke_next();
                    if is_form {
                        self.worked.responses += 1;
                        self.saved()?;
                    }
                }
                QuestionKind::Number => {
                    page.invoke_press("3".into());
                    page.invoke_next();
                }
                QuestionKind::Text => page.invoke_rather_not_say(),
                QuestionKind::Single | QuestionKind::Multiple => self.choose(),
            }
            // A chosen answer goes on by itself.
            self.wait(350);
            self.answer_dangerous()?;
            if self.window().global::<VisitAdapter>().get_page() != VisitPage::Questions {
                return Ok(());
            }
        }
        Err(TouchError::Unexpected("the questions do not end".into()))
    }

    /// What is preferred where it is offered; else mostly the first option, which is the harmless one.
    fn choose(&mut self) {
        let (mostly, drawn) = (self.seeded.below(3) > 0, self.seeded.draw());
        let page = self.window().global::<QuestionAdapter>();
        let options: Vec<_> = page.get_options().iter().collect();
        let preferred = options.iter().position(|option| self.prefers.iter().any(|code| option.id == *code));
        let at = preferred.unwrap_or(if mostly { 0 } else { drawn as usize % options.len().max(1) });
        match options.get(at) {
            Some(option) => page.invoke_choose(option.id.clone()),
            None => page.invoke_rather_not_say(),
        }
        if page.get_kind() == QuestionKind::Multiple {
            page.invoke_next();
        }
    }

    /// What was found today closes its gap; of the others one becomes a follow-up and the next are declined.
    pub fn decide_gaps(&mut self) -> Result<(), TouchError> {
        self.go_to(VisitPage::Gaps)?;
        let gaps = self.window().global::<VisitGapsAdapter>().get_gaps();
        let open: Vec<_> = gaps.iter().filter(|gap| gap.state == GapState::Open).take(GAPS_DECIDED).collect();
        for (at, gap) in open.into_iter().enumerate() {
            let page = self.window().global::<VisitGapsAdapter>();
            page.invoke_select(gap.id);
            let (decision, reason) = match page.get_evidence().is_empty() {
                false => (GapDecision::Close, "evidence"),
                true if at == 0 => (GapDecision::FollowUp, "appointment"),
                true => (GapDecision::Decline, "not-now"),
            };
            page.invoke_decide(decision);
            page.invoke_choose_reason(reason.into());
            if !page.get_can_save() {
                return Err(TouchError::Unexpected(format!("a gap cannot be decided by {reason}")));
            }
            page.invoke_save();
            self.worked.gaps_decided += 1;
            self.saved()?;
        }
        Ok(())
    }

    pub fn finish(&mut self) -> Result<(), TouchError> {
        self.go_to(VisitPage::Summary)?;
        let page = self.window().global::<VisitAdapter>();
        if !page.get_can_finish() {
            let asked = self.window().global::<DialogAdapter>().get_title();
            return Err(TouchError::Unexpected(format!("the visit cannot end: {asked:?}")));
        }
        page.invoke_finish();
        self.expect(Screen::Stop)?;
        self.worked.visits += 1;
        self.saved()
    }

    /// The visit stays open and waits for its turn.
    pub fn park(&mut self) -> Result<(), TouchError> {
        self.window().global::<VisitAdapter>().invoke_park();
        self.expect(Screen::Stop)?;
        self.saved()
    }

    /// Corrects a field of the person who is shown.
    pub fn correct(&mut self, typed: &str, field: &str, value: &str) -> Result<(), TouchError> {
        let row = self.find(typed).ok_or_else(|| TouchError::Nobody(typed.to_owned()))?;
        self.window().global::<FindAdapter>().invoke_open(row.id);
        self.expect(Screen::Person)?;
        let page = self.window().global::<PersonAdapter>();
        page.invoke_edit(field.into());
        page.set_edit_value(value.into());
        page.invoke_save_edit();
        if !page.get_edit_id().is_empty() {
            return Err(TouchError::Unexpected(format!("{field} was not taken: {}", page.get_edit_error())));
        }
        self.window().global::<NavAdapter>().invoke_go(Screen::Stop);
        self.saved()
    }
}
