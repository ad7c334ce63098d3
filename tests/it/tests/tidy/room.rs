//! Which room knows what: the dependencies of ARCHITECTURE.md, and who may hold statements.

use std::collections::BTreeMap;

use super::{Repository, TextFile};

/// Our crates that a crate may depend on. `ubiquitous` puts all of them together.
const MAY_DEPEND: &[(&str, &[&str])] = &[
    ("graph", &[]),
    ("model", &["graph"]),
    ("snapshot", &["model"]),
    ("ingest", &["model"]),
    ("identity", &["model"]),
    ("intake", &["identity", "model"]),
    ("analysis", &["graph", "model"]),
    ("telemetry-rows", &["model"]),
    ("store-embedded", &["graph", "model", "snapshot", "telemetry-rows"]),
    ("store-server", &["graph", "model", "snapshot", "telemetry-rows"]),
    ("scenario", &["model"]),
];

/// Libraries that only some of our crates may name.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("duckdb", &["store-embedded"]),
    ("tokio-postgres", &["store-server"]),
    ("neo4j", &["store-server"]),
    ("redis", &["store-server"]),
    ("axum", &["ubiquitous"]),
    ("clap", &["ubiquitous"]),
];

/// How a statement of SQL or Cypher begins in a string.
const STATEMENTS: &[&str] = &[
    "SELECT ",
    "INSERT INTO ",
    "INSERT OR ",
    "CREATE TABLE ",
    "CREATE OR REPLACE ",
    "ALTER TABLE ",
    "DROP TABLE ",
    "DELETE FROM ",
    "UPDATE ",
    "WITH RECURSIVE ",
    "MATCH (",
    "MERGE (",
    "UNWIND ",
];

/// Files in which statements are data and are never run, with what they are.
const STATEMENTS_AS_DATA: &[(&str, &str)] =
    &[("crates/scenario/src/traces.rs", "names of the database spans it writes")];

/// Crates that depend on one of ours that they must not know.
pub fn dependencies(repository: &Repository) -> Vec<String> {
    let crates = crates(repository);
    let mut found = Vec::new();
    for (name, depends) in &crates {
        let Some((_, allowed)) = MAY_DEPEND.iter().find(|(known, _)| known == name) else {
            if name != "ubiquitous" {
                found.push(format!("{name}: a crate without a place in the rooms"));
            }
            continue;
        };
        for other in depends.iter().filter(|other| crates.contains_key(*other)) {
            if !allowed.contains(&other.as_str()) {
                found.push(format!("{name} depends on {other}"));
            }
        }
    }
    if crates.is_empty() {
        found.push("no crate was found in crates/".into());
    }
    found
}

/// Crates that name a library which belongs to another room.
pub fn drivers(repository: &Repository) -> Vec<String> {
    let mut found = Vec::new();
    for (name, depends) in crates(repository) {
        for (library, rooms) in ONLY_IN {
            if depends.iter().any(|other| other == library) && !rooms.contains(&name.as_str()) {
                found.push(format!("{name} names {library}, which belongs in {rooms:?}"));
            }
        }
    }
    found
}

/// SQL and Cypher outside the stores.
pub fn statements(repository: &Repository) -> Vec<String> {
    let is_store = |path: &str| path.starts_with("crates/store-");
    let mut found: Vec<String> = repository
        .with_ending(&[".sql", ".cypher"])
        .filter(|file| !is_store(&file.path))
        .map(|file| format!("{}: a statement outside the stores", file.path))
        .collect();
    let sources = repository.rust().filter(|file| file.path.starts_with("crates/"));
    let is_data = |path: &str| STATEMENTS_AS_DATA.iter().any(|(data, _)| *data == path);
    for file in sources.filter(|file| !is_store(&file.path) && !is_data(&file.path)) {
        for (number, line) in file.text.lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            if !is_comment && STATEMENTS.iter().any(|begins| line.contains(&format!("\"{begins}")))
            {
                found.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    found
}

/// Each of our crates with what it depends on, tests apart.
fn crates(repository: &Repository) -> BTreeMap<String, Vec<String>> {
    let is_crate = |file: &&TextFile| {
        let parts: Vec<&str> = file.path.split('/').collect();
        matches!(parts[..], ["crates", _, "Cargo.toml"])
    };
    repository
        .files
        .iter()
        .filter(is_crate)
        .map(|file| (file.path.split('/').nth(1).unwrap_or("").to_owned(), depends(&file.text)))
        .collect()
}

/// Names below `[dependencies]`, `[build-dependencies]` and their forms for one target.
fn depends(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            is_inside = ["dependencies", "build-dependencies"]
                .iter()
                .any(|kind| section == *kind || section.ends_with(&format!(".{kind}")));
            continue;
        }
        if is_inside && let Some(end) = line.find(['.', ' ', '=']) {
            names.push(line[..end].trim_matches('"').to_owned());
        }
    }
    names
}
