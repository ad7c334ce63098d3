//! Tests of the write path against a naive store that keeps the seams' documentation to the letter.

#![expect(clippy::unwrap_used, reason = "a test may fail by panic")]

mod boutique;
mod estate;
mod external;
mod memory;
mod order;
mod owner;
mod recovery;
