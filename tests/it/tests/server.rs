//! The server as other programs meet it: defences, problem documents, ingest over HTTP, commands that
//! work beside it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::program::{Program, expect};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("server::other_hosts_and_sites_are_refused", defence),
        Trial::test("server::errors_are_problem_documents", problems),
        Trial::test("server::every_route_is_described", described),
        Trial::test("server::what_is_pushed_is_answered", pushed),
        Trial::test("server::commands_work_beside_a_running_server", beside),
        Trial::test("server::files_beside_it_are_read_by_it", files_beside),
        Trial::test("server::an_equal_answer_is_not_sent_again", not_modified),
        Trial::test("server::a_second_process_is_refused", second),
    ]
}

/// Longest time until a server answers.
const START_SECS: u64 = 60;

/// A running server; killed when dropped.
pub struct Server {
    child: Mutex<Child>,
    /// `127.0.0.1:port`.
    pub address: String,
}

impl Server {
    /// Starts `serve` on a free port and waits until it says where.
    pub fn start(program: &Program) -> Result<Self, Failed> {
        let mut command = program.command(&["serve", "--bind", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let pipe = child.stderr.take().ok_or("no stderr")?;
        let mut lines = BufReader::new(pipe);
        let begun = Instant::now();
        let mut said = String::new();
        while begun.elapsed() < Duration::from_secs(START_SECS) {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 {
                let status = child.wait()?;
                return Err(format!("serve ended with {status}: {said}").into());
            }
            if let Some((_, address)) = line.trim().split_once("http://") {
                let address = address.to_owned();
                // Whatever else it says must not fill the pipe.
                std::thread::spawn(move || {
                    let mut rest = Vec::new();
                    let _ = lines.read_to_end(&mut rest);
                });
                return Ok(Self { child: Mutex::new(child), address });
            }
            said.push_str(&line);
        }
        let _ = child.kill();
        Err(format!("serve did not start: {said}").into())
    }

    /// Ends it at once, as kill -9 does.
    pub fn kill(&self) -> Result<(), Failed> {
        let mut child = self.child.lock().map_err(|_poison| "poisoned")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Asks it to end, as SIGTERM does.
    pub fn ask_to_end(&self) -> Result<(), Failed> {
        let pid = self.child.lock().map_err(|_poison| "poisoned")?.id().to_string();
        let status = std::process::Command::new("kill").args(["-s", "TERM", &pid]).status()?;
        expect("asked to end", status.success(), true)
    }

    /// Waits until it has ended.
    pub fn wait(&self) -> Result<(), Failed> {
        self.child.lock().map_err(|_poison| "poisoned")?.wait()?;
        Ok(())
    }

    /// Sends a request and gives status and body.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<(u16, String), Failed> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_vec())?;
        let mut response = agent().run(request)?;
        let status = response.status().as_u16();
        let mut text = String::new();
        response.body_mut().as_reader().read_to_string(&mut text)?;
        Ok((status, text))
    }

    /// Reads a page as JSON with its status.
    pub fn get(&self, path: &str) -> Result<(u16, Value), Failed> {
        let (status, text) = self.send("GET", path, &[], b"")?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(Duration::from_secs(60)))
        .proxy(None)
        .build()
        .new_agent()
}

fn defence() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let own = server.address.clone();
    let status = |method: &str, headers: &[(&str, &str)]| {
        server.send(method, "/api/v1/topology", headers, b"{}").map(|answer| answer.0)
    };
    expect("own host", status("GET", &[])?, 200)?;
    expect("rebound name", status("GET", &[("host", "evil.example:80")])?, 403)?;
    let foreign = format!("evil.example:{}", own.rsplit(':').next().unwrap_or_default());
    expect("rebound name with our port", status("GET", &[("host", &foreign)])?, 403)?;
    let site = [("origin", "http://evil.example"), ("content-type", "application/json")];
    expect("another site's post", status("POST", &site)?, 403)?;
    expect("cross-site fetch", status("POST", &[("sec-fetch-site", "cross-site")])?, 403)?;
    let ours = format!("http://{own}");
    expect("our own page's post", status("POST", &[("origin", &ours)])?, 200)?;
    // Nothing that another site's form can send may store anything.
    let form = [("origin", "null"), ("content-type", "text/plain")];
    let (status, _) = server.send("POST", "/api/v1/ingest?name=x", &form, b"{}")?;
    expect("a form's post", status, 403)?;
    let (status, _) = server.send("POST", "/api/v1/ingest?context=%7B%7D", &[], b"{}")?;
    expect("a context without the owner's token", status, 403)
}

fn problems() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    for (path, wanted, field) in [
        ("/api/v1/nothing", 404, None),
        ("/api/v1/entity?id=nobody", 404, None),
        ("/api/v1/entity", 400, Some("id")),
        ("/api/v1/topology?depht=2", 400, Some("depht")),
        ("/api/v1/topology?limit=many", 400, Some("limit")),
        ("/api/v1/topology?as_of=yesterday", 400, Some("as_of")),
        ("/api/v1/cost-analysis?window=P1Y2X", 400, Some("window")),
        ("/api/v1/intake/999", 404, None),
        ("/api/v1/search?q=a&limit=0", 400, Some("limit")),
        ("/missing.js", 404, None),
    ] {
        let (status, problem) = server.get(path)?;
        expect(path, status, wanted)?;
        expect(&format!("{path}: status"), problem["status"].as_u64(), Some(u64::from(wanted)))?;
        if let Some(field) = field {
            expect(&format!("{path}: field"), problem["field"].as_str(), Some(field))?;
        }
        if problem["detail"].as_str().is_none_or(str::is_empty) {
            return Err(format!("{path}: no detail in {problem}").into());
        }
    }
    for (encoding, wanted) in [("gzip", 400), ("secret", 415)] {
        let packed = [("content-encoding", encoding), ("content-type", "application/json")];
        let (status, text) = server.send("POST", "/v1/traces", &packed, b"not packed at all")?;
        expect(&format!("a body packed as {encoding}"), status, wanted)?;
        let problem: Value = serde_json::from_str(&text)?;
        expect("its problem", problem["status"].as_u64(), Some(u64::from(wanted)))?;
    }
    let (status, _) = server.send("DELETE", "/api/v1/topology", &[], b"")?;
    expect("a method that is not taken", status, 405)?;
    let (status, text) = server.send("POST", "/api/v1/ingest?name=x.bin", &[], b"\x00\x01junk")?;
    expect(&format!("junk: {text}"), status, 400)
}

