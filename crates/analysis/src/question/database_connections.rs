//! Which databases are there, who uses them, and how full are they? Managed ones, SQL Server on
//! machines with how far it is trusted, databases in Kubernetes, caches; every client with its
//! evidence, through proxies too. Cost: one estate, one read of signals, one of open references, and
//! judgements of possible paths by place (at most 20,000).

mod client;
pub(super) mod connection;
pub(super) mod describe;
pub(super) mod judge;
mod params;
mod shape;
pub(super) mod sql_server;
mod table;
mod unmatched;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use model::envelope::{Coverage, Warning};
use model::fact::SignalQuery;
use model::scope::Place;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::estate::{DATABASES, all_named_as, estate};
use crate::measured::measured;
use crate::param::window_ending;
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
    const IS_WHOLE: bool = true;
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
        let roots: BTreeSet<u32> =
            all_named_as(ctx, params.as_of, &estate, &params.database, &DATABASES)
                .await?
                .into_iter()
                .collect();
        let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
        let (open_references, references_total) =
            ctx.topology.open_references(&read, REFERENCES_MAX).await?;
        let telemetry = telemetry_read(ctx.topology.as_ref(), read).await?;
        let query = SignalQuery {
            place: Place::default(),
            unit: Vec::new(),
            kinds: Vec::new(),
            entities: Vec::new(),
            signals: connection::SIGNALS.iter().map(|name| (*name).to_owned()).collect(),
            window: window_ending(at, Micros::DAY),
        };
        let asked = params.window.as_ref();
        let measured = measured(ctx, &telemetry, asked, (Micros::DAY, at), Some(query)).await?;
        let calls = measured.calls(ctx, &estate, (params.as_of, now)).await?;
        let facts = judge::Facts {
            calls: &calls,
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
        draft.window = Some(measured.window);
        draft.stores = measured.stores(&estate);
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
