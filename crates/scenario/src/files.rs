//! Writing below one folder, keeping the list of what was written. Modification times are set to
//! the end of the history, so that a file says when it was "exported" also without a flag.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::outcome::{ScenarioError, WrittenFile};

/// The folder being written.
pub struct Files {
    root: PathBuf,
    modified: SystemTime,
    written: Vec<WrittenFile>,
}

impl Files {
    /// Starts in `root`, which is made if it does not exist. `modified` is in seconds since 1970.
    pub fn new(root: &Path, modified: i64) -> Result<Self, ScenarioError> {
        fs::create_dir_all(root)
            .map_err(|reason| ScenarioError::Write { path: root.to_owned(), reason })?;
        let since = Duration::from_secs(modified.max(0).unsigned_abs());
        Ok(Self {
            root: root.to_owned(),
            modified: SystemTime::UNIX_EPOCH + since,
            written: Vec::new(),
        })
    }

    /// Writes `value` as indented JSON.
    pub fn json<T: Serialize>(&mut self, path: &str, value: &T) -> Result<(), ScenarioError> {
        self.stream(path, |out| {
            serde_json::to_writer_pretty(&mut *out, value)?;
            out.write_all(b"\n")
        })
    }

    /// Writes a text.
    pub fn text(&mut self, path: &str, text: &str) -> Result<(), ScenarioError> {
        self.bytes(path, text.as_bytes())
    }

    /// Writes bytes.
    pub fn bytes(&mut self, path: &str, bytes: &[u8]) -> Result<(), ScenarioError> {
        self.stream(path, |out| out.write_all(bytes))
    }

    /// Writes whatever `fill` writes.
    pub fn stream(
        &mut self,
        path: &str,
        fill: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
    ) -> Result<(), ScenarioError> {
        let full = self.root.join(path);
        let bytes = write_file(&full, self.modified, fill)
            .map_err(|reason| ScenarioError::Write { path: full, reason })?;
        self.written.push(WrittenFile { path: path.to_owned(), bytes });
        Ok(())
    }

    /// The files written, by path.
    pub fn finish(mut self) -> Vec<WrittenFile> {
        self.written.sort_by(|a, b| a.path.cmp(&b.path));
        self.written
    }
}

fn write_file(
    full: &Path,
    modified: SystemTime,
    fill: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> std::io::Result<u64> {
    if let Some(folder) = full.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut out = BufWriter::with_capacity(1 << 20, File::create(full)?);
    fill(&mut out)?;
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.set_modified(modified)?;
    Ok(file.metadata()?.len())
}
