//! What broke, how long, how often, whose, and what is still open? Incidents are put together from all
//! that was said about them (`crate::incident`), then counted and timed. Cost: one read of the incidents
//! held; the intervals dominate, at most 4 million draws each.

mod figure;
mod group;
mod judge;
mod params;
mod period;
mod recurrence;
mod select;
mod shape;
pub mod suspects;
mod table;
pub mod timeline;

use async_trait::async_trait;
use model::envelope::StoreFreshness;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::estate::estate;
use crate::incident::incidents;
use crate::question::{Draft, Question};
use crate::unit::{telemetry_read, with_below};
use crate::value::{HarmScope, ValueBook, value_downtime};

use select::passes;

pub use params::{IncidentDimension, IncidentsParams};
pub use period::IncidentPeriodStep;
pub use shape::{
    IncidentBreakdown, IncidentDowntime, IncidentDuration, IncidentDurations, IncidentEntity,
    IncidentFigure, IncidentGroup, IncidentPeriod, IncidentRates, IncidentRecurrence, IncidentRow,
    IncidentsAnswer,
};

/// The question.
pub struct IncidentsQuestion;

#[async_trait]
impl Question for IncidentsQuestion {
    const NAME: &'static str = "incidents";
    const TITLE: &'static str = "Incidents";
    const ABOUT: &'static str = "What broke, how often and for how long, by period, severity, service \
                                 and team; what recurs and what is still open.";
    const READS: &'static [DataKind] = &[DataKind::Incidents, DataKind::Topology, DataKind::Values];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    type Params = IncidentsParams;
    type Answer = IncidentsAnswer;

    fn fill(params: &mut IncidentsParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: IncidentsParams,
        _: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<IncidentsAnswer>, AskError> {
        let now = ctx.at(params.as_of);
        let version = ctx.telemetry.version(DataKind::Incidents).await?;
        let read = telemetry_read(ctx.topology.as_ref(), ctx.read(params.as_of)).await?;
        let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
        let held = incidents(ctx, &read).await?;
        let mut draft = judge::judged(&params, &units, &held, now)?;
        if let Some(window) = draft.window.map(|window| window.window()) {
            let book = ValueBook::read(ctx, &read, window).await?;
            let estate = estate(ctx, params.as_of).await?;
            let scope = HarmScope {
                window,
                now,
                is_meant: &|one| one.counted_under.is_none() && passes(one, &params, &units),
                is_asked: &|one| !estate.is_outside(one),
                is_everything: true,
            };
            draft.answer.downtime_cost = value_downtime(&book, &estate, &held, scope);
            draft.tables = draft.answer.tables();
        }
        draft.stores = vec![StoreFreshness::of("telemetry", version)];
        Ok(draft)
    }
}
