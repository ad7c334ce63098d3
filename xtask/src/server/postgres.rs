//! A PostgreSQL server from the installed package: its own data folder, password and port, never
//! the system's service.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use super::{data_folder, password, wait_until};
use crate::job::{Job, Running};
use crate::requirement::{free_port, postgres_folder};

/// The variable with the server's address; set by the caller, it is used instead of starting one.
pub const URL: &str = "UBIQUITOUS_TEST_POSTGRES_URL";

/// PostgreSQL refuses to run as root; the package makes this user.
const USER: &str = "postgres";

/// Starts a server and waits until it answers a query.
pub fn start() -> Result<(Running, Vec<(String, String)>)> {
    let programs = postgres_folder().context("no PostgreSQL server program")?;
    let user = nix::unistd::geteuid().is_root().then_some(USER);
    let folder = data_folder("postgres")?;
    let password = password()?;
    let password_file = folder.join("password");
    fs::write(&password_file, &password)?;
    fs::set_permissions(&password_file, fs::Permissions::from_mode(0o600))?;
    if let Some(user) = user {
        give_to(user, &[&folder, &password_file])?;
    }

    let data = folder.join("data");
    Job::new(programs.join("initdb"))
        .args(["--username", USER, "--auth", "scram-sha-256", "--encoding", "UTF8"])
        .args(["--locale", "C.UTF-8", "--no-sync", "--pwfile"])
        .arg(&password_file)
        .arg("--pgdata")
        .arg(&data)
        .folder(&folder)
        .user(user)
        .quiet()
        .run()?;

    let port = free_port()?;
    let log = folder.join("server.log");
    // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
    let mut running = Job::new(programs.join("postgres"))
        .arg("-D")
        .arg(&data)
        .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""])
        .folder(&folder)
        .user(user)
        .stop_signal("SIGINT")
        .data(&folder)
        .start(Some(&log))?;
    wait_until(&mut running, &log, Duration::from_secs(30), || {
        answers(&programs.join("psql"), port, &password)
    })?;
    let url = format!("postgresql://{USER}:{password}@127.0.0.1:{port}/postgres");
    Ok((running, vec![(URL.into(), url)]))
}

/// Whether a query is answered: `pg_isready` alone does not log in.
fn answers(psql: &Path, port: u16, password: &str) -> bool {
    Command::new(psql)
        .args(["-X", "-q", "-h", "127.0.0.1", "-U", USER, "-d", "postgres", "-c", "SELECT 1"])
        .args(["-p", &port.to_string()])
        .env("PGPASSWORD", password)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn give_to(user: &str, paths: &[&Path]) -> Result<()> {
    let found = nix::unistd::User::from_name(user)?.with_context(|| format!("no user `{user}`"))?;
    for path in paths {
        std::os::unix::fs::chown(path, Some(found.uid.as_raw()), Some(found.gid.as_raw()))
            .with_context(|| format!("give {} to {user}", path.display()))?;
    }
    Ok(())
}
