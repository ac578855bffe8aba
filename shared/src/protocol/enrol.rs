//! Enrolment: an operator's one-time code, the device's keys, the server's certificate.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What an operator reads out or shows as QR: `caravan1:<host:port>:<SHA-256 of the CA>:<128-bit secret>`,
/// both in hexadecimal. Works once, for ten minutes.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentCode {
    pub server: String,
    pub authority_fingerprint: [u8; 32],
    pub secret: [u8; 16],
}

/// Text that is not an enrolment code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an enrolment code; it starts with caravan1: and is made by `sync-server device enrol`")]
pub struct NotACode;

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hexadecimal<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    if text.len() != LENGTH * 2 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (position, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[position * 2..position * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

impl fmt::Display for EnrolmentCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprint = hexadecimal(&self.authority_fingerprint);
        write!(out, "caravan1:{}:{fingerprint}:{}", self.server, hexadecimal(&self.secret))
    }
}

impl FromStr for EnrolmentCode {
    type Err = NotACode;
    fn from_str(text: &str) -> Result<Self, NotACode> {
        let body = text.trim().strip_prefix("caravan1:").ok_or(NotACode)?;
        let mut parts = body.rsplitn(3, ':');
        let secret = parts.next().and_then(from_hexadecimal).ok_or(NotACode)?;
        let authority_fingerprint = parts.next().and_then(from_hexadecimal).ok_or(NotACode)?;
        let server =
            parts.next().filter(|server| server.contains(':') && server.len() < 256).ok_or(NotACode)?;
        Ok(Self { server: server.to_owned(), authority_fingerprint, secret })
    }
}

/// `POST /v1/enrol`. Byte strings are hexadecimal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnrolRequest {
    pub secret: String,
    /// PEM of a PKCS#10 request for the device's TLS key.
    pub certificate_request: String,
    /// Ed25519 public key that signs heads.
    pub signing_key: String,
    /// What the operator sees in the list, such as the tablet's label.
    pub label: String,
}

/// `POST /v1/renew`, over a connection with the certificate that is to be followed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RenewRequest {
    /// PEM of a PKCS#10 request for the device's next TLS key.
    pub certificate_request: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RenewAnswer {
    pub certificate: String,
}

/// What a new installation needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnrolAnswer {
    pub device: String,
    pub number: u32,
    pub region: u16,
    pub van: String,
    pub van_code: String,
    pub certificate: String,
    pub authority: String,
    /// Ed25519 public key that countersigns acknowledged heads.
    pub server_signing_key: String,
    /// X25519 public key that unsent work is sealed to.
    pub server_sealing_key: String,
    pub server_time_ms: i64,
    pub epoch: u64,
    /// The member of staff who enrols: the first who may choose a PIN here.
    pub staff: String,
    pub staff_name: String,
    pub staff_role: String,
}
