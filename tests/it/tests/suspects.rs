//! `incidents/suspects` through the built program: real faults by metrics and traces, and a shop made by
//! hand.

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::program::{Program, data, expect, with_data};

const BOUTIQUE: &str = "root-cause/online-boutique-2022-08-23";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("suspects::real_faults_lead_to_their_service", &[BOUTIQUE], real),
        Trial::test("suspects::a_change_and_a_slow_store_are_told_apart", shop),
    ]
}

fn ask(program: &Program, entity: &str, at: &str, until: Option<&str>) -> Result<Value, Failed> {
    let mut args = vec!["incidents", "--suspects", "--entity", entity, "--at", at];
    args.extend(until.iter().flat_map(|until| ["--until", until]));
    program.ask(&args)
}

fn first(answer: &Value) -> String {
    answer["suspects"][0]["entity"]["name"].as_str().unwrap_or("nobody").to_owned()
}

/// Times and services of three faults of different kinds, as their injection was logged: CPU contention,
/// network delay that shows on edges only, an exception. With the metrics alone, and with traces read later.
fn real() -> Result<(), Failed> {
    let program = Program::new()?;
    let faults = [
        ("2022-08-23T13:27:51Z", "currencyservice", "latency"),
        ("2022-08-23T15:38:52Z", "shippingservice", "network"),
        ("2022-08-23T16:22:53Z", "adservice", "latency"),
    ];
    for file in ["metrics.om", "traces.otlp.json"] {
        let path = data(BOUTIQUE).join(file);
        program.json(&["ingest", &path.display().to_string()])?;
        for (at, service, clue) in faults {
            let answer = ask(&program, "frontend", at, None)?;
            expect(at, first(&answer), service.to_owned())?;
            expect(at, &answer["suspects"][0]["evidence"][0]["clue"], &json!(clue))?;
            expect(at, &answer["suspects"][0]["path"][0]["name"], &json!("frontend"))?;
            expect(at, &answer["baseline"]["is_weak"], &json!(false))?;
        }
    }
    // Before anything was recorded there is nothing to say, and that is an answer.
    let answer = ask(&program, "frontend", "2022-08-23T11:00:00Z", None)?;
    expect("before the data", answer["suspects"].as_array().map(Vec::len), Some(0))
}

/// Three hours of a shop by the minute: at 10:00 `orders` slows down with its store; `cart` had a release.
fn shop() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    let mut text = String::from("# TYPE latency_seconds gauge\n");
    let start = 1_795_168_800_i64; // 2026-11-20T10:00:00Z
    for (service, usual, then) in
        [("shop", 0.2, 1.2), ("cart", 0.1, 0.1), ("orders", 0.1, 1.1), ("store", 0.05, 1.04)]
    {
        for minute in -180..10 {
            let level = if minute >= 0 { then } else { usual };
            let value = level * (1.0 + f64::from((minute * 7 + 2000) % 11 - 5) * 0.01);
            let at = start + i64::from(minute) * 60;
            text += &format!("latency_seconds{{service=\"{service}\"}} {value:.5} {at}\n");
        }
    }
    text += "# TYPE calls_client_seconds summary\n";
    for (from, to, usual, then) in
        [("shop", "cart", 0.1, 0.1), ("shop", "orders", 0.1, 1.1), ("orders", "store", 0.05, 1.04)]
    {
        for minute in -180..10 {
            let level = if minute >= 0 { then } else { usual };
            let value = level * (1.0 + f64::from((minute * 5 + 2000) % 11 - 5) * 0.01);
            let at = start + i64::from(minute) * 60;
            let labels = format!("client=\"{from}\",server=\"{to}\",quantile=\"0.5\"");
            text += &format!("calls_client_seconds{{{labels}}} {value:.5} {at}\n");
        }
    }
    text += "# EOF\n";
    let path = folder.path().join("shop.om");
    std::fs::write(&path, text)?;
    program.json(&["ingest", &path.display().to_string()])?;
    let answer = ask(&program, "shop", "2026-11-20T10:00:00Z", Some("2026-11-20T10:10:00Z"))?;
    expect("cause", first(&answer), "store".to_owned())?;
    let path: Vec<Value> = answer["suspects"][0]["path"]
        .as_array()
        .map_or_else(Vec::new, |path| path.iter().map(|one| one["name"].clone()).collect());
    expect("path", path, vec![json!("shop"), json!("orders"), json!("store")])?;
    let cart = answer["suspects"].as_array().into_iter().flatten();
    expect("cart is accused", cart.filter(|one| one["entity"]["name"] == "cart").count(), 0)?;
    // An hour earlier nothing was wrong.
    let answer = ask(&program, "shop", "2026-11-20T09:00:00Z", None)?;
    expect("quiet", answer["suspects"].as_array().map(Vec::len), Some(0))
}
