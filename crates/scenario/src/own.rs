//! What has no native format yet, as our own ndjson: incidents, changes and vulnerability findings,
//! and the DNS records of the entries as entities and relations.

use std::io::Write;

use serde_json::{Value, json};

use crate::aws::balancer_arn;
use crate::clock::{DAY, HOUR, MINUTE, rfc3339};
use crate::company::ENVIRONMENTS;
use crate::estate::Estate;
use crate::faults::Fault;
use crate::files::Files;
use crate::kubernetes::entry_host;
use crate::outcome::{InputStep, ScenarioError};
use crate::releases::releases;
use crate::services::{ENTRIES, SERVICES, Service, service};

const SOURCE: &str = "larkfield-operations";

/// Writes the files of the history.
pub fn write(files: &mut Files, estate: &Estate) -> Result<InputStep, ScenarioError> {
    let until = estate.until;
    let all = history(estate);
    let incidents: Vec<Value> = all
        .iter()
        .filter(|f| f.incident.is_some())
        .map(|f| incident(f, (f.end <= until).then_some(f.end), until))
        .collect();
    let mut changes: Vec<(i64, Value)> = Vec::new();
    for s in SERVICES {
        for env in ENVIRONMENTS.iter().filter(|e| s.runs_in(e.index)) {
            changes.extend(deployments(estate, s, env.index, estate.from, until));
        }
    }
    changes.extend(other_changes(estate));
    changes.sort_by(|a, b| (a.0, a.1["id"].as_str()).cmp(&(b.0, b.1["id"].as_str())));
    let changes: Vec<Value> = changes.into_iter().map(|c| c.1).collect();
    for (name, rows) in [
        ("incidents", incidents),
        ("changes", changes),
        ("findings", findings(estate)),
        ("dns", dns(estate)),
    ] {
        files.stream(&format!("own/{name}.ndjson"), |out| {
            for row in &rows {
                serde_json::to_writer(&mut *out, row)?;
                out.write_all(b"\n")?;
            }
            Ok(())
        })?;
    }
    Ok(InputStep {
        path: "own".to_owned(),
        observed_at: Some(rfc3339(until)),
        ..InputStep::default()
    })
}

/// Incidents that began or ended and changes that were made in `(from, to]`, as ndjson.
pub fn happened(estate: &Estate, from: i64, to: i64) -> String {
    let within = |at: i64| at > from && at <= to;
    let mut rows: Vec<(i64, Value)> = Vec::new();
    for f in estate.faults(to + 1) {
        if f.incident.is_none() {
            continue;
        }
        if within(f.start) {
            rows.push((f.start, incident(&f, None, f.start)));
        }
        if within(f.end) {
            rows.push((f.end, incident(&f, Some(f.end), f.end)));
        }
    }
    for s in SERVICES {
        for env in ENVIRONMENTS.iter().filter(|e| s.runs_in(e.index)) {
            rows.extend(deployments(estate, s, env.index, from + 1, to + 1));
        }
    }
    rows.sort_by(|a, b| (a.0, a.1["id"].as_str()).cmp(&(b.0, b.1["id"].as_str())));
    rows.iter().map(|r| format!("{}\n", r.1)).collect()
}

fn history(estate: &Estate) -> Vec<Fault> {
    estate.faults(estate.until).into_iter().filter(|f| f.start >= estate.from).collect()
}

/// Canonical id of a service.
pub fn service_id(s: &Service, environment: usize) -> String {
    format!("service://{}/{}/{}", ENVIRONMENTS[environment].name, s.namespace, s.name)
}

fn incident(f: &Fault, end: Option<i64>, observed: i64) -> Value {
    let affected = service(f.service).map(|s| service_id(s, f.environment));
    let caller = f.only_from.and_then(service).map(|s| service_id(s, f.environment));
    let entities: Vec<String> = caller.into_iter().chain(affected).collect();
    json!({
        "type": "incident",
        "id": format!("INC-{}-{}", rfc3339(f.start)[..10].replace('-', ""), f.start / 60 % 1440),
        "title": f.incident,
        "severity": f.severity,
        "status": if end.is_some() { "resolved" } else { "open" },
        "started_at": rfc3339(f.start),
        "ended_at": end.map(rfc3339),
        "entities": entities,
        "cause": end.map(|_| f.cause),
        "observed_at": rfc3339(observed),
        "source": SOURCE
    })
}

fn deployments(
    estate: &Estate,
    s: &Service,
    environment: usize,
    from: i64,
    to: i64,
) -> Vec<(i64, Value)> {
    // Regions follow one another within the hour.
    releases(estate.random, s, estate.until, estate.born, (from - HOUR, to))
        .into_iter()
        .map(|r| {
            // One region after the other.
            let at = r.at + environment as i64 * 25 * MINUTE;
            let value = json!({
                "type": "change",
                "id": format!("deploy-{}-{}-{}", ENVIRONMENTS[environment].name, s.name, r.revision),
                "kind": "deployment",
                "title": format!("{} {}", s.name, r.version),
                "summary": r.note,
                "entities": [service_id(s, environment)],
                "at": rfc3339(at),
                "actor": format!("{}@larkfield.example", s.team),
                "link": format!("https://deploy.larkfield.example/{}/{}", s.name, r.revision),
                "observed_at": rfc3339(at),
                "source": SOURCE
            });
            (at, value)
        })
        .filter(|(at, _)| *at >= from && *at < to)
        .collect()
}

