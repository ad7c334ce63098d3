//! Numbered forward migrations, one area a list. A migration that has been released is never edited;
//! what is applied is recorded with its checksum, and a newer schema than this program's is refused.

use duckdb::{Connection, Transaction, params};
use model::StoreError;

use crate::error::{Failure, Outcome};

/// One step of one area.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// What it belongs to.
    pub area: &'static str,
    /// Rising from 1 within the area.
    pub number: u32,
    /// Its statements.
    pub sql: &'static str,
}

/// Every migration, in the order in which they run.
pub const MIGRATIONS: &[Migration] = &[
    Migration { area: "base", number: 1, sql: include_str!("migration/base/0001_sequence.sql") },
    Migration {
        area: "records",
        number: 1,
        sql: include_str!("migration/records/0001_records.sql"),
    },
    Migration {
        area: "records",
        number: 2,
        sql: include_str!("migration/records/0002_decision.sql"),
    },
    Migration {
        area: "records",
        number: 3,
        sql: include_str!("migration/records/0003_account.sql"),
    },
    Migration {
        area: "topology",
        number: 1,
        sql: include_str!("migration/topology/0001_topology.sql"),
    },
    Migration {
        area: "topology",
        number: 2,
        sql: include_str!("migration/topology/0002_estate_file.sql"),
    },
    Migration {
        area: "telemetry",
        number: 1,
        sql: include_str!("migration/telemetry/0001_telemetry.sql"),
    },
    Migration {
        area: "telemetry",
        number: 2,
        sql: include_str!("migration/telemetry/0002_call_outcome.sql"),
    },
];

/// Those that made a schema, in the order in which they run: up to the newest of each of its areas.
///
/// # Errors
/// With the area that is newer than this program's.
pub fn migrations_up_to(schema: &[(&str, u32)]) -> Result<Vec<Migration>, String> {
    for (area, number) in schema {
        if !MIGRATIONS.iter().any(|one| one.area == *area && one.number == *number) {
            return Err((*area).to_owned());
        }
    }
    let ran = |one: &&Migration| {
        schema.iter().any(|(area, number)| one.area == *area && one.number <= *number)
    };
    Ok(MIGRATIONS.iter().filter(ran).copied().collect())
}

const CREATE: &str = include_str!("migration/migration.sql");

/// Brings the database to this program's schema, in one transaction. Safe to rerun.
pub fn migrate(connection: &mut Connection, migrations: &[Migration]) -> Outcome<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(CREATE)?;
    let applied = applied(&transaction)?;
    refuse_newer(&applied, migrations)?;
    for migration in migrations {
        let known = applied
            .iter()
            .find(|(area, number, _)| area == migration.area && *number == migration.number);
        match known {
            Some((_, _, checksum)) if *checksum == checksum_of(migration) => {}
            Some(_) => return Err(changed(migration)),
            None => apply(&transaction, migration)?,
        }
    }
    transaction.commit()?;
    Ok(())
}

/// The newest migration of an area.
pub fn newest(area: &str) -> u32 {
    let of_area = MIGRATIONS.iter().filter(|one| one.area == area);
    of_area.map(|one| one.number).max().unwrap_or_default()
}

/// Area, number and checksum of every applied migration, in order.
pub fn applied(connection: &Connection) -> Outcome<Vec<(String, u32, String)>> {
    let mut statement =
        connection.prepare("SELECT area, number, checksum FROM migration ORDER BY area, number")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn apply(transaction: &Transaction<'_>, migration: &Migration) -> Outcome<()> {
    transaction.execute_batch(migration.sql)?;
    transaction.execute(
        "INSERT INTO migration (area, number, checksum) VALUES (?, ?, ?)",
        params![migration.area, migration.number, checksum_of(migration)],
    )?;
    Ok(())
}

fn refuse_newer(applied: &[(String, u32, String)], migrations: &[Migration]) -> Outcome<()> {
    for (area, number, _) in applied {
        let supported =
            migrations.iter().filter(|one| one.area == area).map(|one| one.number).max();
        if supported.is_none_or(|supported| *number > supported) {
            return Err(StoreError::Incompatible {
                found: format!("{area} {number}"),
                supported: format!("{area} {}", supported.unwrap_or(0)),
            }
            .into());
        }
    }
    Ok(())
}

fn changed(migration: &Migration) -> Failure {
    StoreError::Incompatible {
        found: format!("{} {} of another text", migration.area, migration.number),
        supported: format!("{} {}", migration.area, migration.number),
    }
    .into()
}

/// What tells a migration's text from another.
pub fn checksum_of(migration: &Migration) -> String {
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(migration.sql.as_bytes()))
}
