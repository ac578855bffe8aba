//! What comes before a device is known, or makes it known anew: requests to enrol, and for a certificate.

use super::mutate::run;
use shared::protocol::{EnrolRequest, RenewRequest};
use shared::time::Timestamp;
use sync_server::tls::Authority;

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

/// What is signed names nobody but a device of ours, whatever the request says. Its seed is kept in the corpus.
#[test]
fn certificate_requests() {
    let authority = Authority::make(Timestamp::from_milliseconds(0)).expect("an authority");
    let now = Timestamp::from_milliseconds(1_763_900_000_000);
    run("certificate-request", vec![], |bytes| {
        let Ok(made) = authority.device(&text(bytes), now) else { return };
        assert!(made.expires_at > now && made.pem.starts_with("-----BEGIN CERTIFICATE-----"));
    });
}
