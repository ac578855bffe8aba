//! Faults that are put into a world to see that it would be noticed, one a storm. None of them is among the storms.

use super::{Outcome, WORLD, World};
use crate::storm::disk::{SITE, facts, raw};
use crate::storm::{Case, Report, Storm};
use app::store::Reads;
use shared::change::Bucket;
use shared::ids::SiteId;
use shared::record::{FieldNumber, Value};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    Nothing,
    /// The disks of the tablets say that journals are flushed, and do not flush them.
    Lying,
    /// A word of a person is missing from a tablet's search.
    Unfound,
    /// A fact on a tablet has another field than its author gave it.
    Altered,
    /// The same at the office.
    AlteredAtOffice,
    /// A tablet keeps what it was told to forget.
    Kept,
}

const fn planted(name: &'static str, case: fn(&Case) -> Report) -> Storm {
    Storm { name, group: "planted", case, ..WORLD }
}

pub const LYING: Storm = planted("lying-tablets", |case| super::world(case, Plant::Lying));
pub const UNFOUND: Storm = planted("unfound-word", |case| super::world(case, Plant::Unfound));
pub const ALTERED: Storm = planted("altered-fact", |case| super::world(case, Plant::Altered));
pub const ALTERED_AT_OFFICE: Storm =
    planted("altered-at-office", |case| super::world(case, Plant::AlteredAtOffice));
pub const KEPT: Storm = planted("kept-records", |case| super::world(case, Plant::Kept));

/// A van that is sent elsewhere from one day to the next, and one of its tablets.
const SENT_ELSEWHERE: usize = 2;
const NOWHERE: SiteId = SiteId::from_bytes([0xee; 16]);

impl World {
    /// Before everything is judged.
    pub(super) fn tamper(&mut self) -> Outcome<()> {
        let store = self.tablets[0].store();
        match self.plant {
            Plant::Unfound => {
                let gone = "DELETE FROM person_word WHERE word = (SELECT min(word) FROM person_word)";
                store.connection().execute_batch(gone)?;
            }
            Plant::Altered => {
                let held = facts(store).map_err(|trouble| trouble.to_string())?;
                let mut fact = held.into_values().next().ok_or("no fact to alter")?;
                fact.fields.push((FieldNumber(900), Value::Text("altered".into())));
                // A zero before it: the row is not packed.
                let body = [&[0], fact.to_bytes().as_slice()].concat();
                let alter = "UPDATE fact SET body = ? WHERE id = ?";
                store.connection().execute(alter, rusqlite::params![body, fact.id.as_bytes()])?;
            }
            Plant::AlteredAtOffice => {
                let alter = "UPDATE fact SET body = (SELECT body FROM fact ORDER BY id DESC LIMIT 1) \
                             WHERE id = (SELECT min(id) FROM fact)";
                raw(&self.office.database())?.execute_batch(alter)?;
            }
            Plant::Nothing | Plant::Lying | Plant::Kept => {}
        }
        Ok(())
    }

    /// Before the office sends a van elsewhere.
    pub(super) fn tamper_before_replanning(&mut self) -> Outcome<()> {
        if self.plant == Plant::Kept {
            let names = [Bucket::Site(NOWHERE).to_string(), Bucket::Site(SITE).to_string()];
            let rename = "UPDATE bucket SET name = ? WHERE name = ?";
            self.tablets[SENT_ELSEWHERE].store().connection().execute(rename, names)?;
        }
        Ok(())
    }
}
