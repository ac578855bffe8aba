//! Columns to ids, hashes and heads, and back. A column of the wrong shape is damage, not a default.

use super::super::{ChainRow, News, StoreError, StoreResult};
use rusqlite::{Connection, OptionalExtension, Params, Row};
use shared::cbor::{Reader, Writer};
use shared::change::{Hash, Head};
use shared::ids::{DeviceNumber, FactId, Sequence};
use shared::record::{FieldKey, FieldNumber};
use shared::time::Timestamp;

/// One row through a cached statement, or none.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl FnOnce(&Row<'_>) -> StoreResult<T>,
) -> StoreResult<Option<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let row = statement.query_row(parameters, |row| Ok(read(row))).optional()?;
    row.transpose()
}

/// Every row through a cached statement.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl Fn(&Row<'_>) -> StoreResult<T>,
) -> StoreResult<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// How many rows a cached statement changed.
pub(super) fn change(connection: &Connection, sql: &str, parameters: impl Params) -> StoreResult<usize> {
    Ok(connection.prepare_cached(sql)?.execute(parameters)?)
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(format!("{what} has the wrong shape"))
}

pub(super) fn bytes<const LENGTH: usize>(row: &Row<'_>, column: usize) -> StoreResult<[u8; LENGTH]> {
    let blob = row.get_ref(column)?.as_blob().map_err(|_| damaged("a blob"))?;
    blob.try_into().map_err(|_| damaged("a blob"))
}

pub(super) fn bytes_or_none<const LENGTH: usize>(
    row: &Row<'_>,
    column: usize,
) -> StoreResult<Option<[u8; LENGTH]>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => bytes(row, column).map(Some),
    }
}

pub(super) fn number(row: &Row<'_>, column: usize) -> StoreResult<DeviceNumber> {
    Ok(DeviceNumber(row.get(column)?))
}

pub(super) fn sequence(row: &Row<'_>, column: usize) -> StoreResult<Sequence> {
    Ok(Sequence(unsigned(row, column)?))
}

pub(super) fn unsigned(row: &Row<'_>, column: usize) -> StoreResult<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| damaged("a count"))
}

pub(super) fn moment(row: &Row<'_>, column: usize) -> StoreResult<Timestamp> {
    Ok(Timestamp::from_milliseconds(row.get(column)?))
}

pub(super) fn head(row: &Row<'_>, column: usize) -> StoreResult<Head> {
    Ok(Head { sequence: sequence(row, column)?, hash: Hash(bytes(row, column + 1)?) })
}

pub(super) fn chain(row: &Row<'_>) -> StoreResult<ChainRow> {
    Ok(ChainRow {
        number: number(row, 0)?,
        root: number(row, 1)?,
        base: head(row, 2)?,
        head: head(row, 4)?,
        folded: sequence(row, 6)?,
        closed: row.get(7)?,
    })
}

/// SQLite's integers are signed; every door refuses larger sequences.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// News as CBOR, `[[number, member or null, …], [fact, …]]`.
pub(super) fn news_to_bytes(news: &News) -> Vec<u8> {
    let mut out = Writer::with_capacity(news.fields.len() * 3 + news.facts.len() * 17 + 4);
    out.array(2).array(news.fields.len() * 2);
    for key in &news.fields {
        out.unsigned(key.field.0.into());
        match &key.member {
            None => out.null(),
            Some(member) => out.text(member),
        };
    }
    out.array(news.facts.len());
    for fact in &news.facts {
        out.bytes(fact.as_bytes());
    }
    out.finish()
}

pub(super) fn news_from_bytes(bytes: &[u8]) -> StoreResult<News> {
    read_news(bytes).map_err(|_| damaged("a list of news"))
}

fn read_news(bytes: &[u8]) -> Result<News, shared::error::Malformed> {
    let mut input = Reader::new(bytes);
    let mut news = News::default();
    input.array_of(2, "news")?;
    for _ in 0..input.array("fields")? / 2 {
        let field = FieldNumber(input.unsigned_16("a field")?);
        if input.is_null() {
            input.null("no member")?;
            news.fields.insert(field.into());
        } else {
            news.fields.insert(FieldKey::member(field, input.text("a member")?));
        }
    }
    for _ in 0..input.array("facts")? {
        news.facts.insert(FactId::from_bytes(input.bytes_of("a fact's id")?));
    }
    Ok(news)
}
