//! `latency_heatmap` on a real shop: observed pairs, blanks, quantiles that were only reported.

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, data, expect, with_data};

const BOUTIQUE: &str = "kubernetes/online-boutique";
const DAY: &str = "root-cause/online-boutique-2022-08-23";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let both = &[BOUTIQUE, DAY];
    vec![
        with_data("latency_heatmap::observed_pairs_are_cells", both, pairs),
        with_data("latency_heatmap::groups_add_their_pairs", both, groups),
        with_data("latency_heatmap::reported_quantiles_are_shown_alone", both, reported),
    ]
}

fn path(set: &str) -> String {
    data(set).display().to_string()
}

fn shop(day: &str) -> Result<Program, Failed> {
    let program = Program::new()?;
    for input in [path(BOUTIQUE), day.to_owned()] {
        let place = ["--cluster", "boutique", "--namespace", "online-boutique"];
        program.json(&[&["ingest"][..], &place[..], &[input.as_str()][..]].concat())?;
    }
    Ok(program)
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// The minute of traces shows 13 pairs among 10 services; of the spans without a kind only the callee's
/// time is known.
fn pairs() -> Result<(), Failed> {
    let program = shop(&format!("{}/traces.otlp.json", path(DAY)))?;
    let answer = program.ask(&["latency-heatmap"])?;
    expect("rows", list(&answer["rows"]).len(), 10)?;
    let cells = list(&answer["cells"]);
    expect("cells", cells.len(), 13)?;
    let mut order: Vec<(u64, u64)> = cells
        .iter()
        .filter_map(|one| Some((one["row"].as_u64()?, one["column"].as_u64()?)))
        .collect();
    let given = order.clone();
    order.sort_unstable();
    expect("their order", given, order)?;
    let calls: u64 = cells.iter().filter_map(|one| one["calls"].as_u64()).sum();
    expect("calls", answer["summary"]["calls"]["value"].as_f64(), Some(calls as f64))?;
    for cell in &cells {
        expect("sampled", &cell["is_sampled"], &true.into())?;
        expect("no rate", &cell["request_rate"]["value"], &Value::Null)?;
        if cell["calls"].as_u64().unwrap_or(0) >= 500 {
            let p99 = cell["server_latency"]["p99"]["value"].as_f64();
            expect("enough calls for p99", p99.is_some(), true)?;
        }
    }
    let again = program.ask(&["latency-heatmap"])?;
    expect("the same order again", &again["rows"], &answer["rows"])
}

fn groups() -> Result<(), Failed> {
    let program = shop(&format!("{}/traces.otlp.json", path(DAY)))?;
    let services = program.ask(&["latency-heatmap"])?;
    let namespaces = program.ask(&["latency-heatmap", "--by", "namespace"])?;
    let cells = list(&namespaces["cells"]);
    expect("one namespace", (list(&namespaces["rows"]).len(), cells.len()), (1, 1))?;
    expect("pairs in it", cells[0]["pairs"].as_u64(), Some(13))?;
    expect("calls", &services["summary"]["calls"], &namespaces["summary"]["calls"])?;
    // Nobody says where the pods run, so no call is known to cross a zone or to stay in one.
    let zones = program.ask(&["latency-heatmap", "--by", "zone"])?;
    expect("no zones", list(&zones["cells"]).len(), 0)?;
    expect("not grouped", &zones["summary"]["calls_ungrouped"], &namespaces["cells"][0]["calls"])?;
    expect("no share", &services["zone_crossing"]["share"]["value"], &Value::Null)
}

/// The metrics of the day hold only quantiles of each pair: they are listed and make no cell.
fn reported() -> Result<(), Failed> {
    let program = shop(&format!("{}/metrics.om", path(DAY)))?;
    let answer = program.ask(&["latency-heatmap"])?;
    expect("no cell", list(&answer["cells"]).len(), 0)?;
    let reported = list(&answer["reported"]);
    expect("some are reported", reported.is_empty(), false)?;
    for one in reported {
        expect("basis", &one["basis"], &"reported".into())?;
        let ordered = [&one["min"], &one["last"], &one["max"]].map(Value::as_f64);
        expect("least to greatest", ordered.is_sorted(), true)?;
    }
    Ok(())
}
