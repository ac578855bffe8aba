//! Names of things: UUIDv7 ids, one type a noun, and the short numbers that stand in clocks. Short codes
//! for people to read aloud are fields of a record, never identity.

use crate::time::Timestamp;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A source of randomness, handed in by a platform room.
pub trait Entropy {
    fn fill(&mut self, bytes: &mut [u8]);
}

/// A UUIDv7 (RFC 9562) made at `now`.
pub fn new_uuid(now: Timestamp, entropy: &mut dyn Entropy) -> Uuid {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    uuid::Builder::from_unix_timestamp_millis(now.milliseconds().max(0) as u64, &random).into_uuid()
}

/// Text that is not a UUID where an id was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an id")]
pub struct NotAnId(pub String);

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            pub fn new(now: Timestamp, entropy: &mut dyn Entropy) -> Self {
                Self(new_uuid(now, entropy))
            }
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
            /// The bytes in network order, or nothing when there are not sixteen.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                Some(Self(Uuid::from_bytes(bytes.try_into().ok()?)))
            }
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::parse_str(text.trim()).map(Self).map_err(|_| NotAnId(text.chars().take(64).collect()))
            }
        }
    )*};
}

uuid_ids! {
    /// Any record, whatever its kind.
    RecordId;
    /// One immutable fact.
    FactId;
    /// One installation of the app, or one server that writes.
    DeviceId;
    /// A person as this plan knows them (FHIR Patient).
    PersonId;
    /// A person's cover by the plan (FHIR Coverage).
    MembershipId;
    /// An employer's account with the plan (FHIR Organization).
    EmployerId;
    /// A place where vans stop (FHIR Location).
    SiteId;
    /// A van (FHIR Location, mobile).
    VanId;
    /// A member of a crew (FHIR Practitioner).
    StaffId;
    /// A van's day.
    RouteId;
    /// One halt of a van's day at a site.
    StopId;
    /// One expected person of one site.
    RosterEntryId;
    /// One person's visit to a van (FHIR Encounter).
    VisitId;
    /// Preventive care that a person lacks (FHIR DetectedIssue).
    CareGapId;
    /// What a dangerous finding leaves to do (FHIR Task).
    TaskId;
}

macro_rules! record_ids {
    ($($name:ident)*) => {$(
        impl From<$name> for RecordId {
            fn from(id: $name) -> RecordId {
                RecordId(id.0)
            }
        }
        impl From<RecordId> for $name {
            fn from(id: RecordId) -> $name {
                $name(id.0)
            }
        }
    )*};
}

record_ids! { PersonId MembershipId EmployerId SiteId VanId StaffId RouteId StopId RosterEntryId VisitId CareGapId TaskId }

/// The short number that enrolment gives to each installation; it stands in every clock. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceNumber(pub u32);

impl fmt::Display for DeviceNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Place of a change in its device's log: 1, 2, 3… with no gap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u64);

impl Sequence {
    /// Larger sequences do not fit SQLite's integers and are refused at every door.
    pub const LARGEST: Sequence = Sequence(i64::MAX as u64);

    pub fn next(self) -> Sequence {
        Sequence(self.0 + 1)
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// A region of the plan: the partition that every server table's key starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(pub u16);

impl fmt::Display for RegionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
