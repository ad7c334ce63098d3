//! The program: command line, HTTP, dashboard. It opens the stores and decides nothing about what an
//! answer means.

mod cli;
mod configuration;
mod demo;
mod estate;
mod exit;
mod http;
mod load;
mod output;
mod owner;
mod problem;
mod walk;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run().into()
}
