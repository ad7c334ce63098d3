//! Bytes of one input and its context → observations and rejects. Pure: opens no file, resolves no
//! identity, never fails because of bad data. One file (or folder) a format.

pub mod context;
pub mod format;
pub mod input;
pub mod key;
