//! What is kept of refused batches is named and bounded: a hostile van cannot fill the server's disk with it.

use super::forge::{FORGED, Hostile};
use super::{World, noise};
use shared::compress;
use shared::protocol::{ProblemCode, limits};
use tests::plain::{BUCKET, FIRST_DEVICE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Whether or not its sender says how long it is.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_body_over_the_limit_its_size_and_its_beginning_are_kept_and_no_more() {
    let mut world = World::new().await;
    let size = limits::REQUEST_BYTES_MAX * 2;
    let body = FORGED.repeat(size / FORGED.len()).into_bytes();
    let length = body.len();
    let problem = world.post(body.clone()).await.expect_err("too large");
    assert_eq!(problem.code, ProblemCode::TooLarge);
    assert_eq!(world.evidence().await, [(format!("too-large: {length} bytes"), 4096)]);
    // In pieces, without a length.
    let mut request = format!(
        "POST /{FIRST_DEVICE}/v1/sync/push HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\
         transfer-encoding: chunked\r\n\r\n"
    )
    .into_bytes();
    for piece in body.chunks(65_536) {
        request.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        request.extend(piece);
        request.extend(b"\r\n");
    }
    request.extend(b"0\r\n\r\n");
    let mut stream = TcpStream::connect(world.server.address).await.expect("connected");
    stream.write_all(&request).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer, and the end");
    assert!(answer.contains("HTTP/1.1 413"), "{answer}");
    let told = format!("too-large: more than {} bytes", limits::REQUEST_BYTES_MAX);
    assert_eq!(world.evidence().await.last(), Some(&(told, 4096)));
    world.honest("bodies over the limit").await;
    world.end("after bodies over the limit").await;
}

/// Of a batch whose place in the chain is wrong the beginning says whose it is; again and again is no more than a few.
#[tokio::test(flavor = "multi_thread")]
async fn gaps_are_named_with_what_is_held_and_a_thousand_of_them_are_sixteen() {
    let mut world = World::new().await;
    world.honest("nothing").await;
    for at in 0..40 {
        let far = world.hostile.invented(1_000 + at);
        let change = Hostile::envelope(1_001 + at, &BUCKET.to_string(), &noise(100_000));
        let frame = compress::compress(&world.hostile.batch_after(far, &[change]));
        assert_eq!(world.post(frame).await.expect_err("a gap").code, ProblemCode::Gap);
    }
    assert_eq!(world.evidence().await, vec![("gap: 1 changes are held".to_owned(), 4096); 16]);
    world.honest("gaps").await;
    world.end("after gaps").await;
}
