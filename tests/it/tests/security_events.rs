//! Security findings through the built program: reports and lists from real files, their life over
//! several scans, and what people say about them.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::{Failed, Trial};
use scenario::{Options, Size};
use serde_json::{Value, json};

use super::program::{Program, data, expect, with_data};

const TRIVY: &str = "security/trivy";
const SARIF: &str = "security/sarif";
const KEV: &str = "security/kev/known_exploited_vulnerabilities.csv";
const SPRING: &str = "security/trivy/spring4shell-jre8.json";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data(
            "security_events::spring4shell_is_the_one_known_exploited",
            &[SPRING, KEV],
            spring,
        ),
        with_data("security_events::every_report_is_read", &[TRIVY, SARIF], reports),
        Trial::test("security_events::a_scan_without_it_closes_and_a_rebuild_does_not", life),
        Trial::test("security_events::two_scanners_are_two_sources_of_one_finding", two_scanners),
        Trial::test("security_events::what_is_suppressed_is_apart_and_returns", suppressed),
        Trial::test("security_events::an_image_has_the_owner_of_what_runs_it", owners),
        Trial::test("security_events::every_planted_finding_is_found_and_no_other", planted),
    ]
}

fn list<'a>(value: &'a Value, field: &str) -> Vec<&'a Value> {
    value[field].as_array().into_iter().flatten().collect()
}

fn texts<'a>(rows: &[&'a Value], field: &str) -> Vec<&'a str> {
    rows.iter().filter_map(|row| row[field].as_str()).collect()
}

fn ingest(program: &Program, args: &[&str], text: &str) -> Result<(), Failed> {
    let mut all = vec!["ingest", "-"];
    all.extend(args);
    let ran = program.run_with(&all, Some(text.as_bytes()))?;
    expect(&format!("{args:?}: {}", ran.stderr), ran.code, 0)
}

fn ingest_file(program: &Program, path: &str) -> Result<(), Failed> {
    let path = data(path).display().to_string();
    let ran = program.run(&["ingest", &path])?;
    expect(&format!("{path}: {}", ran.stderr), ran.code, 0)
}

fn ask(program: &Program, args: &[&str]) -> Result<Value, Failed> {
    let mut all = vec!["security-events"];
    all.extend(args);
    program.ask(&all)
}

fn spring() -> Result<(), Failed> {
    let program = Program::new()?;
    ingest_file(&program, SPRING)?;
    ingest_file(&program, "security/trivy/debian-stretch.json")?;
    ingest_file(&program, KEV)?;
    let answer = ask(&program, &["--known-exploited"])?;
    let found = list(&answer, "findings");
    expect("known exploited", texts(&found, "weakness"), vec!["CVE-2022-22965"])?;
    let due = found[0]["known_exploited"]["due"].as_str().unwrap_or_default();
    expect("due", due.get(..10), Some("2022-04-25"))?;
    expect("due by", found[0]["due_by"].as_str(), Some("known_exploited"))?;
    expect("fixed in", found[0]["fixed_version"].as_str(), Some("5.3.18"))?;
    expect("entries", answer["lists"]["known_exploited"].as_u64(), Some(1_404))
}

/// Rows of every report, counted by a walk of the files, against what ingest says that it read.
fn reports() -> Result<(), Failed> {
    let program = Program::new()?;
    for folder in [TRIVY, SARIF] {
        ingest_file(&program, folder)?;
    }
    let answer = ask(&program, &["--limit", "5000"])?;
    let summary = &answer["summary"];
    let all: u64 = ["open", "reopened", "fixed", "suppressed", "gone"]
        .iter()
        .filter_map(|state| summary[state].as_u64())
        .sum();
    let listed = list(&answer, "findings").len() as u64;
    let open = summary["open"].as_u64().unwrap_or(0) + summary["reopened"].as_u64().unwrap_or(0);
    expect("open ones are listed", listed, open)?;
    // The suppressed ones of the SARIF sample, of nine results.
    expect("suppressed", list(&answer, "suppressed").len(), 5)?;
    if all < listed + 5 {
        return Err(format!("{all} findings in all states, {listed} listed").into());
    }
    Ok(())
}

