//! Who may never import whom, and what every file must do. Each ban names its reason; a breach names its line.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests live in the project").to_owned()
}

fn rust_files(folder: &str) -> Vec<(String, String)> {
    files(folder, "rs")
}

fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the project") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                let name = path.strip_prefix(root()).expect("below the root").display().to_string();
                found.push((name, fs::read_to_string(&path).expect("readable")));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} holds no .{ending}");
    found
}

fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs")
        || name.contains("/tests/")
        || name.ends_with("testing.rs")
        || name.starts_with("tests/")
}

/// Lines of code outside comments that contain a word.
fn breaches(folder: &str, word: &str, allowed: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in rust_files(folder) {
        if is_test(&name) || allowed.iter().any(|allowed| name.starts_with(allowed)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let code = line.trim_start();
            if !code.starts_with("//") && code.contains(word) {
                found.push(format!("{name}:{}: {code}", number + 1));
            }
        }
    }
    found
}

struct Ban {
    folder: &'static str,
    word: &'static str,
    allowed: &'static [&'static str],
    reason: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        folder: "shared/src",
        word: "rusqlite",
        allowed: &[],
        reason: "shared is pure: stores live in app and sync-server",
    },
    Ban {
        folder: "shared/src",
        word: "reqwest",
        allowed: &[],
        reason: "shared is pure: drivers live in app and sync-server",
    },
    Ban { folder: "shared/src", word: "tokio", allowed: &[], reason: "shared is pure: it never waits" },
    Ban {
        folder: "shared/src",
        word: "axum",
        allowed: &[],
        reason: "shared is pure: HTTP lives in sync-server",
    },
    Ban { folder: "shared/src", word: "std::fs", allowed: &[], reason: "shared reads no disk" },
    Ban { folder: "shared/src", word: "std::net", allowed: &[], reason: "shared reaches no network" },
    Ban {
        folder: "shared/src",
        word: "crdts::",
        allowed: &["shared/src/merge/"],
        reason: "CRDT types are wrapped in shared/src/merge",
    },
    Ban {
        folder: "shared/src",
        word: "SystemTime",
        allowed: &[],
        reason: "shared reads no clock: take a Timestamp",
    },
    Ban {
        folder: "shared/src",
        word: "Utc::now",
        allowed: &[],
        reason: "shared reads no clock: take a Timestamp",
    },
    Ban {
        folder: "shared/src",
        word: "Local::now",
        allowed: &[],
        reason: "shared reads no clock: take a Timestamp",
    },
    Ban {
        folder: "shared/src",
        word: "Instant",
        allowed: &[],
        reason: "shared reads no clock: take a Timestamp",
    },
    Ban {
        folder: "shared/src",
        word: "getrandom",
        allowed: &[],
        reason: "shared draws no randomness: take an Entropy",
    },
    Ban { folder: "app/src", word: "sync_server", allowed: &[], reason: "app and server meet only in tests" },
    Ban {
        folder: "app/src",
        word: "Utc::now",
        allowed: &["app/src/platform.rs"],
        reason: "only platform asks the machine for the time",
    },
    Ban {
        folder: "app/src",
        word: "SystemTime::now",
        allowed: &["app/src/platform.rs"],
        reason: "only platform asks the machine for the time",
    },
    Ban {
        folder: "app/src",
        word: "getrandom::",
        allowed: &["app/src/platform.rs"],
        reason: "only platform asks the machine for randomness",
    },
    Ban {
        folder: "app/src",
        word: "rusqlite",
        allowed: &["app/src/store/"],
        reason: "SQL lives in the store",
    },
    Ban {
        folder: "app/src",
        word: "reqwest",
        allowed: &["app/src/sync/"],
        reason: "the network is the sync driver's alone",
    },
    Ban {
        folder: "app/src",
        word: "slint::",
        allowed: &["app/src/screens/", "app/src/wiring.rs", "app/src/main.rs", "app/src/headless.rs"],
        reason: "screens only: capture and store know no toolkit",
    },
    Ban {
        folder: "app/src/screens",
        word: "SELECT ",
        allowed: &[],
        reason: "screens read projections through capture, never SQL",
    },
    Ban {
        folder: "sync-server/src",
        word: "app::",
        allowed: &[],
        reason: "app and server meet only in tests",
    },
    Ban {
        folder: "sync-server/src",
        word: "rusqlite",
        allowed: &["sync-server/src/store/"],
        reason: "handlers know the store trait, never a backend",
    },
    Ban { folder: "sync-server/src", word: "slint", allowed: &[], reason: "the server has no screens" },
    Ban { folder: "sync-server/src", word: "reqwest", allowed: &[], reason: "the server asks nobody yet" },
    Ban {
        folder: "sync-server/src",
        word: "Utc::now",
        allowed: &["sync-server/src/platform.rs"],
        reason: "only platform asks the machine for the time",
    },
];

#[test]
fn nobody_imports_whom_they_may_not() {
    let mut found = Vec::new();
    for ban in BANS {
        for breach in breaches(ban.folder, ban.word, ban.allowed) {
            found.push(format!("{breach}\n    {}", ban.reason));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_ban_would_be_noticed() {
    assert!(!breaches("app/src", "rusqlite", &[]).is_empty(), "the rule finds what it looks for");
}

#[test]
fn every_file_introduces_itself() {
    for folder in ["shared/src", "app/src", "sync-server/src", "tests/src", "tests/it", "tests/xtask/src"] {
        for (name, text) in rust_files(folder) {
            assert!(text.starts_with("//!"), "{name} does not say what lives here");
        }
    }
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    for folder in ["shared/src", "app/src", "sync-server/src"] {
        let found = breaches(folder, ".unwrap()", &[]);
        assert!(found.is_empty(), "say why it cannot be, with expect:\n{}", found.join("\n"));
    }
}

#[test]
fn shared_depends_on_no_room_of_this_workspace() {
    let manifest = fs::read_to_string(root().join("shared/Cargo.toml")).expect("shared's manifest");
    for banned in ["app", "sync-server", "rusqlite", "reqwest", "axum", "tokio", "slint"] {
        let names = |line: &str| line.split(['.', ' ', '=']).next() == Some(banned);
        assert!(!manifest.lines().any(names), "shared may not depend on {banned}");
    }
}

#[test]
fn the_top_level_holds_what_the_card_lists() {
    const CARD: &[&str] = &["Cargo.toml", "Cargo.lock", "README.md", "app", "sync-server", "shared", "tests"];
    for entry in fs::read_dir(root()).expect("the root") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let is_extra = name.starts_with('.')
            || name.starts_with("LICENSE")
            || name.ends_with(".toml")
            || name == "target";
        assert!(is_extra || CARD.contains(&name.as_str()), "{name} is not on the card");
    }
}

#[test]
fn every_text_names_its_font() {
    let is_bare = |line: &&str| {
        line.trim_start().starts_with("Text {")
            || [" Text {", "inherits Text"].iter().any(|bare| line.contains(bare))
    };
    for (name, text) in files("app/ui", "slint") {
        let found: Vec<&str> = text.lines().filter(is_bare).collect();
        let is_home = name == "app/ui/widgets/words.slint";
        assert_eq!(found.len(), usize::from(is_home), "{name}: Letters names the font: {found:?}");
    }
}
