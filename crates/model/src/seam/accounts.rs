//! Who may do what, and what was done. Never cached by a store, in every backup.

use async_trait::async_trait;

use crate::account::{Account, ApiToken, AuditEntry};
use crate::error::StoreResult;

/// Accounts, tokens and the audit log.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Every account, in order of name.
    async fn accounts(&self) -> StoreResult<Vec<Account>>;
    /// Keeps an account in place of the one of its name.
    async fn account_put(&self, account: &Account) -> StoreResult<()>;
    /// Every token, those that hold no more too, in order of prefix and hash.
    async fn tokens(&self) -> StoreResult<Vec<ApiToken>>;
    /// Keeps a token in place of the one of its hash.
    async fn token_put(&self, token: &ApiToken) -> StoreResult<()>;
    /// Adds a line to the log; gives its number.
    async fn audit_add(&self, entry: &AuditEntry) -> StoreResult<u64>;
    /// The log, newest first, below `before` when given.
    async fn audit(&self, before: Option<u64>, limit: usize) -> StoreResult<Vec<AuditEntry>>;
}
