//! `savings_candidates` through the built program: volumes of a real export counted by a naive reading
//! of the file, the demonstration's planted waste and its decoys, and what users decide.

use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::larkfield::{UNTIL, whole};
use super::program::{Program, data, expect, with_data};

const EXPORT: &str = "aws/account-export";
const DEMO: &str = "aws/cloudmapper-demo";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("savings_candidates::volumes_of_an_export", &[EXPORT], export),
        with_data("savings_candidates::rules_without_data_say_so", &[DEMO], demo_account),
        Trial::test("savings_candidates::planted_waste_is_found_and_no_decoy", planted),
        Trial::test("savings_candidates::empty_past_and_unknown", edges),
    ]
}

fn list<'a>(value: &'a Value, field: &str) -> Vec<&'a Value> {
    value[field].as_array().into_iter().flatten().collect()
}

/// Ids of what a rule accuses.
fn accused(answer: &Value, rule: &str) -> BTreeSet<String> {
    list(answer, "candidates")
        .into_iter()
        .filter(|one| one["rule"] == rule)
        .filter_map(|one| one["entity"]["id"].as_str().map(str::to_owned))
        .collect()
}

/// Volume ids of the export's file for which `is_it` says so, each once.
fn naive(is_it: impl Fn(&Value) -> bool) -> Result<BTreeSet<String>, Failed> {
    let file = data(EXPORT).join("ec2-describe-volumes.json");
    let whole: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    let volumes = list(&whole, "Volumes");
    let ids = volumes.into_iter().filter(|volume| is_it(volume));
    Ok(ids.filter_map(|volume| volume["VolumeId"].as_str().map(str::to_owned)).collect())
}

/// The last parts of ids: `arn:…:volume/vol-1` → `vol-1`.
fn bare(ids: &BTreeSet<String>) -> BTreeSet<String> {
    ids.iter().filter_map(|id| id.rsplit('/').next().map(str::to_owned)).collect()
}

fn export() -> Result<(), Failed> {
    let program = Program::new()?;
    let file = data(EXPORT).join("ec2-describe-volumes.json").display().to_string();
    program.json(&["ingest", &file])?;
    let answer = program.ask(&["savings-candidates", "--limit", "5000"])?;
    let unattached = naive(|volume| volume["State"] == "available")?;
    let old = naive(|volume| volume["VolumeType"] == "gp2" || volume["VolumeType"] == "standard")?;
    expect("unattached", bare(&accused(&answer, "unattached_volume")), unattached.clone())?;
    expect("old storage", bare(&accused(&answer, "previous_generation_storage")), old.clone())?;
    // Nothing here can be safe: one export covers no month; nothing has a price: there is no bill.
    for one in list(&answer, "candidates") {
        let is_removal = one["action"] == "delete";
        expect("safe", is_removal && one["safe"]["answer"] == "yes", false)?;
        expect("saving", one["saving"].is_null() && one["saving_reason"].is_string(), true)?;
        expect("cost", one["monthly_cost"].is_null() && one["cost_reason"].is_string(), true)?;
    }
    // Of two candidates on one volume one counts.
    let both = unattached.intersection(&old).count();
    let with_alternative =
        list(&answer, "candidates").into_iter().filter(|one| !list(one, "alternatives").is_empty());
    expect("alternatives", with_alternative.count(), 2 * both)
}

fn demo_account() -> Result<(), Failed> {
    let program = Program::new()?;
    program.json(&["ingest", &data(DEMO).display().to_string()])?;
    let answer = program.ask(&["savings-candidates"])?;
    // The account's export has no volumes, no metrics and no bill.
    for rule in ["unattached_volume", "idle_instance", "commitment_unused", "cross_zone_traffic"] {
        let report = list(&answer, "rules").into_iter().find(|one| one["rule"] == rule);
        let report = report.ok_or_else(|| format!("no report of {rule}"))?;
        expect(&format!("{rule}: {report}"), report["is_evaluated"].as_bool(), Some(false))?;
        expect(rule, report["reason"].is_string(), true)?;
    }
    // A balancer with healthy targets behind it is not idle; target health was not exported.
    expect("balancers", accused(&answer, "idle_load_balancer").len(), 0)
}

