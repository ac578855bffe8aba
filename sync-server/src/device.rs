//! What an operator does with devices: a code for a new one, the list, the end of one.

use crate::enrol::secret_hash;
use crate::planner::natural_id;
use crate::platform::random;
use crate::service::Service;
use crate::store::{DeviceRow, DeviceStatus, Enrolment, StoreError, StoreResult};
use crate::tls::TlsError;
use shared::domain::route::{Staff, Van};
use shared::ids::{DeviceNumber, RecordId, StaffId};
use shared::merge::RecordState;
use shared::protocol::EnrolmentCode;
use shared::record::KindNumber;
use shared::time::Timestamp;

/// How long a code may be used.
pub const CODE_LIFETIME_MS: i64 = 10 * 60_000;

/// Why an operator's wish cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("no {what} has the code {code}; import the {file} first")]
    UnknownCode { what: &'static str, code: String, file: &'static str },
    #[error("{0} no longer works here")]
    Inactive(String),
    #[error("there is no device {0}")]
    NoDevice(DeviceNumber),
    #[error("device {0} is this server itself")]
    Server(DeviceNumber),
    #[error("device {0} was revoked")]
    Revoked(DeviceNumber),
    #[error("device {0} may still deliver; revoke it first")]
    NotRevoked(DeviceNumber),
    #[error("\"{0}\" is no server; write it as name:port")]
    NotAServer(String),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

async fn known(
    service: &Service,
    kind: KindNumber,
    code: &str,
) -> StoreResult<Option<(RecordId, RecordState)>> {
    let id = natural_id(service.store.region(), kind, &[&code.trim().to_ascii_uppercase()]);
    let row = service.store.records(vec![id]).await?.remove(&id);
    let damaged = |_| StoreError::Damaged(format!("the state of record {id} does not open"));
    row.map(|row| Ok((id, RecordState::decode(&row.state).map_err(damaged)?))).transpose()
}

fn missing(what: &'static str, code: &str, file: &'static str) -> DeviceError {
    DeviceError::UnknownCode { what, code: code.to_owned(), file }
}

/// Somebody who works here, by the code that the office gave.
pub async fn member_of_staff(service: &Service, code: &str) -> Result<StaffId, DeviceError> {
    let (id, state) = known(service, Staff::KIND.number, code)
        .await?
        .ok_or_else(|| missing("member of staff", code, "staff"))?;
    if Staff::read(&state).active == Some(false) {
        return Err(DeviceError::Inactive(code.to_owned()));
    }
    Ok(id.into())
}

/// A one-time code by which a new installation becomes a device of `van`, where `staff` chooses the first PIN.
/// `server` is the name and port by which the tablet reaches this server.
pub async fn make_code(
    service: &Service,
    van: &str,
    staff: &str,
    server: &str,
) -> Result<EnrolmentCode, DeviceError> {
    let is_address =
        server.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if !is_address {
        return Err(DeviceError::NotAServer(server.to_owned()));
    }
    service.projector.catch_up().await?;
    let (van_id, _) =
        known(service, Van::KIND.number, van).await?.ok_or_else(|| missing("van", van, "schedule"))?;
    let staff_id = member_of_staff(service, staff).await?;
    let secret = random::<16>();
    let enrolment = Enrolment {
        secret_hash: secret_hash(&secret),
        expires_at: service.clock.now().plus_milliseconds(CODE_LIFETIME_MS),
        used_at: None,
        van: van_id.into(),
        staff: staff_id,
    };
    service.store.add_enrolment(enrolment).await?;
    let authority_fingerprint = service.keys.authority.fingerprint()?;
    Ok(EnrolmentCode { server: server.to_owned(), authority_fingerprint, secret })
}

/// Every device, without the server itself.
pub async fn list(service: &Service) -> StoreResult<Vec<DeviceRow>> {
    let devices = service.store.devices().await?;
    Ok(devices.into_iter().filter(|device| device.van.is_some()).collect())
}

/// Revokes a device and orders it to erase itself: at its next contact it delivers what it holds, then destroys its
/// keys. What it delivered stays.
pub async fn wipe(service: &Service, number: DeviceNumber) -> Result<(), DeviceError> {
    tablet(service, number).await?;
    service.store.order_wipe(number, service.clock.now()).await?;
    service.register.keep(service.store.as_ref()).await?;
    tracing::info!(device = number.0, "a device is to erase itself");
    Ok(())
}

/// Lets a device's certificate work for some days more, so that it can deliver and fetch its next one itself.
pub async fn extend(service: &Service, number: DeviceNumber, days: u16) -> Result<Timestamp, DeviceError> {
    let device = tablet(service, number).await?;
    if device.status == DeviceStatus::Revoked {
        return Err(DeviceError::Revoked(number));
    }
    let until = service.clock.now().plus_milliseconds(i64::from(days) * 86_400_000);
    service.store.extend_certificates(number, until).await?;
    service.register.keep(service.store.as_ref()).await?;
    tracing::info!(device = number.0, days, "a device's certificate was extended");
    Ok(until)
}

async fn tablet(service: &Service, number: DeviceNumber) -> Result<DeviceRow, DeviceError> {
    let device = service.store.device(number).await?.ok_or(DeviceError::NoDevice(number))?;
    if device.van.is_none() { Err(DeviceError::Server(number)) } else { Ok(device) }
}

/// Says that nothing more will come from a revoked device, such as one that was destroyed. After a restore, changes of
/// others that had read what only it still held would wait for it for ever; now they are merged.
pub async fn give_up(service: &Service, number: DeviceNumber) -> Result<(), DeviceError> {
    let device = tablet(service, number).await?;
    if device.status != DeviceStatus::Revoked {
        return Err(DeviceError::NotRevoked(number));
    }
    service.store.close_chain(number).await?;
    tracing::info!(device = number.0, "nothing more is awaited from a device");
    Ok(service.projector.catch_up().await?)
}

/// Shuts a device out from its next request on. What it delivered stays.
pub async fn revoke(service: &Service, number: DeviceNumber) -> Result<(), DeviceError> {
    tablet(service, number).await?;
    service.store.set_device_status(number, DeviceStatus::Revoked).await?;
    service.register.keep(service.store.as_ref()).await?;
    tracing::info!(device = number.0, "a device was revoked");
    Ok(())
}
