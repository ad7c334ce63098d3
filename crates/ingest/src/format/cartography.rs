//! The graph that Cartography keeps in Neo4j, as rows of nodes and relationships: what the program reads
//! from the server itself, and what `apoc.export.json` writes of it. A label or type that is not mapped
//! is counted, never guessed.

mod aws;
mod gather;
mod graph;
mod kubernetes;
mod label;
mod relation;
mod route;
mod row;

use crate::error::EnvelopeError;
use crate::format::Format;
use crate::input::{Input, Out};
use crate::shape::{Shape, without_mark};

pub use label::labels;
pub use relation::types;

/// Rows as lines of JSON.
pub const GRAPH: Format = Format {
    name: "cartography",
    title: "a Cartography graph (rows of nodes and relationships, as apoc.export.json writes them)",
    recognise,
    read,
};

/// Rows at the beginning that are looked at: the first may be a bad one.
const RECOGNISED_BY_ROWS: usize = 10;

fn recognise(input: &Input<'_>) -> Option<String> {
    let lines = without_mark(input.bytes).split(|byte| *byte == b'\n');
    let mut rows = lines.filter(|line| !line.trim_ascii().is_empty()).take(RECOGNISED_BY_ROWS);
    rows.find_map(|line| {
        let shape = Shape::of(line);
        let is_row = match shape.text("type")? {
            "node" => shape.key("labels").is_some() && shape.key("properties").is_some(),
            "relationship" => shape.key("start").is_some() && shape.key("end").is_some(),
            "count" => shape.key("labels").is_some() || shape.key("label").is_some(),
            _ => false,
        };
        // Every node and relationship that Cartography writes bears the tag of its sync.
        let has_tag =
            line.windows(TAG.len()).any(|part| part == TAG) || shape.text("type")? == "count";
        (is_row && has_tag).then(|| "rows of a graph with Cartography's lastupdated".to_owned())
    })
}

const TAG: &[u8] = b"\"lastupdated\"";

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let mut graph = graph::Graph::default();
    for (index, line) in without_mark(input.bytes).split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice::<row::Row>(line) {
            Ok(row) => graph.take(row),
            Err(error) => out.reject(format!("line {}", index + 1), error.to_string()),
        }
    }
    graph.settle();
    gather::gather(&graph, input.context, out);
    Ok(())
}