fn planted() -> Result<(), Failed> {
    let (program, options) = whole()?;
    let truth = scenario::truth(&options);
    let answer = program.ask(&["savings-candidates", "--as-of", UNTIL, "--limit", "5000"])?;
    let removals: Vec<&Value> =
        list(&answer, "candidates").into_iter().filter(|one| one["action"] == "delete").collect();
    let is_it = |one: &&&Value, kind: &str, name: &str| {
        let id = one["entity"]["id"].as_str().unwrap_or_default();
        one["entity"]["kind"] == kind
            && (one["entity"]["name"] == name || id == name || id.ends_with(&format!("/{name}")))
    };
    let missed: Vec<&str> = truth
        .waste
        .iter()
        .filter(|planted| !removals.iter().any(|one| is_it(&one, &planted.kind, &planted.name)))
        .map(|planted| planted.name.as_str())
        .collect();
    expect(&format!("missed: {missed:?}"), missed.len(), 0)?;
    for decoy in &truth.waste_decoys {
        let hit = removals.iter().find(|one| is_it(one, &decoy.kind, &decoy.name));
        expect(&format!("accused: {hit:?}, {}", decoy.why), hit.is_none(), true)?;
    }
    let planted = removals
        .iter()
        .filter(|one| truth.waste.iter().any(|planted| is_it(one, &planted.kind, &planted.name)));
    let (found, planted) = (removals.len(), planted.count());
    #[expect(clippy::print_stderr, reason = "the figure is what the trial is for")]
    {
        eprintln!("waste: recall {planted}/{}, precision {planted}/{found}", truth.waste.len());
    }
    // What is planted is the least that is removed: what else is found must be named as it is, a
    // snapshot whose volume is gone.
    let others = removals
        .iter()
        .filter(|one| !truth.waste.iter().any(|planted| is_it(one, &planted.kind, &planted.name)));
    for other in others {
        expect(
            &format!("besides the planted: {other}"),
            other["rule"].as_str(),
            Some("orphaned_snapshot"),
        )?;
    }
    costs(&answer)?;
    decided(&program, &answer)
}

/// Every planted volume has a cost and a saving from the bill, and no total is above the cost.
fn costs(answer: &Value) -> Result<(), Failed> {
    for one in
        list(answer, "candidates").into_iter().filter(|one| one["rule"] == "unattached_volume")
    {
        let cost = one["monthly_cost"]["effective"]["amount"].as_str().unwrap_or_default();
        expect(&format!("{one}: cost"), cost.parse::<f64>().is_ok_and(|cost| cost > 0.0), true)?;
        expect("saving", one["saving"]["now"]["amount"].as_str(), Some(cost))?;
    }
    for total in list(answer, "totals") {
        let amount = |field: &str| -> f64 {
            total[field]["amount"].as_str().and_then(|text| text.parse().ok()).unwrap_or(-1.0)
        };
        let (saving, safe, cost) = (amount("saving"), amount("safe_saving"), amount("total_cost"));
        expect(&format!("{total}"), 0.0 <= safe && safe <= saving && saving <= cost, true)?;
    }
    Ok(())
}

/// A dismissal hides a candidate and takes it out of the totals; an undo brings it back.
fn decided(program: &Program, answer: &Value) -> Result<(), Failed> {
    let volume =
        list(answer, "candidates").into_iter().find(|one| one["rule"] == "unattached_volume");
    let target = volume.and_then(|one| one["target"].as_str()).unwrap_or_default().to_owned();
    // Without an instant the answer is of now, to the moment: what was just decided holds.
    let of = |answer: &Value| list(answer, "candidates").iter().any(|one| one["target"] == *target);
    let now = |more: &[&str]| {
        let mut all = vec!["savings-candidates", "--limit", "5000"];
        all.extend(more);
        program.ask(&all)
    };
    expect("there", of(&now(&[])?), true)?;
    program.json(&[
        "decide",
        "dismiss",
        &target,
        "--reason",
        "kept for the audit",
        "--author",
        "ana",
    ])?;
    expect("dismissed", of(&now(&[])?), false)?;
    let shown = now(&["--with-dismissed=true"])?;
    let one = list(&shown, "candidates").into_iter().find(|one| one["target"] == *target).cloned();
    let one = one.unwrap_or_default();
    expect("author", one["decision"]["author"].as_str(), Some("ana"))?;
    expect("counted", one["is_counted"].as_bool(), Some(false))?;
    program.json(&["decide", "undo", &target, "--reason", "the audit is over"])?;
    expect("undone", of(&now(&[])?), true)?;
    expect("nothing to undo", program.run(&["decide", "undo", &target, "--reason", "x"])?.code, 3)?;
    let unknown = "savings:unattached_volume:arn:aws:ec2:::volume/none";
    expect("unknown", program.run(&["decide", "accept", unknown, "--reason", "x"])?.code, 3)?;
    expect("confirm", program.run(&["decide", "confirm", &target, "--reason", "x"])?.code, 2)
}

fn edges() -> Result<(), Failed> {
    let program = Program::new()?;
    for more in [&[][..], &["--as-of", "1970-01-02"]] {
        let mut all = vec!["savings-candidates"];
        all.extend(more);
        let answer = program.ask(&all)?;
        expect("candidates", list(&answer, "candidates").len(), 0)?;
        for rule in list(&answer, "rules") {
            let is_told = rule["is_evaluated"] == false && rule["reason"].is_string();
            expect(&format!("{rule}"), is_told, true)?;
        }
    }
    let ask = |more: &[&str]| -> Result<i32, Failed> {
        let mut all = vec!["ask", "savings-candidates"];
        all.extend(more);
        Ok(program.run(&all)?.code)
    };
    expect("unknown entity", ask(&["--entity", "nothing-of-the-kind"])?, 3)?;
    expect("unknown rule", ask(&["--rule", "no_such_rule"])?, 2)?;
    expect("window", ask(&["--window", "all"])?, 2)?;
    expect("cursor", ask(&["--cursor", "x"])?, 2)
}
