//! What harms an application now: incidents that go on and findings that are open, of the application
//! itself, its services, what runs them, its stores and queues.

use std::collections::BTreeSet;

use model::entity::EntityId;
use model::kind::RelationKind;

use super::judge::Judged;
use crate::question::security_events::{OpenFindingCount, counted};

/// Open incidents, each once, and open findings by severity.
pub(super) fn harm(it: &Judged<'_>, key: &str, nodes: &[u32]) -> (u64, Vec<OpenFindingCount>) {
    let facts = it.facts;
    if facts.open_incidents.is_empty() && facts.open_findings.is_empty() {
        return (0, Vec::new());
    }
    let parts = parts(it, key, nodes);
    let estate = &facts.estate;
    let is_part = |id: &String| estate.find(id).is_some_and(|one| parts.contains(&one));
    let harming = facts.open_incidents.iter().filter(|harmed| harmed.iter().any(is_part));
    let inside: BTreeSet<EntityId> = parts.iter().map(|one| estate.entity(*one).entity).collect();
    let findings = counted(&facts.open_findings, |one| inside.contains(&one));
    (harming.count() as u64, findings)
}

/// Ordinals of everything that belongs to an application, stores that it shares among them.
fn parts(it: &Judged<'_>, key: &str, nodes: &[u32]) -> BTreeSet<u32> {
    let estate = &it.facts.estate;
    let mut parts: BTreeSet<u32> = estate.find(key).into_iter().collect();
    for node in nodes {
        let service = it.graph.nodes[*node as usize];
        parts.insert(service);
        for runner in estate.far(service, RelationKind::ImplementedBy) {
            parts.insert(runner);
            parts.extend(estate.far(runner, RelationKind::HasReplica));
        }
        let used = it.graph.from(*node).iter().map(|link| it.graph.nodes[link.to as usize]);
        parts.extend(used.filter(|one| estate.entity(*one).kind.is_store()));
    }
    parts.retain(|one| !estate.is_outside(*one));
    parts
}
