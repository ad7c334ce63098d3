//! One entity in the making, and references by the names that AWS uses.

use model::entity::RelationObservation;
use model::kind::Confidence;
use model::reference::Claim;
use model::{AliasKey, EntityKind, EntityObservation, Reference, RelationKind};
use serde_json::Value;

use super::place::{Arn, Place};
use super::record;
use crate::key;

/// An entity with its place.
#[derive(Debug)]
pub struct Thing {
    /// The observation so far.
    pub entity: EntityObservation,
    /// Where it is.
    pub place: Place,
}

impl Thing {
    /// A thing of EC2 (and what EC2's API shows of networks), by its bare id.
    pub fn ec2(kind: EntityKind, place: &Place, kind_name: &str, id: &str) -> Self {
        let mut thing = Self::named(kind, place, "ec2", &format!("{kind_name}/{id}"), id);
        thing.claim(key::bare_id(id));
        thing
    }

    /// A thing whose ARN is built from the service and the resource part; a provisional id while
    /// account or region are not known.
    pub fn named(
        kind: EntityKind,
        place: &Place,
        service: &str,
        resource: &str,
        name: &str,
    ) -> Self {
        let id = place.arn(service, resource).unwrap_or_else(|| provisional(service, resource));
        Self::with_id(kind, place, id, name)
    }

    /// A thing whose ARN is printed; as [`Thing::named`] when it is none.
    pub fn arn(
        kind: EntityKind,
        place: &Place,
        arn: Option<&str>,
        (service, resource): (&str, &str),
        name: &str,
    ) -> Self {
        match arn.filter(|arn| Arn::parse(arn).is_some()) {
            Some(arn) => Self::with_id(kind, place, arn, name),
            None => Self::named(kind, place, service, resource, name),
        }
    }

    /// A thing with an id of its own.
    pub fn with_id(kind: EntityKind, place: &Place, id: impl AsRef<str>, name: &str) -> Self {
        let mut entity = EntityObservation::new(id.as_ref(), kind, name);
        entity.scope.account.clone_from(&place.account);
        entity.scope.region.clone_from(&place.region);
        Self { entity, place: place.clone() }
    }

    /// The reference to itself.
    pub fn this(&self) -> Reference {
        Reference::id(self.entity.id.clone())
    }

    /// Labels from tags, and the name from the tag `Name`.
    pub fn tagged(&mut self, record: &Value) -> &mut Self {
        let labels = record::tags(record);
        if let Some(name) = labels.get("Name").filter(|name| !name.trim().is_empty()) {
            self.entity.name.clone_from(name);
        }
        self.entity.labels.extend(labels);
        self
    }

    /// Properties, as [`record::keep`] takes them.
    pub fn keep(&mut self, record: &Value, fields: &[&str]) -> &mut Self {
        record::keep(&mut self.entity.properties, record, fields);
        self
    }

    /// One property.
    pub fn property(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.entity.properties.insert(name.to_owned(), value.into());
        self
    }

    /// The instant of its making, which also tells two lives under one name apart when `tells_lives`.
    pub fn created(&mut self, record: &Value, path: &str, tells_lives: bool) -> &mut Self {
        let at = record::instant(record, path);
        self.entity.created_at = at;
        if tells_lives && let Some(at) = at {
            self.entity.incarnation = Some(at.to_string());
        }
        self
    }

    /// A name it is known by for certain.
    pub fn claim(&mut self, key: AliasKey) -> &mut Self {
        self.claim_with(key, Confidence::Certain)
    }

    /// A name it is known by.
    pub fn claim_with(&mut self, key: AliasKey, confidence: Confidence) -> &mut Self {
        if key != self.entity.id {
            let claim = Claim { confidence, ..Claim::alias(key, self.entity.id.clone()) };
            if !self.entity.claims.contains(&claim) {
                self.entity.claims.push(claim);
            }
        }
        self
    }

    /// A name that is unique within account, region and type only.
    pub fn claim_name(&mut self, kind: &str, name: &str) -> &mut Self {
        let (account, region) = (self.place.account_part(), self.place.region_part());
        let key = key::scoped_name(account, region, kind, name);
        self.claim(key)
    }

