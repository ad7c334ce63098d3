//! The graph questions and their views at the edges: an estate without anything, of one entity, of one
//! that calls itself, of a hundred thousand siblings, an instant before anything existed, and names of
//! nothing. Each gives an honest answer or a clear error, and none takes more than a few seconds.

use std::fmt::Write as _;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::program::{Program, expect};
use super::server::Server;

/// Every graph question and view, with the parameter that it cannot do without.
const ASKED: [(&str, Option<&str>); 10] = [
    ("topology", None),
    ("service-dependencies", None),
    ("service-dependencies/blast-radius", Some("root")),
    ("latency-heatmap", None),
    ("application-architecture", None),
    ("eks-clusters", None),
    ("database-connections", None),
    ("critical-paths", None),
    ("critical-paths/what-if", Some("select")),
    ("savings-candidates", None),
];

/// Parameters that name one thing, by question.
const NAMES: [(&str, &str); 9] = [
    ("topology", "root"),
    ("service-dependencies", "root"),
    ("service-dependencies", "entry"),
    ("service-dependencies/blast-radius", "root"),
    ("application-architecture", "application"),
    ("database-connections", "database"),
    ("critical-paths", "target"),
    ("critical-paths/what-if", "select"),
    ("savings-candidates", "entity"),
];

/// How many siblings there are of each sort.
const SIBLINGS: usize = 100_000;

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("graph_edges::an_estate_without_anything", empty),
        Trial::test("graph_edges::one_entity_and_a_self_loop", one),
        Trial::test("graph_edges::before_anything_existed", before),
        Trial::test("graph_edges::names_of_nothing", names),
        Trial::test("graph_edges::a_name_of_several_things", shared_name),
        Trial::test("graph_edges::a_hundred_thousand_callers", callers),
        Trial::test("graph_edges::a_hundred_thousand_pods_and_volumes", pods),
    ]
}

/// One answer, waited for where it is worked out in the background.
fn asked(server: &Server, path: &str, params: &str) -> Result<(u16, Value), Failed> {
    let (mut status, mut answer) = server.get(&format!("/api/v1/{path}?{params}"))?;
    while status == 202 {
        let place = answer["result"].as_str().unwrap_or_default().to_owned();
        (status, answer) = server.get(&format!("{place}?wait=30"))?;
    }
    if !matches!(status, 200 | 400 | 404) {
        return Err(format!("{path}?{params}: {status} {answer}").into());
    }
    Ok((status, answer))
}

/// The `data` of an answer that there must be.
fn answered(server: &Server, path: &str, params: &str) -> Result<Value, Failed> {
    let (status, answer) = asked(server, path, params)?;
    expect(&format!("{path}?{params}: {answer}"), status, 200)?;
    Ok(answer["data"].clone())
}

/// Lists that are not empty and counts that are not zero, each with its place. Texts, flags and what is
/// absent with a reason say nothing about how much there is; `left_out` are places that the caller knows.
fn something(value: &Value, place: &str, left_out: &[&str], found: &mut Vec<String>) {
    if left_out.contains(&place) {
        return;
    }
    match value {
        Value::Array(rows) if !rows.is_empty() => {
            found.push(format!("{place}: {} rows", rows.len()))
        }
        Value::Number(number) if number.as_f64() != Some(0.0) => {
            found.push(format!("{place}: {number}"));
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                something(value, &format!("{place}/{name}"), left_out, found);
            }
        }
        _ => {}
    }
}

/// What an answer says of an estate that holds nothing: no row and no count. A question that lists its
/// own rules and tables lists them still, what it was asked for, and what it takes for granted about
/// the whole estate.
fn check_nothing(path: &str, data: &Value) -> Result<(), Failed> {
    let mut found = Vec::new();
    let own = [
        "/rules",
        "/tables",
        "/summary/by_support",
        "/summary/by_usage",
        "/look_back",
        "/assumptions",
    ];
    something(data, "", &own, &mut found);
    expect(&format!("{path} of nothing"), found, Vec::new())
}

fn push(server: &Server, rows: &str) -> Result<(), Failed> {
    let (status, text) =
        server.send("POST", "/api/v1/ingest?name=rows.ndjson", &[], rows.as_bytes())?;
    expect(&text, status, 200)?;
    let answer: Value = serde_json::from_str(&text)?;
    expect("rejects", answer["rejects"].as_array().map_or(0, Vec::len), 0)
}

