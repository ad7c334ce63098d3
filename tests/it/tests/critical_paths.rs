//! `critical_paths` through the built program: the risks of a real cluster that a person can count in
//! its files, and what is planted in the scenario, with recall and precision.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::larkfield::whole;
use super::program::{Program, data, expect, with_data};

const DUMP: &str = "kubernetes/live-cluster-dump";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("critical_paths::a_live_cluster_shares_one_node", &[DUMP], live_cluster),
        Trial::test("critical_paths::what_is_planted_is_found", planted),
        Trial::test("critical_paths::nothing_and_nobody_are_answered_honestly", edges),
    ]
}

/// Rows of a list in the answer.
fn rows<'a>(value: &'a Value, list: &str) -> &'a [Value] {
    value[list].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Counted by hand in the dump: the pods of each workload, their nodes and whether they are ready.
fn live_cluster() -> Result<(), Failed> {
    let program = Program::new()?;
    program.json(&["ingest", "--cluster", "demo", &data(DUMP).display().to_string()])?;
    let answer = program.ask(&["critical-paths"])?;
    let of_class = |class: &str| -> BTreeSet<(String, u64, String)> {
        rows(&answer, "workload_risks")
            .iter()
            .filter(|row| row["class"] == class)
            .map(|row| {
                let on: Vec<String> = rows(row, "on").iter().map(|on| text(&on["name"])).collect();
                let replicas = row["replicas"].as_u64().unwrap_or(0);
                (text(&row["entity"]["name"]), replicas, on.join(", "))
            })
            .collect()
    };
    let node = "troubleshoot-demo-001";
    let placed = [
        ("contour", 2),
        ("coredns", 2),
        ("csi-attacher", 3),
        ("csi-provisioner", 3),
        ("csi-resizer", 3),
        ("csi-snapshotter", 3),
        ("registry", 2),
    ];
    let expected: BTreeSet<(String, u64, String)> =
        placed.iter().map(|(name, count)| (name.to_string(), *count, node.to_owned())).collect();
    expect("placement risks", of_class("placement"), expected)?;
    let single = ["ekc-operator", "longhorn-driver-deployer", "minio", "velero"];
    let expected: BTreeSet<(String, u64, String)> =
        single.iter().map(|name| (name.to_string(), 1, String::new())).collect();
    expect("single replicas", of_class("capacity"), expected)?;
    expect("listed once", rows(&answer, "workload_risks").len(), 11)?;
    expect("off", answer["summary"]["workloads_off"].as_u64(), Some(1))?;
    let is_daemon = |row: &&Value| row["controller"] == "DaemonSet";
    expect("DaemonSets", rows(&answer, "workload_risks").iter().filter(is_daemon).count(), 0)?;
    expect("zones", answer["assumptions"]["hosts_with_zone"].as_u64(), Some(0))?;
    // What fails when the node does: all of the seven, and none of the single replicas elsewhere.
    let lost = program.ask(&["critical-paths", "--what-if", "--select", node])?;
    let failed: BTreeSet<String> = rows(&lost["at_once"], "failed")
        .iter()
        .filter(|row| row["entity"]["kind"] == "workload")
        .map(|row| text(&row["entity"]["name"]))
        .collect();
    for (name, _) in placed {
        expect(&format!("{name} fails with the node"), failed.contains(name), true)?;
    }
    Ok(())
}

/// Whether an answer's entity is the planted thing.
fn is_planted(entity: &Value, planted: &scenario::Planted) -> bool {
    let id = text(&entity["id"]);
    let last = id.rsplit(['/', ':']).next().unwrap_or_default();
    let name = text(&entity["name"]);
    let is_kind = entity["kind"] == planted.kind.as_str()
        // A machine that is a database's may be shown as either.
        || (planted.kind == "instance" && entity["kind"] == "database");
    is_kind && (name == planted.name || last == planted.name)
}

