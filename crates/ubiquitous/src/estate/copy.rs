//! Copies an estate into other stores, whichever hold it and whichever take it: the writes of the topology
//! one after the other, telemetry and records as files, and then both sides are counted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::StoreError;
use model::archive::{Archive, ArchivedRows};
use model::error::StoreResult;
use model::fact::TopologyQuery;
use model::resolution::TopologyWrite;
use model::scope::OrgScope;
use model::seam::{ReadContext, Topology};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::Estate;
use super::stores::Stores;
use crate::configuration::Configuration;
use crate::exit::Failure;
use crate::problem::Problem;

/// Writes of the topology on their way.
const WRITES_AHEAD: usize = 2;
/// How long counting may take.
const COUNT_TIME: Duration = Duration::from_secs(600);

/// How much of one kind each side holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CopiedRows {
    /// Entities and relations in force, or a table.
    pub kind: String,
    /// Where it came from.
    pub from: u64,
    /// Where it went.
    pub into: u64,
}

/// A copy, counted on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// Writes of the topology.
    pub writes: u64,
    /// Each kind.
    pub rows: Vec<CopiedRows>,
    /// How many kinds differ.
    pub differences: u64,
}

/// Copies an estate; what is acknowledged is applied first.
///
/// # Errors
/// When the stores that take it hold anything, or either side fails: what was copied by then is of no use, and is
/// not opened.
pub async fn copy(from: &Configuration, into: &Configuration) -> Result<Copied, Failure> {
    let estate = Estate::open(from).await?;
    let copied = match Stores::open(into).await {
        Ok(stores) => {
            let copied = copy_into(&estate.stores, &stores, into).await;
            stores.close().await;
            copied
        }
        Err(error) => Err(error.into()),
    };
    estate.close().await;
    copied
}

async fn copy_into(
    from: &Stores,
    into: &Stores,
    configuration: &Configuration,
) -> Result<Copied, Failure> {
    let (giving, taking) = (archive_of(from)?, archive_of(into)?);
    refuse_filled(into, &taking).await?;
    store_embedded::copy_begins(&configuration.data_dir())?;
    let writes = copy_topology(&from.topology, &into.topology).await?;
    let folder = tempfile::Builder::new()
        .prefix("copy-")
        .tempdir_in(configuration.data_dir())
        .map_err(|error| StoreError::Internal {
            operation: format!("make a folder in {}", configuration.data_dir().display()),
            reason: error.to_string(),
        })?;
    // Counted in the same instant as written: the program that gives goes on keeping its own records.
    let given = giving.export(folder.path().to_owned()).await?;
    taking.import(folder.path().to_owned()).await?;
    let taken = taking.rows().await?;
    let sides = (counted(from, given).await?, counted(into, taken).await?);
    let rows: Vec<CopiedRows> = sides
        .0
        .into_iter()
        .zip(sides.1)
        .map(|(from, into)| CopiedRows { kind: from.table, from: from.rows, into: into.rows })
        .collect();
    let differences = rows.iter().filter(|one| one.from != one.into).count() as u64;
    if differences == 0 {
        store_embedded::copy_ended(&configuration.data_dir())?;
    }
    Ok(Copied { writes, rows, differences })
}

/// Gives how many writes there were.
async fn copy_topology(from: &Arc<dyn Topology>, into: &Arc<dyn Topology>) -> StoreResult<u64> {
    let (sender, mut writes) = tokio::sync::mpsc::channel::<TopologyWrite>(WRITES_AHEAD);
    // Nobody takes them any more when a write was refused, and then that is what is said.
    let take =
        Box::new(move |write| sender.blocking_send(write).map_err(|_gone| StoreError::Cancelled));
    let taking = async move {
        let mut count = 0;
        while let Some(write) = writes.recv().await {
            into.write(write).await?;
            count += 1;
        }
        Ok::<u64, StoreError>(count)
    };
    let (given, taken) = tokio::join!(from.writes(take), taking);
    let count = taken?;
    given.map(|()| count)
}

fn archive_of(stores: &Stores) -> StoreResult<Arc<dyn Archive>> {
    stores.archive().ok_or_else(|| StoreError::Internal {
        operation: "copy an estate".to_owned(),
        reason: "nothing holds telemetry and records".to_owned(),
    })
}

/// Entities, relations and every table, in this order on either side.
async fn counted(stores: &Stores, tables: Vec<ArchivedRows>) -> StoreResult<Vec<ArchivedRows>> {
    let ctx = ReadContext {
        as_of: None,
        org_scope: OrgScope::Everything,
        deadline: Instant::now() + COUNT_TIME,
        cancel: CancellationToken::new(),
    };
    // The smallest page carries the counts of the whole.
    let query = TopologyQuery { limit: 1, ..TopologyQuery::default() };
    let facts = stores.topology.topology(&ctx, query).await?;
    let mut rows = vec![
        ArchivedRows { table: "entity".to_owned(), rows: facts.entity_total },
        ArchivedRows { table: "relation".to_owned(), rows: facts.relation_total },
    ];
    rows.extend(tables);
    Ok(rows)
}

async fn refuse_filled(stores: &Stores, archive: &Arc<dyn Archive>) -> Result<(), Failure> {
    let version = stores.topology.version().await?;
    let filled = archive.rows().await?.into_iter().find(|one| one.rows > 0);
    let writes =
        (version.number > 0).then(|| ("writes of the topology".to_owned(), version.number));
    let Some((what, rows)) = writes.or(filled.map(|one| (one.table, one.rows))) else {
        return Ok(());
    };
    let detail = format!(
        "the stores that would take the copy hold something already ({what}: {rows}); name a data folder and \
         databases that hold nothing"
    );
    Err(Problem::bad_request("into", detail).into())
}
