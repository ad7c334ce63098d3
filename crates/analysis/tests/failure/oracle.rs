//! A naive reading of section 1.4: no groups and no counters, every rule asked of every thing again and
//! again until nothing more fails.

use std::collections::BTreeSet;

use model::fact::{EstateFacts, EstateRelation};
use model::kind::{EntityKind as K, Need, RelationKind as R};

/// What can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// An entity by its ordinal.
    Entity(u32),
    /// A call by the place of its relation.
    Call(usize),
    /// The entry point of a service.
    Entry(u32),
}

pub struct Oracle<'a> {
    pub facts: &'a EstateFacts,
    pub is_now: bool,
}

type Failed = BTreeSet<Thing>;

impl Oracle<'_> {
    /// Everything that has failed when these have: the least set that contains them.
    pub fn fails(&self, seeds: &[u32]) -> Failed {
        let mut failed: Failed = seeds.iter().map(|one| Thing::Entity(*one)).collect();
        loop {
            let more: Vec<Thing> = self
                .things()
                .into_iter()
                .filter(|one| !failed.contains(one) && self.is_lost(*one, &failed))
                .collect();
            if more.is_empty() {
                return failed;
            }
            failed.extend(more);
        }
    }

    fn things(&self) -> Vec<Thing> {
        let entities = (0..self.facts.entities.len() as u32).map(Thing::Entity);
        let calls = (0..self.facts.relations.len()).filter(|place| {
            let one = &self.facts.relations[*place];
            matches!(one.kind, R::Calls | R::ConnectsTo)
        });
        let entries = (0..self.facts.entities.len() as u32).filter(|one| self.is_entered(*one));
        entities.chain(calls.map(Thing::Call)).chain(entries.map(Thing::Entry)).collect()
    }

    pub fn is_entered(&self, service: u32) -> bool {
        self.kind(service) == K::Service && !self.doors(service).is_empty()
    }

    /// The exposed Kubernetes Services in front of a service: those that serve it, or serve no service
    /// at all and lead to what implements it.
    fn doors(&self, service: u32) -> Vec<u32> {
        let all = 0..self.facts.entities.len() as u32;
        all.filter(|door| self.is_open(*door) && self.services(*door).contains(&service)).collect()
    }

    fn is_open(&self, door: u32) -> bool {
        let r#type = self.facts.entities[door as usize].properties.get("type");
        self.kind(door) == K::KubernetesService
            && r#type.is_some_and(|r#type| r#type == "LoadBalancer" || r#type == "NodePort")
    }

    fn services(&self, door: u32) -> Vec<u32> {
        let served: Vec<u32> = self.near(door, R::ServedThrough);
        if !served.is_empty() {
            return served;
        }
        let mut workloads = self.far(door, R::RoutesTo);
        let of_pods: Vec<u32> =
            workloads.iter().flat_map(|one| self.near(*one, R::HasReplica)).collect();
        workloads.extend(of_pods);
        let fronts = workloads.iter().flat_map(|one| self.near(*one, R::ImplementedBy));
        fronts.filter(|one| self.kind(*one) == K::Service).collect()
    }

    fn near(&self, to: u32, kind: R) -> Vec<u32> {
        let relations = self.facts.relations.iter();
        relations.filter(|one| one.to == to && one.kind == kind).map(|one| one.from).collect()
    }

    fn kind(&self, one: u32) -> K {
        self.facts.entities[one as usize].kind
    }

    fn flag(&self, one: u32, name: &str) -> Option<bool> {
        self.facts.entities[one as usize].properties.get(name)?.as_bool()
    }

    fn relations(&self, from: u32, kind: R) -> Vec<&EstateRelation> {
        self.facts.relations.iter().filter(|one| one.from == from && one.kind == kind).collect()
    }

    fn far(&self, from: u32, kind: R) -> Vec<u32> {
        self.relations(from, kind).into_iter().map(|one| one.to).collect()
    }

    fn is_lost(&self, thing: Thing, failed: &Failed) -> bool {
        let has = |one: &u32| failed.contains(&Thing::Entity(*one));
        // A group without known members is not a group.
        let all = |group: &[u32]| !group.is_empty() && group.iter().all(has);
        match thing {
            Thing::Entry(service) => {
                let doors = self.doors(service);
                has(&service) || all(&doors)
            }
            Thing::Call(place) => {
                let call = &self.facts.relations[place];
                has(&call.to)
                    || all(&self.far(call.to, R::ServedThrough))
                    || self.has_no_way_out(call, failed)
            }
            Thing::Entity(one) => self.is_entity_lost(one, failed),
        }
    }

    fn is_entity_lost(&self, one: u32, failed: &Failed) -> bool {
        let has = |one: &u32| failed.contains(&Thing::Entity(*one));
        let all = |group: &[u32]| !group.is_empty() && group.iter().all(has);
        let required_call = self.facts.relations.iter().enumerate().any(|(place, call)| {
            call.from == one
                && call.to != one
                && matches!(call.kind, R::Calls | R::ConnectsTo)
                && self.is_required(call)
                && failed.contains(&Thing::Call(place))
        });
        let standby = self.kind(one) == K::Database && self.flag(one, "multi_az") == Some(true);
        let places = self.far(one, R::PlacedIn);
        let is_misplaced = match (standby, places.len()) {
            // The standby is elsewhere.
            (true, 1) => false,
            // It is in one of these, nobody knows in which.
            (false, 2..) if self.kind(one) == K::Database => false,
            _ => all(&places),
        };
        required_call
            || is_misplaced
            || all(&self.far(one, R::ImplementedBy))
            || all(&self.far(one, R::RunsOn))
            || all(&self.far(one, R::RoutesTo))
            || self.far(one, R::Mounts).iter().any(has)
            || self.is_short_of_replicas(one, failed)
    }

    fn is_required(&self, call: &EstateRelation) -> bool {
        match (call.need, call.kind, self.kind(call.to)) {
            (Need::Unknown, R::ConnectsTo, K::Cache | K::Queue) => false,
            (Need::Unknown | Need::Required, ..) => true,
            _ => false,
        }
    }

    fn is_short_of_replicas(&self, one: u32, failed: &Failed) -> bool {
        let replicas = self.relations(one, R::HasReplica);
        let left = |one: &&EstateRelation| !failed.contains(&Thing::Entity(one.to));
        let min_alive = replicas.iter().map(|one| one.min_alive).max().unwrap_or(0).max(1) as usize;
        match self.kind(one) {
            K::DatabaseCluster => {
                !replicas.is_empty() && replicas.iter().copied().filter(left).count() < min_alive
            }
            K::Workload => {
                let property = |name: &str| {
                    let properties = &self.facts.entities[one as usize].properties;
                    properties.get(name).and_then(serde_json::Value::as_u64)
                };
                let declared = property("replicas").unwrap_or(replicas.len() as u64) as usize;
                let is_ready =
                    |one: &&EstateRelation| one.properties.get("ready") == Some(&true.into());
                let (ready, waiting): (Vec<_>, Vec<_>) = replicas.into_iter().partition(is_ready);
                let known = ready.len() + waiting.len();
                let wanted = declared.max(ready.len());
                if wanted == 0 {
                    return false;
                }
                let ready_left = ready.iter().copied().filter(left).count();
                if known == 0 {
                    // Only declared: they are somewhere.
                    return declared < min_alive;
                }
                if self.is_now {
                    return ready_left < min_alive;
                }
                let filled: Vec<_> = waiting.into_iter().take(wanted - ready.len()).collect();
                let nowhere = wanted - ready.len() - filled.len();
                ready_left + filled.iter().copied().filter(left).count() + nowhere < min_alive
            }
            _ => false,
        }
    }

    /// A call to the outside whose caller's subnets all lost their gateways, or are lost themselves.
    fn has_no_way_out(&self, call: &EstateRelation, failed: &Failed) -> bool {
        if self.kind(call.to) != K::ExternalEndpoint {
            return false;
        }
        let mut runs = vec![call.from];
        for kind in [R::ImplementedBy, R::HasReplica, R::RunsOn, R::RunsOn] {
            let further: Vec<u32> = runs.iter().flat_map(|one| self.far(*one, kind)).collect();
            runs.extend(further);
        }
        let mut subnets = Vec::new();
        for one in runs {
            let places = self.far(one, R::PlacedIn);
            let of_one: Vec<u32> =
                places.into_iter().filter(|place| self.kind(*place) == K::Subnet).collect();
            let leads_on = [R::ImplementedBy, R::HasReplica, R::RunsOn]
                .iter()
                .any(|kind| !self.far(one, *kind).is_empty());
            let is_host = matches!(self.kind(one), K::KubernetesNode | K::Instance);
            if is_host && !leads_on && of_one.is_empty() {
                return false;
            }
            subnets.extend(of_one);
        }
        let has = |one: &u32| failed.contains(&Thing::Entity(*one));
        let is_shut = |subnet: &u32| {
            let gateways = self.far(*subnet, R::EgressThrough);
            !gateways.is_empty() && (has(subnet) || gateways.iter().all(has))
        };
        !subnets.is_empty() && subnets.iter().all(is_shut)
    }
}
