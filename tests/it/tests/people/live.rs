//! What stays open ends when the login by which it was opened does, and tells no more than a question asked by
//! HTTP would.

use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::units::{NOBODY, UNITS, Unit};
use super::{add, by_cookie, login, scope};
use crate::live::Socket;
use crate::program::{Program, expect};
use crate::server::Server;

/// Longest time that a socket may outlive its login.
const OUTLIVES: Duration = Duration::from_secs(15);
/// Longest wait for what must be told.
const TOLD: Duration = Duration::from_secs(60);
/// Subscriptions that are answered, and that are refused.
const ANSWERED: [&str; 6] = ["q0", "q1", "q2", "q3", "q4", "report"];
const REFUSED: [&str; 2] = ["no1", "no2"];

fn open(server: &Server, headers: &[(&'static str, &str)]) -> Result<Socket, Failed> {
    let mut socket = Socket::connect(&server.address, headers)?
        .map_err(|status| Failed::from(format!("status {status}")))?;
    let welcome = socket.next()?;
    expect("welcome", welcome["type"].as_str(), Some("welcome"))?;
    Ok(socket)
}

/// Four sockets: of one that logs out, of a disabled account, by a revoked token, and one that stays.
pub fn ends() -> Result<(), Failed> {
    let program = Program::new()?;
    for (name, role) in [("root", "admin"), ("vera", "viewer"), ("emil", "viewer")] {
        add(&program, name, role, &[])?;
    }
    let server = Server::start(&program)?;
    let refused = Socket::connect(&server.address, &[])?;
    expect("without a login", refused.err(), Some(401))?;
    let [root, vera, emil] =
        [login(&server, "root")?, login(&server, "vera")?, login(&server, "emil")?];
    let token = program.json(&["account", "token", "add", "root"])?;
    let bearer = format!("Bearer {}", token["secret"].as_str().ok_or("no secret")?);
    let prefix = token["token"]["prefix"].as_str().ok_or("no prefix")?;
    let ending = [
        open(&server, &[("cookie", &vera)])?,
        open(&server, &[("cookie", &emil)])?,
        open(&server, &[("authorization", &bearer)])?,
    ];
    let mut staying = open(&server, &[("cookie", &root)])?;
    by_cookie(&server, &vera, "POST", "/api/v1/logout", "")?;
    for args in
        [&["account", "disable", "emil"][..], &["account", "token", "revoke", "root", prefix]]
    {
        let ran = program.run(args)?;
        expect(&ran.stderr, ran.code, 0)?;
    }
    let begun = Instant::now();
    for mut socket in ending {
        let mut reason = None;
        while let Ok(message) = socket.next() {
            reason = message["reason"].as_str().map(str::to_owned).or(reason);
        }
        expect("why", reason.as_deref(), Some("the login ended"))?;
    }
    expect("in time", begun.elapsed() < OUTLIVES, true)?;
    staying.subscribe("a", "topology", &json!({}))?;
    let answer = staying.next()?;
    expect("the other stays", answer["type"].as_str(), Some("answer"))
}

/// Subscribed to what it may ask, an account of a unit is told what becomes of that unit, while something of
/// another and of its own are written in turn; what it may not ask is refused.
pub fn within() -> Result<(), Failed> {
    let (_program, server) = scope::company(&UNITS)?;
    let [own, rest] = UNITS;
    let (root, cookie) = (login(&server, "root")?, login(&server, own.team)?);
    let mut socket = open(&server, &[("cookie", &cookie)])?;
    let questions =
        ["topology", "system-metrics", "service-dependencies", "incidents", "security-events"];
    for (place, question) in questions.into_iter().enumerate() {
        socket.subscribe(&format!("q{place}"), question, &json!({}))?;
    }
    let about_rest = json!({ "unit": [rest.id()] });
    socket.subscribe("rest", "topology", &about_rest)?;
    socket.say(
        &json!({ "type": "subscribe", "id": "report", "report": "dashboard", "params": {} }),
    )?;
    for (id, question) in REFUSED.iter().zip(["incidents/suspects", "cost-analysis/allocation"]) {
        socket.subscribe(id, question, &json!({ "at": "2026-03-01T08:00:00Z" }))?;
    }
    let mut told = Vec::new();
    // One more of each unit's incidents, the other's first: when the own one is told, so would the other be.
    for unit in [rest, own] {
        let answer =
            by_cookie(&server, &root, "POST", "/api/v1/ingest?name=x.ndjson", &more(&unit))?;
        expect(&answer.text, answer.status, 200)?;
    }
    let until = Instant::now() + TOLD;
    while Instant::now() < until {
        told.extend(socket.next_within(Duration::from_millis(500))?);
        let is_said = |id: &&str| told.iter().any(|one: &Value| one["id"] == **id);
        let is_own_told = told.iter().any(|one| one.to_string().contains("second-incident"));
        if is_own_told && ANSWERED.iter().chain(&REFUSED).all(is_said) {
            break;
        }
    }
    let of = |id: &str| told.iter().filter(|one| one["id"] == id).cloned().collect::<Vec<Value>>();
    for id in REFUSED {
        let said =
            of(id).iter().map(|one| one["problem"]["status"].to_string()).collect::<Vec<_>>();
        expect("refused", said, vec!["403".to_owned()])?;
    }
    for id in ANSWERED {
        let kinds: Vec<_> = of(id).iter().map(|one| one["type"].to_string()).collect();
        expect(&format!("{id} {kinds:?}"), kinds.first().map(String::as_str), Some("\"answer\""))?;
    }
    expect(
        "its own is told",
        of("q3").iter().any(|one| one.to_string().contains("second-incident")),
        true,
    )?;
    let asked = rest.id().to_lowercase();
    let said = told.iter().map(Value::to_string).collect::<String>().to_lowercase();
    let said = said.replace(&asked, "");
    for word in [rest.name, rest.word, NOBODY] {
        let around = said
            .find(word)
            .map(|at| said.chars().skip(at.saturating_sub(200)).take(400).collect::<String>());
        expect(word, around, None)?;
    }
    Ok(())
}

/// Rows of one more incident of a unit, and one more service.
fn more(unit: &Unit) -> String {
    let at = "2026-03-01T11:00:00Z";
    let incident = json!({ "type": "incident", "id": format!("{}-second-incident", unit.word),
        "title": format!("{} is down again", unit.word), "severity": "critical", "status": "resolved",
        "started_at": "2026-03-01T10:10:00Z", "ended_at": "2026-03-01T10:20:00Z", "source": "test",
        "entities": [unit.service("front")], "observed_at": at });
    let service = json!({ "type": "entity", "kind": "service", "id": unit.service("extra"),
        "name": format!("{}-extra", unit.name), "source": "test", "observed_at": at,
        "scope": { "namespace": format!("{}-space", unit.word), "environment": "production" } });
    format!("{incident}\n{service}\n")
}
