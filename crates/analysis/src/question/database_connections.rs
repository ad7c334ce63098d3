//! Which databases are there, who uses them, and how full are they? Managed ones, SQL Server on
//! machines with how far it is trusted, databases in Kubernetes, caches; every client with its
//! evidence, through proxies too. Cost: one estate, one read of signals, one of open references, and
//! judgements of possible paths by place (at most 20,000).

mod client;
mod connection;
mod describe;
mod judge;
mod params;
mod shape;
mod sql_server;
mod table;
mod unmatched;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use model::envelope::{AnswerWindow, ChosenBy, Coverage, StoreFreshness, Warning};
use model::fact::{SignalFact, SignalQuery};
use model::scope::Place;
use model::seam::{DataKind, ReadContext, Version};
use model::time::{Micros, Window, WindowParam};

use crate::ask::{AskContext, AskError};
use crate::estate::{estate, named};
use crate::param::{Text, window_ending};
use crate::question::{Draft, Question};
use crate::table::DatedTable;
use crate::unit::{telemetry_read, with_below};

pub use params::{ClientEvidence, DatabaseConnectionsParams};
pub use shape::{
    Client, Connections, Database, DatabaseConnectionsAnswer, DatabaseEndpoint, DatabasePlace,
    DatabaseSummary, EngineCount, Sign, Standby, Storage, UndeterminedHost, UnmatchedEndpoint,
    Usage, UsageCount,
};

/// The question.
pub struct DatabaseConnectionsQuestion;

/// The dated tables that it uses.
const TABLES: [DatedTable; 2] = [DatedTable::DatabaseVersions, DatedTable::SqlServerVersions];

/// Most references that lead nowhere that are read.
const REFERENCES_MAX: usize = 5_000;

#[async_trait]
impl Question for DatabaseConnectionsQuestion {
    const NAME: &'static str = "database_connections";
    const TITLE: &'static str = "Database connections";
    const ABOUT: &'static str = "Every database, SQL Server on machines among them, with version and \
                                 support, what takes over, who uses it and how many connections.";
    const READS: &'static [DataKind] =
        &[DataKind::Topology, DataKind::Samples, DataKind::Edges, DataKind::Spans];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    type Params = DatabaseConnectionsParams;
    type Answer = DatabaseConnectionsAnswer;

    fn fill(params: &mut DatabaseConnectionsParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: DatabaseConnectionsParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<DatabaseConnectionsAnswer>, AskError> {
        let at = params.as_of.unwrap_or(now);
        let estate = estate(ctx, params.as_of).await?;
        let read = ctx.read(params.as_of);
        let mut roots = BTreeSet::new();
        for name in &params.database {
            roots.insert(named(ctx, params.as_of, &estate, name).await?);
        }
        let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
        let (open_references, references_total) =
            ctx.topology.open_references(&read, REFERENCES_MAX).await?;
        let telemetry = telemetry_read(ctx.topology.as_ref(), read).await?;
        let measured = measured(&params, at, ctx, &telemetry).await?;
        let facts = judge::Facts {
            estate: &estate,
            tables: &ctx.tables,
            at,
            units: &units,
            roots: &roots,
            signals: &measured.signals,
            open_references: &open_references,
        };
        let page = judge::page(&params, &facts);
        let mut draft = Draft::new(page.answer, at);
        draft.tables = draft.answer.tables();
        draft.window = Some(AnswerWindow {
            from: measured.window.from,
            to: measured.window.to,
            chosen_by: measured.chosen_by,
        });
        draft.stores = freshness(&estate.facts.version, &measured);
        draft.coverage = coverage(&draft.answer);
        draft.truncated = page.truncated;
        draft.next = page.next;
        draft.warnings = ctx.tables.age_warnings(&TABLES, at);
        draft.warnings.extend(measured.warning);
        draft.warnings.extend(left_out(page.is_without_possible, references_total));
        Ok(draft)
    }
}

fn left_out(is_without_possible: bool, references_total: u64) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if is_without_possible {
        let message = "possible clients were not worked out, since there are too many pairs; name \
                       databases or lower the limit";
        warnings.push(Warning::new("possible_left_out", message));
    }
    if references_total > REFERENCES_MAX as u64 {
        let message = format!(
            "{REFERENCES_MAX} of {references_total} references that lead nowhere were looked at"
        );
        warnings.push(Warning::new("references_cut", message));
    }
    warnings
}

/// What was measured.
struct Measured {
    signals: Vec<SignalFact>,
    window: Window,
    chosen_by: ChosenBy,
    warning: Option<Warning>,
    version: Version,
}

/// Longest window, which holds everything.
const ALL: i64 = 10 * 366 * Micros::DAY;

async fn measured(
    params: &DatabaseConnectionsParams,
    at: Micros,
    ctx: &AskContext,
    read: &ReadContext,
) -> Result<Measured, AskError> {
    let (mut window, mut chosen_by, micros) = match params.window.as_ref() {
        Some(Text(WindowParam::Range(window))) => (*window, ChosenBy::Request, Micros::DAY),
        Some(Text(WindowParam::Last(micros))) if *micros != Micros::DAY => {
            (window_ending(at, *micros), ChosenBy::Request, *micros)
        }
        Some(Text(WindowParam::All)) => (window_ending(at, ALL), ChosenBy::All, ALL),
        _ => (window_ending(at, Micros::DAY), ChosenBy::Default, Micros::DAY),
    };
    let query = |window: Window| SignalQuery {
        place: Place::default(),
        unit: Vec::new(),
        kinds: Vec::new(),
        entities: Vec::new(),
        signals: connection::SIGNALS.iter().map(|name| (*name).to_owned()).collect(),
        window,
    };
    let version = ctx.telemetry.version(DataKind::Samples).await?;
    let mut signals = ctx.telemetry.signals(read, query(window)).await?;
    let mut warning = None;
    let newest = signals.iter().map(|one| one.newest).max();
    let is_empty = signals.iter().all(|one| one.count == 0);
    if let Some(newest) =
        newest.filter(|newest| is_empty && *newest < at && chosen_by == ChosenBy::Default)
    {
        let message = format!(
            "no connection was measured in the window that ends at {at}; it was moved to the newest \
             value, at {newest}"
        );
        warning = Some(Warning::new("newest_data", message));
        window = window_ending(newest.plus(1), micros);
        chosen_by = ChosenBy::NewestData;
        signals = ctx.telemetry.signals(read, query(window)).await?;
    }
    Ok(Measured { signals, window, chosen_by, warning, version })
}

fn freshness(topology: &Version, measured: &Measured) -> Vec<StoreFreshness> {
    let of = |store: &str, version: &Version| StoreFreshness {
        store: store.to_owned(),
        version: version.number,
        newest: version.newest.map(Micros::timestamp),
    };
    vec![of("topology", topology), of("telemetry", &measured.version)]
}

fn coverage(answer: &DatabaseConnectionsAnswer) -> BTreeMap<String, Coverage> {
    let of = answer.databases.len() as u64;
    let with = |is: &dyn Fn(&Database) -> bool| {
        Coverage::new(answer.databases.iter().filter(|one| is(one)).count() as u64, of)
    };
    BTreeMap::from([
        ("connections".to_owned(), with(&|one| one.connections.open_max.value.is_some())),
        ("limit".to_owned(), with(&|one| one.connections.limit.value.is_some())),
        ("version".to_owned(), with(&|one| one.version.is_some())),
        ("network".to_owned(), with(&|one| one.exposure.is_some())),
    ])
}
