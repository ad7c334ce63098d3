//! Numbered forward migrations, one area a list. A migration that has been released is never edited;
//! what is applied is recorded with its checksum, and a newer schema than this program's is refused. They
//! run in one transaction under a lock, so two programs may open the database at once.

use std::time::Duration;

use model::StoreError;
use model::error::StoreResult;
use tokio_postgres::{Client, Transaction};

use super::connection::Manager;
use super::error::{Failure, Outcome, STORE, store_error};
use super::pool::Lock;

/// The oldest server that is supported, as `server_version_num` counts.
const SERVER_MIN: i32 = 150_000;

/// One step of one area.
#[derive(Debug)]
pub struct Migration {
    /// What it belongs to.
    pub area: &'static str,
    /// Rising from 1 within the area.
    pub number: i32,
    /// Its statements.
    pub sql: &'static str,
    /// Its statements where TimescaleDB is installed, when these are others.
    pub timescale: Option<&'static str>,
}

/// Every migration, in the order in which they run.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        area: "base",
        number: 1,
        sql: include_str!("migration/base/0001_sequence.sql"),
        timescale: None,
    },
    Migration {
        area: "records",
        number: 1,
        sql: include_str!("migration/records/0001_records.sql"),
        timescale: None,
    },
    Migration {
        area: "records",
        number: 2,
        sql: include_str!("migration/records/0002_account.sql"),
        timescale: None,
    },
    Migration {
        area: "telemetry",
        number: 1,
        sql: include_str!("migration/telemetry/0001_telemetry.sql"),
        timescale: None,
    },
    Migration {
        area: "telemetry",
        number: 2,
        sql: include_str!("migration/telemetry/0002_sample_plain.sql"),
        timescale: Some(include_str!("migration/telemetry/0002_sample_timescale.sql")),
    },
];

const CREATE: &str = include_str!("migration/migration.sql");

/// Area, number and checksum of an applied migration.
type Applied = (String, i32, String);

/// Brings the database to this program's schema. Safe to rerun; it writes nothing when all is applied.
pub async fn run(manager: &Manager, timeout: Duration) -> StoreResult<()> {
    let work = async {
        let mut client = manager.client().await?;
        refuse_old(&client).await?;
        migrate(&mut client, timeout, MIGRATIONS).await
    };
    work.await.map_err(|failure| store_error("bring the schema to this program's", failure))
}

async fn refuse_old(client: &Client) -> Outcome<()> {
    let row = client
        .query_one("SELECT current_setting('server_version_num')::int, version()", &[])
        .await?;
    let (number, version): (i32, String) = (row.try_get(0)?, row.try_get(1)?);
    if number >= SERVER_MIN {
        return Ok(());
    }
    Err(StoreError::Incompatible {
        found: version,
        supported: format!("{STORE} 15 and later; upgrade the server"),
    }
    .into())
}

