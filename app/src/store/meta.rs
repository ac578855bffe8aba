//! Small single values: who this device is, how far it has synced, what its clock has seen.

use super::{Reads, Store, StoreError, Write};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use shared::cbor;
use shared::change::Head;
use shared::ids::{DeviceId, DeviceNumber, RegionId, Sequence, VanId};
use shared::time::{Stamp, Timestamp};

/// The code before the office's words where it closed a change.
pub const CLOSED: &str = "closed: ";

/// What enrolment gave this installation. Keys are inside: the file is encrypted.
#[derive(Clone, Serialize, Deserialize)]
pub struct Identity {
    pub device: String,
    pub number: u32,
    pub region: u16,
    pub van: String,
    pub van_code: String,
    pub label: String,
    /// `host:port`.
    pub server: String,
    /// PEM of the plan's private authority, the only one trusted.
    pub authority: String,
    pub certificate: String,
    pub certificate_key: String,
    /// Ed25519 secret key that signs heads, hexadecimal.
    pub signing_key: String,
    pub server_signing_key: String,
    pub server_sealing_key: String,
}

impl Identity {
    pub fn device_id(&self) -> DeviceId {
        self.device.parse().expect("enrolment stores only an id that it parsed")
    }
    pub fn device_number(&self) -> DeviceNumber {
        DeviceNumber(self.number)
    }
    pub fn region_id(&self) -> RegionId {
        RegionId(self.region)
    }
    pub fn van_id(&self) -> VanId {
        self.van.parse().expect("enrolment stores only an id that it parsed")
    }
    pub fn genesis(&self) -> Head {
        Head::genesis(self.device_id(), self.device_number())
    }
}

/// Who writes here: all that a save needs of the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writer {
    pub device: DeviceId,
    pub number: DeviceNumber,
}

impl Writer {
    pub fn genesis(&self) -> Head {
        Head::genesis(self.device, self.number)
    }
}

impl Write<'_> {
    pub fn set_meta(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
        )?;
        statement.execute((name, value))?;
        Ok(())
    }
    pub fn forget_meta(&self, name: &str) -> Result<(), StoreError> {
        self.transaction.prepare_cached("DELETE FROM meta WHERE name = ?")?.execute([name])?;
        Ok(())
    }
    fn set_number(&self, name: &str, number: i64) -> Result<(), StoreError> {
        self.set_meta(name, &number.to_be_bytes())
    }
    pub fn set_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        let json = serde_json::to_vec(identity).expect("an identity is plain text");
        self.set_meta("identity", &json)
    }
    /// How far the server holds this device's chain. Moves back when a server was restored.
    pub fn set_acknowledged(&self, sequence: Sequence) -> Result<(), StoreError> {
        self.set_number("acknowledged", sequence.0 as i64)
    }
    pub fn set_cursor(&self, cursor: &[u8]) -> Result<(), StoreError> {
        self.set_meta("cursor", cursor)
    }
    pub fn set_last_seen_stamp(&self, stamp: Stamp) -> Result<(), StoreError> {
        self.set_number("stamp", stamp.bits() as i64)
    }
    /// The server's time at the last answer, and this device's clock less that.
    pub fn set_server_time(&self, server_time: Timestamp, clock_offset_ms: i64) -> Result<(), StoreError> {
        self.set_number("server-time", server_time.milliseconds())?;
        self.set_number("clock-offset", clock_offset_ms)
    }
    /// The server said that nothing more is waiting: the day pack is whole.
    pub fn set_complete_at(&self, server_time: Timestamp) -> Result<(), StoreError> {
        self.set_number("complete-at", server_time.milliseconds())
    }
    pub fn set_must_enrol(&self, must: bool) -> Result<(), StoreError> {
        self.set_number("must-enrol", must.into())
    }
    /// The newest change only says who looked at what. Those that the server holds are forgotten here.
    pub fn add_view(&self, newest: Sequence) -> Result<(), StoreError> {
        let acknowledged = self.acknowledged()?;
        let mut views = self.views()?;
        views.retain(|view| *view > acknowledged);
        views.push(newest);
        let mut out = cbor::Writer::default();
        out.array(views.len());
        let mut before = 0;
        for view in views {
            out.unsigned(view.0.saturating_sub(before));
            before = view.0;
        }
        self.set_meta("views", &out.finish())
    }
    /// Keeps what the server said of a rejected change.
    pub fn set_rejected(&self, sequence: Sequence, reason: &str) -> Result<(), StoreError> {
        let mut statement = self
            .transaction
            .prepare_cached("INSERT INTO rejected (sequence, reason) VALUES (?, ?) ON CONFLICT DO NOTHING")?;
        statement.execute((sequence.0 as i64, reason))?;
        Ok(())
    }
    /// The office closed a change that was kept apart: it stays on the list, with the office's words.
    pub fn set_closed(&self, sequence: Sequence, note: &str) -> Result<(), StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO rejected (sequence, reason) VALUES (?1, ?2) ON CONFLICT (sequence) DO UPDATE SET reason = ?2",
        )?;
        statement.execute((sequence.0 as i64, format!("{CLOSED}{note}")))?;
        Ok(())
    }
    /// A change that was kept apart is merged now.
    pub fn set_released(&self, sequence: Sequence) -> Result<(), StoreError> {
        let mut statement = self.transaction.prepare_cached("DELETE FROM rejected WHERE sequence = ?")?;
        statement.execute([sequence.0 as i64])?;
        Ok(())
    }
}

