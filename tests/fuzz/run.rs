//! One way into every target: its seeds and what is kept of it as they are, and inputs near both. A seed gives the same
//! run everywhere; a failure is shrunk and printed with what replays it.

use super::memory::peak_of;
use super::mutate::near;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const CASES_A_ROUND: u32 = 250;
const ROUNDS: u64 = 8;
/// What a decoder may allocate for each byte of its input, and beside that.
const BYTES_A_BYTE_MAX: usize = 256;
const BYTES_BESIDE_MAX: usize = 256 * 1024;

/// One reader of bytes that nobody vouches for, and what must hold whatever it is given.
struct Target<'t> {
    /// Also its folder's name.
    name: &'static str,
    seeds: Vec<Vec<u8>>,
    /// So many bytes are read beside every input, and may take their share of memory.
    beside: usize,
    check: &'t dyn Fn(&[u8]),
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Runs `check` over everything that is kept of `name`, its seeds as they are, and more.
pub fn run(name: &'static str, seeds: Vec<Vec<u8>>, check: impl Fn(&[u8])) {
    run_beside(0, name, seeds, check);
}

/// The same where so many bytes are read with every input, which may take their share of memory.
pub fn run_beside(beside: usize, name: &'static str, seeds: Vec<Vec<u8>>, check: impl Fn(&[u8])) {
    Target { name, seeds, beside, check: &check }.run();
}

fn number_of(variable: &str) -> Option<u64> {
    let said = std::env::var(variable).ok()?;
    Some(said.parse().unwrap_or_else(|_| panic!("{variable} is a number, not {said}")))
}

impl Target<'_> {
    fn run(&self) {
        let seeds: Vec<Vec<u8>> = self.kept().into_iter().chain(self.seeds.iter().cloned()).collect();
        assert!(!seeds.is_empty(), "{} has no seed", self.name);
        seeds.iter().for_each(|seed| self.bounded(seed));
        let seconds = number_of("CARAVAN_FUZZ_SECONDS");
        let first = number_of("CARAVAN_FUZZ_SEED").unwrap_or(0);
        let begun = Instant::now();
        let goes_on = |round: u64| match seconds {
            Some(seconds) => begun.elapsed() < Duration::from_secs(seconds),
            None => round < ROUNDS,
        };
        let mut round = 0;
        while goes_on(round) {
            self.round(first + round, &seeds);
            round += 1;
        }
        println!("{}: {} inputs from {} seeds", self.name, round * u64::from(CASES_A_ROUND), seeds.len());
    }

    /// What once failed.
    fn kept(&self) -> Vec<Vec<u8>> {
        let Ok(entries) = fs::read_dir(fixtures().join("corpus").join(self.name)) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read(path).expect("an input that is kept")).collect()
    }

    fn round(&self, seed: u64, seeds: &[Vec<u8>]) {
        let name = self.name;
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let config = Config { cases: CASES_A_ROUND, failure_persistence: None, ..Config::default() };
        let outcome = TestRunner::new_with_rng(config, random).run(&near(seeds), |bytes| {
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
             tests/fixtures/corpus/{name}",
            found.display()
        );
    }

    /// Whatever the input says, memory follows its length.
    fn bounded(&self, bytes: &[u8]) {
        let ((), peak) = peak_of(|| (self.check)(bytes));
        let most = (bytes.len() + self.beside) * BYTES_A_BYTE_MAX + BYTES_BESIDE_MAX;
        assert!(peak <= most, "{} bytes of input took {peak} bytes of memory", bytes.len());
    }
}

#[test]
fn a_planted_fault_is_found_shrunk_and_printed() {
    let seeds = vec![b"harmless".to_vec()];
    let found = catch_unwind(|| run("planted", seeds, |bytes| assert!(bytes.len() < 20)));
    let words = found.expect_err("it is found");
    let words = words.downcast_ref::<String>().expect("in words");
    assert!(words.contains("minimal failing input") && words.contains("CARAVAN_FUZZ_SEED="), "{words}");
    let greedy = catch_unwind(|| {
        run("greedy", vec![b"5".to_vec()], |_| drop(std::hint::black_box(vec![1_u8; 1 << 20])));
    });
    assert!(greedy.is_err(), "memory beyond the input is found too");
}
