//! From question to answer, the same for every interface: defaults and bounds, org scope, rounded
//! `now`, cache key, single flight, deadline, the question itself, envelope, last good answer.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use model::envelope::{AnswerSource, Envelope, Warning};
use model::error::StoreError;
use model::seam::{DataKind, Version};
use model::time::Micros;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

use crate::ask::{AskContext, AskError};
use crate::border::{bordered, note};
use crate::cache::Answered;
use crate::explain::{recorded, take_explain};
use crate::job::{JobKey, JobStart};
use crate::question::AnyQuestion;

/// Most names offered when something is not known.
const NEAREST_MAX: usize = 5;

/// How long the stores may take to say what they hold before an earlier answer stands in.
const VERSION_TIME: Duration = Duration::from_secs(3);

/// Setting that marks a data folder as a demonstration.
const DEMONSTRATION: &str = "demonstration";

/// Answers one question.
///
/// # Errors
/// `AskError` when a parameter is wrong, when what is asked about does not exist, or when a store
/// gives no facts and no last good answer may stand in.
pub async fn answer(
    question: &dyn AnyQuestion,
    params: Value,
    ctx: &AskContext,
) -> Result<Envelope, AskError> {
    answer_shared(question, params, ctx).await.map(|answered| answered.envelope.clone())
}

/// The same, shared with everybody who asks the same, with its bytes and a key that is equal while
/// the answer is.
///
/// # Errors
/// As `answer`.
pub async fn answer_shared(
    question: &dyn AnyQuestion,
    params: Value,
    ctx: &AskContext,
) -> Result<Arc<Answered>, AskError> {
    let bordered = bordered(ctx);
    let ctx = bordered.as_ref().unwrap_or(ctx);
    let (asked, max_stale) = asked(question, params, ctx)?;
    if asked.is_explained {
        return explained(&asked, ctx).await;
    }
    let last_good_key = last_good_key(question, &asked.params, ctx);
    let versions = match told(&asked, &last_good_key, max_stale, ctx).await? {
        Told::Versions(versions) => versions,
        Told::Earlier(kept) => return Ok(kept),
    };
    match live(&asked, &versions, ctx).await {
        Ok(answered) => {
            if let Some(kept) = &ctx.last_good {
                kept.keep(&last_good_key, Arc::clone(&answered), ctx.now).await;
            }
            Ok(answered)
        }
        Err(AskError::Store(
            error @ (StoreError::Unavailable { .. } | StoreError::Timeout { .. }),
        )) => stale(&asked, &last_good_key, max_stale, error, ctx).await,
        Err(error) => Err(error),
    }
}

/// The answer with a table of what was read for it: worked out anew, and kept for nobody.
async fn explained(asked: &Asked<'_>, ctx: &AskContext) -> Result<Arc<Answered>, AskError> {
    let (ctx, recorder) = recorded(ctx);
    let versions = within_deadline(&ctx, versions(asked.question, &ctx)).await?;
    let key = cache_key(asked, &versions, &ctx);
    let found = within_deadline(&ctx, computed(asked, key, &ctx)).await?;
    let mut envelope = found.envelope.clone();
    envelope.tables.push(recorder.table());
    answered(envelope, hash_of(&(&found.key, asked.now, "explain"))).map(Arc::new)
}

/// What the stores say that they hold, or an earlier answer while they do not say.
enum Told {
    Versions(Vec<(DataKind, Version)>),
    Earlier(Arc<Answered>),
}

async fn told(
    asked: &Asked<'_>,
    last_good_key: &str,
    max_stale: Option<u64>,
    ctx: &AskContext,
) -> Result<Told, AskError> {
    let mut versions = pin!(within_deadline(ctx, versions(asked.question, ctx)));
    let told = match tokio::time::timeout(VERSION_TIME, &mut versions).await {
        Ok(told) => told,
        Err(_elapsed) => {
            // A store that hangs is not waited for while an earlier answer may stand in.
            let away = StoreError::Unavailable {
                store: "a store".to_owned(),
                since: None,
                reason: format!("it has not answered for {} s", VERSION_TIME.as_secs()),
            };
            if let Ok(kept) = stale(asked, last_good_key, max_stale, away, ctx).await {
                return Ok(Told::Earlier(kept));
            }
            versions.await
        }
    };
    match told {
        Ok(versions) => Ok(Told::Versions(versions)),
        Err(AskError::Store(
            error @ (StoreError::Unavailable { .. } | StoreError::Timeout { .. }),
        )) => stale(asked, last_good_key, max_stale, error, ctx).await.map(Told::Earlier),
        Err(error) => Err(error),
    }
}

/// One question as it is asked this time.
struct Asked<'a> {
    question: &'a dyn AnyQuestion,
    params: Value,
    now: Micros,
    started: Instant,
    is_explained: bool,
}

