//! From the facts of `topology` to its answer, pure.

use model::envelope::Warning;
use model::fact::{
    AggregateBy, EntityChange, EntityFact, GroupRelationFact, RelationFact, TopologyComparison,
    TopologyFacts,
};
use model::kind::{EntityKind, RelationKind};
use model::table::{Cell, Table};
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::params::{Grouping, TopologyParams};
use super::{confirmed, freshness};
use crate::ask::Limits;
use crate::layout::{Layout, layered};
use crate::question::Draft;

/// What exists and how it is connected.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TopologyAnswer {
    /// Totals of all that matches, before the limit.
    pub summary: TopologySummary,
    /// Entities of all that matches, by kind, in order of kind.
    pub kinds: Vec<KindCount>,
    /// Workloads of all that matches, by controller, in order of name.
    pub controllers: Vec<ControllerCount>,
    /// Relations among all that matches, by kind, in order of kind.
    pub relation_kinds: Vec<RelationCount>,
    /// Entities in order of kind and id; empty when they are grouped.
    pub entities: Vec<EntityFact>,
    /// Relations among the entities given, in order of near end, kind and far end.
    pub relations: Vec<RelationFact>,
    /// What the entities are grouped by; null when they are given one by one.
    pub aggregated_by: Option<Grouping>,
    /// Groups, in order of key.
    pub groups: Vec<TopologyGroup>,
    /// Relations between groups and within them.
    pub group_relations: Vec<GroupRelationFact>,
    /// What differs from the instant of `compare_to`; null when none was given.
    pub changes: Option<TopologyChanges>,
    /// Where to draw entities or groups; null when there are more than 150.
    pub layout: Option<Layout>,
}

/// Totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TopologySummary {
    /// Entities that match.
    pub entities: u64,
    /// Relations among them.
    pub relations: u64,
    /// References in the whole estate that lead to nothing, or to several things.
    pub open_references: u64,
    /// Retirements in the whole estate that wait for a decision.
    pub held: u64,
}

/// Entities of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KindCount {
    /// Kind.
    pub kind: EntityKind,
    /// How many.
    pub count: u64,
}

/// Workloads of one controller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ControllerCount {
    /// Controller (`Deployment`).
    pub controller: String,
    /// How many.
    pub count: u64,
}

/// Relations of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RelationCount {
    /// Kind.
    pub relation: RelationKind,
    /// How many.
    pub count: u64,
}

/// Entities of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TopologyGroup {
    /// Key (canonical id, name or kind); empty for the entities that have none.
    pub group: String,
    /// Name for people.
    pub name: String,
    /// How many entities.
    pub count: u64,
    /// The same by kind, in order of kind.
    pub kinds: Vec<KindCount>,
}

/// What differs between two instants.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TopologyChanges {
    /// The earlier instant.
    pub before: Micros,
    /// The later instant.
    pub after: Micros,
    /// Entities by change, before the limit, in order of change.
    pub totals: Vec<ChangeCount>,
    /// Entities in order of change, kind and id.
    pub entities: Vec<EntityChange>,
    /// Relations there are now and were not then.
    pub relations_added: Vec<RelationFact>,
    /// Relations there were then and are not now.
    pub relations_removed: Vec<RelationFact>,
}

/// Entities that differ in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangeCount {
    /// `added`, `removed`, `recreated` or `changed`.
    pub change: String,
    /// How many.
    pub count: u64,
}

/// Judges the facts.
pub(super) fn drafted(
    params: &TopologyParams,
    facts: TopologyFacts,
    aggregated_by: Option<AggregateBy>,
    comparison: Option<(Micros, TopologyComparison)>,
    as_of: Micros,
    limits: Limits,
) -> Draft<TopologyAnswer> {
    let stores = vec![freshness(facts.version)];
    let coverage = confirmed(&facts);
    let warnings = warnings_of(&facts, as_of);
    let limit = params.limit.unwrap_or(1) as usize;
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
    cut(&mut draft, params, limit);
    if draft.answer.aggregated_by.is_none() {
        draft.coverage.insert("current".into(), coverage);
    }
    draft.tables = draft.answer.tables();
    draft
}

/// Says what was left out, and where to go on.
fn cut(draft: &mut Draft<TopologyAnswer>, params: &TopologyParams, limit: usize) {
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
        let edges = answer.group_relations.iter().filter(|one| is_drawn(one.kind));
        let ends = edges.map(|one| (one.from.clone(), one.to.clone()));
        (answer.groups.iter().map(node).collect(), ends.collect())
    } else {
        let node = |one: &EntityFact| (one.id.clone(), one.kind.as_str().to_owned());
        let edges = answer.relations.iter().filter(|one| is_drawn(one.kind));
        let ends = edges.map(|one| (one.from.clone(), one.to.clone()));
        (answer.entities.iter().map(node).collect(), ends.collect())
    };
    (!nodes.is_empty() && nodes.len() <= most).then(|| layered(&nodes, &edges))
}

