//! The region, its devices and their enrolment.

use super::super::{
    Certificate, DeviceRow, DeviceStatus, Enrolled, Enrolment, NewDevice, RegionRow, Renewal, StoreError,
    StoreResult,
};
use super::columns::{self, bytes, bytes_or_none, change, moment, number, one, signed, unsigned};
use super::log::{self, NewChain};
use rusqlite::{Connection, Row, params};
use shared::change::Head;
use shared::ids::{DeviceId, DeviceNumber, RegionId, StaffId, VanId};
use shared::time::Timestamp;

/// After a restore no number of the lost days may be given out again; a region has fewer tablets than this.
const NUMBERS_SKIPPED_BY_A_RESTORE: u32 = 1_000;
/// Never expires: the server's own writes.
const FOREVER: Timestamp = Timestamp::from_milliseconds(i64::MAX);

fn status_text(status: DeviceStatus) -> &'static str {
    match status {
        DeviceStatus::Active => "active",
        DeviceStatus::Retired => "retired",
        DeviceStatus::Revoked => "revoked",
    }
}

fn read_status(row: &Row<'_>, column: usize) -> StoreResult<DeviceStatus> {
    match row.get_ref(column)?.as_str().unwrap_or_default() {
        "active" => Ok(DeviceStatus::Active),
        "retired" => Ok(DeviceStatus::Retired),
        "revoked" => Ok(DeviceStatus::Revoked),
        _ => Err(StoreError::Damaged("a device's status has the wrong shape".into())),
    }
}

fn read_device(row: &Row<'_>) -> StoreResult<DeviceRow> {
    Ok(DeviceRow {
        number: number(row, 0)?,
        id: DeviceId::from_bytes(bytes(row, 1)?),
        van: bytes_or_none(row, 2)?.map(VanId::from_bytes),
        label: row.get(3)?,
        certificate_expires_at: moment(row, 4)?,
        signing_key: bytes(row, 5)?,
        status: read_status(row, 6)?,
        enrolled_at: moment(row, 7)?,
        last_seen_at: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_milliseconds),
        clock_offset_ms: row.get(9)?,
        app_version: row.get(10)?,
        was_answered: row.get(11)?,
        wipe_ordered_at: row.get::<_, Option<i64>>(12)?.map(Timestamp::from_milliseconds),
        wipe_told_at: row.get::<_, Option<i64>>(13)?.map(Timestamp::from_milliseconds),
    })
}

/// Makes the region's row and the server's own device and chain, once.
pub(super) fn initialise(
    connection: &Connection,
    region: RegionId,
    server_device: DeviceId,
    signing_key: [u8; 32],
    now: Timestamp,
) -> StoreResult<()> {
    if region_row(connection, region).is_ok() {
        return Ok(());
    }
    let first = DeviceNumber(1);
    change(
        connection,
        include_str!("sql/region_insert.sql"),
        params![region.0, 1, server_device.as_bytes(), first.0, first.0 + 1],
    )?;
    insert_server(connection, region, first, server_device, signing_key, now)
}

fn insert_server(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    id: DeviceId,
    signing_key: [u8; 32],
    now: Timestamp,
) -> StoreResult<()> {
    change(
        connection,
        include_str!("sql/device_insert.sql"),
        params![
            region.0,
            number.0,
            id.as_bytes(),
            None::<&[u8]>,
            "this server",
            None::<&[u8]>,
            FOREVER.milliseconds(),
            signing_key,
            now.milliseconds(),
            None::<&[u8]>
        ],
    )?;
    let genesis = Head::genesis(id, number);
    log::insert_chain(
        connection,
        region,
        NewChain { number, root: number, base: genesis, head: genesis, reason: None, at: now },
    )
}

pub(super) fn region_row(connection: &Connection, region: RegionId) -> StoreResult<RegionRow> {
    let row = one(connection, include_str!("sql/region_get.sql"), [region.0], |row| {
        Ok(RegionRow {
            epoch: unsigned(row, 0)?,
            server_device: DeviceId::from_bytes(bytes(row, 1)?),
            server_number: number(row, 2)?,
        })
    })?;
    row.ok_or_else(|| StoreError::Damaged(format!("region {region} was never made here")))
}

