//! `eks_clusters` on real exports: versions and support counted by reading the files plainly, with the
//! published dates written out again here; and a cluster that is not of EKS.

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, data, expect, with_data};

const ACCOUNT: &str = "aws/account-export";
const DUMP: &str = "kubernetes/live-cluster-dump";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("eks_clusters::versions_and_support_as_published", &[ACCOUNT], account),
        with_data("eks_clusters::a_cluster_that_is_not_of_eks", &[DUMP], dump),
        Trial::test("eks_clusters::an_empty_estate_has_no_cluster", empty),
    ]
}

/// Version, end of standard support, end of extended support (empty: none was offered), as AWS
/// published them.
const PUBLISHED: &[(&str, &str, &str)] = &[
    ("1.10", "2019-07-22", ""),
    ("1.11", "2019-11-04", ""),
    ("1.14", "2020-12-08", ""),
    ("1.15", "2021-05-03", ""),
    ("1.21", "2023-02-16", "2024-07-15"),
    ("1.22", "2023-06-04", "2024-09-01"),
    ("1.25", "2024-05-01", "2025-05-01"),
    ("1.35", "2027-03-27", "2028-03-27"),
];

fn status(version: &str, day: &str) -> &'static str {
    let row = PUBLISHED.iter().find(|(known, _, _)| *known == version);
    match row {
        None => "unknown",
        Some((_, standard, _)) if day < *standard => "standard",
        Some((_, _, extended)) if !extended.is_empty() && day < *extended => "extended",
        Some(_) => "unsupported",
    }
}

/// Clusters of the files that had been made by a day: name, version.
fn clusters(day: &str) -> Result<Vec<(String, String)>, Failed> {
    let mut all = Vec::new();
    for file in std::fs::read_dir(data(ACCOUNT))? {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with("eks-describe-cluster") {
            continue;
        }
        let document: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        let cluster = &document["cluster"];
        let text = |field: &str| cluster[field].as_str().unwrap_or_default().to_owned();
        if &text("createdAt")[..10] < day {
            all.push((text("name"), text("version")));
        }
    }
    all.sort();
    Ok(all)
}

fn account() -> Result<(), Failed> {
    let program = Program::new()?;
    program.json(&["ingest", &data(ACCOUNT).display().to_string()])?;
    // Before, between and after the ends of 1.21, 1.22 and 1.25, and today's newest.
    for day in ["2024-07-14", "2024-08-31", "2024-09-01", "2026-08-01"] {
        let answer = program.ask(&["eks-clusters", "--as-of", day])?;
        let plain = clusters(day)?;
        let rows = answer["clusters"].as_array().cloned().unwrap_or_default();
        let mut found: Vec<(String, String)> = rows
            .iter()
            .map(|row| {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                (text(&row["name"]), text(&row["control_plane"]["version"]))
            })
            .collect();
        found.sort();
        expect(&format!("clusters on {day}"), &found, &plain)?;
        let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, version) in &plain {
            *expected.entry(status(version, day)).or_default() += 1;
        }
        for one in answer["summary"]["by_support"].as_array().into_iter().flatten() {
            let word = one["status"].as_str().unwrap_or_default();
            let count = expected.get(word).copied().unwrap_or(0);
            expect(&format!("{word} on {day}"), one["count"].as_u64(), Some(count))?;
        }
    }
    let answer = program.ask(&["eks-clusters", "--as-of", "2026-08-01"])?;
    check_settings(&answer)
}

