//! Users' rules laid over the facts of the estate, pure. O(rules · entities), and for `need`
//! O(rules · relations).

use std::collections::BTreeMap;

use model::fact::{EntityFact, EstateFacts, EstateRelation};
use model::kind::{EntityKind, Need, NeedSource, RelationKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MinAlive, Term, UserRule};

/// Rules of equal rank that disagree, or one that names no known unit: none of them holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct RuleConflict {
    /// Numbers of the rules.
    pub rules: Vec<u32>,
    /// What they set (`owner`).
    pub setting: String,
    /// What they are about: a canonical id, for `need` both ends joined by ` → `.
    pub about: String,
    /// Why none holds.
    pub reason: String,
}

/// Lays the rules over the facts; gives the conflicts, in order of what they are about.
pub fn apply(facts: &mut EstateFacts, rules: &[UserRule]) -> Vec<RuleConflict> {
    if rules.is_empty() {
        return Vec::new();
    }
    let mut conflicts = Vec::new();
    let units = Units::new(&facts.entities);
    let mut min_alive: BTreeMap<u32, MinAlive> = BTreeMap::new();
    for (ordinal, entity) in (0_u32..).zip(facts.entities.iter_mut()) {
        let matching: Vec<&UserRule> = rules
            .iter()
            .filter(|rule| rule.to.is_empty() && !rule.terms.is_empty())
            .filter(|rule| holds(&rule.terms, entity))
            .collect();
        if matching.is_empty() {
            continue;
        }
        let about = entity.id.clone();
        let mut say = |setting: &str, result: Chosen<String>| match result {
            Chosen::Nothing => None,
            Chosen::One(value, _) => Some(value),
            Chosen::Conflict(rules) => {
                conflicts.push(conflict(rules, setting, &about, DISAGREE));
                None
            }
        };
        let environment = say("environment", chosen(&matching, |one| one.set.environment.clone()));
        let tier = say("tier", chosen(&matching, |one| one.set.tier.clone()));
        let application = say("application", chosen(&matching, |one| one.set.application.clone()));
        let owner = chosen(&matching, |one| one.set.owner.clone());
        let owner_rule = owner.rule();
        let owner = say("owner", owner);
        if let Some(value) = environment {
            entity.scope.environment = Some(value);
        }
        if let Some(tier) = tier {
            entity.properties.insert("tier".to_owned(), tier.into());
        }
        if let Some(name) = application {
            let known = units.application(&name);
            entity.application = Some(known.unwrap_or_else(|| format!("application://{name}")));
        }
        if let Some(name) = owner {
            match units.owner(&name) {
                Some(id) => entity.owner = Some(id),
                None => {
                    let reason = format!("`{name}` names no unit, or several");
                    conflicts.push(conflict(owner_rule, "owner", &about, &reason));
                }
            }
        }
        match chosen(&matching, |one| one.set.min_alive) {
            Chosen::Nothing => {}
            Chosen::One(value, _) => {
                min_alive.insert(ordinal, value);
            }
            Chosen::Conflict(rules) => {
                conflicts.push(conflict(rules, "min_alive", &about, DISAGREE));
            }
        }
    }
    set_min_alive(&mut facts.relations, &min_alive);
    set_needs(facts, rules, &mut conflicts);
    conflicts.sort();
    conflicts
}

const DISAGREE: &str = "equally specific rules disagree";

fn conflict(rules: Vec<u32>, setting: &str, about: &str, reason: &str) -> RuleConflict {
    let (setting, about) = (setting.to_owned(), about.to_owned());
    RuleConflict { rules, setting, about, reason: reason.to_owned() }
}

/// What the most specific of some rules say.
enum Chosen<T> {
    Nothing,
    One(T, u32),
    Conflict(Vec<u32>),
}

impl<T> Chosen<T> {
    fn rule(&self) -> Vec<u32> {
        match self {
            Self::One(_, rule) => vec![*rule],
            _ => Vec::new(),
        }
    }
}

