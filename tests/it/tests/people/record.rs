//! What is counted, kept on record and never left without anybody.

use libtest_mimic::Failed;
use serde_json::Value;

use super::{PASSWORD, add, by_cookie, login, try_login};
use crate::program::{Program, expect};
use crate::server::{Server, services};

/// Each address and account have so many tries; an account that does not exist is no different.
pub fn tries() -> Result<(), Failed> {
    let program = Program::new()?;
    add(&program, "root", "admin", &[])?;
    let server = Server::start(&program)?;
    let mut outcomes = Vec::new();
    for name in ["root", "nobody"] {
        let mut statuses = Vec::new();
        let mut texts = Vec::new();
        for number in 0..30 {
            let answer = try_login(&server, name, &format!("wrong password {number}"))?;
            statuses.push(answer.status);
            texts.push(answer.json()["detail"].to_string());
        }
        let tried = statuses.iter().filter(|status| **status == 401).count();
        let refused = statuses.iter().filter(|status| **status == 429).count();
        expect(name, (tried, refused), (10, 20))?;
        outcomes.push(texts[0].clone());
    }
    expect("one text for both", &outcomes[0], &outcomes[1])?;
    expect("the right one waits too", try_login(&server, "root", PASSWORD)?.status, 429)
}

pub fn audit() -> Result<(), Failed> {
    let program = Program::new()?;
    add(&program, "root", "admin", &[])?;
    let server = Server::start(&program)?;
    let cookie = login(&server, "root")?;
    try_login(&server, "root", "wrong password")?;
    let rows = services(0, 1);
    by_cookie(&server, &cookie, "POST", "/api/v1/ingest?name=rows.ndjson", &rows)?;
    let token = program.json(&["account", "token", "add", "root"])?;
    let secret = token["secret"].as_str().ok_or("no secret")?;
    let log = by_cookie(&server, &cookie, "GET", "/api/v1/audit?limit=100", "")?;
    let list = log.json();
    let entries = list["entries"].as_array().ok_or("no entries")?;
    let line = |one: &Value| {
        let text = |field: &str| one[field].as_str().unwrap_or("?").to_owned();
        [text("who"), text("action"), text("outcome")]
    };
    let lines: Vec<[String; 3]> = entries.iter().rev().map(line).collect();
    let expected = [
        ("account add", "done"),
        ("login", "done"),
        ("login", "refused"),
        ("POST /api/v1/ingest", "done"),
        ("token add", "done"),
    ];
    let given: Vec<(&str, &str)> =
        lines.iter().map(|[_, action, outcome]| (&**action, &**outcome)).collect();
    expect(&log.text, given, expected.to_vec())?;
    expect("who", &*lines[3][0], "root")?;
    expect("from where", entries[1]["address"].as_str(), Some("127.0.0.1"))?;
    for hidden in [PASSWORD, secret, cookie.split_once('=').ok_or("no pair")?.1, "argon2"] {
        expect("no secret in the log", log.text.contains(hidden), false)?;
    }
    let ran = program.run(&["account", "audit", "--lines", "2", "--output", "json"])?;
    expect("lines", ran.json()?["entries"].as_array().map(Vec::len), Some(2))
}

pub fn last_admin() -> Result<(), Failed> {
    let program = Program::new()?;
    let add_viewer = program.run_with(
        &["account", "add", "vera", "--role", "viewer", "--password-stdin"],
        Some(PASSWORD.as_bytes()),
    )?;
    expect(&add_viewer.stderr, add_viewer.code, 2)?;
    add(&program, "root", "admin", &[])?;
    for args in [
        &["account", "disable", "root"][..],
        &["account", "role", "root", "--role", "viewer"],
        &["account", "role", "root", "--role", "admin", "--unit", "org://team/a"],
    ] {
        expect(&args.join(" "), program.run(args)?.code, 2)?;
    }
    add(&program, "second", "admin", &[])?;
    expect("with another", program.run(&["account", "disable", "root"])?.code, 0)?;
    // Without --password-stdin a password is made and shown once.
    let made = program.json(&["account", "add", "third", "--role", "viewer"])?;
    let password = made["password"].as_str().ok_or("no password")?;
    expect("long enough", password.len() >= 20, true)?;
    let list = program.run(&["account", "list", "--output", "json"])?;
    expect("not again", list.stdout.contains(password), false)
}
