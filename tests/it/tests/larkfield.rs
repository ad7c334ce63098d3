//! The demonstration's own files through the built program, in the order in which they would arrive:
//! every one is read, no record is rejected, and the bill adds up to the truth.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libtest_mimic::{Failed, Trial};
use scenario::{Options, Size};
use serde_json::Value;

use super::program::{Program, copy_folder, expect};

/// When the files end.
pub const UNTIL: &str = "2026-11-18T13:00:00Z";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![Trial::test("larkfield::every_file_is_read_without_a_reject", every_file)]
}

/// Paths of inputs, each with the report of its ingest.
pub type Reports = Vec<(String, Value)>;

/// Writes the demonstration's files as of `UNTIL` and reads those whose path is wanted, in the order in
/// which they would arrive. Gives each path with its report, and what the files were written by.
pub fn read_files(
    program: &Program,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<(Options, Reports), Failed> {
    let options = whole_options()?;
    let reports = read_steps(program, &options, is_wanted)?;
    Ok((options, reports))
}

/// The estate of all its files, for one trial alone: it is read once, and each trial gets a copy.
pub fn whole() -> Result<(Program, Options), Failed> {
    let (read, _) = whole_read()?;
    Ok((Program::of_copy(read)?, whole_options()?))
}

fn whole_options() -> Result<Options, Failed> {
    Ok(Options { size: Size::small(), ..Options::demo(UNTIL.parse()?) })
}

/// The data folder of all files, and what became of each. It lies in the build's folder, which the next
/// run empties: nothing is dropped when the trials end.
fn whole_read() -> Result<&'static (PathBuf, Reports), Failed> {
    static READ: OnceLock<Result<(PathBuf, Reports), String>> = OnceLock::new();
    let read = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("larkfield");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let program = Program::new()?;
        let (_, reports) = read_files(&program, |_| true)?;
        copy_folder(&program.data_dir(), &folder)?;
        Ok((folder, reports))
    };
    let told = |failed: Failed| failed.message().unwrap_or("it failed").to_owned();
    READ.get_or_init(|| read().map_err(told)).as_ref().map_err(Failed::from)
}

/// The same of any estate.
pub fn read_steps(
    program: &Program,
    options: &Options,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Reports, Failed> {
    let folder = tempfile::tempdir()?;
    let written = scenario::write(folder.path(), options)?;
    let mut reports = Vec::new();
    for step in written.plan.steps.iter().filter(|step| is_wanted(&step.path)) {
        let arguments = step.arguments(folder.path());
        let mut command = vec!["ingest"];
        command.extend(arguments.iter().map(String::as_str));
        reports.push((step.path.clone(), program.json(&command)?));
    }
    Ok(reports)
}

fn every_file() -> Result<(), Failed> {
    let (program, _) = whole()?;
    for (path, report) in &whole_read()?.1 {
        for list in ["unread", "rejects"] {
            let found = report[list].as_array().map_or(0, Vec::len);
            expect(&format!("{path}: {list}: {}", report[list]), found, 0)?;
        }
    }
    let health = program.ask(&["system-metrics", "--as-of", UNTIL])?;
    let healthy = health["counts"]["healthy"].as_u64().unwrap_or(0);
    expect(&format!("healthy: {}", health["counts"]), healthy > 50, true)
}
