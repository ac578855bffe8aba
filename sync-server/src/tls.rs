//! The plan's private authority, its certificates, and the TLS 1.3 settings of the server. Nothing here depends on
//! a tablet's clock: what the server shows was valid long before any tablet was made, and the end of a device's
//! certificate is judged at each request, where it can be told in words.

use crate::auth::DeviceIdentity;
use chrono::{Datelike, Days, NaiveDate};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, version};
use sha2::{Digest, Sha256};
use shared::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

mod lenient;

/// Every certificate begins here, years before the first tablet.
const VALID_FROM_YEAR: i32 = 2020;
/// A day on which every certificate that was ever made here is valid: 2020-06-01.
const WITHIN_VALIDITY: Duration = Duration::from_secs(1_590_969_600);
const SERVER_YEARS: i32 = 10;
const AUTHORITY_YEARS: i32 = 30;
const DEVICE_DAYS: u64 = 365;

/// Certificates or keys that do not parse, or cannot be made.
#[derive(Clone, Debug, thiserror::Error)]
#[error("certificates: {0}")]
pub struct TlsError(pub String);

impl From<rcgen::Error> for TlsError {
    fn from(error: rcgen::Error) -> Self {
        TlsError(error.to_string())
    }
}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        TlsError(error.to_string())
    }
}

/// A certificate and its key, as PEM.
#[derive(Clone)]
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

/// Signs the certificates of this plan's servers and devices.
#[derive(Clone)]
pub struct Authority(pub Pair);

/// A device's new certificate.
pub struct DeviceCertificate {
    pub pem: String,
    /// SHA-256 of its DER: how a connection is known again.
    pub fingerprint: [u8; 32],
    pub expires_at: Timestamp,
}

fn params(name: &str, until: NaiveDate) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(VALID_FROM_YEAR, 1, 1);
    params.not_after = rcgen::date_time_ymd(until.year(), until.month() as u8, until.day() as u8);
    params
}

fn years_after(day: NaiveDate, years: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(day.year() + years, day.month(), day.day().min(28)).unwrap_or(day)
}

pub fn fingerprint(der: &[u8]) -> [u8; 32] {
    Sha256::digest(der).into()
}

fn der(pem: &str) -> Result<CertificateDer<'static>, TlsError> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| TlsError(error.to_string()))
}

impl Authority {
    pub fn make(now: Timestamp) -> Result<Self, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = params("Caravan private authority", years_after(now.day(0), AUTHORITY_YEARS));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self(Pair { certificate, key: key.serialize_pem() }))
    }

    /// What an enrolment code carries: a device trusts this authority and no other.
    pub fn fingerprint(&self) -> Result<[u8; 32], TlsError> {
        Ok(fingerprint(&der(&self.0.certificate)?))
    }

    fn issuer(&self) -> Result<Issuer<'static, KeyPair>, TlsError> {
        Ok(Issuer::from_ca_cert_pem(&self.0.certificate, KeyPair::from_pem(&self.0.key)?)?)
    }

    /// A server's certificate for these host names and addresses.
    pub fn server(&self, names: &[String], now: Timestamp) -> Result<Pair, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = params("Caravan sync server", years_after(now.day(0), SERVER_YEARS));
        params.subject_alt_names = CertificateParams::new(names.to_vec())?.subject_alt_names;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &self.issuer()?)?.pem();
        Ok(Pair { certificate, key: key.serialize_pem() })
    }

    /// A device's certificate. Of its request only the key counts; the names are ours.
    pub fn device(&self, request_pem: &str, now: Timestamp) -> Result<DeviceCertificate, TlsError> {
        let mut request = CertificateSigningRequestParams::from_pem(request_pem)?;
        let until = now.day(0).checked_add_days(Days::new(DEVICE_DAYS)).unwrap_or(NaiveDate::MAX);
        request.params = params("Caravan device", until);
        request.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = request.signed_by(&self.issuer()?)?;
        let expires_at = until.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
        Ok(DeviceCertificate {
            fingerprint: fingerprint(certificate.der()),
            pem: certificate.pem(),
            expires_at: Timestamp::from_milliseconds(expires_at),
        })
    }
}

/// Tells whose certificate a connection showed.
pub struct ClientCheck {
    verifier: Arc<dyn ClientCertVerifier>,
}

impl ClientCheck {
    pub fn identify(&self, shown: Option<&[CertificateDer<'_>]>) -> DeviceIdentity {
        let Some((own, rest)) = shown.and_then(<[_]>::split_first) else { return DeviceIdentity::Anonymous };
        let within_validity = UnixTime::since_unix_epoch(WITHIN_VALIDITY);
        match self.verifier.verify_client_cert(own, rest, within_validity) {
            Ok(_) => DeviceIdentity::Certificate(fingerprint(own)),
            Err(_) => DeviceIdentity::Foreign,
        }
    }
}

/// Settings for the listener, and the check of what clients show. The authority goes along with the server's
/// certificate, so that a device that knows only its fingerprint can verify it.
pub fn server_config(
    authority: &Authority,
    server: &Pair,
) -> Result<(Arc<ServerConfig>, ClientCheck), TlsError> {
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let authority = der(&authority.0.certificate)?;
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone())?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .allow_unauthenticated()
        .build()
        .map_err(|error| TlsError(error.to_string()))?;
    let key =
        PrivateKeyDer::from_pem_slice(server.key.as_bytes()).map_err(|error| TlsError(error.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])?
        .with_client_cert_verifier(Arc::new(lenient::Lenient(verifier.clone())))
        .with_single_cert(vec![der(&server.certificate)?, authority], key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((Arc::new(config), ClientCheck { verifier }))
}

#[cfg(test)]
mod tests;
