//! Lets the journal go of what the stores keep: in the data folder, what a checkpoint holds, so that it does not grow for ever.

use std::sync::Arc;
use std::time::Duration;

use intake::Intake;
use store_embedded::Database;

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(20);

/// Runs until it is aborted.
pub async fn run(intake: Arc<Intake>, database: Option<Arc<Database>>) {
    // A server keeps what it committed: then what was applied may go at once.
    let progress = || database.as_ref().map_or((0, 0), |database| database.write_progress());
    // What was applied, and how many writes had run by then: a checkpoint that holds all of these
    // holds what was applied.
    let mut waiting: Option<(u64, u64)> = None;
    loop {
        tokio::time::sleep(PAUSE).await;
        let (_, checkpointed) = progress();
        if let Some((applied, writes)) = waiting
            && checkpointed >= writes
        {
            waiting = None;
            match intake.checkpointed(applied) {
                Ok(0) => {}
                Ok(segments) => tracing::debug!(segments, "journal segments released"),
                Err(error) => tracing::warn!(%error, "the journal cannot be shortened"),
            }
        }
        if waiting.is_none() {
            let applied = intake.status().applied;
            waiting = Some((applied, progress().0));
        }
    }
}
