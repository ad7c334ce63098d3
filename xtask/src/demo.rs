//! `cargo xtask demo`: from a fresh clone to the demonstration estate in the browser.

use anyhow::Result;

use crate::job::{Job, say};
use crate::paths;
use crate::requirement::{self, Requirement};
use crate::setup;

/// Runs the command; its arguments go to `ubiquitous demo`.
pub fn main(args: &[String]) -> Result<()> {
    requirement::require(&[Requirement::Rust, Requirement::Linker, Requirement::Node])?;
    setup::run()?;
    build()?;
    Job::new(paths::program()).arg("demo").args(args).folder(paths::root()).run()
}

/// Builds the program in the release profile.
pub fn build() -> Result<()> {
    say("building the program (the first build takes some minutes)");
    // Of the whole workspace: the same features as its tests, so that no dependency compiles twice.
    Job::cargo().args(["build", "--release", "--workspace", "--bin", "ubiquitous"]).run()
}
