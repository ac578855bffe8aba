//! Requests whose length lies, written to the socket by hand: nothing of them comes in.

use super::World;
use super::forge::forged;
use shared::ids::DeviceNumber;
use shared::merge::Clock;
use std::time::Duration;
use tests::plain::{BUCKET, FIRST_DEVICE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Writes to a socket what it likes and reads what comes until the server closes or is silent.
async fn raw(world: &World, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(world.server.address).await.expect("connected");
    stream.write_all(request).await.expect("written");
    stream.shutdown().await.expect("half closed");
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("an end").ok();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn lengths_that_lie_bring_nothing_in() {
    let mut world = World::new().await;
    world.honest("nothing").await;
    let forged_change = world.hostile.change(BUCKET, vec![forged(Clock::default())]);
    let frame = world.hostile.frame(&[forged_change]);
    let head = |length: usize| {
        format!(
            "POST /{FIRST_DEVICE}/v1/sync/push HTTP/1.1\r\nhost: server\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let held = world.hostile.head;
    let cut = [head(frame.len()).as_bytes(), &frame[..frame.len() - 9]].concat();
    let long = [head(frame.len() + 50).as_bytes(), &frame].concat();
    let short = [head(frame.len() - 20).as_bytes(), &frame].concat();
    let both = format!(
        "POST /{FIRST_DEVICE}/v1/sync/push HTTP/1.1\r\nhost: server\r\ncontent-length: 5\r\n\
         transfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    );
    let two = format!(
        "POST /{FIRST_DEVICE}/v1/sync/push HTTP/1.1\r\nhost: server\r\ncontent-length: 5\r\ncontent-length: 9\r\n\r\nforged"
    );
    for (what, request) in [
        ("a body that was cut", cut),
        ("a length that is too long", long),
        ("a length that is too short", short),
        ("a length beside chunks", both.into_bytes()),
        ("two lengths", two.into_bytes()),
        (
            "a length that is no number",
            b"POST /2/v1/sync/push HTTP/1.1\r\ncontent-length: x\r\n\r\n".to_vec(),
        ),
    ] {
        let answer = raw(&world, &request).await;
        assert!(!answer.contains("HTTP/1.1 200"), "{what}: {answer}");
        let chain = world.server.service.store.chain(DeviceNumber(FIRST_DEVICE)).await.expect("read");
        assert_eq!(chain.expect("a chain").head, held, "{what}");
    }
    world.honest("lengths that lie").await;
    world.end("after lengths that lie").await;
}
