//! Enrolment: one use of an operator's code turns an installation into a device of a van. The certificate is made
//! before the code is used up, so that a bad request costs nothing. Renewal: the next certificate of a device.

use crate::auth::{Caller, DeviceIdentity};
use crate::body;
use crate::error::Refusal;
use crate::hexadecimal;
use crate::nameplate;
use crate::platform::SystemEntropy;
use crate::service::Service;
use crate::store::{DeviceRow, Enrolment, NewDevice, Renewal, StoreResult};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use ed25519_dalek::VerifyingKey;
use shared::domain::route::{Staff, Van};
use shared::ids::{DeviceId, RecordId};
use shared::merge::RecordState;
use shared::protocol::{EnrolAnswer, EnrolRequest, ProblemCode, RenewAnswer, RenewRequest};
use std::sync::Arc;

const LABEL_CHARACTERS_MAX: usize = 64;

/// Only the hash of a code's secret is kept.
pub fn secret_hash(secret: &[u8; 16]) -> [u8; 32] {
    blake3::derive_key("caravan 2026-11 secret of an enrolment code", secret)
}

fn malformed(detail: &str) -> Refusal {
    Refusal::new(ProblemCode::Malformed, "The enrolment does not decode").detail(detail)
}

fn bad_code() -> Refusal {
    Refusal::new(
        ProblemCode::EnrolmentCode,
        "This code is wrong, was used before or is too old; ask for a new one",
    )
}

pub async fn handle(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<EnrolAnswer>, Refusal> {
    let body = body::read(&headers, body, &body::OF_A_STRANGER).await?;
    let request: EnrolRequest =
        serde_json::from_slice(&body).map_err(|error| malformed(&error.to_string()))?;
    let secret = hexadecimal::decode(&request.secret).ok_or_else(bad_code)?;
    let signing_key = hexadecimal::decode(&request.signing_key).ok_or_else(|| malformed("signing_key"))?;
    VerifyingKey::from_bytes(&signing_key).map_err(|_| malformed("signing_key"))?;
    let hash = secret_hash(&secret);
    let now = service.clock.now();
    let code = service.store.enrolment(hash).await?.ok_or_else(bad_code)?;
    let certificate = service.keys.authority.device(&request.certificate_request, now);
    let certificate = certificate.map_err(|error| malformed(&error.to_string()))?;
    let new = NewDevice {
        id: DeviceId::new(now, &mut SystemEntropy),
        label: request
            .label
            .chars()
            .filter(|letter| !letter.is_control())
            .take(LABEL_CHARACTERS_MAX)
            .collect(),
        fingerprint: certificate.fingerprint,
        certificate_expires_at: certificate.expires_at,
        signing_key,
    };
    let device = service.store.redeem(hash, now, new).await?.ok_or_else(bad_code)?;
    tracing::info!(device = device.number.0, "a device was enrolled");
    register(&service).await;
    // The device is made and the code is used up: a name that is missing is written at the next start.
    if let Err(error) = nameplate::write_one(&service, device.number).await {
        tracing::warn!(device = device.number.0, %error, "a device's name was not written");
    }
    Ok(Json(answer(&service, device, &code, certificate.pem).await?))
}

/// The next certificate of a device that is known already, over a connection with the one before. That one goes on
/// working until it ends: this answer may be lost.
pub async fn renew(
    State(service): State<Arc<Service>>,
    Extension(Caller(device)): Extension<Caller>,
    Extension(identity): Extension<DeviceIdentity>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<RenewAnswer>, Refusal> {
    let body = body::read(&headers, body, &body::OF_A_DEVICE).await?;
    let request: RenewRequest =
        serde_json::from_slice(&body).map_err(|error| malformed(&error.to_string()))?;
    let now = service.clock.now();
    let certificate = service.keys.authority.device(&request.certificate_request, now);
    let certificate = certificate.map_err(|error| malformed(&error.to_string()))?;
    let used = match identity {
        DeviceIdentity::Certificate(fingerprint) => Some(fingerprint),
        DeviceIdentity::Anonymous | DeviceIdentity::Foreign | DeviceIdentity::Device(_) => None,
    };
    let (fingerprint, expires_at) = (certificate.fingerprint, certificate.expires_at);
    let renewal = Renewal { number: device.number, used, fingerprint, expires_at, at: now };
    service.store.add_certificate(renewal).await?;
    tracing::info!(device = device.number.0, "a certificate was renewed");
    register(&service).await;
    Ok(Json(RenewAnswer { certificate: certificate.pem }))
}

/// What is done in the database stays done: a register that cannot be written is brought up by the next one that can.
async fn register(service: &Service) {
    if let Err(error) = service.register.keep(service.store.as_ref()).await {
        tracing::error!(%error, "the register of devices could not be written");
    }
}

async fn answer(
    service: &Service,
    device: DeviceRow,
    code: &Enrolment,
    certificate: String,
) -> Result<EnrolAnswer, Refusal> {
    let (van, staff) = (RecordId::from(code.van), RecordId::from(code.staff));
    let shown = shown(service, van, staff).await?;
    Ok(EnrolAnswer {
        device: device.id.to_string(),
        number: device.number.0,
        region: service.store.region().0,
        van: code.van.to_string(),
        van_code: shown.0.code.unwrap_or_default(),
        certificate,
        authority: service.keys.authority.0.certificate.clone(),
        server_signing_key: hexadecimal::encode(service.keys.signing.verifying_key().as_bytes()),
        server_sealing_key: hexadecimal::encode(&service.keys.sealing_public),
        server_time_ms: service.clock.now().milliseconds(),
        epoch: service.store.region_row().await?.epoch,
        staff: code.staff.to_string(),
        staff_name: shown.1.name.unwrap_or_default(),
        staff_role: shown.1.role.map(|role| role.code().to_owned()).unwrap_or_default(),
    })
}

/// The van and the member of staff as they are shown today.
async fn shown(service: &Service, van: RecordId, staff: RecordId) -> StoreResult<(Van, Staff)> {
    let states = service.store.records(vec![van, staff]).await?;
    let state = |id| states.get(&id).and_then(|row| RecordState::decode(&row.state).ok());
    Ok((
        state(van).map(|state| Van::read(&state)).unwrap_or_default(),
        state(staff).map(|state| Staff::read(&state)).unwrap_or_default(),
    ))
}

#[cfg(test)]
mod tests;
