//! A walk-up at the register screen: rubbish is refused with a reason at each field, who it may be is shown, and then
//! the new person is saved.

use super::{Touch, TouchError, first};
use app::screens::ui::{FindAdapter, RegisterAdapter, RegisterField, Screen};
use slint::ComponentHandle;

/// A candidate of this share is taken for the person at the door.
const SAME_SHARE: f32 = 0.9;

/// Somebody who is on no list.
pub struct WalkUp {
    pub family_name: String,
    pub given_name: String,
    pub birth_date: String,
    pub phone: String,
}

impl Touch<'_> {
    /// Registers somebody, or finds who was registered before.
    pub fn register(&mut self, walk_up: &WalkUp) -> Result<(), TouchError> {
        self.go(Screen::Find)?;
        self.window().global::<FindAdapter>().invoke_register();
        self.expect(Screen::Register)?;
        self.refuse_rubbish()?;
        let form = self.window().global::<RegisterAdapter>();
        form.set_family_name(walk_up.family_name.as_str().into());
        form.set_given_name(walk_up.given_name.as_str().into());
        form.set_birth_date(walk_up.birth_date.as_str().into());
        form.set_phone(walk_up.phone.as_str().into());
        form.invoke_edited(RegisterField::Phone, walk_up.phone.as_str().into());
        form.invoke_choose(RegisterField::Sex, "female".into());
        form.invoke_choose(RegisterField::Language, "es".into());
        form.invoke_choose(RegisterField::Belongs, "worker".into());
        self.wait(300);
        let form = self.window().global::<RegisterAdapter>();
        if let Some(same) = first(&form.get_candidates()).filter(|known| known.score_share >= SAME_SHARE) {
            form.invoke_same_person(same.id);
            self.worked.duplicates_shown += 1;
            return self.expect(Screen::Person);
        }
        form.invoke_new_person();
        self.expect(Screen::Person)?;
        self.worked.registered += 1;
        self.saved()
    }

    fn refuse_rubbish(&mut self) -> Result<(), TouchError> {
        let form = self.window().global::<RegisterAdapter>();
        form.set_family_name(" ".into());
        form.set_birth_date("31/31/31".into());
        form.invoke_edited(RegisterField::BirthDate, "31/31/31".into());
        form.invoke_new_person();
        let errors = [form.get_family_name_error(), form.get_given_name_error(), form.get_birth_date_error()];
        if self.screen() != Screen::Register || errors.iter().any(|error| error.is_empty()) {
            return Err(TouchError::Unexpected(format!("rubbish was not refused at each field: {errors:?}")));
        }
        let kept = self.window().global::<RegisterAdapter>().get_birth_date();
        if kept != "31/31/31" {
            return Err(TouchError::Unexpected(format!("what was typed is gone: {kept:?}")));
        }
        self.worked.refused_inputs += 1;
        Ok(())
    }
}
