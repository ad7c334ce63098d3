//! Optimisation on a real PostgreSQL, through the built program: an index that is gone and a statement that
//! no rule has seen are named, what is applied cuts their time, and what was done can be taken back. Each
//! targeted index is shown used by the plan of a statement that it is for, with and without it.

mod indexes;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::contract::postgres::{Database, absence};
use super::program::{Program, expect};
use super::store_base::block_on;

/// A trial by its name.
type Named = (&'static str, fn() -> Result<(), Failed>);

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let named: [Named; 2] = [
        ("what is recommended names its statement and cuts its time", recommended),
        ("each targeted index is used by the plan of its question", indexes::used),
    ];
    let trial = |(name, run): Named| match absence() {
        None => Trial::test(format!("optimization: {name}"), run),
        Some(reason) => Trial::test(format!("optimization: {name} [skipped: {reason}]"), || Ok(()))
            .with_ignored_flag(true),
    };
    let mut all: Vec<Trial> = named.into_iter().map(trial).collect();
    all.push(Trial::test("optimization: the embedded store's plans are measured", embedded));
    all
}

/// Minutes of log records: 200,000, of 1,000 subjects and 20,000 batches.
const LOAD: &str = "INSERT INTO ubiquitous.log_minute (subject, instant, severity, count, origin) \
    SELECT i % 1000, i * 1000000::bigint, CASE i % 3 WHEN 0 THEN 'error' ELSE 'info' END, 1, i % 20000 \
    FROM generate_series(1, 200000) AS i";

/// A statement of the recorded workload.
fn ran(name: &str, text: &str, parameters: &[(&str, &str)], seconds: f64) -> Value {
    let parameters: Vec<Value> =
        parameters.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({ "store": "postgresql", "name": name, "kind": "read", "text": text,
        "parameters": parameters, "count": 1000, "error_count": 0, "rows": 1000,
        "seconds_total": seconds, "seconds_longest": seconds / 500.0, "bins": { "200": 1000 } })
}

fn recommended() -> Result<(), Failed> {
    let database = block_on(Database::new())?;
    let environment = vec![("UBIQUITOUS_TELEMETRY_URL".to_owned(), database.url.clone())];
    let program = Program::with_environment(environment)?;
    program.json(&["ask", "topology"])?;
    let known = "-- Whether a batch was counted before.\nSELECT EXISTS (SELECT 1 FROM log_minute \
                 WHERE origin = $origin)";
    let unseen = "SELECT sum(count)::bigint FROM log_minute AS held \
                  WHERE held.subject = $subject AND held.instant >= $from";
    let workload = json!({ "since": jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1),
        "statements": [
            ran("log_known", known, &[("origin", "'-5'::int8")], 40.0),
            ran("never_seen", unseen, &[("subject", "7::int8"), ("from", "5::int8")], 60.0),
        ] });
    block_on(async {
        let client = database.client().await?;
        client.batch_execute("DROP INDEX ubiquitous.log_minute_origin").await?;
        client.batch_execute(LOAD).await?;
        client.batch_execute("ANALYZE ubiquitous.log_minute").await?;
        let put = "INSERT INTO ubiquitous_records.setting (name, value) \
                   VALUES ('optimization_workload', $1)";
        client.execute(put, &[&workload.to_string()]).await?;
        Ok::<(), Failed>(())
    })?;
    // Nothing runs for an explanation: what was measured is nothing yet.
    let explained = program.json(&["optimize"])?;
    expect("measured", &explained["measured_at"], &Value::Null)?;
    let measured = program.json(&["optimize", "--measure"])?;
    let gone = recommendation(&measured, "log_known")?;
    expect(
        "the index that is gone",
        &gone["change"]["known"]["name"],
        &json!("log_minute_origin"),
    )?;
    let new = recommendation(&measured, "never_seen")?;
    expect("the index that is new", &new["change"]["columns"], &json!(["subject", "instant"]))?;
    expect("its operator", &new["place"]["operator"], &json!("Seq Scan"))?;
    let saved = new["seconds_saved"]["value"].as_f64().unwrap_or(0.0);
    assert!(saved > 30.0 && saved <= 60.0, "{saved} s of 60 s: {new}");
    program.json(&["optimize", "--apply", "--dry-run"])?;
    expect("indexes after a dry run", made(&database)?, Vec::new())?;
    let applied = program.json(&["optimize", "--apply"])?;
    for statement in ["log_known", "never_seen"] {
        let (before, after) = effect(&applied, statement)?;
        assert!(after < before * 0.5, "{statement}: {before} s before, {after} s after");
        expect(&format!("what is left of {statement}"), left(&applied, statement), 0)?;
    }
    expect("indexes", made(&database)?.len(), 2)?;
    program.json(&["optimize", "--undo"])?;
    expect("indexes after undo", made(&database)?, Vec::new())
}

