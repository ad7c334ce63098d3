//! From the nodes and relations of a graph to observations: one record an entity, with everything that
//! its relations say, by account or cluster and by the sync that saw it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::entity::RelationObservation;
use model::{EntityObservation, Micros, Reference, RelationKind as R};

use super::graph::{Graph, Link, Node};
use super::label::Family;
use super::relation::Meaning;
use super::route::{self, Balancer};
use super::{aws, kubernetes};
use crate::context::InputContext;
use crate::format::kubernetes::image_entity;
use crate::input::Out;

/// What is said under one heading: who says it, and when it was true.
type Heading = (String, Option<Micros>);

/// Everything in the making.
pub struct Gather<'a> {
    pub(super) graph: &'a Graph,
    context: &'a InputContext,
    /// How others refer to a node.
    pub(super) references: Vec<Option<Reference>>,
    /// The record of a node.
    pub(super) records: Vec<Option<EntityObservation>>,
    /// Records of no node, with the node under whose heading they are.
    pub(super) others: Vec<(usize, EntityObservation)>,
    /// Pod of each container.
    pods: HashMap<usize, usize>,
    /// What runs a pod.
    workloads: HashMap<usize, usize>,
    /// The service of each topmost workload: its place among the others.
    fronts: HashMap<usize, usize>,
    /// Listeners of each load balancer, and what it sends to.
    pub(super) balancers: BTreeMap<usize, Balancer>,
    pub(super) unplaced: u64,
}

/// Puts everything out, after what is not read.
pub fn gather(graph: &Graph, context: &InputContext, out: &mut Out<'_>) {
    for ((what, reason), count) in &graph.unread {
        out.reject(what.clone(), *reason);
        if let Some(reject) = out.batch().rejects.last_mut() {
            reject.count = *count;
        }
    }
    let mut gather = Gather {
        graph,
        context,
        references: graph.nodes.iter().map(|node| reference(graph, node)).collect(),
        records: Vec::new(),
        others: Vec::new(),
        pods: HashMap::new(),
        workloads: HashMap::new(),
        fronts: HashMap::new(),
        balancers: route::balancers(graph),
        unplaced: 0,
    };
    gather.records();
    gather.fronts();
    for link in &graph.links {
        gather.link(link);
    }
    gather.zones();
    gather.routes();
    if gather.unplaced > 0 {
        out.reject("relations", "an end of them is no record and has no name");
        if let Some(reject) = out.batch().rejects.last_mut() {
            reject.count = gather.unplaced;
        }
    }
    gather.put(out);
}

fn reference(graph: &Graph, node: &Node) -> Option<Reference> {
    match node.family()? {
        Family::Cluster | Family::Object(..) => kubernetes::id(graph, node).map(Reference::id),
        _ => aws::reference(graph, node),
    }
}

