//! Inputs a few steps away from good ones, and the run over them. A seed gives the same run everywhere; a failure is
//! shrunk and printed with what replays it.

use super::memory::peak_of;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const CASES_A_ROUND: u32 = 250;
const ROUNDS: u64 = 8;
/// What a decoder may allocate for each byte of its input, and beside that.
const BYTES_A_BYTE_MAX: usize = 256;
const BYTES_BESIDE_MAX: usize = 256 * 1024;

/// One step. Places are taken modulo the length.
#[derive(Clone, Debug)]
enum Step {
    Flip(usize, u8),
    Set(usize, u8),
    Cut(usize),
    Remove(usize, usize),
    Insert(usize, Vec<u8>),
    Repeat(usize, usize, usize),
    /// A part of another seed.
    Splice(usize, usize, usize, usize),
    /// A head that promises much, as CBOR.
    Promise(usize, u8),
    /// A text that means something somewhere.
    Word(usize, usize),
}

const WORDS: [&str; 12] = [
    "",
    "\0",
    "\u{feff}",
    "é",
    "\u{202e}",
    "-1",
    "9223372036854775808",
    "1e400",
    "9999-12-31",
    "\"",
    ",,,,",
    "\r\n",
];

fn step() -> impl Strategy<Value = Step> {
    let place = || 0..1_usize << 20;
    prop_oneof![
        (place(), 0..8_u8).prop_map(|(at, bit)| Step::Flip(at, bit)),
        (place(), any::<u8>()).prop_map(|(at, byte)| Step::Set(at, byte)),
        place().prop_map(Step::Cut),
        (place(), 1..64_usize).prop_map(|(at, length)| Step::Remove(at, length)),
        (place(), vec(any::<u8>(), 1..16)).prop_map(|(at, bytes)| Step::Insert(at, bytes)),
        (place(), 1..32_usize, 2..64_usize).prop_map(|(at, length, times)| Step::Repeat(at, length, times)),
        (place(), 0..64_usize, place(), 1..128_usize)
            .prop_map(|(at, seed, from, length)| Step::Splice(at, seed, from, length)),
        (place(), 0..8_u8).prop_map(|(at, major)| Step::Promise(at, major)),
        (place(), 0..WORDS.len()).prop_map(|(at, word)| Step::Word(at, word)),
    ]
}

fn take(mut bytes: Vec<u8>, step: &Step, seeds: &[Vec<u8>]) -> Vec<u8> {
    let length = bytes.len().max(1);
    let within = |at: usize| at % length;
    let put = |bytes: &mut Vec<u8>, at: usize, what: &[u8]| {
        let at = within(at).min(bytes.len());
        bytes.splice(at..at, what.iter().copied());
    };
    match step {
        Step::Flip(at, bit) => bytes.get_mut(within(*at)).into_iter().for_each(|byte| *byte ^= 1 << bit),
        Step::Set(at, new) => bytes.get_mut(within(*at)).into_iter().for_each(|byte| *byte = *new),
        Step::Cut(at) => bytes.truncate(within(*at)),
        Step::Remove(at, length) => {
            let from = within(*at).min(bytes.len());
            bytes.drain(from..(from + length).min(bytes.len()));
        }
        Step::Insert(at, new) => put(&mut bytes, *at, new),
        Step::Repeat(at, length, times) => {
            let from = within(*at).min(bytes.len());
            let part = bytes[from..(from + length).min(bytes.len())].repeat(*times);
            put(&mut bytes, from, &part);
        }
        Step::Splice(at, seed, from, length) => {
            let other = &seeds[seed % seeds.len()];
            let from = from % other.len().max(1);
            let part = other.get(from..(from + length).min(other.len())).unwrap_or_default();
            put(&mut bytes, *at, part);
        }
        Step::Promise(at, major) => {
            put(&mut bytes, *at, &[major << 5 | 0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        }
        Step::Word(at, word) => put(&mut bytes, *at, WORDS[*word].as_bytes()),
    }
    bytes
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Everything that is kept of a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(fixtures().join("corpus").join(target)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("an input that is kept")).collect()
}

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Runs `target` over its corpus, its seeds as they are, and inputs a few steps away from them.
pub fn run(target: &'static str, seeds: Vec<Vec<u8>>, check: impl Fn(&[u8])) {
    run_beside(0, target, seeds, check);
}

/// The same where so many bytes are read with every input, which may take their share of memory.
pub fn run_beside(beside: usize, target: &'static str, seeds: Vec<Vec<u8>>, check: impl Fn(&[u8])) {
    let seeds: Vec<Vec<u8>> = corpus(target).into_iter().chain(seeds).collect();
    assert!(!seeds.is_empty(), "{target} has no seed");
    for seed in &seeds {
        bounded(seed, beside, &check);
    }
    let seconds = number_of("CARAVAN_FUZZ_SECONDS");
    let first = number_of("CARAVAN_FUZZ_SEED").unwrap_or(0);
    let begun = Instant::now();
    let goes_on = |round: u64| match seconds {
        Some(seconds) => begun.elapsed() < Duration::from_secs(seconds),
        None => round < ROUNDS,
    };
    let mut round = 0;
    while goes_on(round) {
        one_round(target, first + round, &seeds, beside, &check);
        round += 1;
    }
    println!("{target}: {} inputs from {} seeds", round * u64::from(CASES_A_ROUND), seeds.len());
}

fn one_round(target: &str, seed: u64, seeds: &[Vec<u8>], beside: usize, check: &impl Fn(&[u8])) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { cases: CASES_A_ROUND, failure_persistence: None, ..Config::default() };
    let input = (0..seeds.len(), vec(step(), 0..6))
        .prop_map(|(at, steps)| steps.iter().fold(seeds[at].clone(), |bytes, step| take(bytes, step, seeds)));
    let outcome = TestRunner::new_with_rng(config, random).run(&input, |bytes| {
        let checked =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bounded(&bytes, beside, check)));
        checked.map_err(|_| TestCaseError::fail("the check failed; its words stand above"))
    });
    if let Err(error) = outcome {
        if let TestError::Fail(_, bytes) = &error {
            // Beside the words, because bytes read badly.
            drop(fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}")), bytes));
        }
        panic!(
            "{target}: {error}\nreplay with CARAVAN_FUZZ_SEED={seed}; once mended keep the input, {}/fuzz-{target}, under \
             fixtures/corpus/{target}",
            env!("CARGO_TARGET_TMPDIR")
        );
    }
}

/// Whatever the input says, memory follows its length.
fn bounded(bytes: &[u8], beside: usize, check: &impl Fn(&[u8])) {
    let ((), peak) = peak_of(|| check(bytes));
    let most = (bytes.len() + beside) * BYTES_A_BYTE_MAX + BYTES_BESIDE_MAX;
    assert!(peak <= most, "{} bytes of input took {peak} bytes of memory", bytes.len());
}

#[test]
fn a_planted_fault_is_found_shrunk_and_printed() {
    let seeds = vec![b"harmless".to_vec()];
    let found = std::panic::catch_unwind(|| run("planted", seeds, |bytes| assert!(bytes.len() < 20)));
    let words = found.expect_err("it is found");
    let words = words.downcast_ref::<String>().expect("in words");
    assert!(words.contains("minimal failing input") && words.contains("CARAVAN_FUZZ_SEED="), "{words}");
    let greedy = std::panic::catch_unwind(|| {
        run("greedy", vec![b"5".to_vec()], |_| drop(std::hint::black_box(vec![1_u8; 1 << 20])));
    });
    assert!(greedy.is_err(), "memory beyond the input is found too");
}
