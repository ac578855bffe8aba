//! A hostile van: a device with a real credential sends what it likes to a real server. Nothing forged is merged
//! anywhere, each try is named, and honest changes before and after all arrive.

mod forge;
mod kept;
mod lengths;

use app::store::{RecordReads, Store};
use forge::{FORGED, Hostile, clock, fact, forged, members, named, nest, record, wide};
use shared::change::{Batch, Bucket, Head};
use shared::compress;
use shared::domain::route::Van;
use shared::ids::{DeviceNumber, RecordId, RegionId, Sequence, SiteId, VanId};
use shared::merge::Clock;
use shared::protocol::{Problem, ProblemCode, PushAnswer, limits};
use shared::record::Value;
use std::time::{Duration, Instant};
use sync_server::{RunningServer, Settings, upkeep};
use tests::plain::{self, BUCKET, FIRST_DEVICE};

const WITNESS: u32 = FIRST_DEVICE + 1;

struct World {
    folder: tempfile::TempDir,
    server: RunningServer,
    client: reqwest::Client,
    hostile: Hostile,
    /// Whom honest changes registered.
    people: Vec<RecordId>,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let listen = ([127, 0, 0, 1], 0).into();
        let server = plain::serve(&folder.path().join("server"), 3, listen).await.expect("a server");
        drop(app::sync::HttpTransport::plain(""));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let hostile = Hostile::new(FIRST_DEVICE);
        Self { folder, server, client, hostile, people: Vec::new() }
    }

    async fn post(&self, body: Vec<u8>) -> Result<PushAnswer, Problem> {
        let url = format!("http://{}/{FIRST_DEVICE}/v1/sync/push", self.server.address);
        let answer = self.client.post(url).body(body).send().await.expect("an answer");
        let is_good = answer.status().is_success();
        let body = answer.bytes().await.expect("a body");
        match is_good {
            true => Ok(PushAnswer::read(&body).expect("an acknowledgement")),
            false => Err(serde_json::from_slice(&body).expect("a problem")),
        }
    }

    /// The next change goes through, whatever was tried before.
    async fn honest(&mut self, after: &str) {
        let (change, person) = self.hostile.honest();
        let answer = self.post(self.hostile.frame(std::slice::from_ref(&change))).await;
        self.hostile.took(&change);
        assert_eq!(answer.expect(after).acknowledged, self.hostile.head, "after {after}");
        self.people.push(person);
    }

    /// What `quarantine refused` lists: the reasons, and how many bytes are kept of each.
    async fn evidence(&self) -> Vec<(String, u64)> {
        let rows = sync_server::quarantine::refused(&self.server.service).await.expect("read");
        rows.into_iter().map(|row| (row.reason, row.bytes)).collect()
    }

    fn device(&self, number: u32) -> Store {
        let path = self.folder.path().join(format!("device-{number}.db"));
        plain::device(&path, number, Some(plain::server_key(&self.server))).expect("a device")
    }

    /// Another device of the van sees every honest person and nothing forged, and so does the server.
    async fn end(self, unharmed: &str) {
        let base = format!("http://{}", self.server.address);
        let report = crate::stories::sync_at(self.device(WITNESS), &base, WITNESS).await;
        assert!(report.settled_at.is_some(), "{unharmed}: {report:?}");
        let store = self.device(WITNESS);
        for person in &self.people {
            assert!(store.state(*person).expect("read").is_some(), "{unharmed}: {person}");
        }
        for (id, state) in store.every_state().expect("all") {
            assert!(!holds(&state, FORGED), "{unharmed}: {id} holds what was forged");
        }
        let merged =
            self.server.service.store.records((200..=203).map(record).collect()).await.expect("read");
        assert!(merged.is_empty(), "{unharmed}: {:?}", merged.keys());
        let settings = Settings::load(&self.folder.path().join("server")).expect("settings");
        assert_eq!(upkeep::check_rebuild(&settings).await.expect("compared"), [], "{unharmed}");
    }
}

