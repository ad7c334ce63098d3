//! The data folder: one process owns it by a lock; `owner.json` says where that process listens, so
//! that other commands work through it. Liveness comes from the lock, not from a process id.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use model::{StoreError, error::StoreResult};
use serde::{Deserialize, Serialize};

use crate::error::io_error;

const LOCK: &str = "lock";
const OWNER: &str = "owner.json";
const DATABASE: &str = "estate.duckdb";
/// The database while a backup is put back; where it is, the folder is not whole.
const RESTORING: &str = "estate.restoring.duckdb";
const ESTATE_FILE: &str = "estate.folded";
/// Stands in the folder of a copy from its begin to its end.
const COPYING: &str = "copy.unfinished";

/// Where the owning process listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Loopback address and port.
    pub address: String,
    /// Random token that its clients send.
    pub token: String,
}

/// A data folder that this process owns for as long as the value lives.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Opens or creates the folder (0700) and takes its lock.
    ///
    /// # Errors
    /// `Locked` when another process owns it, or a restore or a copy into it was cut off; `Internal` when it
    /// cannot be made or read.
    pub fn open(path: &Path) -> StoreResult<Self> {
        let folder = Self::open_to_restore(path)?;
        let half = folder.restoring();
        if half.exists() {
            let holder = format!(
                "a restore that was cut off: run `ubiquitous store restore` again ({} is half of it)",
                half.display()
            );
            return Err(StoreError::Locked { holder });
        }
        if path.join(COPYING).exists() {
            let holder = format!(
                "a copy that was cut off: remove {}, empty the servers that took a part of it, and run \
                 `ubiquitous store copy` again",
                path.display()
            );
            return Err(StoreError::Locked { holder });
        }
        Ok(folder)
    }

    /// The same, for a restore: one that was cut off before does not matter.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn open_to_restore(path: &Path) -> StoreResult<Self> {
        create_private(path)?;
        let lock = lock_file(path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = read_owner(path).map_or_else(
                    || format!("another process that owns {}", path.display()),
                    |owner| format!("the server at {}", owner.address),
                );
                return Err(StoreError::Locked { holder });
            }
            Err(TryLockError::Error(error)) => return Err(io_error("lock", path, &error)),
        }
        // A file left by a process that was killed speaks for nobody.
        remove_if_there(&path.join(OWNER))?;
        Ok(Self { path: path.to_owned(), lock })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database file in it.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The database file while a backup is put back.
    pub fn restoring(&self) -> PathBuf {
        self.path.join(RESTORING)
    }

    /// The file of the folded estate in it.
    pub fn estate_file(&self) -> PathBuf {
        self.path.join(ESTATE_FILE)
    }

    /// Says where this process listens; readable only by its user.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn owner_write(&self, owner: &Owner) -> StoreResult<()> {
        let path = self.path.join(OWNER);
        let fresh = self.path.join("owner.json.new");
        let text = serde_json::to_vec(owner)
            .map_err(|error| io_error("encode", &path, &std::io::Error::other(error)))?;
        remove_if_there(&fresh)?;
        let written = private_file(&fresh)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&fresh, &path));
        written.map_err(|error| io_error("write", &path, &error))
    }
}

/// A copy into the stores of a folder begins: until it has ended well, they are no estate.
///
/// # Errors
/// When that cannot be written down.
pub fn copy_begins(folder: &Path) -> StoreResult<()> {
    let path = folder.join(COPYING);
    let written = private_file(&path).and_then(|file| file.sync_all());
    written.map_err(|error| io_error("write", &path, &error))
}

/// The copy is whole.
///
/// # Errors
/// When that cannot be written down.
pub fn copy_ended(folder: &Path) -> StoreResult<()> {
    remove_if_there(&folder.join(COPYING))
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Removed before the lock goes, so that nobody reads an address that no longer answers. An
        // error leaves a file that the next owner removes.
        let _ = std::fs::remove_file(self.path.join(OWNER));
        let _ = self.lock.unlock();
    }
}

/// The live owner of a folder: `Some` only while its lock is held and it has said where it listens.
///
/// # Errors
/// When the lock cannot be tried.
pub fn live_owner(path: &Path) -> StoreResult<Option<Owner>> {
    if !path.join(LOCK).exists() {
        return Ok(None);
    }
    let lock = lock_file(path)?;
    match lock.try_lock_shared() {
        Ok(()) => {
            let _ = lock.unlock();
            Ok(None)
        }
        Err(TryLockError::WouldBlock) => Ok(read_owner(path)),
        Err(TryLockError::Error(error)) => Err(io_error("lock", path, &error)),
    }
}

fn read_owner(path: &Path) -> Option<Owner> {
    let text = std::fs::read(path.join(OWNER)).ok()?;
    serde_json::from_slice(&text).ok()
}

fn create_private(path: &Path) -> StoreResult<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path).map_err(|error| io_error("create", path, &error))
}

fn lock_file(path: &Path) -> StoreResult<File> {
    let file = path.join(LOCK);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(&file).map_err(|error| io_error("open", &file, &error))
}

/// A new file that only its user can read.
pub fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Removes a file that need not be there.
pub fn remove_if_there(path: &Path) -> StoreResult<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(io_error("remove", path, &error))
        }
        _ => Ok(()),
    }
}
