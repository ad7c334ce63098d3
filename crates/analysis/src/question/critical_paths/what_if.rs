//! What follows when a selection is taken away: at once, and after what controllers can put back is
//! back. Cost: one pass over the estate, two closures, and a placement of the pods that were lost.

mod answer;
mod params;
mod recovery;
mod select;
mod shape;
mod table;

use std::collections::BTreeSet;

use async_trait::async_trait;
use model::envelope::StoreFreshness;
use model::error::StoreError;
use model::seam::DataKind;
use model::time::Micros;

use super::{before_first, is_in};
use crate::ask::{AskContext, AskError};
use crate::estate::{estate, named};
use crate::failure::{Entry, Model};
use crate::measured_options::failure_options;
use crate::question::{Draft, Question};
use crate::unit::with_below;

pub use params::{FailureState, WhatIfParams};
pub use select::{Selection, Term};
pub use shape::{
    DegradedRow, FailedRow, KindTotal, Recovery, SelectedPart, Survivor, Unrecovered, WhatIfAnswer,
    WhatIfOutcome,
};

/// The question.
pub struct WhatIfQuestion;

#[async_trait]
impl Question for WhatIfQuestion {
    const NAME: &'static str = "critical_paths/what_if";
    const TITLE: &'static str = "What if";
    const ABOUT: &'static str = "What fails and what degrades when a selection is taken away: at \
                                 once, and after recovery.";
    const READS: &'static [DataKind] = &[DataKind::Topology, DataKind::Edges, DataKind::Spans];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    const IS_WHOLE: bool = true;
    type Params = WhatIfParams;
    type Answer = WhatIfAnswer;

    fn fill(params: &mut WhatIfParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: WhatIfParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<WhatIfAnswer>, AskError> {
        let estate = estate(ctx, params.as_of).await?;
        let mut parts = Vec::new();
        for text in &params.select {
            let selection = text.0.clone();
            let plain = match selection.plain() {
                Some(name) => Some(named(ctx, params.as_of, &estate, name).await?),
                None => None,
            };
            parts.push((selection, plain));
        }
        let read = ctx.read(params.as_of);
        let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
        let options = failure_options(ctx, params.as_of, now, &estate).await?;
        let as_of = params.as_of.unwrap_or(now);
        let work = move || {
            let model = Model::of(estate, &options);
            drafted(&params, &model, parts, &units, as_of)
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            let operation = "work out what follows".to_owned();
            AskError::Store(StoreError::Internal { operation, reason: error.to_string() })
        })
    }
}

/// Works out what follows from a selection.
fn drafted(
    params: &WhatIfParams,
    model: &Model,
    parts: Vec<(Selection, Option<u32>)>,
    units: &[String],
    as_of: Micros,
) -> Draft<WhatIfAnswer> {
    let estate = model.estate();
    let mut selected: Vec<(Selection, BTreeSet<u32>)> = Vec::new();
    for (selection, plain) in parts {
        let nodes = select::nodes(model, &selection, plain);
        selected.push((selection, nodes));
    }
    let limit = params.limit.unwrap_or(1) as usize;
    let state = params.state.unwrap_or_default().state();
    let place = params.place();
    let entries: Vec<&Entry> = model
        .entries()
        .iter()
        .filter(|entry| !estate.is_outside(entry.subject))
        .filter(|entry| is_in(estate.entity(entry.subject), &place, units))
        .collect();
    let asked = answer::Asked { selected: &selected, entries: &entries, state, limit };
    let (answer, truncated, warnings) = answer::answered(model, &asked);
    let mut draft = Draft::new(answer, as_of);
    draft.truncated = truncated;
    draft.stores = vec![StoreFreshness::of("topology", estate.facts.version)];
    draft.warnings = warnings;
    draft.warnings.extend(before_first(estate, as_of));
    draft.tables = draft.answer.tables();
    draft
}
