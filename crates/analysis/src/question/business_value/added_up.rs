//! Value of what states none of its own: of a product the parts of its applications, of a unit the sum of
//! what it owns, of an organisation without such else the sum of its products. A period counts only when
//! everything that was stated around that time states it.

use std::collections::{BTreeMap, BTreeSet};

use model::kind::{EntityKind, RelationKind};
use model::money::Amount;
use model::time::Micros;

use crate::estate::Estate;
use crate::exact::scaled;
use crate::value::{ValuePoint, ValueSeries, products_of};

/// A series, and whose values it adds up; empty of one that is stated.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub series: ValueSeries,
    pub from: Vec<String>,
}

/// Metric and currency.
type Key = (String, Option<String>);

/// Values of every unit, product, application and entry point, by ordinal and key.
pub(super) fn values(
    estate: &Estate,
    stated: &[ValueSeries],
) -> BTreeMap<u32, BTreeMap<Key, Value>> {
    let mut all: BTreeMap<u32, BTreeMap<Key, Value>> = BTreeMap::new();
    let mut keys: BTreeSet<Key> = BTreeSet::new();
    for series in stated {
        let Some(ordinal) = estate.find(&series.of) else { continue };
        let key = (series.metric.clone(), series.currency.clone());
        keys.insert(key.clone());
        let value = Value { series: series.clone(), from: Vec::new() };
        all.entry(ordinal).or_default().insert(key, value);
    }
    for product in estate.of_kind(EntityKind::Product) {
        let parts: Vec<(u32, Amount)> = estate
            .far(product, RelationKind::HasPart)
            .flat_map(|part| {
                let shares = products_of(estate, part).into_iter();
                shares.filter(|one| one.product == product).map(move |one| (part, one.share))
            })
            .collect();
        fill(estate, &mut all, &keys, product, &parts);
    }
    for unit in from_below(estate) {
        let children = |kind: RelationKind| -> Vec<(u32, Amount)> {
            estate.far(unit, kind).map(|one| (one, Amount(Amount::ONE))).collect()
        };
        fill(estate, &mut all, &keys, unit, &children(RelationKind::Owns));
        let mut products = children(RelationKind::Contains);
        products.retain(|one| estate.entity(one.0).kind == EntityKind::Product);
        fill(estate, &mut all, &keys, unit, &products);
    }
    all
}

/// Units in an order in which what is owned comes before its owner; what lies on a cycle comes last.
fn from_below(estate: &Estate) -> Vec<u32> {
    let kinds = [EntityKind::Team, EntityKind::BusinessUnit, EntityKind::Organisation];
    let units: Vec<u32> = kinds.iter().flat_map(|kind| estate.of_kind(*kind)).collect();
    let mut done: BTreeSet<u32> = BTreeSet::new();
    let mut order = Vec::new();
    for _ in 0..units.len() {
        let ready = |one: &u32| {
            let mut owned = estate.far(*one, RelationKind::Owns);
            owned.all(|below| done.contains(&below) || !units.contains(&below))
        };
        let next: Vec<u32> =
            units.iter().copied().filter(|one| !done.contains(one) && ready(one)).collect();
        if next.is_empty() {
            break;
        }
        done.extend(&next);
        order.extend(next);
    }
    order.extend(units.into_iter().filter(|one| !done.contains(one)));
    order
}

/// Gives a subject what its parts add up to, for each metric that it has no value of yet.
fn fill(
    estate: &Estate,
    all: &mut BTreeMap<u32, BTreeMap<Key, Value>>,
    keys: &BTreeSet<Key>,
    subject: u32,
    parts: &[(u32, Amount)],
) {
    for key in keys {
        if all.get(&subject).is_some_and(|held| held.contains_key(key)) {
            continue;
        }
        let series: Vec<(&ValueSeries, Amount)> = parts
            .iter()
            .filter_map(|(part, share)| Some((&all.get(part)?.get(key)?.series, *share)))
            .collect();
        let Some(sum) = sum_of(&series) else { continue };
        let entity = estate.entity(subject);
        let series = ValueSeries {
            entity: entity.entity,
            of: entity.id.clone(),
            kind: entity.kind,
            name: entity.name.clone(),
            ..sum
        };
        let from = parts
            .iter()
            .filter(|(part, _)| all.get(part).is_some_and(|held| held.contains_key(key)))
            .map(|(part, _)| estate.entity(*part).id.clone())
            .collect();
        all.entry(subject).or_default().insert(key.clone(), Value { series, from });
    }
}

/// Several series as one.
fn sum_of(parts: &[(&ValueSeries, Amount)]) -> Option<ValueSeries> {
    let (first, _) = parts.first()?;
    let mut sums: BTreeMap<(Micros, Micros), (Amount, usize)> = BTreeMap::new();
    for (series, share) in parts {
        for point in &series.points {
            let value = scaled(point.value, *share, Amount(Amount::ONE))?;
            let (sum, count) = sums.entry((point.from, point.to)).or_default();
            *sum = sum.checked_add(value)?;
            *count += 1;
        }
    }
    let extent =
        |series: &ValueSeries| Some((series.points.first()?.from, series.points.last()?.to));
    let extents: Vec<(Micros, Micros)> =
        parts.iter().filter_map(|(series, _)| extent(series)).collect();
    let mut points = Vec::new();
    let mut reached = Micros(i64::MIN);
    for ((from, to), (value, count)) in sums {
        let wanted = extents.iter().filter(|(start, end)| *start < to && from < *end).count();
        if count == wanted && from >= reached {
            points.push(ValuePoint { from, to, value });
            reached = to;
        }
    }
    let mut sources: BTreeSet<String> = parts.iter().map(|one| one.0.source.clone()).collect();
    let source = sources.pop_first()?;
    (!points.is_empty()).then(|| ValueSeries {
        points,
        source,
        others: sources.into_iter().collect(),
        observed_at: parts.iter().map(|one| one.0.observed_at).max().unwrap_or_default(),
        is_sourced: parts.iter().all(|one| one.0.is_sourced),
        overlapping: 0,
        splits: Vec::new(),
        ..(*first).clone()
    })
}
