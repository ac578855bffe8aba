//! The one door for data, local and remote: append, merge, project, in one transaction. Nothing else writes
//! records, facts or the log.

use crate::store::{DraftReads, LogReads, MetaReads, RecordReads, Store, StoreError, Write};
use shared::change::{Bucket, Change, Edit, Envelope, Head, Operation, Put};
use shared::domain::view::goes_up_only;
use shared::ids::{RecordId, Sequence, StaffId};
use shared::merge::{Author, RecordState};
use shared::project::links;
use shared::protocol::{FactEntry, Outcome, PullPage, StateEntry, limits};
use shared::record::{Fact, FieldKey, KindNumber, Value};
use shared::time::{HybridClock, Stamp, Timestamp};

/// What one user action wants written.
#[derive(Clone, Debug)]
pub enum Intent {
    /// New values of some fields, over whatever stands when they are written; those that stand already are left out.
    Set {
        record: RecordId,
        kind: KindNumber,
        values: Vec<(FieldKey, Value)>,
    },
    /// An edit of a record over what a person was shown of it: what came since stands beside it.
    Edit(Edit),
    Record(Fact),
}

impl Intent {
    /// The record that it edits.
    pub fn record(&self) -> Option<RecordId> {
        match self {
            Intent::Set { record, .. } => Some(*record),
            Intent::Edit(edit) => Some(edit.record),
            Intent::Record(_) => None,
        }
    }
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Applied {
    pub sequence: Sequence,
    /// The edits that bring back what was: they read what they undo and nothing that comes later.
    pub back: Vec<Edit>,
}

/// One user action: atomic, all of it or nothing.
#[derive(Clone, Debug)]
pub struct LocalChange {
    pub staff: StaffId,
    pub bucket: Bucket,
    /// The visit that it belongs to, for proof of delivery.
    pub about: Option<RecordId>,
    pub intents: Vec<Intent>,
}

/// Writes one user action. Durable when this returns. `None` when there was nothing to change.
pub fn apply_local(
    store: &mut Store,
    change: LocalChange,
    now: Timestamp,
) -> Result<Option<Applied>, StoreError> {
    store.learn_dictionaries()?;
    let write = store.write()?;
    let writer =
        write.writer()?.ok_or_else(|| StoreError::Damaged("a device that was never enrolled".into()))?;
    let before = write.log_head()?.unwrap_or_else(|| writer.genesis());
    let mut clock = HybridClock::starting_after(write.last_seen_stamp()?.max(write.log_stamp()?));
    let sequence = before.sequence.next();
    let stamp = clock.tick(now);
    let author = Author { device: writer.number, sequence, stamp, staff: change.staff };

    let (mut operations, mut back) = (Vec::with_capacity(change.intents.len()), Vec::new());
    for intent in change.intents {
        let known = intent.record().map(|record| write.state(record)).transpose()?.flatten();
        let edit = match intent {
            Intent::Record(fact) => {
                write.put_fact(&fact, &fact.to_bytes())?;
                write.join(fact.subject, change.bucket)?;
                operations.push(Operation::Fact(fact));
                continue;
            }
            Intent::Edit(edit) => edit,
            Intent::Set { record, kind, values } => match &known {
                Some(state) => state.edit(record, values),
                None => RecordState::new(kind).edit(record, values),
            },
        };
        if !edit.puts.is_empty() {
            back.extend(way_back(known.as_ref(), &edit, author));
            merge_own(&write, author, change.bucket, known, &edit)?;
            write.join(edit.record, change.bucket)?;
            operations.push(Operation::Edit(edit));
        }
    }
    if operations.is_empty() {
        return Ok(None);
    }
    let is_look = operations
        .iter()
        .all(|operation| matches!(operation, Operation::Fact(fact) if goes_up_only(fact.kind)));
    let envelope = Envelope::seal(&Change {
        sequence,
        stamp,
        device_clock_offset_ms: write.clock_offset_ms()?,
        staff: change.staff,
        bucket: change.bucket,
        operations,
    });
    if envelope.len() > limits::CHANGE_BYTES_MAX {
        return Err(StoreError::TooLarge(envelope.len()));
    }
    let head = Head { sequence, hash: before.hash.after(&envelope) };
    write.append(head, stamp, change.about, &envelope)?;
    if is_look {
        write.add_view(sequence)?;
    }
    write.commit()?;
    Ok(Some(Applied { sequence, back }))
}

/// What brings back the values that an edit replaces. Where several values stood there is no way back: one write cannot
/// make them stand side by side again. Nor is there where the edit had not read what stood.
fn way_back(before: Option<&RecordState>, edit: &Edit, author: Author) -> Option<Edit> {
    let back = |put: &Put| {
        let standing = before.map(|state| state.values(&put.key)).unwrap_or_default();
        let value = match standing.as_slice() {
            [] => Value::Null,
            [only] if put.read.covers(only.author.dot()) => only.value.clone(),
            _ => return None,
        };
        let mut read = put.read.clone();
        read.raise(author.dot());
        Some(Put { key: put.key.clone(), read, value })
    };
    let puts: Vec<Put> = edit.puts.iter().filter_map(back).collect();
    (!puts.is_empty()).then_some(Edit { record: edit.record, kind: edit.kind, puts })
}

/// Merges an own edit into what is known of its record.
fn merge_own(
    write: &Write<'_>,
    author: Author,
    bucket: Bucket,
    known: Option<RecordState>,
    edit: &Edit,
) -> Result<(), StoreError> {
    let record = edit.record;
    let before = known.as_ref().map(links);
    let mut state = known.unwrap_or_else(|| RecordState::new(edit.kind));
    for put in &edit.puts {
        state.apply(author, put.clone());
    }
    let encoded = state.encode();
    let row = match before {
        None => write.add_state(record, state.kind, bucket, &encoded)?,
        Some(_) => write.change_state(record, &encoded)?,
    };
    write.project(record, row, &state, before)
}

/// Merges a page from the server, in bounded transactions; the cursor moves with the last one, so a cut in the
/// middle only means that some of it comes again. Gives how many states and facts could not be read: they are passed
/// over, the server has them, and the rest goes through.
pub fn apply_page(store: &mut Store, page: &PullPage, now: Timestamp) -> Result<usize, StoreError> {
    store.learn_dictionaries()?;
    let turns = store.turns();
    let (mut newest_stamp, mut unreadable) = (None, 0);
    let states = page.states.iter().map(Entry::State);
    let mut entries = states.chain(page.facts.iter().map(Entry::Fact)).peekable();
    loop {
        let write = store.write()?;
        for (before, entry) in entries.by_ref().take(turns.entries_at_once()).enumerate() {
            match merge_entry(&write, entry)? {
                Some(stamp) => newest_stamp = newest_stamp.max(stamp),
                None => unreadable += 1,
            }
            if turns.is_over(before + 1) {
                break;
            }
        }
        let is_last = entries.peek().is_none();
        if is_last {
            note_page(&write, page, newest_stamp, now)?;
        }
        write.commit()?;
        if is_last {
            return Ok(unreadable);
        }
    }
}

enum Entry<'p> {
    State(&'p StateEntry),
    Fact(&'p FactEntry),
}

/// The latest stamp in what was merged, or nothing when it could not be read.
fn merge_entry(write: &Write<'_>, entry: Entry<'_>) -> Result<Option<Option<Stamp>>, StoreError> {
    Ok(match entry {
        Entry::State(entry) => match RecordState::decode(&entry.state) {
            Ok(state) => Some(merge_remote(write, entry, state)?),
            Err(_) => None,
        },
        Entry::Fact(entry) => match Fact::from_bytes(&entry.fact) {
            Ok(fact) => write.put_fact(&fact, &entry.fact).map(|_| Some(None))?,
            Err(_) => None,
        },
    })
}

/// What a page says beside its entries.
fn note_page(
    write: &Write<'_>,
    page: &PullPage,
    newest_stamp: Option<Stamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    if let Some(stamp) = newest_stamp {
        let mut clock = HybridClock::starting_after(write.last_seen_stamp()?);
        clock.observe(stamp, now);
        write.set_last_seen_stamp(clock.last())?;
    }
    for bucket in &page.forget {
        write.forget_bucket(*bucket)?;
    }
    // A visit that came in as finished, or that left, takes its half-answered form with it.
    for visit in write.abandoned_drafts()? {
        write.forget_draft(visit)?;
    }
    for rejected in &page.rejected {
        write.set_rejected(rejected.sequence, &rejected.reason)?;
    }
    for decided in &page.decided {
        match decided.outcome {
            Outcome::Released => write.set_released(decided.sequence)?,
            Outcome::Closed => write.set_closed(decided.sequence, &decided.note)?,
        }
    }
    write.set_cursor(&page.cursor)?;
    if page.complete {
        write.set_complete_at(page.server_time)?;
    }
    write.set_server_time(page.server_time, now.milliseconds() - page.server_time.milliseconds())
}

/// Merges one record's state and gives the latest stamp in it.
fn merge_remote(
    write: &Write<'_>,
    entry: &StateEntry,
    came: RecordState,
) -> Result<Option<Stamp>, StoreError> {
    let newest = came.latest_stamp();
    let known = write.state(entry.record)?;
    let before = known.as_ref().map(links);
    let state = match known {
        None => came,
        Some(mut known) => {
            known.merge(came);
            known
        }
    };
    let encoded = state.encode();
    let row = match before {
        None => write.add_state(entry.record, state.kind, entry.bucket, &encoded)?,
        Some(_) => write.put_state(entry.record, entry.bucket, &encoded)?,
    };
    write.project(entry.record, row, &state, before)?;
    Ok(newest)
}
