//! `service_trends` on the real day of a shop with faults injected into it: what is unusual falls on the
//! faults, quantiles that were only reported are told as such, and an empty estate has no trend.

use jiff::{Timestamp, ToSpan};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, data, expect, with_data};

const BOUTIQUE: &str = "kubernetes/online-boutique";
const DAY: &str = "root-cause/online-boutique-2022-08-23";
const WINDOW: &str = "2022-08-23T11:50:00Z/2022-08-24T00:00:00Z";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("service_trends::anomalies_fall_on_faults", &[BOUTIQUE, DAY], faults),
        Trial::test("service_trends::an_empty_estate_has_no_trend", empty),
    ]
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn instant(value: &Value) -> Result<Timestamp, Failed> {
    Ok(value.as_str().unwrap_or_default().parse()?)
}

/// The instants at which faults were injected, as their own list has them.
pub fn injected() -> Result<Vec<Timestamp>, Failed> {
    let text = std::fs::read_to_string(data(DAY).join("faults.json"))?;
    let all: Vec<Value> = serde_json::from_str(&text)?;
    all.iter().map(|one| instant(&one["time"])).collect()
}

/// Each fault lasts a few minutes; they cover less than half of the day, and two of three anomalies at
/// least begin while one of them is felt.
fn faults() -> Result<(), Failed> {
    let program = Program::new()?;
    for input in [data(BOUTIQUE), data(DAY).join("metrics.om")] {
        let input = input.display().to_string();
        let place = ["--cluster", "boutique", "--namespace", "online-boutique"];
        program.json(&[&["ingest"][..], &place[..], &[input.as_str()][..]].concat())?;
    }
    let answer = program.ask(&["service-trends", "--window", WINDOW])?;
    let services = list(&answer["services"]);
    expect("services", services.len() >= 10, true)?;
    let faults = injected()?;
    let (mut on, mut all) = (0, 0);
    for signal in services.iter().flat_map(|one| list(&one["signals"])) {
        for anomaly in list(&signal["summary"]["anomalies"]) {
            expect(
                "a reason",
                anomaly["reason"].as_str().is_some_and(|one| !one.is_empty()),
                true,
            )?;
            let (from, to) = (instant(&anomaly["from"])?, instant(&anomaly["to"])?);
            let is_felt =
                |fault: &Timestamp| from < *fault + 8.minutes() && to > *fault - 3.minutes();
            all += 1;
            on += usize::from(faults.iter().any(is_felt));
        }
    }
    expect("anomalies", all >= 10, true)?;
    if on * 3 < all * 2 {
        return Err(format!("only {on} of {all} anomalies fall on faults").into());
    }
    let reported = services.iter().filter(|one| one["latency"]["p95"]["value"].is_null()).count();
    expect("quantiles that were reported are not merged", reported, services.len())
}

fn empty() -> Result<(), Failed> {
    let program = Program::new()?;
    let answer = program.ask(&["service-trends"])?;
    expect("services", list(&answer["services"]).len(), 0)?;
    let ran = program.run(&["ask", "service-trends", "--window", "yesterday"])?;
    expect("a wrong window", ran.code, 2)
}
