//! `cargo xtask evaluate`: root-cause suspects and anomalies on data whose truth is known, in the release
//! profile through the built program.

use anyhow::Result;

use crate::job::Job;
use crate::paths;
use crate::setup;
use crate::test;

/// Runs the command; its arguments go to the evaluation.
pub fn main(args: &[String]) -> Result<()> {
    setup::run()?;
    crate::demo::build()?;
    Job::cargo()
        .args(["run", "--release", "--package", "bench", "--bin", "evaluate", "--"])
        .args(args)
        .env(test::PROGRAM_VARIABLE, paths::program())
        .run()
}
