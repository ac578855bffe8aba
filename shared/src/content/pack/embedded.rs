//! The core pack that every build carries, for a device that has not heard of a release yet.

use super::content::Content;
use super::files::PackFiles;
use super::overlay::compose;
use super::read::Pack;
use std::sync::OnceLock;

macro_rules! files {
    ($folder:literal: $($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../../../content/", $folder, "/", $name)) as &[u8])),*]
    };
}

const CORE: &[(&str, &[u8])] = files! {
    "core":
    "pack.json"
    "measurements.json"
    "care_gaps.json"
    "protocol.json"
    "alerts.json"
    "consent.json"
    "handout.json"
    "questionnaires/scoring.json"
    "questionnaires/phq-2.json"
    "questionnaires/phq-9.json"
    "questionnaires/gad-7.json"
    "questionnaires/audit-c.json"
    "questionnaires/tobacco-status.json"
    "questionnaires/hunger-vital-sign.json"
    "questionnaires/ahc-hrsn-core.json"
    "questionnaires/ahc-hrsn-supplemental.json"
    "questionnaires/visit-satisfaction.json"
};

/// The files of the core pack of this build.
pub fn embedded_files() -> PackFiles {
    let mut files = PackFiles::default();
    for (name, bytes) in CORE {
        files.put(name, bytes.to_vec()).expect("every embedded file is put in by a test");
    }
    files
}

/// The core pack of this build, alone.
pub fn embedded() -> &'static Content {
    static CONTENT: OnceLock<Content> = OnceLock::new();
    CONTENT.get_or_init(|| {
        let core = Pack::read("core", &embedded_files()).expect("the embedded pack is read by a test");
        compose(vec![core]).expect("the embedded pack is composed by a test")
    })
}
