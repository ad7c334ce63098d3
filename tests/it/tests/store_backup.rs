//! Backups of the data folder through the built program: what is restored equals the source row by row and
//! answers the same, what is damaged is found and named, and what is cut off is taken for nothing whole.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use store_embedded::Database;

use super::larkfield::{UNTIL, read_files};
use super::program::{Program, Ran, expect};
use super::server::{Server, services};
use super::store_base::options;

/// An instant at which half of the history was still to come.
const PAST: &str = "2026-10-04T13:00:00Z";
/// Entities of one push.
const PUSHED: usize = 20;

type Done = Result<(), Failed>;

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("store_backup::what_is_restored_equals_the_source", restored),
        Trial::test("store_backup::what_is_damaged_is_named", damaged),
        Trial::test("store_backup::nothing_is_overwritten_unasked", refused),
        Trial::test("store_backup::a_restore_that_is_killed_is_nothing_whole", killed),
        Trial::test("store_backup::it_is_made_beside_a_server_that_takes_input", beside),
    ]
}

/// A folder for backups, and the place of one in it.
fn place() -> Result<(tempfile::TempDir, PathBuf), Failed> {
    let folder = tempfile::tempdir()?;
    let backup = folder.path().join("it's a backup");
    Ok((folder, backup))
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn must(program: &Program, args: &[&str]) -> Result<Ran, Failed> {
    let ran = program.run(args)?;
    expect(&format!("{args:?}: {}", ran.stderr), ran.code, 0)?;
    Ok(ran)
}

/// Questions about both stores, now and in the past.
fn answers(program: &Program) -> Result<Vec<(String, Value)>, Failed> {
    let mut all = Vec::new();
    for at in [UNTIL, PAST] {
        for question in [
            &["topology", "--limit", "500", "--aggregate-by", "none"] as &[&str],
            &["cost-analysis", "--by", "service"],
            &["system-metrics"],
            &["service-dependencies"],
            &["incidents"],
        ] {
            let args: Vec<&str> = question.iter().copied().chain(["--as-of", at]).collect();
            all.push((format!("{} as of {at}", question[0]), program.ask(&args)?));
        }
    }
    Ok(all)
}

fn restored() -> Done {
    let source = Program::new()?;
    read_files(&source, |_path| true)?;
    let rows = must(&source, &["export"])?.stdout;
    let first: Value = serde_json::from_str(rows.lines().next().ok_or("an empty estate")?)?;
    let target = format!("savings:idle:{}", first["id"].as_str().unwrap_or_default());
    must(&source, &["decide", "dismiss", &target, "--reason", "kept", "--author", "anna"])?;
    must(&source, &["account", "add", "anna", "--role", "admin"])?;
    let wanted = answers(&source)?;
    let decisions = source.json(&["decide", "list"])?;
    let (_folder, backup) = place()?;
    let made = source.json(&["store", "backup", &text(&backup)])?;
    must(&source, &["store", "verify", &text(&backup)])?;

    let copy = Program::new()?;
    copy.json(&["store", "restore", &text(&backup)])?;
    let tables = same_rows(&source.data_dir(), &copy.data_dir())?;
    let counted: u64 = tables.iter().map(|(_, rows)| rows).sum();
    let said = made["tables"].as_array().into_iter().flatten();
    let said: u64 = said.filter_map(|table| table["rows"].as_u64()).sum();
    expect("rows that the manifest counts", said, counted)?;
    let filled = tables.iter().filter(|(_, rows)| *rows > 0).count();
    expect(&format!("tables with rows: {tables:?}"), filled > 20, true)?;
    for ((name, found), (_, wanted)) in answers(&copy)?.iter().zip(&wanted) {
        expect(name, found == wanted, true)?;
    }
    expect("the export", must(&copy, &["export"])?.stdout == rows, true)?;
    expect("decisions", copy.json(&["decide", "list"])?, decisions)?;
    // It goes on: what comes next is not taken for something that came before.
    let more = copy.run_with(&["ingest", "-"], Some(services(0, 3).as_bytes()))?;
    expect(&more.stderr, more.code, 0)?;
    let entity = copy.run(&["ask", "topology", "--root", "service://test/_/s2"])?;
    expect(&entity.stderr, entity.code, 0)
}

/// Every table of both databases, compared by another program than made the backup: each row at its place.
/// Gives the tables with their rows.
fn same_rows(source: &Path, copy: &Path) -> Result<Vec<(String, u64)>, Failed> {
    let (database, connection) = Database::open(&options(copy))?;
    let source = text(&source.join("estate.duckdb"));
    connection.execute_batch(&format!("ATTACH '{source}' AS source (READ_ONLY)"))?;
    let mut statement = connection.prepare(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() \
         WHERE database_name = 'source' ORDER BY 1",
    )?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    let mut tables = Vec::new();
    for name in names {
        let placed = |of: &str| {
            format!("SELECT row_number() OVER (ORDER BY rowid) AS place, * FROM {of}{name}")
        };
        let (here, there) = (placed(""), placed("source."));
        let differ = format!(
            "SELECT count(*) FROM (({here} EXCEPT ALL {there}) UNION ALL ({there} EXCEPT ALL {here}))"
        );
        let differ: u64 = connection.query_row(&differ, [], |row| row.get(0))?;
        expect(&format!("rows of {name} that differ"), differ, 0)?;
        let count = format!("SELECT count(*) FROM source.{name}");
        let rows = connection.query_row(&count, [], |row| row.get(0))?;
        if name != "main.migration" {
            tables.push((name, rows));
        }
    }
    drop(statement);
    drop(connection);
    drop(database);
    Ok(tables)
}

/// A small estate and its backup.
fn small(count: usize) -> Result<(Program, tempfile::TempDir, PathBuf), Failed> {
    let program = Program::new()?;
    let read = program.run_with(&["ingest", "-"], Some(services(0, count).as_bytes()))?;
    expect(&read.stderr, read.code, 0)?;
    let (folder, backup) = place()?;
    must(&program, &["store", "backup", &text(&backup)])?;
    Ok((program, folder, backup))
}

/// Runs a command and holds its exit code and a part of what it says against what is wanted.
fn says(program: &Program, args: &[&str], code: i32, part: &str) -> Done {
    let ran = program.run(args)?;
    let all = format!("{}{}", ran.stdout, ran.stderr);
    expect(&format!("{args:?}: {all}"), (ran.code, all.contains(part)), (code, true))
}

fn damaged() -> Done {
    let (_program, _folder, backup) = small(50)?;
    let (elsewhere, place) = (Program::new()?, text(&backup));
    let verify = ["store", "verify", &place, "--wide"];
    let restore = ["store", "restore", &place];
    says(&elsewhere, &verify, 0, "whole")?;
    let mut files: Vec<PathBuf> = fs::read_dir(&backup)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    expect("files", files.len() > 25, true)?;
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let whole = fs::read(file)?;
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(file, &changed)?;
        says(&elsewhere, &verify, 1, &name)?;
        fs::write(file, &whole[..whole.len() - 1])?;
        // The last byte of the manifest is the end of its line and says nothing.
        if name != "manifest.json" {
            says(&elsewhere, &verify, 1, &name)?;
        }
        fs::write(file, &whole)?;
    }
    let entities = backup.join("topology.entity.parquet");
    let whole = fs::read(&entities)?;
    fs::write(&entities, &whole[..whole.len() / 2])?;
    says(&elsewhere, &restore, 1, "topology.entity.parquet: bytes is")?;
    fs::remove_file(&entities)?;
    says(&elsewhere, &restore, 1, "topology.entity.parquet: file is missing")?;
    fs::write(&entities, &whole)?;
    let manifest = backup.join("manifest.json");
    let said = fs::read_to_string(&manifest)?;
    fs::write(&manifest, said.replace("\"rows\": 50,", "\"rows\": 51,"))?;
    let found = elsewhere.run(&["store", "verify", &place, "--output", "json"])?;
    let differences = found.json()?["differences"].clone();
    let rows =
        json!({ "file": "topology.entity.parquet", "what": "rows", "wanted": "51", "found": "50" });
    let names_them = differences.as_array().is_some_and(|all| all.contains(&rows));
    expect(&format!("a row too few: {differences}"), (found.code, names_them), (1, true))?;
    fs::write(&manifest, said.replacen("\"format\": 1,", "\"format\": 2,\n  \"more\": 1,", 1))?;
    says(&elsewhere, &verify, 6, "this program reads form 1")?;
    says(&elsewhere, &restore, 6, "this program reads form 1")?;
    fs::remove_file(&manifest)?;
    says(&elsewhere, &verify, 2, "is no backup")?;
    says(&elsewhere, &restore, 2, "is no backup")?;
    let nothing = elsewhere.data_dir().join("estate.duckdb");
    expect("a database after restores that were refused", nothing.exists(), false)?;
    fs::write(&manifest, said)?;
    says(&elsewhere, &restore, 0, "")
}

