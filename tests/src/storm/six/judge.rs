//! What must hold after the last evening: each van's whole chain once and in order, nothing kept apart, every record
//! and fact there, and of a small fleet projections that equal those made anew from the log.

use super::text;
use super::van::Van;
use crate::plain::{device_id, signing_key};
use crate::storm::disk::{follow, held_log};
use shared::change::Head;
use shared::ids::DeviceNumber;
use std::path::Path;
use sync_server::store::Store;
use sync_server::{Settings, server, upkeep};

/// For a larger fleet it would take longer than all of its evenings, and other storms do it anyway.
const REBUILT_VANS_MAX: usize = 100;

/// Opens the killed server's folder.
pub async fn look(data: &Path, vans: &[Van]) -> Result<(), String> {
    let settings = Settings::load(data).map_err(text)?;
    let service = server::open(&settings).map_err(text)?;
    service.projector.catch_up().await.map_err(text)?;
    let store = service.store.as_ref();
    if let Some(row) = store.quarantine().await.map_err(text)?.first() {
        return Err(format!("change {} of {} was kept apart: {}", row.sequence, row.number, row.reason));
    }
    for van in vans {
        look_at(store, van).await.map_err(|finding| format!("van {}: {finding}", van.place))?;
    }
    drop(service);
    if vans.len() > REBUILT_VANS_MAX {
        return Ok(());
    }
    let differences = upkeep::check_rebuild(&settings).await.map_err(text)?;
    if differences.is_empty() {
        Ok(())
    } else {
        Err(format!("projections made anew differ: {differences:?}"))
    }
}

async fn look_at(store: &dyn Store, van: &Van) -> Result<(), String> {
    let number = DeviceNumber(van.number());
    // Every change once: a second one, or a missing one, is no link of the chain that the van made.
    let rows = held_log(store, number, &signing_key(van.number()).verifying_key()).await.map_err(text)?;
    let held = follow(Head::genesis(device_id(van.number()), number), &rows)?;
    if held != van.head {
        return Err(format!("LOST: the server holds {held:?} of {:?}", van.head));
    }
    let family = store.family(number).await.map_err(text)?;
    if family.len() != 1 {
        return Err(format!("{} branches", family.len() - 1));
    }
    let records = store.records(van.records.clone()).await.map_err(text)?.len();
    let facts = store.facts(van.facts.clone()).await.map_err(text)?.len();
    if (records, facts) != (van.records.len(), van.facts.len()) {
        let whole = (van.records.len(), van.facts.len());
        return Err(format!("records and facts {:?} of {whole:?}", (records, facts)));
    }
    Ok(())
}
