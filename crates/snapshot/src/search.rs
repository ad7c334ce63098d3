//! Search by name, id, alias and label.

use std::collections::{BTreeSet, HashSet};
use std::sync::PoisonError;

use model::entity::EntityId;
use model::fact::{EntityMatch, TopologyQuery};
use model::kind::EntityKind;
use model::scope::OrgScope;

use super::estate::Estate;
use super::letters::{self, Letters};
use super::life::NOW;
use super::matched::{Match, Matched};
use super::page::aliases;
use super::select::{lead, matched, matched_among};

/// Share of a text's threes of letters that a name near it has, where an index tells.
const NEAR: f64 = 0.5;

/// Hits, best first: the exact name or id, an exact alias, the start of a name, the inside of a name,
/// of an id, of a label or alias; ties by the length of the name, kind and id. Without any, the nearest
/// names; of a large estate those that share half of the text's threes of letters.
pub fn search(estate: &Estate, text: &str, limit: usize, org: &OrgScope) -> Vec<EntityMatch> {
    let wanted = text.trim().to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let exact: BTreeSet<EntityId> = lead(estate, text.trim()).into_iter().collect();
    // Whether a label matches is worked out once for each label that there is.
    let labels: HashSet<u32> = estate.names.labels_with(|label| has(label, &wanted)).collect();
    let everything = looked_at(estate, &wanted, 1.0, &exact, org);
    let mut hits = Vec::new();
    for one in &everything.all {
        let name = one.name(estate);
        let (prefix, rest) = estate.names.keys.parts(one.entity.key);
        let is_id = || has(rest, &wanted) || has(&[prefix, rest].concat(), &wanted);
        let rank = if is(name, &wanted) || is(&[prefix, rest].concat(), &wanted) {
            Some((0, None))
        } else if exact.contains(&one.id) {
            Some((1, Some(text.trim().to_owned())))
        } else if starts(name, &wanted) {
            Some((2, None))
        } else if has(name, &wanted) {
            Some((3, None))
        } else if is_id() {
            Some((4, None))
        } else {
            let label = label(estate, one, &labels);
            label.or_else(|| alias(estate, one.id, &wanted)).map(|matched| (5, Some(matched)))
        };
        if let Some((rank, matched)) = rank {
            hits.push(((rank, name.len(), one.entity.kind), one, matched));
        }
    }
    if hits.is_empty() {
        let everything = looked_at(estate, &wanted, NEAR, &exact, org);
        return nearest(estate, &everything, &wanted, limit);
    }
    let by_id =
        |a: &Match<'_>, b: &Match<'_>| estate.names.keys.compare(a.entity.key, b.entity.key);
    hits.sort_by(|(a, one, _), (b, other, _)| a.cmp(b).then_with(|| by_id(one, other)));
    let hits = hits.into_iter().take(limit);
    hits.map(|(_, one, matched)| hit(estate, one, matched)).collect()
}

/// What may be a hit: everything, or of a large estate what an index says beside the exact hits.
fn looked_at<'a>(
    estate: &'a Estate,
    wanted: &str,
    share: f64,
    exact: &BTreeSet<EntityId>,
    org: &OrgScope,
) -> Matched<'a> {
    // An estate of the past is read for one question; an index would not pay.
    if estate.at != NOW || !letters::is_of_use(estate, wanted) {
        return matched(estate, &TopologyQuery::default(), org);
    }
    let mut ids: BTreeSet<EntityId> = exact.clone();
    {
        let mut held = estate.letters.lock().unwrap_or_else(PoisonError::into_inner);
        let letters = held.get_or_insert_with(|| Letters::new(estate));
        ids.extend(letters.candidates(wanted, share));
    }
    matched_among(estate, ids.into_iter().collect(), org)
}

fn is(text: &str, wanted: &str) -> bool {
    match text.is_ascii() {
        true => text.eq_ignore_ascii_case(wanted),
        false => text.to_lowercase() == wanted,
    }
}

fn starts(text: &str, wanted: &str) -> bool {
    match text.is_ascii() {
        true => text.get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted)),
        false => text.to_lowercase().starts_with(wanted),
    }
}

/// Whether a text contains another, which is in lower case.
fn has(text: &str, wanted: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(wanted);
    }
    let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
    text.windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted))
}

/// The first of an entity's labels, by name, that matches.
fn label(estate: &Estate, one: &Match<'_>, matching: &HashSet<u32>) -> Option<String> {
    if matching.is_empty() {
        return None;
    }
    // A label that a better source gives another value is not the entity's.
    let mut said: BTreeSet<&str> = BTreeSet::new();
    let mut found: Option<(&str, &str)> = None;
    for (_, content) in one.entity.ranked().iter() {
        for place in &content.labels {
            let (name, value) = estate.names.label(*place);
            if said.insert(name) && matching.contains(place) && found.is_none_or(|it| name < it.0) {
                found = Some((name, value));
            }
        }
    }
    found.map(|(name, value)| format!("{name}={value}"))
}

fn alias(estate: &Estate, id: EntityId, wanted: &str) -> Option<String> {
    aliases(estate, id).into_iter().map(|(name, _)| name).find(|name| has(name, wanted))
}

fn hit(estate: &Estate, one: &Match<'_>, matched: Option<String>) -> EntityMatch {
    EntityMatch {
        id: estate.canonical(one.entity),
        kind: one.entity.kind,
        name: one.name(estate).to_owned(),
        matched,
    }
}

/// Names within a third of their letters of the text.
fn nearest(
    estate: &Estate,
    everything: &Matched<'_>,
    wanted: &str,
    limit: usize,
) -> Vec<EntityMatch> {
    let most = (wanted.chars().count() / 3).max(1);
    let mut near: Vec<(usize, EntityKind, &Match<'_>)> = everything
        .all
        .iter()
        .filter_map(|one| {
            let distance = distance(&one.name(estate).to_lowercase(), wanted, most)?;
            Some((distance, one.entity.kind, one))
        })
        .collect();
    let by_id =
        |a: &Match<'_>, b: &Match<'_>| estate.names.keys.compare(a.entity.key, b.entity.key);
    near.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| by_id(a.2, b.2)));
    near.into_iter().take(limit).map(|(_, _, one)| hit(estate, one, None)).collect()
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
