//! Two units of one company, each with names that nothing else has. Whatever an account of one asks, no byte
//! of the other comes back.

use libtest_mimic::Failed;
use serde_json::json;

use super::{add, by_cookie, call, login};
use crate::program::{Program, expect};
use crate::server::Server;

/// The units, each with a word in the names that an attacker might guess, and one in everything else.
const UNITS: [(&str, &str, &str); 2] =
    [("alpha", "quokkamarsh", "quokkadelta"), ("beta", "zebrafinch", "zebradelta")];

const AT: &str = "2026-03-01T10:00:00Z";

/// What both units have, entwined: services that call each other, a database each, one node for both,
/// incidents, changes, findings, samples, charges by tag, budgets and values.
fn rows() -> String {
    let mut rows = Vec::new();
    let entity = |kind: &str, id: String, name: String, word: &str| {
        json!({ "type": "entity", "kind": kind, "id": id, "name": name, "source": "test",
            "observed_at": AT, "labels": { "note": format!("{word}-label") },
            "scope": { "namespace": format!("{word}-space"), "environment": "production" },
            "properties": { "engine": "postgres", "remark": format!("{word}-property") } })
    };
    rows.push(json!({ "type": "entity", "kind": "node", "id": "node://shared", "name": "shared",
        "source": "test", "observed_at": AT }));
    for (_, name, word) in UNITS {
        let front = format!("service://production/{word}/{name}-front");
        let back = format!("service://production/{word}/{name}-back");
        let base = format!("database://production/{word}/{name}-base");
        rows.push(entity("service", front.clone(), format!("{name}-front"), word));
        rows.push(entity("service", back.clone(), format!("{name}-back"), word));
        rows.push(entity("database", base.clone(), format!("{name}-base"), word));
        for (from, to) in [(&front, &back), (&back, &base)] {
            rows.push(relation("connects_to", from, to));
        }
        rows.push(relation("runs_on", &front, "node://shared"));
        rows.push(json!({ "type": "incident", "id": format!("{word}-incident"), "source": "test",
            "title": format!("{word} is down"), "severity": "critical", "status": "resolved",
            "started_at": "2026-03-01T08:00:00Z", "ended_at": "2026-03-01T09:00:00Z",
            "entities": [front], "cause": format!("{word} cause"), "observed_at": AT }));
        rows.push(json!({ "type": "change", "id": format!("{word}-change"), "source": "test",
            "at": "2026-03-01T07:50:00Z", "kind": "deployment", "title": format!("{word} release"),
            "entities": [back], "actor": format!("{word}-actor"), "observed_at": AT }));
        rows.push(json!({ "type": "finding", "id": format!("{word}-finding"), "source": "test",
            "entity": front, "kind": "vulnerability", "title": format!("{word} hole"),
            "severity": "critical", "vulnerability": "CVE-2026-0001", "observed_at": AT,
            "package": format!("{word}-package") }));
        for minute in 0..30 {
            rows.push(json!({ "type": "sample", "source": "test", "entity": front,
                "metric": format!("{word}_cpu"), "signal": "cpu_utilisation", "unit": "1",
                "at": format!("2026-03-01T09:{minute:02}:00Z"), "value": 0.5, "observed_at": AT }));
        }
    }
    let [(_, a, aw), (_, b, bw)] = UNITS;
    let service =
        |word: &str, name: &str, part: &str| format!("service://production/{word}/{name}-{part}");
    for (from, to) in [
        (service(aw, a, "front"), service(bw, b, "back")),
        (service(bw, b, "front"), service(aw, a, "back")),
        (service(aw, a, "back"), format!("database://production/{bw}/{b}-base")),
        (service(bw, b, "back"), format!("database://production/{aw}/{a}-base")),
    ] {
        rows.push(relation("connects_to", &from, &to));
    }
    rows.iter().map(|row| format!("{row}\n")).collect()
}

fn relation(kind: &str, from: &str, to: &str) -> serde_json::Value {
    json!({ "type": "relation", "kind": kind, "from": from, "to": to, "source": "test",
        "evidence": "observed", "observed_at": AT })
}