/// The recommendation that names a statement and makes an index.
fn recommendation<'a>(answer: &'a Value, statement: &str) -> Result<&'a Value, Failed> {
    let all = answer["recommendations"].as_array().into_iter().flatten();
    let mut named = all.filter(|one| {
        let mut statements = one["statements"].as_array().into_iter().flatten();
        one["change"]["change"] == "index_create" && statements.any(|name| name == statement)
    });
    let none = || format!("nothing is recommended for {statement}: {}", answer["recommendations"]);
    named.next().ok_or_else(|| none().into())
}

/// How many indexes are still recommended for a statement.
fn left(answer: &Value, statement: &str) -> usize {
    usize::from(recommendation(answer, statement).is_ok())
}

/// Seconds of a statement before and after what was applied for it.
fn effect(answer: &Value, statement: &str) -> Result<(f64, f64), Failed> {
    let all = answer["applied"].as_array().into_iter().flatten();
    let effects = all.flat_map(|one| one["effects"].as_array().into_iter().flatten());
    let mut named = effects.filter(|one| one["statement"] == statement);
    let none = || format!("nothing was done for {statement}: {}", answer["applied"]);
    let one = named.next().ok_or_else(none)?;
    let seconds = |key: &str| one[key].as_f64().ok_or(format!("{statement}: {one}"));
    Ok((seconds("seconds_before")?, seconds("seconds_after")?))
}

/// Valid indexes of the table that were made here.
fn made(database: &Database) -> Result<Vec<String>, Failed> {
    block_on(async {
        let sql = "SELECT indexrelid::regclass::text FROM pg_index \
                   WHERE indrelid = 'ubiquitous.log_minute'::regclass AND indisvalid \
                   AND indexrelid <> 'ubiquitous.log_minute_instant'::regclass ORDER BY 1";
        let rows = database.client().await?.query(sql, &[]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    })
}

/// Without any server: questions are asked, their statements measured, and the answer is whole.
fn embedded() -> Result<(), Failed> {
    let program = Program::new()?;
    let measured = program.json(&["optimize", "--measure"])?;
    let statements = measured["statements"].as_array().cloned().unwrap_or_default();
    let reads: Vec<&Value> = statements.iter().filter(|one| one["kind"] == "read").collect();
    assert!(reads.len() >= 5, "{} reads were recorded", reads.len());
    for one in &reads {
        let (plan, reason) = (&one["plan"], &one["plan_reason"]);
        assert!(plan["is_measured"] == true || reason.is_string(), "{one}");
    }
    let is_measured = |one: &&&Value| one["plan"]["is_measured"] == true;
    let count = reads.iter().filter(is_measured).count();
    assert!(count * 10 >= reads.len() * 9, "{count} of {} plans were measured", reads.len());
    expect("recommendations", measured["recommendation_total"].as_u64(), Some(0))?;
    let ran = program.run(&["optimize", "--undo"])?;
    expect("nothing to take back", ran.code, 3)
}
