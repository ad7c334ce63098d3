//! `savings_candidates`: what could cost less, with evidence, price, effort, and whether it is safe.

mod alternative;
mod cost;
mod evidence;
mod fetch;
mod judge;
mod params;
mod rule;
mod safe;
mod saving;
mod shape;
mod table;
mod usage;

use async_trait::async_trait;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::question::{Draft, Question};

pub use params::SavingsCandidatesParams;
pub use shape::SavingsCandidatesAnswer;

/// The question.
#[derive(Debug)]
pub struct SavingsCandidatesQuestion;

#[async_trait]
impl Question for SavingsCandidatesQuestion {
    const NAME: &'static str = "savings_candidates";
    const TITLE: &'static str = "Savings";
    const ABOUT: &'static str = "What could cost less: idle, oversized, outdated or forgotten things, \
                                 with evidence, price, effort, risk, and whether it is safe.";
    const READS: &'static [DataKind] =
        &[DataKind::Topology, DataKind::Samples, DataKind::Charges, DataKind::Decisions];
    const STEP: Option<i64> = Some(Micros::HOUR);
    const IS_WHOLE: bool = true;
    type Params = SavingsCandidatesParams;
    type Answer = SavingsCandidatesAnswer;

    fn fill(params: &mut Self::Params) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: Self::Params,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<Self::Answer>, AskError> {
        let facts = fetch::facts(&params, now, ctx).await?;
        judge::judged(&params, &facts)
    }
}
