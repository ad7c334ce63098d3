//! Where things are: the repository, cargo's target folder and the git-ignored `.tools` folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The repository's root: the parent of this crate's folder, or the current directory when the
/// repository has been moved since xtask was built.
pub fn root() -> PathBuf {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf);
    let run_in = std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .and_then(|folder| folder.parent().map(Path::to_path_buf));
    run_in.or(built_in).filter(|folder| folder.join("xtask").is_dir()).unwrap_or_else(|| ".".into())
}

/// Cargo's target folder, as `CARGO_TARGET_DIR` says or `target` in the repository.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Folder of downloaded tools and stamps; git-ignored, safe to delete.
pub fn tools() -> PathBuf {
    root().join(".tools")
}

/// The dashboard's folder.
pub fn web() -> PathBuf {
    root().join("web")
}

/// The program as built in the release profile.
pub fn program() -> PathBuf {
    target().join("release").join("ubiquitous")
}

/// Names of the Rust files directly in `folder`, without their extension, in order; none when the
/// folder does not exist.
pub fn rust_stems(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    if !folder.is_dir() {
        return Ok(names);
    }
    for entry in fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs")
            && let Some(stem) = path.file_stem()
        {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