/// What the files say of two clusters whose descriptions hold the newer fields.
fn check_settings(answer: &Value) -> Result<(), Failed> {
    let rows = answer["clusters"].as_array().cloned().unwrap_or_default();
    for row in rows.iter().filter(|row| row["control_plane"]["version"] == "1.35") {
        let name = row["name"].as_str().unwrap_or_default();
        let path = data(ACCOUNT).join(format!("eks-describe-cluster-{name}.json"));
        let document: Value = serde_json::from_slice(&std::fs::read(path)?)?;
        let cluster = &document["cluster"];
        let control = &row["control_plane"];
        expect(
            "chosen policy",
            &control["upgrade_policy"],
            &cluster["upgradePolicy"]["supportType"],
        )?;
        expect("platform", &control["platform_version"], &cluster["platformVersion"])?;
        let mode = &cluster["accessConfig"]["authenticationMode"];
        expect("authentication", &control["authentication_mode"], mode)?;
        let network = &cluster["resourcesVpcConfig"];
        let public = &network["endpointPublicAccess"];
        expect("public endpoint", &control["has_public_endpoint"], public)?;
        let is_auto = cluster["computeConfig"]["enabled"] == true;
        let has_auto = row["compute"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["kind"] == "auto_mode"));
        expect("auto mode", has_auto, is_auto)?;
    }
    Ok(())
}

fn dump() -> Result<(), Failed> {
    let program = Program::new()?;
    program.json(&["ingest", "--cluster", "demo", &data(DUMP).display().to_string()])?;
    let answer = program.ask(&["eks-clusters"])?;
    expect("clusters", answer["summary"]["clusters"].as_u64(), Some(1))?;
    expect("of EKS", answer["summary"]["eks"].as_u64(), Some(0))?;
    let cluster = &answer["clusters"][0];
    expect("support is of EKS only", cluster["control_plane"]["support"].is_null(), true)?;
    let version = cluster["control_plane"]["version"].as_str().unwrap_or_default().to_owned();
    expect(&format!("version {version}"), version.contains("1.23"), true)?;
    expect("nodes", cluster["nodes"]["total"].as_u64(), Some(3))?;
    // Known of the dump: 58 pods, 57 of them running, 10 restarts; 12 Deployments and 12 Services.
    let pods = &cluster["pods"];
    expect("pods", pods["total"].as_u64(), Some(58))?;
    let count = |list: &Value, name: &str| {
        let all = list.as_array().cloned().unwrap_or_default();
        all.iter()
            .find(|one| one["name"] == name)
            .and_then(|one| one["count"].as_u64())
            .unwrap_or(0)
    };
    expect("running", count(&pods["by_phase"], "Running"), 57)?;
    expect("restarts", pods["restarts"].as_u64(), Some(10))?;
    expect("Deployments", count(&cluster["workloads"], "Deployment"), 12)?;
    let services = cluster["services"].as_array().cloned().unwrap_or_default();
    let services: u64 = services.iter().filter_map(|one| one["count"].as_u64()).sum();
    expect("Services", services, 12)?;
    check_requests(cluster)
}

/// Requests summed by reading the pods of the dump plainly.
fn check_requests(cluster: &Value) -> Result<(), Failed> {
    let mut cores = 0.0;
    for file in std::fs::read_dir(data(DUMP).join("resources/pods"))? {
        let file = file?.path();
        // Folders hold logs.
        if file.is_dir() {
            continue;
        }
        let document: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
        for pod in document["items"].as_array().into_iter().flatten() {
            if matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) {
                continue;
            }
            for container in pod["spec"]["containers"].as_array().into_iter().flatten() {
                let request = container["resources"]["requests"]["cpu"].as_str().unwrap_or("0");
                cores += match request.strip_suffix('m') {
                    Some(milli) => milli.parse::<f64>()? / 1000.0,
                    None => request.parse::<f64>()?,
                };
            }
        }
    }
    let answered = cluster["resources"][0]["requests"]["value"].as_f64().unwrap_or(-1.0);
    let is_near = (answered - cores).abs() < 1e-6;
    expect(&format!("requested cores {answered}, plainly {cores}"), is_near, true)
}

fn empty() -> Result<(), Failed> {
    let program = Program::new()?;
    for as_of in [None, Some("1999-01-01")] {
        let mut command = vec!["eks-clusters"];
        command.extend(as_of.into_iter().flat_map(|at| ["--as-of", at]));
        let answer = program.ask(&command)?;
        expect("clusters", answer["summary"]["clusters"].as_u64(), Some(0))?;
        expect("rows", answer["clusters"].as_array().map(Vec::len), Some(0))?;
    }
    Ok(())
}
