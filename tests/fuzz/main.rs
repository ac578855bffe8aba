//! Fuzz targets for everything that reads bytes nobody trusts. A few seconds within `cargo test`, over the frozen
//! fixtures, what is kept of each target in `fixtures/corpus`, and inputs near both; longer with
//! `CARAVAN_FUZZ_SECONDS=600 cargo test -p tests --test fuzz -- --show-output`.

mod content;
mod door;
mod files;
mod memory;
mod mutate;
mod office;
mod partner;
mod rows;
mod run;
mod sealed;
mod typed;
mod wire;
