//! Who gets in: codes, credentials and every refusal at the door, with its code, status and content type.

use crate::auth::DeviceIdentity;
use crate::enrol::secret_hash;
use crate::hexadecimal;
use crate::store::{DeviceStatus, Enrolment, Store};
use crate::testing::{SITE, STAFF, VAN, World, problem, record};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use shared::ids::DeviceNumber;
use shared::protocol::{
    EnrolAnswer, EnrolRequest, ProblemCode, PullPage, PullRequest, RenewAnswer, RenewRequest,
};

const SECRET: [u8; 16] = [0x5e; 16];

async fn with_code() -> World {
    let world = World::new().await;
    let expires_at = crate::platform::Clock::now(world.clock.as_ref()).plus_milliseconds(600_000);
    let secret_hash = secret_hash(&SECRET);
    let code = Enrolment { secret_hash, expires_at, used_at: None, van: VAN, staff: STAFF };
    world.store.add_enrolment(code).await.expect("a code");
    world
}

fn request(secret: &[u8; 16]) -> EnrolRequest {
    let key = KeyPair::generate().expect("a key");
    let certificate_request =
        CertificateParams::new(vec![]).expect("names").serialize_request(&key).expect("a request");
    let signing = ed25519_dalek::SigningKey::from_bytes(&[4; 32]);
    EnrolRequest {
        secret: hexadecimal::encode(secret),
        certificate_request: certificate_request.pem().expect("text"),
        signing_key: hexadecimal::encode(signing.verifying_key().as_bytes()),
        label: "tablet\u{7} in the rack".into(),
    }
}

async fn enrol(world: &World, request: &EnrolRequest) -> (StatusCode, Vec<u8>) {
    let body = serde_json::to_vec(request).expect("text");
    world.post(DeviceIdentity::Anonymous, "/v1/enrol", body).await
}

#[tokio::test]
async fn a_code_makes_one_device_and_no_second() {
    let world = with_code().await;
    let (status, body) = enrol(&world, &request(&SECRET)).await;
    assert_eq!(status, StatusCode::OK);
    let answer: EnrolAnswer = serde_json::from_slice(&body).expect("an answer");
    assert_eq!((answer.number, answer.region, answer.epoch), (2, 1, 1));
    assert_eq!(answer.van, VAN.to_string());
    let device = world.store.device(DeviceNumber(2)).await.expect("it").expect("it");
    assert_eq!((device.label.as_str(), device.id.to_string()), ("tablet in the rack", answer.device));
    let (status, body) = enrol(&world, &request(&SECRET)).await;
    assert_eq!((status, problem(&body).code), (StatusCode::FORBIDDEN, ProblemCode::EnrolmentCode));
}