/// Parameters checked and filled, and how old an answer may stand in.
fn asked<'a>(
    question: &'a dyn AnyQuestion,
    params: Value,
    ctx: &AskContext,
) -> Result<(Asked<'a>, Option<u64>), AskError> {
    let started = Instant::now();
    check_size(&params, ctx)?;
    let mut params = params;
    let is_explained = take_explain(&mut params)?;
    let mut params = question.filled(params)?;
    let max_stale = take_max_stale(&mut params);
    let now = rounded_now(question, &params, ctx);
    Ok((Asked { question, params, now, started, is_explained }, max_stale))
}

/// The key of the job that answers these parameters; or an earlier answer, while a store does not say
/// what it holds.
///
/// # Errors
/// When a parameter is wrong, or a store does not say its version and nothing may stand in.
pub async fn job_key(
    question: &dyn AnyQuestion,
    params: Value,
    ctx: &AskContext,
) -> Result<JobStart, AskError> {
    let (asked, max_stale) = asked(question, params, ctx)?;
    let lasting = last_good_key(question, &asked.params, ctx);
    let versions = match told(&asked, &lasting, max_stale, ctx).await? {
        Told::Versions(versions) => versions,
        Told::Earlier(kept) => return Ok(JobStart::Earlier(kept)),
    };
    let numbers: Vec<u64> = versions.iter().map(|(_, version)| version.number).collect();
    Ok(JobStart::Key(JobKey {
        exact: cache_key(&asked, &versions, ctx),
        work: hash_of(&(&lasting, numbers)),
        lasting,
        is_pinned: asked.params.get("as_of").is_some_and(|as_of| !as_of.is_null()),
        max_stale,
    }))
}

fn check_size(params: &Value, ctx: &AskContext) -> Result<(), AskError> {
    let max = ctx.limits.params_bytes;
    if params.to_string().len() > max {
        return Err(AskError::bad("params", format!("are longer than {max} bytes")));
    }
    Ok(())
}

/// `max_stale` says what may stand in for an answer; it is no part of the question.
fn take_max_stale(params: &mut Value) -> Option<u64> {
    params.as_object_mut()?.shift_remove("max_stale")?.as_u64()
}

/// An instant that the caller gives is taken as it is; the default `now` is rounded down.
fn rounded_now(question: &dyn AnyQuestion, params: &Value, ctx: &AskContext) -> Micros {
    let stated = params.get("as_of").and_then(Value::as_str);
    if let Some(at) = stated.and_then(|text| model::time::instant(text).ok()) {
        return Micros::of(at);
    }
    let now = Micros::of(ctx.now);
    question.step().map_or(now, |step| now.floor_to(step))
}

async fn versions(
    question: &dyn AnyQuestion,
    ctx: &AskContext,
) -> Result<Vec<(DataKind, Version)>, AskError> {
    let mut versions = Vec::new();
    for kind in question.reads() {
        let version = match kind {
            DataKind::Topology => ctx.topology.version().await?,
            DataKind::Decisions => ctx.records.decisions_version().await?,
            kind => ctx.telemetry.version(*kind).await?,
        };
        versions.push((*kind, version));
    }
    // Users' rules are part of what entities and relations mean.
    if question.reads().contains(&DataKind::Topology)
        && !question.reads().contains(&DataKind::Decisions)
    {
        versions.push((DataKind::Decisions, ctx.records.decisions_version().await?));
    }
    Ok(versions)
}

/// The answer on the versions in force, from the cache where it is there.
async fn live(
    asked: &Asked<'_>,
    versions: &[(DataKind, Version)],
    ctx: &AskContext,
) -> Result<Arc<Answered>, AskError> {
    let key = cache_key(asked, versions, ctx);
    let compute = || within_deadline(ctx, computed(asked, key.clone(), ctx));
    let Some(cache) = &ctx.cache else { return compute().await };
    match cache.get_or(key.clone(), compute()).await {
        Ok(answered) => Ok(answered),
        // Whoever computed it left or ran out of time; this caller may have more of it.
        Err(shared) if is_of_the_caller(&shared) && Instant::now() < ctx.deadline => {
            compute().await
        }
        Err(shared) => Err(AskError::clone(&shared)),
    }
}

fn is_of_the_caller(error: &AskError) -> bool {
    matches!(error, AskError::Store(StoreError::Cancelled | StoreError::Timeout { .. }))
}

/// A result before the deadline and before the caller leaves; otherwise the work is dropped.
async fn within_deadline<T>(
    ctx: &AskContext,
    work: impl Future<Output = Result<T, AskError>>,
) -> Result<T, AskError> {
    tokio::select! {
        biased;
        () = ctx.cancel.cancelled() => Err(StoreError::Cancelled.into()),
        result = tokio::time::timeout_at(ctx.deadline.into(), work) => match result {
            Ok(result) => result,
            Err(_elapsed) => Err(StoreError::Timeout { store: "the answer".into() }.into()),
        },
    }
}

