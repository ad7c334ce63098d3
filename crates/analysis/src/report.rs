//! Reports for people who lead: of any unit and any product, in four depths. A report asks the
//! questions through the answer path, each with its own scope, cache, deadline and fallback, and puts
//! their figures together; a figure on it is the figure of the question, or a sum of such that names
//! its terms. What a question does not answer is missing from the report by name.
//! Cost: that of its questions, which the cache keeps.

mod branch_lists;
mod budget;
mod decision;
mod decision_money;
mod driver_lists;
mod figure;
mod groups;
mod incident_decisions;
mod lists;
mod money_lists;
mod params;
mod part;
mod plan;
mod scene;
mod sentence;
mod shape;
mod table;
#[cfg(test)]
mod tests;
mod value_lists;
mod worth;

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use model::envelope::{AnswerSource, Envelope, Warning};
use model::error::StoreError;
use model::seam::DataKind;
use model::time::Micros;
use serde_json::Value;

use crate::answer::{answered, hash_of, milliseconds, with_nearest};
use crate::ask::{AskContext, AskError};
use crate::cache::Answered;
use crate::question::{AnyQuestion, Draft, Question};
use crate::unit_tree::unit_tree;
use part::{Parts, Time, asked};
use plan::ReportName;
use scene::{Found, Scene, Shared, fiscal_year_of, period_of, subject_of, whole_of};

pub use params::{ReportDepth, ReportParams};
pub use shape::{
    ReportAnswer, ReportAssumption, ReportCell, ReportColumn, ReportDecision, ReportDecisionKind,
    ReportFigure, ReportFiscalYear, ReportFormula, ReportGroup, ReportHarm, ReportList,
    ReportMoney, ReportPart, ReportPeriod, ReportRow, ReportSource, ReportSubject, ReportText,
    ReportUnit, ReportValue,
};

/// Every report, in the order of the menu.
pub const REPORTS: &[&dyn AnyQuestion] =
    &[&DashboardReport, &ValueReport, &FiscalReport, &InfrastructureReport];

/// The report of this name (`dashboard`).
pub fn report_of(name: &str) -> Option<&'static dyn AnyQuestion> {
    REPORTS.iter().copied().find(|one| one.name().strip_prefix("reports/") == Some(name))
}

/// One report. It is not cached itself: its parts are, each under the versions it reads.
macro_rules! report {
    ($type:ident, $of:expr, $name:literal, $title:literal, $about:literal) => {
        #[doc = $about]
        pub struct $type;

        #[async_trait]
        impl Question for $type {
            const NAME: &'static str = $name;
            const TITLE: &'static str = $title;
            const ABOUT: &'static str = $about;
            const READS: &'static [DataKind] = &[];
            const STEP: Option<i64> = None;
            type Params = ReportParams;
            type Answer = ReportAnswer;

            fn fill(params: &mut ReportParams) -> Result<(), AskError> {
                params.fill()
            }

            async fn ask(
                params: ReportParams,
                now: Micros,
                ctx: &AskContext,
            ) -> Result<Draft<ReportAnswer>, AskError> {
                draft($of, &params, now, ctx).await
            }
        }
    };
}

report!(
    DashboardReport,
    ReportName::Dashboard,
    "reports/dashboard",
    "Executive dashboard",
    "Health, spend against budget, reliability, risk and value of a unit, and three decisions worth \
     making."
);
report!(
    ValueReport,
    ReportName::Value,
    "reports/value",
    "Value metrics",
    "What the business gets for what it spends, what incidents cost it and what was saved, of a unit."
);
report!(
    FiscalReport,
    ReportName::Fiscal,
    "reports/fiscal",
    "Fiscal analysis",
    "Budget against actual by period and unit over the fiscal year, variance by driver, and the \
     forecast to its end."
);
report!(
    InfrastructureReport,
    ReportName::Infrastructure,
    "reports/infrastructure",
    "Infrastructure overview",
    "What a unit runs, how healthy it is, what it costs and where it may break, by branch."
);

