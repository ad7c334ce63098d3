//! The last good answers, in a bounded folder, so that they survive a restart while a store is down.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use analysis::{Answered, KeptAnswer, LastGood};
use async_trait::async_trait;
use jiff::Timestamp;
use model::envelope::Envelope;
use serde::{Deserialize, Serialize};

/// Name of the folder within the data folder.
pub const NAME: &str = "last-good";
/// Most answers kept.
const ANSWERS_MAX: usize = 500;
/// Largest answer kept, in bytes.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// Seconds before the same answer is written again.
const REWRITE_SECS: i64 = 60;

/// The folder.
pub struct Folder {
    path: PathBuf,
    written: Mutex<HashMap<String, (i64, String)>>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
    envelope: Envelope,
}

impl Folder {
    /// Below the data folder; made when the first answer is kept.
    pub fn new(data_dir: &Path) -> Self {
        Self { path: data_dir.join(NAME), written: Mutex::new(HashMap::new()) }
    }

    fn file(&self, key: &str) -> PathBuf {
        // Keys are hashes; anything else must not leave the folder.
        let name: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        self.path.join(format!("{name}.json"))
    }

    /// Whether the answer changed, or is due to be written again.
    fn is_due(&self, key: &str, answer: &str, at: Timestamp) -> bool {
        let mut written = match self.written.lock() {
            Ok(written) => written,
            Err(poisoned) => poisoned.into_inner(),
        };
        if written.len() > ANSWERS_MAX * 4 {
            written.clear();
        }
        let second = at.as_second();
        match written.get(key) {
            Some((last, known)) if known == answer && second - last < REWRITE_SECS => false,
            _ => {
                written.insert(key.to_owned(), (second, answer.to_owned()));
                true
            }
        }
    }
}

#[async_trait]
impl LastGood for Folder {
    async fn keep(&self, key: &str, answered: Arc<Answered>, at: Timestamp) {
        if answered.json.len() > ANSWER_BYTES_MAX || !self.is_due(key, &answered.key, at) {
            return;
        }
        let (folder, file) = (self.path.clone(), self.file(key));
        // Written beside the answer, which does not wait for it.
        tokio::task::spawn_blocking(move || {
            if let Err(error) = write(&folder, &file, &answered, at) {
                tracing::debug!(%error, "a last good answer was not kept");
            }
        });
    }

    async fn find(&self, key: &str) -> Option<KeptAnswer> {
        let file = self.file(key);
        let read = tokio::task::spawn_blocking(move || std::fs::read(file)).await.ok()?;
        let kept: Kept = serde_json::from_slice(&read.ok()?).ok()?;
        Some(KeptAnswer { envelope: kept.envelope, at: kept.at })
    }
}

fn write(folder: &Path, file: &Path, answered: &Answered, at: Timestamp) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let kept = Kept { at, envelope: answered.envelope.clone() };
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut fresh, &kept)?;
    fresh.persist(file).map_err(|error| error.error)?;
    forget_oldest(folder)
}

/// Keeps the folder within its bound.
fn forget_oldest(folder: &Path) -> std::io::Result<()> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        files.push((entry.metadata()?.modified()?, entry.path()));
    }
    if files.len() > ANSWERS_MAX {
        files.sort();
        let surplus = files.len() - ANSWERS_MAX;
        for (_, path) in files.into_iter().take(surplus) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}
