//! What files say about themselves, and whether documents lead where they point.

use std::path::{Component, Path, PathBuf};

use super::Repository;

/// The most lines of ARCHITECTURE.md.
const ARCHITECTURE_LINES: usize = 150;

/// Rust files that do not begin by saying what they are for.
pub fn rust_files_without_header(repository: &Repository) -> Vec<String> {
    let is_header = |text: &str| {
        text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 15)
    };
    repository
        .rust()
        .filter(|file| !is_header(&file.text))
        .map(|file| format!("{}: does not begin with `//!` and what it is for", file.path))
        .collect()
}

/// ARCHITECTURE.md, when it is longer than a newcomer reads.
pub fn long_architecture(repository: &Repository) -> Vec<String> {
    match repository.files.iter().find(|file| file.path == "ARCHITECTURE.md") {
        None => vec!["ARCHITECTURE.md: is missing".into()],
        Some(file) => match file.text.lines().count() {
            lines if lines > ARCHITECTURE_LINES => vec![format!("ARCHITECTURE.md: {lines} lines")],
            _ => Vec::new(),
        },
    }
}

/// Links in Markdown to files that do not exist.
pub fn broken_links(repository: &Repository) -> Vec<String> {
    let mut found = Vec::new();
    for file in repository.with_ending(&[".md"]) {
        let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
        for link in links(&file.text) {
            let target = link.split('#').next().unwrap_or("");
            if target.is_empty() || target.contains(':') {
                continue;
            }
            let wanted = plain(&folder.join(target)).to_string_lossy().into_owned();
            let is_there = repository.paths.iter().any(|path| {
                *path == wanted
                    || path.strip_prefix(&wanted).is_some_and(|rest| rest.starts_with('/'))
            });
            if !is_there {
                found.push(format!("{}: `{link}` leads nowhere", file.path));
            }
        }
    }
    found
}

/// The targets of `[text](target)`, outside code.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let (target, after) = after.split_once(')').unwrap_or((after, ""));
            found.push(target);
            rest = after;
        }
    }
    found
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}
