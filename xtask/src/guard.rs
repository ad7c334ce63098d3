//! `xtask guard`: stands between xtask and one child, so that the child and all it started end
//! when xtask ends, however xtask ends. xtask holds the other end of the guard's standard input;
//! when that closes, the guard ends the child's process group.

use std::fs;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitCode, Stdio};
use std::str::FromStr;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, User};

/// Name of the hidden command.
pub const COMMAND: &str = "guard";

/// How long a group may take to end after its stop signal before it is killed.
const GRACE: Duration = Duration::from_secs(20);

/// How often the guard looks whether its child has ended.
const TICK: Duration = Duration::from_millis(20);

/// `guard SIGNAL USER FOLDER PROGRAM ARGS…`: USER `-` is the current one; FOLDER, unless `-`, holds
/// the child's data and is removed after it.
pub fn main(args: &[String]) -> ExitCode {
    match guard(args) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("xtask guard: {error:#}");
            ExitCode::from(127)
        }
    }
}

fn guard(args: &[String]) -> Result<u8> {
    let [signal, user, folder, program, rest @ ..] = args else {
        anyhow::bail!("expects SIGNAL USER FOLDER PROGRAM ARGS");
    };
    let signal = Signal::from_str(signal).with_context(|| format!("signal `{signal}`"))?;
    let mut command = Command::new(program);
    command.args(rest).stdin(Stdio::null()).process_group(0);
    if user != "-" {
        let user = User::from_name(user)?.with_context(|| format!("no user `{user}`"))?;
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    let mut child = command.spawn().with_context(|| format!("start {program}"))?;
    let group = Pid::from_raw(i32::try_from(child.id()).context("process id out of range")?);

    let (sender, parent_ended) = mpsc::channel();
    thread::spawn(move || {
        let mut rest = Vec::new();
        // Whether it ends by end of file or by an error, nobody is there any more.
        let _ = std::io::stdin().read_to_end(&mut rest);
        let _ = sender.send(());
    });
    let code = wait(&mut child, group, signal, &parent_ended)?;
    // What the child left running in its group ends with it.
    let _ = killpg(group, Signal::SIGKILL);
    if folder != "-" {
        fs::remove_dir_all(folder).with_context(|| format!("remove {folder}"))?;
    }
    Ok(code)
}

fn wait(
    child: &mut Child,
    group: Pid,
    signal: Signal,
    parent_ended: &mpsc::Receiver<()>,
) -> Result<u8> {
    let mut kill_at: Option<Instant> = None;
    loop {
        if let Some(status) = child.try_wait()? {
            let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
            return Ok(u8::try_from(code.unwrap_or(1)).unwrap_or(1));
        }
        match kill_at {
            None if parent_ended.try_recv().is_ok() => {
                // The group may have ended in this very moment; the next turn sees it.
                let _ = killpg(group, signal);
                kill_at = Some(Instant::now() + GRACE);
            }
            Some(at) if Instant::now() >= at => {
                let _ = killpg(group, Signal::SIGKILL);
            }
            _ => {}
        }
        thread::sleep(TICK);
    }
}
