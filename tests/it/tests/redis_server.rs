//! A Redis of a trial's own, to be killed, started again and told how much memory it may use.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};

use crate::contract::Done;

const PROGRAM: &str = "redis-server";

/// A trial that starts a Redis; where its program is missing it is skipped, and its name says so.
pub fn trial(name: &str, run: fn() -> Done) -> Trial {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|folder| folder.join(PROGRAM).is_file()) {
        return Trial::test(name, run);
    }
    Trial::test(format!("{name} [skipped: {PROGRAM} is missing]"), || Ok(()))
        .with_ignored_flag(true)
}

/// A server on a loopback port, with a password; killed when dropped.
pub struct RedisServer {
    port: u16,
    folder: tempfile::TempDir,
    extra: Vec<String>,
    child: Option<Child>,
}

impl RedisServer {
    /// One that is not started yet.
    pub fn new(extra: &[&str]) -> Result<Self, Failed> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let extra = extra.iter().map(|one| (*one).to_owned()).collect();
        Ok(Self { port, folder: tempfile::tempdir()?, extra, child: None })
    }

    /// One that answers.
    pub fn started(extra: &[&str]) -> Result<Self, Failed> {
        let mut server = Self::new(extra)?;
        server.start()?;
        Ok(server)
    }

    /// Where it is, with this password; `right` is the right one.
    pub fn url(&self, password: &str) -> String {
        format!("redis://:{password}@127.0.0.1:{}/0", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it and waits until it takes connections.
    pub fn start(&mut self) -> Done {
        let mut command = Command::new(PROGRAM);
        command
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--requirepass", "right", "--save", "", "--appendonly", "no"])
            .args(&self.extra)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.child = Some(command.spawn()?);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if begun.elapsed() > Duration::from_secs(20) {
                return Err("redis-server does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Ends it as kill -9 does.
    pub fn kill(&mut self) -> Done {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
