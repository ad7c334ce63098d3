//! How well suspects and anomalies are found on data whose truth others recorded: each folder is read by
//! the built program into a store of its own, and the question is asked over HTTP by entity and time. A
//! list of faults is never ingested.

pub mod boutique;
pub mod nab;
pub mod petshop;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::program::Server;

/// Suspects that are asked for.
const LIMIT: usize = 100;

/// The suspects' names, most likely first.
pub fn suspects(
    server: &Server,
    entity: &str,
    at: &str,
    until: Option<&str>,
) -> Result<Vec<Value>> {
    let mut params = vec![("entity", entity.to_owned()), ("at", at.to_owned())];
    params.extend(until.map(|until| ("until", until.to_owned())));
    params.push(("limit", LIMIT.to_string()));
    let query = serde_html_form::to_string(&params)?;
    let (body, _) = server.get(&format!("/api/v1/incidents/suspects?{query}"))?;
    let answer: Value = serde_json::from_slice(&body)?;
    let list = answer["data"]["suspects"].as_array().context("no list of suspects")?;
    Ok(list.clone())
}

/// Place of a suspect, from 1.
pub fn place(suspects: &[Value], name: &str) -> Option<usize> {
    suspects.iter().position(|one| one["entity"]["name"] == name).map(|place| place + 1)
}

/// The first three with their scores, for people.
pub fn heads(suspects: &[Value]) -> String {
    let one = |one: &Value| {
        let clue = one["evidence"][0]["clue"].as_str().unwrap_or("-");
        let name = one["entity"]["name"].as_str().unwrap_or("-");
        format!("{name} {:.2} {clue}", one["score"].as_f64().unwrap_or(0.0))
    };
    suspects.iter().take(3).map(one).collect::<Vec<_>>().join("; ")
}

/// Share of places that are at most `k`, in percent.
pub fn share_at(places: &[Option<usize>], k: usize) -> f64 {
    100.0 * count_at(places, k) as f64 / places.len().max(1) as f64
}

/// How many places are at most `k`.
pub fn count_at(places: &[Option<usize>], k: usize) -> usize {
    places.iter().flatten().filter(|place| **place <= k).count()
}
