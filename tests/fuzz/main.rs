//! Fuzz targets for everything that reads bytes nobody trusts. A few seconds within `cargo test`; longer with
//! `CARAVAN_FUZZ_SECONDS=600 cargo test -p tests --test fuzz -- --show-output`. Seeds are the frozen fixtures and
//! `fixtures/corpus`; an input that once failed is kept there.

mod content;
mod door;
mod files;
mod memory;
mod mutate;
mod office;
mod partner;
mod rows;
mod sealed;
mod typed;
mod wire;
