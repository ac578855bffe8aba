//! The touchscreen of a van. In reading order: the file it keeps, the one door for data, what staff do, who may
//! open it, how it talks to the server, the page that a person takes home, and the screens.

pub mod platform;

pub mod store;

pub mod apply;

pub mod capture;

pub mod session;

pub mod sync;

pub mod handout;

pub mod screens;

pub mod wiring;

pub mod headless;
