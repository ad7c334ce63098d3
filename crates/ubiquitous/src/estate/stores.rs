//! Which store holds what: entities and relations in the data folder or in Neo4j, telemetry and
//! records in the data folder or in PostgreSQL, each as the configuration says.

use std::sync::Arc;
use std::time::Duration;

use model::StoreError;
use model::archive::Archive;
use model::error::StoreResult;
use model::retention::Upkeep;
use model::seam::{Accounts, Records, Sessions, Telemetry, Topology, Tuning};
use percent_encoding::percent_decode_str;
use store_embedded::{Database, Folder, Owner, Store};
use store_server::neo4j::{Neo4j, Neo4jOptions};
use store_server::postgres::{Postgres, PostgresOptions};

use super::store_options;
use crate::configuration::Configuration;
use crate::people::{People, SessionTimes};

/// How long accounts that another replica may change are taken for true.
const BOOK_TIME: Duration = Duration::from_secs(1);
/// After how long the token of a session is replaced.
const ROTATION_TIME: Duration = Duration::from_secs(15 * 60);

/// The open stores of one estate.
pub struct Stores {
    /// Entities and relations.
    pub topology: Arc<dyn Topology>,
    /// What was measured, billed and reported.
    pub telemetry: Arc<dyn Telemetry>,
    /// What people and the program decided.
    pub records: Arc<dyn Records>,
    /// Who may do what, and what was done.
    pub accounts: Arc<dyn Accounts>,
    folder: InFolder,
    neo4j: Option<Arc<Neo4j>>,
    postgres: Option<Arc<Postgres>>,
}

/// What is in the data folder. Its lock is held either way: the journal is there.
enum InFolder {
    /// A database that holds what no server does.
    Database(Store),
    /// Journal and kept answers alone.
    Journal(Folder),
}

impl Stores {
    /// Opens them as the configuration says.
    ///
    /// # Errors
    /// `Locked` when another process has the folder, `Incompatible` when a store is of another
    /// version, `Unavailable` when a server cannot be reached.
    pub async fn open(configuration: &Configuration) -> StoreResult<Self> {
        let topology_url = configuration.text("topology_url");
        let telemetry_url = configuration.text("telemetry_url");
        // The folder first: who does not get its lock needs no server.
        let folder = InFolder::open(configuration, topology_url, telemetry_url).await?;
        let neo4j = match topology_url {
            "" => None,
            url => Some(Neo4j::open(neo4j_options(url)).await?),
        };
        let postgres = match telemetry_url {
            "" => None,
            url => Some(Postgres::open(postgres_options(url, configuration)).await?),
        };
        let embedded = folder.store();
        let topology = neo4j.as_ref().map(|neo4j| neo4j.topology());
        let telemetry = postgres.as_ref().map(|postgres| postgres.telemetry());
        let records = postgres.as_ref().map(|postgres| postgres.records());
        let accounts = postgres.as_ref().map(|postgres| postgres.accounts());
        let absent = || StoreError::Internal {
            operation: "open the stores".to_owned(),
            reason: "nothing holds a part of the estate".to_owned(),
        };
        Ok(Self {
            topology: topology.or_else(|| Some(embedded?.topology())).ok_or_else(absent)?,
            telemetry: telemetry.or_else(|| Some(embedded?.telemetry())).ok_or_else(absent)?,
            records: records.or_else(|| Some(embedded?.records())).ok_or_else(absent)?,
            accounts: accounts.or_else(|| Some(embedded?.accounts())).ok_or_else(absent)?,
            folder,
            neo4j,
            postgres,
        })
    }

    /// Accounts where the records are, sessions as given. Only a server is written by others too.
    pub fn people(&self, configuration: &Configuration, sessions: Arc<dyn Sessions>) -> People {
        let minutes = |name: &str, default: u64| {
            Duration::from_secs(configuration.number(name).unwrap_or(default) * 60)
        };
        let times = SessionTimes {
            idle: minutes("session_idle_minutes", 60),
            longest: minutes("session_longest_minutes", 720),
            rotation: ROTATION_TIME,
        };
        let book_time = self.postgres.is_some().then_some(BOOK_TIME);
        People::new(Arc::clone(&self.accounts), sessions, book_time, times)
    }

