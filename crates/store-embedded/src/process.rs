//! What Redis does for several replicas, done within one process: for those who have no Redis, and
//! while it is away.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use model::commit::Committed;
use model::error::StoreResult;
use model::seam::{Admission, Cache, Fanout, Heard, Listener, Rate, RateLimit};
use tokio::sync::broadcast::{self, error::RecvError};

/// Keys that are counted at once; the oldest go first, which favours whoever comes back after them.
const KEYS_MAX: usize = 100_000;
/// Notices that a listener may lag behind; then it hears a gap.
const NOTICES_MAX: usize = 1_024;
/// Entries of a cache; what comes after them drives the others out.
const ENTRIES_MAX: usize = 10_000;

/// Rates counted in memory.
#[derive(Debug, Default)]
pub struct ProcessRateLimit {
    /// When each key's next one would be due if they came evenly.
    due: Mutex<HashMap<String, Instant>>,
}

impl ProcessRateLimit {
    /// Asks at an instant.
    pub fn admit_at(&self, key: &str, rate: Rate, now: Instant) -> Admission {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let at = due.get(key).copied().unwrap_or(now).max(now);
        let leeway = rate.every * rate.burst.saturating_sub(1);
        let ahead = at.duration_since(now);
        if ahead > leeway {
            return Admission::Refused { retry_after: ahead.saturating_sub(leeway) };
        }
        if due.len() >= KEYS_MAX && !due.contains_key(key) {
            forget(&mut due, now);
        }
        due.insert(key.to_owned(), at + rate.every);
        Admission::Admitted
    }
}

/// Makes room: keys that have rested, else the half that is due first.
fn forget(due: &mut HashMap<String, Instant>, now: Instant) {
    due.retain(|_, at| *at > now);
    if due.len() < KEYS_MAX {
        return;
    }
    let mut all: Vec<Instant> = due.values().copied().collect();
    let middle = all.len() / 2;
    let (_, middle, _) = all.select_nth_unstable(middle);
    let middle = *middle;
    due.retain(|_, at| *at > middle);
}

#[async_trait]
impl RateLimit for ProcessRateLimit {
    async fn admit(&self, key: &str, rate: Rate) -> StoreResult<Admission> {
        Ok(self.admit_at(key, rate, Instant::now()))
    }
}

/// Replicas within one process, each heard by the others.
#[derive(Debug, Clone)]
pub struct ProcessBus {
    notices: broadcast::Sender<(Arc<str>, Heard)>,
}

impl Default for ProcessBus {
    fn default() -> Self {
        Self { notices: broadcast::channel(NOTICES_MAX).0 }
    }
}

impl ProcessBus {
    /// The fan-out of one replica. Alone on a bus it hears nothing.
    pub fn replica(&self, name: &str) -> Arc<dyn Fanout> {
        Arc::new(ProcessFanout { name: name.into(), bus: self.clone() })
    }
}

struct ProcessFanout {
    name: Arc<str>,
    bus: ProcessBus,
}

#[async_trait]
impl Fanout for ProcessFanout {
    async fn publish(&self, notice: &Committed) -> StoreResult<()> {
        // Nobody need listen.
        let heard = Heard::Committed(notice.clone());
        let _unheard = self.bus.notices.send((Arc::clone(&self.name), heard));
        Ok(())
    }

    fn skip(&self) {
        let _unheard = self.bus.notices.send((Arc::clone(&self.name), Heard::Gap));
    }

    fn listen(&self) -> Box<dyn Listener> {
        let notices = self.bus.notices.subscribe();
        Box::new(ProcessListener { name: Arc::clone(&self.name), notices })
    }
}

struct ProcessListener {
    name: Arc<str>,
    notices: broadcast::Receiver<(Arc<str>, Heard)>,
}

#[async_trait]
impl Listener for ProcessListener {
    async fn next(&mut self) -> Heard {
        loop {
            match self.notices.recv().await {
                Ok((name, _)) if name == self.name => {}
                Ok((_, heard)) => return heard,
                Err(RecvError::Lagged(_)) => return Heard::Gap,
                Err(RecvError::Closed) => std::future::pending::<()>().await,
            }
        }
    }
}

/// A cache in memory that replicas of one process share.
#[derive(Debug, Default)]
pub struct ProcessCache {
    entries: Mutex<HashMap<String, (Instant, Vec<u8>)>>,
}

#[async_trait]
impl Cache for ProcessCache {
    async fn get(&self, key: &str) -> StoreResult<Option<Vec<u8>>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let alive = entries.get(key).filter(|(until, _)| *until > Instant::now());
        Ok(alive.map(|(_, bytes)| bytes.clone()))
    }

    async fn put(&self, key: &str, bytes: &[u8], keep: Duration) -> StoreResult<()> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if entries.len() >= ENTRIES_MAX {
            entries.retain(|_, (until, _)| *until > now);
        }
        if entries.len() >= ENTRIES_MAX {
            entries.clear();
        }
        entries.insert(key.to_owned(), (now + keep, bytes.to_vec()));
        Ok(())
    }
}
