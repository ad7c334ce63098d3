//! `Records` on DuckDB: the intake ledger with its rejects, named values, decisions and rules.

mod account;
mod decision;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use duckdb::{Connection, OptionalExt, Row, params};
use model::decision::{Decision, NewDecision, RuleSet};
use model::error::{Reject, StoreError, StoreResult};
use model::input::{InputRecord, IntakeEntry};
use model::seam::{Records, Version};
use model::time::Micros;

use crate::database::Database;
use crate::error::{Failure, Outcome};

/// Rejects kept of one input; all are counted in its outcome.
const REJECTS_KEPT: u64 = 1_000;

const COLUMNS: &str = "id, run, name, content_hash, format, source, observed_at, observed_by, \
                       received_at, outcome, is_finished";

/// Records in the database.
#[derive(Debug)]
pub struct EmbeddedRecords {
    database: Arc<Database>,
    /// Version of the decisions, as last committed; `None` until it is read.
    decisions: Arc<Mutex<Option<Version>>>,
}

impl EmbeddedRecords {
    /// On this database.
    pub fn new(database: Arc<Database>) -> Self {
        Self { database, decisions: Arc::default() }
    }
}

#[async_trait]
impl Records for EmbeddedRecords {
    async fn intake_begin(&self, run: &str, input: &InputRecord) -> StoreResult<u64> {
        let (run, input) = (run.to_owned(), input.clone());
        self.database.write("begin an input", move |tx| begin(tx, &run, &input)).await
    }

    async fn intake_progress(&self, entry: &IntakeEntry, rejects: &[Reject]) -> StoreResult<()> {
        let (entry, rejects) = (entry.clone(), rejects.to_vec());
        self.database
            .write("note an input's progress", move |tx| progress(tx, &entry, &rejects))
            .await
    }

    async fn intake_known(&self, input: &InputRecord) -> StoreResult<bool> {
        let input = input.clone();
        self.database
            .read_own("look an input up", move |connection| {
                let known = connection.query_row(
                "SELECT count(*) > 0 FROM records.intake WHERE is_finished AND content_hash = ? \
                 AND source = ? AND observed_at = ?",
                params![input.content_hash, input.source, input.observed_at.0],
                |row| row.get(0),
            )?;
                Ok(known)
            })
            .await
    }

    async fn intake_list(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> StoreResult<Vec<IntakeEntry>> {
        self.database
            .read_own("list the intake", move |connection| {
                let mut statement = connection.prepare(&format!(
                    "SELECT {COLUMNS} FROM records.intake WHERE id < ? ORDER BY id DESC LIMIT ?"
                ))?;
                let limit = u64::try_from(limit).unwrap_or(u64::MAX);
                let mut rows = statement.query(params![before.unwrap_or(u64::MAX), limit])?;
                let mut entries = Vec::new();
                while let Some(row) = rows.next()? {
                    entries.push(entry(row)?);
                }
                Ok(entries)
            })
            .await
    }

    async fn intake_entry(&self, id: u64) -> StoreResult<(IntakeEntry, Vec<Reject>)> {
        self.database
            .read_own("read an input's line", move |connection| {
                let found = line(connection, id)?
                    .ok_or_else(|| StoreError::NotFound { what: format!("input {id}") })?;
                Ok((found, rejects_of(connection, id)?))
            })
            .await
    }

    async fn setting(&self, name: &str) -> StoreResult<Option<String>> {
        let name = name.to_owned();
        self.database
            .read_own("read a setting", move |connection| {
                let value = connection
                    .query_row("SELECT value FROM records.setting WHERE name = ?", [name], |row| {
                        row.get(0)
                    })
                    .optional()?;
                Ok(value)
            })
            .await
    }

    async fn setting_put(&self, name: &str, value: &str) -> StoreResult<()> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.database
            .write("keep a setting", move |tx| {
                tx.execute(
                    "INSERT INTO records.setting (name, value) VALUES (?, ?) \
                     ON CONFLICT DO UPDATE SET value = excluded.value",
                    params![name, value],
                )?;
                Ok(())
            })
            .await
    }

    async fn decisions_version(&self) -> StoreResult<Version> {
        let held = *self.decisions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(version) = held {
            return Ok(version);
        }
        let read = self.database.read_own("read the decisions' version", decision::version).await?;
        Ok(keep(&self.decisions, read))
    }

    async fn decisions(&self) -> StoreResult<Vec<Decision>> {
        self.database.read_own("list the decisions", decision::all).await
    }

    async fn decision_put(&self, decision: &NewDecision) -> StoreResult<Decision> {
        let decision = decision.clone();
        let put = move |tx: &duckdb::Transaction<'_>| decision::put(tx, &decision);
        self.decided("keep a decision", put).await.map(|(decision, _)| decision)
    }

