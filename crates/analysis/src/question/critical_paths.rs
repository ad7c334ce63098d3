//! What takes entry points and products down by itself? The failure model of the whole estate, single
//! points of failure by it, workload risks, and how much each entry point can lose. Cost: one pass over
//! the estate, and bounded closures of what can break.

mod candidate;
mod judge;
mod params;
pub mod remedy;
mod shape;
mod single;
mod table;
pub mod what_if;

use std::collections::BTreeSet;
use std::time::Instant;

use async_trait::async_trait;
use model::EntityKind;
use model::envelope::{Coverage, StoreFreshness, Warning};
use model::error::StoreError;
use model::fact::EntityFact;
use model::scope::Place;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::decision::{Decisions, decisions};
use crate::estate::{Estate, all_named, estate};
use crate::failure::Model;
use crate::measured_options::failure_options;
use crate::question::{Draft, Question};
use crate::unit::with_below;

pub use params::{CriticalPathsParams, Include};
pub use shape::{
    Assumptions, CriticalPathsAnswer, CriticalPathsSummary, CriticalTarget, EntityRef, FailureStep,
    Holds, InsidePoint, OwnershipConcentration, PointClass, SinglePoint, UnknownGroup,
    WorkloadRiskRow,
};
pub use what_if::{WhatIfAnswer, WhatIfParams, WhatIfQuestion};

/// The question.
pub struct CriticalPathsQuestion;

#[async_trait]
impl Question for CriticalPathsQuestion {
    const NAME: &'static str = "critical_paths";
    const TITLE: &'static str = "Critical paths";
    const ABOUT: &'static str = "Single points of failure of entry points and products, ranked by \
                                 what is lost, and workloads that one failure takes down.";
    const READS: &'static [DataKind] = &[DataKind::Topology, DataKind::Edges, DataKind::Spans];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    const IS_WHOLE: bool = true;
    type Params = CriticalPathsParams;
    type Answer = CriticalPathsAnswer;

