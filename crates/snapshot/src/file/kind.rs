//! Kinds of the items in a file. One is never used again for something else.

use super::Unusable;

/// What is wrong with a code that this program does not know.
pub const UNKNOWN: Unusable = Unusable::Damaged("a code in it is of nothing this program knows");
/// Rows of one column.
pub const ROWS: usize = 1 << 14;

/// What is wrong with a part that has not what it says.
pub const CUT: Unusable = Unusable::Damaged("a part of it does not have what it says");

pub const PREFIX: u32 = 1;
pub const KEY: u32 = 2;
pub const TEXT: u32 = 3;
pub const LABEL: u32 = 4;
pub const SCOPE: u32 = 5;
pub const NAME_COUNT: u32 = 6;

pub const ESTATE: u32 = 16;
pub const SOURCE: u32 = 17;
pub const BY_KEY: u32 = 18;
pub const REDIRECT: u32 = 19;
pub const ENTITY: u32 = 20;
pub const CLAIM: u32 = 21;
pub const CLAIM_SEVERAL: u32 = 22;
pub const CLAIM_HEAD: u32 = 23;
pub const HELD: u32 = 25;
pub const OWNERSHIP: u32 = 26;
pub const OBSERVED: u32 = 27;
pub const ENTITY_COUNT: u32 = 28;
pub const CLAIM_COUNT: u32 = 29;
pub const REFERENCE: u32 = 30;
pub const REFERENCE_COUNT: u32 = 31;

pub const EDGE_COUNT: u32 = 32;
pub const SAID: u32 = 33;
pub const INSTANT: u32 = 34;
pub const REST: u32 = 35;
pub const REST_FREE: u32 = 36;
pub const ROW: u32 = 37;
pub const LIST: u32 = 38;
pub const BLOCK: u32 = 39;
