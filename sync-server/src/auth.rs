//! Who asks. A connection brings a credential; every request looks its device up anew, so that a revocation holds
//! from the next request on. A certificate's end is judged by the server's clock alone.

use crate::error::Refusal;
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

async fn caller(service: &Service, identity: Option<DeviceIdentity>) -> Result<Caller, Refusal> {
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
    if device.status == DeviceStatus::Revoked {
        return Err(Refusal::new(
            ProblemCode::Revoked,
            "This device was revoked; local work goes on, sync does not",
        ));
    }
    // Who is named without a certificate has none that could end.
    let has_certificate = matches!(identity, Some(DeviceIdentity::Certificate(_)));
    if has_certificate && device.certificate_expires_at <= service.clock.now() {
        return Err(unknown("The device's certificate has ended; enrol the device anew"));
    }
    Ok(Caller(Arc::new(device)))
}

/// Middleware before everything that reads a body.
pub async fn require_device(
    State(service): State<Arc<Service>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let identity = request.extensions().get::<DeviceIdentity>().copied();
    let caller = caller(&service, identity).await?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}
