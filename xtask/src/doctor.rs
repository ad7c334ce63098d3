//! `cargo xtask doctor`: what is there, what is missing, and what the commands would do about it.

use anyhow::{Result, bail};

use crate::paths;
use crate::requirement::{self, Requirement};
use crate::server::neo4j;
use crate::setup::{self, duckdb, web};
use crate::system_package;

/// Runs the command. It changes nothing; it fails when something that every build needs is
/// missing.
pub fn main(args: &[String]) -> Result<()> {
    if !args.is_empty() {
        bail!("takes no arguments");
    }
    let mut missing = Vec::new();
    for wanted in requirement::ALL {
        match wanted.look() {
            Ok(found) => show("found", wanted.name(), &found),
            Err(reason) => {
                let action = action(*wanted);
                show("missing", wanted.name(), &format!("{reason}; for {}", wanted.needed_by()));
                show("", "", &action);
                missing.push(*wanted);
            }
        }
    }
    show_made();
    setup::warn_of_rustflags();
    let needed = [Requirement::Rust, Requirement::Linker, Requirement::Node];
    if missing.iter().any(|missing| needed.contains(missing)) {
        bail!("what every build needs is missing");
    }
    Ok(())
}

fn action(wanted: Requirement) -> String {
    if !wanted.packages().is_empty() && system_package::may_install() {
        return format!("the command that needs it installs {}", wanted.packages().join(" "));
    }
    wanted.remedy().into()
}

/// What xtask itself puts in place.
fn show_made() {
    if duckdb::is_in_place() {
        show("found", "DuckDB library", &relative(duckdb::library().ok()));
    } else {
        show("missing", "DuckDB library", "`cargo xtask setup` fetches it (24 MB)");
    }
    match web::is_current() {
        _ if !web::exists() => show("missing", "dashboard", "web/package.json does not exist"),
        Ok(true) => show("found", "dashboard", "web/dist, of the sources as they are"),
        _ => show("missing", "dashboard", "`cargo xtask setup` builds web/dist"),
    }
    if neo4j::is_fetched() {
        show("found", "Neo4j", &relative(Some(neo4j::folder())));
    } else {
        show("missing", "Neo4j", "`cargo xtask servers` fetches it with Maven (116 MB)");
    }
    if paths::program().is_file() {
        show("found", "program", &relative(Some(paths::program())));
    } else {
        show("missing", "program", "`cargo xtask demo` builds it");
    }
}

fn relative(path: Option<std::path::PathBuf>) -> String {
    let path = path.unwrap_or_default();
    path.strip_prefix(paths::root()).unwrap_or(&path).display().to_string()
}

fn show(state: &str, name: &str, text: &str) {
    println!("{state:<8} {name:<15} {text}");
}
