//! What every store of telemetry works out alike between a batch and its statements: rows, counts, hashes,
//! and which deliveries count. Pure: it speaks to no database.

pub mod archive;
pub mod delivery;
pub mod edge;
pub mod hash;
pub mod record;
mod tally;

pub use tally::Tally;
