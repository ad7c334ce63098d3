//! Where sessions are: in the process, or shared between replicas. Instants are parameters; a store that
//! forgets keys by a clock of its own may do so only after they have ended by these.

use async_trait::async_trait;

use crate::error::StoreResult;
use crate::session::{Session, SessionKey};
use crate::time::Micros;

/// Sessions by the hash of their token. `Unavailable` while the store of them is away.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Keeps a new session. Of one account at most `ACCOUNT_SESSIONS_MAX` are kept; those seen longest ago
    /// end first.
    async fn create(&self, session: &Session) -> StoreResult<()>;
    /// The session of this key, when it is in force at `now`; from then on it was seen at `now`. One that is
    /// not in force is forgotten.
    async fn find(&self, key: &SessionKey, now: Micros) -> StoreResult<Option<Session>>;
    /// Puts the session of `old` under `new`, at once and once: of two callers with the same `old` one gets
    /// the session, the other `None`. `old` holds as `Session::replaced` says. `None` when `old` is not in
    /// force, or was replaced before.
    async fn rotate(
        &self,
        old: &SessionKey,
        new: &SessionKey,
        now: Micros,
    ) -> StoreResult<Option<Session>>;
    /// Ends one session; whether there was one.
    async fn end(&self, key: &SessionKey) -> StoreResult<bool>;
    /// Ends every session of an account, replaced tokens too; how many there were.
    async fn end_account(&self, account: &str) -> StoreResult<u64>;
    /// Forgets the sessions that are not in force at `now`; how many there were. A store that forgets by
    /// itself gives 0.
    async fn expire(&self, now: Micros) -> StoreResult<u64>;
}

/// Most sessions of one account.
pub const ACCOUNT_SESSIONS_MAX: usize = 50;
