//! What is spent, on what, since when, and what moved? Exact sums that the store makes over the
//! charges that count, in a handful of reads of one version. Cost: that of those reads.

pub mod allocation;
pub mod budget;
mod budget_shape;
pub mod commitments;
mod day_shape;
mod day_table;
mod days;
mod dimension;
mod driver_shape;
pub mod drivers;
mod fetch;
mod judge;
mod mover;
pub mod outlook;
mod params;
mod roll_up;
mod shape;
mod sum;
mod table;
mod view;

use async_trait::async_trait;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::question::{Draft, Question};

pub use budget_shape::{BudgetReference, BudgetRow, CostBudgetAnswer};
pub use day_shape::{
    CostAnomaly, CostAnomalyDriver, CostDays, CostForecast, CostScheduled, CostTrend,
};
pub use dimension::{CostFilter, DimensionParam};
pub use driver_shape::{CostDriver, CostSkuDriver};
pub use params::{CostAnalysisParams, CostPeriod};
pub use shape::{
    CategoryCost, CostAnalysisAnswer, CostGroup, CostPoint, Costs, CurrencyCost, Mover, Movers,
    NotCounted, Provisional, Unattributed, UntaggedCost,
};
pub use view::CostViewParams;

/// The question.
pub struct CostAnalysisQuestion;

#[async_trait]
impl Question for CostAnalysisQuestion {
    const NAME: &'static str = "cost_analysis";
    const TITLE: &'static str = "Cost";
    const ABOUT: &'static str = "What is spent by any dimension, over time, what moved, what is \
                                 nobody's, and what is not counted and why.";
    // Owners and applications of charges come from the topology.
    const READS: &'static [DataKind] = &[DataKind::Charges, DataKind::Topology];
    const STEP: Option<i64> = Some(Micros::HOUR);
    type Params = CostAnalysisParams;
    type Answer = CostAnalysisAnswer;

    fn fill(params: &mut CostAnalysisParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: CostAnalysisParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<CostAnalysisAnswer>, AskError> {
        let facts = fetch::facts(&params, now, ctx).await?;
        judge::judged(&params, &facts, now)
    }
}
