//! From the facts of `topology` to its answer, pure.

use model::envelope::StoreFreshness;
use model::envelope::Warning;
use model::fact::{AggregateBy, EntityFact, GroupRelationFact, TopologyComparison, TopologyFacts};
use model::kind::{EntityKind, RelationKind};
use model::time::Micros;

use super::confirmed;
use super::params::{Grouping, TopologyParams};
use super::shape::{
    ChangeCount, ControllerCount, KindCount, RelationCount, TopologyAnswer, TopologyChanges,
    TopologyGroup, TopologySummary,
};
use crate::ask::Limits;
use crate::layout::{Layout, layered};
use crate::question::Draft;

/// Judges the facts.
pub(super) fn drafted(
    params: &TopologyParams,
    facts: TopologyFacts,
    aggregated_by: Option<AggregateBy>,
    comparison: Option<(Micros, TopologyComparison)>,
    as_of: Micros,
    limits: Limits,
) -> Draft<TopologyAnswer> {
    let stores = vec![StoreFreshness::of("topology", facts.version)];
    let coverage = confirmed(&facts);
    let warnings = warnings_of(&facts, as_of);
    let limit = params.limit.unwrap_or(1) as usize;
    let relations_among = facts.relations_among;
    let mut answer = TopologyAnswer {
        summary: TopologySummary {
            entities: facts.entity_total,
            relations: facts.relation_total,
            open_references: facts.open_references,
            held: facts.held,
        },
        kinds: kind_counts(&facts.kinds),
        controllers: facts.controllers.into_iter().map(controller_count).collect(),
        relation_kinds: facts.relation_kinds.into_iter().map(relation_count).collect(),
        entities: facts.entities,
        relations: facts.relations,
        aggregated_by: aggregated_by.map(Grouping::of),
        groups: facts.groups.into_iter().map(group_of).collect(),
        group_relations: facts.group_relations,
        changes: comparison.map(|(before, comparison)| changes_of(before, as_of, comparison)),
        layout: None,
    };
    answer.layout = layout_of(&answer, limits.layout_nodes);
    let mut draft = Draft::new(answer, as_of);
    draft.stores = stores;
    draft.warnings = warnings;
    cut(&mut draft, params, limit, relations_among);
    if draft.answer.aggregated_by.is_none() {
        draft.coverage.insert("current".into(), coverage);
    }
    draft.tables = draft.answer.tables();
    draft
}

/// Says what was left out, and where to go on.
fn cut(
    draft: &mut Draft<TopologyAnswer>,
    params: &TopologyParams,
    limit: usize,
    relations_among: u64,
) {
    let answer = &draft.answer;
    let total = answer.summary.entities;
    if answer.aggregated_by.is_some() {
        if answer.groups.len() >= limit {
            draft.next = answer.groups.last().map(|group| group.group.clone());
        }
    } else if answer.entities.len() >= limit && total > limit as u64 {
        draft.next = answer.entities.last().map(|entity| entity.id.clone());
    }
    let given = answer.entities.len() as u64;
    if answer.aggregated_by.is_none() && total > given && params.cursor.is_none() {
        draft.truncated.insert("entities".into(), total);
    }
    let listed = answer.relations.len() as u64;
    if relations_among > listed {
        draft.truncated.insert("relations".into(), relations_among);
    }
    if let Some(changes) = &answer.changes {
        let total: u64 = changes.totals.iter().map(|change| change.count).sum();
        if total > changes.entities.len() as u64 {
            draft.truncated.insert("changes".into(), total);
        }
    }
}