/// Changes that are no deployment: among them the ones behind the cost spike and its end.
fn other_changes(estate: &Estate) -> Vec<(i64, Value)> {
    let until = estate.until;
    let mut all = Vec::new();
    let mut add = |at: i64, kind: &str, id: &str, title: &str, name: &str| {
        let entities: Vec<String> = service(name).map(|s| service_id(s, 0)).into_iter().collect();
        all.push((
            at,
            json!({
                "type": "change",
                "id": id,
                "kind": kind,
                "title": title,
                "entities": entities,
                "at": rfc3339(at),
                "actor": "platform-team@larkfield.example",
                "observed_at": rfc3339(at),
                "source": SOURCE
            }),
        ));
    };
    add(
        until - 20 * DAY,
        "scaling",
        "scale-reindex-up",
        "Eight nodes added for the reindex",
        "search-index",
    );
    add(until - 14 * DAY, "scaling", "scale-reindex-down", "Reindex nodes removed", "search-index");
    add(
        until - 41 * DAY + 5 * HOUR,
        "configuration",
        "inventory-storage",
        "Storage of larkfield-inventory enlarged",
        "inventory",
    );
    add(until - 9 * DAY, "flag", "flag-new-basket", "Flag new-basket at 100 %", "cart");
    // Followed by nothing: not every change breaks something.
    add(
        until - 33 * DAY,
        "configuration",
        "tls-policy",
        "TLS policy of the public balancer raised",
        "web-storefront",
    );
    all.retain(|c| c.0 >= estate.from);
    all
}

/// Package, what it is found in, the vulnerability, its severity and the version that mends it.
const VULNERABILITIES: &[(&str, &str, &str, &str, &str)] = &[
    ("spring-beans", "java", "CVE-2022-22965", "CRITICAL", "5.3.18"),
    ("netty-codec-http2", "java", "CVE-2023-44487", "HIGH", "4.1.100.Final"),
    ("golang.org/x/net", "go", "CVE-2023-39325", "HIGH", "0.17.0"),
    ("golang.org/x/crypto", "go", "CVE-2024-45337", "CRITICAL", "0.31.0"),
    ("requests", "python", "CVE-2024-35195", "MEDIUM", "2.32.0"),
    ("werkzeug", "python", "CVE-2024-34069", "HIGH", "3.0.3"),
    ("express", "nodejs", "CVE-2024-29041", "MEDIUM", "4.19.2"),
    ("ws", "nodejs", "CVE-2024-37890", "HIGH", "8.17.1"),
    ("System.Text.Json", "dotnet", "CVE-2024-43485", "HIGH", "8.0.5"),
    ("php", "php", "CVE-2024-4577", "CRITICAL", "8.3.8"),
];

/// Vulnerabilities of images: each package in about half of the services of its language.
fn findings(estate: &Estate) -> Vec<Value> {
    let cluster = &estate.clusters[0];
    let mut all = Vec::new();
    for w in &cluster.workloads {
        let Some(s) = w.service else { continue };
        for (package, language, id, severity, fixed) in VULNERABILITIES {
            let key = format!("finding/{}/{id}", s.name);
            if *language != s.language || estate.random.unit(&key) > 0.5 {
                continue;
            }
            let seen = estate.until - DAY - estate.random.below(&key, 70 * 86_400) as i64;
            all.push(json!({
                "type": "finding",
                "id": format!("{id}/{}", s.name),
                "kind": "vulnerability",
                "title": format!("{id} in {package}"),
                "severity": severity,
                "status": "open",
                "vulnerability": id,
                "package": package,
                "fixed_version": fixed,
                "entity": format!("{}@{}", w.repository, estate.digest(&w.image())),
                "entities": [service_id(s, 0)],
                "first_seen": rfc3339(seen.max(estate.from)),
                "last_seen": rfc3339(estate.until - 6 * HOUR),
                "observed_at": rfc3339(estate.until - 6 * HOUR),
                "source": "larkfield-image-scan"
            }));
        }
    }
    all
}

/// DNS records of the entries and what they lead to.
fn dns(estate: &Estate) -> Vec<Value> {
    let mut all = Vec::new();
    for cluster in &estate.clusters {
        let env = cluster.env;
        for name in ENTRIES {
            let Some(s) = service(name).filter(|s| s.runs_in(env.index)) else { continue };
            let host = entry_host(name, env.name);
            let id = format!("dns://{host}");
            let observed = rfc3339(estate.until);
            all.push(json!({
                "type": "entity",
                "kind": "dns_record",
                "id": id,
                "name": host,
                "scope": { "environment": env.name, "account": env.account.id },
                "labels": { "team": s.team },
                "properties": { "record_type": "A", "alias": true },
                "observed_at": observed,
                "source": SOURCE
            }));
            for (from, to) in [
                (service_id(s, env.index), id.clone()),
                (id, balancer_arn(estate, env, "larkfield-public")),
            ] {
                all.push(json!({
                    "type": "relation",
                    "kind": "served_through",
                    "from": from,
                    "to": to,
                    "evidence": "declared",
                    "observed_at": observed,
                    "source": SOURCE
                }));
            }
        }
    }
    all
}
