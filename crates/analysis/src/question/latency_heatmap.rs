//! Who talks to whom and how slowly? One read of the estate and one of the calls of the window; the order
//! of rows and columns shows structure. Cost: linear in pairs, and for the order what `graph::seriation`
//! takes of at most 2,000 rows.

mod cell;
mod fetch;
mod group;
mod judge;
mod params;
mod reported;
mod shape;
mod table;

use async_trait::async_trait;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::question::{Draft, Question};

pub use params::{HeatmapGrouping, HeatmapSide, LatencyHeatmapParams};
pub use shape::{
    HeatmapCell, HeatmapRow, HeatmapSummary, HotPair, LatencyHeatmapAnswer, ReportedPair,
    ZoneCrossing,
};

/// The question.
pub struct LatencyHeatmapQuestion;

#[async_trait]
impl Question for LatencyHeatmapQuestion {
    const NAME: &'static str = "latency_heatmap";
    const TITLE: &'static str = "Latency heatmap";
    const ABOUT: &'static str = "Who talks to whom and how slowly: volume, errors and percentiles \
                                 of each pair, calls that cross zones, and the hottest pairs.";
    const READS: &'static [DataKind] = &[DataKind::Topology, DataKind::Edges, DataKind::Samples];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    const IS_WHOLE: bool = true;
    type Params = LatencyHeatmapParams;
    type Answer = LatencyHeatmapAnswer;

    fn fill(params: &mut LatencyHeatmapParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: LatencyHeatmapParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<LatencyHeatmapAnswer>, AskError> {
        let facts = fetch::facts(&params, now, ctx).await?;
        Ok(judge::judged(&params, &facts, now))
    }
}