fn refused() -> Done {
    let (program, _folder, backup) = small(5)?;
    let place = text(&backup);
    says(&program, &["store", "backup", &place], 2, "holds something already")?;
    says(&program, &["store", "restore", &place], 2, "holds an estate already")?;
    let proc = "/proc/no-such-folder";
    says(&program, &["store", "backup", proc], 2, "name a folder that")?;
    let other = Program::new()?;
    other.run_with(&["ingest", "-"], Some(services(100, 7).as_bytes()))?;
    let entities = |program: &Program| {
        program.ask(&["topology"]).map(|answer| answer["summary"]["entities"].as_u64())
    };
    {
        let server = Server::start(&other)?;
        says(&other, &["store", "restore", &place, "--replace"], 6, "locked by the server at")?;
        let body = json!({ "folder": "/tmp/x" }).to_string();
        let (status, _) = server.send("POST", "/api/v1/backup", &[], body.as_bytes())?;
        expect("a backup that another program asks for", status, 403)?;
    }
    expect("kept", entities(&other)?, Some(7))?;
    must(&other, &["store", "restore", &place, "--replace"])?;
    expect("replaced", entities(&other)?, Some(5))?;
    let url = ("UBIQUITOUS_TOPOLOGY_URL".to_owned(), "neo4j://127.0.0.1:9".to_owned());
    let servers = Program::with_environment(vec![url])?;
    says(&servers, &["store", "backup", &text(&backup.join("x"))], 2, "neo4j-admin")?;
    says(&servers, &["store", "restore", &place], 2, "neo4j-admin")
}