pub(super) fn begin_epoch(
    connection: &Connection,
    region: RegionId,
    epoch: u64,
    now: Timestamp,
) -> StoreResult<RegionRow> {
    let before = region_row(connection, region)?;
    let server = device(connection, region, before.server_number)?;
    let server = server.ok_or_else(|| StoreError::Damaged("the server's own device is missing".into()))?;
    let skipped = NUMBERS_SKIPPED_BY_A_RESTORE;
    change(
        connection,
        include_str!("sql/region_begin_epoch.sql"),
        params![region.0, signed(epoch), skipped],
    )?;
    change(connection, include_str!("sql/chain_close.sql"), params![region.0, before.server_number.0])?;
    let number = take_number(connection, region)?;
    insert_server(connection, region, number, server.id, server.signing_key, now)?;
    change(connection, include_str!("sql/region_set_server.sql"), params![region.0, number.0])?;
    region_row(connection, region)
}

pub(super) fn take_number(connection: &Connection, region: RegionId) -> StoreResult<DeviceNumber> {
    let number =
        one(connection, include_str!("sql/region_take_number.sql"), [region.0], |row| number(row, 0))?;
    number.ok_or_else(|| StoreError::Damaged(format!("region {region} was never made here")))
}

pub(super) fn device(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
) -> StoreResult<Option<DeviceRow>> {
    one(connection, include_str!("sql/device_get.sql"), params![region.0, number.0], read_device)
}

pub(super) fn device_by_fingerprint(
    connection: &Connection,
    region: RegionId,
    fingerprint: [u8; 32],
) -> StoreResult<Option<DeviceRow>> {
    one(
        connection,
        include_str!("sql/device_by_fingerprint.sql"),
        params![region.0, fingerprint],
        read_device,
    )
}

pub(super) fn devices(connection: &Connection, region: RegionId) -> StoreResult<Vec<DeviceRow>> {
    columns::all(connection, include_str!("sql/device_list.sql"), [region.0], read_device)
}

pub(super) fn set_status(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    status: DeviceStatus,
) -> StoreResult<bool> {
    let sql = include_str!("sql/device_set_status.sql");
    Ok(change(connection, sql, params![region.0, number.0, status_text(status)])? > 0)
}

pub(super) fn order_wipe(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    at: Timestamp,
) -> StoreResult<bool> {
    let parameters = params![region.0, number.0, at.milliseconds()];
    Ok(change(connection, include_str!("sql/device_order_wipe.sql"), parameters)? > 0)
}

pub(super) fn note_wipe_told(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    at: Timestamp,
) -> StoreResult<()> {
    let parameters = params![region.0, number.0, at.milliseconds()];
    change(connection, include_str!("sql/device_wipe_told.sql"), parameters).map(drop)
}

pub(super) fn add_certificate(connection: &Connection, region: RegionId, new: Renewal) -> StoreResult<()> {
    let Renewal { number, used, fingerprint, expires_at, at } = new;
    let trimmed = params![region.0, number.0, used];
    change(connection, include_str!("sql/certificate_trim.sql"), trimmed)?;
    let parameters = params![region.0, fingerprint, number.0, expires_at.milliseconds(), at.milliseconds()];
    change(connection, include_str!("sql/certificate_insert.sql"), parameters).map(drop)
}

pub(super) fn extend_certificates(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    until: Timestamp,
) -> StoreResult<()> {
    let parameters = params![region.0, number.0, until.milliseconds()];
    change(connection, include_str!("sql/device_extend.sql"), parameters)?;
    change(connection, include_str!("sql/certificate_extend.sql"), parameters).map(drop)
}

pub(super) fn enrolled(connection: &Connection, region: RegionId) -> StoreResult<Vec<Enrolled>> {
    let read = |row: &Row<'_>| {
        Ok(Certificate { fingerprint: bytes(row, 0)?, expires_at: moment(row, 1)?, made_at: moment(row, 2)? })
    };
    let mut devices = columns::all(connection, include_str!("sql/enrolled_list.sql"), [region.0], |row| {
        let enrolled_at = moment(row, 7)?;
        Ok(Enrolled {
            number: number(row, 0)?,
            id: DeviceId::from_bytes(bytes(row, 1)?),
            van: VanId::from_bytes(bytes(row, 2)?),
            label: row.get(3)?,
            signing_key: bytes(row, 4)?,
            status: read_status(row, 5)?,
            wipe_ordered_at: row.get::<_, Option<i64>>(6)?.map(Timestamp::from_milliseconds),
            enrolled_at,
            enrolled_by: bytes_or_none(row, 8)?.map(StaffId::from_bytes),
            certificates: vec![Certificate {
                fingerprint: bytes(row, 9)?,
                expires_at: moment(row, 10)?,
                made_at: enrolled_at,
            }],
        })
    })?;
    for device in &mut devices {
        let parameters = params![region.0, device.number.0];
        let later = columns::all(connection, include_str!("sql/certificate_list.sql"), parameters, read)?;
        device.certificates.extend(later);
    }
    Ok(devices)
}

