//! A real server on a real socket: TLS, enrolment, credentials, and a shutdown that loses nothing.

use crate::device::{make_code, revoke};
use crate::hexadecimal;
use crate::import::{self, ImportOptions};
use crate::planner::ImportKind;
use crate::platform::{Clock, SystemClock};
use crate::{NewServer, RunningServer, Server, Settings};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use reqwest::Client;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use shared::ids::{DeviceNumber, RegionId};
use shared::protocol::{
    EnrolAnswer, EnrolRequest, EnrolmentCode, Problem, ProblemCode, PullPage, PullRequest, Standing,
};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn server(folder: &std::path::Path) -> RunningServer {
    let new = NewServer {
        region: RegionId(1),
        names: vec!["localhost".into(), "127.0.0.1".into()],
        listen: "127.0.0.1:0".parse().expect("an address"),
    };
    let data = folder.join("server");
    let settings = Settings::init(&data, new, SystemClock.now()).await.expect("a folder");
    assert!(
        Settings::init(&data, NewServer { names: vec![], ..new_like(&settings) }, SystemClock.now())
            .await
            .is_err()
    );
    let server = Server::start(settings).await.expect("a server");
    for (kind, file) in [
        (ImportKind::Staff, "code,name,role\nS-1,Avery Sample,nurse\n"),
        (
            ImportKind::Employers,
            "code,name,fee_payer,fee_cents,valid_from,valid_to\nSSW-1,Steel,plan,0,2026-01-01,\n",
        ),
        (
            ImportKind::Schedule,
            "region,date,van,stop_order,site_code,site_name,employer_code,employer_name,address,city,state,\
             postal_code,time_zone,arrive,depart,crew\n\
             here,2026-11-23,VAN-01,1,STEEL-1,Gate,SSW-1,Steel,1 Road,Town,MA,01234,America/New_York,06:00,10:00,S-1\n",
        ),
    ] {
        let report =
            import::run(&server.service, kind, file.into(), ImportOptions::default()).await.expect("a store");
        assert!(report.is_written, "{report}");
    }
    server
}

fn new_like(settings: &Settings) -> NewServer {
    NewServer { region: settings.region, names: settings.names.clone(), listen: settings.listen }
}

/// A client that trusts the authority of `server`, with or without a certificate of its own.
fn client(server: &RunningServer, own: Option<(&str, &KeyPair)>) -> Client {
    speaking(server, own, &[])
}

/// The same over one of these protocols, as ALPN names them.
fn speaking(server: &RunningServer, own: Option<(&str, &KeyPair)>, protocols: &[&[u8]]) -> Client {
    let mut roots = RootCertStore::empty();
    let authority = &server.service.keys.authority.0.certificate;
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).expect("PEM")).expect("an authority");
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(roots);
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
            let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).expect("PEM");
            builder.with_client_auth_cert(vec![certificate], key).expect("a pair")
        }
    };
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Client::builder().tls_backend_preconfigured(config).no_proxy().build().expect("a client")
}

/// reqwest asks for some TLS even where none is used.
fn client_without_tls() -> Client {
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(config).no_proxy().build().expect("a client")
}

async fn enrol(server: &RunningServer, code: &EnrolmentCode, key: &KeyPair) -> EnrolAnswer {
    let request = CertificateParams::new(vec![]).expect("names").serialize_request(key).expect("a request");
    let request = EnrolRequest {
        secret: hexadecimal::encode(&code.secret),
        certificate_request: request.pem().expect("text"),
        signing_key: hexadecimal::encode(
            ed25519_dalek::SigningKey::from_bytes(&[4; 32]).verifying_key().as_bytes(),
        ),
        label: "tablet".into(),
    };
    let url = format!("https://{}/v1/enrol", code.server);
    let body = serde_json::to_vec(&request).expect("text");
    let answer = client(server, None).post(url).body(body).send().await.expect("an answer");
    serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("an enrolment")
}