/// A trace in which each unit's front calls its own back and the other's, and each back the other's front.
fn traces() -> serde_json::Value {
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let mut resources = Vec::new();
    let mut number = 0_u64;
    for (place, (_, name, word)) in UNITS.iter().enumerate() {
        let (_, other, secret) = UNITS[1 - place];
        let ends = [(*name, *word, "back"), (other, secret, "back"), (other, secret, "front")];
        for (round, (callee, space, part)) in ends.into_iter().enumerate() {
            number += 1;
            let from = if round == 2 { "back" } else { "front" };
            let start = 1_772_355_600_000_000_000_u64 + number * 1_000_000_000;
            let span = |id: u64, parent: Option<u64>, kind: u8, route: &str, from: u64, to: u64| {
                json!({ "traceId": format!("{number:032x}"), "spanId": format!("{id:016x}"),
                    "parentSpanId": parent.map(|id| format!("{id:016x}")).unwrap_or_default(),
                    "name": format!("{route}-route"), "kind": kind,
                    "startTimeUnixNano": (start + from).to_string(),
                    "endTimeUnixNano": (start + to).to_string() })
            };
            let (client, server) = (number * 10, number * 10 + 1);
            for (service, space, span) in [
                (format!("{name}-{from}"), *word, span(client, None, 3, word, 0, 90_000_000)),
                (
                    format!("{callee}-{part}"),
                    space,
                    span(server, Some(client), 2, space, 5_000_000, 80_000_000),
                ),
            ] {
                resources.push(json!({ "resource": { "attributes": [
                        text("service.name", &service), text("service.namespace", space),
                        text("deployment.environment", "production") ] },
                    "scopeSpans": [{ "spans": [span] }] }));
            }
        }
    }
    json!({ "resourceSpans": resources })
}

fn write_files(folder: &std::path::Path) -> Result<(), Failed> {
    let mut units =
        "unit,parent,parent_kind,kind,name\ncompany,,,organisation,Company\n".to_owned();
    let mut owners = "match,owner\n".to_owned();
    let mut budgets = "unit,period_start,period_end,currency,basis,amount\n".to_owned();
    for (unit, name, word) in UNITS {
        units.push_str(&format!("{unit},company,organisation,team,{name} team\n"));
        owners.push_str(&format!("namespace={word}-space,{unit}\n"));
        budgets.push_str(&format!("{unit},2026-01-01,2027-01-01,USD,billed,77133\n"));
    }
    std::fs::write(folder.join("organisation.csv"), units)?;
    std::fs::write(folder.join("ownership.csv"), owners)?;
    std::fs::write(folder.join("budgets.csv"), budgets)?;
    std::fs::write(folder.join("rows.ndjson"), rows())?;
    std::fs::write(folder.join("traces.json"), traces().to_string())?;
    Ok(())
}

/// Routes of the description beside the questions, as an account asks them about `about`.
fn requests(about: &str) -> Vec<String> {
    let mut paths: Vec<String> = [
        "entity?id=",
        "search?q=",
        "topology?root=",
        "topology?unit=",
        "topology?text=",
        "topology?cursor=",
        "service-dependencies?service=",
        "service-dependencies?unit=",
        "service-dependencies/blast-radius?entity=",
        "latency-heatmap?service=",
        "critical-paths?entity=",
        "cost-analysis?unit=",
        "incidents?unit=",
        "reports/value?unit=",
        "system-metrics?entity=",
        "service-trends?service=",
        "security-events?entity=",
        "application-architecture?application=",
        "database-connections?database=",
    ]
    .iter()
    .map(|start| format!("/api/v1/{start}{about}"))
    .collect();
    paths.push(format!("/api/v1/{about}"));
    paths
}

/// Every GET of the description that needs nothing, and the questions over a wide window.
fn plain(document: &serde_json::Value) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let mut plain = Vec::new();
    for (path, methods) in paths.filter(|(path, _)| !path.contains('{')) {
        let Some(get) = methods.get("get") else { continue };
        plain.push(path.clone());
        let has = |name: &str| {
            let given = get["parameters"].as_array().into_iter().flatten();
            given.into_iter().any(|one| one["name"] == name)
        };
        if has("window") {
            plain.push(format!("{path}?window=2026-01-01/2026-04-01"));
        }
        if has("aggregate_by") {
            plain.push(format!("{path}?aggregate_by=namespace"));
            plain.push(format!("{path}?aggregate_by=owner"));
        }
    }
    plain
}