/// A report of an image with vulnerabilities of one package each.
fn report(day: &str, tag: &str, digest: &str, found: &[(&str, &str)]) -> String {
    let rows: Vec<Value> = found
        .iter()
        .map(|(id, severity)| {
            json!({
                "VulnerabilityID": id, "PkgName": "libexample", "InstalledVersion": "1.0-1",
                "FixedVersion": "1.0-2", "Severity": severity, "Title": "example",
                "PkgIdentifier": { "PURL": "pkg:deb/debian/libexample@1.0-1" }
            })
        })
        .collect();
    json!({
        "SchemaVersion": 2, "CreatedAt": day, "ArtifactName": tag,
        "ArtifactType": "container_image",
        "Metadata": { "RepoTags": [tag], "RepoDigests": [format!("registry.example/shop/cart@{digest}")] },
        "Results": [{ "Target": "x (debian 12)", "Class": "os-pkgs", "Type": "debian",
                      "Vulnerabilities": rows }]
    })
    .to_string()
}

const TAG: &str = "registry.example/shop/cart:1";
const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn life() -> Result<(), Failed> {
    let program = Program::new()?;
    let both = [("CVE-2024-0001", "CRITICAL"), ("CVE-2024-0002", "HIGH")];
    // The newest first: the order in which reports arrive does not matter.
    ingest(&program, &[], &report("2026-03-01T00:00:00Z", TAG, B, &both[..1]))?;
    ingest(&program, &[], &report("2026-01-01T00:00:00Z", TAG, A, &both))?;
    ingest(&program, &[], &report("2026-02-01T00:00:00Z", TAG, B, &both))?;
    let answer = ask(&program, &["--state", "open", "--state", "fixed", "--state", "reopened"])?;
    let found = list(&answer, "findings");
    expect("two findings", found.len(), 2)?;
    let of = |id: &str| found.iter().find(|one| one["weakness"] == id).copied();
    let (open, fixed) = (of("CVE-2024-0001"), of("CVE-2024-0002"));
    let open = open.ok_or("the open one is missing")?;
    expect("rebuilt", open["state"].as_str(), Some("open"))?;
    expect("first seen", open["first_seen"].as_str(), Some("2026-01-01T00:00:00Z"))?;
    expect("builds", list(open, "builds").len(), 2)?;
    expect("target", open["target"].as_str(), Some("image://registry.example/shop/cart"))?;
    let fixed = fixed.ok_or("the fixed one is missing")?;
    expect("closed", fixed["state"].as_str(), Some("fixed"))?;
    expect("fixed at", fixed["fixed_at"].as_str(), Some("2026-03-01T00:00:00Z"))?;
    let past = ask(&program, &["--as-of", "2026-02-15"])?;
    expect("in the past both are open", past["summary"]["open"].as_u64(), Some(2))?;
    let before = ask(&program, &["--as-of", "2025-12-31"])?;
    expect("before the first scan", before["summary"]["open"].as_u64(), Some(0))?;
    ingest(&program, &[], &report("2026-04-01T00:00:00Z", TAG, A, &both))?;
    let answer = ask(&program, &[])?;
    expect("it came back", answer["summary"]["reopened"].as_u64(), Some(1))?;
    let counts = |field: &str| -> u64 {
        list(&answer, "trend").iter().filter_map(|one| one[field].as_u64()).sum()
    };
    expect("new", counts("new"), 2)?;
    expect("fixed", counts("fixed"), 1)?;
    expect("reopened", counts("reopened"), 1)?;
    let targets = list(&answer, "targets");
    let late: u64 = targets.iter().filter_map(|one| one["fixed_late"].as_u64()).sum();
    expect("59 days for a high one are too many", late, 1)
}

