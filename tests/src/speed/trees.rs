//! The floor of whatever lays rows into a device's file: the very rows that stand in one, laid by raw SQL into an empty
//! file of the same shape, with the same encryption, the same settings and as many rows a transaction. What we add to
//! that is reading, merging, checking and finding the rows, not laying them.

use super::meter::milliseconds;
use crate::plain::{self, FIRST_DEVICE};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// As many as ours merges in one transaction.
const ENTRIES_A_TRANSACTION: i64 = 2_048;

/// Each tree that records and facts grow, with the number among them by which its rows came, and its own order.
const TREES: &[(&str, &str, &str)] = &[
    ("record", "row - 1", "row"),
    ("link", "record - 1", "target, kind, field, record"),
    ("person_index", "row - 1", "row"),
    ("person_word", "row - 1", "word, row"),
    ("fact", "row_number() OVER (ORDER BY subject, id)", "subject, id"),
];

/// The rows of one table that were laid in one transaction.
type Rows = (String, Vec<Vec<Value>>);

fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("a device's file");
    let key: String = plain::data_key().iter().map(|byte| format!("{byte:02x}")).collect();
    connection
        .execute_batch(&format!(
            "PRAGMA key = \"x'{key}'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256; PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
        ))
        .expect("the device's key");
    connection
}

/// Everything that was laid into a device's file, transaction by transaction.
fn laid(source: &Connection) -> BTreeMap<i64, Vec<Rows>> {
    let mut transactions: BTreeMap<i64, Vec<Rows>> = BTreeMap::new();
    for (table, number, order) in TREES {
        let sql = format!(
            "SELECT ({number}) / {ENTRIES_A_TRANSACTION} AS batch, * FROM {table} ORDER BY batch, {order}"
        );
        let mut statement = source.prepare(&sql).expect("a table of the device");
        let columns = statement.column_count() - 1;
        let places = vec!["?"; columns].join(", ");
        let insert = format!("INSERT INTO {table} VALUES ({places})");
        let mut rows = statement.query([]).expect("read");
        while let Some(row) = rows.next().expect("read") {
            let batch: i64 = row.get(0).expect("a number");
            let values = (1..=columns).map(|column| row.get(column).expect("a value")).collect();
            let tables = transactions.entry(batch).or_default();
            match tables.last_mut() {
                Some((known, rows)) if *known == insert => rows.push(values),
                _ => tables.push((insert.clone(), vec![values])),
            }
        }
    }
    transactions
}

/// How many milliseconds it takes to lay the rows of a device's file again.
pub(super) fn same_rows(source: &Path) -> f64 {
    let laid = laid(&open(source));
    let empty = tempfile::tempdir().expect("a temporary folder");
    let path = empty.path().join("empty.db");
    drop(plain::device(&path, FIRST_DEVICE, None).expect("a new file opens"));
    let target = open(&path);
    let start = Instant::now();
    for tables in laid.values() {
        target.execute_batch("BEGIN IMMEDIATE").expect("a write begins");
        for (insert, rows) in tables {
            let mut statement = target.prepare_cached(insert).expect("prepared");
            for row in rows {
                statement.execute(params_from_iter(row)).expect("laid");
            }
        }
        target.execute_batch("COMMIT").expect("committed");
    }
    milliseconds(start)
}