/// See the module.
pub fn canaries() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    write_files(folder.path())?;
    let ran = program.run(&["ingest", &folder.path().display().to_string()])?;
    expect(&format!("{}{}", ran.stdout, ran.stderr), ran.code, 0)?;
    add(&program, "root", "admin", &[])?;
    for (unit, ..) in UNITS {
        add(&program, unit, "editor", &[&format!("org://team/{unit}")])?;
    }
    let server = Server::start(&program)?;
    let root = login(&server, "root")?;
    let document = by_cookie(&server, &root, "GET", "/openapi.json", "")?.json();
    for (place, (unit, name, word)) in UNITS.iter().enumerate() {
        let (_, other, secret) = UNITS[1 - place];
        // The words are there for who may see them: else this would show nothing.
        let all = by_cookie(&server, &root, "GET", "/api/v1/topology", "")?.text;
        expect("everything", all.contains(other) && all.contains(secret), true)?;
        let cookie = login(&server, unit)?;
        let own = by_cookie(&server, &cookie, "GET", "/api/v1/topology", "")?;
        expect(&own.text, own.text.contains(name) && own.text.contains(word), true)?;
        let own = by_cookie(&server, &cookie, "GET", &format!("/api/v1/search?q={name}"), "")?;
        expect(&own.text, own.text.contains(&format!("{name}-front")), true)?;
        let mut answered = 0;
        for path in plain(&document) {
            let answer = by_cookie(&server, &cookie, "GET", &path, "")?;
            let has = answer.text.contains(other) || answer.text.contains(secret);
            expect(&format!("{unit} {path}: {}", answer.text), has, false)?;
            expect(&format!("{path} {}", answer.text), answer.status < 500, true)?;
            answered += usize::from(answer.status == 200);
        }
        expect("some are answered", answered > 5, true)?;
        for about in [
            format!("service://production/{secret}/{other}-front"),
            format!("{other}-front"),
            other.to_owned(),
            format!("org://team/{}", UNITS[1 - place].0),
        ] {
            let unknown = about.replace(other, "nothing").replace(secret, "nowhere");
            for (path, same) in requests(&about).iter().zip(requests(&unknown)) {
                let answer = by_cookie(&server, &cookie, "GET", path, "")?;
                // What was asked comes back; whatever else is known of it does not.
                let text = answer.text.replace(&about, "");
                let escaped = about.replace('/', "\\/");
                let text = text.replace(&escaped, "");
                let has = text.contains(other) || text.contains(secret);
                expect(&format!("{unit} {path}: {}", answer.text), has, false)?;
                // It is as unknown as what does not exist.
                if about != unknown {
                    let nothing = by_cookie(&server, &cookie, "GET", &same, "")?;
                    expect(&format!("{path} {}", answer.text), answer.status, nothing.status)?;
                }
            }
        }
        unchanged(&server, &cookie)?;
    }
    // The answer that one account was given is not the other's, by tag or by cache.
    let [alpha, beta] = [login(&server, "alpha")?, login(&server, "beta")?];
    let one = by_cookie(&server, &alpha, "GET", "/api/v1/topology", "")?;
    let two = by_cookie(&server, &beta, "GET", "/api/v1/topology", "")?;
    expect("two answers", one.text == two.text, false)
}

/// An account with a scope changes nothing of the estate, whatever its role.
fn unchanged(server: &Server, cookie: &str) -> Result<(), Failed> {
    for (method, path) in [
        ("POST", "/api/v1/ingest?name=x.ndjson"),
        ("POST", "/api/v1/inspect?name=x.ndjson"),
        ("POST", "/api/v1/decisions"),
        ("POST", "/api/v1/rules"),
        ("POST", "/api/v1/validation/run"),
        ("DELETE", "/api/v1/jobs/1"),
        ("GET", "/api/v1/export"),
        ("GET", "/api/v1/accounts"),
        ("GET", "/api/v1/audit"),
    ] {
        let answer = by_cookie(server, cookie, method, path, "{}")?;
        expect(&format!("{method} {path} {}", answer.text), answer.status, 403)?;
    }
    let answer = call(server, "GET", "/api/v1/status", &[("cookie", cookie)], b"")?;
    expect("a clear no", answer.text.contains("not available to an account with a scope"), true)
}
