//! `cargo xtask soak`: kills the program at random moments during ingest, over and over; no
//! acknowledged row may be missing afterwards. The trials are those named `soak` in `tests/it`.

use anyhow::{Context, Result, bail};

use crate::job::Job;
use crate::setup;
use crate::test::{self, outcome::Counts};

/// Kills of one run, and of one under CI.
const KILLS: u32 = 100;
const KILLS_IN_CI: u32 = 5;

/// The variable that tells the trials how often to kill.
pub const KILLS_VARIABLE: &str = "UBIQUITOUS_SOAK_KILLS";

/// Runs the command.
pub fn main(args: &[String]) -> Result<()> {
    let kills = match args {
        [] if test::is_ci() => KILLS_IN_CI,
        [] => KILLS,
        [flag, number] if flag == "--kills" => {
            number.parse().with_context(|| format!("`{number}` is not a number of kills"))?
        }
        _ => bail!("takes --kills N"),
    };
    setup::run()?;
    crate::demo::build()?;
    let mut counts = Counts::default();
    let status = Job::cargo()
        .args(["test", "--release", "--package", "it", "--test", "it", "--", "soak"])
        .env(KILLS_VARIABLE, kills.to_string())
        .env(test::PROGRAM_VARIABLE, crate::paths::program())
        .watch(&mut |line| counts.see(line))?;
    if !status.success() {
        bail!("the soak failed");
    }
    if counts.passed == 0 {
        bail!("no trial in tests/it is named `soak`: nothing was tried");
    }
    Ok(())
}
