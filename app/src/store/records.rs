//! Merged states and facts, and finding them by what they name.

use super::{Reads, Store, StoreError, Write};
use rusqlite::{OptionalExtension, params};
use shared::change::Bucket;
use shared::domain::account::Membership;
use shared::domain::person::Person;
use shared::domain::route::RosterEntry;
use shared::domain::visit::Visit;
use shared::ids::{FactId, RecordId};
use shared::merge::RecordState;
use shared::record::{Fact, FieldNumber, Kind, KindNumber};

/// Kinds of which there are many: the index of kinds leaves them out, so that a save writes one page less.
const MANY: [u16; 4] =
    [Person::KIND.number.0, Membership::KIND.number.0, RosterEntry::KIND.number.0, Visit::KIND.number.0];

/// A record's row in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordRow(pub(super) i64);

/// Records of a kind that name something in a field.
#[derive(Clone, Copy, Debug)]
pub struct LinkedKind {
    pub kind: KindNumber,
    pub field: FieldNumber,
}

impl LinkedKind {
    pub const fn new(kind: &Kind, field: FieldNumber) -> Self {
        Self { kind: kind.number, field }
    }
}

impl Write<'_> {
    /// Stores the state of a record that is here, whole, and that a bucket holds it.
    pub fn put_state(&self, id: RecordId, bucket: Bucket, state: &[u8]) -> Result<RecordRow, StoreError> {
        let number = self.bucket_number(bucket)?;
        let mut statement = self.transaction.prepare_cached(include_str!("sql/put_state.sql"))?;
        let parameters = params![id.as_bytes(), number, self.row_codec().pack(state)];
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?));
        let (row, first) = statement.query_row(parameters, read)?;
        if first != Some(number) {
            self.transaction
                .prepare_cached("INSERT OR IGNORE INTO member (bucket, record) VALUES (?, ?)")?
                .execute((number, row))?;
        }
        Ok(RecordRow(row))
    }

    /// Stores a record that is not here yet.
    pub fn add_state(
        &self,
        id: RecordId,
        kind: KindNumber,
        bucket: Bucket,
        state: &[u8],
    ) -> Result<RecordRow, StoreError> {
        let number = self.bucket_number(bucket)?;
        let parameters = params![id.as_bytes(), kind.0, number, self.row_codec().pack(state)];
        self.transaction
            .prepare_cached("INSERT INTO record (id, kind, bucket, state) VALUES (?, ?, ?, ?)")?
            .execute(parameters)?;
        Ok(RecordRow(self.transaction.last_insert_rowid()))
    }

    /// Stores a state that another one of this very device brought up to date; its buckets stay as they are.
    pub fn change_state(&self, id: RecordId, state: &[u8]) -> Result<RecordRow, StoreError> {
        let mut statement =
            self.transaction.prepare_cached("UPDATE record SET state = ? WHERE id = ? RETURNING row")?;
        let parameters = params![self.row_codec().pack(state), id.as_bytes()];
        Ok(RecordRow(statement.query_row(parameters, |row| row.get(0))?))
    }

    /// A record that is here is in this bucket too, as the server will have it: else it would go with its first one.
    pub fn join(&self, id: RecordId, bucket: Bucket) -> Result<(), StoreError> {
        let number = self.bucket_number(bucket)?;
        let mut statement = self.transaction.prepare_cached(
            "INSERT OR IGNORE INTO member (bucket, record) SELECT ?1, row FROM record WHERE id = ?2 AND bucket <> ?1",
        )?;
        statement.execute(params![number, id.as_bytes()])?;
        Ok(())
    }

    /// Stores a fact once. False when its id is here already. `body` is its bytes.
    pub fn put_fact(&self, fact: &Fact, body: &[u8]) -> Result<bool, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO fact (id, subject, kind, at, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (subject, id) DO NOTHING",
        )?;
        let (body, at) = (self.row_codec().pack(body), fact.at.milliseconds());
        let stored =
            statement.execute(params![fact.id.as_bytes(), fact.subject.as_bytes(), fact.kind.0, at, body])?;
        Ok(stored == 1)
    }

    fn bucket_number(&self, bucket: Bucket) -> Result<i64, StoreError> {
        if let Some((known, number)) = self.last_bucket.get()
            && known == bucket
        {
            return Ok(number);
        }
        let number = self.find_bucket(bucket)?;
        self.last_bucket.set(Some((bucket, number)));
        Ok(number)
    }

    fn find_bucket(&self, bucket: Bucket) -> Result<i64, StoreError> {
        let name = bucket.to_string();
        let mut find = self.transaction.prepare_cached("SELECT number FROM bucket WHERE name = ?")?;
        if let Some(number) = find.query_row([&name], |row| row.get(0)).optional()? {
            return Ok(number);
        }
        let mut make =
            self.transaction.prepare_cached("INSERT INTO bucket (name) VALUES (?) RETURNING number")?;
        Ok(make.query_row([&name], |row| row.get(0))?)
    }

    /// Forgets a bucket's records that no other bucket holds. Local forgetting, never deletion: the server has them.
    pub fn forget_bucket(&self, bucket: Bucket) -> Result<(), StoreError> {
        let number = self.bucket_number(bucket)?;
        for statement in include_str!("sql/forget.sql").split(";\n").filter(|text| !text.trim().is_empty()) {
            self.transaction.prepare_cached(statement)?.execute([number])?;
        }
        Ok(())
    }
}

