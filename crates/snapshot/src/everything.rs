//! The whole estate at its instant, for the questions about the whole graph.

use std::collections::HashMap;

use model::entity::EntityId;
use model::error::{StoreError, StoreResult};
use model::fact::{EntityFact, EstateFacts, EstateRelation, TopologyQuery};
use model::scope::OrgScope;

use super::edge::Row;
use super::estate::Estate;
use super::fact::{joined, relation_seen};
use super::select::{below, each_relation, matched};

/// Most entities and relations of which facts are made at once. They take some 430 bytes each: beyond
/// this, more memory than a machine has that holds the estate itself with ease.
const ROWS_MAX: usize = 15_000_000;

/// Everything in force, with what lies outside the viewer's part marked.
///
/// # Errors
/// When there is more than the memory should hold.
pub fn estate(estate: &Estate, org: &OrgScope) -> StoreResult<EstateFacts> {
    let rows = estate.entities.len() + estate.edges.len();
    if rows > ROWS_MAX {
        return Err(StoreError::Exhausted {
            store: "topology".to_owned(),
            resource: format!("memory for an answer from all {rows} entities and relations"),
            limit: format!("{ROWS_MAX} at once"),
        });
    }
    let query = TopologyQuery { limit: usize::MAX, ..TopologyQuery::default() };
    let found = matched(estate, &query, &OrgScope::Everything);
    let mut entities: Vec<EntityFact> =
        found.all.iter().map(|one| one.fact(estate).clone()).collect();
    entities.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    let ordinals: HashMap<EntityId, u32> =
        (0_u32..).zip(&entities).map(|(place, fact)| (fact.entity, place)).collect();
    let mut relations = Vec::new();
    each_relation(estate, &found, &query, |(from, _, to), rows| {
        if let (Some(from), Some(to)) = (ordinals.get(&from), ordinals.get(&to)) {
            relations.extend(relation(estate, *from, *to, rows));
        }
    });
    relations.sort_by_key(|one| (one.from, one.kind, one.to));
    let outside = match org {
        OrgScope::Everything => Vec::new(),
        OrgScope::Units(units) => {
            let inside = below(estate, units);
            let places = (0_u32..).zip(&entities);
            places.filter(|(_, one)| !inside.holds(one.entity, one)).map(|(at, _)| at).collect()
        }
    };
    Ok(EstateFacts {
        version: estate.version,
        first_observation: estate.first_observation,
        entities,
        outside,
        relations,
    })
}

fn relation(estate: &Estate, from: u32, to: u32, rows: &[Row<'_>]) -> Option<EstateRelation> {
    let it = joined(rows)?;
    let grouped = it.rows.iter().find(|row| !row.said.group.is_empty());
    Some(EstateRelation {
        from,
        to,
        kind: it.first.kind,
        evidence: it.evidence,
        need: it.need.said.need,
        need_source: it.need.said.need_source,
        group: grouped.map(|row| row.said.group.clone()).unwrap_or_default(),
        min_alive: it.rows.iter().map(|row| row.said.min_alive).max().unwrap_or_default(),
        rule: it.rule,
        confidence: it.confidence,
        sources: it.sources,
        properties: it.first.said.properties.clone(),
        valid_from: it.rows.iter().map(|row| row.valid_from).min(),
        last_seen: it.rows.iter().filter_map(|row| relation_seen(estate, row)).max(),
    })
}
