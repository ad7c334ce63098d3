//! `cargo xtask bench`: lists the benchmarks of the `bench/` package, or runs one in the release
//! profile. A benchmark is one program, `bench/src/bin/<name>.rs`, that prints what it measured.

use anyhow::{Result, bail};

use crate::job::{Job, say};
use crate::paths;
use crate::server::Servers;
use crate::setup;
use crate::test;

/// Runs the command: without a name it lists, with one it runs and passes the rest on.
pub fn main(args: &[String]) -> Result<()> {
    let wants_servers = args.iter().any(|arg| arg == "--servers");
    let args: Vec<&String> = args.iter().filter(|arg| *arg != "--servers").collect();
    let names = paths::rust_stems(&paths::root().join("bench/src/bin"))?;
    let Some((name, rest)) = args.split_first() else {
        if names.is_empty() {
            say("there is no benchmark yet: bench/src/bin holds none");
        }
        names.iter().for_each(|name| println!("{name}"));
        return Ok(());
    };
    if !names.contains(name) {
        bail!("no benchmark `{name}`; there are: {}", names.join(", "));
    }
    setup::run()?;
    crate::demo::build()?;
    let servers = if wants_servers { Some(Servers::start()?) } else { None };
    let job = Job::cargo()
        .args(["run", "--release", "--package", "bench", "--bin", name, "--"])
        .args(rest)
        .env(test::PROGRAM_VARIABLE, paths::program());
    match &servers {
        Some(servers) => servers.tell(job).run(),
        None => job.run(),
    }
}
