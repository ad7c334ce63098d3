//! Online Boutique on 2022-08-23 (Nezha, Yu et al., ESEC/FSE 2023): 32 faults in five hours, OpenMetrics
//! and one minute of traces. The harm is what users see, so the symptom is the service their probe is of.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{heads, place, share_at, suspects};
use crate::program::Program;

/// The folder below the data.
pub const FOLDER: &str = "root-cause/online-boutique-2022-08-23";
/// The service that users' requests enter by.
const SYMPTOM: &str = "frontend";

/// Asks once a fault; with the traces or with the metrics alone. Gives each cause's place.
pub fn run(data: &Path, with_traces: bool, is_listed: bool) -> Result<Vec<Option<usize>>> {
    let folder = data.join(FOLDER);
    let text = std::fs::read_to_string(folder.join("faults.json")).context("faults.json")?;
    let faults: Vec<Value> = serde_json::from_str(&text)?;
    let store = tempfile::tempdir()?;
    let program = Program::new(&store.path().join("data"), &[]);
    let files: &[&str] =
        if with_traces { &["traces.otlp.json", "metrics.om"] } else { &["metrics.om"] };
    for file in files {
        program.json(&["ingest", &folder.join(file).display().to_string()])?;
    }
    let (server, _) = program.serve()?;
    let mut places = Vec::new();
    for fault in &faults {
        let text =
            |key: &str| fault[key].as_str().with_context(|| format!("a fault without {key}"));
        let (time, service, kind) = (text("time")?, text("service")?, text("kind")?);
        let found = suspects(&server, SYMPTOM, time, None)?;
        let at = place(&found, service);
        if is_listed {
            let rank = at.map_or("-".to_owned(), |at| at.to_string());
            println!("  {rank:>2}  {service:<22} {kind:<15} {}", heads(&found));
        }
        places.push(at);
    }
    Ok(places)
}

/// The table's rows, with what others published on two days of the same system.
pub fn print(rows: &[(&str, Vec<Option<usize>>)]) {
    println!(
        "{:<58} {:>6} {:>6} {:>6}",
        "online-boutique-2022-08-23, 32 faults", "AS@1", "AS@3", "AS@5"
    );
    for (name, places) in rows {
        let at = |k| share_at(places, k);
        println!("{name:<58} {:>6.1} {:>6.1} {:>6.1}", at(1), at(3), at(5));
        let half = |first: usize| -> Vec<Option<usize>> {
            places.iter().skip(first).step_by(2).copied().collect()
        };
        for (label, half) in [("odd", half(0)), ("even", half(1))] {
            let at = |k| share_at(&half, k);
            let name = format!("  the {label} ones of them");
            println!("{name:<58} {:>6.1} {:>6.1} {:>6.1}", at(1), at(3), at(5));
        }
    }
    for (name, at) in [
        ("published, two days, metrics: MicroRCA", [16.1, 62.5, 92.8]),
        ("published, two days, metrics: a per-pod z-score alone", [44.6, 60.7, 76.8]),
        ("published, two days, with logs and traces: Nezha", [92.9, 96.4, 96.4]),
    ] {
        println!("{name:<58} {:>6.1} {:>6.1} {:>6.1}", at[0], at[1], at[2]);
    }
}