fn warnings_of(facts: &TopologyFacts, as_of: Micros) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let before =
        facts.entities.iter().filter(|one| one.state == "before_first_observation").count();
    if before > 0 {
        let message = format!(
            "{before} entities are shown as first observed: they existed at {as_of} but were not \
             yet observed"
        );
        warnings.push(Warning::new("before_first_observation", message));
    }
    if facts.is_cut {
        let message = format!(
            "the walk stopped at its bounds: the totals count the {} entities that it reached, and \
             more may be within reach",
            facts.entity_total
        );
        warnings.push(Warning::new("walk_cut", message));
    }
    if facts.held > 0 {
        let message = format!(
            "{} retirements wait for a decision, since a complete input left out too many at once",
            facts.held
        );
        warnings.push(Warning::new("held_retirement", message));
    }
    warnings
}

fn kind_counts(kinds: &[(EntityKind, u64)]) -> Vec<KindCount> {
    kinds.iter().map(|(kind, count)| KindCount { kind: *kind, count: *count }).collect()
}

fn controller_count((controller, count): (String, u64)) -> ControllerCount {
    ControllerCount { controller, count }
}

fn relation_count((relation, count): (RelationKind, u64)) -> RelationCount {
    RelationCount { relation, count }
}

fn group_of(fact: model::fact::GroupFact) -> TopologyGroup {
    TopologyGroup {
        count: fact.kinds.iter().map(|(_, count)| *count).sum(),
        kinds: kind_counts(&fact.kinds),
        group: fact.group,
        name: fact.name,
    }
}

fn changes_of(before: Micros, after: Micros, comparison: TopologyComparison) -> TopologyChanges {
    let count = |(change, count): (String, u64)| ChangeCount { change, count };
    TopologyChanges {
        before,
        after,
        totals: comparison.totals.into_iter().map(count).collect(),
        entities: comparison.entities,
        relations_added: comparison.relations_added,
        relations_removed: comparison.relations_removed,
    }
}

/// Relations that say what stands in what or guards it would only blur the layers.
fn is_drawn(relation: RelationKind) -> bool {
    relation.carries_failure()
        || matches!(relation, RelationKind::Contains | RelationKind::Owns | RelationKind::RoutesVia)
}

type Pairs = Vec<(String, String)>;

fn layout_of(answer: &TopologyAnswer, most: usize) -> Option<Layout> {
    let (nodes, edges): (Pairs, Pairs) = if answer.aggregated_by.is_some() {
        let node = |group: &TopologyGroup| {
            let largest = group.kinds.iter().max_by_key(|kind| kind.count);
            (group.group.clone(), largest.map_or("", |kind| kind.kind.as_str()).to_owned())
        };
        (answer.groups.iter().map(node).collect(), group_edges(&answer.group_relations))
    } else {
        let node = |one: &EntityFact| (one.id.clone(), one.kind.as_str().to_owned());
        let edges = answer.relations.iter().filter(|one| is_drawn(one.kind));
        let ends = edges.map(|one| (one.from.clone(), one.to.clone()));
        (answer.entities.iter().map(node).collect(), ends.collect())
    };
    (!nodes.is_empty() && nodes.len() <= most).then(|| layered(&nodes, &edges))
}

/// What orders groups: who calls whom, else whatever carries failure. Groups hold so many kinds of
/// relation both ways that all of them together would order nothing; of the two directions between
/// two groups the greater counts.
fn group_edges(relations: &[GroupRelationFact]) -> Pairs {
    let is_call = |kind| matches!(kind, RelationKind::Calls | RelationKind::ConnectsTo);
    let has_calls = relations.iter().any(|one| is_call(one.kind) && one.from != one.to);
    let mut counts: std::collections::BTreeMap<(&str, &str), u64> = Default::default();
    for one in relations {
        if if has_calls { is_call(one.kind) } else { is_drawn(one.kind) } {
            *counts.entry((one.from.as_str(), one.to.as_str())).or_default() += one.count;
        }
    }
    let is_greater = |((from, to), count): &(&(&str, &str), &u64)| {
        **count >= counts.get(&(*to, *from)).copied().unwrap_or(0)
    };
    let greater = counts.iter().filter(is_greater);
    greater.map(|((from, to), _)| ((*from).to_owned(), (*to).to_owned())).collect()
}
