//! Real servers for tests and benchmarks: each with a data folder and a free loopback port of its
//! own, ended with the command that started it.

pub mod neo4j;
pub mod postgres;
pub mod redis;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::job::{self, Interrupted, Job, Running};
use crate::requirement::Requirement;
use crate::system_package;

/// How often a starting server is asked whether it answers.
const TICK: Duration = Duration::from_millis(200);

/// The servers that run; dropping it ends them, and their data is removed.
pub struct Servers {
    /// Address, user and password as the environment names them for tests and benchmarks.
    pub environment: Vec<(String, String)>,
    /// What could not be had, with the reason.
    pub absent: Vec<String>,
    started: Vec<Running>,
}

impl Servers {
    /// Starts every server that can be had. A server whose address the environment gives already
    /// is left to it.
    pub fn start() -> Result<Self> {
        let mut servers = Self { environment: Vec::new(), absent: Vec::new(), started: Vec::new() };
        let needs =
            [Requirement::Java, Requirement::Maven, Requirement::Postgres, Requirement::Redis];
        let missing = system_package::ensure(&needs)?;
        if !servers.is_given(postgres::URL) {
            servers.add("PostgreSQL", &missing, &[Requirement::Postgres], postgres::start)?;
        }
        if !servers.is_given(redis::URL) {
            servers.add("Redis", &missing, &[Requirement::Redis], redis::start)?;
        }
        if !servers.is_given(neo4j::URL) {
            let needs = [Requirement::Java, Requirement::Maven];
            servers.add("Neo4j", &missing, &needs, neo4j::start)?;
        }
        Ok(servers)
    }

    fn is_given(&self, name: &str) -> bool {
        std::env::var_os(name).is_some()
    }

    fn add(
        &mut self,
        name: &str,
        missing: &[Requirement],
        needs: &[Requirement],
        start: impl FnOnce() -> Result<(Running, Vec<(String, String)>)>,
    ) -> Result<()> {
        if let Some(absent) = needs.iter().find(|need| missing.contains(need)) {
            self.absent.push(format!("{name}: {} is missing", absent.name()));
            return Ok(());
        }
        let begun = Instant::now();
        let (running, environment) = start().with_context(|| format!("start {name}"))?;
        job::say(&format!("{name} answers after {:.1} s", begun.elapsed().as_secs_f64()));
        self.started.push(running);
        self.environment.extend(environment);
        Ok(())
    }

    /// Gives the addresses to a job.
    pub fn tell(&self, job: Job) -> Job {
        self.environment.iter().fold(job, |job, (name, value)| job.env(name, value))
    }

    /// Waits until Ctrl-C, or until a server ends by itself, which is an error.
    pub fn wait(&mut self) -> Result<()> {
        while !job::is_interrupted() {
            for running in &mut self.started {
                if let Some(status) = running.ended()? {
                    bail!("a server ended by itself with {status}");
                }
            }
            thread::sleep(TICK);
        }
        Err(Interrupted.into())
    }
}

/// Waits until `answers` is true, the server ends, or `patience` is over.
fn wait_until(
    running: &mut Running,
    log: &Path,
    patience: Duration,
    mut answers: impl FnMut() -> bool,
) -> Result<()> {
    let begun = Instant::now();
    loop {
        if job::is_interrupted() {
            return Err(Interrupted.into());
        }
        if answers() {
            return Ok(());
        }
        if let Some(status) = running.ended()? {
            bail!("it ended with {status}; its last words:\n{}", last_lines(log));
        }
        if begun.elapsed() > patience {
            bail!(
                "no answer within {} s; its last words:\n{}",
                patience.as_secs(),
                last_lines(log)
            );
        }
        thread::sleep(TICK);
    }
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

/// A new folder for one server's data, which other users may enter.
fn data_folder(name: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("ubiquitous-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    Ok(folder)
}

/// A password for one run: it never leaves this machine's loopback and the server's own data.
fn password() -> Result<String> {
    use std::io::Read;
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("read /dev/urandom")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
