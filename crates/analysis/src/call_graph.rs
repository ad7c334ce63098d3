//! The graph of calls: what a configuration declares and what was seen, as one set of links between the
//! entities of an estate.

use std::collections::BTreeSet;

use graph::{Components, Csr, Edge, Kinds, components};
use model::kind::{EntityKind, Need, NeedSource, RelationKind};

use crate::calls::{Calls, PairCalls};
use crate::estate::Estate;
use crate::need::MeasuredNeeds;
use model::fact::EstateRelation;

/// Kinds that call.
const CALLERS: [EntityKind; 9] = [
    EntityKind::Service,
    EntityKind::Workload,
    EntityKind::Instance,
    EntityKind::Function,
    EntityKind::Client,
    EntityKind::ContainerService,
    EntityKind::Database,
    EntityKind::Cache,
    EntityKind::Queue,
];

/// Calls from one to another, or a connection.
#[derive(Debug, Clone, Copy)]
pub struct CallLink<'a> {
    /// Place of the caller in the graph's nodes.
    pub from: u32,
    /// Place of the callee in the graph's nodes.
    pub to: u32,
    /// `calls` or `connects_to`.
    pub kind: RelationKind,
    /// The relation in force, if there is one.
    pub relation: Option<&'a EstateRelation>,
    /// Calls in the window, if there are any.
    pub calls: Option<&'a PairCalls>,
    /// Need, after what traces show.
    pub need: Need,
    /// Where the need comes from.
    pub need_source: NeedSource,
}

impl CallLink<'_> {
    /// Whether a configuration states it.
    pub fn is_declared(&self) -> bool {
        self.relation.is_some_and(EstateRelation::is_declared)
    }

    /// Whether calls were seen.
    pub fn is_observed(&self) -> bool {
        self.calls.is_some_and(|pair| pair.calls > 0)
            || self.relation.is_some_and(EstateRelation::is_observed)
    }

    /// Whether the caller fails with the callee.
    pub fn carries_failure(&self) -> bool {
        matches!(self.need, Need::Required | Need::Unknown)
    }
}

/// Services, what they call, and the links between them.
#[derive(Debug, Clone)]
pub struct CallGraph<'a> {
    /// Ordinals in the estate, in order; a node is its place here.
    pub nodes: Vec<u32>,
    /// Links in order of (from, to, kind).
    pub links: Vec<CallLink<'a>>,
    offsets: Vec<usize>,
    to: Vec<usize>,
    to_offsets: Vec<usize>,
}

impl<'a> CallGraph<'a> {
    /// The graph of an estate with the calls of a window. Every service is a node; others are where a
    /// link ends at them. O(links · log nodes).
    pub fn new(estate: &'a Estate, calls: &'a Calls, needs: &MeasuredNeeds) -> Self {
        let is_link = |kind| matches!(kind, RelationKind::Calls | RelationKind::ConnectsTo);
        let callers = || CALLERS.iter().flat_map(|kind| estate.of_kind(*kind));
        let relations =
            || callers().flat_map(|one| estate.from(one)).filter(move |one| is_link(one.kind));
        let mut nodes: BTreeSet<u32> = estate.of_kind(EntityKind::Service).collect();
        nodes.extend(relations().flat_map(|one| [one.from, one.to]));
        nodes.extend(calls.pairs.keys().flat_map(|(from, to)| [*from, *to]));
        let nodes: Vec<u32> = nodes.into_iter().collect();
        let place = |ordinal: u32| place_of(&nodes, ordinal);
        let mut links = Vec::new();
        let mut related: BTreeSet<(u32, u32)> = BTreeSet::new();
        for relation in relations() {
            let pair = (relation.from, relation.to);
            let (need, need_source) = need_of(estate, relation, needs);
            // Of a pair with both kinds of relation the first has the calls.
            let calls = calls.pairs.get(&pair).filter(|_| related.insert(pair));
            links.push(CallLink {
                from: place(relation.from),
                to: place(relation.to),
                kind: relation.kind,
                relation: Some(relation),
                calls,
                need,
                need_source,
            });
        }
        for (pair, seen) in calls.pairs.iter().filter(|(pair, _)| !related.contains(*pair)) {
            let is_store = estate.entity(pair.1).kind.is_store();
            let kind = if is_store { RelationKind::ConnectsTo } else { RelationKind::Calls };
            let mut relation = EstateRelation::new(pair.0, kind, pair.1);
            if seen.is_asynchronous() {
                (relation.need, relation.need_source) = (Need::Asynchronous, NeedSource::Messaging);
            }
            let (need, need_source) = need_of(estate, &relation, needs);
            links.push(CallLink {
                from: place(pair.0),
                to: place(pair.1),
                kind,
                relation: None,
                calls: Some(seen),
                need,
                need_source,
            });
        }
        links.sort_by_key(|one| (one.from, one.to, one.kind));
        Self::indexed(nodes, links)
    }

