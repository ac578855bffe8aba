//! A device's rows as they stand, each table whole: its projections, to be compared with those made anew, and its facts.
//! Never whether they are right.

use super::check::{Trouble, told};
use app::store::{DataKey, Reads, RecordReads, Store};
use rusqlite::types::ValueRef;
use shared::ids::{FactId, RecordId};
use shared::record::Fact;
use std::collections::BTreeMap;
use std::path::Path;

/// What the store runs before it makes its projections anew: it names them all.
const CLEARED: &str = include_str!("../../../../app/src/store/sql/clear_projections.sql");

/// The tables that are made anew.
fn tables() -> Vec<&'static str> {
    let statements = CLEARED.split(';').map(str::trim).filter(|statement| !statement.is_empty());
    let table = |statement: &'static str| statement.strip_prefix("DELETE FROM ").expect("a table is cleared");
    statements.map(table).collect()
}

/// Every row of every projection, in an order of its own.
pub fn projections(store: &Store) -> Result<BTreeMap<&'static str, Vec<String>>, Trouble> {
    let rows = |table: &str| -> rusqlite::Result<Vec<String>> {
        let mut statement = store.connection().prepare(&format!("SELECT * FROM {table}"))?;
        let columns = statement.column_count();
        let mut read = statement.query([])?;
        let mut rows = Vec::new();
        while let Some(row) = read.next()? {
            let cells = (0..columns).map(|column| row.get_ref(column).map(cell));
            rows.push(cells.collect::<Result<Vec<_>, _>>()?.join(" | "));
        }
        rows.sort();
        Ok(rows)
    };
    tables().into_iter().map(|table| Ok((table, rows(table).map_err(told)?))).collect()
}

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        other => format!("{other:?}"),
    }
}

/// The first table whose rows are not the same, and how many only one side has.
pub fn differing(
    left: &BTreeMap<&'static str, Vec<String>>,
    right: &BTreeMap<&'static str, Vec<String>>,
) -> Option<String> {
    let (table, rows) = left.iter().find(|(table, rows)| right.get(*table) != Some(rows))?;
    let others = right.get(table).map(Vec::as_slice).unwrap_or_default();
    let only = |rows: &[String], others: &[String]| rows.iter().filter(|row| !others.contains(row)).count();
    Some(format!("{table}: {} rows against {} others", only(rows, others), only(others, rows)))
}

/// Every fact that is held, as its row and its body have it.
pub fn facts(store: &Store) -> Result<BTreeMap<FactId, Fact>, Trouble> {
    let listed = store.every_fact().map_err(told)?;
    let mut statement = store
        .connection()
        .prepare("SELECT subject, kind, at, body FROM fact WHERE subject = ? AND id = ?")
        .map_err(told)?;
    let mut facts = BTreeMap::new();
    for (subject, id) in listed {
        let (subject, kind, at, body): (Vec<u8>, u16, i64, Vec<u8>) = statement
            .query_row([subject.as_bytes(), id.as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .map_err(told)?;
        let fact = Fact::from_bytes(&store.unpacked(&body).map_err(told)?).map_err(told)?;
        let of_row = (RecordId::from_slice(&subject), kind, at, id);
        if of_row != (Some(fact.subject), fact.kind.0, fact.at.milliseconds(), fact.id) {
            return Err(Trouble::Wrong(format!("the row of fact {id} says other than its body")));
        }
        facts.insert(id, fact);
    }
    Ok(facts)
}

/// A file that no process has open, copied with its journal; it goes with the folder.
pub fn copied(path: &Path, key: &DataKey) -> Result<(tempfile::TempDir, Store), Trouble> {
    let folder = tempfile::tempdir().map_err(told)?;
    let copy = folder.path().join("copy.db");
    std::fs::copy(path, &copy).map_err(told)?;
    let journal = |path: &Path| path.with_extension("db-wal");
    if journal(path).exists() {
        std::fs::copy(journal(path), journal(&copy)).map_err(told)?;
    }
    let store = Store::open(&copy, key).map_err(told)?;
    Ok((folder, store))
}
