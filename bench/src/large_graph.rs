//! The large estate as graphs in memory: what fails with what, and all relations as rows.

use anyhow::Result;
use graph::{AndOr, AndOrBuilder, Csr, Edge, Link};
use scenario::large::{EntityKind, Large, RelationKind};

/// A group as it is given to the graph.
#[derive(Debug, Clone)]
pub struct Group {
    /// Whose it is.
    pub owner: u32,
    /// Its members, of which one must be left.
    pub members: Vec<u32>,
}

/// What each entity fails with: single needs, and groups of which one member must be left.
#[derive(Debug, Clone, Default)]
pub struct Failure {
    /// (owner, needed)
    pub needs: Vec<(u32, u32)>,
    /// Groups with several members.
    pub groups: Vec<Group>,
    /// (owner, used) where failure only degrades.
    pub soft: Vec<(u32, u32)>,
}

impl Failure {
    /// By the model's table of relations.
    pub fn new(large: &Large) -> Self {
        let mut failure = Self::default();
        let mut grouped: Vec<(u32, RelationKind, u32)> = Vec::new();
        let (caches, queues) = (large.of_kind(EntityKind::Cache), large.of_kind(EntityKind::Queue));
        let is_soft = |to: u32| caches.contains(&to) || queues.contains(&to);
        for position in 0..large.relation_count() {
            let relation = large.relation(position);
            let (from, kind, to) = (relation.from, relation.kind, relation.to);
            if !kind.carries_failure() {
                continue;
            }
            match kind {
                RelationKind::Calls | RelationKind::ConnectsTo => {
                    let is_needed = relation.need == "required";
                    if is_needed && (kind == RelationKind::Calls || !is_soft(to)) {
                        failure.needs.push((from, to));
                    } else {
                        failure.soft.push((from, to));
                    }
                }
                RelationKind::AttachedTo | RelationKind::Mounts | RelationKind::RunsOn => {
                    failure.needs.push((from, to));
                }
                _ => grouped.push((from, kind, to)),
            }
        }
        grouped.sort_unstable();
        grouped.dedup();
        for same in grouped.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            match same {
                [(owner, _, only)] => failure.needs.push((*owner, *only)),
                _ => failure.groups.push(Group {
                    owner: same[0].0,
                    members: same.iter().map(|(.., member)| *member).collect(),
                }),
            }
        }
        failure.needs.sort_unstable();
        failure.needs.dedup();
        failure
    }

    /// Memberships.
    pub fn memberships(&self) -> usize {
        self.needs.len() + self.groups.iter().map(|group| group.members.len()).sum::<usize>()
    }

    /// The AND/OR graph.
    pub fn build(&self, nodes: u32) -> Result<AndOr> {
        let mut builder = AndOrBuilder::new(nodes);
        for (owner, needed) in &self.needs {
            builder.group(*owner, 1, &[*needed]);
        }
        for group in &self.groups {
            builder.group(group.owner, 1, &group.members);
        }
        Ok(builder.build()?)
    }
}

/// All relations, each kind by its place in the model's order.
pub fn all_relations(large: &Large) -> Result<Csr> {
    let edges: Vec<Edge> = (0..large.relation_count())
        .map(|position| {
            let relation = large.relation(position);
            Edge { from: relation.from, to: relation.to, kind: relation.kind as u8 }
        })
        .collect();
    Ok(Csr::new(large.entity_count(), &edges)?)
}

/// Required calls between services, numbered from the first service, each taken in a part of the
/// visits that its ends decide.
pub fn calls(large: &Large) -> (u32, Vec<Link>) {
    let truth = large.truth();
    let first = truth.entries.start;
    let services = truth.hub + 1 - first;
    let mut links = Vec::new();
    for position in 0..large.relation_count() {
        let relation = large.relation(position);
        let is_call = relation.kind == RelationKind::Calls && relation.need == "required";
        if is_call && relation.from >= first && relation.from - first < services {
            let (from, to) = (relation.from - first, relation.to - first);
            let rate = f64::from((from * 7 + to * 13) % 20 + 1) / 20.0;
            links.push(Link { from, to, rate });
        }
    }
    (services, links)
}
