//! Every name that a source uses leads to one thing at most.

use std::collections::BTreeMap;

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "ambiguous_references",
    family: ValidationFamily::Graph,
    severity: ValidationSeverity::Minor,
    title: "Names that mean several things",
    says: "every name that a source uses leads to one thing at most",
    affects: ValidationAffected::Entity,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let open = facts.open_references.as_ref().map_err(Clone::clone)?;
    let estate = facts.estate.as_ref().map_err(Clone::clone)?;
    let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in open.iter().filter(|one| one.candidates.len() > 1) {
        let ids = by_source.entry(&one.source).or_default();
        ids.extend(one.candidates.iter().map(String::as_str));
    }
    let found = by_source.into_iter().map(|(source, mut ids)| {
        ids.sort_unstable();
        ids.dedup();
        let names = open.iter().filter(|one| one.source == source && one.candidates.len() > 1);
        let count = counted(names.count() as u64, "name");
        let what = format!("{count} that {source} uses mean several things, and lead to none");
        let action = "state which is meant with `ubiquitous rule put`, or let the source name a \
                      cluster, namespace or account";
        Found::warning(what, action).about(ids)
    });
    let found = found.collect();
    Ok(Judgement { checked: estate.facts.relations.len() as u64 + open.len() as u64, found })
}