#[expect(clippy::print_stdout, reason = "recall and precision are the result of this trial")]
fn planted() -> Result<(), Failed> {
    let (program, options) = whole()?;
    let truth = scenario::truth(&options);
    let answer = program.ask(&["critical-paths", "--limit", "1000"])?;
    let physical = rows(&answer, "physical");
    // Each row with all its points: head first, then those that take the same down.
    let points: Vec<(&Value, Vec<&Value>)> = physical
        .iter()
        .map(|row| {
            let inside = rows(row, "inside").iter().map(|one| &one["entity"]);
            (row, std::iter::once(&row["entity"]).chain(inside).collect())
        })
        .collect();
    let mut found = 0;
    let mut missed = Vec::new();
    for planted in &truth.single_points {
        let has = |all: &[&Value]| all.iter().any(|one| is_planted(one, planted));
        match points.iter().any(|(_, all)| has(all)) {
            true => found += 1,
            false => missed.push(planted),
        }
    }
    let accused: Vec<_> = truth
        .decoys
        .iter()
        .filter(|decoy| points.iter().any(|(_, all)| all.iter().any(|one| is_planted(one, decoy))))
        .collect();
    let judged = found + accused.len();
    println!(
        "single points of failure: {found} of {} planted found (recall {:.2}); {} of {} decoys \
         accused (precision {:.2}); {} physical rows in all",
        truth.single_points.len(),
        found as f64 / truth.single_points.len() as f64,
        accused.len(),
        truth.decoys.len(),
        found as f64 / judged.max(1) as f64,
        physical.len(),
    );
    expect(&format!("missed: {missed:?}"), missed.is_empty(), true)?;
    expect(&format!("accused: {accused:?}"), accused.is_empty(), true)?;
    loses_what_it_names(&program, &answer)
}

/// Every row's loss is the weight of its entry points, and what if gives the same entry points.
fn loses_what_it_names(program: &Program, answer: &Value) -> Result<(), Failed> {
    let entries = answer["summary"]["entry_points"].as_u64().unwrap_or(0);
    if entries < 5 {
        return Err(format!("only {entries} entry points").into());
    }
    let weights: BTreeMap<&str, f64> = rows(answer, "targets")
        .iter()
        .filter_map(|one| Some((one["entity"]["id"].as_str()?, one["weight"]["value"].as_f64()?)))
        .collect();
    let total: f64 = weights.values().sum();
    owner_of_the_most(answer, total)?;
    for row in rows(answer, "physical").iter().take(5) {
        let Some(id) = row["entity"]["id"].as_str() else { continue };
        let services = rows(row, "takes_down").iter().filter(|one| one["kind"] == "service");
        let taken: Vec<&str> = services.filter_map(|one| one["id"].as_str()).collect();
        let weight: f64 = taken.iter().filter_map(|id| weights.get(id)).sum::<f64>() / total;
        let loss = row["loss"]["value"].as_f64().unwrap_or(-1.0);
        if (loss - weight).abs() > 1e-6 {
            return Err(format!("loss of {id}: {loss}, its entry points weigh {weight}").into());
        }
        let state = if row["holds"] == "now" { "now" } else { "by_design" };
        let arguments = ["critical-paths", "--what-if", "--select", id, "--state", state];
        let lost = program.ask(&arguments)?;
        let entry_points = rows(&lost["at_once"], "entry_points").len();
        expect(&format!("entry points lost with {id}"), entry_points, taken.len())?;
    }
    Ok(())
}

/// The owner whose entry points weigh most, added up from the targets.
fn owner_of_the_most(answer: &Value, total: f64) -> Result<(), Failed> {
    let mut owners: BTreeMap<&str, f64> = BTreeMap::new();
    for one in rows(answer, "targets") {
        if let (Some(owner), Some(weight)) =
            (one["entity"]["owner"].as_str(), one["weight"]["value"].as_f64())
        {
            *owners.entry(owner).or_default() += weight;
        }
    }
    let most = owners.values().copied().fold(0.0, f64::max) / total;
    let share = answer["ownership"]["share"]["value"].as_f64().unwrap_or(-1.0);
    if (share - most).abs() > 1e-9 {
        return Err(format!("the greatest share is {most}, the answer says {share}").into());
    }
    let is_concentrated = answer["ownership"]["is_concentrated"].as_bool();
    expect("more than half", is_concentrated, Some(most > 0.5))
}

fn edges() -> Result<(), Failed> {
    let program = Program::new()?;
    let empty = program.ask(&["critical-paths"])?;
    expect("points of nothing", rows(&empty, "physical").len(), 0)?;
    expect("entry points of nothing", empty["summary"]["entry_points"].as_u64(), Some(0))?;
    let unknown = program.ask(&["critical-paths", "--target", "nobody"]);
    expect("an unknown target is an error", unknown.is_err(), true)?;
    let unknown = program.ask(&["critical-paths", "--what-if", "--select", "nobody"]);
    expect("an unknown selection is an error", unknown.is_err(), true)?;
    let nothing = program.ask(&["critical-paths", "--what-if", "--select", "zone=nowhere"])?;
    expect("a place that is none", nothing["selected"].as_u64(), Some(0))?;
    let refused = program.ask(&["critical-paths", "--what-if"]);
    expect("nothing to take away", refused.is_err(), true)
}
