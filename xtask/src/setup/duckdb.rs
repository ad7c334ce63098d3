//! The pinned DuckDB library, from the npm package that carries it for each platform. Linking it
//! takes seconds; compiling DuckDB takes more than half an hour on two cores.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::checksum;
use crate::job::{Job, say};
use crate::paths;
use crate::requirement::{self, Requirement};

/// Version of the npm packages; its DuckDB must be the one of the `duckdb` crate in `Cargo.toml`.
const VERSION: &str = "1.5.6-r.1";

/// The library for one platform.
struct Package {
    os: &'static str,
    arch: &'static str,
    /// The npm package's name after `@duckdb/`.
    name: &'static str,
    library: &'static str,
    /// SHA-256 of the package as the registry serves it.
    sha256: &'static str,
}

const PACKAGES: &[Package] = &[
    Package {
        os: "linux",
        arch: "x86_64",
        name: "node-bindings-linux-x64",
        library: "libduckdb.so",
        sha256: "1b9f82478539bb9a1d1df44bd103121a12ae52142c07158dc52b97d2ec1d69ff",
    },
    Package {
        os: "linux",
        arch: "aarch64",
        name: "node-bindings-linux-arm64",
        library: "libduckdb.so",
        sha256: "3a45a6305b3235a781ed9de25aa795a3862acd042782d1f864e1bdb656de212b",
    },
    Package {
        os: "macos",
        arch: "aarch64",
        name: "node-bindings-darwin-arm64",
        library: "libduckdb.dylib",
        sha256: "6ca33c2c6566246d6a452e24194f004010dd860d5b2764c7143ff255555862ca",
    },
];

/// The library's path after [`put_in_place`].
pub fn library() -> Result<PathBuf> {
    Ok(folder().join(package()?.library))
}

/// The licence that goes with the library after [`put_in_place`].
pub fn licence() -> PathBuf {
    folder().join("LICENSE")
}

/// Whether the pinned library is there.
pub fn is_in_place() -> bool {
    package().is_ok_and(is_unpacked)
}

/// Fetches the library unless it is there, and puts it beside the programs of the release
/// profile.
pub fn put_in_place() -> Result<()> {
    let package = package()?;
    if !is_unpacked(package) {
        requirement::require(&[Requirement::Node])?;
        fetch(package)?;
    }
    put_beside(&paths::target().join("release"))
}

/// Puts the library beside the programs in `folder`, unless that very file is there.
pub fn put_beside(folder: &Path) -> Result<()> {
    let from = library()?;
    let to = folder.join(package()?.library);
    if is_same_file(&from, &to) {
        return Ok(());
    }
    fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    // Copied under another name first: a program that runs keeps the file it opened.
    let partial = folder.join(format!(".{}.partial", package()?.library));
    fs::copy(&from, &partial)
        .and_then(|_| fs::rename(&partial, &to))
        .with_context(|| format!("copy {} to {}", from.display(), to.display()))
}

fn folder() -> PathBuf {
    paths::tools().join("duckdb")
}

fn package() -> Result<&'static Package> {
    PACKAGES.iter().find(|package| package.os == OS && package.arch == ARCH).with_context(|| {
        format!("no DuckDB library is pinned for {OS} on {ARCH}; build with feature `bundled`")
    })
}

/// Text of the stamp: which package is unpacked, and how long its library is.
fn stamp(package: &Package) -> Result<String> {
    let length = fs::metadata(folder().join(package.library))?.len();
    Ok(format!("{VERSION} {} {length}\n", package.sha256))
}

fn is_unpacked(package: &Package) -> bool {
    let found = fs::read_to_string(folder().join("stamp")).unwrap_or_default();
    stamp(package).is_ok_and(|stamp| stamp == found)
}

/// Same length and not older: a cheap sign that the copy is the one made here.
fn is_same_file(from: &Path, to: &Path) -> bool {
    let (Ok(from), Ok(to)) = (fs::metadata(from), fs::metadata(to)) else { return false };
    let is_newer = match (from.modified(), to.modified()) {
        (Ok(from), Ok(to)) => from <= to,
        _ => false,
    };
    from.len() == to.len() && is_newer
}

fn fetch(package: &Package) -> Result<()> {
    let downloads = paths::tools().join("downloads");
    fs::create_dir_all(&downloads).with_context(|| format!("create {}", downloads.display()))?;
    let archive = downloads.join(format!("duckdb-{}-{VERSION}.tgz", package.name));
    if !archive.is_file() {
        say(&format!("fetching DuckDB's library, @duckdb/{}@{VERSION}", package.name));
        Job::new("npm")
            .args(["pack", "--silent"])
            .arg(format!("@duckdb/{}@{VERSION}", package.name))
            .folder(&downloads)
            .quiet()
            .run()
            .context("fetch DuckDB's library; is the npm registry reachable?")?;
    }
    let found = checksum::of_file(&archive)?;
    if found != package.sha256 {
        // Not kept: the next run fetches it again.
        fs::remove_file(&archive)?;
        bail!("{} has checksum {found}, not {}", archive.display(), package.sha256);
    }
    unpack(package, &archive)
}

fn unpack(package: &Package, archive: &Path) -> Result<()> {
    let partial = paths::tools().join("duckdb.partial");
    let _ = fs::remove_dir_all(&partial);
    fs::create_dir_all(&partial)?;
    Job::new("tar")
        .args(["--extract", "--gzip", "--strip-components", "1", "--no-same-owner", "--touch"])
        .arg("--file")
        .arg(archive)
        .arg("--directory")
        .arg(&partial)
        .args([format!("package/{}", package.library), "package/LICENSE".into()])
        .run()?;
    let _ = fs::remove_dir_all(folder());
    fs::rename(&partial, folder()).context("put the unpacked library in place")?;
    fs::write(folder().join("stamp"), stamp(package)?).context("write the library's stamp")
}
