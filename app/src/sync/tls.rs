//! TLS 1.3 to the plan's own server. Only the plan's private authority is trusted, and certificates are checked
//! against the last time that the server itself gave, not against this tablet's clock.

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, version};
use sha2::{Digest, Sha256};
use shared::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// 2026-11-01: every authority of this project is valid then. Used until a server has given its time.
const REFERENCE_TIME: Timestamp = Timestamp::from_milliseconds(1_793_491_200_000);

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn unix(moment: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(moment.milliseconds().max(0) as u64))
}

/// The last authenticated server time stands in for a clock that may be years off.
#[derive(Debug)]
struct ServerTime(Timestamp);

impl TimeProvider for ServerTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix(self.0))
    }
}

/// Settings for an enrolled device. `Err` when the stored certificates do not parse.
pub fn enrolled(
    authority: &str,
    certificate: &str,
    certificate_key: &str,
    server_time: Option<Timestamp>,
) -> Result<ClientConfig, Error> {
    let general = |error: rustls::pki_types::pem::Error| Error::General(error.to_string());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
        roots.add(certificate.map_err(general)?)?;
    }
    let chain = CertificateDer::pem_slice_iter(certificate.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(general)?;
    let key = PrivateKeyDer::from_pem_slice(certificate_key.as_bytes()).map_err(general)?;
    let time = Arc::new(ServerTime(server_time.unwrap_or(REFERENCE_TIME)));
    ClientConfig::builder_with_details(provider(), time)
        .with_protocol_versions(&[&version::TLS13])?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
}

/// Settings for enrolment: the server must show the authority whose fingerprint stands in the one-time code.
pub fn pinned(authority_fingerprint: [u8; 32]) -> Result<ClientConfig, Error> {
    let verifier = PinnedAuthority { authority_fingerprint, provider: provider() };
    let config = ClientConfig::builder_with_details(provider(), Arc::new(ServerTime(REFERENCE_TIME)))
        .with_protocol_versions(&[&version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

#[derive(Debug)]
struct PinnedAuthority {
    authority_fingerprint: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinnedAuthority {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let authority = intermediates
            .iter()
            .find(|certificate| Sha256::digest(certificate.as_ref()).as_slice() == self.authority_fingerprint)
            .ok_or_else(|| Error::General("the server does not show the authority of the code".into()))?;
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), self.provider.clone())
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
