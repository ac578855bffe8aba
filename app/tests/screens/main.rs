//! The real screens with real records, by accessible label and without a window.

mod finger;
mod fixture;
mod follow_up;

mod care;
mod conditions;
mod day;
mod evening;
mod headless;
mod inbox;
mod language;
mod measurements;
mod register;
mod required;
mod session;
mod several;
mod sync;
mod take_home;
mod targets;
mod turned;