fn entity(kind: &str, id: &str, properties: &Value) -> String {
    let name = id.rsplit(['/', ':']).next().unwrap_or(id);
    let row = json!({
        "type": "entity", "kind": kind, "id": id, "name": name, "properties": properties,
        "observed_at": "2026-01-01T00:00:00Z", "source": "edges",
    });
    format!("{row}\n")
}

fn relation(from: &str, kind: &str, to: &str) -> String {
    let row = json!({
        "type": "relation", "kind": kind, "from": from, "to": to, "need": "required",
        "observed_at": "2026-01-01T00:00:00Z", "source": "edges",
    });
    format!("{row}\n")
}

/// Nothing is found in nothing; a view of a thing says that there is none.
fn empty() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    for (path, needed) in ASKED {
        match needed {
            None => check_nothing(path, &answered(&server, path, "")?)?,
            Some(name) => {
                expect(path, asked(&server, path, "")?.0, 400)?;
                let (status, problem) = asked(&server, path, &format!("{name}=nobody"))?;
                expect(&format!("{path}: {problem}"), status, 404)?;
            }
        }
    }
    Ok(())
}

/// One service alone, then one that requires itself: it fails with itself alone, it is no single point of
/// failure of itself, and its layers end.
fn one() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let id = "service://test/shop/alone";
    push(&server, &entity("service", id, &json!({})))?;
    let check = || -> Result<(), Failed> {
        let of = |path: &str, needed: Option<&str>| {
            answered(&server, path, &needed.map_or(String::new(), |name| format!("{name}={id}")))
        };
        let all: Vec<Value> =
            ASKED.iter().map(|(path, needed)| of(path, *needed)).collect::<Result<_, _>>()?;
        expect("entities", all[0]["summary"]["entities"].as_u64(), Some(1))?;
        // What a thing has to do with itself is no relation.
        expect("relations", all[0]["summary"]["relations"].as_u64(), Some(0))?;
        expect("services", all[1]["services"].as_array().map(Vec::len), Some(1))?;
        expect("calls", all[1]["edges"].as_array().map(Vec::len), Some(0))?;
        expect("what fails with it", all[2]["fails_count"].as_u64(), Some(0))?;
        expect("what degrades with it", all[2]["degrades_count"].as_u64(), Some(0))?;
        for list in ["physical", "logical", "workload_risks"] {
            expect(list, all[7][list].as_array().map(Vec::len), Some(0))?;
        }
        expect("what fails if it does", all[8]["at_once"]["fails"].as_u64(), Some(1))
    };
    check()?;
    push(&server, &relation(id, "calls", id))?;
    check()
}

/// A year before the first observation there was nothing, and what exists now is not known then.
fn before() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let id = "service://test/shop/web";
    let volume = "arn:aws:ec2:eu-west-1:111122223333:volume/vol-0abc";
    let cluster = "arn:aws:eks:eu-west-1:111122223333:cluster/shop";
    let database = "arn:aws:rds:eu-west-1:111122223333:db:shop";
    let since = |row: String| row.replace("{\"", "{\"valid_from\":\"2026-01-01T00:00:00Z\",\"");
    let mut rows = since(entity("service", id, &json!({})).replace("\"properties\":{},", ""));
    for (kind, id) in [("volume", volume), ("kubernetes_cluster", cluster), ("database", database)]
    {
        rows += &since(entity(kind, id, &json!({})).replace("\"properties\":{},", ""));
    }
    push(&server, &rows)?;
    expect("now", answered(&server, "topology", "")?["summary"]["entities"].as_u64(), Some(4))?;
    let then = "as_of=2024-12-31T00:00:00Z";
    for (path, needed) in ASKED {
        match needed {
            None => check_nothing(path, &answered(&server, path, then)?)?,
            Some(name) => {
                let (status, problem) = asked(&server, path, &format!("{then}&{name}={id}"))?;
                expect(&format!("{path}: {problem}"), status, 404)?;
            }
        }
    }
    Ok(())
}

/// A name of nothing is an error that names it; a place where nothing is gives nothing.
fn names() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    push(&server, &entity("service", "service://test/shop/web", &json!({})))?;
    for (path, name) in NAMES {
        let (status, problem) = asked(&server, path, &format!("{name}=nobody"))?;
        expect(&format!("{path}?{name}: {problem}"), status, 404)?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        expect(&format!("{path}?{name}: {detail}"), detail.contains("nobody"), true)?;
    }
    for (path, _) in ASKED.iter().filter(|(_, needed)| needed.is_none()) {
        check_nothing(path, &answered(&server, path, "cluster=nobody&environment=nowhere")?)?;
        let (status, problem) = asked(&server, path, "clutser=nobody")?;
        expect(&format!("{path}: {problem}"), status, 400)?;
        let field = problem["field"].as_str();
        expect(&format!("{path}: {problem}"), field, Some("clutser"))?;
    }
    Ok(())
}

