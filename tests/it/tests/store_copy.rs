//! Copies through the built program: an estate goes from the data folder to servers and back, is counted on
//! both sides, and answers the same.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::contract::{self, Done, Pair, Site, TelemetryIn, TopologyIn};
use super::larkfield::{UNTIL, read_files};
use super::program::{Program, expect};
use super::store_base::block_on;

/// Everything on servers.
const PAIRS: &[Pair] = &[Pair { topology: TopologyIn::Neo4j, telemetry: TelemetryIn::Postgres }];

/// An instant at which half of the history was still to come.
const PAST: &str = "2026-10-04T13:00:00Z";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let mut all = contract::trials(PAIRS, "store_copy::there_and_back", there_and_back);
    all.push(Trial::test("store_copy::one_that_is_cut_off_is_not_opened", cut_off));
    all
}

/// Questions of every part, without what differs with the clock.
fn answers(program: &Program) -> Result<Vec<(String, Value)>, Failed> {
    let mut all = Vec::new();
    for at in [UNTIL, PAST] {
        for question in [
            &["topology", "--limit", "500", "--aggregate-by", "none"] as &[&str],
            &["service-dependencies"],
            &["system-metrics"],
            &["cost-analysis", "--by", "service"],
            &["incidents"],
            &["critical-paths"],
        ] {
            let args: Vec<&str> = question.iter().copied().chain(["--as-of", at]).collect();
            all.push((format!("{} as of {at}", question[0]), program.ask(&args)?));
        }
    }
    Ok(all)
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn same(found: &[(String, Value)], wanted: &[(String, Value)]) -> Done {
    for ((name, found), (_, wanted)) in found.iter().zip(wanted) {
        expect(name, found == wanted, true)?;
    }
    Ok(())
}

/// Kinds with how much each side holds; both sides must be equal.
fn counts(copied: &Value) -> Result<Vec<(String, u64)>, Failed> {
    let rows = copied["rows"].as_array().ok_or("no rows")?;
    let mut counts = Vec::new();
    for row in rows {
        let kind = row["kind"].as_str().unwrap_or_default();
        expect(kind, row["into"].as_u64(), row["from"].as_u64())?;
        counts.push((kind.to_owned(), row["from"].as_u64().unwrap_or_default()));
    }
    Ok(counts)
}

fn there_and_back(pair: Pair) -> Done {
    let program = Program::new()?;
    read_files(&program, |_path| true)?;
    program.run(&["account", "add", "anna", "--role", "admin"])?;
    let wanted = answers(&program)?;
    let site = block_on(Site::new(pair))?;
    let on_servers = Program::with_environment(site.environment())?;
    let folder = text(&on_servers.data_dir());
    let mut command = vec!["store", "copy", "--into-data-dir", folder.as_str()];
    let environment = site.environment();
    for (name, url) in &environment {
        let option = match name.as_str() {
            "UBIQUITOUS_TOPOLOGY_URL" => "--into-topology-url",
            _ => "--into-telemetry-url",
        };
        command.extend([option, url.as_str()]);
    }
    let there = counts(&program.json(&command)?)?;
    same(&answers(&on_servers)?, &wanted)?;
    let again = program.run(&command)?;
    let is_refused = again.stderr.contains("hold something already");
    expect(&format!("into filled stores: {}", again.stderr), (again.code, is_refused), (2, true))?;
    let back = Program::new()?;
    let returned =
        on_servers.json(&["store", "copy", "--into-data-dir", &text(&back.data_dir())])?;
    same(&answers(&back)?, &wanted)?;
    expect("rows of each kind", counts(&returned)?, there.clone())?;
    let filled = there.iter().filter(|(_, rows)| *rows > 0).count();
    expect(&format!("kinds with rows: {there:?}"), filled > 20, true)?;
    // What goes on after a copy is taken in: no number of a batch is taken for an old one.
    for program in [&on_servers, &back] {
        let more = super::server::services(0, 3);
        let more = program.run_with(&["ingest", "-"], Some(more.as_bytes()))?;
        expect(&more.stderr, more.code, 0)?;
        let found = program.ask(&["topology", "--kind", "service", "--limit", "500"])?;
        expect("what came after", found.to_string().contains("service://test/_/s1"), true)?;
    }
    Ok(())
}

/// A copy that is killed is no estate: each command says so, and how to begin again.
fn cut_off() -> Done {
    let source = Program::new()?;
    let rows = super::server::services(0, 20_000);
    let read = source.run_with(&["ingest", "-"], Some(rows.as_bytes()))?;
    expect(&read.stderr, read.code, 0)?;
    let mut target = Program::new()?;
    // On a busy machine it may have ended before it is killed: then again.
    for _ in 0..10 {
        target = Program::new()?;
        let mark = target.data_dir().join("copy.unfinished");
        let into = text(&target.data_dir());
        let mut command = source.command(&["store", "copy", "--into-data-dir", &into]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let begun = Instant::now();
        while !mark.exists() && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill()?;
        child.wait()?;
        if mark.exists() {
            break;
        }
    }
    for command in [&["ask", "topology"] as &[&str], &["store", "status"], &["serve"]] {
        let ran = target.run(command)?;
        let says = ran.stderr.contains("a copy that was cut off");
        expect(&format!("{command:?}: {}", ran.stderr), (ran.code, says), (6, true))?;
    }
    std::fs::remove_dir_all(target.data_dir())?;
    let copied = source.json(&["store", "copy", "--into-data-dir", &text(&target.data_dir())])?;
    expect("differences", copied["differences"].as_u64(), Some(0))?;
    let answer = target.ask(&["topology", "--limit", "1", "--aggregate-by", "none"])?;
    expect("entities", answer["summary"]["entities"].as_u64(), Some(20_000))
}
