//! What users decide and state, through the built program: held retirements and deliveries, and rules.

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::program::{Program, expect};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("decide::a_confirmed_retirement_ends_what_it_names", retirement),
        Trial::test("decide::a_held_delivery_replaces_or_adds_as_chosen", delivery),
        Trial::test("decide::rules_are_put_listed_and_refused", rules),
    ]
}

fn list<'a>(value: &'a Value, field: &str) -> Vec<&'a Value> {
    value[field].as_array().into_iter().flatten().collect()
}

/// A list of so many Services of one cluster.
fn services(count: usize) -> String {
    let one = |number: usize| {
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": { "name": format!("s{number:02}"), "namespace": "shop" },
            "spec": { "ports": [{ "port": 80 }] }
        })
    };
    let items: Vec<Value> = (0..count).map(one).collect();
    json!({ "apiVersion": "v1", "kind": "List", "items": items }).to_string()
}

fn ingest(program: &Program, args: &[&str], text: &str) -> Result<(), Failed> {
    let mut all = vec!["ingest", "-"];
    all.extend(args);
    let ran = program.run_with(&all, Some(text.as_bytes()))?;
    expect(&format!("{args:?}: {}", ran.stderr), ran.code, 0)
}

fn retirement() -> Result<(), Failed> {
    let program = Program::new()?;
    let complete = "kubernetes_service@k8s://demo/";
    let read = |count: usize, day: &str| {
        let args = ["--cluster", "demo", "--complete", complete, "--observed-at", day];
        ingest(&program, &args, &services(count))
    };
    read(20, "2026-01-01T00:00:00Z")?;
    read(5, "2026-01-02T00:00:00Z")?;
    let there = || -> Result<u64, Failed> {
        let answer = program.ask(&["topology", "--kind", "kubernetes_service"])?;
        Ok(list(&answer, "entities").len() as u64)
    };
    expect("held, so all are there", there()?, 20)?;
    let waiting = program.json(&["decide", "list"])?;
    let held = list(&waiting, "waiting_retirements");
    expect("held", held.len(), 1)?;
    expect("missing", held[0]["missing_count"].as_u64(), Some(15))?;
    let target = held[0]["target"].as_str().unwrap_or_default();
    program.json(&["decide", "confirm", target, "--reason", "they were deleted"])?;
    expect("confirmed", there()?, 5)?;
    let waiting = program.json(&["decide", "list"])?;
    expect("nothing waits", list(&waiting, "waiting_retirements").len(), 0)?;
    expect("decisions", list(&waiting, "decisions").len(), 1)?;
    let again = program.run(&["decide", "confirm", target, "--reason", "again"])?;
    expect("twice", again.code, 3)
}

/// A bill of one account and month: so many rows of one unit each.
fn bill(rows: usize) -> String {
    let mut text =
        "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,\
                    ChargeCategory,ChargePeriodEnd,ChargePeriodStart,EffectiveCost,ProviderName,\
                    ServiceName,ListCost,ContractedCost\n"
            .to_owned();
    for row in 0..rows {
        let day = row % 28 + 1;
        text.push_str(&format!(
            "1,account,USD,2026-10-01T00:00:00Z,2026-09-01T00:00:00Z,Usage,\
             2026-09-{:02}T00:00:00Z,2026-09-{day:02}T00:00:00Z,1,AWS,Compute,1,1\n",
            day + 1
        ));
    }
    text
}

fn delivery() -> Result<(), Failed> {
    let program = Program::new()?;
    let read = |rows: usize, name: &str, day: &str| {
        ingest(&program, &["--delivery", name, "--observed-at", day], &bill(rows))
    };
    read(28, "first", "2026-10-02T00:00:00Z")?;
    read(7, "second", "2026-10-05T00:00:00Z")?;
    let billed = || -> Result<String, Failed> {
        let answer = program.ask(&["cost-analysis", "--window", "all"])?;
        let total = &answer["currencies"][0]["total"]["billed"]["amount"];
        Ok(total.as_str().unwrap_or_default().to_owned())
    };
    expect("held", billed()?.as_str(), "28")?;
    let waiting = program.json(&["decide", "list"])?;
    let held = list(&waiting, "waiting_deliveries");
    expect("held", held.len(), 1)?;
    let target = held[0]["target"].as_str().unwrap_or_default();
    expect("target", target, "delivery:focus,account,2026-09,second")?;
    for (action, total) in [("add", "35"), ("undo", "28"), ("replace", "7"), ("undo", "28")] {
        program.json(&["decide", action, target, "--reason", "as the provider says"])?;
        expect(action, billed()?.as_str(), total)?;
    }
    let unknown =
        program.run(&["decide", "add", "delivery:focus,account,2026-09,none", "--reason", "x"])?;
    expect("unknown", unknown.code, 3)
}

fn rules() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    let file = |name: &str, text: &str| -> Result<String, Failed> {
        let path = folder.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.display().to_string())
    };
    let good =
        file("good.yaml", "- match: {kind: bucket}\n  set: {tier: low, environment: test}\n")?;
    let bad = file("bad.yaml", "- match: {colour: red}\n  set: {tier: low}\n")?;
    expect("none", program.json(&["rule", "list"])?["rules"].is_null(), true)?;
    expect("check", program.json(&["rule", "check", &good])?["count"].as_u64(), Some(1))?;
    expect("refused", program.run(&["rule", "put", &bad])?.code, 2)?;
    let put = program.json(&["rule", "put", &good, "--author", "ana"])?;
    expect("version", put["rules"]["version"].as_u64(), Some(1))?;
    let put = program.json(&["rule", "put", &good])?;
    expect("version", put["rules"]["version"].as_u64(), Some(2))?;
    let listed = program.json(&["rule", "list"])?;
    expect("listed", listed["count"].as_u64(), Some(1))
}
