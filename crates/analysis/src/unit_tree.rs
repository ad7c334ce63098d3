//! The two trees that share their leaves, as sums by unit need them: who stands above whom, and which
//! products an application serves with which shares.

use std::collections::{BTreeMap, BTreeSet};

use model::error::{StoreError, StoreResult};
use model::fact::{TopologyFacts, TopologyQuery};
use model::kind::{EntityKind, RelationKind};
use model::money::Amount;
use model::seam::{ReadContext, Topology};

use crate::exact::split;
use crate::unit::UNIT_KINDS;

/// Most units of one estate.
const UNITS_MAX: usize = 50_000;

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
}

/// Units with what stands above them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitTree {
    units: BTreeMap<String, Unit>,
    /// The owner of each unit that has one.
    owners: BTreeMap<String, String>,
    /// Products of each application with their stated shares, in order of product.
    products: BTreeMap<String, Vec<(String, Option<Amount>)>>,
}

impl UnitTree {
    /// The trees of facts that hold units with their relations.
    pub fn of(facts: TopologyFacts) -> Self {
        let mut tree = Self::default();
        for one in facts.entities {
            let unit = Unit { id: one.id.clone(), kind: one.kind, name: one.name };
            tree.units.insert(one.id, unit);
        }
        for one in facts.relations {
            if !tree.units.contains_key(&one.from) || !tree.units.contains_key(&one.to) {
                continue;
            }
            match one.kind {
                // An entity has one owner at a time; of several the first by name holds.
                RelationKind::Owns => {
                    tree.owners.entry(one.to).or_insert(one.from);
                }
                RelationKind::HasPart => {
                    let share = one.properties.get("share").and_then(|share| {
                        let text = share.as_str().map_or_else(|| share.to_string(), str::to_owned);
                        text.parse::<Amount>().ok().filter(|share| share.0 >= 0)
                    });
                    tree.products.entry(one.to).or_default().push((one.from, share));
                }
                _ => {}
            }
        }
        tree.products.values_mut().for_each(|products| products.sort());
        tree
    }

    /// A unit by its canonical id.
    pub fn unit(&self, id: &str) -> Option<&Unit> {
        self.units.get(id)
    }

    /// Every unit, in order of canonical id.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// A unit by canonical id, by its short id in the tables (`payments` of `org://team/payments`), or
    /// by name; `None` when nothing or several units are meant.
    pub fn find(&self, text: &str) -> Option<&Unit> {
        if let Some(unit) = self.units.get(text) {
            return Some(unit);
        }
        let short = |unit: &&Unit| unit.id.rsplit('/').next() == Some(text);
        let named = |unit: &&Unit| unit.name == text;
        [self.only(short), self.only(named)].into_iter().flatten().next()
    }

    fn only(&self, is_it: impl Fn(&&Unit) -> bool) -> Option<&Unit> {
        let mut found = self.units.values().filter(is_it);
        found.next().filter(|_| found.next().is_none())
    }

    /// A unit and every unit above it, nearest first; a cycle ends where it began.
    pub fn up<'a>(&'a self, id: &'a str) -> Vec<&'a str> {
        let mut path = Vec::new();
        let mut next = Some(id);
        while let Some(one) = next {
            if path.contains(&one) {
                break;
            }
            path.push(one);
            next = self.owners.get(one).map(String::as_str);
        }
        path
    }

    /// The units that stand at the top, in order of canonical id: no product, no application, and owned
    /// by nothing that is known.
    pub fn roots(&self) -> Vec<&Unit> {
        let is_root = |unit: &&Unit| {
            let is_held = matches!(unit.kind, EntityKind::Product | EntityKind::Application);
            !is_held && !self.owners.contains_key(&unit.id)
        };
        self.units.values().filter(is_root).collect()
    }

    /// The units directly below one: what it owns, and the applications that serve it as a product; in
    /// order of canonical id.
    pub fn below(&self, id: &str) -> Vec<&Unit> {
        let is_below = |unit: &&Unit| {
            let is_owned = self.owners.get(&unit.id).is_some_and(|owner| owner == id);
            let products = self.products.get(&unit.id).map_or(&[][..], Vec::as_slice);
            unit.id != id && (is_owned || products.iter().any(|(product, _)| product == id))
        };
        self.units.values().filter(is_below).collect()
    }

    /// The nearest team at or above a unit.
    pub fn team_of(&self, id: &str) -> Option<&Unit> {
        let units = self.up(id).into_iter().filter_map(|one| self.units.get(one));
        units.into_iter().find(|unit| unit.kind == EntityKind::Team)
    }