    /// A host, and its port if there is one, by which clients reach it. A bare word is no host that
    /// means the same everywhere.
    pub fn claim_endpoint(&mut self, host: Option<&str>, port: Option<u16>) -> &mut Self {
        if let Some(host) = host.filter(|host| is_public_host(host)) {
            self.claim(key::host(host));
            if let Some(port) = port {
                self.claim(key::public_endpoint(host, port));
            }
        }
        self
    }

    /// It relates to `to`.
    pub fn to(&mut self, kind: RelationKind, to: Reference) -> &mut Self {
        self.relate(RelationObservation::declared(self.this(), kind, to))
    }

    /// `from` relates to it.
    pub fn from(&mut self, from: Reference, kind: RelationKind) -> &mut Self {
        self.relate(RelationObservation::declared(from, kind, self.this()))
    }

    /// A relation; of two with the same ends and kind the properties are put together.
    pub fn relate(&mut self, relation: RelationObservation) -> &mut Self {
        let same = self.entity.relations.iter_mut().find(|one| {
            one.kind == relation.kind && one.from == relation.from && one.to == relation.to
        });
        match same {
            Some(same) => same.properties.extend(relation.properties),
            None => self.entity.relations.push(relation),
        }
        self
    }

    /// The VPC contains it.
    pub fn in_vpc(&mut self, vpc: Option<&str>) -> &mut Self {
        if let Some(vpc) = vpc.filter(|vpc| !vpc.is_empty()) {
            self.from(bare(vpc), RelationKind::Contains);
            self.property("vpc_id", vpc);
        }
        self
    }

    /// It is placed in these subnets.
    pub fn in_subnets<'a>(&mut self, subnets: impl Iterator<Item = &'a str>) -> &mut Self {
        for subnet in subnets {
            self.to(RelationKind::PlacedIn, bare(subnet));
        }
        self
    }

    /// It is guarded by these security groups; their ids are a property too, so that one that was
    /// not exported is missed.
    pub fn guarded_by<'a>(&mut self, groups: impl Iterator<Item = &'a str>) -> &mut Self {
        for group in groups {
            self.to(RelationKind::GuardedBy, bare(group));
            let ids = self.entity.properties.entry("security_group_ids".to_owned());
            let ids = ids.or_insert_with(|| Value::Array(Vec::new()));
            if let Some(ids) = ids.as_array_mut().filter(|ids| !ids.iter().any(|id| id == group)) {
                ids.push(group.into());
            }
        }
        self
    }
}

/// The id of a thing whose account or region is not known.
fn provisional(service: &str, resource: &str) -> String {
    let prefix = if service == "ec2" { "" } else { service };
    let resource = resource.replace(':', "/");
    if prefix.is_empty() {
        format!("aws:?/{resource}")
    } else {
        format!("aws:?/{prefix}/{resource}")
    }
}

/// Whether a host means the same everywhere.
pub fn is_public_host(host: &str) -> bool {
    host.trim_end_matches('.').contains('.')
        && !host.contains(|letter: char| letter.is_whitespace() || letter == '/')
}

/// By a bare id.
pub fn bare(id: &str) -> Reference {
    Reference::key("bare id", key::bare_id(id))
}

/// By an ARN, which is the canonical id.
pub fn by_arn(arn: &str) -> Reference {
    Reference::id(arn)
}

/// By an ARN, or by a bare id where it is none.
pub fn by_arn_or_id(text: &str) -> Reference {
    if Arn::parse(text).is_some() { by_arn(text) } else { bare(text) }
}

/// By an ARN, or by a name of the given service in the place: `("rds", "db", "orders")`.
pub fn by_arn_or_name(place: &Place, (service, kind): (&str, &str), name: &str) -> Reference {
    if Arn::parse(name).is_some() {
        return by_arn(name);
    }
    match place.arn(service, &format!("{kind}:{name}")) {
        Some(arn) => by_arn(&arn),
        None => by_name(place, &format!("{service}/{kind}"), name),
    }
}

/// By a name that is unique within account, region and type only.
pub fn by_name(place: &Place, kind: &str, name: &str) -> Reference {
    let key = key::scoped_name(place.account_part(), place.region_part(), kind, name);
    Reference::key("name in account and region", key)
}
