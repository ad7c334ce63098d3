//! The program: command line, HTTP, dashboard. It opens the stores and decides nothing about what an
//! answer means.

#![expect(
    clippy::result_large_err,
    reason = "a problem is rare, and every caller hands it on; a box would only add a step"
)]

mod cli;
mod configuration;
mod demo;
mod estate;
mod exit;
mod export;
mod http;
mod live;
mod load;
mod output;
mod owner;
mod people;
mod problem;
mod waiting;
mod walk;

use std::process::ExitCode;

/// Rows are made by one thread and let go of by others, where the system's allocator is slow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run().into()
}
