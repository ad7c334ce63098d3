//! Bytes of one input and its context → observations and rejects. Pure: opens no file, resolves no
//! identity, never fails because of bad data. One file (or folder) a format.

pub mod context;
pub mod error;
pub mod format;
pub mod input;
mod instant;
pub mod key;
pub mod limit;
pub mod outline;
mod read;
pub mod shape;
pub mod signal;
pub mod summary;
pub mod unpack;

pub use context::InputContext;
pub use error::EnvelopeError;
pub use limit::Limits;
pub use read::{inspect, read, read_within};
pub use summary::{InputSummary, Summary};
