//! Who asks. A connection brings a credential; every request looks its device up anew, so that a revocation holds
//! from the next request on. A certificate's end is judged by the server's clock alone.

use crate::body;
use crate::error::Refusal;
use crate::router::PUSH_PATH;
use crate::service::Service;
use crate::store::{DeviceRow, DeviceStatus};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use shared::ids::DeviceNumber;
use shared::protocol::ProblemCode;
use std::sync::Arc;

/// What a connection proved, as an extension of each of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceIdentity {
    /// No client certificate: enrolment needs none.
    Anonymous,
    /// A certificate that another authority signed.
    Foreign,
    /// A certificate of ours, by its SHA-256. The connection holds its key.
    Certificate([u8; 32]),
    /// Named by the program that made the router: for tests and measurements without TLS.
    Device(DeviceNumber),
}

/// The device that a request comes from, as an extension for the handlers.
#[derive(Clone, Debug)]
pub struct Caller(pub Arc<DeviceRow>);

fn unknown(title: &str) -> Refusal {
    Refusal::new(ProblemCode::Unknown, title)
}

/// `delivers`: the request brings changes and takes nothing away.
async fn caller(
    service: &Service,
    identity: Option<DeviceIdentity>,
    delivers: bool,
) -> Result<Caller, Refusal> {
    let found = match identity {
        None | Some(DeviceIdentity::Anonymous) => {
            return Err(unknown("This needs a device's certificate; enrol the device first"));
        }
        Some(DeviceIdentity::Foreign) => None,
        Some(DeviceIdentity::Certificate(fingerprint)) => {
            service.store.device_by_fingerprint(fingerprint).await?
        }
        Some(DeviceIdentity::Device(number)) => service.store.device(number).await?,
    };
    let device = found.ok_or_else(|| unknown("This certificate is not of a device of this server"))?;
    match (device.status, device.wipe_ordered_at) {
        // It still brings what it captured, whatever the age of its certificate; nothing comes down.
        (DeviceStatus::Revoked, Some(_)) if delivers => return Ok(Caller(Arc::new(device))),
        (DeviceStatus::Revoked, Some(_)) => return Err(order_wipe(service, &device).await?),
        (DeviceStatus::Revoked, None) => return Err(revoked()),
        (DeviceStatus::Active | DeviceStatus::Retired, _) => {}
    }
    // Who is named without a certificate has none that could end.
    let has_certificate = matches!(identity, Some(DeviceIdentity::Certificate(_)));
    if has_certificate && device.certificate_expires_at <= service.clock.now() {
        return Err(unknown(
            "The device's certificate has ended; nothing is lost, and the office can extend it",
        ));
    }
    Ok(Caller(Arc::new(device)))
}

fn revoked() -> Refusal {
    Refusal::new(ProblemCode::Revoked, "This device was revoked; local work goes on, sync does not")
}

/// The order, with how far the device's chain is on disk here: it erases itself when that is all of it.
async fn order_wipe(service: &Service, device: &DeviceRow) -> Result<Refusal, Refusal> {
    let chain = service.store.chain(device.number).await?;
    let held = chain.map_or(0, |chain| chain.head.sequence.0);
    if device.wipe_told_at.is_none() {
        service.store.note_wipe_told(device.number, service.clock.now()).await?;
        tracing::warn!(device = device.number.0, held, "a device was told to erase itself");
    }
    Ok(revoked().acknowledged(held).wipe())
}

/// Middleware before everything that reads a body.
pub async fn require_device(
    State(service): State<Arc<Service>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let identity = request.extensions().get::<DeviceIdentity>().copied();
    let delivers = request.uri().path() == PUSH_PATH;
    let caller = match caller(&service, identity, delivers).await {
        Ok(caller) => caller,
        Err(refusal) => {
            // Whoever is still sending would hear of a broken stream instead of the reason.
            body::throw_away(request.into_body()).await;
            return Err(refusal);
        }
    };
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}
