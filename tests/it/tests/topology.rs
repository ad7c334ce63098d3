//! `topology` on real clusters and accounts: counts known independently, joins in either order, and
//! that reading twice changes nothing.

use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, count_of, data, expect, sum_of, with_data};

const DUMP: &str = "kubernetes/live-cluster-dump";
const BOUTIQUE: &str = "kubernetes/online-boutique";
const BOUTIQUE_DAY: &str = "root-cause/online-boutique-2022-08-23";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("topology::a_live_cluster_is_counted", &[DUMP], live_cluster),
        with_data(
            "topology::telemetry_joins_its_workloads_in_either_order",
            &[BOUTIQUE, BOUTIQUE_DAY],
            boutique,
        ),
        with_data("topology::two_environments_stay_apart", &[BOUTIQUE], environments),
        with_data("topology::accounts_lose_nothing", &["aws"], accounts),
        Trial::test("topology::an_application_is_owned_with_its_parts", owned_with),
        with_data("topology::what_is_exported_is_read_again", &[DUMP], exported),
    ]
}

fn path(set: &str) -> String {
    data(set).display().to_string()
}

fn live_cluster() -> Result<(), Failed> {
    let program = Program::new()?;
    let read = program.json(&["ingest", "--cluster", "demo", &path(DUMP)])?;
    // The dump's 67 events are its only changes.
    expect("events read", sum_of(&read, "read", "change"), 67)?;
    let answer = program.ask(&["topology", "--limit", "1000", "--aggregate-by", "none"])?;
    expect("pods", count_of(&answer["kinds"], "kind", "pod"), 58)?;
    for (controller, count) in [("Deployment", 12), ("ReplicaSet", 13)] {
        expect(controller, count_of(&answer["controllers"], "controller", controller), count)?;
    }
    expect("Services", count_of(&answer["kinds"], "kind", "kubernetes_service"), 12)?;
    // Each pod has one node and one topmost controller.
    let relations = answer["relations"].as_array().cloned().unwrap_or_default();
    let ends = |kind: &str, end: &str| -> BTreeSet<String> {
        let rows = relations.iter().filter(|relation| relation["kind"] == kind);
        rows.filter_map(|relation| relation[end].as_str().map(str::to_owned)).collect()
    };
    let pods: BTreeSet<String> = answer["entities"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|entity| entity["kind"] == "pod")
        .filter_map(|entity| entity["id"].as_str().map(str::to_owned))
        .collect();
    expect("pods with a node", ends("runs_on", "from").intersection(&pods).count(), 58)?;
    let controlled = ends("has_replica", "to").intersection(&pods).count();
    // Static pods of the control plane have no controller but the node.
    if controlled < 40 {
        return Err(format!("only {controlled} pods have a controller").into());
    }
    let again = program.json(&["ingest", "--cluster", "demo", &path(DUMP)])?;
    unchanged(&again)
}

