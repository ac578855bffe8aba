//! What a tablet reads beside its database: its screens' choices, the mark of its file, and releases of packs.

use super::mutate::{fixtures, run};
use app::session::{Checked, DataFolder, Marker, Preferences};
use app::store::Store;
use ed25519_dalek::SigningKey;
use shared::cbor::Writer;
use shared::content::pack::{Release, ReleaseError, Sealed};
use std::cell::RefCell;
use std::fs;
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

fn overlay() -> Vec<u8> {
    let folder = fixtures().join("../../shared/content/overlays/gulf-sample");
    let file = |name: &str| fs::read(folder.join(name)).expect("a content file");
    let mut files = Writer::default();
    files.array(4);
    for name in ["pack.json", "protocol.json"] {
        files.text(name).bytes(&file(name));
    }
    let mut out = Writer::default();
    out.array(2).unsigned(1).array(2).text("overlay").raw(&files.finish());
    out.finish()
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
    run("release", vec![overlay()], |bundle| match opened(bundle) {
        Ok(release) => assert!(!release.packs.is_empty()),
        Err(ReleaseError::Malformed(_) | ReleaseError::NotUnderstood(_)) => {}
        Err(other) => panic!("{other}"),
    });
}
