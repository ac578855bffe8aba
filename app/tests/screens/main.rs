//! The real screens with real records, by accessible label and without a window.

mod finger;
mod fixture;

mod conditions;
mod day;
mod headless;
mod inbox;
mod language;
mod measurements;
mod register;
mod session;
mod several;
mod sync;
mod take_home;
mod targets;
mod turned;
