//! Sessions in the process: they end with it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use model::StoreError;
use model::error::StoreResult;
use model::seam::{ACCOUNT_SESSIONS_MAX, Sessions};
use model::session::{Session, SessionKey};
use model::time::Micros;

/// Most sessions in all.
const SESSIONS_MAX: usize = 100_000;

/// The sessions of this process.
#[derive(Debug, Default)]
pub struct ProcessSessions {
    held: Mutex<BTreeMap<SessionKey, Session>>,
}

impl ProcessSessions {
    fn held(&self) -> MutexGuard<'_, BTreeMap<SessionKey, Session>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Sessions for ProcessSessions {
    async fn create(&self, session: &Session) -> StoreResult<()> {
        let mut held = self.held();
        held.retain(|_, one| one.is_in_force(session.seen_at));
        while held.values().filter(|one| one.account == session.account).count()
            >= ACCOUNT_SESSIONS_MAX
        {
            let own = held.values().filter(|one| one.account == session.account);
            let oldest = own.min_by_key(|one| (one.seen_at, one.key)).map(|one| one.key);
            let Some(oldest) = oldest else { break };
            held.remove(&oldest);
        }
        if held.len() >= SESSIONS_MAX {
            return Err(StoreError::Exhausted {
                store: "sessions".to_owned(),
                resource: "sessions".to_owned(),
                limit: SESSIONS_MAX.to_string(),
            });
        }
        held.insert(session.key, session.clone());
        Ok(())
    }

    async fn find(&self, key: &SessionKey, now: Micros) -> StoreResult<Option<Session>> {
        let mut held = self.held();
        let Some(session) = held.get_mut(key) else { return Ok(None) };
        if !session.is_in_force(now) {
            held.remove(key);
            return Ok(None);
        }
        session.seen_at = session.seen_at.max(now);
        Ok(Some(session.clone()))
    }

    async fn rotate(
        &self,
        old: &SessionKey,
        new: &SessionKey,
        now: Micros,
    ) -> StoreResult<Option<Session>> {
        let mut held = self.held();
        let Some(session) = held.get_mut(old) else { return Ok(None) };
        if session.is_replaced || !session.is_in_force(now) {
            return Ok(None);
        }
        let under = session.under(*new, now);
        *session = session.replaced(now);
        held.insert(*new, under.clone());
        Ok(Some(under))
    }

    async fn end(&self, key: &SessionKey) -> StoreResult<bool> {
        Ok(self.held().remove(key).is_some())
    }

    async fn end_account(&self, account: &str) -> StoreResult<u64> {
        let mut held = self.held();
        let before = held.len();
        held.retain(|_, one| one.account != account);
        Ok((before - held.len()) as u64)
    }

    async fn expire(&self, now: Micros) -> StoreResult<u64> {
        let mut held = self.held();
        let before = held.len();
        held.retain(|_, one| one.is_in_force(now));
        Ok((before - held.len()) as u64)
    }
}