pub(super) fn readmit(connection: &Connection, region: RegionId, devices: &[Enrolled]) -> StoreResult<()> {
    for device in devices {
        let Some((first, later)) = device.certificates.split_first() else { continue };
        let number = device.number;
        change(
            connection,
            include_str!("sql/device_readmit.sql"),
            params![
                region.0,
                number.0,
                device.id.as_bytes(),
                device.van.as_bytes(),
                device.label,
                first.fingerprint,
                first.expires_at.milliseconds(),
                device.signing_key,
                status_text(device.status),
                device.enrolled_at.milliseconds(),
                device.enrolled_by.as_ref().map(StaffId::as_bytes),
                device.wipe_ordered_at.map(Timestamp::milliseconds)
            ],
        )?;
        for Certificate { fingerprint, expires_at, made_at } in later {
            let parameters =
                params![region.0, fingerprint, number.0, expires_at.milliseconds(), made_at.milliseconds()];
            change(connection, include_str!("sql/certificate_readmit.sql"), parameters)?;
        }
        change(connection, include_str!("sql/region_raise_number.sql"), params![region.0, number.0])?;
        if log::chain(connection, region, number)?.is_none() {
            let genesis = Head::genesis(device.id, number);
            let at = device.enrolled_at;
            let chain = NewChain { number, root: number, base: genesis, head: genesis, reason: None, at };
            log::insert_chain(connection, region, chain)?;
        }
    }
    Ok(())
}

pub(super) fn retire(connection: &Connection, region: RegionId, number: DeviceNumber) -> StoreResult<()> {
    change(connection, include_str!("sql/device_retire.sql"), params![region.0, number.0]).map(drop)
}

pub(super) fn note_seen(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    at: Timestamp,
    app_version: Option<&str>,
) -> StoreResult<()> {
    let sql = include_str!("sql/device_seen.sql");
    change(connection, sql, params![region.0, number.0, at.milliseconds(), app_version]).map(drop)
}

pub(super) fn note_answered(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
) -> StoreResult<()> {
    change(connection, include_str!("sql/device_answered.sql"), params![region.0, number.0]).map(drop)
}

pub(super) fn add_enrolment(connection: &Connection, region: RegionId, row: &Enrolment) -> StoreResult<()> {
    change(
        connection,
        include_str!("sql/enrolment_insert.sql"),
        params![
            region.0,
            row.secret_hash,
            row.expires_at.milliseconds(),
            row.van.as_bytes(),
            row.staff.as_bytes()
        ],
    )
    .map(drop)
}

pub(super) fn enrolment(
    connection: &Connection,
    region: RegionId,
    secret_hash: [u8; 32],
) -> StoreResult<Option<Enrolment>> {
    one(connection, include_str!("sql/enrolment_get.sql"), params![region.0, secret_hash], |row| {
        Ok(Enrolment {
            secret_hash,
            expires_at: moment(row, 0)?,
            used_at: row.get::<_, Option<i64>>(1)?.map(Timestamp::from_milliseconds),
            van: VanId::from_bytes(bytes(row, 2)?),
            staff: StaffId::from_bytes(bytes(row, 3)?),
        })
    })
}

pub(super) fn redeem(
    connection: &Connection,
    region: RegionId,
    secret_hash: [u8; 32],
    now: Timestamp,
    new: &NewDevice,
) -> StoreResult<Option<DeviceRow>> {
    let sql = include_str!("sql/enrolment_use.sql");
    let used = one(connection, sql, params![region.0, secret_hash, now.milliseconds()], |row| {
        Ok((bytes::<16>(row, 0)?, bytes::<16>(row, 1)?))
    })?;
    let Some((van, staff)) = used else { return Ok(None) };
    let number = take_number(connection, region)?;
    change(
        connection,
        include_str!("sql/device_insert.sql"),
        params![
            region.0,
            number.0,
            new.id.as_bytes(),
            van,
            new.label,
            new.fingerprint,
            new.certificate_expires_at.milliseconds(),
            new.signing_key,
            now.milliseconds(),
            staff
        ],
    )?;
    let genesis = Head::genesis(new.id, number);
    let chain = NewChain { number, root: number, base: genesis, head: genesis, reason: None, at: now };
    log::insert_chain(connection, region, chain)?;
    device(connection, region, number)
}
