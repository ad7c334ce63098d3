//! `Accounts` on DuckDB: accounts, tokens and the audit log as rows.

use async_trait::async_trait;
use duckdb::{Connection, Row, params};
use model::account::{Account, ApiToken, AuditEntry, PasswordHash};
use model::error::StoreResult;
use model::seam::Accounts;
use model::time::Micros;

use super::EmbeddedRecords;
use crate::error::{Failure, Outcome};

#[async_trait]
impl Accounts for EmbeddedRecords {
    async fn accounts(&self) -> StoreResult<Vec<Account>> {
        self.database
            .read_own("list the accounts", |connection| {
                let sql = "SELECT name, role, scope, password_hash, is_disabled, created_at, \
                           password_at FROM records.account ORDER BY name";
                rows(connection, sql, account)
            })
            .await
    }

    async fn account_put(&self, account: &Account) -> StoreResult<()> {
        let account = account.clone();
        self.database
            .write("keep an account", move |tx| {
                tx.execute(
                    "INSERT INTO records.account VALUES (?, ?, ?, ?, ?, ?, ?) \
                     ON CONFLICT DO UPDATE SET role = excluded.role, scope = excluded.scope, \
                     password_hash = excluded.password_hash, is_disabled = excluded.is_disabled, \
                     password_at = excluded.password_at",
                    params![
                        account.name,
                        account.role.as_str(),
                        serde_json::to_string(&account.scope)?,
                        account.password_hash.0,
                        account.is_disabled,
                        account.created_at.0,
                        account.password_at.0,
                    ],
                )?;
                Ok(())
            })
            .await
    }

    async fn tokens(&self) -> StoreResult<Vec<ApiToken>> {
        self.database
            .read_own("list the tokens", |connection| {
                let sql = "SELECT prefix, hash, account, label, role, created_at, expires_at, \
                           revoked_at FROM records.api_token ORDER BY prefix, hash";
                rows(connection, sql, token)
            })
            .await
    }

    async fn token_put(&self, token: &ApiToken) -> StoreResult<()> {
        let token = token.clone();
        self.database
            .write("keep a token", move |tx| {
                tx.execute(
                    "INSERT INTO records.api_token VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
                     ON CONFLICT DO UPDATE SET revoked_at = excluded.revoked_at",
                    params![
                        token.hash,
                        token.prefix,
                        token.account,
                        token.label,
                        token.role.as_str(),
                        token.created_at.0,
                        token.expires_at.0,
                        token.revoked_at.map(|at| at.0),
                    ],
                )?;
                Ok(())
            })
            .await
    }

    async fn audit_add(&self, entry: &AuditEntry) -> StoreResult<u64> {
        let entry = entry.clone();
        self.database
            .write("add to the audit log", move |tx| {
                let id: u64 = tx.query_row(
                    "SELECT coalesce(max(id), 0) + 1 FROM records.audit",
                    [],
                    |row| row.get(0),
                )?;
                tx.execute(
                    "INSERT INTO records.audit VALUES (?, ?, ?, ?, ?, ?, ?)",
                    params![
                        id,
                        Micros::of(entry.at).0,
                        entry.who,
                        entry.action,
                        entry.target,
                        entry.address,
                        entry.outcome,
                    ],
                )?;
                Ok(id)
            })
            .await
    }

    async fn audit(&self, before: Option<u64>, limit: usize) -> StoreResult<Vec<AuditEntry>> {
        self.database
            .read_own("read the audit log", move |connection| {
                let mut statement = connection.prepare(
                    "SELECT id, done_at, who, action, target, address, outcome FROM records.audit \
                     WHERE id < ? ORDER BY id DESC LIMIT ?",
                )?;
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
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    of: impl Fn(&Row<'_>) -> Outcome<T>,
) -> Outcome<Vec<T>> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(of(row)?);
    }
    Ok(all)
}

fn account(row: &Row<'_>) -> Outcome<Account> {
    let (role, scope): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(Account {
        name: row.get(0)?,
        role: role.parse().map_err(Failure::Row)?,
        scope: serde_json::from_str(&scope)?,
        password_hash: PasswordHash(row.get(3)?),
        is_disabled: row.get(4)?,
        created_at: Micros(row.get(5)?),
        password_at: Micros(row.get(6)?),
    })
}

fn token(row: &Row<'_>) -> Outcome<ApiToken> {
    let role: String = row.get(4)?;
    Ok(ApiToken {
        prefix: row.get(0)?,
        hash: row.get(1)?,
        account: row.get(2)?,
        label: row.get(3)?,
        role: role.parse().map_err(Failure::Row)?,
        created_at: Micros(row.get(5)?),
        expires_at: Micros(row.get(6)?),
        revoked_at: row.get::<_, Option<i64>>(7)?.map(Micros),
    })
}

fn entry(row: &Row<'_>) -> Outcome<AuditEntry> {
    Ok(AuditEntry {
        id: row.get(0)?,
        at: Micros(row.get(1)?).timestamp(),
        who: row.get(2)?,
        action: row.get(3)?,
        target: row.get(4)?,
        address: row.get(5)?,
        outcome: row.get(6)?,
    })
}