fn killed() -> Done {
    let (source, _folder, backup) = small(20_000)?;
    let place = text(&backup);
    let mut target = Program::new()?;
    // On a busy machine it may have ended before it is killed: then again.
    for _ in 0..10 {
        target = Program::new()?;
        kill_in_the_middle(&target, &place)?;
        if half_of(&target).exists() {
            break;
        }
    }
    let (data, half) = (target.data_dir(), half_of(&target));
    expect(
        "killed in the middle",
        (half.exists(), data.join("estate.duckdb").exists()),
        (true, false),
    )?;
    for command in [&["ask", "topology"] as &[&str], &["store", "status"], &["serve"]] {
        says(&target, command, 6, "a restore that was cut off")?;
    }
    must(&target, &["store", "restore", &place])?;
    expect("half of it is gone", half.exists(), false)?;
    same_rows(&source.data_dir(), &data).map(|_tables| ())
}

/// The database while a backup is put back.
fn half_of(program: &Program) -> PathBuf {
    program.data_dir().join("estate.restoring.duckdb")
}

fn kill_in_the_middle(target: &Program, backup: &str) -> Done {
    let mut command = target.command(&["store", "restore", backup]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let begun = Instant::now();
    while !half_of(target).exists() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Each push is in the backup whole or not at all, and every one that was acknowledged before it began is.
fn beside() -> Done {
    let program = Program::new()?;
    let server = Arc::new(Server::start(&program)?);
    let (next, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let pushing = {
        let (server, next, is_over) =
            (Arc::clone(&server), Arc::clone(&next), Arc::clone(&is_over));
        std::thread::spawn(move || push(&server, &next, &is_over))
    };
    while next.load(Ordering::SeqCst) < 10 * PUSHED {
        std::thread::sleep(Duration::from_millis(5));
    }
    let (_folder, backup) = place()?;
    let before = next.load(Ordering::SeqCst);
    let made = program.json(&["store", "backup", &text(&backup)])?;
    let after = next.load(Ordering::SeqCst);
    is_over.store(true, Ordering::SeqCst);
    pushing.join().map_err(|_panic| "the pusher panicked")?.map_err(Failed::from)?;
    let last = next.load(Ordering::SeqCst);
    expect("went on meanwhile", after > before, true)?;
    let journal = made["journals"][0]["number"].as_u64().unwrap_or(0);
    expect("position in the journal", journal >= (before / PUSHED) as u64, true)?;

    let copy = Program::new()?;
    must(&copy, &["store", "restore", &text(&backup)])?;
    let rows = must(&copy, &["export"])?.stdout;
    let held: BTreeSet<usize> = rows
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|row| row["id"].as_str()?.strip_prefix("service://test/_/s")?.parse().ok())
        .collect();
    let whole = held.len() / PUSHED * PUSHED;
    expect("pushes that are there in part", held.len(), whole)?;
    expect("the first so many", held.iter().copied().eq(0..whole), true)?;
    expect("acknowledged before it began", whole >= before, true)?;
    expect("some came after", whole < last, true)?;
    // What was pushed meanwhile is in the server as if there had been no backup.
    let (status, _) = server.get(&format!("/api/v1/entity?id=service://test/_/s{}", last - 1))?;
    expect("the last push", status, 200)?;
    server.kill()?;
    // The journal goes on after what the backup holds.
    let other = Server::start(&copy)?;
    let body = services(last, PUSHED);
    let (status, _) = other.send("POST", "/api/v1/ingest?name=more", &[], body.as_bytes())?;
    expect("a push after the restore", status, 200)?;
    let (status, _) = other.get(&format!("/api/v1/entity?id=service://test/_/s{last}"))?;
    expect("what was pushed after the restore", status, 200)
}

/// Pushes until it is over; `next` is behind what is acknowledged.
fn push(server: &Server, next: &AtomicUsize, is_over: &AtomicBool) -> Result<(), String> {
    while !is_over.load(Ordering::SeqCst) {
        let first = next.load(Ordering::SeqCst);
        let path = format!("/api/v1/ingest?name=push-{first}");
        let body = services(first, PUSHED);
        let (status, text) = server
            .send("POST", &path, &[], body.as_bytes())
            .map_err(|error| error.message().unwrap_or("no answer").to_owned())?;
        if status != 200 {
            return Err(format!("push {first}: {status} {text}"));
        }
        next.store(first + PUSHED, Ordering::SeqCst);
    }
    Ok(())
}
