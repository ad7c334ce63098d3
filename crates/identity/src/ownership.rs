//! Who owns an entity, by the rules that files of ownership state: of the rules that match, the most
//! specific wins; when equally specific ones disagree, none does.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::Labels;
use model::resolution::{EntityState, Known, StoredRule};
use model::scope::Scope;
use model::value::OwnershipRule;
use model::{AliasKey, Batch, EntityKind};

/// The rules in force.
pub(crate) struct Rules<'a> {
    rules: Vec<&'a OwnershipRule>,
    /// Canonical ids of the units, by the names that rules give them.
    units: BTreeMap<&'a str, AliasKey>,
}

/// What the rules say of one entity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Decision {
    pub owner: Option<String>,
    pub application: Option<String>,
}

/// What a rule looks at.
pub(crate) struct Subject<'a> {
    pub id: &'a AliasKey,
    pub kind: EntityKind,
    pub name: &'a str,
    pub scope: &'a Scope,
    pub labels: &'a Labels,
}

impl<'a> Rules<'a> {
    /// Stored rules and those of a batch, which replace what its source stated before.
    pub fn new(
        stored: &'a [StoredRule],
        stated: &'a [OwnershipRule],
        source: &str,
        at: model::Micros,
    ) -> Self {
        let is_replaced =
            |one: &&StoredRule| !stated.is_empty() && one.source == source && one.observed_at < at;
        let held = stored.iter().filter(|one| !is_replaced(one)).map(|one| &one.rule);
        Self { rules: held.chain(stated).collect(), units: BTreeMap::new() }
    }

    /// With the units that the rules name, as far as they are known: those of the store, and those of the
    /// batch. A name of several units stands for none of them.
    #[must_use]
    pub fn with_units(mut self, known: &'a Known, batch: &'a Batch) -> Self {
        let names: BTreeSet<&str> =
            self.rules.iter().filter_map(|rule| rule.owner.as_deref()).collect();
        if names.is_empty() {
            return self;
        }
        let stored = known.claims.values().flatten().filter(|one| one.observed_to.is_none());
        let records = batch.entities.iter().flat_map(|one| &one.claims).chain(&batch.claims);
        let mut units: BTreeMap<&str, BTreeSet<AliasKey>> = BTreeMap::new();
        for claim in stored.map(|one| &one.claim).chain(records) {
            let Some(name) = names.get(claim.key.as_str()) else { continue };
            let [to] = claim.to.as_slice() else { continue };
            let id = match known.entities.get(to) {
                Some(unit) if unit.state != EntityState::Named => Some(&unit.canonical),
                _ => batch.entities.iter().map(|one| &one.id).find(|id| *id == to),
            };
            units.entry(name).or_default().extend(id.cloned());
        }
        let only = |ids: BTreeSet<AliasKey>| ids.first().filter(|_| ids.len() == 1).cloned();
        self.units = units.into_iter().filter_map(|(name, ids)| Some((name, only(ids)?))).collect();
        self
    }

    /// What the most specific rules say.
    pub fn decide(&self, subject: &Subject<'_>) -> Decision {
        let matching: Vec<&OwnershipRule> =
            self.rules.iter().copied().filter(|rule| matches(rule, subject)).collect();
        let owner = most_specific(&matching, |rule| rule.owner.as_ref());
        let unit = |name: String| match self.units.get(name.as_str()) {
            Some(id) => id.as_str().to_owned(),
            None => name,
        };
        Decision {
            owner: owner.map(unit),
            application: most_specific(&matching, |rule| rule.application.as_ref()),
        }
    }
}

fn most_specific(
    rules: &[&OwnershipRule],
    part: impl Fn(&OwnershipRule) -> Option<&String>,
) -> Option<String> {
    let said = || rules.iter().filter_map(|rule| Some((specificity(rule), part(rule)?)));
    let most = said().map(|(rank, _)| rank).max()?;
    let mut first = said().filter(|(rank, _)| *rank == most).map(|(_, unit)| unit);
    let unit = first.next()?;
    first.all(|other| other == unit).then(|| unit.clone())
}

