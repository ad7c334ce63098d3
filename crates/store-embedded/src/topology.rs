//! What `snapshot` asks of a database, on DuckDB: the rows of the topology's tables in one transaction a
//! write, read back in the order in which they were written.

mod append;
mod archive;
mod file;
mod rows;
mod take;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use duckdb::{Connection, params};
use model::archive::TakeWrite;
use model::entity::EntityId;
use model::error::StoreResult;
use model::fact::{DanglingFact, SchemaReport, VersionFact};
use model::resolution::{Sequence, TopologyWrite, WriteOutcome};
use model::seam::ReadContext;
use model::time::Micros;
use snapshot::{Estate, Fold, FoldedTopology, Writes};

use crate::database::{Database, Options};
use crate::error::{Failure, Outcome};
use crate::read::validation;
use crate::sequence;

pub use file::{EstateFileStatus, FileSchedule, status as file_status};

use rows::{Extent, Reading};

/// Name of this store in the table of sequences.
const STORE: &str = "topology";

/// The topology in the database and in memory.
pub type EmbeddedTopology = FoldedTopology<TopologyTables>;

/// The topology's tables.
#[derive(Debug)]
pub struct TopologyTables {
    database: Arc<Database>,
    /// Rows that were written since the opening.
    written: Arc<AtomicU64>,
}

/// Brings the estate into memory: from its file and the rows after it, or from all rows.
///
/// # Errors
/// When a row cannot be read.
pub fn open(
    database: Arc<Database>,
    connection: &Connection,
    options: &Options,
) -> Outcome<EmbeddedTopology> {
    let path = database.folder().estate_file();
    let (estate, held, rows) = file::open(connection, &path)?;
    let written = Arc::new(AtomicU64::new(rows));
    let tables = TopologyTables { database, written: Arc::clone(&written) };
    let topology = FoldedTopology::new(tables, estate);
    let keeper = file::Keeper::new(topology.fold().clone(), path, options, held, written);
    topology.writes().database.at_rest(Box::new(keeper));
    file::prepare(topology.fold());
    Ok(topology)
}

#[async_trait]
impl Writes for TopologyTables {
    fn name(&self) -> &'static str {
        crate::error::STORE
    }

    async fn append(&self, fold: &Fold, write: TopologyWrite) -> StoreResult<WriteOutcome> {
        let (planned, taken, written) = (fold.clone(), fold.clone(), Arc::clone(&self.written));
        self.database
            .write_then(
                "write the topology",
                move |tx| {
                    if sequence::is_known(tx, STORE, &write.sequence)? {
                        let known = WriteOutcome { is_known: true, ..WriteOutcome::default() };
                        return Ok((None, known));
                    }
                    let (news, outcome) = planned.plan(write);
                    append::append(tx, &news.write, news.number)?;
                    sequence::record(tx, STORE, &news.write.sequence)?;
                    Ok((Some(news), outcome))
                },
                move |(news, outcome)| {
                    if let Some(news) = news {
                        written.fetch_add(append::rows(&news.write), Ordering::Relaxed);
                        taken.take(&news);
                    }
                    outcome
                },
            )
            .await
    }

    async fn replay(&self, ctx: &ReadContext, at: Micros) -> StoreResult<Estate> {
        self.database
            .read("read the topology of the past", ctx, move |connection| {
                // One transaction, so that all tables are read at one version.
                connection.execute_batch("BEGIN TRANSACTION READ ONLY")?;
                let loaded = past(connection, at);
                connection.execute_batch("ROLLBACK")?;
                loaded
            })
            .await
    }

    async fn history(
        &self,
        ctx: &ReadContext,
        ids: Vec<EntityId>,
        at: Micros,
        limit: usize,
    ) -> StoreResult<Vec<VersionFact>> {
        let read = move |connection: &Connection| history(connection, &ids, at, limit);
        self.database.read("read an entity's versions", ctx, read).await
    }

    async fn writes(&self, take: TakeWrite) -> StoreResult<()> {
        let ctx = crate::archive::long_context();
        self.database
            .read("read every write", &ctx, move |connection| {
                connection.execute_batch("BEGIN TRANSACTION READ ONLY")?;
                let sequences = sequence::all(connection, STORE)?;
                let given = archive::give(connection, sequences, take);
                connection.execute_batch("ROLLBACK")?;
                given
            })
            .await
    }

    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        self.database
            .read_own("read the sequences", |connection| sequence::all(connection, STORE))
            .await
    }

    async fn schema(&self, ctx: &ReadContext) -> StoreResult<Option<SchemaReport>> {
        let read = |conn: &Connection| validation::schema(conn, STORE);
        self.database.read("schema", ctx, read).await.map(Some)
    }

    async fn dangling(
        &self,
        ctx: &ReadContext,
        limit: usize,
    ) -> StoreResult<Option<(Vec<DanglingFact>, u64)>> {
        let read = move |conn: &Connection| validation::dangling(conn, limit);
        self.database.read("relations without an end", ctx, read).await.map(Some)
    }
}

/// The estate at an instant, from all rows.
fn past(connection: &Connection, at: Micros) -> Outcome<Estate> {
    let (mut estate, last) = (Estate::new(Some(at)), rows::extent(connection)?);
    rows::each_row(connection, Reading::Question, (&Extent::new(), &last), &mut estate)?;
    Ok(estate)
}

fn history(
    connection: &Connection,
    ids: &[EntityId],
    at: Micros,
    limit: usize,
) -> Outcome<Vec<VersionFact>> {
    let ids = ids.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(",");
    let mut statement = connection.prepare(include_str!("read/entity_history.sql"))?;
    let mut rows = statement.query(params![ids, at.0, limit as u64])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(VersionFact {
            source: row.get(0)?,
            observed_at: Micros(row.get(1)?).timestamp(),
            labels: serde_json::from_str(&row.get::<_, String>(2)?)?,
            properties: serde_json::from_str(&row.get::<_, String>(3)?)?,
        });
    }
    Ok::<_, Failure>(versions)
}
