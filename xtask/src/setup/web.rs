//! The dashboard's build: `web/dist`, made again when anything in `web/` or the API's description
//! changes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::checksum;
use crate::job::{Job, say};
use crate::paths;
use crate::requirement::{self, Requirement};

/// What lies in `web/` and is made from the rest of it.
const MADE: &[&str] =
    &["node_modules", "dist", "src/api/schema.d.ts", "coverage", "test-results", "screenshots"];

/// Whether there is a dashboard to build.
pub fn exists() -> bool {
    paths::web().join("package.json").is_file()
}

/// Whether `package.json` has a script of that name.
pub fn has_script(name: &str) -> bool {
    let text = fs::read_to_string(paths::web().join("package.json")).unwrap_or_default();
    let scripts = text.split_once("\"scripts\"").map_or("", |(_, rest)| rest);
    let scripts = scripts.split_once('}').map_or(scripts, |(inside, _)| inside);
    scripts.contains(&format!("\"{name}\":"))
}

/// Whether what is built is of the sources as they are.
pub fn is_current() -> Result<bool> {
    Ok(paths::web().join("dist/index.html").is_file() && sources()? == read(&build_stamp()))
}

/// Installs the dependencies and builds the dashboard, each only when what it is made of changed.
pub fn build() -> Result<()> {
    if !exists() {
        say("web/package.json does not exist: no dashboard to build");
        return Ok(());
    }
    if is_current()? {
        return Ok(());
    }
    requirement::require(&[Requirement::Node])?;
    install()?;
    let sources = sources()?;
    // The types of the API's answers, from the committed description of the API.
    if has_script("generate") && paths::root().join("openapi.json").is_file() {
        npm(&["run", "--silent", "generate"]).run().context("generate the API's types")?;
    }
    say("building the dashboard");
    npm(&["run", "--silent", "build"]).run().context("build the dashboard")?;
    if !paths::web().join("dist/index.html").is_file() {
        bail!("the dashboard's build left no web/dist/index.html");
    }
    write(&build_stamp(), &sources)
}

/// One npm command in the dashboard's folder.
pub fn npm(args: &[&str]) -> Job {
    Job::new("npm").args(args).folder(paths::web()).env("NO_COLOR", "1")
}

fn install() -> Result<()> {
    let lock = paths::web().join("package-lock.json");
    let wanted = if lock.is_file() { checksum::of_file(&lock)? } else { "no lock file".into() };
    let stamp = paths::web().join("node_modules").join(".xtask-stamp");
    if read(&stamp) == wanted {
        return Ok(());
    }
    say("installing the dashboard's packages");
    let command = if lock.is_file() { "ci" } else { "install" };
    npm(&[command, "--no-audit", "--no-fund", "--loglevel=error"])
        // The browser tests use the browser that is installed.
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .run()
        .context("install the dashboard's packages; is the npm registry reachable?")?;
    // `npm install` may have written the lock.
    let wanted = if lock.is_file() { checksum::of_file(&lock)? } else { wanted };
    write(&stamp, &wanted)
}

fn build_stamp() -> PathBuf {
    paths::tools().join("web.stamp")
}

fn sources() -> Result<String> {
    let api = paths::root().join("openapi.json");
    let api = if api.is_file() { checksum::of_file(&api)? } else { "no description".into() };
    Ok(format!("{} {api}", checksum::of_folder(&paths::web(), MADE)?))
}

fn read(stamp: &Path) -> String {
    fs::read_to_string(stamp).unwrap_or_default()
}

fn write(stamp: &Path, text: &str) -> Result<()> {
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(stamp, text).with_context(|| format!("write {}", stamp.display()))
}
