//! A file that a command beside the server names instead of sending its bytes. The server takes it only
//! when it finds the very same: within a container, another file may have that path, or none.

use std::path::PathBuf;
use std::time::SystemTime;

use ingest::InputContext;
use serde::{Deserialize, Serialize};

use super::{InputFile, Place};

/// Which file it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct NamedFile {
    path: PathBuf,
    bytes: u64,
    modified: SystemTime,
}

impl NamedFile {
    fn at(path: PathBuf) -> Option<Self> {
        let metadata = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
        Some(Self { path, bytes: metadata.len(), modified: metadata.modified().ok()? })
    }

    /// The file of an input that is one.
    pub fn of(input: &InputFile) -> Option<Self> {
        match &input.place {
            Place::File(path) => Self::at(std::path::absolute(path).ok()?),
            Place::Memory(_) => None,
        }
    }

    /// The file as an input, if it is here.
    pub fn input(self, name: &str, context: InputContext) -> Option<InputFile> {
        let here = Self::at(self.path.clone())?;
        let is_same = (here.bytes, here.modified) == (self.bytes, self.modified);
        // What may be named but not read is sent.
        let is_read = is_same && std::fs::File::open(&self.path).is_ok();
        is_read.then(|| InputFile {
            name: name.to_owned(),
            size: self.bytes,
            context,
            place: Place::File(self.path),
        })
    }
}