fn described() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let (_, document) = server.get("/openapi.json")?;
    let paths = document["paths"].as_object().ok_or("no paths")?;
    for (path, methods) in paths {
        for method in methods.as_object().into_iter().flatten().map(|(method, _)| method) {
            let called = path.replace("{id}", "1");
            let (status, text) = server.send(&method.to_uppercase(), &called, &[], b"")?;
            let answers = &methods[method]["responses"];
            if answers.get(status.to_string()).is_none() || status >= 500 && status != 503 {
                return Err(format!("{method} {path}: undocumented {status} {text}").into());
            }
        }
    }
    Ok(())
}

/// Rows of our own format: `count` services from `first` on.
pub fn services(first: usize, count: usize) -> String {
    let row = |number: usize| {
        json!({
            "type": "entity",
            "kind": "service",
            "id": format!("service://test/_/s{number}"),
            "name": format!("s{number}"),
            "scope": { "environment": "test" },
            "observed_at": "2026-01-01T00:00:00Z",
            "source": "test"
        })
        .to_string()
    };
    (first..first + count).map(row).map(|row| row + "\n").collect()
}

fn pushed() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let rows = services(0, 3);
    let (status, text) =
        server.send("POST", "/api/v1/ingest?name=rows.ndjson", &[], rows.as_bytes())?;
    expect(&text, status, 200)?;
    let (_, answer) = server.get("/api/v1/topology?kind=service")?;
    expect("services", answer["data"]["summary"]["entities"].as_u64(), Some(3))?;
    let (_, page) = server.get("/api/v1/entity?id=service://test/_/s1")?;
    expect("name", page["entity"]["name"].as_str(), Some("s1"))?;
    let (_, hits) = server.get("/api/v1/search?q=s2")?;
    expect("hit", hits["matches"][0]["id"].as_str(), Some("service://test/_/s2"))?;
    // A bad line is a reject with its place, and the rest goes in.
    let mixed = format!("{}not json\n{}", services(3, 1), services(4, 1));
    let (status, text) =
        server.send("POST", "/api/v1/ingest?name=mixed.ndjson", &[], mixed.as_bytes())?;
    expect(&text, status, 200)?;
    let answer: Value = serde_json::from_str(&text)?;
    expect("rejects", answer["rejects"].as_array().map(Vec::len), Some(1))?;
    let place = answer["rejects"][0]["location"].as_str().unwrap_or_default();
    expect(&format!("place {place}"), place.contains('2'), true)?;
    let (_, answer) = server.get("/api/v1/topology?kind=service")?;
    expect("services", answer["data"]["summary"]["entities"].as_u64(), Some(5))?;
    let (_, ledger) = server.get("/api/v1/intake")?;
    expect("ledger", ledger["entries"].as_array().map(Vec::len), Some(2))
}

