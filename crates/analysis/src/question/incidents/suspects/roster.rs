//! Who may be suspected: what the harmed subject depends on by the estate's relations, its callers, and
//! what only labels of series name. Parts of a service (workloads, pods) speak for it; hosts speak for
//! themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use model::entity::{EntityId, Labels};
use model::kind::{EntityKind, RelationKind};

use super::facts::SuspectSubject;
use crate::estate::Estate;

/// Most subjects.
const SUBJECTS_MAX: usize = 3_000;
/// Relations from a subject to its parts.
const PARTS: [RelationKind; 3] =
    [RelationKind::ImplementedBy, RelationKind::HasReplica, RelationKind::HasPart];
/// Relations to what a subject depends on.
const NEEDS: [RelationKind; 5] = [
    RelationKind::Calls,
    RelationKind::ConnectsTo,
    RelationKind::RoutesTo,
    RelationKind::ServedThrough,
    RelationKind::RunsOn,
];
/// Labels that name a service, best first.
const SERVICE_LABELS: [&str; 7] = [
    "service_name",
    "exported_service",
    "service",
    "microservice",
    "k8s_deployment_name",
    "deployment",
    "app",
];
/// Labels that name a pod.
const POD_LABELS: [&str; 4] = ["exported_pod", "pod", "pod_name", "k8s_pod_name"];
/// Canonical ids of what references stand for while they lead nowhere.
const STAND_IN: &str = "ref://";

/// The subjects, and what belongs to them.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// Subjects.
    pub subjects: Vec<SuspectSubject>,
    /// Who depends on whom.
    pub calls: BTreeSet<(usize, usize)>,
    /// Subject by entity, for its parts too.
    owners: HashMap<EntityId, usize>,
    by_ordinal: BTreeMap<u32, usize>,
    /// Subject by name; `None` when the name is of several, or of what is out of reach.
    by_name: BTreeMap<String, Option<usize>>,
    /// Service by pod, as labels tell it.
    by_pod: BTreeMap<String, String>,
}

impl Roster {
    /// What `symptom` depends on, and who calls it, by an estate. O(relations reached).
    pub fn of_estate(estate: &Estate, symptom: Option<u32>) -> Self {
        let mut roster = Self::default();
        for one in estate.of_kind(EntityKind::Service) {
            let entry = roster.by_name.entry(estate.entity(one).name.clone());
            entry.or_insert(None);
        }
        let Some(symptom) = symptom else { return roster };
        let mut open = VecDeque::from([symptom]);
        roster.add(estate, symptom);
        roster.walk(estate, &mut open);
        let alone = roster.calls.is_empty();
        let callers: Vec<u32> = match alone {
            // Nothing is known of what it calls: every service may be it.
            true => estate.of_kind(EntityKind::Service).collect(),
            false => estate.near(symptom, RelationKind::Calls).collect(),
        };
        for caller in callers {
            if roster.add(estate, caller) {
                open.push_back(caller);
            }
        }
        roster.walk(estate, &mut open);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for one in estate.of_kind(EntityKind::Service) {
            *counts.entry(estate.entity(one).name.as_str()).or_default() += 1;
        }
        for (ordinal, place) in &roster.by_ordinal {
            let name = &estate.entity(*ordinal).name;
            if counts.get(name.as_str()).is_none_or(|count| *count == 1) {
                roster.by_name.insert(name.clone(), Some(*place));
            }
        }
        roster
    }

    fn walk(&mut self, estate: &Estate, open: &mut VecDeque<u32>) {
        while let Some(one) = open.pop_front() {
            let place = self.by_ordinal[&one];
            let parts = estate.reached(&[one], &PARTS);
            for part in &parts {
                self.owners.entry(estate.entity(*part).entity).or_insert(place);
            }
            for part in &parts {
                for relation in estate.from(*part).iter().filter(|r| NEEDS.contains(&r.kind)) {
                    let to = whole(estate, relation.to);
                    if parts.contains(&to) {
                        continue;
                    }
                    if self.add(estate, to) {
                        open.push_back(to);
                    }
                    if let Some(to) = self.by_ordinal.get(&to) {
                        self.calls.insert((place, *to));
                    }
                }
            }
        }
    }

    /// Adds an entity; whether it is new.
    fn add(&mut self, estate: &Estate, ordinal: u32) -> bool {
        let is_full = self.subjects.len() >= SUBJECTS_MAX;
        if is_full || self.by_ordinal.contains_key(&ordinal) || estate.is_outside(ordinal) {
            return false;
        }
        let entity = estate.entity(ordinal);
        self.by_ordinal.insert(ordinal, self.subjects.len());
        self.owners.entry(entity.entity).or_insert(self.subjects.len());
        let is_external =
            matches!(entity.kind, EntityKind::ExternalEndpoint | EntityKind::LoadBalancer);
        self.subjects.push(SuspectSubject {
            id: entity.id.clone(),
            name: entity.name.clone(),
            kind: entity.kind.as_str().to_owned(),
            is_callers_view: is_external || is_host(&entity.name) && !entity.kind.is_store(),
        });
        true
    }

