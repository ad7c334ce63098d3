//! Two units of one company, each with names that nothing else has. Whatever an account of one asks, no byte
//! of the other comes back.

use libtest_mimic::Failed;
use serde_json::json;

use super::units::{NOBODY, UNITS, Unit, write_files};
use super::{Answer, add, by_cookie, call, login};
use crate::program::{Program, expect};
use crate::server::Server;

/// Routes that take a name, as an account asks them about `about`.
fn requests(about: &str) -> Vec<String> {
    let mut paths: Vec<String> = [
        "entity?id=",
        "search?q=",
        "topology?root=",
        "topology?unit=",
        "topology?text=",
        "topology?cursor=",
        "system-metrics?entity=",
        "application-architecture?application=",
        "cost-analysis?unit=",
        "cost-analysis?by=resource&filter=resource=",
        "cost-analysis?by=owner&account=",
        "cost-analysis/budget?unit=",
        "cost-analysis/drivers?unit=",
        "service-dependencies?root=",
        "service-dependencies?entry=",
        "service-dependencies?unit=",
        "service-dependencies/blast-radius?root=",
        "latency-heatmap?unit=",
        "latency-matrix?entity=",
        "service-trends?entity=",
        "incidents?unit=",
        "incidents?service=",
        "incidents?team=",
        "incidents/timeline?id=",
        "incidents/suspects?incident=",
        "incidents/suspects?at=2026-03-01T08:00:00Z&entity=",
        "business-value?unit=",
        "eks-clusters?cluster=",
        "database-connections?database=",
        "database-performance?database=",
        "critical-paths?target=",
        "critical-paths/what-if?select=",
        "savings-candidates?entity=",
        "security-events?entity=",
        "reports/value?unit=",
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

/// What charges are summed by.
const DIMENSIONS: [&str; 27] = [
    "provider",
    "service",
    "service_category",
    "billing_account",
    "account",
    "region",
    "category",
    "resource",
    "resource_type",
    "sku",
    "pricing_category",
    "commitment_status",
    "commitment",
    "frequency",
    "class",
    "unit_of_use",
    "publisher",
    "account_name",
    "operation",
    "owner",
    "application",
    "team",
    "business_unit",
    "product",
    "billing_period",
    "currency",
    "tag:note",
];

/// Questions over all there is, grouped, cut and compared in several ways.
const ASKED: [&str; 34] = [
    "cost-analysis?window=all&step=day",
    "cost-analysis?window=all&period=billing",
    "cost-analysis?window=all&as_of=2026-02-10",
    "cost-analysis?window=all&by=resource&by=sku&by=operation&by=tag:note",
    "cost-analysis/drivers?window=2026-02-01/2026-03-01",
    "cost-analysis/outlook",
    "cost-analysis/budget?window=all",
    "incidents?window=all",
    "incidents?window=all&by=service&by=team&step=month",
    "incidents?window=all&as_of=2026-03-01T08:15:00Z",
    "incidents/timeline",
    "incidents/timeline?id=both-incident",
    "security-events?group_by=owner",
    "security-events?group_by=target",
    "security-events?group_by=image",
    "security-events?group_by=namespace",
    "savings-candidates?limit=1000&with_dismissed=true",
    "business-value?window=2026-01-01/2026-04-01&step=month",
    "eks-clusters?limit=100",
    "database-connections?limit=100",
    "database-performance?limit=100",
    "service-dependencies?window=all&traces=1000",
    "latency-heatmap?window=all",
    "latency-matrix?window=2026-03-01/2026-03-02",
    "service-trends?window=2026-03-01/2026-03-02",
    "application-architecture?window=all",
    "topology?aggregate_by=team",
    "topology?compare_to=2026-01-01",
    "critical-paths?limit=1000",
    "critical-paths/what-if?select=kind=database",
    "reports/dashboard?depth=engineer",
    "reports/fiscal?depth=engineer",
    "reports/value?depth=engineer",
    "reports/infrastructure?depth=engineer&as_of=2026-03-01T10:30:00Z",
];

/// Questions with every value of the parameters that group, narrow or compare, and about what is a unit's own.
fn varied(own: &Unit) -> Vec<String> {
    let by = DIMENSIONS.iter().map(|one| format!("cost-analysis?window=all&limit=1000&by={one}"));
    let (front, back) = (own.service("front"), own.service("back"));
    let about = [
        format!("incidents/timeline?id={}-incident", own.word),
        format!("service-dependencies?window=all&root={back}&depth=3"),
        format!("service-trends?entity={back}&window=2026-03-01/2026-03-02"),
        format!("latency-matrix?entity={back}&window=2026-03-01/2026-03-02"),
        format!("security-events?entity={front}"),
        format!("critical-paths?target={front}&limit=1000"),
        format!("critical-paths/what-if?select={back}"),
        format!("service-dependencies/blast-radius?root={}", own.database()),
        format!("database-connections?database={}", own.database()),
        format!("database-performance?database={}", own.database()),
        format!("savings-candidates?entity={}", own.volume()),
        format!("business-value?unit={}", own.id()),
        format!("cost-analysis?window=all&by=resource&unit={}", own.id()),
        format!("reports/dashboard?depth=manager&unit={}", own.id()),
        format!("reports/infrastructure?depth=engineer&unit={}", own.id()),
    ];
    let all = by.chain(ASKED.iter().map(|one| (*one).to_owned())).chain(about);
    all.map(|one| format!("/api/v1/{one}")).collect()
}

/// The same path with one more parameter.
fn with(path: &str, more: &str) -> String {
    format!("{path}{}{more}", if path.contains('?') { '&' } else { '?' })
}

/// The company with these units, an admin and an editor of each unit; the admin decided about each unit.
pub fn company(units: &[Unit]) -> Result<(Program, Server), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    write_files(folder.path(), units)?;
    let folder = folder.path().display().to_string();
    let ran = program.run(&["ingest", "--observed-at", "2026-03-01T10:00:00Z", &folder])?;
    expect(&format!("{}{}", ran.stdout, ran.stderr), ran.code, 0)?;
    add(&program, "root", "admin", &[])?;
    for unit in units {
        add(&program, unit.team, "editor", &[&unit.id()])?;
    }
    let server = Server::start(&program)?;
    decide(&server, units)?;
    Ok((program, server))
}

/// The admin decides about something of each unit.
fn decide(server: &Server, units: &[Unit]) -> Result<(), Failed> {
    let root = login(server, "root")?;
    for unit in units {
        for action in ["accept", "done"] {
            let target = format!("savings:unattached_volume:{}", unit.volume());
            let decision = json!({ "target": target, "action": action, "author": "root",
                "reason": format!("{}-reason", unit.word) });
            let answer =
                by_cookie(server, &root, "POST", "/api/v1/decisions", &decision.to_string())?;
            expect(&answer.text, answer.status, 200)?;
        }
    }
    Ok(())
}

/// See the module.
pub fn canaries() -> Result<(), Failed> {
    let (_program, server) = company(&UNITS)?;
    let root = login(&server, "root")?;
    let document = by_cookie(&server, &root, "GET", "/openapi.json", "")?.json();
    let mut leaks = Vec::new();
    for (place, unit) in UNITS.iter().enumerate() {
        let rest = &UNITS[1 - place];
        let has = |text: &str| {
            let lower = text.to_lowercase();
            [rest.name, rest.word, NOBODY].iter().any(|word| lower.contains(word))
        };
        // The words are there for who may see them: else this would show nothing.
        let all = by_cookie(&server, &root, "GET", "/api/v1/topology", "")?.text;
        let words = [rest.name, rest.word, NOBODY];
        expect("everything", words.map(|word| all.contains(word)), [true; 3])?;
        let cookie = login(&server, unit.team)?;
        let own = by_cookie(&server, &cookie, "GET", "/api/v1/topology", "")?;
        expect(&own.text, own.text.contains(unit.name) && own.text.contains(unit.word), true)?;
        let path = format!("/api/v1/search?q={}", unit.name);
        let own = by_cookie(&server, &cookie, "GET", &path, "")?;
        expect(&own.text, own.text.contains(&format!("{}-front", unit.name)), true)?;
        let mut answered = 0;
        // Explanations are worked out anew each time: one of a few.
        let asked = varied(unit);
        let explained = asked.iter().step_by(5).map(|path| with(path, "explain=true"));
        for path in plain(&document).into_iter().chain(asked.clone()).chain(explained) {
            let answer = answered_by(&server, &cookie, &path)?;
            if has(&answer.text) {
                leaks.push(format!("{} {path}: {}", unit.team, around(&answer.text, rest)));
            }
            expect(&format!("{path} {}", answer.text), answer.status < 500, true)?;
            let is_given = [200, 202].contains(&answer.status) || !asked.contains(&path);
            expect(&format!("{path} {}", answer.text), is_given, true)?;
            answered += usize::from(answer.status == 200);
        }
        expect("most are answered", answered > 60, true)?;
        for about in [rest.service("front"), format!("{}-front", rest.name), rest.id()] {
            let unknown = about.replace(rest.name, "nothing").replace(rest.word, "nowhere");
            for (path, same) in requests(&about).iter().zip(requests(&unknown)) {
                let answer = answered_by(&server, &cookie, path)?;
                // What was asked comes back; whatever else is known of it does not.
                let text = answer.text.replace(&about, "");
                let text = text.replace(&about.replace('/', "\\/"), "");
                if has(&text) {
                    leaks.push(format!("{} {path}: {}", unit.team, around(&text, rest)));
                }
                // It is as unknown as what does not exist.
                if about != unknown {
                    let nothing = answered_by(&server, &cookie, &same)?;
                    expect(&format!("{path} {}", answer.text), answer.status, nothing.status)?;
                }
            }
        }
        unchanged(&server, &cookie)?;
    }
    expect("leaks", leaks.join("\n"), String::new())?;
    // The answer that one account was given is not the other's, by tag or by cache.
    let [alpha, beta] = [login(&server, "alpha")?, login(&server, "beta")?];
    let one = by_cookie(&server, &alpha, "GET", "/api/v1/topology", "")?;
    let two = by_cookie(&server, &beta, "GET", "/api/v1/topology", "")?;
    expect("two answers", one.text == two.text, false)
}

/// The answer to a path; of a job that is still at work, its result.
fn answered_by(server: &Server, cookie: &str, path: &str) -> Result<Answer, Failed> {
    let answer = by_cookie(server, cookie, "GET", path, "")?;
    match answer.status {
        202 => by_cookie(server, cookie, "GET", &with(path, "wait=60"), ""),
        _ => Ok(answer),
    }
}

/// What stands around the first canary of a text.
fn around(text: &str, rest: &Unit) -> String {
    let lower = text.to_lowercase();
    let words = [rest.name, rest.word, NOBODY];
    let at = words.iter().filter_map(|word| lower.find(word)).min().unwrap_or_default();
    text.chars().skip(at.saturating_sub(300)).take(500).collect()
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
