//! `cargo xtask setup`: the DuckDB library in place, the dashboard built. Nothing is done twice,
//! and a second run needs no network.

pub mod duckdb;
pub mod web;

use anyhow::{Result, bail};

use crate::requirement::{self, Requirement};

/// Runs the command.
pub fn main(args: &[String]) -> Result<()> {
    if !args.is_empty() {
        bail!("takes no arguments");
    }
    run()
}

/// Brings everything into place that a build needs.
pub fn run() -> Result<()> {
    requirement::require(&[Requirement::Rust, Requirement::Linker])?;
    warn_of_rustflags();
    duckdb::put_in_place()?;
    web::build()
}

/// `RUSTFLAGS` in the environment replaces the flags of `.cargo/config.toml`, among them the one
/// by which programs find the DuckDB library.
pub fn warn_of_rustflags() {
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        if std::env::var_os(name).is_some() {
            crate::job::say(&format!(
                "warning: {name} is set and replaces the flags of .cargo/config.toml; programs \
                 may not find libduckdb (unset it, or add the -rpath flag from that file to it)"
            ));
        }
    }
}
