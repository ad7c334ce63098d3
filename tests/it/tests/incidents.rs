//! `incidents` on a real status page, by webhooks, and on the demonstration's planted ones.

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::larkfield::{UNTIL, read_files};
use super::program::{Program, data, expect, with_data};
use super::server::Server;

const PAGE: &str = "incidents/status-page-2020-2024.csv";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("incidents::a_status_page_gives_ranges", &[PAGE], page),
        with_data("incidents::an_earlier_instant_sees_what_was_open", &[PAGE], earlier),
        Trial::test("incidents::webhooks_are_taken_once_and_put_together", webhooks),
        Trial::test("incidents::alerts_fire_and_resolve", alerts),
        Trial::test("incidents::a_timeline_shows_changes_before", timeline),
        Trial::test("incidents::planted_ones_have_their_figures", planted),
    ]
}

/// Minutes of a figure's bound.
fn minutes(figure: &Value, bound: &str) -> f64 {
    (figure[bound].as_f64().unwrap_or(f64::NAN) / 6.0).round() / 10.0
}

fn page() -> Result<(), Failed> {
    let program = Program::new()?;
    let path = data(PAGE).display().to_string();
    program.json(&["ingest", &path])?;
    let answer = program.ask(&["incidents"])?;
    expect("incidents", answer["total"]["count"].as_u64(), Some(450))?;
    let resolve = &answer["total"]["durations"]["resolve"];
    expect("n", (resolve["n"].as_u64(), resolve["n_range"].as_u64()), (Some(450), Some(450)))?;
    let (mean, median) = (&resolve["mean"], &resolve["median"]);
    expect("mean", (minutes(mean, "low"), minutes(mean, "high")), (81.9, 134.6))?;
    expect("median", (minutes(median, "low"), minutes(median, "high")), (46.0, 85.7))?;
    let detect = &answer["total"]["durations"]["detect"];
    expect("nobody says when it was detected", detect["n"].as_u64(), Some(0))?;
    expect("why", detect["mean"]["reason"].as_str(), Some("no_data"))?;
    let began = |list: &Value| -> u64 {
        list.as_array().into_iter().flatten().filter_map(|one| one["group"]["began"].as_u64()).sum()
    };
    expect("periods add up", began(&answer["periods"]), 450)?;
    let severities = &answer["breakdowns"][0]["groups"];
    let counts: Vec<(&str, u64)> = severities
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (one["name"].as_str().unwrap_or(""), one["count"].as_u64().unwrap_or(0)))
        .collect();
    expect(
        "severities as counted in the file",
        counts,
        vec![("minor", 366), ("major", 72), ("none", 11), ("critical", 1)],
    )?;
    // The same file again changes nothing.
    program.json(&["ingest", &path])?;
    let again = program.ask(&["incidents"])?;
    expect("again", again["total"]["count"].as_u64(), Some(450))
}

fn earlier() -> Result<(), Failed> {
    let program = Program::new()?;
    program.json(&["ingest", &data(PAGE).display().to_string()])?;
    // The first incident was last seen open at 23:35:47 and gone at 23:49:34.
    for (as_of, open, status) in
        [("2020-11-18T23:40:00Z", 1, "open"), ("2020-11-18T23:49:34Z", 0, "resolved")]
    {
        let answer = program.ask(&["incidents", "--as-of", as_of])?;
        expect(as_of, answer["total"]["count"].as_u64(), Some(1))?;
        expect(as_of, answer["total"]["open"].as_u64(), Some(open))?;
        expect(as_of, answer["incidents"][0]["status"].as_str(), Some(status))?;
    }
    let before = program.ask(&["incidents", "--as-of", "2020-11-18"])?;
    expect("before the first", before["total"]["count"].as_u64(), Some(0))
}

fn event(id: &str, kind: &str, at: &str, status: &str) -> Value {
    json!({"event": {
        "id": id, "event_type": format!("incident.{kind}"), "resource_type": "incident",
        "occurred_at": at, "data": {
            "id": "PT4KHLK", "type": "incident", "status": status, "title": "Orders fail",
            "created_at": "2026-05-04T10:00:00Z", "urgency": "high",
            "service": {"summary": "orders", "type": "service_reference"}
        }
    }})
}

fn webhooks() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let post = |event: &Value| {
        let body = event.to_string();
        server.send("POST", "/api/v1/webhooks/pagerduty", &[], body.as_bytes())
    };
    // Late, twice, and out of order, as they come.
    for one in [
        event("E3", "resolved", "2026-05-04T10:50:00Z", "resolved"),
        event("E1", "triggered", "2026-05-04T10:00:00Z", "triggered"),
        event("E2", "acknowledged", "2026-05-04T10:05:00Z", "acknowledged"),
        event("E2", "acknowledged", "2026-05-04T10:05:00Z", "acknowledged"),
    ] {
        let (status, text) = post(&one)?;
        expect(&text, status, 200)?;
    }
    let (status, _) = post(&json!({"hello": 1}))?;
    expect("something else", status, 400)?;
    let answer = settled(&server, |data| {
        data["total"]["durations"]["acknowledge"]["n"].as_u64() == Some(1)
            && data["total"]["ended"].as_u64() == Some(1)
    })?;
    expect("incidents", answer["total"]["count"].as_u64(), Some(1))?;
    let durations = &answer["total"]["durations"];
    expect("acknowledge", durations["acknowledge"]["mean"]["low"].as_f64(), Some(300.0))?;
    expect(
        "from detected",
        durations["resolve_from_detected"]["mean"]["low"].as_f64(),
        Some(3000.0),
    )?;
    expect("from started", durations["resolve"]["n"].as_u64(), Some(0))?;
    expect("harmed", answer["incidents"][0]["harmed"][0]["name"].as_str(), Some("orders"))
}

