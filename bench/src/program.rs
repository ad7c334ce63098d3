//! The built program, run as a user runs it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Longest body that is read.
const BODY_MAX: u64 = 1 << 30;

/// The program on one data folder.
#[derive(Debug, Clone)]
pub struct Program {
    data_dir: PathBuf,
    settings: Vec<(String, String)>,
}

impl Program {
    /// On a folder, with settings by environment variable.
    pub fn new(data_dir: &Path, settings: &[(&str, &str)]) -> Self {
        let settings =
            settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Self { data_dir: data_dir.to_owned(), settings }
    }

    fn command(&self, args: &[&str]) -> Command {
        let path = std::env::var_os("UBIQUITOUS_BIN")
            .map_or_else(|| PathBuf::from("target/release/ubiquitous"), PathBuf::from);
        let mut command = Command::new(path);
        command.args(args).env("UBIQUITOUS_DATA_DIR", &self.data_dir);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end and gives its JSON and its seconds.
    pub fn json(&self, args: &[&str]) -> Result<(Value, f64)> {
        let begun = Instant::now();
        let mut all = args.to_vec();
        all.extend(["--output", "json"]);
        let output = self.command(&all).output().context("start the program")?;
        let seconds = begun.elapsed().as_secs_f64();
        if !output.status.success() {
            bail!("{args:?} ended with {}: {}", output.status, text(&output.stderr));
        }
        Ok((serde_json::from_slice(&output.stdout)?, seconds))
    }

    /// Serves on a free port; the seconds until it says that it does.
    pub fn serve(&self) -> Result<(Server, f64)> {
        let begun = Instant::now();
        let mut command = self.command(&["serve", "--bind", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("no stderr")?);
        let mut said = String::new();
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 {
                bail!("serve ended with {}: {said}", child.wait()?);
            }
            if let Some((_, address)) = line.trim().split_once("http://") {
                let seconds = begun.elapsed().as_secs_f64();
                let address = address.to_owned();
                std::thread::spawn(move || {
                    let mut rest = Vec::new();
                    let _ = lines.read_to_end(&mut rest);
                });
                let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
                return Ok((Server { child, address, agent }, seconds));
            }
            said.push_str(&line);
        }
    }
}

/// A running server; ended when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `127.0.0.1:port`.
    pub address: String,
    agent: ureq::Agent,
}

impl Server {
    /// Process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks for a page; the bytes of its body and the milliseconds.
    pub fn get(&self, path: &str) -> Result<(Vec<u8>, f64)> {
        let begun = Instant::now();
        let uri = format!("http://{}{path}", self.address);
        let mut response = self.agent.get(&uri).call().with_context(|| path.to_owned())?;
        let body = response.body_mut().with_config().limit(BODY_MAX).read_to_vec()?;
        Ok((body, begun.elapsed().as_secs_f64() * 1e3))
    }

    /// Asks a question and waits for its answer, also where it is worked out in the background.
    pub fn answer(&self, path: &str) -> Result<(Vec<u8>, f64)> {
        let begun = Instant::now();
        let mut next = path.to_owned();
        loop {
            let (body, _) = self.get(&next)?;
            // A job tells where its answer will be; an answer has no such word at its top.
            let job: Option<Value> = serde_json::from_slice(&body).ok();
            match job.as_ref().and_then(|job| job["result"].as_str()) {
                Some(result) => next = format!("{result}?wait=60"),
                None => return Ok((body, begun.elapsed().as_secs_f64() * 1e3)),
            }
        }
    }

    /// Has something done; the bytes that it answers.
    pub fn post(&self, path: &str) -> Result<Vec<u8>> {
        let uri = format!("http://{}{path}", self.address);
        let mut response = self.agent.post(&uri).send_empty().with_context(|| path.to_owned())?;
        Ok(response.body_mut().with_config().limit(BODY_MAX).read_to_vec()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