fn beside() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let rows = services(0, 4);
    let read = program.run_with(&["ingest", "-", "--output", "json"], Some(rows.as_bytes()))?;
    expect(&read.stderr, read.code, 0)?;
    let answer = program.ask(&["topology"])?;
    expect("through the owner", answer["summary"]["entities"].as_u64(), Some(4))?;
    let missing = program.run(&["ask", "topology", "--root", "nobody"])?;
    expect(&missing.stderr, missing.code, 3)?;
    server.kill()?;
    let answer = program.ask(&["topology"])?;
    expect("after the owner was killed", answer["summary"]["entities"].as_u64(), Some(4))
}

/// A file is named and read in place, so it may be longer than any body; what the server does not find
/// as it was named is sent.
fn files_beside() -> Result<(), Failed> {
    let program =
        Program::with_environment(vec![("UBIQUITOUS_BODY_LIMIT_MIB".into(), "1".into())])?;
    let server = Server::start(&program)?;
    let rows = services(0, 12_000);
    expect("longer than a body may be", rows.len() > 1 << 20, true)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("long.ndjson");
    std::fs::write(&path, &rows)?;
    let name = path.to_string_lossy().into_owned();
    let read = program.run(&["ingest", &name, "--output", "json"])?;
    expect(&read.stderr, read.code, 0)?;
    let answer = program.ask(&["topology"])?;
    expect("all of it", answer["summary"]["entities"].as_u64(), Some(12_000))?;
    let read = program.run_with(&["ingest", "-"], Some(rows.as_bytes()))?;
    expect("a body that is too long", read.code == 2 || read.code == 5, true)?;
    expect(&read.stderr, read.stderr.contains("body_limit_mib"), true)?;
    let (status, answer) = server.send("POST", "/api/v1/ingest?name=a&file=x", &[], b"")?;
    expect(&format!("a file without the owner's token: {answer}"), status, 403)
}

fn not_modified() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let uri = format!("http://{}/api/v1/topology", server.address);
    let first = agent().get(&uri).call()?;
    let tag = first.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default();
    expect("an ETag", tag.is_empty(), false)?;
    let second = agent().get(&uri).header("if-none-match", tag).call()?;
    expect("unchanged", second.status().as_u16(), 304)?;
    server.send("POST", "/api/v1/ingest?name=a", &[], services(0, 1).as_bytes())?;
    let third = agent().get(&uri).header("if-none-match", tag).call()?;
    expect("changed", third.status().as_u16(), 200)
}

fn second() -> Result<(), Failed> {
    let program = Program::new()?;
    let _server = Server::start(&program)?;
    let other = program.run(&["serve", "--bind", "127.0.0.1:0"])?;
    expect(&other.stderr, other.code, 6)
}
