//! Who may have caused the trouble of an entity. Series of what it depends on are held against their own
//! baseline, and blame is moved from callers to callees where these account for it. Cost: linear in the
//! values read, at most 1.5 million of them.

mod answer;
mod asked;
mod condense;
mod deviation;
mod facts;
mod fetch;
mod judge;
mod params;
mod points;
mod position;
mod role;
mod roster;
mod shape;
mod table;
mod traced;

use async_trait::async_trait;
use model::envelope::{AnswerWindow, ChosenBy, StoreFreshness, Warning};
use model::error::StoreError;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::estate::{estate, named};
use crate::question::critical_paths::is_in;
use crate::question::{Draft, Question};
use crate::unit::{telemetry_read, with_below};

use answer::{entity_of, suspects_of};
use asked::{Asked, asked};
use fetch::{Fetched, fetched};
use judge::{GUARD, Ranked, suspects};
use position::{CHANGE_BEFORE, CHANGE_HALF};

pub use params::SuspectsParams;
pub use shape::{
    Suspect, SuspectBaseline, SuspectCall, SuspectChange, SuspectChangeRule, SuspectEntity,
    SuspectEvidence, SuspectLeftOut, SuspectsAnswer,
};

/// The question.
pub struct SuspectsQuestion;

#[async_trait]
impl Question for SuspectsQuestion {
    const NAME: &'static str = "incidents/suspects";
    const TITLE: &'static str = "Root-cause suspects";
    const ABOUT: &'static str = "Who may have caused the trouble of an entity: what it depends on, \
                                 ranked by deviation, position and changes, with evidence and path.";
    const READS: &'static [DataKind] = &[
        DataKind::Topology,
        DataKind::Samples,
        DataKind::Edges,
        DataKind::Incidents,
        DataKind::Changes,
    ];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    type Params = SuspectsParams;
    type Answer = SuspectsAnswer;

    fn fill(params: &mut SuspectsParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: SuspectsParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<SuspectsAnswer>, AskError> {
        let read = telemetry_read(ctx.topology.as_ref(), ctx.read(params.as_of)).await?;
        let (mut trouble, others) = asked(&params, now, ctx, &read).await?;
        let mut warnings = Vec::new();
        let mut then = estate(ctx, trouble.as_of).await?;
        let name = trouble.entity.clone().unwrap_or_default();
        if named(ctx, trouble.as_of, &then, &name).await.is_err() {
            // What was not observed by then may be known since.
            let today = estate(ctx, params.as_of).await?;
            if named(ctx, params.as_of, &today, &name).await.is_ok() {
                (then, trouble.as_of) = (today, params.as_of);
                let message = format!("{name} was not observed by then; relations are today's");
                warnings.push(Warning::new("estate_of_today", message));
            }
        }
        let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
        let fetched = fetched(ctx, &read, &then, &trouble, &others).await?;
        let place = params.place();
        let is_asked = |id: &str| match then.find(id) {
            Some(one) => is_in(then.entity(one), &place, &units),
            None => place == model::scope::Place::default() && units.is_empty(),
        };
        let visible: Vec<bool> =
            fetched.facts.subjects.iter().map(|one| is_asked(&one.id)).collect();
        let mut draft = judged(&params, &trouble, fetched, &visible, now).await?;
        draft.stores.insert(0, StoreFreshness::of("topology", then.facts.version));
        draft.warnings.splice(0..0, warnings);
        Ok(draft)
    }
}

/// Ranks and writes the answer.
async fn judged(
    params: &SuspectsParams,
    trouble: &Asked,
    fetched: Fetched,
    visible: &[bool],
    now: Micros,
) -> Result<Draft<SuspectsAnswer>, AskError> {
    let Fetched { facts, baseline_from, step, samples, left_out } = fetched;
    let window = (trouble.start, trouble.end);
    let work = move || {
        let ranking = suspects(&facts, window);
        (facts, ranking)
    };
    let (facts, ranking) = tokio::task::spawn_blocking(work).await.map_err(|error| {
        let operation = "rank suspects".to_owned();
        AskError::Store(StoreError::Internal { operation, reason: error.to_string() })
    })?;
    let all: Vec<&Ranked> = ranking.ranked.iter().filter(|one| visible[one.subject]).collect();
    let limit = params.limit.unwrap_or(10) as usize;
    let kept: Vec<&Ranked> = all.iter().copied().take(limit).collect();
    let seconds = |micros: i64| (micros / Micros::SECOND).unsigned_abs();
    let answer = SuspectsAnswer {
        incident: trouble.incident.clone(),
        symptom: entity_of(&facts, facts.symptom),
        from: trouble.start,
        until: trouble.end,
        baseline: SuspectBaseline {
            from: baseline_from,
            to: trouble.start.plus(-GUARD),
            step_secs: seconds(step),
            points: ranking.baseline_points as u64,
            is_weak: ranking.is_weak,
            left_out,
        },
        suspects: suspects_of(&facts, &ranking, &kept),
        change_rule: SuspectChangeRule {
            before_secs: seconds(CHANGE_BEFORE),
            half_secs: seconds(CHANGE_HALF),
        },
        judged: facts.subjects.len() as u64,
        series: facts.series.len() as u64,
    };
    let mut draft = Draft::new(answer, params.as_of.unwrap_or(now));
    let (from, to) = (trouble.start.timestamp(), trouble.end.timestamp());
    draft.window = Some(AnswerWindow { from, to, chosen_by: ChosenBy::Request });
    draft.stores = vec![StoreFreshness::of("telemetry", samples)];
    if all.len() > limit {
        draft.truncated.insert("suspects".to_owned(), all.len() as u64);
    }
    if draft.answer.baseline.is_weak {
        let points = draft.answer.baseline.points;
        let message = format!("the baseline has {points} points, under 30: the ranking is weak");
        draft.warnings.push(Warning::new("weak_baseline", message));
    }
    draft.tables = draft.answer.tables();
    Ok(draft)
}
