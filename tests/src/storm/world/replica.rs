//! What a device must hold after a calm: whatever it sees of the server's records and facts, to the byte, and nothing of
//! what it was to forget.

use super::judge::History;
use super::tablet::Tablet;
use crate::storm::disk::{Trouble, consistent, facts, told, wrong};
use app::store::RecordReads;
use chrono::{Days, NaiveDate};
use shared::change::Bucket;
use shared::ids::{FactId, RecordId, VanId};
use shared::merge::decode_entries;
use shared::record::{Fact, FieldKey};
use shared::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use sync_server::store::Store;

/// The longest that a calm lasts, in milliseconds: a device may have settled so long ago.
pub const CALM_MS_MAX: i64 = 4 * 3_600_000;

/// What a van's devices see of the server, before or after a midnight that fell into the calm.
struct View {
    always: BTreeSet<Bucket>,
    perhaps: BTreeSet<Bucket>,
}

impl View {
    async fn of(store: &dyn Store, van: VanId, time: Timestamp) -> Result<View, Trouble> {
        let today = buckets(store, van, time.day(0)).await?;
        let before = buckets(store, van, time.plus_milliseconds(-CALM_MS_MAX).day(0)).await?;
        let always = today.intersection(&before).copied().collect();
        Ok(View { always, perhaps: today.union(&before).copied().collect() })
    }
}

/// Two weeks of the van, whom it meets in them, and what everybody sees.
async fn buckets(store: &dyn Store, van: VanId, today: NaiveDate) -> Result<BTreeSet<Bucket>, Trouble> {
    let from = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    let to = today.checked_add_days(Days::new(14)).unwrap_or(today);
    let sites = store.sites_of_van(van, Some((from, to))).await.map_err(told)?;
    let days = from.iter_days().take_while(|day| *day <= to).map(|day| Bucket::Route(van, day));
    let region = store.region();
    let everybody = [Bucket::Staff(region), Bucket::Content(region)];
    Ok(sites.into_iter().map(Bucket::Site).chain(days).chain(everybody).collect())
}

/// What the server holds.
pub struct Held<'h> {
    pub history: &'h History,
    /// Canonical bytes by record.
    pub states: BTreeMap<RecordId, &'h [u8]>,
    pub buckets: BTreeMap<RecordId, Vec<Bucket>>,
}

impl Held<'_> {
    fn stands_in(&self, id: RecordId, buckets: &BTreeSet<Bucket>) -> bool {
        self.buckets.get(&id).is_some_and(|known| known.iter().any(|bucket| buckets.contains(bucket)))
    }
}

/// Compares a device with the server. `replanned_ms` is when a van was sent elsewhere: what a device wrote before then
/// and does not see any more, it was to forget.
pub async fn compare(
    store: &dyn Store,
    tablet: &mut Tablet,
    held: &Held<'_>,
    time: Timestamp,
    replanned_ms: i64,
) -> Result<(), Trouble> {
    let view = View::of(store, tablet.van, time).await?;
    // Whoever is sent elsewhere may go on writing about people of before.
    let last_written_ms = tablet.last_written_ms();
    let may_stay = |id: &RecordId| last_written_ms.get(id).is_some_and(|last| *last >= replanned_ms);
    let (number, mut copy) = (tablet.number, tablet.copy().map_err(told)?);
    let here: BTreeMap<RecordId, Vec<u8>> = copy.store.every_state().map_err(told)?.into_iter().collect();
    for (id, state) in held.states.iter().filter(|(id, _)| held.stands_in(**id, &view.always)) {
        match here.get(id) {
            None => return wrong(format!("record {id} did not come to device {number}")),
            Some(own) if own.as_slice() != *state => {
                let fields = differing(own, state).map_err(told)?;
                return wrong(format!(
                    "record {id} on device {number} is not what the server has, in fields {}",
                    fields.join(", ")
                ));
            }
            Some(_) => {}
        }
    }
    let is_unseen = |id: &&RecordId| !held.stands_in(**id, &view.perhaps) && !may_stay(id);
    if let Some(id) = here.keys().find(is_unseen) {
        let minutes = last_written_ms.get(id).map(|last| (replanned_ms - last) / 60_000);
        return wrong(format!(
            "record {id} was to be forgotten by device {number}, which wrote to it {minutes:?} minutes before the plan \
             changed; it stands in {:?}",
            held.buckets.get(id)
        ));
    }
    let facts = facts(&copy.store)?;
    for (id, fact) in &held.history.facts {
        match facts.get(id) {
            None if held.stands_in(fact.subject, &view.always) => {
                let subject = fact.subject;
                return wrong(format!(
                    "fact {id} about {subject} did not come to device {number}, which {} its subject; that stands in {:?}",
                    if here.contains_key(&subject) { "holds" } else { "lacks" },
                    held.buckets.get(&subject)
                ));
            }
            Some(own) if own != fact => {
                return wrong(format!("fact {id} on device {number} is not what was written"));
            }
            _ => {}
        }
    }
    let is_strange = |(id, fact): &(&FactId, &Fact)| {
        let is_known = held.history.facts.contains_key(id);
        !is_known || (!held.stands_in(fact.subject, &view.perhaps) && !may_stay(&fact.subject))
    };
    if let Some((id, fact)) = facts.iter().find(is_strange) {
        let subject = fact.subject;
        return wrong(format!("fact {id} about {subject} was to be forgotten by device {number}"));
    }
    consistent(&mut copy.store)
}

/// The fields in which two states differ.
fn differing(left: &[u8], right: &[u8]) -> Result<Vec<String>, shared::error::Malformed> {
    let ((_, left), (_, right)) = (decode_entries(left)?, decode_entries(right)?);
    let keys: BTreeSet<&FieldKey> = left.iter().chain(&right).map(|(key, _)| key).collect();
    let of = |entries: &[(FieldKey, _)], key: &FieldKey| -> Vec<_> {
        entries.iter().filter(|(known, _)| known == key).cloned().collect()
    };
    let differ = |key: &&&FieldKey| of(&left, key) != of(&right, key);
    Ok(keys.iter().filter(differ).map(|key| key.to_string()).collect())
}
