//! What PostgreSQL brings with it: statements that the server can plan, requests that leave, two programs
//! that open one database, and what is said when something is wrong.

mod statements;

use std::sync::Arc;
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use model::error::StoreError;
use model::seam::{DataKind, ReadContext};
use store_server::postgres::{Postgres, PostgresOptions};

use crate::contract::postgres::{Database, absence};
use crate::store_base::{block_on, context};

type Done = Result<(), Failed>;

/// A trial by its name.
type Named = (&'static str, fn() -> Done);

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let named: [Named; 7] = [
        ("every statement is prepared and explained", statements::explained),
        ("two programs may open one database at once", two_openings),
        ("dropped requests leave no statement", dropped),
        ("a cancelled or late read says so and leaves nothing", late),
        ("a full pool says so in time", full),
        ("connections are retired after their number of statements", retired),
        ("what is wrong with a server is said with a remedy", remedies),
    ];
    let trial = |(name, run): Named| match absence() {
        None => Trial::test(format!("store_postgres: {name}"), run),
        Some(reason) => {
            Trial::test(format!("store_postgres: {name} [skipped: {reason}]"), || Ok(()))
                .with_ignored_flag(true)
        }
    };
    named.into_iter().map(trial).collect()
}

/// Statements of the program that run now.
async fn running(database: &Database) -> Result<i64, Failed> {
    let row = database
        .client()
        .await?
        .query_one(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ubiquitous' \
             AND datname = current_database() AND state <> 'idle'",
            &[],
        )
        .await?;
    Ok(row.get(0))
}

