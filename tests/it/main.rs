//! Stories that need both ends, and the rules of the house as tests. One binary, so that everything links once.

mod by_hand;
mod calculated;
mod charges;
mod compat;
mod copies;
mod drills;
mod due;
mod hostile;
mod logs;
mod measured;
mod packs;
mod promises;
mod publish;
mod restores;
mod rules;
mod stories;
mod storms;
mod tasks;
mod upgrade;
mod workload;
mod world;
