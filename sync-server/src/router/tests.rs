//! Who is no device of this server keeps no device from its seat, however slowly it sends.

use crate::auth::DeviceIdentity;
use crate::server::Server;
use crate::service::{ENROLMENT_PLACES, SEATS};
use crate::testing::{VAN, World, problem, record};
use shared::protocol::ProblemCode;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Enough to test with.
const SEATS_LEFT: usize = 2;

/// A stranger's request whose body begins and never ends.
async fn slow(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: server\r\nconnection: close\r\ncontent-length: 1000\r\n\r\n{{"
    );
    stream.write_all(request.as_bytes()).await.expect("written");
    stream
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to it: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_send_slowly_leave_the_vans_their_seats() {
    let world = World::new().await;
    let mut device = world.device(VAN).await;
    let (seats, places) = (&world.service.seats, &world.service.enrolment_places);
    seats.forget_permits(SEATS - SEATS_LEFT);
    let listen = ([127, 0, 0, 1], 0).into();
    let server = Server::start_plain(world.service.clone(), &[], listen).await.expect("a server");
    let mut held = Vec::new();
    for path in ["/v1/enrol", "/v1/sync/push", "/v1/sync/pull", "/v1/renew"] {
        for _ in 0..ENROLMENT_PLACES {
            held.push(slow(server.address, path).await);
        }
    }
    until("strangers hold every place of enrolment", || places.available_permits() == 0).await;
    assert_eq!(seats.available_permits(), SEATS_LEFT);
    device.edit(record(1), &[(1, "Sample")]);
    world.push(&mut device).await.expect("a seat");
    world.pull_page(&device).await.expect("a seat");
    let enrol = async || problem(&world.post(DeviceIdentity::Anonymous, "/v1/enrol", b"{}".to_vec()).await.1);
    assert_eq!(enrol().await.code, ProblemCode::Busy, "in words");

    let mut answer = String::new();
    held[0].read_to_string(&mut answer).await.expect("an answer, and the end");
    assert!(answer.contains("HTTP/1.1 400") && answer.contains("did not come whole"), "{answer}");
    until("the places are free again", || places.available_permits() == ENROLMENT_PLACES).await;
    assert_eq!(enrol().await.code, ProblemCode::Malformed);
    server.shutdown().await;
}
