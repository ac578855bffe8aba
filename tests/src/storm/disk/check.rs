//! What must hold of a device's disk however it was left: opened by the product's own store, compared with what the
//! oracle knows. Never goes on with the disk that it looked at.

use super::life::{FILE, Life, mount};
use super::medium::Disk;
use super::oracle::{Elsewhere, Truth, any_person, follow, hash_at};
use super::rows;
use super::survive::Image;
use crate::plain::{self, FIRST_DEVICE};
use crate::sample::Seeded;
use app::apply::apply_page;
use app::store::{DataKey, LinkedKind, LogReads, LogRow, MetaReads, Reads, RecordReads, Store};
use shared::change::Head;
use shared::domain::FACT_KINDS;
use shared::ids::{DeviceNumber, FactId, RecordId, Sequence};
use shared::merge::RecordState;
use shared::project::links;
use shared::record::Fact;
use std::collections::{BTreeMap, BTreeSet};

/// What was found on the disk.
pub struct Held {
    pub head: Head,
    pub pages: usize,
}

/// Why a disk was not found as it must be.
#[derive(Debug)]
pub enum Trouble {
    /// The store said so itself: nothing wrong was shown.
    Told(String),
    /// The store said nothing, and what it gives is wrong.
    Wrong(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Told(what) => write!(out, "an error where there should be none: {what}"),
            Trouble::Wrong(what) => write!(out, "wrong without an error: {what}"),
        }
    }
}

/// An error that the store gave.
pub fn told(error: impl std::fmt::Display) -> Trouble {
    Trouble::Told(error.to_string())
}

pub fn wrong<T>(what: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Wrong(what.into()))
}

/// Opens a copy of the disk and looks at everything; gives what it holds, or the first thing that is wrong.
pub fn device(image: &Image, life: &Life, seeded: &mut Seeded) -> Result<Held, Trouble> {
    let mounted = mount(Disk::from_image(image));
    let store = open(&mounted.path(FILE))?;
    whole(store.connection())?;
    read(store, life, seeded)
}

/// The same with no look at the pages: whatever is wrong, the product's own reads have to notice.
pub fn device_as_read(image: &Image, life: &Life, seeded: &mut Seeded) -> Result<Held, Trouble> {
    let mounted = mount(Disk::from_image(image));
    read(open(&mounted.path(FILE))?, life, seeded)
}

fn open(path: &std::path::Path) -> Result<Store, Trouble> {
    Store::open(path, &plain::data_key()).map_err(|error| told(format!("the file does not open: {error}")))
}

fn read(mut store: Store, life: &Life, seeded: &mut Seeded) -> Result<Held, Trouble> {
    if store.identity().map_err(told)?.is_none() {
        return match life.acknowledged {
            None => Ok(Held { head: plain::identity(FIRST_DEVICE, None).genesis(), pages: 0 }),
            Some(_) => wrong("LOST: the identity of an enrolled device is gone"),
        };
    }
    let rows = log(&store)?;
    let genesis = plain::identity(FIRST_DEVICE, None).genesis();
    let head = chain(&rows, genesis, life.acknowledged)?;
    let pages = pages(&store, life)?;
    let acknowledged = store.acknowledged().map_err(told)?;
    if acknowledged > life.delivered || acknowledged > head.sequence {
        return wrong(format!("{acknowledged} changes are said to be delivered, of {}", head.sequence));
    }
    // What the sync thread lost comes again, and then nothing may be missing or too much.
    for page in &life.elsewhere.pages[pages..] {
        apply_page(&mut store, page, life.now).map_err(told)?;
    }
    let mut truth = Truth::default();
    life.elsewhere.pages.iter().for_each(|page| truth.take_page(page));
    truth.take_log(DeviceNumber(FIRST_DEVICE), &rows).map_err(Trouble::Wrong)?;
    same(&store, &truth, seeded)?;
    projections(&mut store, &truth)?;
    Ok(Held { head, pages })
}

/// What holds of a file that a process left behind: it opens, it is whole, its chain is, and what was acknowledged is in
/// it. Gives the file.
pub fn look_at_device(
    path: &std::path::Path,
    key: &DataKey,
    genesis: Head,
    acknowledged: Option<Head>,
) -> Result<Store, Trouble> {
    let opened = Store::open(path, key);
    let store = opened.map_err(|error| told(format!("the file does not open: {error}")))?;
    whole(store.connection())?;
    chain(&log(&store)?, genesis, acknowledged)?;
    Ok(store)
}

/// SQLite's own look at every page, and SQLCipher's once the journal is written into the file.
pub fn whole(connection: &rusqlite::Connection) -> Result<(), Trouble> {
    let said = |check: &str| -> Result<Vec<String>, rusqlite::Error> {
        connection.prepare(check)?.query_map([], |row| row.get(0))?.collect()
    };
    let first = said("PRAGMA integrity_check(1)").map_err(told)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(told)?;
    let second = said("PRAGMA cipher_integrity_check").map_err(told)?;
    if first != ["ok"] || !second.is_empty() {
        return Err(told(format!("{} {}", first.join("; "), second.join("; "))));
    }
    Ok(())
}

pub fn log(store: &Store) -> Result<Vec<LogRow>, Trouble> {
    let mut rows: Vec<LogRow> = Vec::new();
    loop {
        let after = Sequence(rows.len() as u64);
        let more = store.log_after(after, 1 << 20, 10_000).map_err(told)?;
        if more.is_empty() {
            return Ok(rows);
        }
        rows.extend(more);
    }
}

