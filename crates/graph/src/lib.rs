//! Directed graphs over dense `u32` nodes as compressed sparse rows, and algorithms on them, one a
//! file. Nothing here knows what a node or an edge stands for: a kind is a byte.

pub mod component;
pub mod csr;
pub mod neighbourhood;

pub use component::{Components, components};
pub use csr::{Csr, Edge, Rows, TooLarge};
pub use neighbourhood::{Bounds, Kinds, Reach, Walker, Way};
