//! Validation: the demonstration as its files tell it scores 1.0, and each fault that is planted in a copy
//! of its store is named as root by the check that should find it, and by no other. The table check ×
//! fault is printed.

use std::fs;
use std::io::ErrorKind;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use store_embedded::Store;

use super::larkfield::whole;
use super::program::{Program, data, expect, with_data};
use super::store_base::{block_on, options};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("validation::each_planted_fault_is_named_by_its_check", planted),
        Trial::test("validation::an_empty_store_has_no_fault", empty),
        with_data(
            "validation::real_data_is_not_accused_of_what_is_right_there",
            &["aws", "kubernetes", "traces", "metrics", "cost", "incidents", "security"],
            real,
        ),
    ]
}

/// The speed of this machine is no fault of the data.
const NOT_OF_THE_DATA: &str = "answers_in_time";

/// One fault, and the check that should find it.
struct Fault {
    name: &'static str,
    check: &'static str,
    plant: Plant,
}

enum Plant {
    /// Statements on the store.
    Statements(&'static str),
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "a missing hour",
        check: "missing_samples",
        plant: Plant::Statements(
            "CREATE TEMP TABLE lost AS SELECT s.id, h.hour FROM series s, \
             (SELECT (max(instant) // 3600000000 - 4) * 3600000000 AS hour FROM sample) h \
             WHERE s.source = (SELECT min(source) FROM series WHERE source LIKE 'prometheus:%'); \
             DELETE FROM sample USING lost WHERE series = lost.id AND instant >= lost.hour \
             AND instant < lost.hour + 3600000000; \
             DELETE FROM rollup_hour USING lost WHERE series = lost.id AND instant = lost.hour; \
             DROP TABLE lost;",
        ),
    },
    Fault {
        name: "a dropped table",
        check: "schema_tables",
        plant: Plant::Statements("DROP TABLE edge_minute"),
    },
    Fault {
        name: "an altered column",
        check: "schema_columns",
        plant: Plant::Statements("ALTER TABLE log_minute DROP COLUMN severity"),
    },
    Fault {
        name: "an orphan",
        check: "orphans",
        plant: Plant::Statements(
            "CREATE TEMP TABLE alone AS SELECT max(near) AS id FROM topology.relation \
             JOIN topology.entity ON entity.id = near WHERE canonical LIKE 'k8s://%/pod/%' \
             OR canonical LIKE 'k8s://%/Pod/%'; \
             DELETE FROM topology.relation USING alone \
             WHERE near = alone.id OR far = alone.id OR stated_by = alone.id; \
             DROP TABLE alone;",
        ),
    },
    Fault {
        name: "a relation without an end",
        check: "dangling_relations",
        plant: Plant::Statements(
            "INSERT INTO topology.relation SELECT * REPLACE (4000000000 AS far) \
             FROM topology.relation WHERE valid_to IS NULL LIMIT 1",
        ),
    },
    Fault {
        name: "a unit error",
        check: "units",
        plant: Plant::Statements(
            "UPDATE series SET factor = 1 WHERE signal = 'cpu_utilization_ratio' AND factor < 1",
        ),
    },
];

#[expect(clippy::print_stdout, reason = "the table is what the trial is for")]
fn planted() -> Result<(), Failed> {
    let (program, _) = whole()?;
    let clean = validate(&program)?;
    let roots = roots(&clean);
    expect(&format!("the clean estate: {}", clean["issues"]), roots, Vec::new())?;
    let only = clean["checks"].as_array().into_iter().flatten();
    let is_skipped = |check: &&Value| check["status"] == "skipped";
    let skipped: Vec<&str> =
        only.filter(is_skipped).filter_map(|one| one["name"].as_str()).collect();
    expect("skipped", skipped, Vec::new())?;
    let mut wrong = Vec::new();
    println!("{:36} | {:28} | also caused", "fault", "named as root by");
    for fault in FAULTS {
        let copy = Program::of_copy(&program.data_dir())?;
        match fault.plant {
            Plant::Statements(statements) => execute(&copy, statements)?,
        }
        let report = validate(&copy)?;
        let named = self::roots(&report);
        println!(
            "{:36} | {:28} | {}",
            fault.name,
            named.join(", "),
            consequences(&report).join(", ")
        );
        if named != [fault.check] {
            wrong.push(format!(
                "{}: {named:?}, not {}: {}",
                fault.name, fault.check, report["issues"]
            ));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn empty() -> Result<(), Failed> {
    let program = Program::new()?;
    let report = validate(&program)?;
    expect(&format!("issues: {}", report["issues"]), roots(&report), Vec::new())?;
    let again = program.json(&["validate", "--last"])?;
    expect("kept", again["at"].clone(), report["at"].clone())?;
    let breached = program.run(&["validate", "--last", "--score-min", "1.0"])?;
    let has_score = report["score"].is_number();
    expect("a pipeline that asks for a score", breached.code, i32::from(!has_score))
}

/// What is right in data of other people, though it is not as the demonstration's.
fn real() -> Result<(), Failed> {
    let program = Program::new()?;
    for set in ["aws", "traces", "metrics", "cost", "incidents", "security"] {
        program.run(&["ingest", &data(set).display().to_string()])?;
    }
    for cluster in fs::read_dir(data("kubernetes"))? {
        let path = cluster?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        program.run(&["ingest", "--cluster", &name, &path.display().to_string()])?;
    }
    let report = validate(&program)?;
    let accusing = ["schema_tables", "telemetry_without_entity", "batches_in_one_store", "rollups"];
    let named = roots(&report);
    let wrongly: Vec<&String> =
        named.iter().filter(|one| accusing.contains(&one.as_str())).collect();
    expect(&format!("issues: {}", report["issues"]), wrongly, Vec::new())
}

/// The result, whatever the command ends with.
fn validate(program: &Program) -> Result<Value, Failed> {
    program.run(&["validate", "--output", "json"])?.json()
}

/// Checks that are not as they should be, by name, without what another check caused.
fn roots(report: &Value) -> Vec<String> {
    bad(report, |check| check["caused_by"].is_null())
}

fn consequences(report: &Value) -> Vec<String> {
    bad(report, |check| !check["caused_by"].is_null())
}

fn bad(report: &Value, is_wanted: impl Fn(&Value) -> bool) -> Vec<String> {
    let is_bad = |check: &&Value| {
        !matches!(check["status"].as_str(), Some("passed" | "skipped"))
            && check["name"] != NOT_OF_THE_DATA
    };
    let checks = report["checks"].as_array().into_iter().flatten();
    let names = checks.filter(is_bad).filter(|check| is_wanted(check));
    let mut names: Vec<String> =
        names.filter_map(|check| check["name"].as_str().map(str::to_owned)).collect();
    names.sort();
    names
}

fn execute(program: &Program, statements: &'static str) -> Result<(), Failed> {
    block_on(async {
        let store = Store::open(&options(&program.data_dir()))?;
        store
            .database()
            .write("plant a fault", move |tx| Ok(tx.execute_batch(statements)?))
            .await?;
        Ok::<(), Failed>(())
    })?;
    // It tells what the rows were before somebody altered them, which the program never does.
    match fs::remove_file(program.data_dir().join("estate.folded")) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