/// Asks until what was pushed is in the store.
fn settled(server: &Server, is_there: impl Fn(&Value) -> bool) -> Result<Value, Failed> {
    for _ in 0..100 {
        let (status, answer) = server.get("/api/v1/incidents")?;
        expect("status", status, 200)?;
        if is_there(&answer["data"]) {
            return Ok(answer["data"].clone());
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    Err("what was pushed never came".into())
}

fn alerts() -> Result<(), Failed> {
    let program = Program::new()?;
    let notification = |status: &str, end: &str| {
        json!({"version": "4", "groupKey": "{}:{alertname=\"Slow\"}", "status": status,
            "receiver": "r", "groupLabels": {"alertname": "Slow"}, "alerts": [{
                "status": status, "labels": {"alertname": "Slow", "service": "cart"},
                "annotations": {}, "startsAt": "2026-05-04T10:00:00Z", "endsAt": end,
                "fingerprint": "aa"}]})
        .to_string()
    };
    let ingest = |text: &str| -> Result<(), Failed> {
        let ran = program.run_with(&["ingest", "-"], Some(text.as_bytes()))?;
        expect(&ran.stderr, ran.code, 0)
    };
    ingest(&notification("firing", "0001-01-01T00:00:00Z"))?;
    let answer = program.ask(&["incidents"])?;
    expect("open", answer["total"]["open"].as_u64(), Some(1))?;
    ingest(&notification("resolved", "2026-05-04T10:20:00Z"))?;
    let answer = program.ask(&["incidents"])?;
    expect("one incident", answer["total"]["count"].as_u64(), Some(1))?;
    expect("none open", answer["total"]["open"].as_u64(), Some(0))?;
    let from_detected = &answer["total"]["durations"]["resolve_from_detected"]["mean"];
    expect("20 minutes", from_detected["low"].as_f64(), Some(1200.0))?;
    let answer = program.ask(&["incidents", "--as-of", "2026-05-04T10:10:00Z"])?;
    expect("open then", answer["total"]["open"].as_u64(), Some(1))
}

fn timeline() -> Result<(), Failed> {
    let program = Program::new()?;
    let rows = "id,title,severity,started_at,detected_at,resolved_at,service\n\
        INC-1,Checkout down,sev1,2026-05-04T10:00:00Z,2026-05-04T10:03:00Z,2026-05-04T11:00:00Z,checkout\n";
    let changes = "when,entity,what,who\n\
        2026-05-04T09:40:00Z,checkout,Deploy 2.1,mina\n\
        2026-05-04T04:00:00Z,checkout,Deploy 2.0,mina\n";
    let service = json!({"type": "entity", "kind": "service", "id": "service://production/shop/checkout",
        "name": "checkout", "aliases": ["service-name:checkout"], "source": "test", "observed_at": "2026-01-01T00:00:00Z"});
    for text in [&service.to_string(), rows, changes] {
        let ran = program.run_with(&["ingest", "-"], Some(text.as_bytes()))?;
        expect(&ran.stderr, ran.code, 0)?;
    }
    let answer = program.ask(&["incidents", "--timeline", "--id", "INC-1"])?;
    let entries: Vec<(&str, &str)> = answer["entries"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (one["kind"].as_str().unwrap_or(""), one["title"].as_str().unwrap_or("")))
        .collect();
    expect(
        "what happened",
        entries,
        vec![
            ("change", "Deploy 2.1"),
            ("incident", "started"),
            ("incident", "detected"),
            ("incident", "resolved"),
        ],
    )?;
    expect("on what was harmed", answer["entries"][0]["nearness"].as_str(), Some("harmed"))?;
    let answer = program.ask(&["incidents"])?;
    let durations = &answer["total"]["durations"];
    expect("detect", durations["detect"]["mean"]["low"].as_f64(), Some(180.0))?;
    expect("resolve", durations["resolve"]["mean"]["low"].as_f64(), Some(3600.0))?;
    let missing = program.run(&["ask", "incidents", "--timeline", "--id", "INC-9"])?;
    expect(&missing.stderr, missing.code, 3)
}

fn planted() -> Result<(), Failed> {
    let program = Program::new()?;
    let (options, _) = read_files(&program, |path| path == "own")?;
    let answer = program.ask(&["incidents", "--as-of", UNTIL])?;
    let faults = scenario::truth(&options).faults;
    let told: Vec<_> = faults.iter().filter(|fault| fault.has_incident).collect();
    let at = |text: &str| model::time::instant(text).map(|at| at.as_second());
    let mut lasted = Vec::new();
    for fault in &told {
        if let Some(end) = &fault.end {
            lasted.push(at(end)? - at(&fault.start)?);
        }
    }
    let total = &answer["total"];
    expect("incidents", total["count"].as_u64(), Some(told.len() as u64))?;
    expect("open", total["open"].as_u64(), Some((told.len() - lasted.len()) as u64))?;
    let resolve = &total["durations"]["resolve"];
    expect("resolved", resolve["n"].as_u64(), Some(lasted.len() as u64))?;
    let mean = lasted.iter().sum::<i64>() as f64 / lasted.len() as f64;
    let found = resolve["mean"]["low"].as_f64().unwrap_or(f64::NAN);
    expect(&format!("mean {found}, planted {mean}"), (found - mean).abs() < 1e-6, true)?;
    expect("known ends", resolve["n_range"].as_u64(), Some(0))?;
    let first = &answer["incidents"][0];
    expect("an open one comes first", first["resolved_at"].is_null(), true)?;
    let owner = answer["incidents"][0]["harmed"][0]["name"].as_str().unwrap_or_default();
    expect("what it harmed is named", owner.is_empty(), false)
}