fn chosen<T: PartialEq>(rules: &[&UserRule], of: impl Fn(&UserRule) -> Option<T>) -> Chosen<T> {
    let said: Vec<(&UserRule, T)> =
        rules.iter().filter_map(|rule| Some((*rule, of(rule)?))).collect();
    let Some(most) = said.iter().map(|(rule, _)| rule.rank()).max() else { return Chosen::Nothing };
    let mut best = said.into_iter().filter(|(rule, _)| rule.rank() == most);
    let Some((first, value)) = best.next() else { return Chosen::Nothing };
    let rest: Vec<(&UserRule, T)> = best.collect();
    if rest.iter().all(|(_, other)| *other == value) {
        return Chosen::One(value, first.number);
    }
    let numbers = std::iter::once(first).chain(rest.iter().map(|(rule, _)| *rule));
    Chosen::Conflict(numbers.map(|rule| rule.number).collect())
}

fn holds(terms: &[Term], entity: &EntityFact) -> bool {
    terms.iter().all(|term| {
        let is_it = |value: &str| match term.value.strip_suffix('*') {
            Some(start) => value.starts_with(start),
            None => value == term.value,
        };
        let some = |value: &Option<String>| value.as_deref().is_some_and(is_it);
        if let Some(name) = term.key.strip_prefix("label.") {
            return entity.labels.get(name).is_some_and(|value| is_it(value));
        }
        if let Some(name) = term.key.strip_prefix("property.") {
            return match entity.properties.get(name) {
                Some(serde_json::Value::String(text)) => is_it(text),
                Some(other) => is_it(&other.to_string()),
                None => false,
            };
        }
        match term.key.as_str() {
            "id" => is_it(&entity.id),
            "kind" => is_it(entity.kind.as_str()),
            "name" => is_it(&entity.name),
            "namespace" => some(&entity.scope.namespace),
            "cluster" => some(&entity.scope.cluster) || some(&entity.cluster_name),
            "account" => some(&entity.scope.account),
            "region" => some(&entity.scope.region),
            "environment" => some(&entity.scope.environment),
            _ => false,
        }
    })
}

/// Replicas that must be left, on the relations that say who the replicas are.
fn set_min_alive(relations: &mut [EstateRelation], wanted: &BTreeMap<u32, MinAlive>) {
    if wanted.is_empty() {
        return;
    }
    let mut members: BTreeMap<u32, u32> = BTreeMap::new();
    for one in relations.iter().filter(|one| one.kind == RelationKind::HasReplica) {
        *members.entry(one.from).or_default() += 1;
    }
    for one in relations.iter_mut().filter(|one| one.kind == RelationKind::HasReplica) {
        one.min_alive = match wanted.get(&one.from) {
            None => continue,
            Some(MinAlive::Count(count)) => *count,
            Some(MinAlive::Majority) => members.get(&one.from).copied().unwrap_or(0) / 2 + 1,
        };
    }
}

fn set_needs(facts: &mut EstateFacts, rules: &[UserRule], conflicts: &mut Vec<RuleConflict>) {
    let rules: Vec<&UserRule> = rules.iter().filter(|rule| rule.set.need.is_some()).collect();
    if rules.is_empty() {
        return;
    }
    let EstateFacts { entities, relations, .. } = facts;
    let is_call = |one: &&mut EstateRelation| {
        matches!(one.kind, RelationKind::Calls | RelationKind::ConnectsTo)
    };
    for one in relations.iter_mut().filter(is_call) {
        let (near, far) = (&entities[one.from as usize], &entities[one.to as usize]);
        let matching: Vec<&UserRule> = rules
            .iter()
            .copied()
            .filter(|rule| holds(&rule.terms, near) && holds(&rule.to, far))
            .collect();
        match chosen::<Need>(&matching, |rule| rule.set.need) {
            Chosen::Nothing => {}
            Chosen::One(need, _) => {
                one.need = need;
                one.need_source = NeedSource::Rule;
            }
            Chosen::Conflict(numbers) => {
                let about = format!("{} → {}", near.id, far.id);
                conflicts.push(conflict(numbers, "need", &about, DISAGREE));
            }
        }
    }
}

/// Units and applications by canonical id, by the id that their table gave them, and by name.
struct Units {
    owners: BTreeMap<String, Option<String>>,
    applications: BTreeMap<String, Option<String>>,
}

