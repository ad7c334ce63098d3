//! The files that a user means: paths as given, folders walked in order of name. Broken links and
//! files that cannot be opened are reported, and the rest goes in.

use std::fs;
use std::path::{Path, PathBuf};

use model::{Micros, Reject};

/// Most files of one command; more are a sign of a wrong folder.
pub const FILES_MAX: usize = 1_000_000;

/// Deepest folder that is walked.
const DEPTH_MAX: usize = 32;

/// One file to read.
#[derive(Debug, Clone)]
pub struct WalkedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Path as the user would write it, for messages and the ledger.
    pub name: String,
    /// The path the user gave, under which it lies.
    pub root: PathBuf,
    /// Modification time.
    pub modified: Option<Micros>,
    /// Size in bytes.
    pub size: u64,
}

/// The files below `paths`, in order, and what could not be walked.
pub fn walk(paths: &[PathBuf]) -> (Vec<WalkedFile>, Vec<Reject>) {
    let mut files = Vec::new();
    let mut rejects = Vec::new();
    for path in paths {
        visit(path, path, 0, &mut files, &mut rejects);
    }
    (files, rejects)
}

fn visit(
    root: &Path,
    path: &Path,
    depth: usize,
    files: &mut Vec<WalkedFile>,
    rejects: &mut Vec<Reject>,
) {
    let name = path.display().to_string();
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            let is_link = fs::symlink_metadata(path).is_ok();
            let reason = if is_link { "the link leads nowhere".into() } else { error.to_string() };
            rejects.push(Reject::new(name, "file", reason));
            return;
        }
    };
    if metadata.is_dir() {
        if depth >= DEPTH_MAX {
            let reason = format!("deeper than {DEPTH_MAX} folders; a link may lead in a circle");
            rejects.push(Reject::new(name, "folder", reason));
            return;
        }
        match entries(path) {
            Ok(entries) => {
                for entry in entries {
                    visit(root, &entry, depth + 1, files, rejects);
                }
            }
            Err(error) => rejects.push(Reject::new(name, "folder", error.to_string())),
        }
    } else if !metadata.is_file() {
        let reason = "neither a file nor a folder; pipe it into stdin with `-` instead";
        rejects.push(Reject::new(name, "file", reason));
    } else if depth > 0 && is_no_data(path) {
        // A licence or a readme beside exports is no input; given by name it would be read.
    } else if files.len() >= FILES_MAX {
        let reason = format!("more than {FILES_MAX} files in one command; give a smaller folder");
        match rejects.last_mut() {
            Some(last) if last.reason == reason => last.count += 1,
            _ => rejects.push(Reject::new(name, "file", reason)),
        }
    } else {
        let modified = metadata.modified().ok().and_then(|time| {
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            i64::try_from(since.as_micros()).ok().map(Micros)
        });
        files.push(WalkedFile {
            path: path.to_owned(),
            name,
            root: root.to_owned(),
            modified,
            size: metadata.len(),
        });
    }
}

/// Entries in order of name, hidden ones left out.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            entries.push(entry.path());
        }
    }
    entries.sort();
    Ok(entries)
}

fn is_no_data(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_uppercase());
    name.is_some_and(|name| {
        ["LICENSE", "LICENCE", "README", "NOTICE"].iter().any(|word| name.starts_with(word))
            || name.ends_with(".MD")
    })
}
