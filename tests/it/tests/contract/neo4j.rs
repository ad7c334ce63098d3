//! The graph of a Neo4j server for one trial at a time: Community has one database, so a trial waits
//! for the one before and begins with an empty graph.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use libtest_mimic::Failed;
use serde_json::{Map, Value};
use store_server::neo4j::{Cypher, Neo4j, Neo4jOptions};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Where the server is; the user and the password stand beside it.
const URL: &str = "UBIQUITOUS_TEST_NEO4J_URL";

/// Why there is no server.
pub fn absence() -> Option<String> {
    std::env::var(URL).is_err().then(|| format!("{URL} names no server"))
}

/// How the server is reached; every read asks whether another replica wrote.
pub fn options() -> Result<Neo4jOptions, Failed> {
    let user = std::env::var("UBIQUITOUS_TEST_NEO4J_USER").unwrap_or_else(|_| "neo4j".to_owned());
    let password = std::env::var("UBIQUITOUS_TEST_NEO4J_PASSWORD").unwrap_or_default();
    let mut options = Neo4jOptions::new(std::env::var(URL)?, user, password);
    options.poll_every = Duration::ZERO;
    Ok(options)
}

/// How many nodes neither the program nor a trial has written.
const OTHERS: &str = "MATCH (n) WHERE NONE(label IN labels(n) WHERE label IN ['Entity', 'Version', \
     'Write', 'WriteRows', 'Sequence', 'Counter', 'Migration']) \
     AND coalesce(n._module_version, '') <> 'trial' RETURN count(n)";

/// A graph that is this trial's alone until it is dropped.
pub struct Graph {
    _alone: OwnedMutexGuard<()>,
}

impl Graph {
    /// Waits for the trial before, and empties the graph.
    pub async fn empty() -> Result<Self, Failed> {
        static ONE: OnceLock<Arc<Mutex<()>>> = OnceLock::new();
        let alone = Arc::clone(ONE.get_or_init(Arc::default)).lock_owned().await;
        // What another version of the program left is not read.
        let cypher = Cypher::new(options()?)?;
        let others = cypher.ask(OTHERS, Map::new()).await?;
        if others != [[Value::from(0)]] {
            return Err("the graph holds what the program did not write; it is left alone".into());
        }
        cypher.load("MATCH (n) DETACH DELETE n", Map::new()).await?;
        Ok(Self { _alone: alone })
    }

    /// Its address with user and password, as the program takes it.
    pub fn url(&self) -> String {
        let of = variable;
        let url = of(URL);
        let (scheme, host) = url.split_once("://").unwrap_or(("bolt", &url));
        let (user, password) =
            (of("UBIQUITOUS_TEST_NEO4J_USER"), of("UBIQUITOUS_TEST_NEO4J_PASSWORD"));
        format!("{scheme}://{user}:{password}@{host}")
    }

    /// Its address and the user, without the password.
    pub fn address(&self) -> String {
        let (user, password) =
            (variable("UBIQUITOUS_TEST_NEO4J_USER"), variable("UBIQUITOUS_TEST_NEO4J_PASSWORD"));
        self.url().replacen(&format!("{user}:{password}@"), &format!("{user}@"), 1)
    }

    /// Opens what the graph holds.
    pub async fn open(&self) -> Result<Arc<Neo4j>, Failed> {
        Ok(Neo4j::open(options()?).await?)
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}
