//! Commit notices from replica to replica.

use async_trait::async_trait;

use crate::commit::Committed;
use crate::error::StoreResult;

/// What one replica hears of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Another replica committed.
    Committed(Committed),
    /// Something may have been missed: whatever hangs on commits asks again.
    Gap,
}

/// Tells the other replicas what this one committed. A replica does not hear itself.
#[async_trait]
pub trait Fanout: Send + Sync {
    /// Tells it. What could not be told is heard by the others as a gap, at the latest when this
    /// replica can be heard again.
    async fn publish(&self, notice: &Committed) -> StoreResult<()>;
    /// Says that notices were lost before they came here: the others hear a gap.
    fn skip(&self);
    /// Listens from now on.
    fn listen(&self) -> Box<dyn Listener>;
}

/// Hears the other replicas, each in its own order.
#[async_trait]
pub trait Listener: Send {
    /// The next thing; waits for ever while there is none.
    async fn next(&mut self) -> Heard;
}