/// Gives one report.
///
/// # Errors
/// `AskError` when a parameter is wrong or nothing the viewer sees has the unit's name. A store that is
/// down makes parts missing or stale, not the report.
pub async fn report(
    report: &dyn AnyQuestion,
    params: Value,
    ctx: &AskContext,
) -> Result<Arc<Answered>, AskError> {
    let started = Instant::now();
    let params = report.filled(params)?;
    let now = Micros::of(ctx.now);
    let work = report.ask_any(params.clone(), now, ctx);
    let result = tokio::select! {
        biased;
        () = ctx.cancel.cancelled() => Err(StoreError::Cancelled.into()),
        result = work => result,
    };
    let draft = match result {
        Ok(draft) => draft,
        Err(error) => return Err(with_nearest(error, ctx).await),
    };
    let key = hash_of(&(report.name(), &params, &draft.answer));
    let envelope = Envelope {
        question: report.name().to_owned(),
        params,
        as_of: draft.as_of.timestamp(),
        window: draft.window,
        source: source_of(&draft.answer),
        stores: draft.stores,
        coverage: draft.coverage,
        took_ms: milliseconds(started.elapsed()),
        truncated: draft.truncated,
        warnings: draft.warnings,
        next: draft.next,
        data: draft.answer,
        tables: draft.tables,
    };
    answered(envelope, key).map(Arc::new)
}

/// The least fresh of the parts: stale before a background result, that before demonstration.
fn source_of(answer: &Value) -> AnswerSource {
    let parts = answer.get("parts").and_then(Value::as_array);
    let has = |word: &str| {
        let source = |part: &Value| part.get("source").and_then(Value::as_str) == Some(word);
        parts.is_some_and(|parts| parts.iter().any(source))
    };
    match (has("stale"), has("cached"), has("demonstration")) {
        (true, ..) => AnswerSource::Stale,
        (_, true, _) => AnswerSource::Cached,
        (.., true) => AnswerSource::Demonstration,
        _ => AnswerSource::Live,
    }
}

async fn draft(
    name: ReportName,
    params: &ReportParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<Draft<ReportAnswer>, AskError> {
    let at = params.as_of.unwrap_or(now);
    let time = Time::of(ctx);
    let whole = whole_of(&ctx.viewer.org_scope);
    let found = match unit_tree(ctx.topology.as_ref(), &ctx.read(params.as_of)).await {
        Ok(tree) => {
            let found = subject_of(&tree, params, whole)?;
            (found, None)
        }
        // The unit's own figures may still be known as they were.
        Err(error @ (StoreError::Unavailable { .. } | StoreError::Timeout { .. })) => {
            let name = params.of().unwrap_or(whole).to_owned();
            let id = params.of().map(str::to_owned);
            let subject = ReportSubject { id, kind: None, name, above: Vec::new(), below: 0 };
            let warning =
                Warning::new("missing_part", format!("the units below are missing: {error}"));
            let own = subject.id.iter().cloned().collect();
            (Found { subject, below: Vec::new(), own }, Some(warning))
        }
        Err(error) => return Err(error.into()),
    };
    let (Found { subject, below, own }, unit_warning) = found;
    let shared = Shared::new(params);
    let mut parts = Parts::default();
    asked(&mut parts, plan::first(&shared, subject.id.as_deref()), ctx, time).await?;
    let period = period_of(&parts, at);
    let mut scene = Scene {
        fiscal_year: fiscal_year_of(period.at.plus(-1), params.fiscal_start.unwrap_or(1)),
        subject,
        below,
        depth: params.depth(),
        period,
        own,
        is_filtered: !params.environment.is_empty(),
        parts,
    };
    let rest = plan::rest(name, &shared, &scene);
    asked(&mut scene.parts, rest, ctx, time).await?;
    let answer = composed(name, &scene);
    let mut draft = Draft::new((), at);
    draft.stores = scene.parts.stores();
    draft.warnings = scene.parts.warnings();
    draft.warnings.extend(unit_warning);
    for list in &answer.lists {
        if (list.rows.len() as u64) < list.total {
            draft.truncated.insert(list.key.clone(), list.total);
        }
    }
    draft.tables = table::tables(&answer);
    Ok(draft.with(answer))
}

/// The report of a scene: pure.
fn composed(name: ReportName, scene: &Scene) -> ReportAnswer {
    let groups = groups::groups(name, scene);
    let candidates = decision::candidates(scene);
    let considered = candidates.len() as u64;
    ReportAnswer {
        depth: scene.depth,
        subject: scene.subject.clone(),
        period: scene.period.clone(),
        fiscal_year: scene.fiscal_year.clone(),
        sentences: sentence::sentences(name, scene, &groups),
        groups,
        decisions: decision::chosen(candidates),
        decisions_considered: considered,
        lists: lists::lists(name, scene),
        parts: scene.parts.stated(),
        assumptions: sentence::assumptions(scene),
    }
}
