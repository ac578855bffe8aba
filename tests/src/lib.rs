//! The harness: real servers and real devices in temporary folders with a breakable line between them, made-up
//! people, the van day, the storms and the measurements. The only room that sees both app and server.

pub mod proxy;
pub mod sample;

pub mod plain;

pub mod office;

pub mod relay;

pub mod van;

pub mod touch;

pub mod day;

pub mod speed;

pub mod storm;