impl Units {
    fn new(entities: &[EntityFact]) -> Self {
        let mut units = Self { owners: BTreeMap::new(), applications: BTreeMap::new() };
        for entity in entities {
            let map = match entity.kind {
                EntityKind::Application => &mut units.applications,
                EntityKind::Organisation | EntityKind::BusinessUnit | EntityKind::Team => {
                    &mut units.owners
                }
                _ => continue,
            };
            let stated = entity.id.rsplit('/').next().unwrap_or_default();
            let mut names = vec![entity.id.as_str(), stated, entity.name.as_str()];
            names.sort_unstable();
            names.dedup();
            for name in names {
                map.entry(name.to_owned())
                    .and_modify(|held| {
                        if held.as_deref() != Some(entity.id.as_str()) {
                            *held = None;
                        }
                    })
                    .or_insert_with(|| Some(entity.id.clone()));
            }
        }
        units
    }

    fn owner(&self, name: &str) -> Option<String> {
        self.owners.get(name).cloned().flatten()
    }

    fn application(&self, name: &str) -> Option<String> {
        self.applications.get(name).cloned().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::rules_of;

    fn facts() -> EstateFacts {
        let mut entities = vec![
            EntityFact::new(EntityKind::Team, "org://team/checkout", "Checkout"),
            EntityFact::new(EntityKind::Service, "service://p/shop/cart", "cart"),
            EntityFact::new(EntityKind::Workload, "k8s://c/shop/StatefulSet/etcd", "etcd"),
            EntityFact::new(EntityKind::Pod, "p0", "p0"),
            EntityFact::new(EntityKind::Pod, "p1", "p1"),
            EntityFact::new(EntityKind::Pod, "p2", "p2"),
            EntityFact::new(EntityKind::Cache, "redis", "redis"),
        ];
        entities[1].scope.namespace = Some("shop".into());
        let mut relations = vec![EstateRelation::new(1, RelationKind::ConnectsTo, 6)];
        relations.extend((3..6).map(|pod| EstateRelation::new(2, RelationKind::HasReplica, pod)));
        EstateFacts { entities, relations, ..EstateFacts::default() }
    }

    fn applied(text: &str) -> (EstateFacts, Vec<RuleConflict>) {
        let mut facts = facts();
        let conflicts = apply(&mut facts, &rules_of(text).unwrap());
        (facts, conflicts)
    }

    #[test]
    fn the_most_specific_wins_and_owners_are_found_by_name() {
        let (facts, conflicts) = applied(
            "
- {match: {kind: service}, set: {tier: low, environment: test, owner: Checkout}}
- {match: {kind: service, name: ca*}, set: {tier: normal}}
- {match: {kind: service, name: cart}, set: {tier: critical, application: shop}}
",
        );
        assert_eq!(conflicts, []);
        let cart = &facts.entities[1];
        assert_eq!(cart.properties["tier"], "critical");
        assert_eq!(cart.scope.environment.as_deref(), Some("test"));
        assert_eq!(cart.owner.as_deref(), Some("org://team/checkout"));
        assert_eq!(cart.application.as_deref(), Some("application://shop"));
        assert_eq!(facts.entities[6].owner, None);
    }

    #[test]
    fn need_and_min_alive_reach_the_relations() {
        let (facts, conflicts) = applied(
            "
- {match: {name: cart, to.kind: cache}, set: {need: required}}
- {match: {name: cart}, set: {need: optional}}
- {match: {name: etcd}, set: {min_alive: majority}}
",
        );
        assert_eq!(conflicts, []);
        assert_eq!(facts.relations[0].need, Need::Required);
        assert_eq!(facts.relations[0].need_source, NeedSource::Rule);
        assert!(facts.relations[1..].iter().all(|one| one.min_alive == 2));
    }

    #[test]
    fn equal_rank_that_disagrees_is_a_conflict_and_nothing_holds() {
        let (facts, conflicts) = applied(
            "
- {match: {name: cart}, set: {tier: low}}
- {match: {name: cart}, set: {tier: high}}
- {match: {name: cart, kind: service}, set: {owner: nobody}}
",
        );
        assert_eq!(facts.entities[1].properties.get("tier"), None);
        assert_eq!(facts.entities[1].owner, None);
        let told: Vec<(&str, &[u32])> =
            conflicts.iter().map(|one| (one.setting.as_str(), one.rules.as_slice())).collect();
        assert_eq!(told, [("tier", &[1, 2][..]), ("owner", &[3][..])]);
    }
}