    fn indexed(nodes: Vec<u32>, links: Vec<CallLink<'a>>) -> Self {
        let mut offsets = vec![0; nodes.len() + 1];
        let mut to_offsets = vec![0; nodes.len() + 1];
        for link in &links {
            offsets[link.from as usize + 1] += 1;
            to_offsets[link.to as usize + 1] += 1;
        }
        for place in 0..nodes.len() {
            offsets[place + 1] += offsets[place];
            to_offsets[place + 1] += to_offsets[place];
        }
        let mut next = to_offsets.clone();
        let mut to = vec![0; links.len()];
        for (place, link) in links.iter().enumerate() {
            let slot = &mut next[link.to as usize];
            to[*slot] = place;
            *slot += 1;
        }
        Self { nodes, links, offsets, to, to_offsets }
    }

    /// The node of an entity.
    pub fn node(&self, ordinal: u32) -> Option<u32> {
        self.nodes.binary_search(&ordinal).ok().map(|place| place as u32)
    }

    /// Links from a node, in order of callee.
    pub fn from(&self, node: u32) -> &[CallLink<'a>] {
        let place = node as usize;
        &self.links[self.offsets[place]..self.offsets[place + 1]]
    }

    /// Links to a node, in order of caller.
    pub fn to(&self, node: u32) -> impl Iterator<Item = &CallLink<'a>> + '_ {
        let place = node as usize;
        let places = &self.to[self.to_offsets[place]..self.to_offsets[place + 1]];
        places.iter().map(|place| &self.links[*place])
    }

    /// The links that `is_kept` as a plain graph.
    pub fn csr(&self, is_kept: impl Fn(&CallLink<'_>) -> bool) -> Csr {
        let edges: Vec<Edge> = self
            .links
            .iter()
            .filter(|link| is_kept(link))
            .map(|link| Edge { from: link.from, to: link.to, kind: 0 })
            .collect();
        Csr::new(self.nodes.len() as u32, &edges).unwrap_or_default()
    }

    /// Groups of nodes that reach each other by calls, as places of nodes: the largest first, then by
    /// first node.
    pub fn cycles(&self) -> (Components, Vec<Vec<u32>>) {
        let csr = self.csr(|link| link.kind == RelationKind::Calls);
        let components = components(&csr, Kinds::ALL);
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); components.count as usize];
        for (node, component) in (0_u32..).zip(&components.of) {
            members[*component as usize].push(node);
        }
        let calls_itself = |node: u32| self.from(node).iter().any(|link| link.to == node);
        members.retain(|all| match all.as_slice() {
            [alone] => calls_itself(*alone),
            all => !all.is_empty(),
        });
        members.sort_by_key(|all| (std::cmp::Reverse(all.len()), all[0]));
        (components, members)
    }
}

fn place_of(nodes: &[u32], ordinal: u32) -> u32 {
    nodes.partition_point(|one| *one < ordinal) as u32
}

/// The need of a call or connection: what traces show, the relation's own, else the default for the kind
/// of what is connected to.
fn need_of(
    estate: &Estate,
    relation: &EstateRelation,
    needs: &MeasuredNeeds,
) -> (Need, NeedSource) {
    if let Some(shown) = needs.get(&(relation.from, relation.to)) {
        return *shown;
    }
    if relation.need != Need::Unknown || relation.kind == RelationKind::Calls {
        return (relation.need, relation.need_source);
    }
    match estate.entity(relation.to).kind {
        EntityKind::Database
        | EntityKind::DatabaseCluster
        | EntityKind::DatabaseProxy
        | EntityKind::Bucket => (Need::Required, NeedSource::Default),
        EntityKind::Cache => (Need::Optional, NeedSource::Default),
        EntityKind::Queue => (Need::Asynchronous, NeedSource::Default),
        _ => (Need::Unknown, NeedSource::Unknown),
    }
}
