//! `Accounts` on PostgreSQL: accounts, tokens and the audit log as rows.

use std::sync::Arc;

use async_trait::async_trait;
use model::account::{Account, ApiToken, AuditEntry, PasswordHash};
use model::error::StoreResult;
use model::seam::Accounts;
use model::time::Micros;
use tokio_postgres::Row;

use super::{PostgresRecords, READ_TIME};
use crate::postgres::connection::Session;
use crate::postgres::error::{Failure, Outcome};
use crate::postgres::number::{Text, whole};
use crate::postgres::pool::{Lock, going_on, own_context};
use crate::postgres::read::row::count;
use crate::postgres::statement::{Parameter, Statement, statement};

const ACCOUNT_LIST: Statement = statement!("account_list");
const ACCOUNT_PUT: Statement = statement!("account_put");
const TOKEN_LIST: Statement = statement!("token_list");
const TOKEN_PUT: Statement = statement!("token_put");
const AUDIT_ADD: Statement = statement!("audit_add");
const AUDIT_LIST: Statement = statement!("audit_list");

#[async_trait]
impl Accounts for PostgresRecords {
    async fn accounts(&self) -> StoreResult<Vec<Account>> {
        let work = |session: Arc<Session>| async move {
            let rows = session.rows(ACCOUNT_LIST, &[]).await?;
            rows.iter().map(account).collect::<Outcome<Vec<_>>>()
        };
        self.pools.read("list the accounts", &own_context(READ_TIME), work).await
    }

    async fn account_put(&self, account: &Account) -> StoreResult<()> {
        let (pools, account) = (Arc::clone(&self.pools), account.clone());
        going_on(async move {
            let account = &account;
            let work = |session: Arc<Session>| async move {
                let scope = serde_json::to_string(&account.scope)?;
                let parameters: [Parameter<'_>; 7] = [
                    ("name", &Text(&account.name)),
                    ("role", &account.role.as_str()),
                    ("scope", &Text(&scope)),
                    ("password_hash", &Text(&account.password_hash.0)),
                    ("is_disabled", &account.is_disabled),
                    ("created_at", &account.created_at.0),
                    ("password_at", &account.password_at.0),
                ];
                session.execute(ACCOUNT_PUT, &parameters).await?;
                Ok::<_, Failure>(())
            };
            pools.write("keep an account", Lock::Records, work).await
        })
        .await
    }

    async fn tokens(&self) -> StoreResult<Vec<ApiToken>> {
        let work = |session: Arc<Session>| async move {
            let rows = session.rows(TOKEN_LIST, &[]).await?;
            rows.iter().map(token).collect::<Outcome<Vec<_>>>()
        };
        self.pools.read("list the tokens", &own_context(READ_TIME), work).await
    }

    async fn token_put(&self, token: &ApiToken) -> StoreResult<()> {
        let (pools, token) = (Arc::clone(&self.pools), token.clone());
        going_on(async move {
            let token = &token;
            let work = |session: Arc<Session>| async move {
                let revoked_at = token.revoked_at.map(|at| at.0);
                let parameters: [Parameter<'_>; 8] = [
                    ("prefix", &Text(&token.prefix)),
                    ("hash", &Text(&token.hash)),
                    ("account", &Text(&token.account)),
                    ("label", &Text(&token.label)),
                    ("role", &token.role.as_str()),
                    ("created_at", &token.created_at.0),
                    ("expires_at", &token.expires_at.0),
                    ("revoked_at", &revoked_at),
                ];
                session.execute(TOKEN_PUT, &parameters).await?;
                Ok::<_, Failure>(())
            };
            pools.write("keep a token", Lock::Records, work).await
        })
        .await
    }

    async fn audit_add(&self, entry: &AuditEntry) -> StoreResult<u64> {
        let (pools, entry) = (Arc::clone(&self.pools), entry.clone());
        going_on(async move {
            let entry = &entry;
            let work = |session: Arc<Session>| async move {
                let at = Micros::of(entry.at).0;
                let parameters: [Parameter<'_>; 6] = [
                    ("at", &at),
                    ("who", &Text(&entry.who)),
                    ("action", &Text(&entry.action)),
                    ("target", &Text(&entry.target)),
                    ("address", &Text(&entry.address)),
                    ("outcome", &Text(&entry.outcome)),
                ];
                let row = session.row(AUDIT_ADD, &parameters).await?;
                count(&row, 0)
            };
            pools.write("add to the audit log", Lock::Records, work).await
        })
        .await
    }

    async fn audit(&self, before: Option<u64>, limit: usize) -> StoreResult<Vec<AuditEntry>> {
        let before = before.map_or(i64::MAX, whole);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let work = |session: Arc<Session>| async move {
            let rows = session.rows(AUDIT_LIST, &[("before", &before), ("limit", &limit)]).await?;
            rows.iter().map(entry).collect::<Outcome<Vec<_>>>()
        };
        self.pools.read("read the audit log", &own_context(READ_TIME), work).await
    }
}

fn account(row: &Row) -> Outcome<Account> {
    let (role, scope): (String, String) = (row.try_get(1)?, row.try_get(2)?);
    Ok(Account {
        name: row.try_get(0)?,
        role: role.parse().map_err(Failure::Row)?,
        scope: serde_json::from_str(&scope)?,
        password_hash: PasswordHash(row.try_get(3)?),
        is_disabled: row.try_get(4)?,
        created_at: Micros(row.try_get(5)?),
        password_at: Micros(row.try_get(6)?),
    })
}

fn token(row: &Row) -> Outcome<ApiToken> {
    let role: String = row.try_get(4)?;
    Ok(ApiToken {
        prefix: row.try_get(0)?,
        hash: row.try_get(1)?,
        account: row.try_get(2)?,
        label: row.try_get(3)?,
        role: role.parse().map_err(Failure::Row)?,
        created_at: Micros(row.try_get(5)?),
        expires_at: Micros(row.try_get(6)?),
        revoked_at: row.try_get::<_, Option<i64>>(7)?.map(Micros),
    })
}

fn entry(row: &Row) -> Outcome<AuditEntry> {
    Ok(AuditEntry {
        id: count(row, 0)?,
        at: Micros(row.try_get(1)?).timestamp(),
        who: row.try_get(2)?,
        action: row.try_get(3)?,
        target: row.try_get(4)?,
        address: row.try_get(5)?,
        outcome: row.try_get(6)?,
    })
}