    fn fill(params: &mut CriticalPathsParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: CriticalPathsParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<CriticalPathsAnswer>, AskError> {
        let estate = estate(ctx, params.as_of).await?;
        let stated = all_named(ctx, params.as_of, &estate, &params.target).await?;
        let read = ctx.read(params.as_of);
        let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
        let options = failure_options(ctx, params.as_of, now, &estate).await?;
        let as_of = params.as_of.unwrap_or(now);
        let decisions = decisions(ctx, params.as_of).await?;
        let (deadline, cancel) = (ctx.deadline, ctx.cancel.clone());
        ctx.progress.begin("closing what may fail");
        let work = move || {
            let mut is_stopped = || cancel.is_cancelled() || Instant::now() >= deadline;
            let model = Model::of(estate, &options);
            drafted(&params, &model, &stated, &units, as_of, &mut is_stopped)
        };
        let mut draft = tokio::task::spawn_blocking(work).await.map_err(|error| {
            let operation = "judge single points of failure".to_owned();
            AskError::Store(StoreError::Internal { operation, reason: error.to_string() })
        })?;
        decide(&mut draft.answer, &decisions);
        draft.tables = draft.answer.tables();
        Ok(draft)
    }
}

/// Judges the estate.
fn drafted(
    params: &CriticalPathsParams,
    model: &Model,
    stated: &[u32],
    units: &[String],
    as_of: Micros,
    is_stopped: &mut dyn FnMut() -> bool,
) -> Draft<CriticalPathsAnswer> {
    let estate = model.estate();
    let place = params.place();
    let is_in = |one: u32| !estate.is_outside(one) && is_in(estate.entity(one), &place, units);
    let targets = if stated.is_empty() {
        let entries = model.entries().iter().filter(|one| is_in(one.subject)).map(|one| one.node);
        let products = estate.of_kind(EntityKind::Product).filter(|one| is_in(*one));
        entries.chain(products).collect::<BTreeSet<u32>>()
    } else {
        stated.iter().map(|one| model.entry_of(*one).map_or(*one, |entry| entry.node)).collect()
    };
    let asked = judge::Asked {
        targets: targets.into_iter().collect(),
        is_in: &is_in,
        include: &params.include,
        class: &params.class,
        limit: params.limit.unwrap_or(1) as usize,
    };
    let (answer, truncated, is_whole) = judge::judged(model, &asked, is_stopped);
    let mut draft = Draft::new(answer, as_of);
    draft.truncated = truncated;
    draft.stores = vec![StoreFreshness::of("topology", estate.facts.version)];
    draft.warnings = warnings(estate, &draft.answer, as_of, is_whole);
    let assumptions = &draft.answer.assumptions;
    let zones = Coverage::new(assumptions.hosts_with_zone, assumptions.hosts);
    let stated = assumptions.calls - assumptions.assumed;
    let needs = Coverage::new(stated, assumptions.calls);
    draft.coverage = [("zone".to_owned(), zones), ("need".to_owned(), needs)].into();
    draft
}

/// Puts what was decided beside the risks it is about.
fn decide(answer: &mut CriticalPathsAnswer, decisions: &Decisions) {
    let of = |class: &str, entity: &EntityRef| {
        entity.id.as_deref().and_then(|id| decisions.of_risk(class, id)).cloned()
    };
    for point in answer.physical.iter_mut().chain(&mut answer.logical) {
        point.decision = of(point.class.as_str(), &point.entity);
    }
    for row in &mut answer.workload_risks {
        row.decision = of(row.class.as_str(), &row.entity);
    }
}

/// Whether an entity is in a place and owned by one of the units, where some are asked for.
pub(crate) fn is_in(entity: &EntityFact, place: &Place, units: &[String]) -> bool {
    let scope = &entity.scope;
    let any = |asked: &[String], of: &[Option<&String>]| {
        asked.is_empty() || of.iter().flatten().any(|one| asked.contains(one))
    };
    let environment = entity.id.strip_prefix("service://").and_then(|rest| rest.split('/').next());
    let environment = environment.map(str::to_owned);
    any(&place.account, &[scope.account.as_ref()])
        && any(&place.region, &[scope.region.as_ref()])
        && any(&place.cluster, &[scope.cluster.as_ref(), entity.cluster_name.as_ref()])
        && any(&place.namespace, &[scope.namespace.as_ref()])
        && any(&place.environment, &[scope.environment.as_ref(), environment.as_ref()])
        && any(units, &[entity.owner.as_ref(), entity.application.as_ref(), Some(&entity.id)])
}

fn warnings(
    estate: &Estate,
    answer: &CriticalPathsAnswer,
    as_of: Micros,
    is_whole: bool,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(warning) = before_first(estate, as_of) {
        warnings.push(warning);
    }
    if answer.targets.is_empty() {
        let message = "no entry point or product is known here, so nothing is lost with anything; \
                       workload risks do not need one. Give target=ID to judge something else"
            .to_owned();
        warnings.push(Warning::new("no_entry_point", message));
    }
    let assumptions = &answer.assumptions;
    if assumptions.assumed > 0 {
        let message = format!(
            "the need of {} of {} calls is not known; they carry failure as if they were required",
            assumptions.assumed, assumptions.calls
        );
        warnings.push(Warning::new("assumed_need", message));
    }
    if assumptions.hosts_with_zone < assumptions.hosts {
        let without = assumptions.hosts - assumptions.hosts_with_zone;
        let message = format!(
            "the zone of {without} of {} nodes and instances is not known, so what shares a zone \
             cannot be seen there",
            assumptions.hosts
        );
        warnings.push(Warning::new("unknown_zone", message));
    }
    if !is_whole {
        let message = "the time was up before every candidate was judged; narrow the place or the \
                       targets";
        warnings.push(Warning::new("not_whole", message));
    }
    warnings
}

/// That nothing was observed by then.
pub(crate) fn before_first(estate: &Estate, as_of: Micros) -> Option<Warning> {
    let first = estate.facts.first_observation?;
    (estate.is_empty() && as_of < first).then(|| {
        let message = format!("nothing was observed before {first}; {as_of} is earlier");
        Warning::new("before_first_observation", message)
    })
}
