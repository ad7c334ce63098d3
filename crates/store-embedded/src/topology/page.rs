//! One entity with what is around it, search by name, id, alias and label, and open references.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::EntityId;
use model::error::StoreError;
use model::fact::{
    EntityFact, EntityMatch, EntityPage, OpenReferenceFact, RelationFact, SourceFact, TopologyQuery,
};
use model::kind::RelationKind;
use model::resolution::{ReferencePurpose, RelationWrite};
use model::scope::OrgScope;

use super::estate::{Estate, is_open};
use super::fact::{entity_fact, relation_fact, rows_in_force, visible};
use super::known::resolved;
use super::matched::Matched;
use super::select::{lead, matched, named};

/// The page without its versions, and the ids whose versions belong to it.
pub fn page(
    estate: &Estate,
    name: &str,
    limit: usize,
    org: &OrgScope,
) -> Result<(EntityPage, Vec<EntityId>), StoreError> {
    let id = named(estate, name, true).map_err(|several| StoreError::NotFound {
        what: match several {
            0 | 1 => name.to_owned(),
            several => format!("one thing called {name} (there are {several})"),
        },
    })?;
    let allowed = seen_by(estate, org);
    let is_seen = |id: &EntityId| allowed.as_ref().is_none_or(|allowed| allowed.contains(*id));
    let entity = estate.entities.get(&id).filter(|_| is_seen(&id));
    let found = entity.and_then(|entity| Some((entity, visible(estate, entity, true)?)));
    let (entity, existence) =
        found.ok_or_else(|| StoreError::NotFound { what: name.to_owned() })?;
    let (outgoing, cut_out) = around(estate, &entity.outgoing, limit, |row| row.to, &is_seen);
    let (incoming, cut_in) = around(estate, &entity.incoming, limit, |row| row.from, &is_seen);
    let mut far: BTreeSet<EntityId> = BTreeSet::new();
    for relation in &outgoing {
        far.extend(estate.find(&relation.to.as_str().into()));
    }
    for relation in &incoming {
        far.extend(estate.find(&relation.from.as_str().into()));
    }
    let mut neighbours: Vec<_> = far
        .into_iter()
        .filter_map(|id| {
            let entity = estate.entities.get(&id)?;
            Some(entity_fact(estate, id, entity, &visible(estate, entity, false)?))
        })
        .collect();
    neighbours.sort_by(|a, b| a.id.cmp(&b.id));
    let sources = entity.speaking().filter_map(|(source, record, _)| {
        let first = record.first_seen?;
        Some(SourceFact {
            source: source.to_string(),
            first_seen: first.timestamp(),
            last_seen: record.last_seen.unwrap_or(first).timestamp(),
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
    let former = entity.redirected.iter().filter_map(|key| estate.by_id.get(key)).copied();
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
    places: &[u32],
    limit: usize,
    far: fn(&RelationWrite) -> EntityId,
    is_seen: &dyn Fn(&EntityId) -> bool,
) -> (Vec<RelationFact>, u64) {
    let mut rows: BTreeMap<(RelationKind, EntityId), Vec<&RelationWrite>> = BTreeMap::new();
    for row in rows_in_force(estate, places) {
        let id = far(row);
        let is_visible =
            estate.entities.get(&id).is_some_and(|far| visible(estate, far, false).is_some());
        if is_visible && is_seen(&id) {
            rows.entry((row.kind, id)).or_default().push(row);
        }
    }
    let mut facts: Vec<((RelationKind, String), RelationFact)> = rows
        .into_iter()
        .filter_map(|((kind, id), rows)| {
            let far = estate.entities.get(&id)?.canonical.to_string();
            Some(((kind, far), relation_fact(estate, &rows)?))
        })
        .collect();
    facts.sort_by(|(a, _), (b, _)| a.cmp(b));
    let cut = facts.len().saturating_sub(limit) as u64;
    (facts.into_iter().take(limit).map(|(_, fact)| fact).collect(), cut)
}

/// Other names that lead to an entity by plain claims in force, each with its source, in order.
fn aliases(estate: &Estate, id: EntityId) -> Vec<(String, String)> {
    let Some(entity) = estate.entities.get(&id) else { return Vec::new() };
    let mut found: BTreeSet<(String, String)> = BTreeSet::new();
    let mut ids = vec![entity.canonical.clone()];
    for former in &entity.redirected {
        found.insert((former.to_string(), "merged".to_owned()));
        ids.push(former.clone());
    }
    for target in ids {
        for key in estate.claimed.get(&target).into_iter().flatten() {
            for claim in estate.claims.get(key).into_iter().flatten() {
                let is_plain = claim.claim.to.len() == 1 && claim.claim.to.first() == Some(&target);
                if is_plain && claim.observed_to.is_none() {
                    found.insert((key.to_string(), claim.source.clone()));
                }
            }
        }
    }
    found.into_iter().collect()
}

/// Hits, best first: the exact name or id, an exact alias, the start of a name, the inside of a name,
/// of an id, of a label or alias; ties by kind and id. Without any, the nearest names.
pub fn search(estate: &Estate, text: &str, limit: usize, org: &OrgScope) -> Vec<EntityMatch> {
    let wanted = text.trim().to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let exact: BTreeSet<EntityId> = lead(estate, &text.trim().into()).into_iter().collect();
    let everything = matched(estate, &TopologyQuery::default(), org).facts(estate);
    let mut hits = Vec::new();
    for (id, fact) in &everything {
        let (name, key) = (fact.name.to_lowercase(), fact.id.to_lowercase());
        let label = || {
            fact.labels
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .find(|label| label.to_lowercase().contains(&wanted))
        };
        let rank = if name == wanted || key == wanted {
            Some((0, None))
        } else if exact.contains(id) {
            Some((1, Some(text.trim().to_owned())))
        } else if name.starts_with(&wanted) {
            Some((2, None))
        } else if name.contains(&wanted) {
            Some((3, None))
        } else if key.contains(&wanted) {
            Some((4, None))
        } else {
            label().or_else(|| alias(estate, *id, &wanted)).map(|matched| (5, Some(matched)))
        };
        if let Some((rank, matched)) = rank {
            hits.push(((rank, fact.name.len(), fact.kind, fact.id.clone()), fact, matched));
        }
    }
    if hits.is_empty() {
        return nearest(&everything, &wanted, limit);
    }
    hits.sort_by(|(a, _, _), (b, _, _)| a.cmp(b));
    hits.into_iter().take(limit).map(|(_, fact, matched)| hit(fact, matched)).collect()
}

fn alias(estate: &Estate, id: EntityId, wanted: &str) -> Option<String> {
    let names = aliases(estate, id).into_iter().map(|(name, _)| name);
    names.into_iter().find(|name| name.to_lowercase().contains(wanted))
}

fn hit(fact: &EntityFact, matched: Option<String>) -> EntityMatch {
    EntityMatch { id: fact.id.clone(), kind: fact.kind, name: fact.name.clone(), matched }
}

/// Names within a third of their letters of the text.
fn nearest(
    everything: &BTreeMap<EntityId, EntityFact>,
    wanted: &str,
    limit: usize,
) -> Vec<EntityMatch> {
    let most = (wanted.chars().count() / 3).max(1);
    let mut near: Vec<_> = everything
        .values()
        .filter_map(|fact| {
            let distance = distance(&fact.name.to_lowercase(), wanted, most)?;
            Some(((distance, fact.kind, fact.id.clone()), fact))
        })
        .collect();
    near.sort_by(|(a, _), (b, _)| a.cmp(b));
    near.into_iter().take(limit).map(|(_, fact)| hit(fact, None)).collect()
}

/// Levenshtein's distance, when at most `most`.
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row.last().copied().filter(|distance| *distance <= most)
}

/// References that lead to nothing or to several things, in order of source and label, and how many.
pub fn open_references(estate: &Estate, limit: usize) -> (Vec<OpenReferenceFact>, u64) {
    let id = |id: &EntityId| {
        let entity = estate.entities.get(&estate.resolve(*id))?;
        Some(entity.canonical.to_string())
    };
    let open = estate.references.values().filter(|one| is_open(one));
    let mut facts: Vec<OpenReferenceFact> = open
        .map(|one| resolved(estate, one))
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
