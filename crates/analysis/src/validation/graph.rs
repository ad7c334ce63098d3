//! Entities and relations among themselves.

pub mod ambiguous_references;
pub mod containment_cycles;
pub mod dangling_relations;
pub mod held_retirements;
pub mod impossible_relations;
pub mod orphans;