    /// All units to which something with this owner and application belongs whole, in order.
    pub fn holders<'a>(
        &'a self,
        owner: Option<&'a str>,
        application: Option<&'a str>,
    ) -> BTreeSet<&'a str> {
        let starts = owner.into_iter().chain(application);
        starts.flat_map(|start| self.up(start)).collect()
    }

    /// Whether an application serves products.
    pub fn has_products(&self, application: &str) -> bool {
        self.products.contains_key(application)
    }

    /// An application's products with the weight of each, in order of product: the stated shares, or
    /// equal ones when none is stated.
    pub fn products(&self, application: &str) -> Vec<(&str, Amount)> {
        let products = self.products.get(application).map_or(&[][..], Vec::as_slice);
        let is_stated = products.iter().any(|(_, share)| share.is_some());
        let weight = |share: Option<Amount>| match share {
            Some(share) => share,
            None if is_stated => Amount::ZERO,
            None => Amount(Amount::ONE),
        };
        products.iter().map(|(product, share)| (product.as_str(), weight(*share))).collect()
    }

    /// An amount of an application split among its products; adds up to it to the last digit. Nothing
    /// when it serves none.
    pub fn by_product(&self, application: &str, amount: Amount) -> Vec<(&str, Amount)> {
        let products = self.products(application);
        let weights: Vec<Amount> = products.iter().map(|(_, weight)| *weight).collect();
        let Some(parts) = split(amount, &weights) else { return Vec::new() };
        products.into_iter().map(|(product, _)| product).zip(parts).collect()
    }
}

/// The trees as they are at `read`'s instant, with units that have ended: what was charged to one
/// still belongs to it.
///
/// # Errors
/// When the store gives no facts, or there are too many units.
pub async fn unit_tree(topology: &dyn Topology, read: &ReadContext) -> StoreResult<UnitTree> {
    let query = TopologyQuery {
        kinds: UNIT_KINDS.to_vec(),
        relations: vec![RelationKind::Owns, RelationKind::HasPart],
        limit: UNITS_MAX,
        with_ended: true,
        ..TopologyQuery::default()
    };
    let facts = topology.topology(read, query).await?;
    if facts.entity_total > UNITS_MAX as u64 {
        return Err(StoreError::Exhausted {
            store: "topology".to_owned(),
            resource: "units of the organisation".to_owned(),
            limit: UNITS_MAX.to_string(),
        });
    }
    Ok(UnitTree::of(facts))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use model::entity::Properties;
    use model::fact::{EntityFact, RelationFact};
    use model::kind::{Confidence, Need, NeedSource};

    /// A tree of (id, kind) and (from, relation, to, share).
    pub(crate) fn tree(
        units: &[(&str, EntityKind)],
        relations: &[(&str, RelationKind, &str, Option<&str>)],
    ) -> UnitTree {
        let relation = |(from, kind, to, share): &(&str, RelationKind, &str, Option<&str>)| {
            let share = share.map(|share| ("share".to_owned(), share.into()));
            RelationFact {
                from: (*from).into(),
                kind: *kind,
                to: (*to).into(),
                evidence: Vec::new(),
                need: Need::Unknown,
                need_source: NeedSource::Unknown,
                rule: None,
                confidence: Confidence::Certain,
                sources: Vec::new(),
                properties: share.into_iter().collect::<Properties>(),
                valid_from: None,
                last_seen: None,
            }
        };
        UnitTree::of(TopologyFacts {
            entities: units.iter().map(|(id, kind)| EntityFact::new(*kind, *id, *id)).collect(),
            relations: relations.iter().map(relation).collect(),
            ..TopologyFacts::default()
        })
    }

    /// A business unit of two teams, one application of one of them, two products.
    pub(crate) fn shop() -> UnitTree {
        tree(
            &[
                ("org://business_unit/retail", EntityKind::BusinessUnit),
                ("org://team/cart", EntityKind::Team),
                ("org://team/search", EntityKind::Team),
                ("application://cart", EntityKind::Application),
                ("product://shop", EntityKind::Product),
                ("product://market", EntityKind::Product),
            ],
            &[
                ("org://business_unit/retail", RelationKind::Owns, "org://team/cart", None),
                ("org://business_unit/retail", RelationKind::Owns, "org://team/search", None),
                ("org://team/cart", RelationKind::Owns, "application://cart", None),
                ("product://shop", RelationKind::HasPart, "application://cart", Some("0.8")),
                ("product://market", RelationKind::HasPart, "application://cart", Some("0.2")),
            ],
        )
    }

    #[test]
    fn a_charge_belongs_to_all_above_it_and_in_parts_to_products() {
        let tree = shop();
        let holders = tree.holders(Some("org://team/cart"), Some("application://cart"));
        let expected = ["application://cart", "org://business_unit/retail", "org://team/cart"];
        assert_eq!(holders.into_iter().collect::<Vec<_>>(), expected);
        assert_eq!(tree.team_of("application://cart").unwrap().id, "org://team/cart");
        assert_eq!(tree.team_of("org://business_unit/retail"), None);
        let parts = tree.by_product("application://cart", "10".parse().unwrap());
        let expected =
            [("product://market", "2".parse().unwrap()), ("product://shop", "8".parse().unwrap())];
        assert_eq!(parts, expected);
        assert_eq!(tree.find("cart"), None, "a team and an application have that short id");
        assert_eq!(tree.find("search").unwrap().id, "org://team/search");
    }

    #[test]
    fn owners_in_a_cycle_end_where_they_began() {
        let owns = RelationKind::Owns;
        let tree = tree(
            &[("a", EntityKind::Team), ("b", EntityKind::Team)],
            &[("a", owns, "b", None), ("b", owns, "a", None)],
        );
        assert_eq!(tree.up("a"), ["a", "b"]);
    }
}
