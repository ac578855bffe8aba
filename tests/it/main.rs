//! Stories that need both ends, and the rules of the house as tests. One binary, so that everything links once.

mod compat;
mod rules;
mod stories;