    async fn rules(&self) -> StoreResult<Option<RuleSet>> {
        self.database.read_own("read the rules", decision::rules).await
    }

    async fn rules_put(&self, text: &str, author: &str, at: Micros) -> StoreResult<RuleSet> {
        let (text, author) = (text.to_owned(), author.to_owned());
        let put = move |tx: &duckdb::Transaction<'_>| decision::rules_put(tx, &text, &author, at);
        self.decided("put rules in force", put).await.map(|(rules, _)| rules)
    }
}

impl EmbeddedRecords {
    /// Runs `work` and keeps the version of the decisions after it.
    async fn decided<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&duckdb::Transaction<'_>) -> Outcome<T> + Send + 'static,
    ) -> StoreResult<(T, Version)> {
        let held = Arc::clone(&self.decisions);
        let work = move |tx: &duckdb::Transaction<'_>| {
            let done = work(tx)?;
            Ok((done, decision::version(tx)?))
        };
        let after = move |(done, version)| (done, keep(&held, version));
        self.database.write_then(operation, work, after).await
    }
}

/// Keeps the later of two versions: a commit may come between a reading and its keeping.
fn keep(held: &Mutex<Option<Version>>, version: Version) -> Version {
    let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
    let later = held.filter(|held| held.number > version.number).unwrap_or(version);
    *held = Some(later);
    later
}

fn begin(connection: &Connection, run: &str, input: &InputRecord) -> Outcome<u64> {
    let id =
        connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM records.intake", [], |row| {
            row.get::<_, u64>(0)
        })?;
    connection.execute(
        &format!("INSERT INTO records.intake ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        params![
            id,
            run,
            input.name,
            input.content_hash,
            input.format,
            input.source,
            input.observed_at.0,
            serde_json::to_string(&input.observed_by)?,
            input.received_at.0,
            serde_json::to_string(&model::input::InputOutcome::default())?,
            false,
        ],
    )?;
    Ok(id)
}

fn progress(connection: &Connection, entry: &IntakeEntry, rejects: &[Reject]) -> Outcome<()> {
    let changed = connection.execute(
        "UPDATE records.intake SET outcome = ?, is_finished = ?, format = ?, source = ?, \
         observed_at = ?, observed_by = ? WHERE id = ?",
        params![
            serde_json::to_string(&entry.outcome)?,
            entry.is_finished,
            entry.input.format,
            entry.input.source,
            entry.input.observed_at.0,
            serde_json::to_string(&entry.input.observed_by)?,
            entry.id,
        ],
    )?;
    if changed == 0 {
        return Err(StoreError::NotFound { what: format!("input {}", entry.id) }.into());
    }
    let kept = connection.query_row(
        "SELECT count(*) FROM records.reject WHERE intake = ?",
        params![entry.id],
        |row| row.get::<_, u64>(0),
    )?;
    let room = usize::try_from(REJECTS_KEPT.saturating_sub(kept)).unwrap_or(0);
    let mut statement =
        connection.prepare("INSERT INTO records.reject VALUES (?, ?, ?, ?, ?, ?)")?;
    for (number, reject) in (kept..).zip(rejects.iter().take(room)) {
        statement.execute(params![
            entry.id,
            number,
            reject.source,
            reject.location,
            reject.reason,
            reject.count
        ])?;
    }
    Ok(())
}

fn line(connection: &Connection, id: u64) -> Outcome<Option<IntakeEntry>> {
    let mut statement =
        connection.prepare(&format!("SELECT {COLUMNS} FROM records.intake WHERE id = ?"))?;
    let mut rows = statement.query(params![id])?;
    rows.next()?.map(entry).transpose()
}

fn rejects_of(connection: &Connection, id: u64) -> Outcome<Vec<Reject>> {
    let mut statement = connection.prepare(
        "SELECT source, location, reason, count FROM records.reject WHERE intake = ? ORDER BY number",
    )?;
    let rows = statement.query_map(params![id], |row| {
        Ok(Reject {
            source: row.get(0)?,
            location: row.get(1)?,
            reason: row.get(2)?,
            count: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn entry(row: &Row<'_>) -> Outcome<IntakeEntry> {
    let observed_by: String = row.get(7)?;
    let outcome: String = row.get(9)?;
    Ok::<_, Failure>(IntakeEntry {
        id: row.get(0)?,
        run: row.get(1)?,
        input: InputRecord {
            name: row.get(2)?,
            content_hash: row.get(3)?,
            format: row.get(4)?,
            source: row.get(5)?,
            observed_at: Micros(row.get(6)?),
            observed_by: serde_json::from_str(&observed_by)?,
            received_at: Micros(row.get(8)?),
        },
        outcome: serde_json::from_str(&outcome)?,
        is_finished: row.get(10)?,
    })
}
