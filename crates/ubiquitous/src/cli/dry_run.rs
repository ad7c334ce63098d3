//! Where `ingest --dry-run` tries its inputs: on a copy of the data folder, so that what several inputs
//! share counts once and references between them resolve, as they would. Gone afterwards.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::configuration::Configuration;
use crate::estate::Estate;
use crate::exit::Failure;
use crate::problem::Problem;

/// Folder of the copy, inside the data folder.
const COPY: &str = "dry-run";

/// Largest data folder that is copied; beyond it each input is tried alone.
const COPY_BYTES_MAX: u64 = 4 << 30;

/// A copy of the data folder, removed when it is dropped.
#[derive(Debug)]
pub struct Copy {
    folder: PathBuf,
    configuration: Configuration,
}

impl Copy {
    /// A copy of the folder that a configuration names; `None` where the stores are servers or the folder
    /// is large.
    ///
    /// # Errors
    /// When another process has the folder, or it cannot be copied.
    pub async fn new(configuration: &Configuration) -> Result<Option<Self>, Failure> {
        let has_server = ["topology_url", "telemetry_url"]
            .iter()
            .any(|setting| !configuration.text(setting).is_empty());
        let from = configuration.data_dir();
        if has_server {
            return Ok(None);
        }
        if from.is_dir() {
            // Says who has the folder, and folds the log into the file.
            Estate::open_to_read(configuration).await?.close().await;
        }
        let files = files(&from).map_err(|error| failed(&from, &error))?;
        if files.iter().map(|(_, bytes)| bytes).sum::<u64>() > COPY_BYTES_MAX {
            return Ok(None);
        }
        let folder = from.join(COPY);
        let copy = Self { configuration: configuration.with_data_dir(&folder), folder };
        copy.fill(&from, &files).map_err(|error| failed(&copy.folder, &error))?;
        Ok(Some(copy))
    }

    /// The configuration that names the copy.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    fn fill(&self, from: &Path, files: &[(PathBuf, u64)]) -> io::Result<()> {
        // One that a killed process left behind is of no use.
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        private_folder(&self.folder)?;
        for (name, _) in files {
            let to = self.folder.join(name);
            if let Some(parent) = to.parent() {
                private_folder(parent)?;
            }
            fs::copy(from.join(name), to)?;
        }
        Ok(())
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(%error, folder = %self.folder.display(), "a copy was not removed");
        }
    }
}

/// The database and the journal, by their names in the folder, with their sizes.
fn files(folder: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let mut found = Vec::new();
    for below in ["", "journal"] {
        let inside = folder.join(below);
        if !inside.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&inside)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_kept = below == "journal" || name.to_string_lossy().starts_with("estate.");
            if is_kept && entry.file_type()?.is_file() {
                found.push((Path::new(below).join(name), entry.metadata()?.len()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A folder that only its user can read.
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn failed(folder: &Path, error: &io::Error) -> Failure {
    let detail = format!("cannot copy to {} for a dry run: {error}", folder.display());
    Problem::bad_request("dry_run", detail).into()
}