async fn until_idle(database: &Database) -> Done {
    let until = Instant::now() + Duration::from_secs(20);
    while running(database).await? > 0 {
        if Instant::now() > until {
            return Err(format!("{} statements still run", running(database).await?).into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

fn two_openings() -> Done {
    block_on(async {
        let database = Database::new().await?;
        let opening = || {
            let options = database.options();
            tokio::spawn(async move { Postgres::open(options).await })
        };
        let all = [opening(), opening(), opening(), opening()];
        for one in all {
            one.await??;
        }
        let count = "SELECT count(*), count(DISTINCT (area, number)) FROM ubiquitous.migration";
        let row = database.client().await?.query_one(count, &[]).await?;
        let (rows, distinct): (i64, i64) = (row.get(0), row.get(1));
        assert!(rows > 0 && rows == distinct, "{rows} rows, {distinct} migrations");
        Ok(())
    })
}

/// A read that waits for a table that another client locks.
async fn waiting(server: Arc<Postgres>, ctx: ReadContext) -> Result<(), StoreError> {
    server.telemetry().presence(&ctx).await.map(|_| ())
}

fn dropped() -> Done {
    block_on(async {
        let database = Database::new().await?;
        let mut options = database.options();
        options.pool.lock_timeout = Duration::from_secs(60);
        let server = Postgres::open(options).await?;
        let blocker = database.client().await?;
        blocker.batch_execute("BEGIN; LOCK TABLE ubiquitous.span").await?;
        for _ in 0..10 {
            let reads: Vec<_> =
                (0..100).map(|_| tokio::spawn(waiting(Arc::clone(&server), context()))).collect();
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert!(running(&database).await? > 0, "the reads must have begun");
            reads.iter().for_each(tokio::task::JoinHandle::abort);
        }
        // The lock is still held: only ended statements are gone.
        until_idle(&database).await?;
        blocker.batch_execute("ROLLBACK").await?;
        waiting(Arc::clone(&server), context()).await?;
        let statistics = server.statistics();
        assert!(statistics.cancelled_count > 0, "{statistics:?}");
        assert!(statistics.reads.size <= statistics.reads.size_max, "{statistics:?}");
        Ok(())
    })
}

fn late() -> Done {
    block_on(async {
        let database = Database::new().await?;
        let mut options = database.options();
        options.pool.lock_timeout = Duration::from_secs(60);
        let server = Postgres::open(options).await?;
        let blocker = database.client().await?;
        blocker.batch_execute("BEGIN; LOCK TABLE ubiquitous.span").await?;
        let soon =
            ReadContext { deadline: Instant::now() + Duration::from_millis(200), ..context() };
        let result = waiting(Arc::clone(&server), soon).await;
        assert!(matches!(result, Err(StoreError::Timeout { .. })), "{result:?}");
        let ctx = context();
        let read = tokio::spawn(waiting(Arc::clone(&server), ctx.clone()));
        tokio::time::sleep(Duration::from_millis(100)).await;
        ctx.cancel.cancel();
        let result = read.await?;
        assert!(matches!(result, Err(StoreError::Cancelled)), "{result:?}");
        until_idle(&database).await
    })
}

fn full() -> Done {
    block_on(async {
        let database = Database::new().await?;
        let mut options = database.options();
        options.pool.size_max = 2;
        options.pool.acquire_timeout = Duration::from_millis(300);
        options.pool.lock_timeout = Duration::from_secs(60);
        let server = Postgres::open(options).await?;
        let blocker = database.client().await?;
        blocker.batch_execute("BEGIN; LOCK TABLE ubiquitous.span").await?;
        let held: Vec<_> =
            (0..2).map(|_| tokio::spawn(waiting(Arc::clone(&server), context()))).collect();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let begun = Instant::now();
        let refused = server.telemetry().version(DataKind::Spans).await;
        let said = refused.map(|_| ()).map_err(|error| error.to_string());
        let waited = begun.elapsed();
        assert!(said.as_ref().is_err_and(|said| said.contains("2 connections")), "{said:?}");
        assert!(waited < Duration::from_secs(2), "{waited:?}");
        blocker.batch_execute("ROLLBACK").await?;
        for read in held {
            read.await??;
        }
        server.telemetry().version(DataKind::Spans).await?;
        assert!(server.statistics().reads.timeout_count > 0);
        Ok(())
    })
}

fn retired() -> Done {
    block_on(async {
        let database = Database::new().await?;
        let mut options = database.options();
        options.pool.size_max = 1;
        options.pool.queries_max = 10;
        let server = Postgres::open(options).await?;
        for _ in 0..40 {
            server.telemetry().version(DataKind::Samples).await?;
        }
        let reads = server.statistics().reads;
        assert!(reads.closed_by_queries >= 3 && reads.created_count >= 4, "{reads:?}");
        assert!(reads.closed_by_error == 0, "{reads:?}");
        server.close().await;
        let closed = server.telemetry().version(DataKind::Samples).await;
        assert!(matches!(closed, Err(StoreError::Unavailable { .. })), "{closed:?}");
        Ok(())
    })
}

async fn refused(options: PostgresOptions) -> String {
    match Postgres::open(options).await {
        Ok(_) => "it was opened".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn remedies() -> Done {
    block_on(async {
        let database = Database::new().await?;
        let at = |url: &str| PostgresOptions::new(url);
        let (scheme, rest) = database.url.split_once("://").ok_or("no scheme")?;
        let (_, address) = rest.split_once('@').ok_or("no login")?;
        let (host, name) = address.split_once('/').ok_or("no database")?;
        let login = &rest[..rest.len() - address.len()];
        let told = [
            (refused(at("not an address")).await, "its address is not understood"),
            (refused(at("postgres://nobody@127.0.0.1:1/x")).await, "cannot be reached"),
            (
                refused(at(&format!("{scheme}://postgres:wrong@{host}/{name}"))).await,
                "check user and password",
            ),
            (refused(at(&format!("{scheme}://{login}{host}/absent"))).await, "create the database"),
        ];
        for (said, part) in &told {
            assert!(said.contains(part), "{said}");
        }
        let client = database.client().await?;
        let role = format!("{name}_reader");
        client.batch_execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'reader'")).await?;
        let said = refused(at(&format!("{scheme}://{role}:reader@{host}/{name}"))).await;
        client.batch_execute(&format!("DROP ROLE {role}")).await?;
        assert!(said.contains("a privilege is missing"), "{said}");
        Postgres::open(database.options()).await?;
        let newer = "INSERT INTO ubiquitous.migration VALUES ('telemetry', 9999, 'x')";
        client.batch_execute(newer).await?;
        let said = refused(database.options()).await;
        assert!(said.contains("start the newer program"), "{said}");
        Ok(())
    })
}
