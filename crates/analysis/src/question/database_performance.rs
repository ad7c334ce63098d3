//! How do the databases perform? For each, from whatever measures it (CloudWatch, exporters, SQL Server's
//! counters): connections against the limit, CPU, operations, throughput, latency, lag, cache, locks,
//! waits, statements, storage and when it is full, clients by share of calls; the worst first, with the
//! limit that says so. Cost: one estate, one read of signals, one of calls, and one of the storage's
//! series for the databases given.

mod judge;
mod limit;
mod params;
mod read;
mod shape;
mod storage;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use model::entity::EntityId;
use model::envelope::Coverage;
use model::fact::{SeriesFact, SeriesQuery, SignalQuery};
use model::scope::Place;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::estate::{DATABASES, all_named_as, estate};
use crate::measured::measured;
use crate::param::window_ending;
use crate::question::{Draft, Question};
use crate::unit::{telemetry_read, with_below};

pub use params::DatabasePerformanceParams;
pub use shape::{
    DatabaseClientShare, DatabaseFill, DatabaseLimit, DatabaseLocks, DatabasePart,
    DatabasePerformance, DatabasePerformanceAnswer, DatabasePerformanceCheck,
    DatabasePerformanceSummary, DatabaseSource, DatabaseSpace, DatabaseStatement,
    DatabaseStatusCount, DatabaseWait,
};

/// The question.
pub struct DatabasePerformanceQuestion;

/// Days of storage that a forecast looks back on.
const PAST_DAYS: i64 = 90;
/// Length of a bucket of it: 90 days are 360.
const PAST_STEP: i64 = 6 * Micros::HOUR;
/// Most series of storage.
const PAST_SERIES_MAX: usize = 2_000;

#[async_trait]
impl Question for DatabasePerformanceQuestion {
    const NAME: &'static str = "database_performance";
    const TITLE: &'static str = "Database performance";
    const ABOUT: &'static str = "Every database's connections, CPU, IO, latency, lag, cache, locks, \
                                 waits, statements, storage and clients, the worst first.";
    const READS: &'static [DataKind] =
        &[DataKind::Topology, DataKind::Samples, DataKind::Edges, DataKind::Spans];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    type Params = DatabasePerformanceParams;
    type Answer = DatabasePerformanceAnswer;

    fn fill(params: &mut DatabasePerformanceParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: DatabasePerformanceParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<DatabasePerformanceAnswer>, AskError> {
        let at = params.as_of.unwrap_or(now);
        let estate = estate(ctx, params.as_of).await?;
        let read = ctx.read(params.as_of);
        let roots: BTreeSet<u32> =
            all_named_as(ctx, params.as_of, &estate, &params.database, &DATABASES)
                .await?
                .into_iter()
                .collect();
        let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
        let telemetry = telemetry_read(ctx.topology.as_ref(), read).await?;
        let query = SignalQuery {
            place: Place::default(),
            unit: Vec::new(),
            kinds: Vec::new(),
            entities: Vec::new(),
            signals: read::SIGNALS.iter().map(|name| (*name).to_owned()).collect(),
            window: window_ending(at, Micros::DAY),
        };
        let asked = params.window.as_ref();
        let measured = measured(ctx, &telemetry, asked, (Micros::DAY, at), Some(query)).await?;
        let window = measured.window.window();
        let calls = measured.calls(ctx, &estate, (params.as_of, now)).await?;
        let mut facts = judge::Facts {
            estate: &estate,
            at: Micros::of(window.to),
            units: &units,
            roots: &roots,
            signals: &measured.signals,
            calls: &calls,
            past: &[],
        };
        let subjects = judge::subjects(&params, &facts);
        let past = past(ctx, &telemetry, subjects, facts.at).await?;
        facts.past = &past;
        let page = judge::page(&params, &facts);
        let mut draft = Draft::new(page.answer, at);
        draft.tables = draft.answer.tables();
        draft.window = Some(measured.window);
        draft.stores = measured.stores(&estate);
        draft.coverage = coverage(&draft.answer);
        draft.truncated = page.truncated;
        draft.next = page.next;
        draft.warnings.extend(measured.warning);
        Ok(draft)
    }
}

/// What space was free and used before, of things that may be full.
async fn past(
    ctx: &AskContext,
    read: &model::seam::ReadContext,
    entities: Vec<EntityId>,
    at: Micros,
) -> Result<Vec<SeriesFact>, AskError> {
    if entities.is_empty() {
        return Ok(Vec::new());
    }
    let query = SeriesQuery {
        entities,
        signals: storage::SIGNALS.iter().map(|name| (*name).to_owned()).collect(),
        metrics: Vec::new(),
        window: window_ending(at, PAST_DAYS * Micros::DAY),
        step: PAST_STEP,
        limit: PAST_SERIES_MAX,
    };
    Ok(ctx.telemetry.series(read, query).await?)
}

fn coverage(answer: &DatabasePerformanceAnswer) -> BTreeMap<String, Coverage> {
    let of = answer.databases.len() as u64;
    let with = |is: &dyn Fn(&DatabasePerformance) -> bool| {
        Coverage::new(answer.databases.iter().filter(|one| is(one)).count() as u64, of)
    };
    BTreeMap::from([
        ("connections".to_owned(), with(&|one| one.connections.open_max.value.is_some())),
        ("cpu".to_owned(), with(&|one| one.cpu.value.is_some())),
        ("latency".to_owned(), with(&|one| one.read_latency.value.is_some())),
        ("storage".to_owned(), with(&|one| one.space.used.value.is_some())),
        ("any".to_owned(), with(&|one| one.newest.is_some())),
    ])
}
