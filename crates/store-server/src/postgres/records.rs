//! `Records` on PostgreSQL: the intake ledger with its rejects, named values, decisions and rules.

mod account;
mod decision;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::StoreError;
use model::decision::{Decision, NewDecision, RuleSet};
use model::error::{Reject, StoreResult};
use model::input::{InputOutcome, InputRecord, IntakeEntry};
use model::seam::{Records, Version};
use model::time::Micros;
use tokio_postgres::Row;

use super::connection::Session;
use super::error::{Failure, Outcome};
use super::number::{Text, whole};
use super::pool::{Lock, Pools, going_on, own_context};
use super::read::row::count;
use super::statement::{Parameter, Statement, statement};

/// Rejects kept of one input; all are counted in its outcome.
const REJECTS_KEPT: u64 = 1_000;

/// How long a read of the program itself may take.
const READ_TIME: Duration = Duration::from_secs(60);

const INTAKE_NEXT: Statement = statement!("records/intake_next");
const INTAKE_ADD: Statement = statement!("records/intake_add");
const INTAKE_CHANGE: Statement = statement!("records/intake_change");
const INTAKE_KNOWN: Statement = statement!("records/intake_known");
const INTAKE_LIST: Statement = statement!("records/intake_list");
const INTAKE_ENTRY: Statement = statement!("records/intake_entry");
const REJECT_COUNT: Statement = statement!("records/reject_count");
const REJECT_ADD: Statement = statement!("records/reject_add");
const REJECT_LIST: Statement = statement!("records/reject_list");
const SETTING: Statement = statement!("records/setting");
const SETTING_PUT: Statement = statement!("records/setting_put");

/// Records in the database.
#[derive(Debug)]
pub struct PostgresRecords {
    pools: Arc<Pools>,
}

impl PostgresRecords {
    /// On these pools.
    pub fn new(pools: Arc<Pools>) -> Self {
        Self { pools }
    }
}

#[async_trait]
impl Records for PostgresRecords {
    async fn intake_begin(&self, run: &str, input: &InputRecord) -> StoreResult<u64> {
        let (pools, run, input) = (Arc::clone(&self.pools), run.to_owned(), input.clone());
        going_on(async move {
            let (run, input) = (&*run, &input);
            let work = |session: Arc<Session>| async move { begin(&session, run, input).await };
            pools.write("begin an input", Lock::Records, work).await
        })
        .await
    }

    async fn intake_progress(&self, entry: &IntakeEntry, rejects: &[Reject]) -> StoreResult<()> {
        let (pools, entry, rejects) = (Arc::clone(&self.pools), entry.clone(), rejects.to_vec());
        going_on(async move {
            let (entry, rejects) = (&entry, &*rejects);
            let work =
                |session: Arc<Session>| async move { progress(&session, entry, rejects).await };
            pools.write("note an input's progress", Lock::Records, work).await
        })
        .await
    }

    async fn intake_known(&self, input: &InputRecord) -> StoreResult<bool> {
        let work = |session: Arc<Session>| async move {
            let parameters: [Parameter<'_>; 3] = [
                ("content_hash", &Text(&input.content_hash)),
                ("source", &Text(&input.source)),
                ("observed_at", &input.observed_at.0),
            ];
            let row = session.row(INTAKE_KNOWN, &parameters).await?;
            Ok::<bool, Failure>(row.try_get(0)?)
        };
        self.pools.read("look an input up", &own_context(READ_TIME), work).await
    }