/// A service, its workload and its service account mostly have one name: the service is meant, and the
/// answer names the others.
fn shared_name() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let (service, workload) = ("service://test/shop/cart", "k8s://c1/shop/deployment/cart");
    let mut rows =
        entity("service", service, &json!({})) + &entity("workload", workload, &json!({}));
    rows += &entity("resource", "k8s://c1/shop/serviceaccount/cart", &json!({}));
    rows += &relation(service, "implemented_by", workload);
    push(&server, &rows)?;
    for (path, name) in
        [("topology", "root"), ("service-dependencies", "root"), ("critical-paths", "target")]
    {
        let (status, answer) = asked(&server, path, &format!("{name}=cart"))?;
        expect(&format!("{path}: {answer}"), status, 200)?;
        let warnings = answer["warnings"].as_array().map_or(&[][..], Vec::as_slice);
        let note = warnings.iter().find(|one| one["code"] == "shared_name");
        let said = note.and_then(|one| one["message"].as_str()).unwrap_or_default();
        for id in [service, workload] {
            expect(&format!("{path}: {said}"), said.contains(id), true)?;
        }
    }
    let roots = answered(&server, "service-dependencies/blast-radius", "root=cart")?;
    expect("the root", roots["roots"][0]["id"].as_str(), Some(service))
}

/// A hundred thousand services that all require one, which requires a database.
fn callers() -> Result<(), Failed> {
    let program = Program::new()?;
    let (hub, store) = ("service://test/shop/hub", "arn:aws:rds:eu-west-1:111122223333:db:shop");
    let mut rows = entity("service", hub, &json!({}));
    rows += &entity("database", store, &json!({}));
    rows += &relation(hub, "connects_to", store);
    for number in 0..SIBLINGS {
        let id = format!("service://test/shop/caller-{number}");
        rows += &entity("service", &id, &json!({}));
        rows += &relation(&id, "calls", hub);
    }
    let server = read_and_serve(&program, &rows, hub)?;
    let failing = answered(&server, "service-dependencies/blast-radius", &format!("root={store}"))?;
    expect("what fails", failing["fails_count"].as_u64(), Some(SIBLINGS as u64 + 1))
}

/// A hundred thousand pods of one workload on one node, and as many volumes without an instance.
fn pods() -> Result<(), Failed> {
    let program = Program::new()?;
    let base = "k8s://c1";
    let (workload, node) = (format!("{base}/shop/deployment/web"), format!("{base}/_/node/n1"));
    let mut rows = entity("kubernetes_cluster", &format!("{base}/_/cluster/c1"), &json!({}));
    rows += &entity("workload", &workload, &json!({"replicas": SIBLINGS}));
    rows += &entity("kubernetes_node", &node, &json!({}));
    for number in 0..SIBLINGS {
        let pod = format!("{base}/shop/pod/web-{number}");
        rows += &entity("pod", &pod, &json!({"phase": "Running", "ready": true}));
        rows += &relation(&workload, "has_replica", &pod);
        rows += &relation(&pod, "runs_on", &node);
        let mut volume = String::new();
        write!(volume, "arn:aws:ec2:eu-west-1:111122223333:volume/vol-{number:08x}")?;
        rows += &entity("volume", &volume, &json!({"state": "available", "size": 8}));
    }
    let server = read_and_serve(&program, &rows, &node)?;
    let lost = answered(&server, "critical-paths/what-if", &format!("select={node}"))?;
    expect("what fails", lost["at_once"]["fails"].as_u64(), Some(SIBLINGS as u64 + 2))
}

/// A server over an estate that was read from a file, after it answered every question about it within its deadline;
/// `id` is what is asked about where something must be.
fn read_and_serve(program: &Program, rows: &str, id: &str) -> Result<Server, Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("rows.ndjson");
    std::fs::write(&file, rows)?;
    let read = program.json(&["ingest", &file.display().to_string()])?;
    expect("rejects", read["rejects"].as_array().map_or(0, Vec::len), 0)?;
    let server = Server::start(program)?;
    for (path, needed) in ASKED {
        let params = needed.map_or(String::new(), |name| format!("{name}={id}"));
        answered(&server, path, &params)?;
    }
    Ok(server)
}
