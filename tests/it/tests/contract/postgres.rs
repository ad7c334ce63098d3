//! Databases on the PostgreSQL server of the tests: one a site, dropped with it.

use std::sync::atomic::{AtomicU32, Ordering};

use libtest_mimic::Failed;
use store_server::postgres::PostgresOptions;
use tokio_postgres::{Client, NoTls};

/// The variable with the server's address; `cargo xtask test` starts one and sets it.
const URL: &str = "UBIQUITOUS_TEST_POSTGRES_URL";

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Why there is no server, if so.
pub fn absence() -> Option<String> {
    std::env::var(URL).is_err().then(|| format!("{URL} is not set"))
}

/// A database of its own.
pub struct Database {
    name: String,
    /// Its address.
    pub url: String,
}

impl Database {
    /// Makes an empty one.
    pub async fn new() -> Result<Self, Failed> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("ubiquitous_test_{}_{number}", std::process::id());
        let server = std::env::var(URL)?;
        client(&server).await?.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        let (address, _) = server.split_once('?').unwrap_or((&server, ""));
        let (host, _) = address.rsplit_once('/').ok_or("an address without a database")?;
        let url = format!("{host}/{name}");
        Ok(Self { name, url })
    }

    /// How the program opens it.
    pub fn options(&self) -> PostgresOptions {
        let mut options = PostgresOptions::new(&self.url);
        options.pool.idle_min = 0;
        options
    }

    /// A connection beside the program's.
    pub async fn client(&self) -> Result<Client, Failed> {
        client(&self.url).await
    }
}

impl Drop for Database {
    /// On a thread of its own: it may be dropped within a runtime or outside one.
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let dropping = std::thread::spawn(move || -> Result<(), Failed> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let server = std::env::var(URL)?;
            runtime.block_on(async { Ok(client(&server).await?.batch_execute(&drop).await?) })
        });
        // A database that stays goes with the server of the tests.
        let _ = dropping.join();
    }
}

async fn client(url: &str) -> Result<Client, Failed> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
