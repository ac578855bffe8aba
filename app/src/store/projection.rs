//! The rows by which records are found again, kept in step with each state that is written.

use super::records::RecordRow;
use super::{LinkedKind, RecordReads, StoreError, Write, people};
use rusqlite::{OptionalExtension, params};
use shared::domain::account::{Membership, membership_fields};
use shared::domain::person::Person;
use shared::domain::record_kind;
use shared::ids::RecordId;
use shared::merge::{RecordState, conflicts};
use shared::project::{self, Link, SearchRow};
use std::collections::BTreeSet;

const MEMBERSHIPS_OF: LinkedKind = LinkedKind::new(&Membership::KIND, membership_fields::person);

impl Write<'_> {
    /// Brings the projections of one record up to its state. `before` are the links that it had; nothing when the
    /// record was not here.
    pub fn project(
        &self,
        id: RecordId,
        row: RecordRow,
        state: &RecordState,
        before: Option<Vec<Link>>,
    ) -> Result<(), StoreError> {
        let is_new = before.is_none();
        self.project_links(row, state, &before.unwrap_or_default())?;
        self.project_conflict(row, state, is_new)?;
        if state.kind == Person::KIND.number {
            self.project_person(id, row, state, is_new)?;
        }
        if state.kind == Membership::KIND.number
            && let Some(person) = Membership::read(state).person
            && let Some(state) = self.state(person.into())?
            && let Some(row) = self.row_of(person.into())?
        {
            self.project_person(person.into(), row, &state, false)?;
        }
        Ok(())
    }

    fn row_of(&self, id: RecordId) -> Result<Option<RecordRow>, StoreError> {
        let mut statement = self.transaction.prepare_cached("SELECT row FROM record WHERE id = ?")?;
        Ok(statement.query_row([id.as_bytes()], |row| row.get(0)).optional()?.map(RecordRow))
    }

    fn project_links(&self, row: RecordRow, state: &RecordState, before: &[Link]) -> Result<(), StoreError> {
        let links = project::links(state);
        let change = |statement: &str, link: &Link| {
            let mut statement = self.transaction.prepare_cached(statement)?;
            statement.execute(params![link.target.as_bytes(), state.kind.0, link.field.0, row.0])
        };
        for gone in before.iter().filter(|link| !links.contains(link)) {
            change("DELETE FROM link WHERE target = ? AND kind = ? AND field = ? AND record = ?", gone)?;
        }
        for new in links.iter().filter(|link| !before.contains(link)) {
            change("INSERT OR IGNORE INTO link (target, kind, field, record) VALUES (?, ?, ?, ?)", new)?;
        }
        Ok(())
    }

    fn project_conflict(&self, row: RecordRow, state: &RecordState, is_new: bool) -> Result<(), StoreError> {
        let open = record_kind(state.kind).is_some_and(|kind| !conflicts(kind, state).is_empty());
        if open {
            self.transaction
                .prepare_cached("INSERT OR IGNORE INTO conflict (record) VALUES (?)")?
                .execute([row.0])?;
        } else if !is_new {
            self.transaction.prepare_cached("DELETE FROM conflict WHERE record = ?")?.execute([row.0])?;
        }
        Ok(())
    }

    fn project_person(
        &self,
        id: RecordId,
        row: RecordRow,
        state: &RecordState,
        is_new: bool,
    ) -> Result<(), StoreError> {
        let mut wanted = project::person_row(&Person::read(state));
        for (_, membership) in self.linked(id, MEMBERSHIPS_OF)? {
            if let Some(number) = Membership::read(&membership).member_number {
                wanted.numbers.push(' ');
                wanted.numbers.push_str(&number.to_lowercase().replace(['-', ' '], ""));
            }
        }
        let known = if is_new { None } else { self.person_index_row(row)? };
        if known.as_ref() == Some(&wanted) {
            return Ok(());
        }
        let (before, after) = (known.as_ref().map(words).unwrap_or_default(), words(&wanted));
        let mut changes = self.words.borrow_mut();
        changes.extend(before.difference(&after).map(|gone| ((gone.clone(), row.0), false)));
        changes.extend(after.difference(&before).map(|new| ((new.clone(), row.0), true)));
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO person_index (row, names, sounds, numbers) VALUES (?, ?, ?, ?)",
            )?
            .execute(params![row.0, wanted.names, wanted.sounds, wanted.numbers])?;
        Ok(())
    }

    /// Writes the words that changed, in their order: side by side in the file, each page is touched once.
    pub(super) fn write_words(&self) -> Result<(), StoreError> {
        let changes = self.words.take();
        let mut insert =
            self.transaction.prepare_cached("INSERT OR IGNORE INTO person_word (word, row) VALUES (?, ?)")?;
        let mut delete =
            self.transaction.prepare_cached("DELETE FROM person_word WHERE word = ? AND row = ?")?;
        for ((word, row), stands) in changes {
            let statement = if stands { &mut insert } else { &mut delete };
            statement.execute(params![word, row])?;
        }
        Ok(())
    }

    fn person_index_row(&self, row: RecordRow) -> Result<Option<SearchRow>, StoreError> {
        let mut statement = self
            .transaction
            .prepare_cached("SELECT names, sounds, numbers FROM person_index WHERE row = ?")?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(SearchRow { names: row.get(0)?, sounds: row.get(1)?, numbers: row.get(2)? })
        };
        Ok(statement.query_row([row.0], read).optional()?)
    }
}

/// The words by which a person is found.
fn words(row: &SearchRow) -> BTreeSet<String> {
    let of = |text: &str, mark: &str| -> Vec<String> {
        text.split(' ').filter(|word| !word.is_empty()).map(|word| format!("{mark}{word}")).collect()
    };
    let (sound, number) = (people::SOUND.to_string(), people::NUMBER.to_string());
    [of(&row.names, ""), of(&row.sounds, &sound), of(&row.numbers, &number)].concat().into_iter().collect()
}
