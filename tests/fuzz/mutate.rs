//! Inputs a few steps away from good ones.

use proptest::collection::vec;
use proptest::prelude::*;

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

/// A seed with some steps taken.
pub fn near(seeds: &[Vec<u8>]) -> impl Strategy<Value = Vec<u8>> {
    (0..seeds.len(), vec(step(), 0..6))
        .prop_map(|(at, steps)| steps.iter().fold(seeds[at].clone(), |bytes, step| take(bytes, step, seeds)))
}

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
