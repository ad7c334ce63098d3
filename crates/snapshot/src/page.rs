//! One entity with what is around it, and open references.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::EntityId;
use model::error::StoreError;
use model::fact::{EntityPage, OpenReferenceFact, RelationFact, SourceFact, TopologyQuery};
use model::kind::RelationKind;
use model::resolution::ReferencePurpose;
use model::scope::OrgScope;

use super::edge::Row;
use super::estate::Estate;
use super::fact::{entity_fact, relation_fact, rows_in_force, visible};
use super::lists::List;
use super::matched::Matched;
use super::select::{matched, named};

/// The page without its versions, and the ids whose versions belong to it.
pub fn page(
    estate: &Estate,
    name: &str,
    limit: usize,
    org: &OrgScope,
) -> Result<(EntityPage, Vec<EntityId>), StoreError> {
    let allowed = seen_by(estate, org);
    let id = named(estate, name, true).map_err(|several| StoreError::NotFound {
        what: match several {
            // How many others there are is told to who may see them.
            several if several > 1 && allowed.is_none() => {
                format!("one thing called {name} (there are {several})")
            }
            _ => name.to_owned(),
        },
    })?;
    let is_seen = |id: &EntityId| allowed.as_ref().is_none_or(|allowed| allowed.contains(*id));
    let entity = estate.entities.get(&id).filter(|_| is_seen(&id));
    let found = entity.and_then(|entity| Some((entity, visible(estate, entity, true)?)));
    let (entity, existence) =
        found.ok_or_else(|| StoreError::NotFound { what: name.to_owned() })?;
    let (outgoing, cut_out) =
        around(estate, &[entity.ends.outgoing], limit, |row| row.to, &is_seen);
    let (incoming, cut_in) =
        around(estate, &entity.ends.incoming(), limit, |row| row.from, &is_seen);
    let mut far: BTreeSet<EntityId> = BTreeSet::new();
    for relation in &outgoing {
        far.extend(estate.find(&relation.to));
    }
    for relation in &incoming {
        far.extend(estate.find(&relation.from));
    }
    let mut neighbours: Vec<_> = far
        .into_iter()
        .filter_map(|id| {
            let entity = estate.entities.get(&id)?;
            Some(entity_fact(estate, id, entity, &visible(estate, entity, false)?))
        })
        .collect();
    neighbours.sort_by(|a, b| a.id.cmp(&b.id));
    let sources = entity.speaking().filter_map(|(record, _)| {
        let first = record.first_seen()?;
        Some(SourceFact {
            source: record.source.to_string(),
            first_seen: first.timestamp(),
            last_seen: record.last_seen().unwrap_or(first).timestamp(),
        })
    });
    let page = EntityPage {
        entity: entity_fact(estate, id, entity, &existence),
        aliases: aliases(estate, id),
        sources: sources.collect(),
        history: Vec::new(),
        outgoing,
        incoming,
        neighbours,
        relations_cut: cut_out.saturating_add(cut_in),
    };
    let former = entity.redirected.iter().filter_map(|key| estate.named_by(*key));
    let mut ids: Vec<EntityId> = former.collect();
    ids.push(id);
    ids.sort_unstable();
    ids.dedup();
    Ok((page, ids))
}

/// What a viewer may see; `None` for everything.
fn seen_by<'a>(estate: &'a Estate, org: &OrgScope) -> Option<Matched<'a>> {
    let query = TopologyQuery { with_ended: true, ..TopologyQuery::default() };
    (*org != OrgScope::Everything).then(|| matched(estate, &query, org))
}

/// Relations on one side, in order of kind and far end, and how many the limit cut.
fn around(
    estate: &Estate,
    lists: &[List],
    limit: usize,
    far: fn(&Row<'_>) -> EntityId,
    is_seen: &dyn Fn(&EntityId) -> bool,
) -> (Vec<RelationFact>, u64) {
    let mut rows: BTreeMap<(RelationKind, EntityId), Vec<Row<'_>>> = BTreeMap::new();
    for row in rows_in_force(estate, lists.iter().copied()) {
        let id = far(&row);
        let is_visible =
            estate.entities.get(&id).is_some_and(|far| visible(estate, far, false).is_some());
        if is_visible && is_seen(&id) {
            rows.entry((row.kind, id)).or_default().push(row);
        }
    }
    let mut facts: Vec<((RelationKind, String), RelationFact)> = rows
        .into_iter()
        .filter_map(|((kind, id), rows)| {
            let far = estate.canonical(estate.entities.get(&id)?);
            Some(((kind, far), relation_fact(estate, &rows)?))
        })
        .collect();
    facts.sort_by(|(a, _), (b, _)| a.cmp(b));
    let cut = facts.len().saturating_sub(limit) as u64;
    (facts.into_iter().take(limit).map(|(_, fact)| fact).collect(), cut)
}

/// Other names that lead to an entity by plain claims in force, each with its source, in order.
pub fn aliases(estate: &Estate, id: EntityId) -> Vec<(String, String)> {
    let Some(entity) = estate.entities.get(&id) else { return Vec::new() };
    let mut found: BTreeSet<(String, String)> = BTreeSet::new();
    let keys = &estate.names.keys;
    found.extend(entity.redirected.iter().map(|key| (keys.text(*key), "merged".to_owned())));
    for target in entity.redirected.iter().chain([&entity.key]) {
        let claims = estate.claims.leading_to(*target);
        found.extend(claims.map(|(key, source)| (keys.text(key), source.to_owned())));
    }
    found.into_iter().collect()
}

/// References that lead to nothing or to several things, in order of source and label, and how many.
pub fn open_references(estate: &Estate, limit: usize) -> (Vec<OpenReferenceFact>, u64) {
    let id = |id: &EntityId| Some(estate.canonical(estate.entities.get(&estate.resolve(*id))?));
    let open = estate.references.open().filter_map(|place| estate.reference(place));
    let mut facts: Vec<OpenReferenceFact> = open
        .map(|one| {
            let (stated_by, purpose) = match &one.purpose {
                ReferencePurpose::Relation(template) => {
                    (template.stated_by.as_ref().and_then(id), template.kind.to_string())
                }
                ReferencePurpose::Subject(_) => (None, "subject".to_owned()),
            };
            let mut candidates: Vec<String> = one.targets.iter().filter_map(id).collect();
            candidates.sort();
            OpenReferenceFact {
                source: one.source.clone(),
                stated_by,
                purpose,
                label: one.reference.label(),
                candidates,
            }
        })
        .collect();
    facts.sort_by(|a, b| {
        (&a.source, &a.label, &a.stated_by, &a.purpose).cmp(&(
            &b.source,
            &b.label,
            &b.stated_by,
            &b.purpose,
        ))
    });
    let total = facts.len() as u64;
    facts.truncate(limit);
    (facts, total)
}
