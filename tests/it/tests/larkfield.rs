//! The demonstration's own files through the built program, in the order in which they would arrive:
//! every one is read, no record is rejected, and the bill adds up to the truth.

use libtest_mimic::{Failed, Trial};
use scenario::{Options, Size};

use super::program::{Program, expect};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![Trial::test("larkfield::every_file_is_read_without_a_reject", every_file)]
}

fn every_file() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    let until = "2026-11-18T13:00:00Z".parse()?;
    let options = Options { size: Size::small(), ..Options::demo(until) };
    let written = scenario::write(folder.path(), &options)?;
    for step in &written.plan.steps {
        let arguments = step.arguments(folder.path());
        let mut command = vec!["ingest"];
        command.extend(arguments.iter().map(String::as_str));
        let report = program.json(&command)?;
        for list in ["unread", "rejects"] {
            let found = report[list].as_array().map_or(0, Vec::len);
            expect(&format!("{}: {list}: {}", step.path, report[list]), found, 0)?;
        }
    }
    let health = program.ask(&["system-metrics", "--as-of", "2026-11-18T13:00:00Z"])?;
    let healthy = health["counts"]["healthy"].as_u64().unwrap_or(0);
    expect(&format!("healthy: {}", health["counts"]), healthy > 50, true)
}
