//! An enrolled device's file, for tests of this crate.

use super::{DataKey, Identity, Store};
use shared::ids::{DeviceId, VanId};
use std::path::Path;

/// A device of `VAN-01` that knows no server.
pub(crate) fn identity(number: u32) -> Identity {
    Identity {
        device: DeviceId::from_bytes([number as u8; 16]).to_string(),
        number,
        region: 1,
        van: VanId::from_bytes([8; 16]).to_string(),
        van_code: "VAN-01".into(),
        label: "tablet".into(),
        server: "127.0.0.1:1".into(),
        authority: String::new(),
        certificate: String::new(),
        certificate_key: String::new(),
        signing_key: "01".repeat(32),
        server_signing_key: String::new(),
        server_sealing_key: String::new(),
    }
}

/// A new file of that device.
pub(crate) fn enrolled(path: &Path, key: &DataKey, identity: &Identity) -> Store {
    let mut store = Store::open(path, key).expect("a new file");
    let write = store.write().expect("a transaction");
    write.set_identity(identity).expect("enrolled");
    write.commit().expect("on disk");
    store
}
