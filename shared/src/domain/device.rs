//! A device as others name it (FHIR Device). The server writes one record a number into the staff bucket, so that any
//! van can say whose value it looks at. Never a credential, and never what a device may do.

use crate::ids::{DeviceNumber, RecordId, RegionId, VanId};
use crate::record::record_kind;

record_kind! {
    /// One number that stands in clocks: an installation, a branch of one, or the server itself.
    Device, RecordId, device_fields, 12, "Device" {
        1 number: u32, Latest;
        /// The name on the tablet's back.
        2 label: String, Latest;
        3 van: VanId, Latest;
        /// Another installation wrote under this number; what it wrote is kept under the record's own.
        4 copy_of: u32, Latest;
        /// The server's own writes, such as an import.
        5 is_server: bool, Latest;
    }
}

/// The record of a device's number: the same on every server and every van of the region (UUID of version 8).
pub fn record_of(region: RegionId, number: DeviceNumber) -> RecordId {
    let mut hasher = blake3::Hasher::new_derive_key("caravan 2026-11 record of a device");
    hasher.update(&region.0.to_be_bytes()).update(&number.0.to_be_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    RecordId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
