//! Components, the APIs between them, and resources: services with owner and application, and the calls
//! that they declare. A component is the service of its name where telemetry knows exactly one, else a
//! service of its own.

use model::entity::{Labels, Presence, RelationObservation};
use model::kind::Confidence;
use model::reference::Claim;
use model::value::OwnershipRule;
use model::{AliasKey, EntityKind, EntityObservation, Reference, RelationKind, Scope};

use super::name::Name;
use super::unit::owner_name;
use super::{Wrong, named, names};
use crate::format::documents::Document;
use crate::input::Out;
use crate::key;

/// Types of components that do not run.
const NOT_RUNNING: [&str; 4] = ["library", "documentation", "template", "package"];

/// A component: a service.
pub fn component(
    document: &Document,
    name: &Name,
    environment: Option<&str>,
    out: &mut Out<'_>,
) -> Result<(), Wrong> {
    let stated = document.text(&["spec", "type"]).unwrap_or("service").to_lowercase();
    if NOT_RUNNING.contains(&stated.as_str()) {
        return Ok(());
    }
    let this = service(&name.name);
    let mut relations = Vec::new();
    let system = named(document, "system", "system")?;
    let owner = owner_name(document)?;
    if let Some(system) = &system {
        let application = Reference::id(key::unit("application", &system.local()));
        relations.push(RelationObservation::declared(
            application,
            RelationKind::HasPart,
            this.clone(),
        ));
    } else if let Some(owner) = &owner {
        let unit = Reference::key("unit", key::unit_name(&owner.local()));
        relations.push(RelationObservation::declared(unit, RelationKind::Owns, this.clone()));
    }
    for far in names(document, "dependsOn", "component")? {
        relations.extend(depends(this.clone(), &far, "dependsOn"));
    }
    for near in names(document, "dependencyOf", "component")? {
        if near.kind == "component" {
            relations.push(call(service(&near.name), this.clone(), "dependencyOf"));
        }
    }
    for api in names(document, "consumesApis", "api")? {
        let provider = Reference::key("catalog api", api_key(&api));
        relations.push(call(this.clone(), provider, "consumesApis").with("api", api.local()));
    }
    for api in names(document, "providesApis", "api")? {
        let claim = Claim::alias(api_key(&api), key::service_name(&name.name));
        out.batch().claims.push(claim);
        out.added(1);
    }
    for rule in rules(document, name, owner.as_ref(), system.as_ref()) {
        out.batch().ownership.push(rule);
        out.added(1);
    }
    out.batch().entities.push(implied(document, name, &stated, environment));
    out.batch().relations.append(&mut relations);
    out.added(2);
    Ok(())
}

/// An API says who owns it, which is no entity: its provider is.
pub fn api(document: &Document, _name: &Name, _out: &mut Out<'_>) -> Result<(), Wrong> {
    owner_name(document).map(drop)
}

/// A resource: a store by its type, under its ARN where an annotation gives one.
pub fn resource(document: &Document, name: &Name, out: &mut Out<'_>) -> Result<(), Wrong> {
    let stated = document.text(&["spec", "type"]).unwrap_or_default().to_lowercase();
    let arn = arn(document);
    let id = arn.clone().map_or_else(|| resource_key(name), AliasKey::from);
    let mut entity = EntityObservation::new(id.clone(), kind_of(&stated), name.local());
    entity.claims.push(Claim::alias(resource_key(name), id.clone()));
    entity.properties.insert("catalog_type".to_owned(), stated.into());
    if arn.is_some() {
        // The provider's own export says what it is.
        entity.presence = Presence::Implied;
    }
    let this = Reference::id(id);
    for near in names(document, "dependencyOf", "component")? {
        if near.kind == "component" {
            let near = service(&near.name);
            out.batch().relations.push(call(near, this.clone(), "dependencyOf"));
            out.added(1);
        }
    }
    if let Some(owner) = owner_name(document)? {
        let terms = Labels::from([("id".to_owned(), entity.id.to_string())]);
        out.batch().ownership.push(OwnershipRule {
            terms,
            owner: Some(key::unit_name(&owner.local()).to_string()),
            application: named(document, "system", "system")?
                .map(|system| key::unit("application", &system.local()).to_string()),
            environment: None,
            tier: None,
            note: Some(format!("the catalog's {name}")),
        });
        out.added(1);
    }
    out.batch().entities.push(entity);
    out.added(1);
    Ok(())
}

/// The service that a component is.
fn service(name: &str) -> Reference {
    Reference::key("service name", key::service_name(name)).of_kinds(&[EntityKind::Service])
}

