//! The licences of everything that goes into the archive: crates, npm packages and DuckDB.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::job::Job;
use crate::setup::{duckdb, web};

/// How the names of licence files begin, in small letters.
const BEGINNINGS: &[&str] = &["license", "licence", "copying", "notice", "copyright"];

/// Writes a list of what is used and a copy of each licence file into `folder`.
pub fn collect(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    copy(&duckdb::licence(), &folder.join("duckdb.LICENSE"))?;
    let mut list = String::from("Rust crates, with the licence each states\n\n");
    let tree = Job::cargo()
        .args(["tree", "--package", "ubiquitous", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}\t{l}"])
        .output()?;
    let mut crates: Vec<&str> =
        tree.lines().filter(|line| !line.contains("(/") && !line.ends_with("(*)")).collect();
    crates.sort_unstable();
    crates.dedup();
    for line in crates {
        list.push_str(line);
        list.push('\n');
        copy_of_crate(line, folder)?;
    }
    list.push_str("\nnpm packages of the dashboard\n\n");
    let packages = web::npm(&["ls", "--omit=dev", "--all", "--parseable"]).output()?;
    let mut packages: Vec<&str> = packages.lines().skip(1).collect();
    packages.sort_unstable();
    packages.dedup();
    for path in packages {
        let name = path.rsplit_once("node_modules/").map_or(path, |(_, name)| name);
        list.push_str(name);
        list.push('\n');
        copy_all(Path::new(path), folder, &name.replace('/', "_"))?;
    }
    fs::write(folder.join("THIRD-PARTY.txt"), list).context("write the list of licences")
}

/// The licence files of a line such as `serde v1.0.0<tab>MIT OR Apache-2.0`.
fn copy_of_crate(line: &str, folder: &Path) -> Result<()> {
    let named = line.split('\t').next().unwrap_or(line);
    let Some((name, version)) = named.split_once(" v") else { return Ok(()) };
    let version = version.split(' ').next().unwrap_or(version);
    let sources = cargo_home().join("registry/src");
    for registry in fs::read_dir(&sources).with_context(|| format!("list {}", sources.display()))? {
        let path = registry?.path().join(format!("{name}-{version}"));
        if path.is_dir() {
            return copy_all(&path, folder, &format!("{name}-{version}"));
        }
    }
    Ok(())
}

fn cargo_home() -> PathBuf {
    let given = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    given.or(home).unwrap_or_else(|| ".cargo".into())
}

fn copy_all(from: &Path, folder: &Path, name: &str) -> Result<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(from)
        .with_context(|| format!("list {}", from.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    for file in files {
        let Some(file_name) = file.file_name().map(|name| name.to_string_lossy().into_owned())
        else {
            continue;
        };
        let small = file_name.to_lowercase();
        if BEGINNINGS.iter().any(|beginning| small.starts_with(beginning)) {
            copy(&file, &folder.join(format!("{name}.{file_name}")))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(|_| ()).with_context(|| format!("copy {}", from.display()))
}