async fn pull(server: &RunningServer, client: &Client) -> Result<PullPage, Problem> {
    let url = format!("https://{}/v1/sync/pull", server.address);
    let answer = client.post(url).body(PullRequest::default().write()).send().await.expect("an answer");
    let is_good = answer.status().is_success();
    assert!(!answer.headers().contains_key("date"));
    let body = answer.bytes().await.expect("a body");
    if is_good {
        Ok(PullPage::read(&body).expect("a page"))
    } else {
        Err(serde_json::from_slice(&body).expect("a problem"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_enrols_over_tls_syncs_and_is_revoked() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = server(folder.path()).await;
    let address = server.address.to_string();
    assert!(make_code(&server.service, "VAN-99", "S-1", &address).await.is_err());
    assert!(make_code(&server.service, "VAN-01", "S-99", &address).await.is_err());
    assert!(make_code(&server.service, "VAN-01", "S-1", "nowhere").await.is_err());
    let code = make_code(&server.service, "van-01", "S-1", &address).await.expect("a code");
    let code: EnrolmentCode = code.to_string().parse().expect("as it is shown");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
    let answer = enrol(&server, &code, &key).await;
    assert_eq!((answer.van_code.as_str(), answer.staff_name.as_str()), ("VAN-01", "Avery Sample"));
    assert_eq!(answer.staff_role, "nurse");

    let own = client(&server, Some((&answer.certificate, &key)));
    let page = pull(&server, &own).await.expect("a page");
    assert_eq!(page.standing, Standing::Active);
    assert!(!page.states.is_empty());
    let nobody = pull(&server, &client(&server, None)).await.expect_err("no certificate");
    assert_eq!(nobody.code, ProblemCode::Unknown);
    let foreign =
        CertificateParams::new(vec!["x".into()]).expect("names").self_signed(&key).expect("signed").pem();
    let foreign =
        pull(&server, &client(&server, Some((&foreign, &key)))).await.expect_err("another authority's");
    assert_eq!(foreign.code, ProblemCode::Unknown);

    revoke(&server.service, DeviceNumber(answer.number)).await.expect("revoked");
    assert_eq!(pull(&server, &own).await.expect_err("revoked").code, ProblemCode::Revoked);
    server.shutdown().await;
}

/// A push that no flow-control window holds whole: its sender is in the middle of it when the answer is known.
const LARGE_PUSH_BYTES: usize = 3 << 20;

async fn push_large(server: &RunningServer, client: &Client) -> (reqwest::Version, Problem) {
    let url = format!("https://{}{}", server.address, crate::router::PUSH_PATH);
    let answer = client.post(url).body(vec![7; LARGE_PUSH_BYTES]).send().await.expect("an answer");
    let version = answer.version();
    (version, serde_json::from_slice(&answer.bytes().await.expect("a whole answer")).expect("a problem"))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_refused_in_the_middle_of_a_large_push_hears_why_over_either_protocol() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = server(folder.path()).await;
    let code =
        make_code(&server.service, "VAN-01", "S-1", &server.address.to_string()).await.expect("a code");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
    let answer = enrol(&server, &code, &key).await;
    revoke(&server.service, DeviceNumber(answer.number)).await.expect("revoked");
    let own = Some((answer.certificate.as_str(), &key));
    for (protocol, version) in
        [(&b"h2"[..], reqwest::Version::HTTP_2), (&b"http/1.1"[..], reqwest::Version::HTTP_11)]
    {
        for (own, code) in [(own, ProblemCode::Revoked), (None, ProblemCode::Unknown)] {
            let (spoken, problem) = push_large(&server, &speaking(&server, own, &[protocol])).await;
            assert_eq!((spoken, problem.code), (version, code));
        }
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_never_ends_delays_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = server(folder.path()).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(tokio::net::TcpStream::connect(server.address).await.expect("a connection"));
    }
    let mut rude = tokio::net::TcpStream::connect(server.address).await.expect("a connection");
    rude.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("sent");
    let url = format!("https://{}/healthz", server.address);
    let answer = client(&server, None).get(url).send().await.expect("an answer");
    assert_eq!(answer.text().await.expect("a body"), "ok");
    let mut answer = Vec::new();
    rude.read_to_end(&mut answer).await.expect("an end");
    drop(silent);
    server.shutdown().await;
}

/// Tablets with a clock that is years off must still trust the server and be trusted.
#[test]
fn certificates_begin_years_before_any_tablet() {
    let now = SystemClock.now();
    let authority = super::Authority::make(now).expect("an authority");
    let server = authority.server(&["localhost".into()], now).expect("a certificate");
    for pem in [&authority.0.certificate, &server.certificate] {
        let params = rcgen::Issuer::from_ca_cert_pem(pem, KeyPair::generate().expect("a key"));
        assert!(params.is_ok());
    }
    assert!(super::server_config(&authority, &server).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tls_a_device_is_named_by_its_path() {
    let world = crate::testing::World::new().await;
    world.plan(crate::testing::VAN, crate::testing::SITE, "2026-11-23").await;
    let device = world.device(crate::testing::VAN).await;
    let listen = "127.0.0.1:0".parse().expect("an address");
    let server =
        Server::start_plain(world.service.clone(), &[device.row.number], listen).await.expect("a server");
    let client = client_without_tls();
    let ask = async |path: String| {
        let url = format!("http://{}{path}", server.address);
        client
            .post(url)
            .body(PullRequest::default().write())
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    };
    assert_eq!(ask(format!("/{}/v1/sync/pull", device.row.number)).await, 200);
    assert_eq!(ask("/77/v1/sync/pull".into()).await, 404);
    assert_eq!(ask("/v1/sync/pull".into()).await, 401);
    assert_eq!(ask("/v1/enrol".into()).await, 400);
    server.shutdown().await;
}
