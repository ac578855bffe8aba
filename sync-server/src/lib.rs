//! Caravan's sync server: keeps every change as it came, merges it, and hands it on. In reading order.

pub mod store;

pub mod courier;

pub mod projector;

pub mod buckets;

pub mod ledger;

pub mod nameplate;

pub mod planner;

pub mod import;

pub mod conflicts;
mod holdings;
mod local_day;
pub mod packs;

pub mod export;
pub mod tasks;

pub mod device;
pub mod quarantine;
pub mod recover;
pub mod register;

pub mod upkeep;

pub mod auth;
pub mod body;
pub mod enrol;
pub mod error;
pub mod router;
pub mod server;
pub mod service;
pub mod settings;
pub mod tls;

pub mod cli;

pub mod hexadecimal;
pub mod platform;

pub use server::{RunningServer, Server};
pub use settings::{NewServer, Settings};

#[cfg(test)]
mod testing;