/// The service that stands for the component until telemetry shows it. It exists by what touches it, and
/// gives way to a service that says itself that it has the name.
fn implied(
    document: &Document,
    name: &Name,
    stated: &str,
    environment: Option<&str>,
) -> EntityObservation {
    let namespace =
        document.text(&["metadata", "annotations", "backstage.io/kubernetes-namespace"]);
    let id = key::service(environment, namespace, &name.name);
    let mut entity = EntityObservation::new(id.clone(), EntityKind::Service, name.name.as_str());
    entity.presence = Presence::Implied;
    entity.scope = Scope {
        namespace: namespace.map(str::to_owned),
        environment: environment.map(str::to_owned),
        ..Scope::default()
    };
    let claim = Claim::alias(key::service_name(&name.name), id);
    entity.claims.push(Claim { confidence: Confidence::Low, ..claim });
    entity.properties.insert("catalog_type".to_owned(), stated.into());
    for (property, path) in [
        ("lifecycle", &["spec", "lifecycle"][..]),
        ("description", &["metadata", "description"][..]),
    ] {
        if let Some(text) = document.text(path) {
            entity.properties.insert(property.to_owned(), text.into());
        }
    }
    entity
}

fn depends(from: Reference, far: &Name, field: &str) -> Option<RelationObservation> {
    let to = match far.kind.as_str() {
        "component" => service(&far.name),
        "resource" => Reference::key("catalog resource", resource_key(far)),
        "api" => Reference::key("catalog api", api_key(far)),
        _ => return None,
    };
    Some(call(from, to, field))
}

fn call(from: Reference, to: Reference, field: &str) -> RelationObservation {
    RelationObservation::declared(from, RelationKind::Calls, to).with("declared_by", field)
}

fn api_key(name: &Name) -> AliasKey {
    format!("catalog-api:{name}").into()
}

fn resource_key(name: &Name) -> AliasKey {
    format!("catalog://{}/{}/{}", name.namespace, name.kind, name.name).into()
}

/// The first annotation that is an ARN.
fn arn(document: &Document) -> Option<String> {
    let annotations = document.at(&["metadata", "annotations"])?.as_object()?;
    let texts = annotations.values().filter_map(serde_json::Value::as_str);
    texts.map(str::trim).find(|text| text.starts_with("arn:")).map(str::to_owned)
}

fn kind_of(stated: &str) -> EntityKind {
    let says = |words: &[&str]| words.iter().any(|word| stated.contains(word));
    if says(&["database", "postgres", "mysql", "rds", "mongo", "aurora", "sql"]) {
        EntityKind::Database
    } else if says(&["cache", "redis", "memcached"]) {
        EntityKind::Cache
    } else if says(&["queue", "topic", "kafka", "sqs"]) {
        EntityKind::Queue
    } else if says(&["bucket", "s3"]) {
        EntityKind::Bucket
    } else {
        EntityKind::Resource
    }
}

/// Who owns what carries the component's name, or its labels in Kubernetes.
fn rules(
    document: &Document,
    name: &Name,
    owner: Option<&Name>,
    system: Option<&Name>,
) -> Vec<OwnershipRule> {
    let owner = owner.map(|unit| key::unit_name(&unit.local()).to_string());
    let application = system.map(|unit| key::unit("application", &unit.local()).to_string());
    if owner.is_none() && application.is_none() {
        return Vec::new();
    }
    let annotation =
        |key: &str| document.text(&["metadata", "annotations", key]).map(str::to_owned);
    let own = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let mut all = vec![Labels::from([own("kind", "service"), own("name", &name.name)])];
    if let Some(id) = annotation("backstage.io/kubernetes-id") {
        all.push(Labels::from([own("label.backstage.io/kubernetes-id", &id)]));
    }
    if let Some(selector) = annotation("backstage.io/kubernetes-label-selector") {
        let terms: Option<Labels> = selector
            .split(',')
            .map(|term| {
                let (key, value) = term.split_once('=')?;
                let value = value.trim_start_matches('=').trim();
                Some((format!("label.{}", key.trim()), value.to_owned()))
            })
            .collect();
        all.extend(terms.filter(|terms| !terms.is_empty()));
    }
    let rule = |terms| OwnershipRule {
        terms,
        owner: owner.clone(),
        application: application.clone(),
        environment: None,
        tier: None,
        note: Some(format!("the catalog's {name}")),
    };
    all.into_iter().map(rule).collect()
}
