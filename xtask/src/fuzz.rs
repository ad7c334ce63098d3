//! `cargo xtask fuzz`: with nightly Rust and cargo-fuzz, feeds each parser inputs mutated by what they
//! reach for a while; without them, mutates the seeds blindly on stable for as long.

use anyhow::{Context, Result, bail};

use crate::job::{Job, first_line, say};
use crate::paths;
use crate::test::outcome::Counts;

/// Seconds for each parser, unless the command says otherwise.
const SECONDS: u32 = 60;

/// Runs the command.
pub fn main(args: &[String]) -> Result<()> {
    let seconds: u32 = match args {
        [] => SECONDS,
        [number] => number.parse().with_context(|| format!("`{number}` is not seconds"))?,
        _ => bail!("takes at most the seconds for each parser"),
    };
    if !paths::root().join("fuzz/Cargo.toml").is_file() {
        bail!("fuzz/Cargo.toml does not exist: there is no fuzz target");
    }
    let has_nightly = first_line("rustc", &["+nightly", "--version"]).is_some();
    let has_cargo_fuzz = first_line("cargo", &["fuzz", "--version"]).is_some();
    if !has_nightly || !has_cargo_fuzz {
        say("nightly Rust or cargo-fuzz is missing; mutating the seeds on stable instead");
        return mutated(seconds);
    }
    for target in paths::rust_stems(&paths::root().join("fuzz/fuzz_targets"))? {
        say(&format!("fuzzing {target} for {seconds} s"));
        // What is found goes into the first folder, which git ignores; the seeds are only read.
        let (found, seeds) = (format!("fuzz/corpus/{target}"), format!("fuzz/seeds/{target}"));
        std::fs::create_dir_all(paths::root().join(&found))?;
        Job::new("cargo")
            .args(["+nightly", "fuzz", "run", &target, &found, &seeds, "--"])
            .arg(format!("-max_total_time={seconds}"))
            .folder(paths::root())
            .run()?;
    }
    Ok(())
}

fn mutated(seconds: u32) -> Result<()> {
    crate::setup::run()?;
    let mut counts = Counts::default();
    let status = Job::cargo()
        .args(["test", "--release", "-p", "ingest", "--test", "fuzz_corpus"])
        .env("FUZZ_SECONDS", seconds.to_string())
        .watch(&mut |line| counts.see(line))?;
    if !status.success() {
        bail!("an input of a corpus fails");
    }
    if counts.passed == 0 {
        bail!("no test is named `fuzz_corpus`: nothing was replayed");
    }
    Ok(())
}
