//! Running other programs: each under a guard in a process group of its own, ended when xtask
//! ends or is interrupted.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::guard;

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// How often a running job looks for an interrupt.
const TICK: Duration = Duration::from_millis(50);

/// Names a file of cargo's configuration that every cargo is given.
const CARGO_CONFIG_VARIABLE: &str = "UBIQUITOUS_CARGO_CONFIG";

/// The error of a job that ended because of Ctrl-C, a hang-up or a termination signal.
#[derive(Debug)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// From here on Ctrl-C ends what runs, in order, instead of ending xtask at once. Where no
/// handler can be set, xtask dies by the signal and the guards end what it started.
pub fn install_interrupt_handler() {
    let _ = ctrlc::set_handler(|| IS_INTERRUPTED.store(true, Ordering::Relaxed));
}

/// Whether an interrupt has arrived.
pub fn is_interrupted() -> bool {
    IS_INTERRUPTED.load(Ordering::Relaxed)
}

/// One program to run.
pub struct Job {
    program: OsString,
    args: Vec<OsString>,
    envs: Vec<(OsString, OsString)>,
    removed_envs: Vec<OsString>,
    folder: Option<PathBuf>,
    user: Option<String>,
    data: Option<PathBuf>,
    stop_signal: &'static str,
    is_quiet: bool,
}

impl Job {
    /// A job for `program`, found on the path.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            envs: Vec::new(),
            removed_envs: Vec::new(),
            folder: None,
            user: None,
            data: None,
            stop_signal: "SIGTERM",
            is_quiet: false,
        }
    }

    /// `cargo`, as the one that runs xtask, without what `cargo run` sets for xtask alone, so
    /// that build scripts which watch these variables do not run again. With the configuration that
    /// [`CARGO_CONFIG_VARIABLE`] names, if it is set.
    pub fn cargo() -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut job = Self::new(cargo).folder(crate::paths::root());
        job.removed_envs = std::env::vars_os()
            .map(|(name, _)| name)
            .filter(|name| name.to_string_lossy().starts_with("CARGO_PKG_"))
            .collect();
        job.removed_envs.extend(["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"].map(Into::into));
        match std::env::var_os(CARGO_CONFIG_VARIABLE) {
            Some(file) => job.arg("--config").arg(file),
            None => job,
        }
    }

    /// Adds one argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable of the job's environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.envs.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// The folder the job runs in.
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// Runs the job as another user; xtask must be root.
    pub fn user(mut self, user: Option<&str>) -> Self {
        self.user = user.map(Into::into);
        self
    }

    /// A folder that is removed after the job, however it or xtask ends.
    pub fn data(mut self, folder: &Path) -> Self {
        self.data = Some(folder.to_owned());
        self
    }

    /// The signal that asks the job to end; `SIGTERM` unless said.
    pub fn stop_signal(mut self, signal: &'static str) -> Self {
        self.stop_signal = signal;
        self
    }

    /// Hides the job's standard output.
    pub fn quiet(mut self) -> Self {
        self.is_quiet = true;
        self
    }

    /// Starts the job in the background, with its output in `log` when given.
    pub fn start(&self, log: Option<&Path>) -> Result<Running> {
        let mut command = self.guarded()?;
        if let Some(log) = log {
            let file =
                std::fs::File::create(log).with_context(|| format!("create {}", log.display()))?;
            command.stdout(file.try_clone()?).stderr(file);
        }
        let child = command.spawn().with_context(|| format!("start {self}"))?;
        Ok(Running { child })
    }

    /// Runs the job to its end; anything but success is an error.
    pub fn run(&self) -> Result<()> {
        let status = self.status(&mut |_| {}, !self.is_quiet)?;
        if !status.success() {
            bail!("{self} ended with {status}");
        }
        Ok(())
    }

    /// Runs the job to its end, shows each line of its standard output and hands it to `see`.
    pub fn watch(&self, see: &mut dyn FnMut(&str)) -> Result<ExitStatus> {
        self.status(see, true)
    }

    /// Runs the job to its end and returns its standard output.
    pub fn output(&self) -> Result<String> {
        let mut text = String::new();
        let mut see = |line: &str| {
            text.push_str(line);
            text.push('\n');
        };
        let status = self.status(&mut see, false)?;
        if !status.success() {
            bail!("{self} ended with {status}");
        }
        Ok(text)
    }

    fn status(&self, see: &mut dyn FnMut(&str), is_shown: bool) -> Result<ExitStatus> {
        let mut command = self.guarded()?;
        command.stdout(Stdio::piped());
        let child = command.spawn().with_context(|| format!("start {self}"))?;
        let mut running = Running { child };
        let output = running.child.stdout.take().context("the job has no output")?;
        let (sender, lines) = mpsc::channel();
        let reader = thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n') {
                let Ok(line) = line else { break };
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
            }
        });
        loop {
            match lines.recv_timeout(TICK) {
                Ok(line) => {
                    if is_shown {
                        println!("{line}");
                    }
                    see(&line);
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if is_interrupted() {
                running.stop();
                return Err(Interrupted.into());
            }
        }
        // A reader that panicked has lost lines, which a count must not hide.
        if reader.join().is_err() {
            bail!("the output of {self} could not be read");
        }
        running.wait()
    }

    fn guarded(&self) -> Result<Command> {
        use std::os::unix::process::CommandExt;
        if is_interrupted() {
            return Err(Interrupted.into());
        }
        let mut command = Command::new(std::env::current_exe().context("xtask's own path")?);
        command
            .args([guard::COMMAND, self.stop_signal, self.user.as_deref().unwrap_or("-")])
            .arg(self.data.as_deref().unwrap_or(Path::new("-")))
            .arg(&self.program)
            .args(&self.args)
            .envs(self.envs.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .process_group(0);
        for name in &self.removed_envs {
            command.env_remove(name);
        }
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        Ok(command)
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = Path::new(&self.program).file_name().unwrap_or(&self.program);
        write!(f, "`{}", program.to_string_lossy())?;
        for arg in &self.args {
            write!(f, " {}", arg.to_string_lossy())?;
        }
        f.write_str("`")
    }
}

/// A job in the background; dropping it ends it.
pub struct Running {
    child: Child,
}

impl Running {
    /// The job's status when it has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Ends the job's process group and waits for it.
    pub fn stop(&mut self) {
        drop(self.child.stdin.take());
        // The guard ends by itself within its grace; there is nothing to do about an error.
        let _ = self.child.wait();
    }

    fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if is_interrupted() {
                self.stop();
                return Err(Interrupted.into());
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// First line that a short command prints, or `None` when it cannot be run or fails.
pub fn first_line(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    // `java -version` prints to standard error.
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    String::from_utf8_lossy(&text).lines().next().map(|line| line.trim().to_owned())
}

/// Says what is about to happen.
pub fn say(text: &str) {
    eprintln!("xtask: {text}");
}
