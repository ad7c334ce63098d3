//! The schema of each store against what the program expects.

pub mod columns;
pub mod constraints;
pub mod migrations;
pub mod tables;

use model::fact::{SchemaPart, SchemaPartKind, SchemaReport};

use super::check::Unjudged;
use super::facts::ValidationFacts;

/// The schemas that could be read. One that could not be read is an error, one that a store does not
/// tell is left out.
fn schemas(facts: &ValidationFacts) -> Result<Vec<&SchemaReport>, Unjudged> {
    let mut found = Vec::new();
    for report in [&facts.topology_schema, &facts.telemetry_schema] {
        match report {
            Ok(report) => found.push(report),
            Err(Unjudged::Error(reason)) => return Err(Unjudged::Error(reason.clone())),
            Err(Unjudged::Skipped(_)) => {}
        }
    }
    if found.is_empty() {
        return Err(Unjudged::Skipped("no store tells its schema".to_owned()));
    }
    Ok(found)
}

/// Parts of some kinds that are expected.
fn expected<'a>(
    report: &'a SchemaReport,
    kinds: &'a [SchemaPartKind],
) -> impl Iterator<Item = &'a SchemaPart> {
    report.parts.iter().filter(move |one| kinds.contains(&one.kind) && one.expected.is_some())
}

/// Whether the table of a part is missing: then the part is missing with it.
fn is_without_table(report: &SchemaReport, part: &SchemaPart) -> bool {
    let mut tables = report.parts.iter().filter(|one| {
        one.kind == SchemaPartKind::Table && one.expected.is_some() && one.found.is_none()
    });
    tables
        .any(|table| part.name.strip_prefix(&table.name).is_some_and(|rest| rest.starts_with('.')))
}
