//! Buckets: what a device may hold, and where a change's effects are shown.

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::ids::{RegionId, SiteId, VanId};
use chrono::NaiveDate;
use std::fmt;
use std::str::FromStr;

/// One bucket. Its text is the key in both stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// One van's day: its route, stops and crew.
    Route(VanId, NaiveDate),
    /// A site: its people, their visits, gaps and results.
    Site(SiteId),
    /// The directory of community services of a region.
    Directory(RegionId),
    /// Protocols and forms of a region.
    Content(RegionId),
    /// The staff and vans of a region.
    Staff(RegionId),
}

impl fmt::Display for Bucket {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bucket::Route(van, day) => write!(out, "route/{van}/{day}"),
            Bucket::Site(site) => write!(out, "site/{site}"),
            Bucket::Directory(region) => write!(out, "directory/{region}"),
            Bucket::Content(region) => write!(out, "content/{region}"),
            Bucket::Staff(region) => write!(out, "staff/{region}"),
        }
    }
}

/// Text that names no bucket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such bucket")]
pub struct NotABucket;

impl FromStr for Bucket {
    type Err = NotABucket;
    fn from_str(text: &str) -> Result<Self, NotABucket> {
        let parts: Vec<&str> = text.split('/').collect();
        let region = |text: &str| text.parse().map(RegionId).map_err(|_| NotABucket);
        match parts.as_slice() {
            ["route", van, day] => {
                Ok(Bucket::Route(van.parse().map_err(|_| NotABucket)?, day.parse().map_err(|_| NotABucket)?))
            }
            ["site", site] => Ok(Bucket::Site(site.parse().map_err(|_| NotABucket)?)),
            ["directory", number] => Ok(Bucket::Directory(region(number)?)),
            ["content", number] => Ok(Bucket::Content(region(number)?)),
            ["staff", number] => Ok(Bucket::Staff(region(number)?)),
            _ => Err(NotABucket),
        }
    }
}

impl Bucket {
    /// As text: buckets repeat, and compression makes the repetition free.
    pub fn write(&self, out: &mut Writer) {
        out.text(&self.to_string());
    }
    pub fn read(input: &mut Reader<'_>) -> Result<Bucket, Malformed> {
        let text = input.text("a bucket")?;
        text.parse().map_err(|_| input.malformed("a bucket"))
    }
}
