//! The facts of `incidents/suspects`: nothing after the end of the window, at most 7 days before it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::entity::EntityId;
use model::error::StoreError;
use model::fact::{SeriesFact, SeriesQuery};
use model::seam::{DataKind, ReadContext, Version};
use model::time::{Micros, Window};

use super::asked::{Asked, Others};
use super::facts::{SuspectFacts, SuspectedChange};
use super::judge::{BASELINE, GUARD};
use super::points::judged;
use super::position::CHANGE_BEFORE;
use super::roster::Roster;
use super::shape::SuspectLeftOut;
use super::traced::traced;
use crate::ask::{AskContext, AskError};
use crate::estate::{Estate, named};

/// Most series that are looked at.
const SERIES_MAX: usize = 20_000;
/// Most values that are held at once.
const POINTS_MAX: usize = 1_500_000;
/// Fewest and most buckets of one read.
const BUCKETS: (i64, i64) = (360, 10_080);
/// Most entities of one read.
const ENTITIES_MAX: usize = 5_000;
/// Buckets that a window has at most.
const WINDOW_BUCKETS: i64 = 30;

/// What is judged, and what an answer says about it.
pub(super) struct Fetched {
    /// The facts.
    pub facts: SuspectFacts,
    /// Where the baseline begins.
    pub baseline_from: Micros,
    /// Length of a bucket in microseconds.
    pub step: i64,
    /// Version of the samples.
    pub samples: Version,
    /// Other incidents whose windows are left out.
    pub left_out: Vec<SuspectLeftOut>,
}

/// Reads everything about one trouble.
pub(super) async fn fetched(
    ctx: &AskContext,
    read: &ReadContext,
    estate: &Arc<Estate>,
    asked: &Asked,
    others: &Others,
) -> Result<Fetched, AskError> {
    let (start, end) = (asked.start, asked.end);
    let known = match &asked.entity {
        Some(name) => match named(ctx, asked.as_of, estate, name).await {
            Ok(one) => Some(one),
            Err(AskError::Store(StoreError::NotFound { .. })) => None,
            Err(error) => return Err(error),
        },
        None => None,
    };
    let mut roster = Roster::of_estate(estate, known);
    let step = step_of(start, end);
    let samples = ctx.telemetry.version(DataKind::Samples).await?;
    let (baseline_from, series) = series(ctx, read, &mut roster, (start, end), step).await?;
    let mut series = judged(&mut roster, series, step);
    series.extend(traced(ctx, read, &mut roster, (start, end), GUARD).await?);
    let symptom = match (known, &asked.entity) {
        (Some(one), _) => roster.of_entity(estate.entity(one).entity),
        (None, Some(name)) => roster.find(name),
        (None, None) => None,
    };
    let symptom = symptom.ok_or_else(|| {
        let what = asked.entity.clone().unwrap_or_default();
        AskError::Store(StoreError::NotFound { what })
    })?;
    let changes = changes(ctx, read, &roster, start).await?;
    let left_out = others.left_out(&roster, baseline_from);
    let masked = left_out.iter().map(|one| (one.from, one.to)).collect();
    let facts = SuspectFacts {
        subjects: std::mem::take(&mut roster.subjects),
        calls: std::mem::take(&mut roster.calls),
        series,
        changes,
        symptom,
        masked,
    };
    Ok(Fetched { facts, baseline_from, step, samples, left_out })
}

/// Whole minutes, so that a window has a few to 30 values.
fn step_of(start: Micros, end: Micros) -> i64 {
    let minutes = end.0.saturating_sub(start.0) / Micros::MINUTE;
    ((minutes + WINDOW_BUCKETS - 1) / WINDOW_BUCKETS).max(1) * Micros::MINUTE
}

type Key = (EntityId, String, String, String);

fn key_of(fact: &SeriesFact) -> Key {
    let labels: Vec<String> =
        fact.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (fact.entity, fact.metric.clone(), labels.join("\u{1f}"), fact.source.clone())
}

