//! What does the business get for what it spends? Value metrics against the effective cost of the same
//! days, by unit, product and application; value per request; savings that were realised; what downtime
//! cost. Everything that is taken for granted is listed. Cost: a read of charges by day, owner and
//! application, one of each kind of record, and two sums of charges for each saving that was carried out.

mod added_up;
mod compare;
mod cost;
mod fetch;
mod judge;
mod params;
mod period;
mod request;
mod saving;
mod shape;
mod table;

use async_trait::async_trait;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::question::{Draft, Question};

pub use params::{BusinessValueParams, ValueStep};
pub use shape::{
    AutomationHours, BusinessValueAnswer, RealisedAmount, RealisedSaving, RealisedStatus,
    RealisedTotal, ValueAutomation, ValueChange, ValueComparison, ValueMetric, ValueMoney,
    ValuePerRequest, ValuePeriod, ValueSavings, ValueSubject, ValueTrend, ValueUnitCost,
};

/// The question.
pub struct BusinessValueQuestion;

#[async_trait]
impl Question for BusinessValueQuestion {
    const NAME: &'static str = "business_value";
    const TITLE: &'static str = "Value";
    const ABOUT: &'static str = "What the business gets for what it spends: value against cost, unit \
                                 cost and return, value per request, savings realised, and what \
                                 downtime cost.";
    const READS: &'static [DataKind] = &[
        DataKind::Values,
        DataKind::Charges,
        DataKind::Incidents,
        DataKind::Topology,
        DataKind::Samples,
        DataKind::Edges,
        DataKind::Spans,
        DataKind::Decisions,
    ];
    const STEP: Option<i64> = Some(Micros::HOUR);
    type Params = BusinessValueParams;
    type Answer = BusinessValueAnswer;

    fn fill(params: &mut BusinessValueParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: BusinessValueParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<BusinessValueAnswer>, AskError> {
        let facts = fetch::facts(&params, now, ctx).await?;
        judge::judged(&params, &facts)
    }
}