impl TopologyAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        let mut tables =
            vec![self.kind_table(), self.controller_table(), self.relation_kind_table()];
        if self.aggregated_by.is_some() {
            tables.push(self.group_table());
            tables.push(self.group_relation_table());
        } else {
            tables.insert(0, self.entity_table());
            tables.push(relation_table("relations", &self.relations));
        }
        if let Some(changes) = &self.changes {
            tables.push(change_table(changes));
            tables.push(relation_table("relations_added", &changes.relations_added));
            tables.push(relation_table("relations_removed", &changes.relations_removed));
        }
        tables
    }

    fn entity_table(&self) -> Table {
        let columns = [
            ("kind", "Kind", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("cluster", "Cluster", Cell::Text, ""),
            ("namespace", "Namespace", Cell::Text, ""),
            ("account", "Account", Cell::Text, ""),
            ("region", "Region", Cell::Text, ""),
            ("zone", "Zone", Cell::Text, ""),
            ("environment", "Environment", Cell::Text, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("application", "Application", Cell::Text, ""),
            ("state", "State", Cell::Text, ""),
            ("last_seen", "Last seen", Cell::Instant, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &EntityFact| {
            let scope = &one.scope;
            let cluster = one.cluster_name.as_ref().or(scope.cluster.as_ref());
            vec![
                json!(one.kind),
                json!(one.name),
                json!(cluster),
                json!(scope.namespace),
                json!(scope.account),
                json!(scope.region),
                json!(scope.zone),
                json!(scope.environment),
                json!(one.owner),
                json!(one.application),
                json!(one.state),
                json!(one.last_seen),
                json!(one.id),
            ]
        };
        let rows = self.entities.iter().map(row).collect();
        Table { rows, ..Table::new("entities", &columns) }
    }

    fn kind_table(&self) -> Table {
        let columns = [("kind", "Kind", Cell::Text, ""), ("count", "Entities", Cell::Count, "")];
        let rows = self.kinds.iter().map(|one| vec![json!(one.kind), json!(one.count)]).collect();
        Table { rows, ..Table::new("kinds", &columns) }
    }

    fn controller_table(&self) -> Table {
        let columns =
            [("controller", "Controller", Cell::Text, ""), ("count", "Workloads", Cell::Count, "")];
        let rows = self.controllers.iter().map(|one| vec![json!(one.controller), json!(one.count)]);
        Table { rows: rows.collect(), ..Table::new("controllers", &columns) }
    }

    fn relation_kind_table(&self) -> Table {
        let columns =
            [("relation", "Relation", Cell::Text, ""), ("count", "Relations", Cell::Count, "")];
        let rows =
            self.relation_kinds.iter().map(|one| vec![json!(one.relation), json!(one.count)]);
        Table { rows: rows.collect(), ..Table::new("relation_kinds", &columns) }
    }

    fn group_table(&self) -> Table {
        let columns = [
            ("group", "Group", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("count", "Entities", Cell::Count, ""),
        ];
        let rows = self.groups.iter().flat_map(|group| {
            let row = |one: &KindCount| {
                vec![json!(group.group), json!(group.name), json!(one.kind), json!(one.count)]
            };
            group.kinds.iter().map(row).collect::<Vec<_>>()
        });
        Table { rows: rows.collect(), ..Table::new("groups", &columns) }
    }

    fn group_relation_table(&self) -> Table {
        let columns = [
            ("from", "From", Cell::Text, ""),
            ("relation", "Relation", Cell::Text, ""),
            ("to", "To", Cell::Text, ""),
            ("count", "Relations", Cell::Count, ""),
        ];
        let row = |one: &GroupRelationFact| {
            vec![json!(one.from), json!(one.kind), json!(one.to), json!(one.count)]
        };
        let rows = self.group_relations.iter().map(row).collect();
        Table { rows, ..Table::new("group_relations", &columns) }
    }
}

fn relation_table(name: &str, relations: &[RelationFact]) -> Table {
    let columns = [
        ("from", "From", Cell::Text, ""),
        ("relation", "Relation", Cell::Text, ""),
        ("to", "To", Cell::Text, ""),
        ("need", "Need", Cell::Text, ""),
        ("evidence", "Evidence", Cell::Text, ""),
        ("confidence", "Confidence", Cell::Text, ""),
        ("rule", "Joined by", Cell::Text, ""),
        ("last_seen", "Last seen", Cell::Instant, ""),
    ];
    let row = |one: &RelationFact| {
        let evidence: Vec<&str> = one.evidence.iter().map(|evidence| evidence.as_str()).collect();
        vec![
            json!(one.from),
            json!(one.kind),
            json!(one.to),
            json!(one.need),
            json!(evidence.join(", ")),
            json!(one.confidence),
            json!(one.rule),
            json!(one.last_seen),
        ]
    };
    Table { rows: relations.iter().map(row).collect(), ..Table::new(name, &columns) }
}

fn change_table(changes: &TopologyChanges) -> Table {
    let columns = [
        ("change", "Change", Cell::Text, ""),
        ("kind", "Kind", Cell::Text, ""),
        ("name", "Name", Cell::Text, ""),
        ("field", "Field", Cell::Text, ""),
        ("before", "Before", Cell::Text, ""),
        ("after", "After", Cell::Text, ""),
        ("id", "Id", Cell::Text, ""),
    ];
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => json!(null),
        serde_json::Value::String(text) => json!(text),
        other => json!(other.to_string()),
    };
    let rows = changes.entities.iter().flat_map(|one| {
        let line = |field: serde_json::Value, before, after| {
            vec![
                json!(one.change),
                json!(one.kind),
                json!(one.name),
                field,
                before,
                after,
                json!(one.id),
            ]
        };
        if one.fields.is_empty() {
            return vec![line(json!(null), json!(null), json!(null))];
        }
        let each = |(field, before, after): &(String, serde_json::Value, serde_json::Value)| {
            line(json!(field), text(before), text(after))
        };
        one.fields.iter().map(each).collect()
    });
    Table { rows: rows.collect(), ..Table::new("changes", &columns) }
}