/// A part of an application without an owner of its own is its application's owner's.
fn owned_with() -> Result<(), Failed> {
    let (app, cart, pay, lone) =
        ("app://shop", "service://p/s/cart", "service://p/s/pay", "service://p/l/x");
    let (a, b) = ("org://team/a", "org://team/b");
    let kinds = [("team", a), ("team", b), ("application", app)];
    let services = [cart, pay, lone].map(|id| ("service", id));
    let entities = kinds.into_iter().chain(services).map(|(kind, id)| {
        format!(r#"{{"type":"entity","kind":"{kind}","id":"{id}","observed_at":"2026-11-01T00:00:00Z","source":"own"}}"#)
    });
    let relations =
        [("owns", a, app), ("owns", b, pay), ("has_part", app, cart), ("has_part", app, pay)];
    let relations = relations.map(|(kind, from, to)| {
        format!(r#"{{"type":"relation","kind":"{kind}","from":"{from}","to":"{to}","observed_at":"2026-11-01T00:00:00Z","source":"own"}}"#)
    });
    let rows: Vec<String> = entities.chain(relations).collect();
    let program = Program::new()?;
    let read = program.run_with(&["ingest", "-"], Some(rows.join("\n").as_bytes()))?;
    expect(&read.stderr, read.code, 0)?;
    let answer = program.ask(&["topology", "--aggregate-by", "none"])?;
    for (id, owner) in [(app, Some(a)), (cart, Some(a)), (pay, Some(b)), (lone, None)] {
        let mut entities = answer["entities"].as_array().into_iter().flatten();
        let entity = entities.find(|one| one["id"] == id).ok_or("an entity is missing")?;
        expect(id, entity["owner"].as_str(), owner)?;
    }
    let answer = program.ask(&["topology", "--aggregate-by", "team"])?;
    for (team, count) in [("", 1), (a, 3), (b, 2)] {
        expect(team, count_of(&answer["groups"], "group", team), count)?;
    }
    Ok(())
}

fn unchanged(report: &Value) -> Result<(), Failed> {
    for input in report["inputs"].as_array().into_iter().flatten() {
        for list in ["added", "changed", "retired"] {
            if input["outcome"][list].as_array().is_some_and(|list| !list.is_empty()) {
                let name = &input["input"]["name"];
                return Err(format!("{name} {list}: {}", input["outcome"][list]).into());
            }
        }
    }
    Ok(())
}

/// (from, kind, to, evidence) of the calls of an estate.
fn calls(answer: &Value) -> BTreeSet<(String, String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    answer["relations"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|relation| matches!(relation["kind"].as_str(), Some("calls" | "connects_to")))
        .map(|relation| {
            let evidence = relation["evidence"].to_string();
            (text(&relation["from"]), text(&relation["kind"]), text(&relation["to"]), evidence)
        })
        .collect()
}

fn boutique() -> Result<(), Failed> {
    let manifests =
        ["ingest", "--cluster", "boutique", "--namespace", "online-boutique", &path(BOUTIQUE)];
    let telemetry =
        ["ingest", "--cluster", "boutique", "--namespace", "online-boutique", &path(BOUTIQUE_DAY)];
    let mut estates = Vec::new();
    for order in [[manifests, telemetry], [telemetry, manifests]] {
        let program = Program::new()?;
        let mut samples = 0;
        let mut spans = 0;
        for command in &order {
            let read = program.json(command)?;
            samples += sum_of(&read, "read", "sample");
            spans += sum_of(&read, "read", "span");
        }
        expect("samples", samples, 131_616)?;
        expect("spans", spans, 17_184)?;
        for command in &order {
            unchanged(&program.json(command)?)?;
        }
        let answer = program.ask(&["topology", "--limit", "5000", "--aggregate-by", "none"])?;
        check_boutique(&answer)?;
        estates.push((calls(&answer), answer["kinds"].clone(), answer["relation_kinds"].clone()));
    }
    expect("the estate in either order", estates[0] == estates[1], true)
}

fn check_boutique(answer: &Value) -> Result<(), Failed> {
    let calls = calls(answer);
    let declared: Vec<_> = calls.iter().filter(|call| call.3.contains("declared")).collect();
    let observed: Vec<_> = calls.iter().filter(|call| call.3.contains("observed")).collect();
    let both = declared.iter().filter(|call| call.3.contains("observed")).count();
    expect("declared", declared.len(), 16)?;
    expect("declared calls", declared.iter().filter(|call| call.1 == "calls").count(), 15)?;
    let stores: Vec<_> = declared.iter().filter(|call| call.1 == "connects_to").collect();
    expect("declared connects_to", stores.len(), 1)?;
    expect("the store", stores[0].2.contains("redis-cart"), true)?;
    // 13 by the traces; one more, from checkout to currency, by the metrics of the service graph.
    expect("observed", observed.len(), 14)?;
    expect("declared and observed", both, 14)?;
    if calls.iter().any(|call| call.2.contains("shoppingassistantservice")) {
        return Err("shoppingassistantservice matches nothing and must be no edge".into());
    }
    // Each of telemetry's services is implemented by its own workload.
    let relations = answer["relations"].as_array().cloned().unwrap_or_default();
    for (from, _, to, _) in &observed {
        for service in [from, to] {
            let joined = relations.iter().any(|relation| {
                relation["kind"] == "implemented_by" && relation["from"] == service.as_str()
            });
            expect(&format!("{service} has a workload"), joined, true)?;
        }
    }
    Ok(())
}

fn environments() -> Result<(), Failed> {
    let program = Program::new()?;
    for (cluster, environment) in [("one", "production"), ("two", "staging")] {
        let namespace = "online-boutique";
        program.json(&[
            "ingest",
            "--cluster",
            cluster,
            "--namespace",
            namespace,
            "--environment",
            environment,
            &path(BOUTIQUE),
        ])?;
    }
    let answer = program.ask(&["topology", "--limit", "5000", "--aggregate-by", "none"])?;
    expect("edges of both", calls(&answer).len(), 32)?;
    for (from, _, to, _) in calls(&answer) {
        let place = |id: &str| id.split('/').nth(2).map(str::to_owned);
        let is_service = |id: &str| id.starts_with("service://");
        if is_service(&from) && is_service(&to) && place(&from) != place(&to) {
            return Err(format!("{from} calls {to} in another environment").into());
        }
    }
    let one = program.ask(&["topology", "--environment", "staging", "--limit", "5000"])?;
    expect("deployments of one", count_of(&one["controllers"], "controller", "Deployment"), 12)
}

fn accounts() -> Result<(), Failed> {
    for set in ["aws/cloudmapper-demo", "aws/account-export"] {
        let program = Program::new()?;
        let read = program.json(&["ingest", &path(set)])?;
        let unread = read["unread"].as_array().map_or(0, Vec::len);
        expect(&format!("{set}: files that cannot be read"), unread, 0)?;
        let answer = program.ask(&["topology", "--aggregate-by", "kind"])?;
        let instances = count_of(&answer["kinds"], "kind", "instance");
        if instances == 0 {
            return Err(format!("{set}: no instance").into());
        }
        unchanged(&program.json(&["ingest", &path(set)])?)?;
    }
    let program = Program::new()?;
    program.json(&["ingest", &path("aws/cloudmapper-demo")])?;
    let answer = program.ask(&["topology", "--aggregate-by", "kind"])?;
    expect("instances", count_of(&answer["kinds"], "kind", "instance"), 3)?;
    expect("databases", count_of(&answer["kinds"], "kind", "database") >= 1, true)
}

/// An export read into another estate gives the same kinds of entities and relations; with a server beside
/// it the rows are the same.
fn exported() -> Result<(), Failed> {
    let program = Program::new()?;
    program.json(&["ingest", "--cluster", "demo", &path(DUMP)])?;
    let rows = program.run(&["export"])?;
    expect(&rows.stderr, rows.code, 0)?;
    let other = Program::new()?;
    let read =
        other.run_with(&["ingest", "-", "--output", "json"], Some(rows.stdout.as_bytes()))?;
    expect(&read.stderr, read.code, 0)?;
    expect("rejects", read.json()?["rejects"].as_array().map_or(0, Vec::len), 0)?;
    let of =
        |program: &Program| program.ask(&["topology", "--aggregate-by", "none", "--limit", "5000"]);
    let (one, same) = (of(&program)?, of(&other)?);
    for list in ["kinds", "controllers", "relation_kinds"] {
        expect(list, &same[list], &one[list])?;
    }
    let server = super::server::Server::start(&program)?;
    let beside = program.run(&["export"])?;
    drop(server);
    expect("beside a server", beside.stdout == rows.stdout, true)
}
