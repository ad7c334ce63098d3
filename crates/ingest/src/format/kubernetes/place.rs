//! Ids and claims of the objects of one cluster: every key in the forms in which other sources name it.

use model::entity::Presence;
use model::entity::RelationObservation;
use model::reference::Claim;
use model::time::instant;
use model::{AliasKey, EntityKind, EntityObservation, Micros, Reference, RelationKind, Scope};

use super::object::Meta;
use crate::context::InputContext;
use crate::error::EnvelopeError;
use crate::key;

/// Longest label value that is kept; Kubernetes allows 63 characters.
pub const LABEL_BYTES: usize = 4096;

/// The cluster that an input is of.
#[derive(Debug, Clone, Copy)]
pub struct Cluster<'a> {
    /// Its part of ids: the uid when known, else the name.
    pub part: &'a str,
    /// Its name when the part is the uid.
    pub name: Option<&'a str>,
    /// Environment that the user states.
    pub environment: Option<&'a str>,
    /// Namespace of objects that name none.
    pub namespace: &'a str,
}

impl<'a> Cluster<'a> {
    /// From the context.
    pub fn of(name: &str, context: &'a InputContext) -> Result<Self, EnvelopeError> {
        let Some(part) = context.cluster_part() else {
            return Err(EnvelopeError::ContextMissing {
                name: name.to_owned(),
                missing: "the cluster (no kube-system namespace object with its uid was given)",
                flag: "--cluster",
            });
        };
        Ok(Self {
            part,
            name: context.cluster.as_deref().filter(|name| *name != part),
            environment: context.environment.as_deref(),
            namespace: context.namespace.as_deref().unwrap_or("default"),
        })
    }

    /// Who says what its objects say: the cluster by its name, which it keeps when its uid becomes known.
    pub fn source(&self) -> String {
        format!("kubernetes:{}", self.name.unwrap_or(self.part))
    }

    /// Canonical id of an object.
    pub fn id(&self, namespace: Option<&str>, kind: &str, name: &str) -> AliasKey {
        key::kubernetes(self.part, namespace, kind, name)
    }

    /// Canonical id of the cluster.
    pub fn cluster_id(&self) -> AliasKey {
        key::kubernetes_cluster(self.part)
    }

    /// Canonical id of the service that a workload of this name implements.
    pub fn service_id(&self, namespace: &str, name: &str) -> AliasKey {
        key::service(self.environment, Some(namespace), name)
    }

    /// Canonical id of the database, cache or queue that a workload of this name runs.
    pub fn store_id(&self, namespace: &str, name: &str) -> AliasKey {
        format!("store://{}/{namespace}/{name}", self.part).into()
    }

    /// The same key by the cluster's name, and with the cluster left open.
    pub fn variants(&self, key: &AliasKey) -> Vec<AliasKey> {
        let mut all = Vec::with_capacity(2);
        if let Some(name) = self.name {
            let by_name = key.as_str().replacen(&format!("{}/", self.part), &format!("{name}/"), 1);
            all.push(by_name.into());
        }
        all.push(key::any_cluster(key, self.part));
        all
    }

    /// Claims `key` and its variants, to lead to all of `to`.
    pub fn claim(&self, claims: &mut Vec<Claim>, key: AliasKey, to: &[AliasKey]) {
        let confidence = model::kind::Confidence::Certain;
        for variant in self.variants(&key) {
            claims.push(Claim { key: variant, to: to.to_vec(), confidence });
        }
        if to != [key.clone()] {
            claims.push(Claim { key, to: to.to_vec(), confidence });
        }
    }

    /// Claims an id's variants, also with the namespace left open.
    pub fn claim_id(&self, claims: &mut Vec<Claim>, key: AliasKey, to: &AliasKey, namespace: &str) {
        let open = key::any_namespace(&key::any_cluster(&key, self.part), namespace);
        self.claim(claims, key, std::slice::from_ref(to));
        claims.push(Claim::alias(open, to.clone()));
    }

    /// Scope of an object.
    pub fn scope(&self, namespace: Option<&str>) -> Scope {
        Scope {
            cluster: Some(self.part.to_owned()),
            namespace: namespace.map(str::to_owned),
            environment: self.environment.map(str::to_owned),
            ..Scope::default()
        }
    }

    /// What every record about an object says.
    pub fn entity(
        &self,
        kind: EntityKind,
        kind_part: &str,
        namespace: Option<&str>,
        meta: &Meta,
    ) -> EntityObservation {
        let id = self.id(namespace, kind_part, &meta.name);
        let mut entity = EntityObservation::new(id.clone(), kind, meta.name.clone());
        entity.scope = self.scope(namespace);
        entity.labels = meta
            .labels
            .iter()
            .filter(|(name, value)| name.len() <= LABEL_BYTES && value.len() <= LABEL_BYTES)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        entity.created_at = at(meta.creation_timestamp.as_deref());
        self.claim_id(&mut entity.claims, id.clone(), &id, namespace.unwrap_or("_"));
        if let Some(uid) = meta.uid.as_deref().filter(|uid| !uid.is_empty()) {
            entity.claims.push(Claim::alias(key::uid(uid), id));
            entity.incarnation = Some(uid.to_owned());
        }
        entity
    }

    /// The cluster itself, as far as every input knows it.
    pub fn cluster_entity(&self) -> EntityObservation {
        let name = self.name.unwrap_or(self.part);
        let mut entity =
            EntityObservation::new(self.cluster_id(), EntityKind::KubernetesCluster, name);
        entity.scope = self.scope(None);
        entity.presence = Presence::Implied;
        entity.claims.push(Claim::alias(key::cluster_name(name), self.cluster_id()));
        if let Some(name) = self.name {
            entity.claims.push(Claim::alias(key::kubernetes_cluster(name), self.cluster_id()));
        } else {
            entity.claims.push(Claim::alias(key::cluster_name(self.part), self.cluster_id()));
        }
        entity.claims.dedup();
        entity
    }

    /// A namespace that objects name, whether or not its own object was read.
    pub fn namespace_entity(&self, namespace: &str) -> EntityObservation {
        let meta = Meta { name: namespace.to_owned(), ..Meta::default() };
        let mut entity = self.entity(EntityKind::KubernetesNamespace, "namespace", None, &meta);
        entity.scope.namespace = Some(namespace.to_owned());
        entity.presence = Presence::Implied;
        entity.relations.push(self.contained(&entity.id));
        entity
    }

    /// The cluster contains `id`.
    pub fn contained(&self, id: &AliasKey) -> RelationObservation {
        contains(Reference::id(self.cluster_id()), id)
    }

    /// The namespace contains `id`.
    pub fn contained_in(&self, namespace: &str, id: &AliasKey) -> RelationObservation {
        contains(Reference::id(self.id(None, "namespace", namespace)), id)
    }
}

/// `from` contains `id`.
pub fn contains(from: Reference, id: &AliasKey) -> RelationObservation {
    RelationObservation::declared(from, RelationKind::Contains, Reference::id(id.clone()))
}

/// The second of January of the year 1; what is earlier is Go's zero time.
const FIRST_INSTANT: Micros = Micros(-62_135_510_400 * Micros::SECOND);

/// An instant as the API writes it; its zero value (year 1) is none.
pub fn at(text: Option<&str>) -> Option<Micros> {
    let at = Micros::of(instant(text?).ok()?);
    (at >= FIRST_INSTANT).then_some(at)
}
