//! `cargo xtask servers`: a Neo4j, a PostgreSQL and a Redis to try things on, until Ctrl-C.

use anyhow::{Result, bail};

use crate::job::{Interrupted, say};
use crate::server::Servers;

/// Runs the command.
pub fn main(args: &[String]) -> Result<()> {
    if !args.is_empty() {
        bail!("takes no arguments");
    }
    let mut servers = Servers::start()?;
    for reason in &servers.absent {
        say(&format!("not started: {reason}"));
    }
    for (name, value) in &servers.environment {
        println!("{name}={value}");
    }
    if servers.environment.is_empty() {
        bail!("no server was started");
    }
    say("Ctrl-C ends them and removes their data");
    match servers.wait() {
        Err(error) if error.is::<Interrupted>() => Ok(()),
        other => other,
    }
}
