//! What comes before a device is known, or makes it known anew: requests to enrol and for a certificate,
//! and what is answered.

use super::run::{fixtures, run};
use app::store::Identity;
use app::sync::HttpTransport;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use shared::ids::{DeviceId, StaffId, VanId};
use shared::protocol::{EnrolAnswer, EnrolRequest, RenewAnswer, RenewRequest};
use shared::time::Timestamp;
use std::fs;
use sync_server::auth::DeviceIdentity;
use sync_server::tls::{Authority, server_config};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn requests_to_enrol() {
    let seed = br#"{"secret":"00","label":"Tablet","signing_key":"00","certificate_request":"-----"}"#;
    let seeds = vec![seed.to_vec(), br#"{"certificate_request":"-----"}"#.to_vec()];
    run("enrol-request", seeds, |bytes| {
        if let Ok(request) = serde_json::from_slice::<EnrolRequest>(bytes) {
            let again = serde_json::to_vec(&request).expect("plain text");
            let again: EnrolRequest = serde_json::from_slice(&again).expect("it reads");
            assert_eq!(again.certificate_request, request.certificate_request);
        }
        if let Ok(request) = serde_json::from_slice::<RenewRequest>(bytes) {
            assert!(request.certificate_request.len() <= bytes.len() * 3);
        }
    });
}

/// A folder of certificates and keys as enrolment gives them, from a server that nobody knows yet. What parses as an
/// answer is tried as the app would: its texts are read, and a line is made of its certificates, or refused.
#[test]
fn answers_to_enrol() {
    let frozen =
        |name: &str| fs::read_to_string(fixtures().join("v1/server-v1").join(name)).expect("a frozen file");
    let id = "01a193f5-1800-7000-8000-000000000001";
    let answer = EnrolAnswer {
        device: id.into(),
        number: 2,
        region: 1,
        van: id.into(),
        van_code: "VAN-01".into(),
        certificate: frozen("server.pem"),
        authority: frozen("authority.pem"),
        server_signing_key: "ab".repeat(32),
        server_sealing_key: "cd".repeat(32),
        server_time_ms: 1_795_435_200_000,
        epoch: 1,
        staff: id.into(),
        staff_name: "Ana Núñez-Sample".into(),
        staff_role: "nurse".into(),
    };
    let key = frozen("server.key");
    let seed = serde_json::to_vec(&answer).expect("plain text");
    let short = EnrolAnswer { certificate: "-----".into(), authority: String::new(), ..answer };
    let seeds = vec![seed, serde_json::to_vec(&short).expect("plain text")];
    run("enrol-answer", seeds, |bytes| {
        let Ok(answer) = serde_json::from_slice::<EnrolAnswer>(bytes) else { return };
        let _ =
            (answer.device.parse::<DeviceId>(), answer.van.parse::<VanId>(), answer.staff.parse::<StaffId>());
        let identity = Identity {
            authority: answer.authority,
            certificate: answer.certificate,
            certificate_key: key.clone(),
            ..tests::plain::identity(answer.number, None)
        };
        let _ = HttpTransport::enrolled(&identity, Some(Timestamp::from_milliseconds(answer.server_time_ms)));
    });
}

#[test]
fn answers_to_renew() {
    let certificate = fs::read_to_string(fixtures().join("v1/server-v1/server.pem")).expect("a frozen file");
    let seed = serde_json::to_vec(&RenewAnswer { certificate }).expect("plain text");
    run("renew-answer", vec![seed], |bytes| {
        let Ok(answer) = serde_json::from_slice::<RenewAnswer>(bytes) else { return };
        let again = serde_json::to_vec(&answer).expect("plain text");
        let again: RenewAnswer = serde_json::from_slice(&again).expect("it reads");
        assert_eq!(again.certificate, answer.certificate);
    });
}

fn a_tablets_request() -> String {
    fs::read_to_string(fixtures().join("a-tablet.pem")).expect("a frozen file")
}

/// What is signed names nobody but a device of ours, whatever the request says.
#[test]
fn certificate_requests() {
    let authority = Authority::make(Timestamp::from_milliseconds(0)).expect("an authority");
    let now = Timestamp::from_milliseconds(1_763_900_000_000);
    run("certificate-request", vec![a_tablets_request().into_bytes()], |bytes| {
        let Ok(made) = authority.device(&text(bytes), now) else { return };
        assert!(made.expires_at > now && made.pem.starts_with("-----BEGIN CERTIFICATE-----"));
    });
}

/// Whatever a client shows, only what this server's authority signed for a client is a device's.
#[test]
fn certificates_shown() {
    let now = Timestamp::from_milliseconds(1_763_900_000_000);
    let authority = Authority::make(now).expect("an authority");
    let server = authority.server(&["127.0.0.1".to_owned()], now).expect("a certificate");
    let (_, check) = server_config(&authority, &server).expect("settings");
    let ours = authority.device(&a_tablets_request(), now).expect("signed").pem;
    let der = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate").to_vec();
    let (ours, servers) = (der(&ours), der(&server.certificate));
    let identify = |bytes: &[u8]| check.identify(Some(&[CertificateDer::from(bytes.to_vec())]));
    assert!(matches!(identify(&ours), DeviceIdentity::Certificate(_)), "it is known");
    assert!(matches!(identify(&servers), DeviceIdentity::Foreign), "a server is no client");
    assert!(matches!(check.identify(None), DeviceIdentity::Anonymous));
    run("certificate", vec![ours.clone(), servers.clone()], |bytes| match identify(bytes) {
        DeviceIdentity::Certificate(_) => assert_eq!(bytes, ours, "nobody makes a signature by chance"),
        DeviceIdentity::Foreign => {}
        DeviceIdentity::Anonymous | DeviceIdentity::Device(_) => panic!("a certificate was shown"),
    });
}
