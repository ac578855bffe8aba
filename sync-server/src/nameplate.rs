//! The devices of the region as records in its staff bucket, so that a van can name another one's tablet. What is
//! missing is written, and nothing else: it may be called at any time, and again after a kill in the middle.

use crate::ledger::{self, Entry};
use crate::service::Service;
use crate::store::{ChainRow, DeviceRow, DeviceStatus, StoreError, StoreResult};
use shared::change::{Bucket, Operation};
use shared::domain::device::{Device, record_of};
use shared::ids::{DeviceNumber, RecordId, StaffId};
use shared::merge::RecordState;

/// No person wrote it.
const NOBODY: StaffId = StaffId::from_bytes([0; 16]);

/// Brings the records of every device and every branch up to what the server knows of them.
pub async fn write_all(service: &Service) -> StoreResult<()> {
    let devices = service.store.devices().await?;
    write(service, &devices).await
}

/// The same for one device and its branches.
pub async fn write_one(service: &Service, number: DeviceNumber) -> StoreResult<()> {
    let device = service.store.device(number).await?;
    write(service, device.as_slice()).await
}

async fn write(service: &Service, devices: &[DeviceRow]) -> StoreResult<()> {
    let region = service.store.region();
    let mut plates: Vec<(RecordId, Device)> = Vec::new();
    for device in devices {
        plates.push((record_of(region, device.number), of_device(device)));
        // Only a device that forked has branches, and a fork retires it.
        if device.status != DeviceStatus::Active {
            let family = service.store.family(device.number).await?;
            let branches = family.iter().filter(|chain| chain.number != device.number);
            plates.extend(branches.map(|chain| (record_of(region, chain.number), of_branch(device, chain))));
        }
    }
    let known = service.store.records(plates.iter().map(|(id, _)| *id).collect()).await?;
    let mut entries = Vec::new();
    for (id, plate) in plates {
        let damaged = |_| StoreError::Damaged(format!("the state of record {id} does not open"));
        let state = match known.get(&id) {
            Some(row) => RecordState::decode(&row.state).map_err(damaged)?,
            None => RecordState::new(Device::KIND.number),
        };
        let edit = state.edit(id, plate.values());
        if !edit.puts.is_empty() {
            let operations = vec![Operation::Edit(edit)];
            entries.push(Entry { bucket: Bucket::Staff(region), operations });
        }
    }
    ledger::write(service, NOBODY, &entries).await
}

fn of_device(device: &DeviceRow) -> Device {
    let is_server = device.van.is_none();
    Device {
        number: Some(device.number.0),
        label: (!is_server).then(|| device.label.clone()),
        van: device.van,
        is_server: is_server.then_some(true),
        ..Device::default()
    }
}

fn of_branch(device: &DeviceRow, chain: &ChainRow) -> Device {
    Device { number: Some(chain.number.0), copy_of: Some(device.number.0), ..of_device(device) }
}

#[cfg(test)]
mod tests;
