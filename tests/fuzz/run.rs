//! A target's run: what is kept of it, its seeds, and inputs a few steps away from them. The same run everywhere; a
//! failure is shrunk and printed with what replays it. Built by `cargo bolero`, libFuzzer chooses the inputs instead, by
//! what they reach.

use super::memory::peak_of;
use std::fs;
use std::path::{Path, PathBuf};

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

/// Where bolero keeps what belongs to a target: `corpus`, and `crashes` when something was found.
pub fn kept_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/__fuzz__").join(name)
}

/// Runs `check` over everything that is kept of `name`, its seeds as they are, and more.
pub fn run(name: &'static str, seeds: Vec<Vec<u8>>, check: impl Fn(&[u8])) {
    run_beside(0, name, seeds, check);
}

/// The same where so many bytes are read with every input, which may take their share of memory.
pub fn run_beside(beside: usize, name: &'static str, seeds: Vec<Vec<u8>>, check: impl Fn(&[u8])) {
    engine::run(&Target { name, seeds, beside, check: &check });
}

impl Target<'_> {
    /// Whatever the input says, memory follows its length.
    fn bounded(&self, bytes: &[u8]) {
        let ((), peak) = peak_of(|| (self.check)(bytes));
        let most = (bytes.len() + self.beside) * BYTES_A_BYTE_MAX + BYTES_BESIDE_MAX;
        assert!(peak <= most, "{} bytes of input took {peak} bytes of memory", bytes.len());
    }
}

#[cfg(not(fuzzing))]
mod engine {
    use super::super::mutate::near;
    use super::{Target, fs, kept_of};
    use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::{Duration, Instant};

    const CASES_A_ROUND: u32 = 250;
    const ROUNDS: u64 = 8;

    fn number_of(variable: &str) -> Option<u64> {
        std::env::var(variable).ok()?.parse().ok()
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
            let outcome = TestRunner::new_with_rng(config, random).run(&near(seeds), |bytes| {
                let checked = catch_unwind(AssertUnwindSafe(|| self.bounded(&bytes)));
                checked.map_err(|_| TestCaseError::fail("the check failed; its words stand above"))
            });
            let Err(error) = outcome else { return };
            let found = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
            if let TestError::Fail(_, bytes) = &error {
                // Beside the words, because bytes read badly.
                drop(fs::write(&found, bytes));
            }
            panic!(
                "{name}: {error}\nreplay with CARAVAN_FUZZ_SEED={seed}; once mended keep the input, {}, under \
                 tests/fuzz/__fuzz__/{name}/corpus",
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
}

#[cfg(fuzzing)]
mod engine {
    use super::{Target, fs, kept_of};
    use bolero::TargetLocation;
    use std::panic::{RefUnwindSafe, UnwindSafe};

    /// A failure ends the process, so nothing that was broken by one is looked at again.
    struct Unharmed<'t>(&'t Target<'t>);
    impl UnwindSafe for Unharmed<'_> {}
    impl RefUnwindSafe for Unharmed<'_> {}

    impl Unharmed<'_> {
        fn bounded(&self, bytes: &[u8]) {
            self.0.bounded(bytes);
        }
    }

    /// Does not return where `cargo bolero` runs the test.
    pub fn run(target: &Target<'_>) {
        let thread = std::thread::current();
        let test = thread.name().expect("libtest names a test's thread after it");
        let item: &'static str = Box::leak(format!("fuzz::{test}::__bolero_item_path__").into_boxed_str());
        let location = TargetLocation {
            package_name: env!("CARGO_PKG_NAME"),
            manifest_dir: env!("CARGO_MANIFEST_DIR"),
            module_path: module_path!(),
            file: file!(),
            line: line!(),
            item_path: item,
            test_name: Some(target.name.to_owned()),
        };
        if !location.should_run() {
            return;
        }
        let corpus = kept_of(target.name).join("corpus");
        fs::create_dir_all(&corpus).expect("a folder");
        for (at, seed) in target.seeds.iter().enumerate() {
            fs::write(corpus.join(format!("seed-{at}")), seed).expect("a seed");
        }
        let unharmed = Unharmed(target);
        bolero::test(location).for_each(move |bytes: &[u8]| unharmed.bounded(bytes));
    }
}
