//! What measurements add to the failure model: needs that traces show, entry points by their requests,
//! and how much enters at each. Every question that builds the model takes its options from here.

use std::collections::BTreeMap;

use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::calls::{ends_of, windowed_calls};
use crate::entry_point::traced_of;
use crate::estate::Estate;
use crate::failure::Options;
use crate::need::measured_needs;

/// The window whose requests weigh entry points.
const WINDOW: i64 = Micros::DAY;

/// The options of an estate's failure model. Entry points are weighed by their requests; where some are
/// measured and some are not, one that is not has no weight.
///
/// # Errors
/// When the store gives no facts.
pub async fn failure_options(
    ctx: &AskContext,
    as_of: Option<Micros>,
    now: Micros,
    estate: &Estate,
) -> Result<Options, AskError> {
    let needs = measured_needs(ctx, as_of, now, estate).await?;
    let (window, calls) = windowed_calls(ctx, None, WINDOW, (as_of, now)).await?;
    let roots = ctx.telemetry.roots(&ctx.read(as_of), window.window.window()).await?;
    let ends = ends_of(estate);
    let traced = traced_of(estate, &roots, &calls, &ends);
    let mut options = Options { needs, ..Options::default() };
    let mut weights = BTreeMap::new();
    for entry in &traced.entries {
        let Some(service) = ends.get(&entry.service).copied() else { continue };
        weights.insert(service, entry.requests as f64);
        let list = if entry.is_consumer { &mut options.consumers } else { &mut options.rooted };
        list.push(service);
    }
    options.weights = weights;
    options.rooted.sort_unstable();
    options.consumers.sort_unstable();
    Ok(options)
}
