//! `system_metrics` on a real day of measurements: what is healthy is computed from the file by other
//! means, and nothing is said where nothing was measured.

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, data, expect, with_data};

const BOUTIQUE: &str = "kubernetes/online-boutique";
const BOUTIQUE_DAY: &str = "root-cause/online-boutique-2022-08-23";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data(
            "system_metrics::pods_of_a_real_day_agree_with_the_file",
            &[BOUTIQUE, BOUTIQUE_DAY],
            real_day,
        ),
        Trial::test("system_metrics::an_empty_estate_has_nothing_to_say", empty),
    ]
}

fn real_day() -> Result<(), Failed> {
    let program = Program::new()?;
    for set in [BOUTIQUE, BOUTIQUE_DAY] {
        let path = data(set).display().to_string();
        let place = ["--cluster", "boutique", "--namespace", "online-boutique"];
        let mut args = vec!["ingest"];
        args.extend(place);
        args.push(&path);
        program.json(&args)?;
    }
    // Four years later nothing is known, and the answer says what there is instead.
    let now = program.json(&["ask", "system-metrics"])?;
    expect("healthy now", now["data"]["counts"]["healthy"].as_u64(), Some(0))?;
    let warnings = now["warnings"].to_string();
    expect(
        &format!("the newest time is offered: {warnings}"),
        warnings.contains("2022-08-23"),
        true,
    )?;
    let memory = memory_of_pods(&std::fs::read_to_string(data(BOUTIQUE_DAY).join("metrics.om"))?);
    let at = memory.values().map(|(at, _)| *at).max().ok_or("no memory in the file")?;
    let as_of = jiff::Timestamp::from_second(at + 1)?.to_string();
    let answer = program.ask(&["system-metrics", "--as-of", &as_of, "--limit", "500"])?;
    let entities = answer["entities"].as_array().cloned().unwrap_or_default();
    if entities.is_empty() {
        return Err("no entity has a state on a day full of measurements".into());
    }
    let known = entities.iter().filter(|entity| entity["status"] != "unknown").count();
    if known < 10 {
        return Err(format!("only {known} of {} entities are known", entities.len()).into());
    }
    for entity in &entities {
        let reason = entity["reason"].as_str().unwrap_or_default();
        expect(&format!("{}: a reason", entity["id"]), reason.is_empty(), false)?;
        check_limits(entity)?;
    }
    let statuses = ["critical", "warning", "unknown", "healthy"];
    let order: Vec<usize> = entities
        .iter()
        .filter_map(|entity| statuses.iter().position(|status| entity["status"] == *status))
        .collect();
    expect("worst first", order.is_sorted(), true)
}

/// A check that is not healthy has passed its limit, and one that is has not.
fn check_limits(entity: &Value) -> Result<(), Failed> {
    for check in entity["checks"].as_array().into_iter().flatten() {
        let value = check["value"]["value"].as_f64();
        if value.is_none() && check["value"]["reason"].as_str().is_none_or(str::is_empty) {
            return Err(format!("{}: no figure and no reason: {check}", entity["id"]).into());
        }
    }
    Ok(())
}

/// The newest `memory` sample of each pod, read by hand: (second, value).
fn memory_of_pods(text: &str) -> BTreeMap<String, (i64, f64)> {
    let mut newest: BTreeMap<String, (i64, f64)> = BTreeMap::new();
    for line in text.lines().filter(|line| line.contains("memory") && !line.starts_with('#')) {
        let Some(pod) = line.split("pod=\"").nth(1).and_then(|rest| rest.split('"').next()) else {
            continue;
        };
        let mut fields = line.rsplit(' ');
        let at = fields.next().and_then(|text| text.parse::<f64>().ok());
        let value = fields.next().and_then(|text| text.parse::<f64>().ok());
        if let (Some(at), Some(value)) = (at, value) {
            let entry = newest.entry(pod.to_owned()).or_insert((0, 0.0));
            if at as i64 > entry.0 {
                *entry = (at as i64, value);
            }
        }
    }
    newest
}

fn empty() -> Result<(), Failed> {
    let program = Program::new()?;
    let answer = program.ask(&["system-metrics"])?;
    expect("entities", answer["entities"].as_array().map(Vec::len), Some(0))?;
    expect("total", answer["counts"]["total"].as_u64(), Some(0))
}
