//! What stays open ends when the login by which it was opened does.

use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use super::{add, by_cookie, login};
use crate::live::Socket;
use crate::program::{Program, expect};
use crate::server::Server;

/// Longest time that a socket may outlive its login.
const OUTLIVES: Duration = Duration::from_secs(15);

fn open(server: &Server, headers: &[(&'static str, &str)]) -> Result<Socket, Failed> {
    let mut socket = Socket::connect(&server.address, headers)?
        .map_err(|status| Failed::from(format!("status {status}")))?;
    let welcome = socket.next()?;
    expect("welcome", welcome["type"].as_str(), Some("welcome"))?;
    Ok(socket)
}

/// Four sockets: of one that logs out, of a disabled account, by a revoked token, and one that stays.
pub fn ends() -> Result<(), Failed> {
    let program = Program::new()?;
    for (name, role) in [("root", "admin"), ("vera", "viewer"), ("emil", "viewer")] {
        add(&program, name, role, &[])?;
    }
    let server = Server::start(&program)?;
    let refused = Socket::connect(&server.address, &[])?;
    expect("without a login", refused.err(), Some(401))?;
    let [root, vera, emil] =
        [login(&server, "root")?, login(&server, "vera")?, login(&server, "emil")?];
    let token = program.json(&["account", "token", "add", "root"])?;
    let bearer = format!("Bearer {}", token["secret"].as_str().ok_or("no secret")?);
    let prefix = token["token"]["prefix"].as_str().ok_or("no prefix")?;
    let ending = [
        open(&server, &[("cookie", &vera)])?,
        open(&server, &[("cookie", &emil)])?,
        open(&server, &[("authorization", &bearer)])?,
    ];
    let mut staying = open(&server, &[("cookie", &root)])?;
    by_cookie(&server, &vera, "POST", "/api/v1/logout", "")?;
    for args in
        [&["account", "disable", "emil"][..], &["account", "token", "revoke", "root", prefix]]
    {
        let ran = program.run(args)?;
        expect(&ran.stderr, ran.code, 0)?;
    }
    let begun = Instant::now();
    for mut socket in ending {
        let mut reason = None;
        while let Ok(message) = socket.next() {
            reason = message["reason"].as_str().map(str::to_owned).or(reason);
        }
        expect("why", reason.as_deref(), Some("the login ended"))?;
    }
    expect("in time", begun.elapsed() < OUTLIVES, true)?;
    staying.subscribe("a", "topology", &serde_json::json!({}))?;
    let answer = staying.next()?;
    expect("the other stays", answer["type"].as_str(), Some("answer"))
}
