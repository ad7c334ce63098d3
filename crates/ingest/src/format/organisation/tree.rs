//! Rows of the organisation table: units, and the two trees that they form.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::RelationObservation;
use model::{Amount, EntityKind, EntityObservation, Reference, RelationKind};

use super::row::{Row, RowError};
use crate::input::Out;
use crate::key;

/// Kind and id.
type Unit = (EntityKind, String);

/// One row, understood.
struct Line<'a> {
    row: &'a Row,
    unit: Unit,
    parent: Option<(Option<EntityKind>, String)>,
    share: Option<Amount>,
}

/// Reads the table as a whole: a unit may have several rows, and parents may form a cycle.
pub fn read(rows: &[Row], out: &mut Out<'_>) {
    let mut lines = Vec::new();
    for row in rows {
        match line(row) {
            Ok(line) => lines.push(line),
            Err(error) => out.reject(row.place(error.column), error.reason),
        }
    }
    let kinds = kinds(&lines);
    let in_cycle = cycles(&lines, &kinds);
    let mut units: BTreeMap<Unit, EntityObservation> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        if in_cycle.contains(&index) {
            let reason = "the parents form a cycle; a unit stands below itself";
            out.reject(line.row.place("parent"), reason);
            continue;
        }
        add(&mut units, line, &kinds);
    }
    for (_, entity) in units {
        out.batch().entities.push(entity);
        out.added(1);
    }
}

fn kind_of(column: &'static str, text: &str) -> Result<EntityKind, RowError> {
    match text {
        "organisation" => Ok(EntityKind::Organisation),
        "business_unit" => Ok(EntityKind::BusinessUnit),
        "team" => Ok(EntityKind::Team),
        "product" => Ok(EntityKind::Product),
        "application" => Ok(EntityKind::Application),
        other => Err(RowError::new(
            column,
            format!("`{other}` is none of organisation, business_unit, team, product, application"),
        )),
    }
}

fn line(row: &Row) -> Result<Line<'_>, RowError> {
    let kind = kind_of("kind", row.required("kind")?)?;
    let unit = (kind, row.required("unit")?.to_owned());
    let parent_kind =
        row.cell("parent_kind").map(|text| kind_of("parent_kind", text)).transpose()?;
    let parent = row.cell("parent").map(|parent| (parent_kind, parent.to_owned()));
    let share = row.share("share")?;
    Ok(Line { row, unit, parent, share })
}

/// Kinds that each id is used by.
fn kinds<'a>(lines: &'a [Line<'_>]) -> BTreeMap<&'a str, BTreeSet<EntityKind>> {
    let mut kinds: BTreeMap<&str, BTreeSet<EntityKind>> = BTreeMap::new();
    for line in lines {
        kinds.entry(&line.unit.1).or_default().insert(line.unit.0);
    }
    kinds
}

/// The parent of a line: stated, else the only kind that has the id in the file.
fn parent_of(line: &Line<'_>, kinds: &BTreeMap<&str, BTreeSet<EntityKind>>) -> Option<Unit> {
    let (kind, id) = line.parent.as_ref()?;
    let only = || {
        let of_id = kinds.get(id.as_str())?;
        (of_id.len() == 1).then(|| of_id.first().copied()).flatten()
    };
    Some((kind.or_else(only)?, id.clone()))
}

/// Lines whose parents lead back to themselves. Each round takes off the units without a child that is
/// left, then those without a parent that is left: what remains lies on cycles or between them.
fn cycles(lines: &[Line<'_>], kinds: &BTreeMap<&str, BTreeSet<EntityKind>>) -> BTreeSet<usize> {
    let mut edges: BTreeMap<usize, (Unit, Unit)> = lines
        .iter()
        .enumerate()
        .filter_map(|(index, line)| Some((index, (line.unit.clone(), parent_of(line, kinds)?))))
        .collect();
    loop {
        let children: BTreeSet<Unit> = edges.values().map(|edge| edge.0.clone()).collect();
        let parents: BTreeSet<Unit> = edges.values().map(|edge| edge.1.clone()).collect();
        let before = edges.len();
        edges.retain(|_, (unit, parent)| parents.contains(unit) && children.contains(parent));
        if edges.len() == before {
            return edges.into_keys().collect();
        }
    }
}

fn add(
    units: &mut BTreeMap<Unit, EntityObservation>,
    line: &Line<'_>,
    kinds: &BTreeMap<&str, BTreeSet<EntityKind>>,
) {
    let (kind, id) = &line.unit;
    let name = line.row.cell("name");
    let entity = units.entry(line.unit.clone()).or_insert_with(|| {
        let mut entity = EntityObservation::new(key::unit(kind.as_str(), id), *kind, id.as_str());
        let alias = model::reference::Claim::alias(key::unit_name(id), entity.id.clone());
        entity.claims.push(alias);
        entity
    });
    if let Some(name) = name {
        name.clone_into(&mut entity.name);
    }
    for column in ["cost_centre", "email"] {
        if let Some(value) = line.row.cell(column) {
            entity.properties.insert(column.to_owned(), value.into());
        }
    }
    let Some((stated, parent)) = &line.parent else { return };
    let known = parent_of(line, kinds).map(|(kind, _)| kind).or(*stated);
    let this = Reference::id(entity.id.clone());
    let above = match known {
        Some(kind) => Reference::id(key::unit(kind.as_str(), parent)),
        None => Reference::key("unit", key::unit_name(parent)),
    };
    // A product below the organisation is shown there; that is no ownership.
    let relation = match (kind, known) {
        (EntityKind::Product, _) => RelationKind::Contains,
        (_, Some(EntityKind::Product)) => RelationKind::HasPart,
        _ => RelationKind::Owns,
    };
    let mut relation = RelationObservation::declared(above, relation, this);
    if let Some(share) = line.share {
        relation = relation.with("share", share.to_string());
    }
    if !entity.relations.contains(&relation) {
        entity.relations.push(relation);
    }
}
