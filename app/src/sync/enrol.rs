//! Enrolment: the one-time code of an operator turns an empty installation into a device of a van.

use super::tls;
use crate::platform;
use crate::session::erase;
use crate::session::{DataFolder, FolderError, Keyring, Pin, SignInError};
use crate::store::{Identity, Store, StoreError};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use shared::ids::{DeviceId, StaffId, VanId};
use shared::protocol::{EnrolAnswer, EnrolRequest, EnrolmentCode, Problem};
use shared::time::Timestamp;
use std::path::PathBuf;
use std::time::Duration;

/// For how long after a contact with the server people may sign in without it.
pub const LEASE_MS: i64 = 7 * 86_400_000;

/// Why a device was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error("the server at {server} could not be reached: {reason}")]
    Transport { server: String, reason: String },
    #[error("the server refused: {title}{detail}")]
    Refused { title: String, detail: String },
    #[error("the server's answer cannot be read: {0}")]
    Answer(String),
    #[error("this folder holds a device already; --anew sets it aside and enrols another in its place")]
    NotEmpty,
    #[error("the screens are open on this folder; close them first")]
    InUse,
    #[error("{from} could not become {to}: {error}")]
    Move { from: PathBuf, to: PathBuf, error: std::io::Error },
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keyring(#[from] SignInError),
}

/// A device that is ready, and its file, open.
pub struct Enrolled {
    pub store: Store,
    pub identity: Identity,
    pub staff: StaffId,
    pub staff_name: String,
}

/// A device in the place of another.
pub struct Anew {
    pub identity: Identity,
    pub staff: StaffId,
    pub staff_name: String,
    /// Where the old device lies now.
    pub aside: PathBuf,
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A fresh key for TLS, and the request for its certificate.
pub(super) fn certificate_request() -> Result<(KeyPair, String), rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let request = CertificateParams::new(vec![])?.serialize_request(&key)?.pem()?;
    Ok((key, request))
}

/// Enrols this installation. `pin` becomes the PIN of the member of staff whom the operator named.
pub async fn enrol(
    folder: &DataFolder,
    code: &EnrolmentCode,
    label: &str,
    pin: &Pin,
) -> Result<Enrolled, EnrolError> {
    erase::forget(folder)?;
    if folder.records().exists() {
        return Err(EnrolError::NotEmpty);
    }
    let broken = |error: rcgen::Error| EnrolError::Answer(error.to_string());
    let (certificate_key, certificate_request) = certificate_request().map_err(broken)?;
    let signing_key = ed25519_dalek::SigningKey::from_bytes(&platform::random());
    let request = EnrolRequest {
        secret: hexadecimal(&code.secret),
        certificate_request,
        signing_key: hexadecimal(signing_key.verifying_key().as_bytes()),
        label: label.to_owned(),
    };
    let answer = ask(code, &request).await?;
    let staff: StaffId = answer.staff.parse().map_err(|_| EnrolError::Answer("a staff id".into()))?;
    answer.device.parse::<DeviceId>().map_err(|_| EnrolError::Answer("a device id".into()))?;
    answer.van.parse::<VanId>().map_err(|_| EnrolError::Answer("a van id".into()))?;

    let key = Keyring::new_data_key();
    let server_time = Timestamp::from_milliseconds(answer.server_time_ms);
    let identity = Identity {
        device: answer.device,
        number: answer.number,
        region: answer.region,
        van: answer.van,
        van_code: answer.van_code,
        label: label.to_owned(),
        server: code.server.clone(),
        authority: answer.authority,
        certificate: answer.certificate,
        certificate_key: certificate_key.serialize_pem(),
        signing_key: hexadecimal(signing_key.as_bytes()),
        server_signing_key: answer.server_signing_key,
        server_sealing_key: answer.server_sealing_key,
    };
    let lease_until = platform::now().plus_milliseconds(LEASE_MS);
    Keyring::open(folder)?.admit(staff, &answer.staff_name, &answer.staff_role, pin, &key, lease_until)?;
    let mut store = Store::open(&folder.records(), &key)?;
    let write = store.write()?;
    write.set_identity(&identity)?;
    write.set_server_time(server_time, platform::now().milliseconds() - server_time.milliseconds())?;
    write.commit()?;
    Ok(Enrolled { store, identity, staff, staff_name: answer.staff_name })
}

/// Enrols another device in the place of the one that a folder holds, such as a copy that was asked to. Nothing of the
/// old one is deleted: its folder is set aside, beside the new one, and still opens with its PINs. Nobody may have it
/// open. When the server refuses, everything is as it was.
pub async fn enrol_anew(
    folder: &DataFolder,
    code: &EnrolmentCode,
    label: &str,
    pin: &Pin,
) -> Result<Anew, EnrolError> {
    let held = folder.hold()?.ok_or(EnrolError::InUse)?;
    let beside = |what: &str| {
        let mut name = folder.path().as_os_str().to_owned();
        name.push(format!(".{what}-{}", platform::now().milliseconds()));
        PathBuf::from(name)
    };
    let (new, aside) = (beside("new"), beside("aside"));
    let fresh = DataFolder::open(&new)?;
    let enrolled = match enrol(&fresh, code, label, pin).await {
        Ok(enrolled) => enrolled,
        Err(error) => {
            // Nothing of value is in it, and the reason is told.
            let _ = std::fs::remove_dir_all(&new);
            return Err(error);
        }
    };
    let Enrolled { store, identity, staff, staff_name } = enrolled;
    drop(store);
    if folder.preferences().exists() {
        // What the screen looked like is nothing that enrolment could fail for.
        let _ = std::fs::copy(folder.preferences(), fresh.preferences());
    }
    for (from, to) in [(folder.path(), aside.as_path()), (new.as_path(), folder.path())] {
        std::fs::rename(from, to).map_err(|error| EnrolError::Move {
            from: from.to_owned(),
            to: to.to_owned(),
            error,
        })?;
    }
    drop(held);
    Ok(Anew { identity, staff, staff_name, aside })
}

async fn ask(code: &EnrolmentCode, request: &EnrolRequest) -> Result<EnrolAnswer, EnrolError> {
    let transport = |reason: String| EnrolError::Transport { server: code.server.clone(), reason };
    let settings = tls::pinned(code.authority_fingerprint).map_err(|error| transport(error.to_string()))?;
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(settings)
        .timeout(Duration::from_secs(30))
        .no_proxy()
        .build()
        .map_err(|error| transport(error.to_string()))?;
    let body = serde_json::to_vec(request).expect("a request is plain text");
    let response = client
        .post(format!("https://{}/v1/enrol", code.server))
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .map_err(|error| transport(innermost(&error)))?;
    let status = response.status();
    let body = response.bytes().await.map_err(|error| transport(innermost(&error)))?;
    if !status.is_success() {
        let problem: Problem =
            serde_json::from_slice(&body).map_err(|_| EnrolError::Answer(format!("status {status}")))?;
        let detail = if problem.detail.is_empty() { String::new() } else { format!(": {}", problem.detail) };
        return Err(EnrolError::Refused { title: problem.title, detail });
    }
    serde_json::from_slice(&body).map_err(|error| EnrolError::Answer(error.to_string()))
}

/// The cause that a person can act on stands innermost.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