/// Reads of records and facts.
pub trait RecordReads: Reads {
    fn state(&self, id: RecordId) -> Result<Option<RecordState>, StoreError> {
        let bytes = self.state_bytes(id)?;
        bytes.map(|bytes| Ok(RecordState::decode(&bytes)?)).transpose()
    }

    /// The state's canonical bytes.
    fn state_bytes(&self, id: RecordId) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.connection().prepare_cached("SELECT state FROM record WHERE id = ?")?;
        let mut rows = statement.query([id.as_bytes()])?;
        match rows.next()? {
            None => Ok(None),
            Some(row) => Ok(Some(self.unpacked(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?)),
        }
    }

    fn has_record(&self, id: RecordId) -> Result<bool, StoreError> {
        Ok(self.connection().prepare_cached("SELECT 1 FROM record WHERE id = ?")?.exists([id.as_bytes()])?)
    }

    /// Every record of a kind, in the order in which they came.
    fn states_of(&self, kind: &Kind) -> Result<Vec<(RecordId, RecordState)>, StoreError> {
        let listed = match MANY.contains(&kind.number.0) {
            true => "SELECT id, state FROM record WHERE kind = ? ORDER BY row",
            false => "SELECT id, state FROM record WHERE kind = ? AND kind NOT IN (1, 2, 9, 10) ORDER BY row",
        };
        let mut statement = self.connection().prepare_cached(listed)?;
        let rows = statement.query_map([kind.number.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| self.opened(row?)).collect()
    }

    /// The records that name `target`.
    fn linked(&self, target: RecordId, by: LinkedKind) -> Result<Vec<(RecordId, RecordState)>, StoreError> {
        let mut statement = self.connection().prepare_cached(include_str!("sql/linked.sql"))?;
        let rows = statement.query_map(params![target.as_bytes(), by.kind.0, by.field.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        rows.map(|row| self.opened(row?)).collect()
    }

    fn count_linked(&self, target: RecordId, by: LinkedKind) -> Result<usize, StoreError> {
        let mut statement = self
            .connection()
            .prepare_cached("SELECT count(*) FROM link WHERE target = ? AND kind = ? AND field = ?")?;
        let count: i64 =
            statement.query_row(params![target.as_bytes(), by.kind.0, by.field.0], |row| row.get(0))?;
        Ok(count as usize)
    }

    /// Facts about a subject of one kind, the newest first.
    fn facts(&self, subject: RecordId, kind: &Kind) -> Result<Vec<Fact>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT body FROM fact WHERE subject = ? AND kind = ? ORDER BY at DESC, id DESC",
        )?;
        let rows = statement
            .query_map(params![subject.as_bytes(), kind.number.0], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|row| Ok(Fact::from_bytes(&self.unpacked(&row?)?)?)).collect()
    }

    /// Records with a field whose concurrent values a person must settle.
    fn conflicted(&self) -> Result<Vec<(RecordId, RecordState)>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT record.id, record.state FROM conflict JOIN record ON record.row = conflict.record ORDER BY record.row",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| self.opened(row?)).collect()
    }

    /// A bucket that holds a record: where a change of it belongs.
    fn bucket_of(&self, id: RecordId) -> Result<Option<Bucket>, StoreError> {
        let mut statement = self.connection().prepare_cached(include_str!("sql/bucket_of.sql"))?;
        let name: Option<String> = statement.query_row([id.as_bytes()], |row| row.get(0)).optional()?;
        let damaged = |_| StoreError::Damaged("a bucket's name".into());
        name.map(|name| name.parse().map_err(damaged)).transpose()
    }

    /// Ids and canonical bytes of everything held, in order of id: what two replicas compare.
    fn every_state(&self) -> Result<Vec<(RecordId, Vec<u8>)>, StoreError> {
        let mut statement = self.connection().prepare("SELECT id, state FROM record ORDER BY id")?;
        let rows =
            statement.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        rows.map(|row| {
            let (id, state) = row?;
            Ok((record_id(&id)?, self.unpacked(&state)?))
        })
        .collect()
    }

    /// Subject and id of every fact held, by id.
    fn every_fact(&self) -> Result<Vec<(RecordId, FactId)>, StoreError> {
        let mut statement = self.connection().prepare("SELECT subject, id FROM fact ORDER BY id")?;
        let rows =
            statement.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        rows.map(|row| {
            let (subject, id) = row?;
            let id = FactId::from_slice(&id).ok_or_else(|| StoreError::Damaged("a fact's id".into()))?;
            Ok((record_id(&subject)?, id))
        })
        .collect()
    }

    #[doc(hidden)]
    fn opened(&self, (id, state): (Vec<u8>, Vec<u8>)) -> Result<(RecordId, RecordState), StoreError> {
        Ok((record_id(&id)?, RecordState::decode(&self.unpacked(&state)?)?))
    }
}

fn record_id(bytes: &[u8]) -> Result<RecordId, StoreError> {
    RecordId::from_slice(bytes).ok_or_else(|| StoreError::Damaged("a record's id".into()))
}

impl RecordReads for Store {}
impl RecordReads for Write<'_> {}