async fn computed(
    asked: &Asked<'_>,
    key: String,
    ctx: &AskContext,
) -> Result<Arc<Answered>, AskError> {
    let asked_of = asked.question.ask_any(asked.params.clone(), asked.now, ctx);
    let mut draft = match asked_of.await {
        Ok(draft) => draft,
        Err(error) => return Err(with_nearest(error, ctx).await),
    };
    draft.warnings.extend(ctx.progress.take_notes());
    draft.warnings.extend(note(asked.question, ctx));
    let is_demonstration = ctx.records.setting(DEMONSTRATION).await?.is_some();
    let source = if is_demonstration { AnswerSource::Demonstration } else { AnswerSource::Live };
    let envelope = Envelope {
        question: asked.question.name().to_owned(),
        params: asked.params.clone(),
        as_of: draft.as_of.timestamp(),
        window: draft.window,
        source,
        stores: draft.stores,
        coverage: draft.coverage,
        took_ms: milliseconds(asked.started.elapsed()),
        truncated: draft.truncated,
        warnings: draft.warnings,
        next: draft.next,
        data: draft.answer,
        tables: draft.tables,
    };
    answered(envelope, key).map(Arc::new)
}

pub(crate) fn answered(envelope: Envelope, key: String) -> Result<Answered, AskError> {
    let json = serde_json::to_vec(&envelope).map_err(|error| StoreError::Internal {
        operation: "write the answer".into(),
        reason: error.to_string(),
    })?;
    Ok(Answered { envelope, json, key })
}

/// Milliseconds to the microsecond.
pub(crate) fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e6).round() / 1e3
}

/// What a store does not know, with the names that are near; within the viewer's org scope.
pub(crate) async fn with_nearest(error: AskError, ctx: &AskContext) -> AskError {
    let what = match error {
        AskError::Store(StoreError::NotFound { what }) => what,
        AskError::NotFound { what, nearest } if nearest.is_empty() => what,
        error => return error,
    };
    let hits = ctx.topology.search(&ctx.read(None), &what, NEAREST_MAX).await.unwrap_or_default();
    AskError::NotFound { what, nearest: hits.into_iter().map(|hit| hit.id).collect() }
}

/// Hash of everything that the answer depends on.
fn cache_key(asked: &Asked<'_>, versions: &[(DataKind, Version)], ctx: &AskContext) -> String {
    let is_stated = asked.params.get("as_of").is_some_and(|as_of| !as_of.is_null());
    let instant = (asked.question.step().is_some() || is_stated).then_some(asked.now);
    let versions: Vec<(DataKind, u64)> =
        versions.iter().map(|(kind, version)| (*kind, version.number)).collect();
    let parts = (asked.question.name(), &asked.params, instant, &ctx.viewer.org_scope, versions);
    hash_of(&parts)
}

/// The same, whatever the versions and the hour.
fn last_good_key(question: &dyn AnyQuestion, params: &Value, ctx: &AskContext) -> String {
    hash_of(&(question.name(), params, &ctx.viewer.org_scope))
}

pub(crate) fn hash_of(parts: &impl serde::Serialize) -> String {
    let text = serde_json::to_vec(parts).expect("plain data with text keys is written as JSON");
    format!("{:032x}", xxh3_128(&text))
}

/// The last good answer in place of one that a store cannot give, or that store's error.
async fn stale(
    asked: &Asked<'_>,
    key: &str,
    max_stale: Option<u64>,
    error: StoreError,
    ctx: &AskContext,
) -> Result<Arc<Answered>, AskError> {
    let refused = || Err(AskError::Store(error.clone()));
    let Some(last_good) = &ctx.last_good else { return refused() };
    let Some(kept) = last_good.find(key).await else { return refused() };
    let age = Micros::of(ctx.now).0.saturating_sub(Micros::of(kept.at).0);
    let wanted = max_stale
        .and_then(|seconds| i64::try_from(seconds).ok()?.checked_mul(Micros::SECOND))
        .unwrap_or(i64::MAX);
    if max_stale == Some(0) || age > asked.question.stale_max().min(wanted) {
        return refused();
    }
    let mut envelope = kept.envelope;
    envelope.source = AnswerSource::Stale;
    envelope.took_ms = milliseconds(asked.started.elapsed());
    envelope.warnings.push(stale_warning(&error, kept.at));
    answered(envelope, hash_of(&(key, kept.at.to_string(), "stale"))).map(Arc::new)
}

fn stale_warning(error: &StoreError, at: Timestamp) -> Warning {
    Warning::new("stale", format!("{error}; this is the answer of {at}"))
}