    async fn intake_list(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> StoreResult<Vec<IntakeEntry>> {
        let before = before.map_or(i64::MAX, whole);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let work = |session: Arc<Session>| async move {
            let rows = session.rows(INTAKE_LIST, &[("before", &before), ("limit", &limit)]).await?;
            rows.iter().map(entry_of).collect::<Outcome<Vec<_>>>()
        };
        self.pools.read("list the intake", &own_context(READ_TIME), work).await
    }

    async fn intake_entry(&self, id: u64) -> StoreResult<(IntakeEntry, Vec<Reject>)> {
        let number = whole(id);
        let work = |session: Arc<Session>| async move {
            let rows = session.rows(INTAKE_ENTRY, &[("id", &number)]).await?;
            let found = rows.first().map(entry_of).transpose()?;
            let found =
                found.ok_or_else(|| StoreError::NotFound { what: format!("input {id}") })?;
            let rows = session.rows(REJECT_LIST, &[("intake", &number)]).await?;
            Ok::<_, Failure>((found, rows.iter().map(reject_of).collect::<Outcome<Vec<_>>>()?))
        };
        self.pools.read("read an input's line", &own_context(READ_TIME), work).await
    }

    async fn setting(&self, name: &str) -> StoreResult<Option<String>> {
        let work = |session: Arc<Session>| async move {
            let rows = session.rows(SETTING, &[("name", &Text(name))]).await?;
            let value = rows.first().map(|row| row.try_get::<_, String>(0)).transpose()?;
            Ok::<_, Failure>(value)
        };
        self.pools.read("read a setting", &own_context(READ_TIME), work).await
    }

    async fn setting_put(&self, name: &str, value: &str) -> StoreResult<()> {
        let (pools, name, value) = (Arc::clone(&self.pools), name.to_owned(), value.to_owned());
        going_on(async move {
            let (name, value) = (&*name, &*value);
            let work = |session: Arc<Session>| async move {
                let parameters: [Parameter<'_>; 2] =
                    [("name", &Text(name)), ("value", &Text(value))];
                session.execute(SETTING_PUT, &parameters).await?;
                Ok::<_, Failure>(())
            };
            pools.write("keep a setting", Lock::Records, work).await
        })
        .await
    }

    async fn decisions_version(&self) -> StoreResult<Version> {
        let work = |session: Arc<Session>| async move { decision::version(&session).await };
        self.pools.read("read the decisions' version", &own_context(READ_TIME), work).await
    }

    async fn decisions(&self) -> StoreResult<Vec<Decision>> {
        let work = |session: Arc<Session>| async move { decision::all(&session).await };
        self.pools.read("list the decisions", &own_context(READ_TIME), work).await
    }

    async fn decision_put(&self, new: &NewDecision) -> StoreResult<Decision> {
        let (pools, new) = (Arc::clone(&self.pools), new.clone());
        going_on(async move {
            let new = &new;
            let work = |session: Arc<Session>| async move { decision::put(&session, new).await };
            pools.write("keep a decision", Lock::Records, work).await
        })
        .await
    }

    async fn rules(&self) -> StoreResult<Option<RuleSet>> {
        let work = |session: Arc<Session>| async move { decision::rules(&session).await };
        self.pools.read("read the rules", &own_context(READ_TIME), work).await
    }

    async fn rules_put(&self, text: &str, author: &str, at: Micros) -> StoreResult<RuleSet> {
        let (pools, text, author) = (Arc::clone(&self.pools), text.to_owned(), author.to_owned());
        going_on(async move {
            let (text, author) = (&*text, &*author);
            let work = |session: Arc<Session>| async move {
                decision::rules_put(&session, text, author, at).await
            };
            pools.write("put rules in force", Lock::Records, work).await
        })
        .await
    }
}

async fn begin(session: &Session, run: &str, input: &InputRecord) -> Outcome<u64> {
    let id: i64 = session.row(INTAKE_NEXT, &[]).await?.try_get(0)?;
    let observed_by = serde_json::to_string(&input.observed_by)?;
    let outcome = serde_json::to_string(&InputOutcome::default())?;
    session
        .execute(
            INTAKE_ADD,
            &[
                ("id", &id),
                ("run", &Text(run)),
                ("name", &Text(&input.name)),
                ("content_hash", &Text(&input.content_hash)),
                ("format", &Text(&input.format)),
                ("source", &Text(&input.source)),
                ("observed_at", &input.observed_at.0),
                ("observed_by", &observed_by),
                ("received_at", &input.received_at.0),
                ("outcome", &outcome),
            ],
        )
        .await?;
    Ok(id.unsigned_abs())
}

async fn progress(session: &Session, entry: &IntakeEntry, rejects: &[Reject]) -> Outcome<()> {
    let id = whole(entry.id);
    let outcome = serde_json::to_string(&entry.outcome)?;
    let observed_by = serde_json::to_string(&entry.input.observed_by)?;
    let changed = session
        .execute(
            INTAKE_CHANGE,
            &[
                ("id", &id),
                ("outcome", &outcome),
                ("is_finished", &entry.is_finished),
                ("format", &Text(&entry.input.format)),
                ("source", &Text(&entry.input.source)),
                ("observed_at", &entry.input.observed_at.0),
                ("observed_by", &observed_by),
            ],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::NotFound { what: format!("input {}", entry.id) }.into());
    }
    if rejects.is_empty() {
        return Ok(());
    }
    let kept = count(&session.row(REJECT_COUNT, &[("intake", &id)]).await?, 0)?;
    let room = usize::try_from(REJECTS_KEPT.saturating_sub(kept)).unwrap_or(0);
    let told = &rejects[..rejects.len().min(room)];
    let sources: Vec<Text<'_>> = told.iter().map(|one| Text(&one.source)).collect();
    let locations: Vec<Text<'_>> = told.iter().map(|one| Text(&one.location)).collect();
    let reasons: Vec<Text<'_>> = told.iter().map(|one| Text(&one.reason)).collect();
    let counts: Vec<i64> = told.iter().map(|one| whole(one.count)).collect();
    session
        .execute(
            REJECT_ADD,
            &[
                ("intake", &id),
                ("first", &whole(kept)),
                ("sources", &sources),
                ("locations", &locations),
                ("reasons", &reasons),
                ("counts", &counts),
            ],
        )
        .await?;
    Ok(())
}

fn reject_of(row: &Row) -> Outcome<Reject> {
    Ok(Reject {
        source: row.try_get(0)?,
        location: row.try_get(1)?,
        reason: row.try_get(2)?,
        count: count(row, 3)?,
    })
}

fn entry_of(row: &Row) -> Outcome<IntakeEntry> {
    let observed_by: String = row.try_get(7)?;
    let outcome: String = row.try_get(9)?;
    Ok(IntakeEntry {
        id: count(row, 0)?,
        run: row.try_get(1)?,
        input: InputRecord {
            name: row.try_get(2)?,
            content_hash: row.try_get(3)?,
            format: row.try_get(4)?,
            source: row.try_get(5)?,
            observed_at: Micros(row.try_get(6)?),
            observed_by: serde_json::from_str(&observed_by)?,
            received_at: Micros(row.try_get(8)?),
        },
        outcome: serde_json::from_str(&outcome)?,
        is_finished: row.try_get(10)?,
    })
}
