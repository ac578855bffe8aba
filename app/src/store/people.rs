//! Person search: three nets, each wider and only cast when the one before caught little, then ranked.

use super::{Reads, RecordReads, Store, StoreError};
use rusqlite::params;
use shared::ids::PersonId;
use shared::project::{Match, Query, SearchRow, rank};
use std::collections::BTreeSet;

/// How many people one net may bring in.
const NET_PEOPLE_MAX: usize = 300;
/// How many rows one net looks at: a word that half the pack shares does not hold up the screen.
const NET_ROWS_MAX: usize = 4_000;
/// So many good ones, and the wider net stays dry.
const ENOUGH: usize = 8;
/// Of a word that stands in more rows than this, nobody needs to know in how many.
const COUNTED_MAX: i64 = 2_000;

/// A person who fits what was typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    pub person: PersonId,
    pub fits: Match,
}

/// Words of the index from the first of a pair up to, but without, the second.
type Span = (String, String);

/// How a sound and a number are marked in the index.
pub(super) const SOUND: char = '~';
pub(super) const NUMBER: char = '#';

fn beginning(start: String) -> Span {
    let end = format!("{start}\u{10ffff}");
    (start, end)
}

fn exactly(word: String) -> Span {
    let end = format!("{word}\u{0}");
    (word, end)
}

fn sound(code: &str) -> String {
    format!("{SOUND}{code}")
}

/// For each typed word and number, where in the index people who fit may stand. One letter only helps to rank.
type Net = Vec<Vec<Span>>;

fn words(query: &Query) -> impl Iterator<Item = (&String, &String, &Vec<&'static str>)> {
    let words = query.words.iter().zip(&query.sounds).zip(&query.forms);
    words.map(|((word, code), forms)| (word, code, forms)).filter(|(word, ..)| word.chars().count() > 1)
}

fn numbers(query: &Query) -> impl Iterator<Item = Vec<Span>> {
    query.numbers.iter().map(|number| vec![beginning(format!("{NUMBER}{number}"))])
}

/// Every word begins a name, every number begins a number.
fn narrow(query: &Query) -> Net {
    words(query).map(|(word, ..)| vec![beginning(word.clone())]).chain(numbers(query)).collect()
}

/// Every word begins a name, is another form of one, or sounds like one.
fn wide(query: &Query) -> Net {
    let word = |(word, code, forms): (&String, &String, &Vec<&'static str>)| {
        let mut spans = vec![beginning(word.clone())];
        spans.extend(forms.iter().map(|form| exactly((*form).to_owned())));
        if code.len() > 1 {
            spans.push(exactly(sound(code)));
        }
        spans
    };
    words(query).map(word).chain(numbers(query)).collect()
}

/// Every word shares its first two letters, or its sound's beginning, with some name.
fn widest(query: &Query) -> Net {
    let word = |(word, code, _): (&String, &String, &Vec<&'static str>)| {
        let mut spans = Vec::new();
        spans.extend(word.get(..2).map(|start| beginning(start.to_owned())));
        spans.extend(code.get(..2).map(|start| beginning(sound(start))));
        (!spans.is_empty()).then_some(spans)
    };
    words(query).filter_map(word).collect()
}

/// A single letter is not enough for anything but names that begin with it.
fn initial(query: &Query) -> Net {
    match (query.words.as_slice(), query.numbers.as_slice()) {
        ([letter], []) if letter.chars().count() == 1 => vec![vec![beginning(letter.clone())]],
        _ => Net::new(),
    }
}

/// What was found so far, each row once.
#[derive(Default)]
struct Catch {
    seen: BTreeSet<i64>,
    fitting: Vec<(i64, Match)>,
}

impl Store {
    /// People who fit what was typed, the best first.
    pub fn find_people(&self, typed: &str, limit: usize) -> Result<Vec<Found>, StoreError> {
        let query = Query::parse(typed);
        let mut catch = Catch::default();
        for net in [initial(&query), narrow(&query), wide(&query), widest(&query)] {
            self.cast(&net, &query, &mut catch)?;
            if catch.fitting.len() >= ENOUGH.min(limit) {
                break;
            }
        }
        let mut found = catch.fitting;
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

    /// Looks through the rarest of the net's words; whether the other words fit too, ranking says.
    fn cast(&self, net: &Net, query: &Query, catch: &mut Catch) -> Result<(), StoreError> {
        let mut rarest: Option<(i64, &Vec<Span>)> = None;
        for spans in net {
            let count = self.count(spans)?;
            if rarest.is_none_or(|(least, _)| count < least) {
                rarest = Some((count, spans));
            }
        }
        let Some((_, spans)) = rarest else { return Ok(()) };
        let mut statement = self.connection().prepare_cached(include_str!("sql/people_by_word.sql"))?;
        let (mut looked_at, before) = (0, catch.fitting.len());
        for (from, to) in spans {
            let mut rows = statement.query(params![from, to])?;
            while let Some(row) = rows.next()? {
                looked_at += 1;
                if looked_at > NET_ROWS_MAX || catch.fitting.len() - before >= NET_PEOPLE_MAX {
                    return Ok(());
                }
                let at: i64 = row.get(0)?;
                if !catch.seen.insert(at) {
                    continue;
                }
                let words = SearchRow { names: row.get(1)?, sounds: row.get(2)?, numbers: row.get(3)? };
                catch.fitting.extend(rank(query, &words).map(|fits| (at, fits)));
            }
        }
        Ok(())
    }

    /// About how many rows stand in the spans of one word.
    fn count(&self, spans: &[Span]) -> Result<i64, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM person_word WHERE word >= ? AND word < ? LIMIT ?)",
        )?;
        let mut count = 0;
        for (from, to) in spans {
            count += statement.query_row(params![from, to, COUNTED_MAX], |row| row.get::<_, i64>(0))?;
        }
        Ok(count)
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
        let mut statement = self.connection().prepare_cached("SELECT count(*) FROM person_index")?;
        Ok(statement.query_row([], |row| row.get::<_, i64>(0))? as usize)
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
