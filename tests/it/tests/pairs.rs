//! The demonstration's files through the built program on every pair of stores: whatever holds them,
//! each question has one answer.

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::contract::{self, Done, EMBEDDED, PAIRS, Pair, Site};
use super::larkfield::{UNTIL, read_files};
use super::program::Program;
use super::server::Server;
use super::store_base::block_on;

/// What is asked, as it stands in the address.
const ASKED: &[&str] = &[
    "topology?limit=500",
    "topology?aggregate_by=team",
    "topology?text=checkout",
    "service-dependencies",
    "latency-heatmap",
    "application-architecture",
    "system-metrics",
    "service-trends",
    "latency-matrix",
    "cost-analysis?by=service",
    "cost-analysis/outlook",
    "cost-analysis/budget",
    "cost-analysis/drivers",
    "cost-analysis/commitments",
    "cost-analysis/allocation",
    "incidents",
    "business-value",
    "eks-clusters",
    "database-connections",
    "database-performance",
    "critical-paths",
    "savings-candidates",
    "security-events",
];

/// How far two figures may lie apart that were added up in another order.
const TOLERANCE: f64 = 1e-9;

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let others: Vec<Pair> = PAIRS.iter().copied().filter(|pair| *pair != EMBEDDED).collect();
    contract::trials(&others, "pairs::every_question_has_one_answer", same_answers)
}

fn same_answers(pair: Pair) -> Done {
    let expected = answers(EMBEDDED)?;
    let found = answers(pair)?;
    let mut wrong = Vec::new();
    for (asked, (found, expected)) in ASKED.iter().zip(found.iter().zip(&expected)) {
        differences(asked, found, expected, &mut wrong);
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let shown = wrong.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    Err(format!("{} differences on {pair}:\n{shown}", wrong.len()).into())
}

/// The files read by a server on this pair, and what it answers.
fn answers(pair: Pair) -> Result<Vec<Value>, Failed> {
    let site = block_on(Site::new(pair))?;
    let program = Program::with_environment(site.environment())?;
    for (path, report) in read_files(&program, |_| true)?.1 {
        for list in ["unread", "rejects"] {
            if report[list].as_array().is_some_and(|rows| !rows.is_empty()) {
                return Err(format!("{pair}, {path}: {list}: {}", report[list]).into());
            }
        }
    }
    let server = Server::start(&program)?;
    let ask = |asked: &&str| {
        let sign = if asked.contains('?') { '&' } else { '?' };
        let (status, answer) = server.get(&format!("/api/v1/{asked}{sign}as_of={UNTIL}"))?;
        if status != 200 {
            return Err(format!("{pair}: {asked}: {status} {answer}").into());
        }
        Ok(answer["data"].clone())
    };
    ASKED.iter().map(ask).collect()
}

/// Says where two answers differ.
fn differences(place: &str, found: &Value, expected: &Value, wrong: &mut Vec<String>) {
    match (found, expected) {
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            for ((name, a), (other, b)) in a.iter().zip(b) {
                if name == other {
                    differences(&format!("{place}/{name}"), a, b, wrong);
                } else {
                    wrong.push(format!("{place}: {name} instead of {other}"));
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{place}/{index}"), a, b, wrong);
            }
        }
        (Value::Number(a), Value::Number(b)) if is_near(a.as_f64(), b.as_f64()) => {}
        (a, b) if a == b => {}
        (a, b) => wrong.push(format!("{place}: {} instead of {}", short(a), short(b))),
    }
}

fn is_near(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0),
        _ => false,
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(120).collect()
}
