//! What fails and what degrades when a service, or anything else, fails; through which path, and whose it
//! is. Cost: one pass over the estate for the model, then what the failure reaches.

mod judge;
mod params;
mod shape;
mod table;

use std::sync::Arc;

use async_trait::async_trait;
use model::error::StoreError;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::estate::{all_named, estate};
use crate::failure::Model;
use crate::measured_options::failure_options;
use crate::question::{Draft, Question};

pub use params::{BlastRadiusParams, BlastState};
pub use shape::{BlastEntity, BlastOwner, BlastRadiusAnswer, BlastStep, Degrading, Failing};

/// The view.
pub struct BlastRadiusQuestion;

#[async_trait]
impl Question for BlastRadiusQuestion {
    const NAME: &'static str = "service_dependencies/blast_radius";
    const TITLE: &'static str = "Blast radius";
    const ABOUT: &'static str = "What fails and what degrades when something fails, through which \
                                 path, and whose it is.";
    const READS: &'static [DataKind] = &[DataKind::Topology, DataKind::Edges, DataKind::Spans];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    const IS_WHOLE: bool = true;
    type Params = BlastRadiusParams;
    type Answer = BlastRadiusAnswer;

    fn fill(params: &mut BlastRadiusParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: BlastRadiusParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<BlastRadiusAnswer>, AskError> {
        let estate = estate(ctx, params.as_of).await?;
        let mut roots = all_named(ctx, params.as_of, &estate, &params.root).await?;
        roots.sort_unstable();
        roots.dedup();
        let options = failure_options(ctx, params.as_of, now, &estate).await?;
        let as_of = params.as_of.unwrap_or(now);
        let work = move || {
            let model = Model::of(Arc::clone(&estate), &options);
            judge::judged(&params, &model, &roots, as_of)
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            let operation = "close a failure".to_owned();
            AskError::Store(StoreError::Internal { operation, reason: error.to_string() })
        })
    }
}