fn two_scanners() -> Result<(), Failed> {
    let program = Program::new()?;
    ingest(&program, &[], &report("2026-01-01T00:00:00Z", TAG, A, &[("CVE-2024-0001", "HIGH")]))?;
    let other = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5",
        "metadata": { "timestamp": "2026-01-02T00:00:00Z",
            "tools": { "components": [{ "name": "grype", "version": "1" }] },
            "component": { "bom-ref": "root", "type": "container", "name": "cart",
                "purl": format!("pkg:oci/cart@{A}?repository_url=registry.example/shop/cart") } },
        "components": [{ "bom-ref": "p", "name": "libexample", "version": "1.0-1",
            "purl": "pkg:deb/debian/libexample@1.0-1" }],
        "vulnerabilities": [{ "id": "GHSA-aaaa-bbbb-cccc", "affects": [{ "ref": "p" }],
            "references": [{ "id": "CVE-2024-0001" }], "ratings": [{ "severity": "critical" }] }]
    });
    ingest(&program, &[], &other.to_string())?;
    let answer = ask(&program, &[])?;
    let found = list(&answer, "findings");
    expect("one finding", texts(&found, "weakness"), vec!["CVE-2024-0001"])?;
    let scanners: Vec<&str> =
        found[0]["scanners"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    expect("sources", scanners, vec!["grype", "trivy"])?;
    ingest(&program, &[], &report("2026-01-03T00:00:00Z", TAG, A, &[]))?;
    let answer = ask(&program, &[])?;
    expect("the other still sees it", answer["summary"]["open"].as_u64(), Some(1))
}

fn suppressed() -> Result<(), Failed> {
    let program = Program::new()?;
    let both = [("CVE-2024-0001", "HIGH"), ("CVE-2024-0002", "LOW")];
    ingest(&program, &[], &report("2026-01-01T00:00:00Z", TAG, A, &both))?;
    let vex = json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "author": "ann",
        "timestamp": "2026-02-01T00:00:00Z",
        "statements": [{ "vulnerability": { "name": "CVE-2024-0002" }, "status": "not_affected",
            "justification": "vulnerable_code_not_present",
            "products": [{ "@id": "pkg:oci/cart?repository_url=registry.example/shop/cart" }] }]
    });
    ingest(&program, &[], &vex.to_string())?;
    let answer = ask(&program, &[])?;
    expect("open", answer["summary"]["open"].as_u64(), Some(1))?;
    let apart = list(&answer, "suppressed");
    expect("apart", apart.len(), 1)?;
    let why = &apart[0]["suppression"];
    expect("author", why["author"].as_str(), Some("ann"))?;
    expect("reason", why["reason"].as_str(), Some("vulnerable_code_not_present"))?;
    let id = list(&answer, "findings")[0]["id"].as_str().unwrap_or_default().to_owned();
    let decided = ["decide", "dismiss", &id, "--reason", "behind a wall", "--author", "bo"];
    let ran = program.run(&[&decided[..], &["--until", "2100-01-01"]].concat())?;
    expect(&ran.stderr, ran.code, 0)?;
    let answer = ask(&program, &[])?;
    expect("none is open", answer["summary"]["open"].as_u64(), Some(0))?;
    let apart = list(&answer, "suppressed");
    let by: Vec<&str> = apart.iter().filter_map(|one| one["suppression"]["by"].as_str()).collect();
    expect("by", by, vec!["dismissal", "vex"])?;
    let end = apart[0]["suppression"]["until"].as_str().unwrap_or_default();
    expect("until", end.get(..10), Some("2100-01-01"))?;
    let past = ask(&program, &["--as-of", "2026-01-15"])?;
    expect("before anybody said so", past["summary"]["open"].as_u64(), Some(2))?;
    let later = ask(&program, &["--as-of", "2100-06-01"])?;
    expect("it returned", later["summary"]["open"].as_u64(), Some(1))
}

fn owners() -> Result<(), Failed> {
    let program = Program::new()?;
    let workload = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "cart", "namespace": "shop",
            "labels": { "app.kubernetes.io/part-of": "webshop" } },
        "spec": { "replicas": 1, "selector": { "matchLabels": { "app": "cart" } },
            "template": { "metadata": { "labels": { "app": "cart" } },
                "spec": { "containers": [{ "name": "cart", "image": TAG }] } } }
    });
    let list_of = json!({ "apiVersion": "v1", "kind": "List", "items": [workload] });
    ingest(&program, &["--cluster", "demo"], &list_of.to_string())?;
    ingest(&program, &[], &report("2026-01-01T00:00:00Z", TAG, A, &[("CVE-2024-0001", "HIGH")]))?;
    let answer = ask(&program, &["--group-by", "application"])?;
    let found = list(&answer, "findings");
    expect("one", found.len(), 1)?;
    let entities = found[0]["entities"].to_string();
    if !entities.contains("deployment") {
        return Err(format!("the workload is not concerned: {entities}").into());
    }
    let asked = ask(&program, &["--namespace", "shop"])?;
    expect("in its namespace", asked["summary"]["open"].as_u64(), Some(1))?;
    let asked = ask(&program, &["--namespace", "other"])?;
    expect("in another", asked["summary"]["open"].as_u64(), Some(0))
}

