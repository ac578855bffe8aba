//! The client's side of sync as a pure state machine: events in, actions out. Drivers for the network, the
//! simulator and the hub perform the actions.

mod machine;

pub use machine::{Action, Event, Failure, LogStatus, Machine, Phase, Pulled, RETRY_MS_MAX};

#[cfg(test)]
mod tests;
