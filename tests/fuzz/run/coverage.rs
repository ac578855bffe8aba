//! libFuzzer chooses the inputs by what they reach. One run a test: it does not come back.

use super::{Target, kept_of};
use bolero::TargetLocation;
use std::fs;
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
