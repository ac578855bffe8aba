//! What a tablet reads beside its database: its screens' choices, the mark of its file, and releases of packs.

use super::run::{fixtures, run};
use app::session::{Checked, DataFolder, Marker, Preferences};
use app::store::Store;
use ed25519_dalek::SigningKey;
use shared::cbor::Writer;
use shared::content::pack::{PackFiles, Release, ReleaseError, Sealed};
use std::cell::RefCell;
use std::fs;
use sync_server::settings::{Settings, SettingsError};
use tests::plain::{self, FIRST_DEVICE};

/// Whatever lies there, the screens start.
#[test]
fn preferences() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let folder = DataFolder::open(place.path()).expect("a folder");
    Preferences::default().save(&folder).expect("saved");
    let seed = fs::read(folder.preferences()).expect("what was saved");
    run("preferences", vec![seed], |bytes| {
        fs::write(folder.preferences(), bytes).expect("written");
        let read = Preferences::load(&folder);
        read.save(&folder).expect("saved again");
        assert_eq!(Preferences::load(&folder), read);
    });
}

/// Whatever lies there, the file is this device's own or called a copy, and opens.
#[test]
fn marks() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let folder = DataFolder::open(place.path()).expect("a folder");
    let open = || plain::device(&folder.records(), FIRST_DEVICE, None).expect("a device");
    let (machine, mark) = ([1; 32], place.path().join("device.mark"));
    assert!(matches!(Marker::check(&folder, &mut open(), &machine), Ok(Checked::Own(_))));
    let seed = fs::read(&mark).expect("the mark");
    let store = RefCell::new(open());
    run("mark", vec![seed], |bytes| {
        fs::write(&mark, bytes).expect("written");
        let store = &mut *store.borrow_mut();
        forget_that_it_is_a_copy(store);
        Marker::check(&folder, store, &machine).expect("own, or a copy");
    });
}

fn forget_that_it_is_a_copy(store: &mut Store) {
    let write = store.write().expect("a good disk");
    write.forget_meta("copied").expect("forgotten");
    write.commit().expect("written");
}

/// A bundle of one overlay with these files.
fn bundle<'f>(files: impl ExactSizeIterator<Item = (String, &'f [u8])>) -> Vec<u8> {
    let mut out = Writer::default();
    out.array(2).unsigned(1).array(2).text("overlay").array(files.len() * 2);
    for (name, bytes) in files {
        out.text(&name).bytes(bytes);
    }
    out.finish()
}

fn overlay() -> Vec<u8> {
    let folder = fixtures().join("../../shared/content/overlays/gulf-sample");
    let files = ["pack.json", "protocol.json"]
        .map(|name| (name.to_owned(), fs::read(folder.join(name)).expect("a content file")));
    bundle(files.iter().map(|(name, bytes)| (name.clone(), bytes.as_slice())))
}

/// As many files as a pack may have.
fn many_files() -> Vec<u8> {
    let names: Vec<String> = (0..PackFiles::FILES_MAX).map(|number| format!("f/{number:03}.json")).collect();
    bundle(names.into_iter().map(|name| (name, b"{}".as_slice())))
}

/// A server's settings, whatever an editor left of them.
#[test]
fn settings() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let seed = fs::read(fixtures().join("v1/server-v1/server.json")).expect("a frozen file");
    run("settings", vec![seed], |bytes| {
        fs::write(place.path().join("server.json"), bytes).expect("written");
        match Settings::load(place.path()) {
            Ok(settings) => assert!(settings.names.len() <= bytes.len()),
            Err(error) => {
                assert!(matches!(error, SettingsError::File { .. } | SettingsError::Unreadable { .. }))
            }
        }
    });
}

/// A server that signs whatever it is given. What opens is understood whole, and what does not says why.
#[test]
fn releases() {
    // The core of the build is read once by a process: that is no memory of the input's.
    shared::content::pack::embedded();
    let key = SigningKey::from_bytes(&[9; 32]);
    let opened = |bundle: &[u8]| {
        let sealed = Sealed::seal_bundle(bundle, "sample".to_owned(), 1, &key)?;
        Release::open(&sealed.release, &sealed.parts, &key.verifying_key())
    };
    assert!(matches!(opened(&overlay()), Err(ReleaseError::NotUnderstood(_))), "it reads, and has no core");
    assert!(matches!(opened(&many_files()), Err(ReleaseError::NotUnderstood(_))), "so many are taken");
    run("release", vec![overlay(), many_files()], |bundle| match opened(bundle) {
        Ok(release) => assert!(!release.packs.is_empty()),
        Err(ReleaseError::Malformed(_) | ReleaseError::NotUnderstood(_)) => {}
        Err(other) => panic!("{other}"),
    });
}
