//! `kill -9` of real app and server processes at moments that the seed chooses. The storm's own program plays both in
//! processes of their own; who survives is compared with what was acknowledged.

mod app;
mod child;
mod screens;
mod server;
mod tablet;
mod touched;

pub use app::KILL_APP;
pub use child::{CHILD, PROGRAM, as_a_child, bytes_of, hexadecimal, say, spawn};
pub use server::KILL_SERVER;
pub use touched::KILL_SCREENS;