/// More terms, then more letters that must agree.
fn specificity(rule: &OwnershipRule) -> (usize, usize) {
    let letters = rule.terms.values().map(|value| value.trim_end_matches('*').len());
    let whole = rule.terms.values().filter(|value| !value.ends_with('*')).count();
    (rule.terms.len() + whole, letters.sum())
}

/// Whether every term holds; a rule without terms matches nothing.
fn matches(rule: &OwnershipRule, subject: &Subject<'_>) -> bool {
    let holds = |(key, wanted): (&String, &String)| {
        let value = value_of(key, subject);
        value.is_some_and(|value| match wanted.strip_suffix('*') {
            Some(start) => value.starts_with(start),
            None => value == wanted,
        })
    };
    !rule.terms.is_empty() && rule.terms.iter().all(holds)
}

fn value_of<'a>(key: &str, subject: &'a Subject<'_>) -> Option<&'a str> {
    let label = ["tag.", "label."].iter().find_map(|scheme| key.strip_prefix(scheme));
    if let Some(name) = label {
        return subject.labels.get(name).map(String::as_str);
    }
    match key {
        "id" => Some(subject.id.as_str()),
        "kind" => Some(subject.kind.as_str()),
        "name" | "service" if key == "name" || subject.kind == EntityKind::Service => {
            Some(subject.name)
        }
        "account" => subject.scope.account.as_deref(),
        "region" => subject.scope.region.as_deref(),
        "cluster" => subject.scope.cluster.as_deref(),
        "namespace" => subject.scope.namespace.as_deref(),
        "environment" => subject.scope.environment.as_deref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Micros;

    fn rule(terms: &[(&str, &str)], owner: &str) -> OwnershipRule {
        OwnershipRule {
            terms: terms.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            owner: Some(owner.to_owned()),
            application: None,
            environment: None,
            tier: None,
            note: None,
        }
    }

    fn owner(rules: &[OwnershipRule]) -> Option<String> {
        let labels = Labels::from([("team".to_owned(), "payments".to_owned())]);
        let scope = Scope { namespace: Some("shop-eu".to_owned()), ..Scope::default() };
        let id = "k8s://c/shop-eu/pod/p".into();
        let subject =
            Subject { id: &id, kind: EntityKind::Pod, name: "p", scope: &scope, labels: &labels };
        Rules::new(&[], rules, "s", Micros(0)).decide(&subject).owner
    }

    #[test]
    fn the_most_specific_rule_wins_and_a_conflict_owns_nothing() {
        let broad = rule(&[("namespace", "shop-*")], "org://team/shop");
        let exact = rule(&[("namespace", "shop-eu")], "org://team/eu");
        let both = rule(&[("namespace", "shop-*"), ("tag.team", "payments")], "org://team/pay");
        let other = rule(&[("namespace", "shop-eu")], "org://team/other");
        let miss = rule(&[("namespace", "shop-us"), ("tag.team", "payments")], "org://team/us");
        let none = rule(&[], "org://team/all");
        assert_eq!(owner(&[broad.clone(), none]), Some("org://team/shop".to_owned()));
        assert_eq!(owner(&[broad.clone(), exact.clone()]), Some("org://team/eu".to_owned()));
        assert_eq!(owner(&[both, exact.clone(), broad, miss]), Some("org://team/pay".to_owned()));
        assert_eq!(owner(&[exact, other]), None);
    }

    #[test]
    fn a_later_table_of_a_source_replaces_its_earlier_one() {
        let stored = |at| StoredRule {
            rule: rule(&[("kind", "pod")], "org://team/old"),
            source: "s".to_owned(),
            observed_at: Micros(at),
        };
        let held = [stored(1)];
        let new = [rule(&[("kind", "node")], "org://team/new")];
        assert!(Rules::new(&held, &new, "s", Micros(2)).rules.len() == 1);
        assert!(Rules::new(&held, &new, "t", Micros(2)).rules.len() == 2);
        assert!(Rules::new(&held, &[], "s", Micros(2)).rules.len() == 1);
    }
}
