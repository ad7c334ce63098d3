//! Words and names that do not belong here.

use std::path::Path;

use super::Repository;

/// Names that say nothing of what a module holds.
const EMPTY_NAMES: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "core", "manager", "misc"];

/// Marks of unfinished work, written so that this file does not hold them.
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("todo", "!(")];

/// Folders that only some machines have, written so that this file does not hold them.
const MACHINE_PATHS: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

/// The only place from which a lock file may fetch.
const REGISTRIES: &[&str] =
    &["https://registry.npmjs.org/", "registry+https://github.com/rust-lang/crates.io-index"];

/// Endings of the files people write.
const WRITTEN: &[&str] = &[
    ".rs", ".ts", ".tsx", ".mjs", ".js", ".css", ".sql", ".cypher", ".md", ".toml", ".sh", ".html",
    "/run", ".yml",
];

/// Files and folders whose name says nothing.
pub fn empty_names(repository: &Repository) -> Vec<String> {
    let is_empty = |path: &Path| {
        path.components().any(|component| {
            let name = component.as_os_str().to_string_lossy();
            let stem = name.split('.').next().unwrap_or("");
            EMPTY_NAMES.contains(&stem.to_lowercase().as_str())
        })
    };
    repository
        .paths
        .iter()
        .filter(|path| [".rs", ".ts", ".tsx"].iter().any(|ending| path.ends_with(ending)))
        .filter(|path| is_empty(Path::new(path)))
        .map(|path| format!("{path}: a name for anything"))
        .collect()
}

/// Marks of unfinished work.
pub fn unfinished(repository: &Repository) -> Vec<String> {
    lines_with(repository, |line| UNFINISHED.iter().any(|mark| holds_word(line, mark)))
}

/// Paths that exist on one machine only.
pub fn machine_paths(repository: &Repository) -> Vec<String> {
    lines_with(repository, |line| MACHINE_PATHS.iter().any(|path| holds_path(line, path)))
}

/// Lock files that fetch from anywhere but the public registries.
pub fn registries(repository: &Repository) -> Vec<String> {
    let mut found = Vec::new();
    for file in repository.with_ending(&["Cargo.lock", "package-lock.json"]) {
        for line in file.text.lines().map(str::trim) {
            let source =
                line.strip_prefix("source = \"").or_else(|| line.strip_prefix("\"resolved\": \""));
            if let Some(source) = source
                && !REGISTRIES.iter().any(|registry| source.starts_with(registry))
            {
                found.push(format!("{}: {source}", file.path));
            }
        }
    }
    found
}

fn lines_with(repository: &Repository, is_wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for file in repository.with_ending(WRITTEN) {
        for (number, line) in file.text.lines().enumerate() {
            if is_wrong(line) {
                found.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    found
}

/// Whether `line` holds `word` and not merely a longer word with it inside.
fn holds_word(line: &str, word: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    line.match_indices(word).any(|(at, _)| {
        let is_inside_before = is_letter(line[..at].chars().next_back());
        let is_inside_after = word.ends_with(char::is_alphanumeric)
            && is_letter(line[at + word.len()..].chars().next());
        !is_inside_before && !is_inside_after
    })
}

/// Whether `line` holds an absolute path that begins with `path`; in the middle of a longer path
/// or of an address it means something else.
fn holds_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~}*)/".contains(c))
    })
}
