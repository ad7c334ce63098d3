//! `cargo xtask test`: starts what the tests need and runs them all, then prints how long each
//! stage took and what came of it.

pub mod outcome;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::job::{Interrupted, Job, say};
use crate::paths;
use crate::requirement::{self, Requirement};
use crate::server::Servers;
use crate::setup::{self, web};
use crate::system_package;
use outcome::Counts;

/// The variable that tells tests where the built program is.
pub const PROGRAM_VARIABLE: &str = "UBIQUITOUS_BIN";

/// One stage's name, time and outcome.
struct Stage {
    name: &'static str,
    took: Duration,
    counts: Counts,
}

/// What the command line asks for.
struct Options {
    filter: Option<String>,
    wants_servers: bool,
}

/// Whether this runs under continuous integration.
pub fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// Runs the command; it fails when a test fails or, under CI, is skipped without leave.
pub fn main(args: &[String]) -> Result<()> {
    let options = options(args)?;
    let begun = Instant::now();
    let mut stages = Vec::new();
    let outcome = run_stages(&options, &mut stages);
    if outcome.as_ref().is_err_and(|error| error.is::<Interrupted>()) {
        return outcome;
    }
    let mut total = Counts::default();
    for stage in &stages {
        total.add(&stage.counts);
    }
    if let Err(error) = &outcome {
        total.fail(&format!("{error:#}"));
    }
    if options.filter.is_some() && total.passed == 0 && total.failed == 0 {
        total.fail("no test has that name");
    }
    if is_ci() {
        total.fail_skips_without_leave();
    }
    report(&stages, begun.elapsed(), &total);
    if total.failed > 0 {
        bail!("{} failed", total.failed);
    }
    Ok(())
}

/// Whether cargo is told to compile this workspace's crates by the linter.
fn lints_while_building() -> bool {
    std::env::var_os("RUSTC_WORKSPACE_WRAPPER")
        .is_some_and(|wrapper| Path::new(&wrapper).file_stem() == Some("clippy-driver".as_ref()))
}

fn options(args: &[String]) -> Result<Options> {
    let mut options = Options { filter: None, wants_servers: false };
    for arg in args {
        match arg.as_str() {
            "--servers" => options.wants_servers = true,
            flag if flag.starts_with('-') => bail!("unknown option `{flag}`"),
            _ if options.filter.is_some() => bail!("takes one filter"),
            filter => options.filter = Some(filter.to_owned()),
        }
    }
    Ok(options)
}

/// Runs the stages in order. A failed test does not stop the later stages; a stage that the later
/// ones build upon does.
fn run_stages(options: &Options, stages: &mut Vec<Stage>) -> Result<()> {
    requirement::require(&[Requirement::Rust, Requirement::Linker, Requirement::Node])?;
    let is_whole = options.filter.is_none();
    if is_whole {
        check(stages, "format", &Job::cargo().args(["fmt", "--all", "--check"]))?;
    }
    prepare(stages, "setup", setup::run)?;
    if is_whole && !lints_while_building() {
        let clippy =
            ["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"];
        check(stages, "lints", &Job::cargo().args(clippy))?;
    }
    prepare(stages, "build", crate::demo::build)?;
    let mut servers = None;
    // The contract of the stores is tried on real servers; a filtered run seldom needs them.
    if is_whole || options.wants_servers {
        prepare(stages, "servers", || {
            servers = Some(Servers::start()?);
            Ok(())
        })?;
    }
    let with_servers = |job: Job| match &servers {
        Some(servers) => servers.tell(job),
        None => job,
    };
    let job = Job::cargo()
        .args(["test", "--release", "--workspace", "--no-fail-fast", "--"])
        .args(options.filter.iter())
        .env(PROGRAM_VARIABLE, paths::program());
    run(stages, "rust", &with_servers(job))?;
    if is_whole {
        run_web(stages)?;
    }
    Ok(())
}

fn run_web(stages: &mut Vec<Stage>) -> Result<()> {
    if web::exists() && web::has_script("test") {
        run(stages, "web", &web::npm(&["run", "--silent", "test"]))?;
    }
    if !web::has_script("test:browser") {
        return Ok(());
    }
    system_package::ensure(&[Requirement::Chromium])?;
    let Some(chromium) = requirement::chromium() else {
        let mut counts = Counts::default();
        counts.skip("browser tests [skipped: Chromium is missing]");
        stages.push(Stage { name: "browser", took: Duration::ZERO, counts });
        return Ok(());
    };
    let job = web::npm(&["run", "--silent", "test:browser"])
        .env(PROGRAM_VARIABLE, paths::program())
        .env("CHROMIUM", chromium);
    run(stages, "browser", &job)
}

/// A stage without which the later ones cannot run.
fn prepare(
    stages: &mut Vec<Stage>,
    name: &'static str,
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let begun = Instant::now();
    let outcome = work();
    stages.push(Stage { name, took: begun.elapsed(), counts: Counts::default() });
    outcome
}

/// A stage that counts as one check.
fn check(stages: &mut Vec<Stage>, name: &'static str, job: &Job) -> Result<()> {
    let begun = Instant::now();
    say(&format!("{name}: {job}"));
    let status = job.watch(&mut |_| {})?;
    let mut counts = Counts::default();
    if status.success() {
        counts.passed += 1;
    } else {
        counts.fail(&format!("{name}: {job}"));
    }
    stages.push(Stage { name, took: begun.elapsed(), counts });
    Ok(())
}

/// A stage of tests, counted from what they print.
fn run(stages: &mut Vec<Stage>, name: &'static str, job: &Job) -> Result<()> {
    let begun = Instant::now();
    say(&format!("{name}: {job}"));
    let mut counts = Counts::default();
    let status = job.watch(&mut |line| counts.see(line))?;
    if !status.success() && counts.failed == 0 {
        // It did not compile, or died before it could count.
        counts.fail(&format!("{name}: {job} ended with {status}"));
    }
    stages.push(Stage { name, took: begun.elapsed(), counts });
    Ok(())
}

fn report(stages: &[Stage], took: Duration, total: &Counts) {
    println!();
    println!("{:<10} {:>9} {:>7} {:>7} {:>8}", "stage", "seconds", "passed", "failed", "skipped");
    for Stage { name, took, counts } in stages {
        let (passed, failed, skipped) = (counts.passed, counts.failed, counts.skipped());
        let took = took.as_secs_f64();
        println!("{name:<10} {took:>9.1} {passed:>7} {failed:>7} {skipped:>8}");
    }
    println!("{:<10} {:>9.1}", "whole", took.as_secs_f64());
    for name in &total.skipped_names {
        println!("skipped: {name}");
    }
    for name in &total.failed_names {
        println!("failed: {name}");
    }
    println!();
    let skipped = match total.skipped() {
        0 => String::new(),
        skipped => format!(", {skipped} skipped"),
    };
    println!("{} passed, {} failed{skipped}", total.passed, total.failed);
}