    /// Place of an entity of the estate.
    pub fn of_entity(&self, entity: EntityId) -> Option<usize> {
        self.owners.get(&entity).copied()
    }

    /// Entities of all subjects and their parts.
    pub fn entities(&self) -> Vec<EntityId> {
        let mut all: Vec<EntityId> = self.owners.keys().copied().collect();
        all.sort_unstable();
        all
    }

    /// Remembers which service a pod is of, where labels name both.
    pub fn learn(&mut self, labels: &Labels) {
        if let (Some(service), Some(pod)) =
            (label(labels, &SERVICE_LABELS), label(labels, &POD_LABELS))
        {
            self.by_pod.entry(pod.to_owned()).or_insert_with(|| service.to_owned());
        }
    }

    /// Place of the subject that a series is of: by its entity, else by its labels.
    pub fn of_series(&mut self, entity: EntityId, id: &str, labels: &Labels) -> Option<usize> {
        if let Some(place) = self.of_entity(entity) {
            return Some(place);
        }
        if !id.starts_with(STAND_IN) && !id.starts_with("unattached:") {
            return None;
        }
        let pod = label(labels, &POD_LABELS);
        let name = label(labels, &SERVICE_LABELS)
            .map(str::to_owned)
            .or_else(|| self.by_pod.get(pod?).cloned())
            .or_else(|| pod.map(|pod| workload_of_pod(pod).to_owned()))?;
        self.of_name(&name)
    }

    /// Place of the subject with a name; one that nothing else knows becomes a subject.
    pub fn of_name(&mut self, name: &str) -> Option<usize> {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        if self.subjects.len() >= SUBJECTS_MAX {
            return None;
        }
        let place = self.subjects.len();
        self.by_name.insert(name.to_owned(), Some(place));
        self.subjects.push(SuspectSubject {
            id: name.to_owned(),
            name: name.to_owned(),
            kind: EntityKind::Service.as_str().to_owned(),
            is_callers_view: is_host(name),
        });
        Some(place)
    }

    /// Place of the subject with a name, if there is one.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied().flatten()
    }
}

/// The service that a workload or pod is of, else itself.
fn whole(estate: &Estate, ordinal: u32) -> u32 {
    let mut at = ordinal;
    for kind in [RelationKind::HasReplica, RelationKind::ImplementedBy] {
        let is_part = matches!(estate.entity(at).kind, EntityKind::Pod | EntityKind::Workload);
        if let Some(near) = estate.near(at, kind).next().filter(|_| is_part) {
            at = near;
        }
    }
    at
}

/// The first of some labels that says something.
fn label<'l>(labels: &'l Labels, names: &[&str]) -> Option<&'l str> {
    let found = names.iter().find_map(|name| labels.get(*name));
    found.map(String::as_str).filter(|text| !text.is_empty())
}

/// Whether a name is that of a host in a domain, which is known by who calls it.
fn is_host(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    parts.len() >= 3 && parts.iter().all(|part| !part.is_empty() && !part.contains('/'))
}

/// A pod's name without the hash and suffix that Kubernetes gives.
fn workload_of_pod(pod: &str) -> &str {
    let is_made = |text: &str, length: std::ops::RangeInclusive<usize>| {
        length.contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase() && !b"aeiou".contains(&b))
    };
    match pod.rsplit_once('-') {
        Some((rest, last)) if last.bytes().all(|b| b.is_ascii_digit()) && !last.is_empty() => rest,
        Some((rest, last)) if is_made(last, 5..=5) => match rest.rsplit_once('-') {
            Some((name, hash)) if is_made(hash, 6..=10) => name,
            _ => rest,
        },
        _ => pod,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_is_of_its_workload_and_a_host_is_no_service() {
        assert_eq!(workload_of_pod("adservice-5f6585d649-fnmft"), "adservice");
        assert_eq!(workload_of_pod("redis-0"), "redis");
        assert_eq!(workload_of_pod("ts-order-service"), "ts-order-service");
        assert!(is_host("shop-1.eu-west-1.elb.amazonaws.com"));
        assert!(!is_host("checkout"));
    }

    #[test]
    fn labels_alone_make_subjects_and_pods_follow_their_service() {
        let labels = |all: &[(&str, &str)]| -> Labels {
            all.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
        };
        let mut roster = Roster::default();
        let both = labels(&[("service", "cart"), ("pod", "cart-abc")]);
        roster.learn(&both);
        let of = |roster: &mut Roster, all: &Labels| roster.of_series(EntityId(9), "ref://1", all);
        let cart = of(&mut roster, &both);
        assert_eq!(cart, Some(0));
        assert_eq!(of(&mut roster, &labels(&[("pod", "cart-abc")])), cart);
        assert_eq!(roster.of_series(EntityId(9), "service://_/_/x", &both), None);
        assert_eq!(roster.find("cart"), cart);
    }
}
