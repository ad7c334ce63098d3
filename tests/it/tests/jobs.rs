//! Work on the whole graph as jobs through the built program: what is not there in time is promised at an
//! address, an answer of earlier stands in only where no instant is asked for, and says so.

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, expect};
use super::server::{Server, services};

const ASKED: &str = "/api/v1/service-dependencies";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("jobs::an_answer_is_promised_and_fetched", promised),
        Trial::test("jobs::an_earlier_answer_stands_in_and_says_so", earlier),
        Trial::test("jobs::what_cannot_be_done_is_said", refused),
    ]
}

fn push(server: &Server, first: usize, count: usize) -> Result<(), Failed> {
    let rows = services(first, count);
    let (status, text) =
        server.send("POST", "/api/v1/ingest?name=rows.ndjson", &[], rows.as_bytes())?;
    expect(&text, status, 200)
}

fn count(answer: &Value) -> Option<usize> {
    answer["data"]["services"].as_array().map(Vec::len)
}

/// Whoever does not wait is told where the answer will be; it is there, it is listed, and whoever asks
/// again gets it at once.
fn promised() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    push(&server, 0, 3)?;
    let (status, job) = server.get(&format!("{ASKED}?wait=0"))?;
    expect(&format!("{job}"), status, 202)?;
    let place = job["result"].as_str().ok_or("no place of the answer")?.to_owned();
    let (status, answer) = server.get(&format!("{place}?wait=60"))?;
    expect(&format!("{answer}"), status, 200)?;
    expect("services", count(&answer), Some(3))?;
    expect("source", answer["source"].as_str(), Some("live"))?;
    let (_, list) = server.get("/api/v1/jobs")?;
    let mine = &list["jobs"][0];
    expect("question", mine["question"].as_str(), Some("service_dependencies"))?;
    expect("state", mine["state"].as_str(), Some("done"))?;
    let (status, again) = server.get(ASKED)?;
    expect("asked again", status, 200)?;
    expect("services again", count(&again), Some(3))?;
    let beside = program.json(&["jobs"])?;
    expect("jobs on the command line", beside["jobs"][0]["state"].as_str(), Some("done"))
}

/// After a write, and after a restart, the earlier answer is given with its own instant and a warning,
/// unless the caller asks for an instant or refuses it; the newer one follows.
fn earlier() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    push(&server, 0, 3)?;
    let (_, first) = server.get(ASKED)?;
    push(&server, 3, 2)?;
    check_earlier(&server, &first)?;
    for params in ["as_of=2026-06-01T00:00:00Z&wait=0", "max_stale=0&wait=0"] {
        let (status, answer) = server.get(&format!("{ASKED}?{params}"))?;
        // The job of the same work may have ended meanwhile; then the answer is the one asked for.
        let is_honest = status == 202 || answer["source"] == "live";
        expect(&format!("{params}: {status} {}", answer["source"]), is_honest, true)?;
    }
    let (_, newer) = server.get(&format!("{ASKED}?wait=60"))?;
    expect("services now", count(&newer), Some(5))?;
    expect("source now", newer["source"].as_str(), Some("live"))?;
    drop(server);
    let server = Server::start(&program)?;
    let (status, kept) = server.get(&format!("{ASKED}?wait=0"))?;
    expect("after a restart", status, 200)?;
    expect("source after a restart", kept["source"].as_str(), Some("cached"))
}

fn check_earlier(server: &Server, first: &Value) -> Result<(), Failed> {
    let (status, kept) = server.get(&format!("{ASKED}?wait=0"))?;
    expect(&format!("{kept}"), status, 200)?;
    expect("source", kept["source"].as_str(), Some("cached"))?;
    expect("its own instant", &kept["as_of"], &first["as_of"])?;
    expect("services of earlier", count(&kept), Some(3))?;
    let warnings = kept["warnings"].as_array().map_or(&[][..], Vec::as_slice);
    expect("a warning", warnings.iter().any(|one| one["code"] == "cached"), true)
}

fn refused() -> Result<(), Failed> {
    let program = Program::new()?;
    let none = program.json(&["jobs"])?;
    expect("jobs without a server", none["jobs"].as_array().map(Vec::len), Some(0))?;
    expect("stop without a server", program.run(&["jobs", "--stop", "1"])?.code, 3)?;
    let server = Server::start(&program)?;
    for wait in ["61", "-1", "soon"] {
        let (status, problem) = server.get(&format!("{ASKED}?wait={wait}"))?;
        expect(&format!("wait {wait}"), status, 400)?;
        expect("field", problem["field"].as_str(), Some("wait"))?;
    }
    let (status, problem) = server.get("/api/v1/topology?wait=1")?;
    expect(&format!("a bounded question does not wait: {problem}"), status, 400)?;
    expect("no such job", server.get("/api/v1/jobs/999")?.0, 404)?;
    expect("no such answer", server.get("/api/v1/jobs/999/result")?.0, 404)?;
    expect("no job to stop", server.send("DELETE", "/api/v1/jobs/x", &[], b"")?.0, 404)?;
    let (status, job) = server.get(&format!("{ASKED}?root=nobody"))?;
    expect(&format!("an unknown root: {job}"), status, 404)?;
    let (_, list) = server.get("/api/v1/jobs")?;
    expect("its job", list["jobs"][0]["state"].as_str(), Some("failed"))?;
    let detail = list["jobs"][0]["problem"]["detail"].as_str().unwrap_or_default();
    expect(&format!("why: {detail}"), detail.contains("nobody"), true)
}
