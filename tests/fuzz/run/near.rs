//! Inputs a few steps away from what is known. A seed gives the same run everywhere; a failure is shrunk and printed with
//! what replays it.

use super::super::mutate;
use super::{Target, kept_of};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

const CASES_A_ROUND: u32 = 250;
const ROUNDS: u64 = 8;

fn number_of(variable: &str) -> Option<u64> {
    let said = std::env::var(variable).ok()?;
    Some(said.parse().unwrap_or_else(|_| panic!("{variable} is a number, not {said}")))
}

pub fn run(target: &Target<'_>) {
    let seeds: Vec<Vec<u8>> = target.kept().into_iter().chain(target.seeds.iter().cloned()).collect();
    assert!(!seeds.is_empty(), "{} has no seed", target.name);
    seeds.iter().for_each(|seed| target.bounded(seed));
    let seconds = number_of("CARAVAN_FUZZ_SECONDS");
    let first = number_of("CARAVAN_FUZZ_SEED").unwrap_or(0);
    let begun = Instant::now();
    let goes_on = |round: u64| match seconds {
        Some(seconds) => begun.elapsed() < Duration::from_secs(seconds),
        None => round < ROUNDS,
    };
    let mut round = 0;
    while goes_on(round) {
        target.round(first + round, &seeds);
        round += 1;
    }
    println!("{}: {} inputs from {} seeds", target.name, round * u64::from(CASES_A_ROUND), seeds.len());
}

impl Target<'_> {
    fn kept(&self) -> Vec<Vec<u8>> {
        let folders = ["corpus", "crashes"].map(|folder| kept_of(self.name).join(folder));
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read(path).expect("an input that is kept")).collect()
    }

    fn round(&self, seed: u64, seeds: &[Vec<u8>]) {
        let name = self.name;
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let config = Config { cases: CASES_A_ROUND, failure_persistence: None, ..Config::default() };
        let outcome = TestRunner::new_with_rng(config, random).run(&mutate::near(seeds), |bytes| {
            let checked = catch_unwind(AssertUnwindSafe(|| self.bounded(&bytes)));
            checked.map_err(|_| TestCaseError::fail("the check failed; its words stand above"))
        });
        let Err(error) = outcome else { return };
        let found = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
        if let TestError::Fail(_, bytes) = &error {
            // Beside the words, because bytes read badly.
            drop(fs::write(&found, bytes));
        }
        panic!(
            "{name}: {error}\nreplay with CARAVAN_FUZZ_SEED={seed}; once mended keep the input, {}, under \
             tests/fuzz/__fuzz__/{name}/crashes",
            found.display()
        );
    }
}

#[test]
fn a_planted_fault_is_found_shrunk_and_printed() {
    let seeds = vec![b"harmless".to_vec()];
    let found = catch_unwind(|| super::run("planted", seeds, |bytes| assert!(bytes.len() < 20)));
    let words = found.expect_err("it is found");
    let words = words.downcast_ref::<String>().expect("in words");
    assert!(words.contains("minimal failing input") && words.contains("CARAVAN_FUZZ_SEED="), "{words}");
    let greedy = catch_unwind(|| {
        super::run("greedy", vec![b"5".to_vec()], |_| drop(std::hint::black_box(vec![1_u8; 1 << 20])));
    });
    assert!(greedy.is_err(), "memory beyond the input is found too");
}
