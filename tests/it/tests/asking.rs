//! What `ask` can do whatever the question: say why a figure is absent, explain an answer by what was
//! read for it, and ask again when something changes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, expect};
use super::server::{Server, agent, services};

/// Longest wait for a line of a program that watches.
const LINE_TIME: Duration = Duration::from_secs(60);

/// The closed list of reasons, as docs/API.md states it.
const REASONS: [&str; 7] = [
    "no_data",
    "not_collected",
    "not_configured",
    "too_little_data",
    "not_applicable",
    "out_of_scope",
    "store_unavailable",
];

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("asking::an_absent_figure_says_why_by_the_closed_list", absent),
        Trial::test("asking::an_answer_explains_what_was_read", explained),
        Trial::test("asking::a_changed_answer_is_printed_again", watched),
        Trial::test("asking::before_the_first_value_there_is_none", before_the_first_value),
        Trial::test("asking::a_dry_run_says_what_the_run_then_does", dry_run),
    ]
}

fn with_services(count: usize) -> Result<Program, Failed> {
    let program = Program::new()?;
    let rows = services(0, count);
    let ran = program.run_with(&["ingest", "-"], Some(rows.as_bytes()))?;
    expect("exit code", ran.code, 0)?;
    Ok(program)
}

fn absent() -> Result<(), Failed> {
    let program = with_services(3)?;
    let mut figures = 0;
    for question in program.json(&["ask"])?.as_array().ok_or("no list of questions")? {
        let name = question["question"].as_str().unwrap_or_default();
        if name.contains('/') {
            continue;
        }
        figures += unexplained(&program.ask(&[name])?, name)?;
    }
    // Three services of which nothing was measured have many figures that are absent.
    expect("there are absent figures", figures > 10, true)
}

/// How many figures are absent; each must say why.
fn unexplained(value: &Value, place: &str) -> Result<u64, Failed> {
    let mut absent = 0;
    if let Value::Object(object) = value {
        let is_null = |name: &str| object.get(name).is_some_and(Value::is_null);
        let is_measure = object.contains_key("unit") && is_null("value");
        if is_measure || (object.contains_key("reason") && is_null("amount")) {
            let reason = object.get("reason").and_then(Value::as_str).unwrap_or_default();
            if !REASONS.contains(&reason) {
                return Err(format!("{place}: absent because of `{reason}`").into());
            }
            absent += 1;
        }
        for (name, part) in object {
            absent += unexplained(part, &format!("{place}/{name}"))?;
        }
    }
    for part in value.as_array().into_iter().flatten() {
        absent += unexplained(part, place)?;
    }
    Ok(absent)
}

fn explained() -> Result<(), Failed> {
    let program = with_services(3)?;
    let steps = |answer: &Value| {
        let tables = answer["tables"].as_array().cloned().unwrap_or_default();
        let explain = tables.into_iter().find(|table| table["name"] == "explain");
        explain.map(|table| table["rows"].as_array().cloned().unwrap_or_default())
    };
    let plain = program.json(&["ask", "topology"])?;
    expect("nothing is explained unasked", steps(&plain).is_some(), false)?;
    let answer = program.json(&["ask", "topology", "--explain"])?;
    let rows = steps(&answer).ok_or("no table explain")?;
    let read = rows.iter().find(|row| row[0] == "topology").ok_or("the read is not there")?;
    expect("rows that were read", read[2].as_u64(), Some(3))?;
    expect("the last step", rows.last().map(|row| row[0].clone()), Some("everything".into()))?;
    expect("the answer is the same", &answer["data"], &plain["data"])?;
    // Beside a server, also where the question is otherwise a job.
    let server = Server::start(&program)?;
    let beside = program.json(&["ask", "service-dependencies", "--explain"])?;
    expect("explained by the server", steps(&beside).is_some(), true)?;
    let (status, _) = server.get("/api/v1/topology?explain=perhaps")?;
    expect("neither true nor false", status, 400)
}

fn watched() -> Result<(), Failed> {
    let program = with_services(1)?;
    let refused = program.run(&["ask", "topology", "--watch=1", "--as-of", "2026-01-02"])?;
    expect("the past is not watched", refused.code, 2)?;
    let _server = Server::start(&program)?;
    let args = ["ask", "topology", "--watch=1", "--output", "ndjson", "--table", "kinds"];
    let mut child = program.command(&args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let seen = changes(&mut child, &program);
    // Only the process that this trial started.
    Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
    let ended = child.wait()?;
    seen?;
    expect("ended by Ctrl-C", ended.code(), Some(130))
}

/// The first answer, and the one after two services more.
fn changes(child: &mut Child, program: &Program) -> Result<(), Failed> {
    let stdout = child.stdout.take().ok_or("no stdout")?;
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let count = || -> Result<Option<u64>, Failed> {
        loop {
            let line = lines.recv_timeout(LINE_TIME)?;
            let Ok(row) = serde_json::from_str::<Value>(&line) else { continue };
            if row["kind"] == "service" {
                return Ok(row["entities"].as_u64().or_else(|| row["count"].as_u64()));
            }
        }
    };
    expect("services at first", count()?, Some(1))?;
    let more = services(1, 2);
    program.run_with(&["ingest", "-"], Some(more.as_bytes()))?;
    expect("services after two more", count()?, Some(3))
}

/// Two files that name the same service and lead to each other: alone each would add the other's end.
fn dry_run() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("a.ndjson"), services(0, 3))?;
    std::fs::write(folder.path().join("b.ndjson"), services(1, 4))?;
    let path = folder.path().display().to_string();
    let added = |report: &Value| super::program::sum_of(report, "added", "service");
    let tried = program.json(&["ingest", "--dry-run", &path])?;
    expect("services that would be added", added(&tried), 5)?;
    let before = program.ask(&["topology"])?;
    expect("nothing is stored", before["summary"]["entities"].as_u64(), Some(0))?;
    expect("no copy is left", program.data_dir().join("dry-run").exists(), false)?;
    let done = program.json(&["ingest", &path])?;
    expect("services that are added", added(&done), 5)?;
    let again = program.json(&["ingest", "--dry-run", &path])?;
    expect("nothing would change any more", added(&again), 0)
}

/// An estate with one value is asked about an instant before it, by every question; the export is packed.
fn before_the_first_value() -> Result<(), Failed> {
    let program = with_services(1)?;
    let sample = r#"{"type":"sample","entity":"service://test/_/s0","metric":"cpu","at":"2026-01-01T00:00:00Z",
        "value":0.5,"signal":"cpu_utilization_ratio","source":"test"}"#;
    let ran = program.run_with(&["ingest", "-"], Some(sample.replace('\n', "").as_bytes()))?;
    expect(&format!("exit code: {}", ran.stderr), ran.code, 0)?;
    let server = Server::start(&program)?;
    for question in program.json(&["ask"])?.as_array().ok_or("no list of questions")? {
        let name = question["question"].as_str().unwrap_or_default();
        if !name.contains('/') {
            let (status, answer) =
                server.get(&format!("/api/v1/{name}?as_of=2000-01-01&wait=60"))?;
            // An extra parameter is refused where there is no job to wait for.
            let status = match status {
                400 => server.get(&format!("/api/v1/{name}?as_of=2000-01-01"))?.0,
                status => status,
            };
            expect(&format!("{name}: {answer}"), status, 200)?;
        }
    }
    let address = format!("http://{}/api/v1/export", server.address);
    let mut response = agent().get(&address).header("accept-encoding", "gzip").call()?;
    expect("bytes of the packed export", response.body_mut().read_to_vec()?.is_empty(), false)
}
