//! Stories of what a machine lacks and of the words that help. Never installs anything.

use super::{Installer, Need, advice, apt_commands, has_package_lists, packages, succeeds};

#[test]
fn advice_names_what_is_missing_and_ends_with_one_line() {
    let advice = advice(&[Need::Perl, Need::Make], "apt-get failed");
    assert_eq!(
        advice,
        "This machine lacks the whole of Perl, make, and apt-get failed. Run this and try again:\n\n  \
         sudo apt-get update && sudo apt-get install -y perl make\n"
    );
}

#[test]
fn every_need_has_packages() {
    assert_eq!(packages(&Need::ALL), ["gcc", "libc6-dev", "perl", "make"]);
}

#[test]
fn apt_get_asks_no_question_with_or_without_sudo() {
    for (installer, before) in [(Installer::Root, ""), (Installer::Sudo, "sudo -n ")] {
        let (update, install) = apt_commands(&["make"], installer);
        assert_eq!(update.join(" "), format!("{before}env DEBIAN_FRONTEND=noninteractive apt-get update"));
        let words = "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends make";
        assert_eq!(install.join(" "), format!("{before}{words}"));
    }
}

#[test]
fn package_lists_are_seen_only_where_they_are() {
    let folder = std::env::temp_dir().join(format!("caravan-xtask-lists-{}", std::process::id()));
    assert!(!has_package_lists(&folder), "a folder that is not there has none");
    std::fs::create_dir_all(folder.join("partial")).unwrap();
    assert!(!has_package_lists(&folder));
    std::fs::write(folder.join("mirror.invalid_dists_stable_main_binary-amd64_Packages.lz4"), "").unwrap();
    assert!(has_package_lists(&folder));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_program_that_is_not_there_does_not_succeed() {
    assert!(!succeeds("caravan-no-such-program", &[], ""));
    assert!(succeeds("true", &[], "input that nobody reads"));
    assert!(!succeeds("false", &[], ""));
}
