//! The export for a bulk load into Neo4j, taken in by Neo4j's own import tool: as many nodes, relationships
//! and texts as there are, whatever the texts hold.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::program::{Program, expect};
use super::server::{Server, services};

/// Where xtask puts Neo4j.
const NEO4J: &str = "../../.tools/neo4j";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let name = "neo4j_csv::neo4j_admin_takes_it_in";
    vec![match jars() {
        Some(_) => Trial::test(name, taken_in),
        None => Trial::test(format!("{name} [skipped: no Neo4j in .tools]"), || Ok(()))
            .with_ignored_flag(true),
    }]
}

fn jars() -> Option<PathBuf> {
    let versions = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(NEO4J)).ok()?;
    let mut versions: Vec<PathBuf> = versions.flatten().map(|entry| entry.path()).collect();
    versions.sort();
    versions.pop()?.canonicalize().ok()
}

/// Two entities whose texts hold what CSV and a spreadsheet take for something else, and what one calls.
fn hostile() -> String {
    let entity = |id: &str, name: &str| {
        json!({
            "type": "entity", "kind": "service", "id": id, "name": name,
            "scope": { "environment": "test" },
            "labels": { "note": "a;b\"c\"" }, "properties": { "text": "line\nline, \"quoted\"" },
            "observed_at": "2026-01-01T00:00:00Z", "source": "test"
        })
    };
    let call = json!({
        "type": "relation", "kind": "calls", "from": "service://test/_/a", "to": "service://test/_/b",
        "evidence": "declared", "observed_at": "2026-01-01T00:00:00Z", "source": "test"
    });
    let rows = [
        entity("service://test/_/a", "=1+1, \"a\""),
        entity("service://test/_/b", "two\nlines; one"),
        call,
    ];
    rows.iter().map(|row| format!("{row}\n")).collect()
}

fn taken_in() -> Result<(), Failed> {
    let program = Program::new()?;
    let rows = services(0, 500) + &hostile();
    let read = program.run_with(&["ingest", "-"], Some(rows.as_bytes()))?;
    expect(&read.stderr, read.code, 0)?;
    let exported = program.run(&["export"])?.stdout;
    let rows: Vec<Value> = exported.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let count = |of: &str| rows.iter().filter(|row| row["type"] == of).count();
    expect("entities and relations", (count("entity") > 501, count("relation")), (true, 1))?;

    let place = tempfile::tempdir()?;
    let folder = place.path().join("csv");
    let text = folder.display().to_string();
    let export = ["export", "--format", "neo4j-csv", "--into", text.as_str()];
    let written = program.run(&export)?;
    expect(&written.stderr, written.code, 0)?;
    expect("a second time", program.run(&export)?.code, 2)?;
    // Through a server come the same bytes.
    let beside = place.path().join("beside");
    let server = Server::start(&program)?;
    let text = beside.display().to_string();
    let through = program.run(&["export", "--format", "neo4j-csv", "--into", &text])?;
    expect(&through.stderr, through.code, 0)?;
    drop(server);
    for file in ["entities.csv", "relations.csv"] {
        let same = fs::read(folder.join(file))? == fs::read(beside.join(file))?;
        expect(&format!("{file} through a server"), same, true)?;
    }
    let said = import(place.path(), &folder)?;
    for (wanted, what) in [(count("entity"), "nodes"), (count("relation"), "relationships")] {
        let line = format!("  {wanted} {what}");
        expect(&format!("{line} in {said}"), said.lines().any(|one| one == line), true)?;
    }
    Ok(())
}

/// Loads the files into a database that nobody serves; gives what the tool says.
fn import(place: &Path, folder: &Path) -> Result<String, Failed> {
    let home = place.join("neo4j");
    fs::create_dir_all(home.join("conf"))?;
    let jars = jars().ok_or("no Neo4j")?.join("*");
    let option = |name: &str, file: &str| format!("--{name}={}", folder.join(file).display());
    let ran = Command::new("java")
        // It leaves a report where it runs.
        .current_dir(place)
        .env("NEO4J_HOME", &home)
        .env("NEO4J_CONF", home.join("conf"))
        .arg("-cp")
        .arg(jars)
        .args(["org.neo4j.cli.AdminTool", "database", "import", "full", "neo4j"])
        .arg("--multiline-fields=true")
        .arg(option("nodes", "entities.csv"))
        .arg(option("relationships", "relations.csv"))
        .output()?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    expect(&said, ran.status.success(), true)?;
    Ok(said)
}
