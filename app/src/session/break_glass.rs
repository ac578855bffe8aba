//! Break-glass: a right PIN after the lease ended. The key is given once the reason stands in the device's own log, from
//! where it goes to the office as looks at records do. Whether the PIN is right stands in `keyring`.

use super::DataFolder;
use crate::apply::{Intent, LocalChange, apply_local};
use crate::store::{DataKey, MetaReads, Store, StoreError};
use shared::change::Bucket;
use shared::domain::device;
use shared::domain::view::View;
use shared::ids::{Entropy, FactId, StaffId};
use shared::time::Timestamp;

/// Of a reason in somebody's own words no more is kept.
const REASON_CHARACTERS_MAX: usize = 200;

/// Why somebody goes on although the server was not reached for too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    NoNetwork,
    /// This device's clock is wrong.
    WrongClock,
    Emergency,
    /// In their own words.
    Told(String),
}

impl Reason {
    /// A reason in somebody's own words, if there are any.
    pub fn told(words: &str) -> Option<Reason> {
        let words: String = words.trim().chars().take(REASON_CHARACTERS_MAX).collect();
        (!words.is_empty()).then_some(Reason::Told(words))
    }

    /// As it stands in the audit trail.
    pub fn code(&self) -> String {
        let reason = match self {
            Reason::NoNetwork => "no-network",
            Reason::WrongClock => "wrong-clock",
            Reason::Emergency => "emergency",
            Reason::Told(words) => words,
        };
        format!("break-glass: {reason}")
    }
}

/// The data key of somebody whose PIN was right and whose lease ended.
pub struct LateKey {
    staff: StaffId,
    key: DataKey,
}

impl LateKey {
    pub(super) fn new(staff: StaffId, key: DataKey) -> LateKey {
        LateKey { staff, key }
    }

    /// Gives the key. Who goes on, and why, is on disk when this returns: a look at this device, in its van's day, where
    /// it may always write.
    pub fn give(
        &self,
        folder: &DataFolder,
        reason: &Reason,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<DataKey, StoreError> {
        let mut store = Store::open(&folder.records(), &self.key)?;
        let identity = store
            .identity()?
            .ok_or_else(|| StoreError::Damaged("a device that was never enrolled".into()))?;
        let view = View { staff: Some(self.staff), visit: None, screen: Some(reason.code()) };
        let this_device = device::record_of(identity.region_id(), identity.device_number());
        let fact = view.fact(FactId::new(now, entropy), this_device, now, None);
        let bucket = Bucket::Route(identity.van_id(), now.day(0));
        let intents = vec![Intent::Record(fact)];
        let change = LocalChange { staff: self.staff, bucket, about: None, intents };
        apply_local(&mut store, change, now)?;
        Ok(self.key.clone())
    }
}
