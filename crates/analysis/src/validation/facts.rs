//! What the checks judge, fetched once. A read that fails is kept as its reason, so that each check that
//! needs it can say so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::Micros;
use model::decision::WaitingRetirement;
use model::envelope::Envelope;
use model::error::StoreResult;
use model::fact::{
    BillFact, CadenceFact, DanglingFact, OpenReferenceFact, RollupFact, SchemaReport,
    SeriesConditionFact, TelemetrySubjectFact,
};
use model::input::IntakeEntry;
use model::seam::DataKind;
use model::time::Window;
use serde_json::Value;

use super::check::Unjudged;
use crate::ask::{AskContext, AskError};
use crate::estate::{Estate, estate};
use crate::question::{AnyQuestion, QUESTIONS};

/// Days of samples that are looked at, up to the newest.
const WINDOW_DAYS: i64 = 14;
/// Most series that are looked at.
const SERIES_MAX: usize = 500_000;
/// Most lines of the ledger that are looked at.
const LEDGER_MAX: usize = 10_000;
/// Most references and relations that are named.
const NAMED_MAX: usize = 1_000;
/// An answer slower than this is asked a second time, so that what it had to load first does not count.
const AGAIN_ABOVE_MS: f64 = 1_000.0;

/// Times that the last batches are read again while a batch is on its way.
const BATCH_READS_MAX: u32 = 3;
/// Time between two readings.
const BATCH_WAIT: Duration = Duration::from_secs(2);

/// Last batch of each journal: of the topology, of the telemetry.
pub type Batches = BTreeMap<String, (Option<u64>, Option<u64>)>;

/// A fact, or why it could not be read.
pub type Fetched<T> = Result<T, Unjudged>;

/// Everything that is judged.
pub struct ValidationFacts {
    /// The instant of the validation.
    pub now: Micros,
    /// Newest instant of samples that is not in the future.
    pub newest: Option<Micros>,
    /// Schema of the topology.
    pub topology_schema: Fetched<SchemaReport>,
    /// Schema of telemetry and records.
    pub telemetry_schema: Fetched<SchemaReport>,
    /// Condition of each series.
    pub series: Fetched<Vec<SeriesConditionFact>>,
    /// How samples arrive.
    pub cadence: Fetched<Vec<CadenceFact>>,
    /// Rollups against samples.
    pub rollups: Fetched<RollupFact>,
    /// Whose telemetry is held.
    pub subjects: Fetched<Vec<TelemetrySubjectFact>>,
    /// Canonical ids among these that the topology does not know.
    pub unknown_subjects: Fetched<BTreeSet<String>>,
    /// The estate.
    pub estate: Fetched<Arc<Estate>>,
    /// Relations without an end.
    pub dangling: Fetched<(Vec<DanglingFact>, u64)>,
    /// References that lead nowhere or to several things.
    pub open_references: Fetched<Vec<OpenReferenceFact>>,
    /// Retirements that wait.
    pub held: Fetched<Vec<WaitingRetirement>>,
    /// Bills.
    pub bills: Fetched<Vec<BillFact>>,
    /// The ledger, newest first.
    pub ledger: Fetched<Vec<IntakeEntry>>,
    /// Last batch of each journal: of the topology, of the telemetry.
    pub batches: Fetched<Batches>,
    /// Every question that can be asked without a parameter.
    pub answers: Vec<AnswerFact>,
}

/// One question, asked.
pub struct AnswerFact {
    /// Its name on the command line.
    pub question: String,
    /// What its answer must be like.
    pub schema: Value,
    /// The better of at most two times, in milliseconds.
    pub took_ms: f64,
    /// The answer, or why there is none.
    pub answer: Result<Envelope, String>,
}

/// Reads everything.
pub async fn facts(ctx: &AskContext) -> ValidationFacts {
    let read = ctx.read(None);
    let now = Micros::of(ctx.now);
    let newest = newest_sample(ctx, now).await;
    let from = newest.unwrap_or(now).plus(-WINDOW_DAYS * Micros::DAY).timestamp();
    let window = Window { from, to: now.plus(1).timestamp() };
    // What is of the future is looked at as well.
    let all = Window { from, to: Micros(i64::MAX / 4).timestamp() };
    let subjects = told(ctx.telemetry.subjects(&read).await);
    let unknown_subjects = match &subjects {
        Ok(subjects) => {
            let ids: BTreeSet<String> = subjects.iter().map(|one| one.id.clone()).collect();
            let unknown = ctx.topology.unknown_ids(&read, ids.into_iter().collect()).await;
            told(unknown).map(|ids| ids.into_iter().collect())
        }
        Err(reason) => Err(reason.clone()),
    };
    let condition = ctx.telemetry.series_condition(&read, all, now, SERIES_MAX).await;
    ValidationFacts {
        now,
        newest,
        topology_schema: told(ctx.topology.schema(&read).await),
        telemetry_schema: told(ctx.telemetry.schema(&read).await),
        series: told(condition),
        cadence: told(ctx.telemetry.cadence(&read, window).await),
        rollups: told(ctx.telemetry.rollups(&read, window).await),
        subjects,
        unknown_subjects,
        estate: estate(ctx, None).await.map_err(|error| Unjudged::Error(error.to_string())),
        dangling: told(ctx.topology.dangling(&read, NAMED_MAX).await),
        open_references: known(ctx.topology.open_references(&read, NAMED_MAX).await)
            .map(|(named, _)| named),
        held: known(ctx.topology.held_waiting().await),
        bills: known(ctx.telemetry.bills(&read).await),
        ledger: known(ctx.records.intake_list(None, LEDGER_MAX).await),
        batches: batches(ctx).await,
        answers: answers(ctx).await,
    }
}

