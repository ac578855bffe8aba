//! Person search: three nets, each wider and only cast when the one before caught little, then ranked.

use super::{Reads, RecordReads, Store, StoreError};
use rusqlite::params;
use shared::domain::names::same_given_name_forms;
use shared::ids::PersonId;
use shared::project::{Match, Query, SearchRow, rank};

/// How many candidates one net brings in.
const NET_ROWS: i64 = 300;
/// So many good ones, and the wider net stays dry.
const ENOUGH: usize = 8;

/// A person who fits what was typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    pub person: PersonId,
    pub fits: Match,
}

/// A token quoted for FTS5: it is never read as an operator.
fn quoted(token: &str) -> String {
    format!("\"{}\"", token.replace('"', ""))
}

fn all(parts: Vec<String>) -> Option<String> {
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

/// Words that the index can look up: single letters only help to rank.
fn indexed(query: &Query) -> impl Iterator<Item = (&String, &String)> {
    query.words.iter().zip(&query.sounds).filter(|(word, _)| word.chars().count() > 1)
}

/// Every word begins a name, every number begins a number.
fn narrow(query: &Query) -> Option<String> {
    let words = indexed(query).map(|(word, _)| format!("names : {} *", quoted(word)));
    let numbers = query.numbers.iter().map(|number| format!("numbers : {} *", quoted(number)));
    all(words.chain(numbers).collect())
}

/// Every word begins a name, is another form of one, or sounds like one.
fn wide(query: &Query) -> Option<String> {
    let word = |(word, sound): (&String, &String)| {
        let mut forms = vec![format!("names : {} *", quoted(word))];
        forms.extend(same_given_name_forms(word).map(|form| format!("names : {}", quoted(form))));
        if sound.len() > 1 {
            forms.push(format!("sounds : {}", quoted(sound)));
        }
        format!("({})", forms.join(" OR "))
    };
    let numbers = query.numbers.iter().map(|number| format!("numbers : {} *", quoted(number)));
    all(indexed(query).map(word).chain(numbers).collect())
}

/// Every word shares its first two letters, or its sound's beginning, with some name.
fn widest(query: &Query) -> Option<String> {
    let word = |(word, sound): (&String, &String)| {
        let mut forms = Vec::new();
        if let Some(start) = word.get(..2) {
            forms.push(format!("names : {} *", quoted(start)));
        }
        if let Some(start) = sound.get(..2) {
            forms.push(format!("sounds : {} *", quoted(start)));
        }
        (!forms.is_empty()).then(|| format!("({})", forms.join(" OR ")))
    };
    all(indexed(query).filter_map(word).collect())
}

impl Store {
    /// People who fit what was typed, the best first.
    pub fn find_people(&self, typed: &str, limit: usize) -> Result<Vec<Found>, StoreError> {
        let query = Query::parse(typed);
        let mut found: Vec<(i64, Match)> = Vec::new();
        if let ([letter], []) = (query.words.as_slice(), query.numbers.as_slice())
            && indexed(&query).next().is_none()
        {
            let initial = format!("{letter}*");
            self.cast(include_str!("sql/initial.sql"), &initial, NET_ROWS, &query, &mut found)?;
        }
        for (net, rows) in
            [(narrow(&query), NET_ROWS), (wide(&query), NET_ROWS), (widest(&query), 4 * NET_ROWS)]
        {
            let Some(net) = net else { break };
            self.cast(include_str!("sql/candidates.sql"), &net, rows, &query, &mut found)?;
            if found.len() >= ENOUGH.min(limit) {
                break;
            }
        }
        found.sort_by(|(row_a, a), (row_b, b)| b.score.total_cmp(&a.score).then(row_a.cmp(row_b)));
        found.truncate(limit);
        let mut people = Vec::with_capacity(found.len());
        for (row, fits) in found {
            let mut statement = self.connection().prepare_cached("SELECT id FROM record WHERE row = ?")?;
            let id: Vec<u8> = statement.query_row([row], |row| row.get(0))?;
            let person =
                PersonId::from_slice(&id).ok_or_else(|| StoreError::Damaged("a person's id".into()))?;
            people.push(Found { person, fits });
        }
        Ok(people)
    }

    fn cast(
        &self,
        statement: &'static str,
        net: &str,
        rows: i64,
        query: &Query,
        found: &mut Vec<(i64, Match)>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection().prepare_cached(statement)?;
        let mut candidates = statement.query(params![net, rows])?;
        while let Some(row) = candidates.next()? {
            let at: i64 = row.get(0)?;
            if found.iter().any(|(known, _)| *known == at) {
                continue;
            }
            let words = SearchRow { names: row.get(1)?, sounds: row.get(2)?, numbers: row.get(3)? };
            if let Some(fits) = rank(query, &words) {
                found.push((at, fits));
            }
        }
        Ok(())
    }

    /// People who may be the one that is being typed in: those whose names are alike, or who share a number.
    pub fn find_alike(
        &self,
        names: &str,
        numbers: &[String],
        limit: usize,
    ) -> Result<Vec<PersonId>, StoreError> {
        let mut people: Vec<PersonId> = Vec::new();
        let searches = std::iter::once(names.to_owned()).chain(numbers.iter().cloned());
        for typed in searches.filter(|typed| !typed.trim().is_empty()) {
            for found in self.find_people(&typed, limit)? {
                if !people.contains(&found.person) {
                    people.push(found.person);
                }
            }
        }
        Ok(people)
    }

    /// How many people this device holds.
    pub fn count_people(&self) -> Result<usize, StoreError> {
        let kind = shared::domain::person::Person::KIND.number.0;
        let mut statement = self.connection().prepare_cached("SELECT count(*) FROM record WHERE kind = ?")?;
        Ok(statement.query_row([kind], |row| row.get::<_, i64>(0))? as usize)
    }

    /// Makes every projection anew from the records.
    pub fn rebuild_projections(&mut self) -> Result<(), StoreError> {
        let write = self.write()?;
        for statement in
            include_str!("sql/clear_projections.sql").split(";\n").filter(|text| !text.trim().is_empty())
        {
            write.transaction.execute(statement, [])?;
        }
        let ids: Vec<(i64, Vec<u8>)> = {
            let mut statement = write.transaction.prepare("SELECT row, id FROM record ORDER BY row")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?
        };
        for (row, id) in ids {
            let id = shared::ids::RecordId::from_slice(&id)
                .ok_or_else(|| StoreError::Damaged("a record's id".into()))?;
            if let Some(state) = write.state(id)? {
                write.project(id, super::RecordRow(row), &state, Some(vec![]))?;
            }
        }
        write.commit()
    }
}
