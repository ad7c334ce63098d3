//! Directed graphs over dense `u32` nodes as compressed sparse rows, AND/OR graphs, and algorithms on
//! them, one a file. Nothing here knows what a node or an edge stands for: a kind is a byte.

pub mod and_or;
pub mod closure;
pub mod component;
pub mod critical_path;
pub mod csr;
pub mod cut;
pub mod degrade;
pub mod dominator;
mod fiedler;
pub mod impact;
mod lanes;
pub mod layer;
mod lists;
pub mod margin;
pub mod neighbourhood;
mod reduced;
pub mod route;
pub mod seriation;
pub mod single_points;
pub mod trace_path;

pub use and_or::{AndOr, AndOrBuilder};
pub use closure::{Cause, Closer, Closure, Explained, Step};
pub use component::{Components, Members, components};
pub use critical_path::{CostLink, CriticalPath, PathStep, critical_path};
pub use csr::{Csr, Edge, Rows, TooLarge};
pub use cut::{Cuts, cuts};
pub use degrade::{Degraded, Direct, Indirect, Soft, Thinned, degraded};
pub use dominator::Dominators;
pub use impact::{Flow, Link, Score, Share};
pub use layer::layers;
pub use margin::{Margin, margins};
pub use neighbourhood::{Bounds, Kinds, Reach, Walker, Way};
pub use route::Routes;
pub use seriation::{Seriation, Tie, seriation};
pub use single_points::{OWN_READS, SinglePoints, single_points};