/// The newest instant of a sample up to `now`.
async fn newest_sample(ctx: &AskContext, now: Micros) -> Option<Micros> {
    match ctx.telemetry.presence(&ctx.read(Some(now))).await {
        Ok(present) => {
            let samples = present.iter().find(|one| one.data == "samples")?;
            samples.last.map(Micros::of)
        }
        // A table that it reads is missing: the schema's checks say so.
        Err(_) => {
            let version = ctx.telemetry.version(DataKind::Samples).await.ok()?;
            version.newest.map(|at| at.min(now))
        }
    }
}

/// What a store need not tell.
fn told<T>(read: StoreResult<Option<T>>) -> Fetched<T> {
    known(read)?.ok_or_else(|| Unjudged::Skipped("this store does not tell".to_owned()))
}

fn known<T>(read: StoreResult<T>) -> Fetched<T> {
    read.map_err(|error| Unjudged::Error(error.to_string()))
}

/// What is on its way is in one store first: a difference counts when it stays.
async fn batches(ctx: &AskContext) -> Fetched<Batches> {
    let mut all = batches_now(ctx).await?;
    for _ in 0..BATCH_READS_MAX {
        if all.values().all(|(topology, telemetry)| topology == telemetry) {
            break;
        }
        tokio::time::sleep(BATCH_WAIT).await;
        let now = batches_now(ctx).await?;
        // What differed before and differs in the same way now.
        let stays = |journal: &String| now.get(journal) == all.get(journal);
        let moved = now.iter().filter(|(journal, at)| at.0 != at.1 && !stays(journal)).count();
        let is_settled = moved == 0;
        all = now;
        if is_settled {
            break;
        }
    }
    Ok(all)
}

async fn batches_now(ctx: &AskContext) -> Fetched<Batches> {
    let mut all = Batches::new();
    for one in known(ctx.topology.sequences().await)? {
        all.entry(one.journal).or_default().0 = Some(one.number);
    }
    for one in known(ctx.telemetry.sequences().await)? {
        all.entry(one.journal).or_default().1 = Some(one.number);
    }
    Ok(all)
}

/// Asks every question that needs no parameter, without a cache in between.
async fn answers(ctx: &AskContext) -> Vec<AnswerFact> {
    let uncached = AskContext { cache: None, last_good: None, ..ctx.clone() };
    let mut found = Vec::new();
    for question in QUESTIONS {
        let (mut answer, mut took_ms) = asked(*question, &uncached).await;
        if took_ms > AGAIN_ABOVE_MS {
            let (second, second_ms) = asked(*question, &uncached).await;
            if second_ms < took_ms {
                (answer, took_ms) = (second, second_ms);
            }
        }
        let answer = match answer {
            Ok(envelope) => Ok(envelope),
            // It wants to know about whom, or there is nothing of that sort here.
            Err(AskError::BadParams { .. } | AskError::NotFound { .. }) => continue,
            Err(AskError::Store(error)) => Err(error.to_string()),
        };
        let schema = question.answer_schema();
        found.push(AnswerFact { question: question.kebab(), schema, took_ms, answer });
    }
    found
}

async fn asked(question: &dyn AnyQuestion, ctx: &AskContext) -> (Result<Envelope, AskError>, f64) {
    let begun = Instant::now();
    let params = Value::Object(serde_json::Map::new());
    let answer = crate::answer(question, params, ctx).await;
    (answer, begun.elapsed().as_secs_f64() * 1e3)
}

#[cfg(test)]
impl ValidationFacts {
    /// An estate about which nothing is known, for a check's own test.
    pub fn nothing() -> Self {
        fn none<T>() -> Fetched<T> {
            Err(Unjudged::Skipped("not part of this test".to_owned()))
        }
        Self {
            now: Micros(1_800_000_000_000_000),
            newest: None,
            topology_schema: none(),
            telemetry_schema: none(),
            series: none(),
            cadence: none(),
            rollups: none(),
            subjects: none(),
            unknown_subjects: none(),
            estate: none(),
            dangling: none(),
            open_references: none(),
            held: none(),
            bills: none(),
            ledger: none(),
            batches: none(),
            answers: Vec::new(),
        }
    }
}