impl Gather<'_> {
    fn records(&mut self) {
        let mut tags: HashMap<usize, Vec<(String, String)>> = HashMap::new();
        for link in &self.graph.links {
            match link.meaning {
                Meaning::Tag => {
                    let tag = &self.graph.nodes[link.end];
                    if let Some(key) = tag.text(&["key"]) {
                        let value = tag.text(&["value"]).unwrap_or_default();
                        tags.entry(link.start).or_default().push((key, value));
                    }
                }
                Meaning::Container => {
                    let is_of_pod =
                        self.graph.nodes[link.start].family() == Some(Family::Container);
                    let (pod, container) =
                        if is_of_pod { (link.end, link.start) } else { (link.start, link.end) };
                    self.pods.insert(container, pod);
                }
                Meaning::Reversed(R::HasReplica) => {
                    self.workloads.insert(link.start, link.end);
                }
                _ => {}
            }
        }
        let record = |(at, node): (usize, &Node)| {
            if !node.is_whole || node.is_stale {
                return None;
            }
            match node.family()? {
                Family::Cluster => kubernetes::cluster_entity(node, self.context),
                Family::Object(..) => kubernetes::entity(self.graph, node, self.context),
                _ => {
                    let tags = tags.get(&at).map_or(&[][..], Vec::as_slice);
                    aws::entity(self.graph, node, tags)
                }
            }
        };
        self.records = self.graph.nodes.iter().enumerate().map(record).collect();
        self.unplaced += self
            .graph
            .nodes
            .iter()
            .zip(&self.records)
            .filter(|(node, record)| {
                let is_entity = node.family().is_some_and(Family::is_entity)
                    && node.family() != Some(Family::ClassicListener);
                node.is_whole && !node.is_stale && is_entity && record.is_none()
            })
            .count() as u64;
    }

    /// The service of each topmost workload, and what leads from its pods to it.
    fn fronts(&mut self) {
        let owned: BTreeSet<usize> = self
            .graph
            .links
            .iter()
            .filter(|link| link.meaning == Meaning::Reversed(R::Contains))
            .filter(|link| self.is(link.end, model::EntityKind::Workload))
            .map(|link| link.start)
            .collect();
        for at in 0..self.records.len() {
            if !self.is(at, model::EntityKind::Workload) || owned.contains(&at) {
                continue;
            }
            let Some(home) = kubernetes::home(self.graph, &self.graph.nodes[at]) else { continue };
            let cluster = home.cluster(self.context);
            let record = self.records[at].as_mut();
            if let Some(front) = record.and_then(|one| kubernetes::front(&cluster, one)) {
                self.fronts.insert(at, self.others.len());
                self.others.push((at, front));
            }
        }
        let pairs: BTreeMap<usize, usize> =
            self.workloads.iter().map(|(pod, workload)| (*pod, *workload)).collect();
        for (pod, workload) in pairs {
            let Some(home) = kubernetes::home(self.graph, &self.graph.nodes[pod]) else { continue };
            let Some(id) = kubernetes::id(self.graph, &self.graph.nodes[workload]) else {
                continue;
            };
            if let Some(pod) = self.records[pod].as_mut() {
                kubernetes::run_by(&home.cluster(self.context), pod, &id);
            }
        }
    }

    fn is(&self, at: usize, kind: model::EntityKind) -> bool {
        matches!(self.graph.nodes[at].family(), Some(Family::Object(of, ..)) if of == kind)
    }

    fn link(&mut self, link: &Link) {
        let (start, end) = (link.start, link.end);
        if self.graph.nodes[start].is_stale || self.graph.nodes[end].is_stale {
            return;
        }
        let family = self.graph.nodes[end].family();
        let is_entity = family.is_some_and(Family::is_entity);
        // A classic listener is known by its load balancer: `routes` makes it.
        if family == Some(Family::ClassicListener) || (link.meaning == Meaning::Holds && !is_entity)
        {
            return;
        }
        match link.meaning {
            Meaning::Holds if start != end => self.relate(start, R::Contains, end, [end, start]),
            Meaning::Is(kind) => {
                self.relate(start, kind, end, [start, end]);
                if kind == R::RoutesTo {
                    self.serve(start, end);
                }
            }
            Meaning::Reversed(kind) => self.relate(end, kind, start, [start, end]),
            Meaning::Image => self.image(start, end),
            Meaning::Expose => self.expose(link),
            Meaning::Holds | Meaning::Tag | Meaning::Container | Meaning::Same => {}
        }
    }

    /// A relation, on the record of the first of `on` that has one.
    fn relate(&mut self, from: usize, kind: R, to: usize, on: [usize; 2]) {
        let ends = self.references[from].clone().zip(self.references[to].clone());
        let Some((from, far)) = ends else {
            self.unplaced += 1;
            return;
        };
        let mut relation = RelationObservation::declared(from, kind, far);
        if kind == R::HasReplica
            && let Some((is_ready, is_finished)) = kubernetes::readiness(&self.graph.nodes[to])
        {
            relation = relation.with("ready", is_ready);
            if is_finished {
                relation = relation.with("finished", true);
            }
        }
        self.put_on(on, relation);
    }

    pub(super) fn put_on(&mut self, on: [usize; 2], relation: RelationObservation) {
        let at = on.into_iter().find(|at| self.records[*at].is_some());
        match at.and_then(|at| self.records[at].as_mut()) {
            Some(record) => add(record, relation),
            None => self.unplaced += 1,
        }
    }

    /// What leads to a pod serves the service of what runs it.
    fn serve(&mut self, service: usize, pod: usize) {
        let front = self.workloads.get(&pod).and_then(|workload| self.fronts.get(workload));
        let through = self.references[service].clone();
        if let (Some(front), Some(through)) = (front.copied(), through)
            && self.is(service, model::EntityKind::KubernetesService)
        {
            let front = &mut self.others[front].1;
            let from = Reference::id(front.id.clone());
            add(front, RelationObservation::declared(from, R::ServedThrough, through));
        }
    }

    fn image(&mut self, container: usize, image: usize) {
        let nodes = &self.graph.nodes;
        let Some(pod) = self.pods.get(&container).copied() else {
            self.unplaced += 1;
            return;
        };
        let named = kubernetes::image(&nodes[container], &nodes[image]);
        let (Some((name, id)), Some(from)) = (named, self.references[pod].clone()) else {
            self.unplaced += 1;
            return;
        };
        let image = image_entity(&name, Some(&id));
        let to = Reference::id(image.id.clone());
        self.others.push((pod, image));
        self.put_on([pod, pod], RelationObservation::declared(from, R::UsesImage, to));
    }

    /// What says no subnet is placed in its zone.
    fn zones(&mut self) {
        let mut told = BTreeSet::new();
        for (at, node) in self.graph.nodes.iter().enumerate() {
            let Some(record) = self.records[at].as_mut() else { continue };
            let is_placed = record.relations.iter().any(|one| one.kind == R::PlacedIn);
            let Some(name) = aws::zone_of(node).filter(|_| !is_placed) else { continue };
            let place = aws::place(self.graph, node);
            let Some((zones, to)) = aws::zone(&place, &name) else { continue };
            let from = Reference::id(record.id.clone());
            add(record, RelationObservation::declared(from, R::PlacedIn, to));
            if told.insert((node.tenant, node.seen_at(), name)) {
                self.others.extend(zones.into_iter().map(|zone| (at, zone)));
            }
        }
    }

    /// Hands everything on, heading by heading.
    fn put(mut self, out: &mut Out<'_>) {
        let mut headed: BTreeMap<Heading, Vec<EntityObservation>> = BTreeMap::new();
        let records = std::mem::take(&mut self.records).into_iter().enumerate();
        let records = records.filter_map(|(at, record)| Some((at, record?)));
        for (at, record) in records.chain(std::mem::take(&mut self.others)) {
            headed.entry(self.heading(at)).or_default().push(record);
        }
        for ((source, at), mut records) in headed {
            out.regard(&source, at);
            records.sort_by(|a, b| a.id.cmp(&b.id));
            for record in records {
                let count = 1 + record.relations.len();
                out.batch().entities.push(record);
                if !out.added(count) {
                    return;
                }
            }
        }
    }

    fn heading(&self, at: usize) -> Heading {
        let node = &self.graph.nodes[at];
        let tenant = node.tenant.and_then(|tenant| self.graph.nodes[tenant].text(&["id"]));
        let source =
            tenant.map_or_else(|| "cartography".to_owned(), |id| format!("cartography:{id}"));
        (source, node.seen_at())
    }
}

/// Adds a relation that is not there yet.
pub fn add(record: &mut EntityObservation, relation: RelationObservation) {
    let is_there = record
        .relations
        .iter()
        .any(|one| one.kind == relation.kind && one.from == relation.from && one.to == relation.to);
    if !is_there {
        record.relations.push(relation);
    }
}
