//! The estate in memory: a fold of the writes that a database keeps, in the order of their numbers.
//! What is asked about the present is answered from the fold; what is asked about the past from a
//! fold of the same writes at that instant. Every store that keeps topology answers from here, so all
//! give the same answers. It speaks to no server and knows no database: [`Writes`] is what a database
//! has to do. The fold of the present can be put into a file, so that opening need not read every write
//! again.

mod answer;
mod claims;
mod edge;
mod entities;
mod estate;
mod everything;
mod fact;
mod few;
pub mod file;
mod fold;
mod group;
mod instant;
mod keys;
mod known;
mod letters;
mod life;
mod lists;
mod matched;
mod names;
mod packed;
mod page;
mod plan;
mod record;
mod reference;
mod relation;
mod said;
mod search;
mod select;
mod shown;
mod slab;
mod tally;
mod text;
mod topology;
mod touched;

pub use estate::Estate;
pub use fold::{Fold, News, Writes};
pub use relation::RelationRow;
pub use shown::RelationAfter;
pub use topology::FoldedTopology;