fn holds(state: &[u8], text: &str) -> bool {
    state.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Bytes that do not shrink.
fn noise(length: u32) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

struct Refused {
    what: &'static str,
    body: Vec<u8>,
    code: ProblemCode,
    /// Under which name the bytes, or their beginning, are kept.
    evidence: &'static str,
}

fn refused(what: &'static str, body: Vec<u8>, code: ProblemCode, evidence: &'static str) -> Refused {
    Refused { what, body, code, evidence }
}

/// Batches of another device, or under a signature that does not fit.
fn false_names(van: &Hostile) -> Vec<Refused> {
    let good = van.change(BUCKET, vec![forged(Clock::default())]);
    let other = van.change(BUCKET, vec![named(record(203), FORGED, Clock::default())]);
    let another_device = Hostile::new(WITNESS);
    let key = plain::signing_key(WITNESS);
    let (id, number) = (plain::device_id(FIRST_DEVICE), DeviceNumber(FIRST_DEVICE));
    let with_another_key = Batch::seal(id, number, van.head, std::slice::from_ref(&good), &key).0;
    let with_another_number = Batch::seal(
        id,
        DeviceNumber(WITNESS),
        van.head,
        std::slice::from_ref(&good),
        &plain::signing_key(FIRST_DEVICE),
    )
    .0;
    let mut swapped = van.batch(std::slice::from_ref(&good));
    let at = swapped.len() - 64;
    let signature_of_other = van.batch(&[other]);
    swapped.truncate(at);
    swapped.extend_from_slice(&signature_of_other[signature_of_other.len() - 64..]);
    let mut altered = van.batch(&[good]);
    let place = altered.windows(FORGED.len()).position(|window| window == FORGED.as_bytes()).expect("it");
    altered[place] ^= 0x20;
    let (malformed, signature) = (ProblemCode::Malformed, ProblemCode::Signature);
    let pack = |batch: &[u8]| compress::compress(batch);
    vec![
        refused(
            "a batch of another device",
            another_device.frame(&[another_device.change(BUCKET, vec![forged(Clock::default())])]),
            malformed,
            "other-device",
        ),
        refused("another's number", pack(&with_another_number), malformed, "other-device"),
        refused("another's key", pack(&with_another_key), signature, "signature"),
        refused("a signature that fits another payload", pack(&swapped), signature, "signature"),
        refused("a payload altered after it was signed", pack(&altered), signature, "signature"),
    ]
}

/// Batches whose sequences do not follow.
fn false_places(van: &Hostile) -> Vec<Refused> {
    let at = |sequence: u64| Hostile::envelope(sequence, &BUCKET.to_string(), b"\x80");
    let next = van.head.sequence.0 + 1;
    let gap = van.batch_after(van.invented(next + 5), &[at(next + 6)]);
    let hole = van.batch(&[at(next), at(next + 2)]);
    let last = Sequence::LARGEST.0;
    let far = van.batch_after(van.invented(last - 1), &[at(last)]);
    let beyond = van.raw_batch(u64::MAX, 1, b"\x41\x80");
    let malformed = (ProblemCode::Malformed, "malformed");
    let of =
        |what, batch: Vec<u8>, (code, evidence)| refused(what, compress::compress(&batch), code, evidence);
    vec![
        of("a gap before the batch", gap, (ProblemCode::Gap, "gap")),
        of("the largest sequence there is", far, (ProblemCode::Gap, "gap")),
        of("a hole inside the batch", hole, malformed),
        of("a sequence that no chain reaches", beyond, malformed),
        of("change zero", van.raw_batch(0, 1, b"\x41\x80"), malformed),
        of("no change at all", van.raw_batch(next, 0, b""), malformed),
    ]
}

/// Bytes that are no batch, or too many.
fn false_bytes(van: &Hostile) -> Vec<Refused> {
    let good = van.frame(&[van.change(BUCKET, vec![forged(Clock::default())])]);
    let bomb = compress::compress(&vec![0; 64 << 20]);
    assert!(bomb.len() < 64 * 1024, "{} bytes become 64 MiB", bomb.len());
    let large_change = {
        let payload = vec![0; limits::CHANGE_BYTES_MAX];
        van.frame(&[Hostile::envelope(van.head.sequence.0 + 1, &BUCKET.to_string(), &payload)])
    };
    let too_much = noise(limits::REQUEST_BYTES_MAX as u32 + 1);
    let many = van.raw_batch(
        van.head.sequence.0 + 1,
        limits::CHANGES_A_BATCH_MAX + 1,
        &vec![0x40; limits::CHANGES_A_BATCH_MAX + 1],
    );
    let mut promises = van.raw_batch(1, 0, b"");
    let place = promises.len() - 67;
    promises.splice(place..=place, [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    let (malformed, large) = (ProblemCode::Malformed, ProblemCode::TooLarge);
    let kept = "malformed";
    vec![
        refused("nothing", vec![], malformed, kept),
        refused("bytes that are not compressed", b"forged forged forged".to_vec(), malformed, kept),
        refused("a frame that was cut", good[..good.len() / 2].to_vec(), malformed, kept),
        refused("a frame of noise", compress::compress(&noise(4096)), malformed, kept),
        refused("arrays in arrays", compress::compress(&nest(1_000_000)), malformed, kept),
        refused("a count of changes that is not there", compress::compress(&promises), malformed, kept),
        refused("more changes than a batch holds", compress::compress(&many), malformed, kept),
        refused("a decompression bomb", bomb, large, "too-large"),
        refused("a change that is too large", large_change, large, "too-large"),
        refused("a body that is too large", too_much, large, "too-large"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_batches_are_refused_whole_in_words_and_kept_as_evidence() {
    let mut world = World::new().await;
    world.honest("nothing").await;
    let tables: [fn(&Hostile) -> Vec<Refused>; 3] = [false_names, false_places, false_bytes];
    for table in tables {
        for at in 0..table(&world.hostile).len() {
            // Made anew each time: every honest change moves the head.
            let Refused { what, body, code, evidence } = table(&world.hostile).swap_remove(at);
            let begun = Instant::now();
            let problem = world.post(body).await.expect_err(what);
            assert_eq!(problem.code, code, "{what}: {problem:?}");
            assert!(!problem.title.is_empty() && begun.elapsed() < Duration::from_secs(10), "{what}");
            // The oldest of a device make room, so that what is kept stays small.
            let kept = world.evidence().await;
            assert!(kept.last().is_some_and(|(reason, _)| reason.starts_with(evidence)), "{what}: {kept:?}");
            assert!(kept.len() <= 16, "{what}: {} rows", kept.len());
            if code == ProblemCode::Gap {
                assert_eq!(problem.acknowledged, Some(world.hostile.head.sequence.0), "{what}");
            }
            world.honest(what).await;
        }
    }
    assert_eq!(world.server.service.store.quarantine().await.expect("read"), []);
    world.end("after refused batches").await;
}

/// Changes that are whole and signed, and whose content is wrong.
fn false_content(van: &Hostile) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let next = van.head.sequence.0 + 1;
    let ours = |operations| van.change(BUCKET, operations);
    let site = BUCKET.to_string();
    let raw = |payload: &[u8]| Hostile::envelope(next, &site, payload);
    let in_bucket = |bucket| van.change(bucket, vec![forged(Clock::default())]);
    let deep = (0..6).fold(Value::Text(FORGED.into()), |value, _| Value::List(vec![value]));
    let long = Value::Text(FORGED.repeat(20_000));
    let heavy = Value::List(vec![Value::Text(FORGED.repeat(10_000)); 5]);
    let other_kind = forge::named(record(forge::FIRST_HONEST), FORGED, Clock::default());
    let other_kind = match other_kind {
        shared::change::Operation::Edit(edit) => {
            shared::change::Operation::Edit(shared::change::Edit { kind: Van::KIND.number, ..edit })
        }
        other => other,
    };
    let unknown = "unknown-clock";
    vec![
        ("a clock of the future", ours(vec![forged(clock(1, 1_000_000))]), unknown),
        ("a clock of a device never seen", ours(vec![forged(clock(4_000, 1))]), unknown),
        ("a clock of its own future", ours(vec![forged(clock(FIRST_DEVICE, next))]), unknown),
        ("the largest counter there is", ours(vec![forged(clock(1, Sequence::LARGEST.0))]), unknown),
        ("a counter of u64::MAX", ours(vec![forged(clock(1, u64::MAX))]), "malformed"),
        ("another site", in_bucket(Bucket::Site(SiteId::from_bytes([66; 16]))), "foreign-bucket"),
        (
            "another van's day",
            in_bucket(Bucket::Route(VanId::from_bytes([66; 16]), today())),
            "foreign-bucket",
        ),
        ("the staff of the region", in_bucket(Bucket::Staff(RegionId(1))), "foreign-bucket"),
        ("the content of another region", in_bucket(Bucket::Content(RegionId(2))), "foreign-bucket"),
        ("a bucket that is none", Hostile::envelope(next, "site/everything", b"\x80"), "malformed"),
        ("a text over its limit", ours(vec![wide(1, &long)]), "malformed"),
        ("a list over its limit", ours(vec![wide(1, &heavy)]), "out-of-bounds: 1000"),
        ("lists in lists", ours(vec![wide(1, &deep)]), "malformed"),
        ("more members than an edit holds", ours(vec![members(1_025)]), "malformed"),
        ("more operations than a change holds", raw(&many_operations(4_097)), "malformed"),
        ("a payload of arrays in arrays", raw(&nest(100_000)), "malformed"),
        (
            "a payload that promises more than it holds",
            raw(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
            "malformed",
        ),
        ("no payload", raw(b""), "malformed"),
        ("one field twice in an edit", raw(&twice()), "malformed"),
        (
            "one field in two edits of one change",
            ours(vec![forged(Clock::default()), named(record(200), "another", Clock::default())]),
            "twice: given_name",
        ),
        ("a fact under the id of another", ours(vec![fact(9, FORGED)]), "fact-rewritten"),
        ("a fact twice in one change", ours(vec![fact(8, "one"), fact(8, FORGED)]), "fact-rewritten"),
        ("a record under another kind", ours(vec![other_kind]), "other-kind"),
        (
            "good beside forged",
            ours(vec![named(record(203), FORGED, Clock::default()), forged(clock(4_000, 1))]),
            unknown,
        ),
    ]
}

fn today() -> chrono::NaiveDate {
    app::platform::now().day(0)
}

/// `[[7], [7], …]`: operations of a newer build.
fn many_operations(count: usize) -> Vec<u8> {
    let mut out = shared::cbor::Writer::default();
    out.array(count);
    for _ in 0..count {
        out.array(1).unsigned(7);
    }
    out.finish()
}

/// One edit with two values of one field.
fn twice() -> Vec<u8> {
    let mut out = shared::cbor::Writer::default();
    out.array(1).array(4).unsigned(0).bytes(record(200).as_bytes()).unsigned(1).array(6);
    for _ in 0..2 {
        out.unsigned(1).unsigned(0).text(FORGED);
    }
    out.finish()
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_changes_are_kept_apart_by_name_and_the_next_ones_go_through() {
    let mut world = World::new().await;
    world.honest("nothing").await;
    let known = world.hostile.change(BUCKET, vec![fact(9, "as it was seen")]);
    world.post(world.hostile.frame(std::slice::from_ref(&known))).await.expect("durable");
    world.hostile.took(&known);
    let mut expected = Vec::new();
    for at in 0..false_content(&world.hostile).len() {
        let (what, change, reason) = false_content(&world.hostile).swap_remove(at);
        let answer = world.post(world.hostile.frame(std::slice::from_ref(&change))).await.expect(what);
        world.hostile.took(&change);
        assert_eq!(answer.acknowledged, world.hostile.head, "{what}");
        expected.push((what, world.hostile.head.sequence, reason.to_owned()));
        world.honest(what).await;
    }
    let service = world.server.service.clone();
    service.projector.catch_up().await.expect("folded");
    let apart = service.store.quarantine().await.expect("read");
    let found: Vec<_> = apart.iter().map(|row| (row.sequence, row.reason.clone())).collect();
    let wanted: Vec<_> = expected.iter().map(|(_, sequence, reason)| (*sequence, reason.clone())).collect();
    assert_eq!(found, wanted, "{expected:?}");
    // No operator's word merges what guards the records.
    for (what, sequence, reason) in expected.iter().filter(|(_, _, reason)| reason != "foreign-bucket") {
        let released = sync_server::quarantine::release(
            &service,
            DeviceNumber(FIRST_DEVICE),
            *sequence,
            Some("I say so"),
        );
        let refused = released.await.expect_err(what).to_string();
        assert!(refused.contains(reason.as_str()), "{what}: {refused}");
    }
    world.end("after forged changes").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sequence_repeated_with_another_hash_is_a_fork_that_harms_nobody() {
    let mut world = World::new().await;
    world.honest("nothing").await;
    world.honest("the first").await;
    let genesis = Head::genesis(plain::device_id(FIRST_DEVICE), DeviceNumber(FIRST_DEVICE));
    let rewriter = Hostile::new(FIRST_DEVICE);
    let other_first = rewriter.change(BUCKET, vec![named(record(100), "of the copy", Clock::default())]);
    let problem = world.post(rewriter.frame(&[other_first])).await.expect_err("a fork");
    assert_eq!((problem.code, problem.acknowledged), (ProblemCode::Fork, Some(1)));
    assert_eq!(genesis, rewriter.head);
    world.honest("a fork: this device still delivers").await;
    // What the copy wrote is a van's work too: it is kept beside, never in the place of anything.
    world.people.push(record(100));
    let mut forks = 0;
    let refused = loop {
        forks += 1;
        let name = format!("{FORGED} copy {forks}");
        let change = rewriter.change(
            Bucket::Site(SiteId::from_bytes([66; 16])),
            vec![named(record(200), &name, Clock::default())],
        );
        let problem = world.post(rewriter.frame(&[change])).await.expect_err("a fork");
        assert_eq!(problem.code, ProblemCode::Fork);
        if problem.acknowledged.is_none() {
            break problem;
        }
        assert!(forks < 1_000, "branches are bounded");
    };
    assert!(refused.detail.contains("was not kept"), "{refused:?}");
    assert_eq!(world.evidence().await.last().map(|(reason, _)| reason.as_str()), Some("too-many-forks"));
    world.honest("more forks than anybody could explain").await;
    world.end("after forks").await;
}
