//! Both ends of every relation are entities.

use std::collections::BTreeMap;

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "dangling_relations",
    family: ValidationFamily::Graph,
    severity: ValidationSeverity::Critical,
    title: "Relations without an end",
    says: "both ends of every relation are entities",
    affects: ValidationAffected::Entity,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let (named, total) = facts.dangling.as_ref().map_err(Clone::clone)?;
    let estate = facts.estate.as_ref().map_err(Clone::clone)?;
    let checked = estate.facts.relations.len() as u64 + total;
    let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in named {
        let ends = by_source.entry(&one.source).or_default();
        ends.extend([&one.from, &one.to].into_iter().flatten().map(String::as_str));
    }
    let found = by_source.into_iter().map(|(source, mut ends)| {
        ends.sort_unstable();
        ends.dedup();
        let count =
            counted(named.iter().filter(|one| one.source == source).count() as u64, "relation");
        let what = format!("{count} of {source} lead to or from an entity that is not there");
        let action = format!("read a complete export of {source} again, or restore a backup");
        Found::failed(what, action).about(ends)
    });
    Ok(Judgement { checked, found: found.collect() })
}