    /// Ends the connections to servers after what runs.
    pub async fn close(&self) {
        if let Some(neo4j) = &self.neo4j {
            neo4j.close().await;
        }
        if let Some(postgres) = &self.postgres {
            postgres.close().await;
        }
    }

    /// Whether a server holds anything: other replicas may share it.
    pub fn has_server(&self) -> bool {
        self.neo4j.is_some() || self.postgres.is_some()
    }

    /// The database in the data folder, when it holds anything.
    pub fn embedded(&self) -> Option<&Store> {
        self.folder.store()
    }

    /// The same, for those who watch its checkpoints.
    pub fn database(&self) -> Option<Arc<Database>> {
        self.embedded().map(|store| Arc::clone(store.database()))
    }

    /// The telemetry, for who keeps it in order.
    pub fn upkeep(&self) -> Option<Arc<dyn Upkeep>> {
        let server = self.postgres.clone().map(|postgres| postgres as Arc<dyn Upkeep>);
        server.or_else(|| Some(self.embedded()?.upkeep()))
    }

    /// Plans and tables of each store, in order of what it holds: topology, telemetry.
    pub fn tunings(&self) -> Vec<Arc<dyn Tuning>> {
        let neo4j = self.neo4j.as_ref().map(|neo4j| neo4j.tuning());
        let postgres = self.postgres.as_ref().map(|postgres| postgres.tuning());
        let embedded = self.embedded().map(Store::tuning);
        neo4j.into_iter().chain(postgres).chain(embedded).collect()
    }

    /// Telemetry and records as files.
    pub fn archive(&self) -> Option<Arc<dyn Archive>> {
        let server = self.postgres.as_ref().map(|postgres| postgres.archive());
        server.or_else(|| Some(self.embedded()?.archive()))
    }

    /// The Neo4j, when it holds the topology.
    pub fn neo4j(&self) -> Option<&Arc<Neo4j>> {
        self.neo4j.as_ref()
    }

    /// The PostgreSQL, when it holds the telemetry.
    pub fn postgres(&self) -> Option<&Arc<Postgres>> {
        self.postgres.as_ref()
    }

    /// Says in the folder where this process listens.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn announce(&self, owner: &Owner) -> StoreResult<()> {
        match &self.folder {
            InFolder::Database(store) => store.database().folder().owner_write(owner),
            InFolder::Journal(folder) => folder.owner_write(owner),
        }
    }
}

impl InFolder {
    async fn open(
        configuration: &Configuration,
        topology_url: &str,
        telemetry_url: &str,
    ) -> StoreResult<Self> {
        let options = store_options(configuration);
        let is_journal_alone = !topology_url.is_empty() && !telemetry_url.is_empty();
        let opened = tokio::task::spawn_blocking(move || {
            if is_journal_alone {
                Folder::open(&options.folder).map(Self::Journal)
            } else {
                Store::open(&options).map(Self::Database)
            }
        });
        opened.await.map_err(|error| StoreError::Internal {
            operation: "open the data folder".to_owned(),
            reason: error.to_string(),
        })?
    }

    fn store(&self) -> Option<&Store> {
        match self {
            Self::Database(store) => Some(store),
            Self::Journal(_) => None,
        }
    }
}

/// User and password are part of the address, as in every other tool's settings.
pub fn neo4j_options(url: &str) -> Neo4jOptions {
    let (scheme, rest) = url.split_once("://").unwrap_or(("neo4j", url));
    let (user, host) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    Neo4jOptions::new(format!("{scheme}://{host}"), decoded(user), decoded(password))
}

fn postgres_options(url: &str, configuration: &Configuration) -> PostgresOptions {
    let mut options = PostgresOptions::new(url);
    if let Some(connections) = configuration.number("postgres_connections") {
        options.pool.size_max = u32::try_from(connections.clamp(2, 1_000)).unwrap_or(20);
        options.pool.idle_min = options.pool.idle_min.min(options.pool.size_max);
    }
    options
}

/// `%40` is `@`.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_are_read_from_the_address() {
        let options = neo4j_options("neo4j+s://me:p%40ss@graph:7687");
        assert_eq!(
            (options.url.as_str(), options.user.as_str(), options.password.as_str()),
            ("neo4j+s://graph:7687", "me", "p@ss")
        );
        assert_eq!(neo4j_options("bolt://graph").url, "bolt://graph");
        assert_eq!(decoded("100%"), "100%");
    }
}