/// The demonstration's own findings, counted by a walk of its file, with the workloads that they are of.
fn planted() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    let until = super::larkfield::UNTIL;
    let options = Options { size: Size::small(), ..Options::demo(until.parse()?) };
    let written = scenario::write(folder.path(), &options)?;
    let mut expected: BTreeSet<(String, String)> = BTreeSet::new();
    for step in &written.plan.steps {
        if !["own", "kubernetes"].iter().any(|part| step.path.contains(part)) {
            continue;
        }
        let path = folder.path().join(&step.path);
        let inside = path.is_dir().then(|| path.join("findings.ndjson"));
        let file = inside.unwrap_or(path);
        for line in std::fs::read_to_string(&file).unwrap_or_default().lines() {
            let row: Value = serde_json::from_str(line).unwrap_or(Value::Null);
            if row["type"] == "finding" {
                let entity = row["entity"].as_str().unwrap_or_default();
                let repository = entity.split('@').next().unwrap_or_default();
                let weakness = row["vulnerability"].as_str().unwrap_or_default();
                expected.insert((weakness.to_owned(), format!("image://{repository}")));
            }
        }
        let arguments = step.arguments(folder.path());
        let mut command = vec!["ingest"];
        command.extend(arguments.iter().map(String::as_str));
        program.json(&command)?;
    }
    let answer = ask(&program, &["--as-of", until, "--limit", "5000"])?;
    let text = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
    let found = list(&answer, "findings");
    let pairs: BTreeSet<(String, String)> =
        found.iter().map(|one| (text(one, "weakness"), text(one, "target"))).collect();
    expect("something is planted", expected.is_empty(), false)?;
    expect("found", &pairs, &expected)?;
    expect("each once", found.len(), expected.len())?;
    let without = found.iter().filter(|one| list(one, "entities").is_empty()).count();
    expect("each concerns something of the estate", without, 0)?;
    beside(&program, &found)
}

/// The topology's overlay shows each entity the open findings that name it, and clusters and applications
/// count no finding that is not there.
fn beside(program: &Program, found: &[&Value]) -> Result<(), Failed> {
    let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
    for one in found {
        let severity = one["severity"].as_str().unwrap_or_default();
        for entity in list(one, "entities") {
            let id = entity.as_str().unwrap_or_default().to_owned();
            *expected.entry((id, severity.to_owned())).or_default() += 1;
        }
    }
    let until = super::larkfield::UNTIL;
    let over = ["topology", "--overlay", "--as-of", until, "--limit", "5000"];
    let overlay = program.ask(&over)?;
    let mut shown: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in list(&overlay, "entities") {
        for count in list(row, "findings") {
            let id = row["id"].as_str().unwrap_or_default().to_owned();
            let severity = count["severity"].as_str().unwrap_or_default().to_owned();
            shown.insert((id, severity), count["count"].as_u64().unwrap_or(0));
        }
    }
    expect("findings over the topology", &shown, &expected)?;
    let clusters = program.ask(&["eks-clusters", "--as-of", until])?;
    let applications = program.ask(&["application-architecture", "--as-of", until])?;
    for (what, rows) in [
        ("clusters", list(&clusters, "clusters")),
        ("applications", list(&applications, "applications")),
    ] {
        let counts = rows.iter().flat_map(|row| list(row, "findings"));
        let sum: u64 = counts.filter_map(|count| count["count"].as_u64()).sum();
        expect(&format!("{what} show findings"), sum > 0, true)?;
        let most = (rows.len() * found.len()) as u64;
        expect(&format!("{what} show {sum} findings"), sum <= most, true)?;
    }
    Ok(())
}