/// The chain is whole, and what was acknowledged is in it byte for byte: its hash covers all that came before.
fn chain(rows: &[LogRow], genesis: Head, acknowledged: Option<Head>) -> Result<Head, Trouble> {
    let head = follow(genesis, rows).map_err(Trouble::Wrong)?;
    if let Some(acknowledged) = acknowledged {
        let Some(hash) = hash_at(genesis, rows, acknowledged.sequence) else {
            return wrong(format!(
                "LOST: save {} was acknowledged and the log ends at {}",
                acknowledged.sequence, head.sequence
            ));
        };
        if hash != acknowledged.hash && acknowledged.hash.0 != [0; 32] {
            return wrong(format!("save {} is not what was acknowledged", acknowledged.sequence));
        }
    }
    Ok(head)
}

/// Pages below an acknowledged save are as durable as it; later ones may be gone, with the cursor that names them.
fn pages(store: &Store, life: &Life) -> Result<usize, Trouble> {
    let cursor = store.cursor().map_err(told)?;
    let pages = Elsewhere::pages_at(&cursor)
        .ok_or_else(|| Trouble::Wrong("the cursor is none that was given".into()))?;
    if pages < life.pages_durable || pages > life.elsewhere.pages.len() {
        let (least, most) = (life.pages_durable, life.elsewhere.pages.len());
        return wrong(format!("the cursor stands at page {pages}, not between {least} and {most}"));
    }
    Ok(pages)
}

fn same(store: &Store, truth: &Truth, seeded: &mut Seeded) -> Result<(), Trouble> {
    let held = store.every_state().map_err(told)?;
    let wanted: Vec<(RecordId, Vec<u8>)> =
        truth.states.iter().map(|(id, state)| (*id, state.encode())).collect();
    if held != wanted {
        let differ = held.iter().filter(|row| !wanted.contains(row)).count();
        return wrong(format!("{} records held, {} wanted, {differ} differ", held.len(), wanted.len()));
    }
    if let Some(what) = facts_differ(&rows::facts(store)?, &truth.facts) {
        return wrong(what);
    }
    for _ in 0..4 {
        let subject: RecordId = any_person(seeded).into();
        for kind in FACT_KINDS {
            let mut held = store.facts(subject, kind).map_err(told)?;
            held.sort_by_key(|fact| fact.id);
            let is_meant = |fact: &&Fact| fact.subject == subject && fact.kind == kind.number;
            if !held.iter().eq(truth.facts.values().filter(is_meant)) {
                return wrong(format!("facts about {subject} are not what was written"));
            }
        }
    }
    Ok(())
}

/// What is missing, too much, or not as it was written.
fn facts_differ(held: &BTreeMap<FactId, Fact>, wanted: &BTreeMap<FactId, Fact>) -> Option<String> {
    let ids: BTreeSet<&FactId> = held.keys().chain(wanted.keys()).collect();
    let id = ids.into_iter().find(|id| held.get(id) != wanted.get(id))?;
    let (held, wanted) = (held.contains_key(id), wanted.contains_key(id));
    Some(match (held, wanted) {
        (true, true) => format!("fact {id} is not what was written"),
        (true, false) => format!("fact {id} was never written"),
        (false, _) => format!("fact {id} is gone"),
    })
}

type LinkKey = (RecordId, shared::record::KindNumber, shared::record::FieldNumber);

fn wanted_links(truth: &Truth) -> BTreeMap<LinkKey, usize> {
    let mut wanted = BTreeMap::new();
    for state in truth.states.values() {
        for link in links(state) {
            *wanted.entry((link.target, state.kind, link.field)).or_insert(0) += 1;
        }
    }
    wanted
}

fn has_conflict(state: &RecordState) -> bool {
    let kind = shared::domain::record_kind(state.kind);
    kind.is_some_and(|kind| !shared::merge::conflicts(kind, state).is_empty())
}

/// A device's projections fit its own records, and equal those that are made anew. They are made anew in the file that is
/// looked at: a copy, where somebody works on with it.
pub fn consistent(store: &mut Store) -> Result<(), Trouble> {
    let mut truth = Truth::default();
    for (id, bytes) in store.every_state().map_err(told)? {
        truth.states.insert(id, RecordState::decode(&bytes).map_err(told)?);
    }
    projections(store, &truth)
}

/// The projections as they stand equal the truth, and row for row those that are made anew.
fn projections(store: &mut Store, truth: &Truth) -> Result<(), Trouble> {
    let mut conflicted: Vec<RecordId> =
        store.conflicted().map_err(told)?.into_iter().map(|(id, _)| id).collect();
    conflicted.sort();
    let wanted = truth.states.iter().filter(|(_, state)| has_conflict(state)).map(|(id, _)| *id);
    if !conflicted.into_iter().eq(wanted) {
        return wrong("the conflicts shown are not those of the records");
    }
    for ((target, kind, field), count) in wanted_links(truth) {
        if store.count_linked(target, LinkedKind { kind, field }).map_err(told)? != count {
            return wrong(format!("the links to {target} are not those of the records"));
        }
    }
    let before = rows::projections(store)?;
    store.rebuild_projections().map_err(told)?;
    match rows::differing(&before, &rows::projections(store)?) {
        None => Ok(()),
        Some(table) => wrong(format!("projections made anew are not those that were kept: {table}")),
    }
}
