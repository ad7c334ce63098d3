//! A Redis server from the installed package: its own folder, password and port, nothing on disk,
//! never the system's service.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{data_folder, password, wait_until};
use crate::job::{Job, Running};
use crate::requirement::free_port;

/// The variable with the server's address; set by the caller, it is used instead of starting one.
pub const URL: &str = "UBIQUITOUS_TEST_REDIS_URL";

/// The server's program.
pub const PROGRAM: &str = "redis-server";

/// Starts a server and waits until it answers.
pub fn start() -> Result<(Running, Vec<(String, String)>)> {
    let folder = data_folder("redis")?;
    let password = password()?;
    let port = free_port()?;
    // In a file: arguments can be read by everyone on the machine.
    let configuration = folder.join("redis.conf");
    let text = format!(
        "bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {}\nsave \"\"\nappendonly no\n\
         daemonize no\n",
        folder.display()
    );
    fs::write(&configuration, text).context("write Redis' configuration")?;
    fs::set_permissions(&configuration, fs::Permissions::from_mode(0o600))?;
    let log = folder.join("server.log");
    let mut running =
        Job::new(PROGRAM).arg(&configuration).folder(&folder).data(&folder).start(Some(&log))?;
    wait_until(&mut running, &log, Duration::from_secs(20), || {
        answers(port, &password).unwrap_or(false)
    })?;
    Ok((running, vec![(URL.into(), format!("redis://:{password}@127.0.0.1:{port}/0"))]))
}

/// Whether a ping is answered with the password.
fn answers(port: u16, password: &str) -> Result<bool> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    write!(stream, "AUTH {password}\r\nPING\r\nQUIT\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.contains("+PONG"))
}