#[tokio::test]
async fn wrong_and_old_codes_are_refused_and_a_bad_request_does_not_use_a_code_up() {
    let world = with_code().await;
    let bad = |change: fn(&mut EnrolRequest)| {
        let mut request = request(&SECRET);
        change(&mut request);
        request
    };
    let cases = [
        (bad(|request| request.secret = hexadecimal::encode(&[1; 16])), ProblemCode::EnrolmentCode),
        (bad(|request| request.secret = "short".into()), ProblemCode::EnrolmentCode),
        (bad(|request| request.certificate_request = "no PEM".into()), ProblemCode::Malformed),
        (bad(|request| request.signing_key = "00".into()), ProblemCode::Malformed),
        (bad(|request| request.signing_key = "02".to_owned() + &"00".repeat(31)), ProblemCode::Malformed),
    ];
    for (request, code) in cases {
        let (_, body) = enrol(&world, &request).await;
        assert_eq!(problem(&body).code, code);
    }
    let (_, body) = world.post(DeviceIdentity::Anonymous, "/v1/enrol", b"{".to_vec()).await;
    assert_eq!(problem(&body).code, ProblemCode::Malformed);
    let (status, body) = world.post(DeviceIdentity::Anonymous, "/v1/enrol", vec![b' '; 16 * 1024 + 1]).await;
    assert_eq!((status, problem(&body).code), (StatusCode::PAYLOAD_TOO_LARGE, ProblemCode::TooLarge));
    assert_eq!(world.store.devices().await.expect("devices").len(), 1);
    world.advance(600_001);
    let (_, body) = enrol(&world, &request(&SECRET)).await;
    assert_eq!(problem(&body).code, ProblemCode::EnrolmentCode);
    world.advance(-2);
    assert_eq!(enrol(&world, &request(&SECRET)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn every_refusal_at_the_door_is_a_problem() {
    let world = World::new().await;
    let device = world.device(VAN).await;
    let pull = PullRequest::default().write();
    let cases = [
        (DeviceIdentity::Anonymous, ProblemCode::Unknown, 401),
        (DeviceIdentity::Foreign, ProblemCode::Unknown, 401),
        (DeviceIdentity::Certificate([99; 32]), ProblemCode::Unknown, 401),
        (DeviceIdentity::Device(DeviceNumber(99)), ProblemCode::Unknown, 401),
    ];
    for (identity, code, status) in cases {
        for path in ["/v1/sync/pull", "/v1/sync/push"] {
            let (_, body) = world.post(identity, path, pull.clone()).await;
            assert_eq!((problem(&body).code, problem(&body).status), (code, status));
        }
    }
    let known = DeviceIdentity::Certificate([device.row.number.0 as u8; 32]);
    assert_eq!(world.post(known, "/v1/sync/pull", pull.clone()).await.0, StatusCode::OK);

    for (method, path, status) in [(Method::GET, "/v1/nothing", 404), (Method::GET, "/v1/sync/push", 405)] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
        let (given, headers, body) = world.request(DeviceIdentity::Anonymous, request).await;
        assert_eq!((given.as_u16(), problem(&body).code), (status, ProblemCode::NotFound));
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
    }
    for path in ["/healthz", "/readyz"] {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        assert_eq!(world.request(DeviceIdentity::Anonymous, request).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_revocation_holds_from_the_next_request_on() {
    let world = World::new().await;
    world.plan(VAN, SITE, "2026-11-23").await;
    let mut device = world.device(VAN).await;
    device.edit(record(1), &[(1, "Sample")]);
    world.push(&mut device).await.expect("not yet");
    world.store.set_device_status(device.row.number, DeviceStatus::Revoked).await.expect("revoked");
    device.edit(record(2), &[(1, "Sample")]);
    let refused = world.push(&mut device).await.expect_err("revoked");
    assert_eq!((refused.code, refused.status), (ProblemCode::Revoked, 403));
    assert_eq!(world.pull_page(&device).await.expect_err("revoked").code, ProblemCode::Revoked);
}

#[tokio::test]
async fn a_certificate_ends_by_the_servers_clock() {
    let world = World::new().await;
    let device = world.device(VAN).await;
    let shown = DeviceIdentity::Certificate([device.row.number.0 as u8; 32]);
    let pull = async || world.post(shown, "/v1/sync/pull", PullRequest::default().write()).await;
    assert_eq!(pull().await.0, StatusCode::OK);
    world.advance(366 * 86_400_000);
    let (status, body) = pull().await;
    let refused = problem(&body);
    assert_eq!((refused.code, status.as_u16()), (ProblemCode::Unknown, 401));
    assert!(refused.title.contains("certificate has ended"), "{}", refused.title);
}

#[tokio::test]
async fn more_than_can_be_worked_on_is_told_to_come_back() {
    let world = World::new().await;
    let device = world.device(VAN).await;
    let all = world.service.turns.acquire_many(64).await.expect("every place");
    let request =
        Request::post("/v1/sync/pull").body(Body::from(PullRequest::default().write())).expect("a request");
    let (status, headers, body) = world.request(device.identity(), request).await;
    assert_eq!((status, problem(&body).code), (StatusCode::SERVICE_UNAVAILABLE, ProblemCode::Busy));
    assert_eq!(headers[header::RETRY_AFTER], "5");
    assert!(problem(&body).detail.contains("come back in 5 seconds"), "in words too");
    drop(all);
    world.pull_page(&device).await.expect("a place again");
}

#[tokio::test]
async fn a_device_that_is_to_erase_itself_still_brings_what_it_captured_and_gets_nothing() {
    let world = World::new().await;
    world.plan(VAN, SITE, "2026-11-23").await;
    let mut device = world.device(VAN).await;
    device.edit(record(1), &[(1, "Sample")]);
    world.push(&mut device).await.expect("not yet");
    crate::device::wipe(&world.service, device.row.number).await.expect("ordered");
    device.edit(record(2), &[(1, "captured before the order was heard")]);
    let number = device.row.number;
    let row = async || world.store.device(number).await.expect("read").expect("there");
    assert_eq!((row().await.status, row().await.wipe_told_at), (DeviceStatus::Revoked, None));

    world.advance(400 * 86_400_000);
    world.push(&mut device).await.expect("work comes up, whatever the age of the certificate");
    let (status, body) = world.post(device.identity(), "/v1/sync/pull", PullRequest::default().write()).await;
    let told = problem(&body);
    assert_eq!(
        (status.as_u16(), told.code, told.acknowledged, told.wipe),
        (403, ProblemCode::Revoked, Some(2), true)
    );
    let json: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(json["code"], "revoked", "a device that does not know the order is refused as revoked");
    assert_eq!(world.post(device.identity(), "/v1/renew", vec![]).await.0, StatusCode::FORBIDDEN);
    assert!(row().await.wipe_told_at.is_some());
    world.fold().await;
    assert!(world.record(record(2)).await.is_some());

    crate::device::revoke(&world.service, device.row.number).await.expect("revoked");
    assert!(world.pull_page(&device).await.expect_err("still").wipe, "revoking does not take the order back");
    world.store.set_device_status(device.row.number, DeviceStatus::Active).await.expect("trusted again");
    assert_eq!(row().await.wipe_ordered_at, None);
}

#[tokio::test]
async fn a_copy_that_is_to_be_erased_delivers_its_branch_and_hears_the_order() {
    let world = World::new().await;
    world.plan(VAN, SITE, "2026-11-23").await;
    let mut device = world.device(VAN).await;
    device.edit(record(1), &[(1, "both")]);
    world.push(&mut device).await.expect("held");
    let mut copy = device.clone();
    device.edit(record(2), &[(1, "original")]);
    copy.edit(record(3), &[(1, "copy")]);
    world.push(&mut device).await.expect("the original");
    crate::device::wipe(&world.service, device.row.number).await.expect("ordered");
    let told = world.push(&mut copy).await.expect_err("a fork");
    assert_eq!((told.code, told.acknowledged, told.wipe), (ProblemCode::Fork, Some(2), true));
    world.fold().await;
    assert!(world.record(record(3)).await.is_some(), "nothing that the copy captured is lost");
}

fn next_request() -> (rcgen::KeyPair, Vec<u8>) {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
    let request = CertificateParams::new(vec![]).expect("names").serialize_request(&key).expect("a request");
    let request = RenewRequest { certificate_request: request.pem().expect("text") };
    (key, serde_json::to_vec(&request).expect("text"))
}

#[tokio::test]
async fn a_certificate_is_followed_by_the_next_one_before_it_ends() {
    let world = World::new().await;
    let device = world.device(VAN).await;
    let first = DeviceIdentity::Certificate([device.row.number.0 as u8; 32]);
    let pull = async |identity| {
        let (status, body) = world.post(identity, "/v1/sync/pull", PullRequest::default().write()).await;
        (status == StatusCode::OK).then(|| PullPage::read(&body).expect("a page").renew_certificate)
    };
    assert_eq!(pull(first).await, Some(false));
    world.advance(300 * 86_400_000);
    assert_eq!(pull(first).await, Some(true), "it ends in 65 days");
    let renew = async |identity| -> DeviceIdentity {
        let (status, body) = world.post(identity, "/v1/renew", next_request().1).await;
        assert_eq!(status, StatusCode::OK);
        let answer: RenewAnswer = serde_json::from_slice(&body).expect("an answer");
        let der = CertificateDer::from_pem_slice(answer.certificate.as_bytes()).expect("PEM");
        DeviceIdentity::Certificate(crate::tls::fingerprint(&der))
    };
    let lost = renew(first).await;
    let next = renew(first).await;
    assert_eq!(pull(lost).await, None, "an answer that was lost leaves nothing behind");
    assert_eq!((pull(first).await, pull(next).await), (Some(true), Some(false)));
    world.advance(100 * 86_400_000);
    assert_eq!((pull(first).await, pull(next).await), (None, Some(false)));
    world.advance(300 * 86_400_000);
    assert_eq!(pull(next).await, None, "it ended while the van was parked");
    crate::device::extend(&world.service, device.row.number, 14).await.expect("extended");
    assert_eq!(pull(next).await, Some(true));
    let last = renew(next).await;
    assert_eq!((pull(next).await, pull(last).await), (Some(true), Some(false)));
    let (_, body) = world.post(next, "/v1/renew", b"{}".to_vec()).await;
    assert_eq!(problem(&body).code, ProblemCode::Malformed);
    assert_eq!(
        world.post(DeviceIdentity::Anonymous, "/v1/renew", next_request().1).await.0,
        StatusCode::UNAUTHORIZED
    );
}
