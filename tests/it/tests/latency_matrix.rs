//! `latency_matrix` on the real day of a shop with faults injected into it: what is told to be slower
//! began with a fault, and pairs of which only quantiles were reported stand apart.

use jiff::{Timestamp, ToSpan};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, data, expect, with_data};
use super::service_trends::injected;

const BOUTIQUE: &str = "kubernetes/online-boutique";
const DAY: &str = "root-cause/online-boutique-2022-08-23";
const WINDOW: &str = "2022-08-23T11:50:00Z/2022-08-24T00:00:00Z";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("latency_matrix::slower_pairs_began_with_a_fault", &[BOUTIQUE, DAY], slower),
        Trial::test("latency_matrix::an_empty_estate_has_no_pair", empty),
    ]
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn slower() -> Result<(), Failed> {
    let program = Program::new()?;
    for input in [data(BOUTIQUE), data(DAY).join("metrics.om")] {
        let input = input.display().to_string();
        let place = ["--cluster", "boutique", "--namespace", "online-boutique"];
        program.json(&[&["ingest"][..], &place[..], &[input.as_str()][..]].concat())?;
    }
    let answer = program.ask(&["latency-matrix", "--window", WINDOW])?;
    expect("pairs that calls are known of", list(&answer["pairs"]).len(), 0)?;
    let reported = list(&answer["reported"]);
    expect("pairs with reported quantiles", reported.len() >= 10, true)?;
    let faults = injected()?;
    let mut found = 0;
    for pair in reported.iter().filter(|one| one["state"] == "slower") {
        let since: Timestamp = pair["since"].as_str().unwrap_or_default().parse()?;
        let is_near =
            |fault: &Timestamp| since > *fault - 10.minutes() && since < *fault + 10.minutes();
        let names = format!("{} to {}", pair["from_name"], pair["to_name"]);
        expect(&format!("{names} began with a fault"), faults.iter().any(is_near), true)?;
        expect(&names, pair["harm"]["total"]["value"].is_null(), true)?;
        found += 1;
    }
    expect("slower pairs", found > 0, true)
}

fn empty() -> Result<(), Failed> {
    let program = Program::new()?;
    let answer = program.ask(&["latency-matrix"])?;
    expect("pairs", list(&answer["pairs"]).len(), 0)?;
    expect("no harm is known", answer["summary"]["harmed"]["value"].is_null(), true)
}
