//! The demonstration's own files through the built program, in the order in which they would arrive:
//! every one is read, no record is rejected, and the bill adds up to the truth.

use libtest_mimic::{Failed, Trial};
use scenario::{Options, Size};
use serde_json::Value;

use super::program::{Program, expect};

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
    let options = Options { size: Size::small(), ..Options::demo(UNTIL.parse()?) };
    let reports = read_steps(program, &options, is_wanted)?;
    Ok((options, reports))
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
    let program = Program::new()?;
    let (_, reports) = read_files(&program, |_| true)?;
    for (path, report) in reports {
        for list in ["unread", "rejects"] {
            let found = report[list].as_array().map_or(0, Vec::len);
            expect(&format!("{path}: {list}: {}", report[list]), found, 0)?;
        }
    }
    let health = program.ask(&["system-metrics", "--as-of", UNTIL])?;
    let healthy = health["counts"]["healthy"].as_u64().unwrap_or(0);
    expect(&format!("healthy: {}", health["counts"]), healthy > 50, true)
}
