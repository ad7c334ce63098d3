//! What of the estate a finding concerns: the target itself, and for an image whatever runs it.

use std::collections::{BTreeMap, BTreeSet};

use model::kind::{EntityKind as K, RelationKind as R};

use super::fetch::SecurityFacts;
use crate::estate::Estate;
use crate::finding::FindingKey;
use crate::property::text;

/// Looks up what is concerned.
pub(super) struct Places<'a> {
    facts: &'a SecurityFacts,
    /// What runs an image, by repository.
    users: BTreeMap<&'a str, BTreeSet<u32>>,
}

/// What a finding concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Concerned {
    /// Ordinals of what is concerned, in order.
    pub ordinals: Vec<u32>,
    /// Owners, in order.
    pub owners: BTreeSet<String>,
    /// Applications, in order.
    pub applications: BTreeSet<String>,
    /// Namespaces, in order.
    pub namespaces: BTreeSet<String>,
    /// Whether what it was found in has ended.
    pub is_gone: bool,
}

impl<'a> Places<'a> {
    /// O(images + what uses them).
    pub fn new(facts: &'a SecurityFacts) -> Self {
        let estate = &*facts.estate;
        let mut users: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for image in estate.of_kind(K::Image) {
            let entity = estate.entity(image);
            let stated = text(entity, "repository");
            let Some(name) = stated.or_else(|| entity.id.strip_prefix("image://")) else {
                continue;
            };
            let all = users.entry(repository(name)).or_default();
            for user in estate.near(image, R::UsesImage) {
                all.extend(runner(estate, user));
            }
        }
        Self { facts, users }
    }

    /// What a finding concerns.
    pub fn of(&self, key: &FindingKey) -> Concerned {
        let (facts, estate) = (self.facts, &*self.facts.estate);
        let names = key.workload.iter().chain([&key.target]);
        let subjects: Vec<_> =
            names.filter_map(|name| facts.subjects.get(name)).flatten().collect();
        let image = key.target.strip_prefix("image://");
        let mut ordinals: BTreeSet<u32> =
            subjects.iter().filter_map(|one| estate.find(&one.id)).collect();
        if let Some(image) = image {
            ordinals.retain(|one| estate.entity(*one).kind != K::Image);
            let users = self.users.get(repository(image)).into_iter().flatten().copied();
            match &key.workload {
                Some(workload) => {
                    ordinals.extend(users.filter(|one| is_named(estate, *one, workload)))
                }
                None => ordinals.extend(users),
            }
        }
        // Who else runs an image is not told to a viewer of a part.
        ordinals.retain(|one| !estate.is_outside(*one));
        let is_gone =
            ordinals.is_empty() && subjects.iter().any(|one| facts.ended.contains(&one.id));
        let mut found = Concerned { is_gone, ..Concerned::default() };
        for ordinal in &ordinals {
            let entity = estate.entity(*ordinal);
            let near = estate.near(*ordinal, R::ImplementedBy).map(|one| estate.entity(one));
            let all: Vec<_> = std::iter::once(entity).chain(near).collect();
            found.owners.extend(all.iter().find_map(|one| one.owner.clone()));
            found.applications.extend(all.iter().find_map(|one| one.application.clone()));
            found.namespaces.extend(entity.scope.namespace.clone());
        }
        if ordinals.is_empty() {
            found.owners.extend(subjects.iter().filter_map(|one| one.owner.clone()));
            found.applications.extend(subjects.iter().filter_map(|one| one.application.clone()));
        }
        if found.owners.is_empty() {
            // Who owns the application owns its parts.
            let applications = found.applications.iter().filter_map(|one| estate.find(one));
            let owners: Vec<String> =
                applications.filter_map(|one| estate.entity(one).owner.clone()).collect();
            found.owners.extend(owners);
        }
        found.ordinals = ordinals.into_iter().collect();
        found
    }
}

/// What stands for the user of an image: of a pod or a task the workload above it, of a controller the
/// topmost one.
fn runner(estate: &Estate, user: u32) -> Vec<u32> {
    let kind = estate.entity(user).kind;
    let above: Vec<u32> = match kind {
        K::Pod | K::Task => estate.near(user, R::HasReplica).collect(),
        K::Workload => {
            let near = estate.near(user, R::Contains);
            near.filter(|one| estate.entity(*one).kind == K::Workload).collect()
        }
        _ => Vec::new(),
    };
    if above.is_empty() { vec![user] } else { above }
}

/// Whether a workload is `namespace/kind/name`.
fn is_named(estate: &Estate, ordinal: u32, workload: &str) -> bool {
    let entity = estate.entity(ordinal);
    let mut parts = workload.splitn(3, '/');
    let (namespace, kind, name) = (parts.next(), parts.next(), parts.next());
    let controller = text(entity, "controller").unwrap_or(entity.kind.as_str());
    entity.scope.namespace.as_deref().unwrap_or("_") == namespace.unwrap_or("_")
        && kind.is_some_and(|kind| controller.eq_ignore_ascii_case(kind))
        && name == Some(entity.name.as_str())
}

/// An image's name without its tag and digest.
fn repository(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _digest)| name);
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}
