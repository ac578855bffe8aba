//! Under which release each device last asked its forms: read from the device's own log, which is the truth.

use crate::service::Service;
use crate::store::{DeviceRow, StoreError, StoreResult};
use shared::change::{Batch, Envelope, Operation};
use shared::compress;
use shared::domain::screening::QuestionnaireResponse;
use shared::ids::Sequence;
use shared::protocol::limits;
use shared::time::Timestamp;
use std::collections::BTreeMap;

/// So many of a device's last changes are looked at; a week of a busy van.
const CHANGES_BACK: u64 = 5_000;
const SEGMENT_BYTES: usize = 1024 * 1024;
/// What a response of a build before packs is counted under.
pub const BEFORE_PACKS: &str = "before packs";

/// One device's last responses.
#[derive(Clone, Debug)]
pub struct Adoption {
    pub device: DeviceRow,
    /// By release, the one that was asked under last first.
    pub asked: Vec<Asked>,
}

/// Responses under one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub release: String,
    pub responses: usize,
    pub last_at: Timestamp,
    /// Forms with their versions, such as `phq-2|1.0.0`, and how often each was asked.
    pub forms: BTreeMap<String, usize>,
}

/// Every device that belongs to a van.
pub async fn adoption(service: &Service) -> StoreResult<Vec<Adoption>> {
    let mut devices = Vec::new();
    for device in service.store.devices().await?.into_iter().filter(|device| device.van.is_some()) {
        let asked = asked(service, &device).await?;
        devices.push(Adoption { device, asked });
    }
    Ok(devices)
}

async fn asked(service: &Service, device: &DeviceRow) -> StoreResult<Vec<Asked>> {
    let Some(chain) = service.store.chain(device.number).await? else { return Ok(Vec::new()) };
    let first = Sequence(chain.head.sequence.0.saturating_sub(CHANGES_BACK) + 1);
    let (mut from, mut by_release) = (first, BTreeMap::<String, Asked>::new());
    while from <= chain.head.sequence {
        let segments = service.store.segments(device.number, from, SEGMENT_BYTES).await?;
        let Some(last) = segments.last().map(|segment| segment.last) else { break };
        for segment in segments {
            let damaged =
                || StoreError::Damaged(format!("a segment of device {} does not open", device.number));
            let bytes =
                compress::decompress(&segment.body, limits::BATCH_BYTES_MAX).map_err(|_| damaged())?;
            let batch = Batch::read(&bytes).map_err(|_| damaged())?;
            for change in &batch.changes {
                count(change, first, &mut by_release);
            }
        }
        from = last.next();
    }
    let mut asked: Vec<Asked> = by_release.into_values().collect();
    asked.sort_by_key(|asked| std::cmp::Reverse(asked.last_at));
    Ok(asked)
}

/// A change that does not open is the quarantine's to tell.
fn count(change: &[u8], first: Sequence, by_release: &mut BTreeMap<String, Asked>) {
    let Ok(change) = Envelope::read(change).and_then(|envelope| envelope.open()) else { return };
    if change.sequence < first {
        return;
    }
    for operation in &change.operations {
        let Operation::Fact(fact) = operation else { continue };
        if fact.kind != QuestionnaireResponse::KIND.number {
            continue;
        }
        let response = QuestionnaireResponse::read(fact);
        let release = response.pack.unwrap_or_else(|| BEFORE_PACKS.to_owned());
        let asked = by_release.entry(release.clone()).or_insert_with(|| Asked {
            release,
            responses: 0,
            last_at: fact.at,
            forms: BTreeMap::new(),
        });
        asked.responses += 1;
        asked.last_at = asked.last_at.max(fact.at);
        let canonical = response.questionnaire.unwrap_or_default();
        let form = canonical.rsplit_once('/').map_or(canonical.as_str(), |(_, form)| form);
        *asked.forms.entry(form.to_owned()).or_insert(0) += 1;
    }
}