/// Series of the subjects over window and baseline, joined; and where the baseline begins. The baseline
/// is read backwards and ends early where nothing older is held or too much would be.
async fn series(
    ctx: &AskContext,
    read: &ReadContext,
    roster: &mut Roster,
    (start, end): (Micros, Micros),
    step: i64,
) -> Result<(Micros, Vec<SeriesFact>), AskError> {
    let query = |entities: Vec<EntityId>, from: Micros, to: Micros| SeriesQuery {
        entities,
        signals: Vec::new(),
        metrics: Vec::new(),
        window: Window { from: from.timestamp(), to: to.timestamp() },
        step,
        limit: SERIES_MAX,
    };
    let mut found: BTreeMap<Key, SeriesFact> = BTreeMap::new();
    let mut ours = roster.entities();
    ours.truncate(ENTITIES_MAX);
    if !ours.is_empty() {
        for fact in ctx.telemetry.series(read, query(ours, start, end)).await? {
            found.insert(key_of(&fact), fact);
        }
    }
    // What no entity is known for is named by labels only.
    let all = ctx.telemetry.series(read, query(Vec::new(), start, end)).await?;
    all.iter().for_each(|fact| roster.learn(&fact.labels));
    for fact in all {
        let is_of_call = super::role::call_of(&fact.labels).is_some();
        if is_of_call || roster.of_series(fact.entity, &fact.id, &fact.labels).is_some() {
            found.entry(key_of(&fact)).or_insert(fact);
        }
    }
    let entities: BTreeSet<EntityId> = found.keys().map(|key| key.0).collect();
    let entities: Vec<EntityId> = entities.into_iter().take(ENTITIES_MAX).collect();
    if entities.is_empty() {
        return Ok((start.plus(-BASELINE), Vec::new()));
    }
    let first = first_sample(ctx, read).await?;
    let oldest = start.plus(-BASELINE).max(first.unwrap_or(start));
    let mut to = start.plus(-GUARD);
    let mut held = 0;
    // One read holds about as much as all may hold.
    let buckets = (POINTS_MAX / found.len().max(1)) as i64;
    let length = buckets.clamp(BUCKETS.0, BUCKETS.1) * step;
    while to > oldest && held < POINTS_MAX {
        let from = to.plus(-length).floor_to(step).max(oldest);
        for fact in ctx.telemetry.series(read, query(entities.clone(), from, to)).await? {
            if let Some(one) = found.get_mut(&key_of(&fact)) {
                held += fact.buckets.len();
                one.buckets.extend(fact.buckets);
            }
        }
        to = from;
    }
    let mut all: Vec<SeriesFact> = found.into_values().collect();
    for one in &mut all {
        one.buckets.sort_by_key(|bucket| bucket.at);
    }
    Ok((to, all))
}

/// Instant of the oldest sample held.
async fn first_sample(ctx: &AskContext, read: &ReadContext) -> Result<Option<Micros>, AskError> {
    let presence = ctx.telemetry.presence(read).await?;
    let samples = presence.into_iter().find(|one| one.data == "samples");
    Ok(samples.and_then(|one| one.first).map(Micros::of))
}

/// Changes of the subjects before the start.
async fn changes(
    ctx: &AskContext,
    read: &ReadContext,
    roster: &Roster,
    start: Micros,
) -> Result<Vec<SuspectedChange>, AskError> {
    let window =
        Window { from: start.plus(-CHANGE_BEFORE).timestamp(), to: start.plus(1).timestamp() };
    let mut all = Vec::new();
    for fact in ctx.telemetry.changes(read, window).await? {
        let subjects: BTreeSet<usize> =
            fact.subjects.iter().filter_map(|one| roster.of_entity(one.entity)).collect();
        for subject in subjects {
            all.push(SuspectedChange {
                subject,
                at: fact.body.at,
                kind: fact.body.kind.clone(),
                title: fact.body.title.clone(),
                source: fact.source.clone(),
            });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_whole_minutes_and_a_window_has_at_most_30() {
        let of =
            |minutes: i64| step_of(Micros(0), Micros(minutes * Micros::MINUTE)) / Micros::MINUTE;
        assert_eq!([1, 5, 30, 31, 90].map(of), [1, 1, 1, 2, 3]);
    }
}