async fn migrate(client: &mut Client, timeout: Duration, migrations: &[Migration]) -> Outcome<()> {
    if is_current(client, migrations).await? {
        return Ok(());
    }
    let transaction = client.transaction().await?;
    transaction
        .batch_execute(&format!(
            "SET LOCAL lock_timeout = {0}; SET LOCAL statement_timeout = 0; \
             SELECT pg_advisory_xact_lock({1})",
            timeout.as_millis(),
            Lock::Migration as i64
        ))
        .await?;
    for schema in ["ubiquitous", "ubiquitous_records"] {
        // Whoever may not create schemas can still use those that somebody made for it.
        if !has_schema(&transaction, schema).await? {
            transaction.batch_execute(&format!("CREATE SCHEMA {schema}")).await?;
        }
    }
    transaction.batch_execute(CREATE).await?;
    let has_timescale = transaction
        .query_opt("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'", &[])
        .await?
        .is_some();
    let rows = transaction.query(APPLIED, &[]).await?;
    let applied = rows.iter().map(applied).collect::<Outcome<Vec<_>>>()?;
    for migration in pending(&applied, migrations)? {
        let sql = migration.timescale.filter(|_| has_timescale).unwrap_or(migration.sql);
        transaction.batch_execute(sql).await?;
        transaction
            .execute(
                "INSERT INTO migration (area, number, checksum) VALUES ($1, $2, $3)",
                &[&migration.area, &migration.number, &checksum_of(migration)],
            )
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}

const APPLIED: &str =
    "SELECT area, number, checksum FROM ubiquitous.migration ORDER BY area, number";

/// Whether everything is applied, found without a lock.
async fn is_current(client: &Client, migrations: &[Migration]) -> Outcome<bool> {
    let has_table = "SELECT to_regclass('ubiquitous.migration') IS NOT NULL";
    let is_there: bool = client.query_one(has_table, &[]).await?.try_get(0)?;
    if !is_there {
        return Ok(false);
    }
    let rows = client.query(APPLIED, &[]).await?;
    let applied = rows.iter().map(applied).collect::<Outcome<Vec<_>>>()?;
    Ok(pending(&applied, migrations)?.is_empty())
}

async fn has_schema(transaction: &Transaction<'_>, schema: &str) -> Outcome<bool> {
    let row =
        transaction.query_opt("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&schema]).await?;
    Ok(row.is_some())
}

fn applied(row: &tokio_postgres::Row) -> Outcome<Applied> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}

/// What is to be applied; refused when the schema is of a newer or of another program.
fn pending<'a>(applied: &[Applied], migrations: &'a [Migration]) -> Outcome<Vec<&'a Migration>> {
    for (area, number, _) in applied {
        let supported =
            migrations.iter().filter(|one| one.area == area).map(|one| one.number).max();
        if supported.is_none_or(|supported| *number > supported) {
            return Err(StoreError::Incompatible {
                found: format!("{area} {number}"),
                supported: format!(
                    "{area} {}; start the newer program instead",
                    supported.unwrap_or(0)
                ),
            }
            .into());
        }
    }
    let mut pending = Vec::new();
    for migration in migrations {
        let known = applied
            .iter()
            .find(|(area, number, _)| area == migration.area && *number == migration.number);
        match known {
            Some((_, _, checksum)) if *checksum == checksum_of(migration) => {}
            Some(_) => return Err(changed(migration)),
            None => pending.push(migration),
        }
    }
    Ok(pending)
}

fn changed(migration: &Migration) -> Failure {
    StoreError::Incompatible {
        found: format!("{} {} of another text", migration.area, migration.number),
        supported: format!("{} {}", migration.area, migration.number),
    }
    .into()
}

/// Of the text for plain PostgreSQL: the number stands for both.
fn checksum_of(migration: &Migration) -> String {
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(migration.sql.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[Migration] = &[
        Migration { area: "base", number: 1, sql: "one", timescale: None },
        Migration { area: "base", number: 2, sql: "two", timescale: None },
    ];

    fn row(number: i32, sql: &'static str) -> Applied {
        let migration = Migration { area: "base", number, sql, timescale: None };
        ("base".to_owned(), number, checksum_of(&migration))
    }

    #[test]
    fn what_is_missing_is_applied_and_what_is_newer_refused() {
        let numbers = |applied: &[Applied]| {
            let pending = pending(applied, TWO).map_err(|failure| failure.to_string());
            pending.map(|all| all.iter().map(|one| one.number).collect::<Vec<_>>())
        };
        assert_eq!(numbers(&[]), Ok(vec![1, 2]));
        assert_eq!(numbers(&[row(1, "one")]), Ok(vec![2]));
        assert_eq!(numbers(&[row(1, "one"), row(2, "two")]), Ok(vec![]));
        assert!(numbers(&[row(1, "one"), row(2, "two"), row(3, "three")]).is_err());
        assert!(numbers(&[row(1, "another")]).is_err());
    }
}
