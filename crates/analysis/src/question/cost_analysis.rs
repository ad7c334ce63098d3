//! What is spent, on what, since when, and what moved? Exact sums that the store makes over the
//! charges that count, in a handful of reads. Cost: that of those reads.

mod dimension;
mod params;
mod shape;

pub use dimension::{CostFilter, DimensionParam};
pub use params::{CostAnalysisParams, CostPeriod};
pub use shape::{
    CategoryCost, CostAnalysisAnswer, CostGroup, CostPoint, Costs, CurrencyCost, Mover, Movers,
    NotCounted, Unattributed,
};

/// The question.
pub struct CostAnalysisQuestion;