/// Reads of single values.
pub trait MetaReads: Reads {
    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.connection().prepare_cached("SELECT value FROM meta WHERE name = ?")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }
    fn number(&self, name: &str) -> Result<Option<i64>, StoreError> {
        let bytes = self.meta(name)?;
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes))
    }
    fn identity(&self) -> Result<Option<Identity>, StoreError> {
        let json = self.meta("identity")?;
        json.map(|json| serde_json::from_slice(&json).map_err(|error| StoreError::Damaged(error.to_string())))
            .transpose()
    }
    /// Only who writes here, without the certificates: a save asks each time, because enrolment may have changed it.
    fn writer(&self) -> Result<Option<Writer>, StoreError> {
        #[derive(Deserialize)]
        struct Named {
            device: String,
            number: u32,
        }
        let Some(json) = self.meta("identity")? else { return Ok(None) };
        let damaged = || StoreError::Damaged("this device's identity".into());
        let Named { device, number } = serde_json::from_slice(&json).map_err(|_| damaged())?;
        let device = device.parse().map_err(|_| damaged())?;
        Ok(Some(Writer { device, number: DeviceNumber(number) }))
    }
    fn acknowledged(&self) -> Result<Sequence, StoreError> {
        Ok(Sequence(self.number("acknowledged")?.unwrap_or(0) as u64))
    }
    fn cursor(&self) -> Result<Vec<u8>, StoreError> {
        Ok(self.meta("cursor")?.unwrap_or_default())
    }
    fn last_seen_stamp(&self) -> Result<Stamp, StoreError> {
        Ok(Stamp::from_bits(self.number("stamp")?.unwrap_or(0) as u64))
    }
    fn server_time(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.number("server-time")?.map(Timestamp::from_milliseconds))
    }
    fn complete_at(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.number("complete-at")?.map(Timestamp::from_milliseconds))
    }
    fn clock_offset_ms(&self) -> Result<i64, StoreError> {
        Ok(self.number("clock-offset")?.unwrap_or(0))
    }
    fn must_enrol(&self) -> Result<bool, StoreError> {
        Ok(self.number("must-enrol")? == Some(1))
    }
    fn views(&self) -> Result<Vec<Sequence>, StoreError> {
        let Some(bytes) = self.meta("views")? else { return Ok(vec![]) };
        let mut input = cbor::Reader::new(&bytes);
        let count = input.array("views")?;
        let (mut views, mut before) = (Vec::new(), 0u64);
        for _ in 0..count {
            before = before.saturating_add(input.unsigned("a view")?);
            views.push(Sequence(before));
        }
        Ok(views)
    }
    fn rejected(&self) -> Result<Vec<(Sequence, String)>, StoreError> {
        let mut statement =
            self.connection().prepare_cached("SELECT sequence, reason FROM rejected ORDER BY 1")?;
        let rows =
            statement.query_map([], |row| Ok((Sequence(row.get::<_, i64>(0)? as u64), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl MetaReads for Store {}
impl MetaReads for Write<'_> {}
