//! `cargo xtask dist`: the distributable archive, made in the dist profile and tried by unpacking
//! it elsewhere with an empty environment.

mod licences;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::checksum;
use crate::job::{Job, say};
use crate::paths;
use crate::requirement::{self, Requirement};
use crate::setup::{self, duckdb, web};

/// Shells for which the program writes completions.
const SHELLS: &[&str] = &["bash", "zsh", "fish"];

/// Runs the command.
pub fn main(args: &[String]) -> Result<()> {
    if !args.is_empty() {
        bail!("takes no arguments");
    }
    requirement::require(&[Requirement::Rust, Requirement::Linker, Requirement::Node])?;
    setup::run()?;
    if !web::exists() {
        bail!("there is no dashboard to distribute: web/package.json does not exist");
    }
    say("building the program in the dist profile (thin LTO; this takes longer)");
    duckdb::put_beside(&paths::target().join("dist"))?;
    Job::cargo().args(["build", "--profile", "dist", "--package", "ubiquitous"]).run()?;

    let name = format!(
        "ubiquitous-{}-{}-{}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    let made_in = paths::target().join("distributable");
    let folder = made_in.join(&name);
    let _ = fs::remove_dir_all(&folder);
    fill(&folder)?;
    let archive = made_in.join(format!("{name}.tar.gz"));
    Job::new("tar")
        .args(["--create", "--gzip", "--owner=0", "--group=0", "--numeric-owner", "--sort=name"])
        .arg("--file")
        .arg(&archive)
        .arg("--directory")
        .arg(&made_in)
        .arg(&name)
        .run()?;
    let sum = checksum::of_file(&archive)?;
    fs::write(made_in.join(format!("{name}.tar.gz.sha256")), format!("{sum}  {name}.tar.gz\n"))?;
    try_elsewhere(&archive, &name)?;
    println!("{}", archive.display());
    Ok(())
}

/// `bin/`, `lib/`, licences, completions and the checksums of them all.
fn fill(folder: &Path) -> Result<()> {
    let program = paths::target().join("dist/ubiquitous");
    fs::create_dir_all(folder.join("bin"))?;
    fs::copy(&program, folder.join("bin/ubiquitous"))
        .with_context(|| format!("copy {}", program.display()))?;
    duckdb::put_beside(&folder.join("lib"))?;

    let completions = folder.join("completions");
    fs::create_dir_all(&completions)?;
    for shell in SHELLS {
        let text = Job::new(folder.join("bin/ubiquitous")).args(["completions", shell]).output()?;
        fs::write(completions.join(format!("ubiquitous.{shell}")), text)?;
    }
    for file in ["LICENSE", "README.md", "CHANGELOG.md"] {
        fs::copy(paths::root().join(file), folder.join(file))
            .with_context(|| format!("copy {file}"))?;
    }
    licences::collect(&folder.join("licences"))?;

    let mut sums = String::new();
    for file in checksum::files_below(folder)? {
        let sum = checksum::of_file(&folder.join(&file))?;
        sums.push_str(&format!("{sum}  {}\n", file.display()));
    }
    fs::write(folder.join("SHA256SUMS"), sums).context("write SHA256SUMS")
}

/// Unpacks the archive in a folder of its own and runs the program with an empty environment; the
/// library it loads must be the archive's.
fn try_elsewhere(archive: &Path, name: &str) -> Result<()> {
    let elsewhere: PathBuf =
        std::env::temp_dir().join(format!("ubiquitous-dist-{}", std::process::id()));
    let _ = fs::remove_dir_all(&elsewhere);
    fs::create_dir_all(&elsewhere)?;
    let outcome = unpack_and_run(archive, &elsewhere, name);
    fs::remove_dir_all(&elsewhere)?;
    outcome.context("the unpacked archive does not work")
}

fn unpack_and_run(archive: &Path, elsewhere: &Path, name: &str) -> Result<()> {
    Job::new("tar")
        .args(["--extract", "--gzip", "--file"])
        .arg(archive)
        .arg("--directory")
        .arg(elsewhere)
        .run()?;
    let unpacked = elsewhere.join(name);
    Job::new("sha256sum").args(["--check", "--quiet", "SHA256SUMS"]).folder(&unpacked).run()?;
    let program = unpacked.join("bin/ubiquitous");
    let empty = |program: &Path| Job::new("env").arg("-i").arg(program).folder(&unpacked);
    let version = empty(&program).arg("--version").output()?;
    if !version.contains(env!("CARGO_PKG_VERSION")) {
        bail!("it says `{}`", version.trim());
    }
    if cfg!(target_os = "linux") {
        let loaded = Job::new("ldd").arg(&program).output()?;
        let line = loaded.lines().find(|line| line.contains("libduckdb")).unwrap_or_default();
        if !line.contains(&*unpacked.to_string_lossy()) {
            bail!("it does not load the archive's own library: {}", line.trim());
        }
    }
    // A store of its own, made and asked: the library is not only found but works.
    let data = elsewhere.join("data");
    empty(&program).arg("--data-dir").arg(&data).args(["store", "status"]).quiet().run()
}
