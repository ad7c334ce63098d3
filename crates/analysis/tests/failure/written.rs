//! Hand-written estates, and what is asked of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use analysis::estate::Estate;
use analysis::failure::{Model, Options, Outcome, State};
use model::fact::{EntityFact, EstateFacts, EstateRelation};
use model::kind::{EntityKind, Need, NeedSource, RelationKind};
use serde_json::Value;

/// An estate on paper: entities by name, in any order.
#[derive(Debug, Clone, Default)]
pub struct Paper {
    pub entities: Vec<EntityFact>,
    pub relations: Vec<EstateRelation>,
}

impl Paper {
    /// Adds an entity whose id is its name.
    pub fn add(&mut self, kind: EntityKind, name: &str) -> u32 {
        self.entities.push(EntityFact::new(kind, name, name));
        (self.entities.len() - 1) as u32
    }

    /// Adds an entity with properties.
    pub fn with(&mut self, kind: EntityKind, name: &str, properties: Value) -> u32 {
        let one = self.add(kind, name);
        let Value::Object(properties) = properties else { panic!("properties are an object") };
        self.entities[one as usize].properties.extend(properties);
        one
    }

    pub fn relate(&mut self, from: u32, kind: RelationKind, to: u32) -> &mut EstateRelation {
        self.relations.push(EstateRelation::new(from, kind, to));
        self.relations.last_mut().expect("one was just added")
    }

    /// A relation with one property.
    pub fn said(&mut self, from: u32, kind: RelationKind, to: u32, name: &str, value: Value) {
        self.relate(from, kind, to).properties.insert(name.into(), value);
    }

    /// A call, or a connection, of a stated need.
    pub fn needs(&mut self, from: u32, kind: RelationKind, to: u32, need: Need) {
        let relation = self.relate(from, kind, to);
        (relation.need, relation.need_source) = (need, NeedSource::Rule);
    }

    /// A workload of a service, and its pods, each on one of the nodes and ready.
    pub fn workload(&mut self, service: &str, replicas: u64, nodes: &[u32]) -> (u32, u32) {
        let front = self.add(EntityKind::Service, service);
        let properties = serde_json::json!({"controller": "Deployment", "replicas": replicas});
        let workload = self.with(EntityKind::Workload, &format!("{service}/w"), properties);
        self.relate(front, RelationKind::ImplementedBy, workload);
        for (place, node) in nodes.iter().enumerate() {
            let pod = self.add(EntityKind::Pod, &format!("{service}/{place}"));
            self.said(workload, RelationKind::HasReplica, pod, "ready", true.into());
            self.relate(pod, RelationKind::RunsOn, *node);
        }
        (front, workload)
    }

    /// The facts, in the order in which a store gives them.
    pub fn facts(&self) -> EstateFacts {
        let mut order: Vec<u32> = (0..self.entities.len() as u32).collect();
        let key = |one: &u32| {
            let entity = &self.entities[*one as usize];
            (entity.kind, entity.id.clone())
        };
        order.sort_by_key(key);
        let place: BTreeMap<u32, u32> = order.iter().copied().zip(0..).collect();
        let entities = order.iter().map(|one| self.entities[*one as usize].clone()).collect();
        let mut relations: Vec<EstateRelation> = self
            .relations
            .iter()
            .map(|one| EstateRelation { from: place[&one.from], to: place[&one.to], ..one.clone() })
            .collect();
        relations.sort_by_key(|one| (one.from, one.kind, one.to));
        relations.dedup_by_key(|one| (one.from, one.kind, one.to));
        EstateFacts { entities, relations, ..EstateFacts::default() }
    }

    pub fn model(&self) -> Asked {
        self.model_with(|_| Options::default())
    }

    pub fn model_with(&self, options: impl Fn(&Estate) -> Options) -> Asked {
        let estate = Arc::new(Estate::new(self.facts()));
        let options = options(&estate);
        Asked(Model::of(estate, &options))
    }
}

/// A model that is asked by names.
pub struct Asked(pub Model);

impl Asked {
    pub fn node(&self, name: &str) -> u32 {
        self.0.estate().find(name).unwrap_or_else(|| panic!("{name} is not there"))
    }

    fn outcome(&self, seeds: &[&str], state: State) -> Outcome {
        let seeds: Vec<u32> = seeds.iter().map(|name| self.node(name)).collect();
        self.0.closure(&seeds, state)
    }

    fn names(&self, nodes: impl Iterator<Item = u32>) -> Vec<String> {
        let mut names: Vec<String> = nodes.filter_map(|node| self.name(node)).collect();
        names.sort();
        names
    }

    /// An entity by name, an entry as `→ name`; other nodes have none.
    fn name(&self, node: u32) -> Option<String> {
        if (node as usize) < self.0.estate().len() {
            return Some(self.0.estate().entity(node).name.clone());
        }
        let entry = self.0.entries().iter().find(|entry| entry.node == node)?;
        Some(format!("→ {}", self.0.estate().entity(entry.subject).name))
    }

    /// What fails by design when these fail, without them, in order of name.
    pub fn fails(&self, seeds: &[&str]) -> Vec<String> {
        let outcome = self.outcome(seeds, State::ByDesign);
        let names = self.names(outcome.failed().iter().copied());
        names.into_iter().filter(|name| !seeds.contains(&name.as_str())).collect()
    }

    /// What fails in addition to what has failed already.
    pub fn fails_now(&self, seeds: &[&str]) -> Vec<String> {
        let outcome = self.outcome(seeds, State::Now);
        let names = self.names(outcome.failed().iter().copied());
        names.into_iter().filter(|name| !seeds.contains(&name.as_str())).collect()
    }

    /// What has failed already.
    pub fn already(&self) -> Vec<String> {
        let outcome = self.outcome(&[], State::Now);
        self.names(outcome.already().iter().copied())
    }

    /// What degrades by design, with its distance: 0 for directly.
    pub fn degrades(&self, seeds: &[&str]) -> Vec<(String, u32)> {
        let outcome = self.outcome(seeds, State::ByDesign);
        let degraded = outcome.degraded().iter();
        let mut names: Vec<(String, u32)> =
            degraded.filter_map(|one| Some((self.name(one.node)?, one.distance))).collect();
        names.sort();
        names
    }

    pub fn entries(&self) -> Vec<String> {
        self.names(self.0.entries().iter().map(|entry| entry.subject))
    }

    /// Workload risks: name, class, and what all members share.
    pub fn risks(&self) -> Vec<(String, &'static str, Vec<String>)> {
        let risks = self.0.workload_risks(State::ByDesign);
        let mut found: Vec<(String, &'static str, Vec<String>)> = risks
            .iter()
            .map(|risk| {
                let on = risk.on.iter().map(|one| self.0.label(*one)).collect();
                (self.0.estate().entity(risk.workload).name.clone(), risk.class.as_str(), on)
            })
            .collect();
        found.sort();
        found
    }
}
