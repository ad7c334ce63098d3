//! Groups, systems and domains: units, applications and products.

use model::entity::RelationObservation;
use model::kind::Confidence;
use model::reference::Claim;
use model::{EntityKind, EntityObservation, Reference, RelationKind};

use super::name::Name;
use super::{Wrong, named, names};
use crate::format::documents::Document;
use crate::input::Out;
use crate::key;

/// Kinds of units that own.
const OWNERS: [EntityKind; 3] =
    [EntityKind::Organisation, EntityKind::BusinessUnit, EntityKind::Team];

/// A group: a unit of the organisation.
pub fn group(document: &Document, name: &Name, out: &mut Out<'_>) -> Result<(), Wrong> {
    let stated = document.text(&["spec", "type"]).unwrap_or_default().to_lowercase();
    let kind = match stated.replace(['_', ' '], "-").as_str() {
        "organization" | "organisation" | "company" | "root" => EntityKind::Organisation,
        "business-unit" | "department" | "division" | "tribe" | "product-area" => {
            EntityKind::BusinessUnit
        }
        _ => EntityKind::Team,
    };
    let mut unit = unit(document, name, kind);
    unit.claims.push(Claim::alias(key::unit_name(&name.local()), unit.id.clone()));
    let this = Reference::id(unit.id.clone());
    if let Some(parent) = named(document, "parent", "group")? {
        unit.relations.push(owns(owner(&parent), this.clone()));
    }
    for child in names(document, "children", "group")? {
        unit.relations.push(owns(this.clone(), owner(&child)));
    }
    put(unit, out);
    Ok(())
}

/// A system: an application, part of its domain's product.
pub fn system(document: &Document, name: &Name, out: &mut Out<'_>) -> Result<(), Wrong> {
    let mut application = unit(document, name, EntityKind::Application);
    let this = Reference::id(application.id.clone());
    if let Some(owned_by) = owner_of(document)? {
        application.relations.push(owns(owned_by, this.clone()));
    }
    if let Some(domain) = named(document, "domain", "domain")? {
        let product = Reference::id(key::unit("product", &domain.local()));
        application.relations.push(RelationObservation::declared(
            product,
            RelationKind::HasPart,
            this,
        ));
    }
    put(application, out);
    Ok(())
}

/// A domain: a product, shown below who answers for it.
pub fn domain(document: &Document, name: &Name, out: &mut Out<'_>) -> Result<(), Wrong> {
    let mut product = unit(document, name, EntityKind::Product);
    if let Some(owned_by) = owner_of(document)? {
        let this = Reference::id(product.id.clone());
        let contains = RelationObservation::declared(owned_by, RelationKind::Contains, this);
        product.relations.push(contains);
    }
    put(product, out);
    Ok(())
}

fn unit(document: &Document, name: &Name, kind: EntityKind) -> EntityObservation {
    let id = key::unit(kind.as_str(), &name.local());
    let titles = [&["metadata", "title"][..], &["spec", "profile", "displayName"][..]];
    let title = titles.into_iter().find_map(|path| document.text(path));
    let mut unit = EntityObservation::new(id.clone(), kind, title.unwrap_or(&name.name));
    if kind != EntityKind::Team && !OWNERS.contains(&kind) {
        // A group of the same name has the better claim to it.
        let claim = Claim::alias(key::unit_name(&name.local()), id);
        unit.claims.push(Claim { confidence: Confidence::Low, ..claim });
    }
    for (property, path) in [
        ("description", &["metadata", "description"][..]),
        ("email", &["spec", "profile", "email"][..]),
    ] {
        if let Some(text) = document.text(path) {
            unit.properties.insert(property.to_owned(), text.into());
        }
    }
    unit
}

fn owns(from: Reference, to: Reference) -> RelationObservation {
    RelationObservation::declared(from, RelationKind::Owns, to)
}

/// A unit that owns, by its name.
fn owner(name: &Name) -> Reference {
    Reference::key("unit", key::unit_name(&name.local())).of_kinds(&OWNERS)
}

/// The group that a document names as its owner; people own nothing in an estate.
pub fn owner_name(document: &Document) -> Result<Option<Name>, Wrong> {
    Ok(named(document, "owner", "group")?.filter(|name| name.kind == "group"))
}

fn owner_of(document: &Document) -> Result<Option<Reference>, Wrong> {
    Ok(owner_name(document)?.map(|name| owner(&name)))
}

fn put(entity: EntityObservation, out: &mut Out<'_>) {
    out.batch().entities.push(entity);
    out.added(1);
}
