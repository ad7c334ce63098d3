//! The rows of one value metric of one subject as a series: one source answers, and no time counts twice.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::EntityId;
use model::fact::RecordFact;
use model::kind::EntityKind;
use model::money::Amount;
use model::time::Micros;
use model::value::ValueObservation;

use super::assumption::ValueAssumption;
use crate::exact::scaled;

/// One value over one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValuePoint {
    /// Start.
    pub from: Micros,
    /// End, not included.
    pub to: Micros,
    /// The value; of a split, this subject's part.
    pub value: Amount,
}

impl ValuePoint {
    /// Length in microseconds.
    pub fn length(&self) -> i64 {
        self.to.0.saturating_sub(self.from.0)
    }
}

/// One metric of one subject, from one source.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueSeries {
    /// Name of the metric (`revenue`).
    pub metric: String,
    /// The subject.
    pub entity: EntityId,
    /// Canonical id of the product, application, service or unit it is of.
    pub of: String,
    /// Kind of that.
    pub kind: EntityKind,
    /// Its name.
    pub name: String,
    /// Currency when it is money.
    pub currency: Option<String>,
    /// What is counted, as stated.
    pub unit: Option<String>,
    /// Where the figures come from: as the rows state, else the source of the file.
    pub source: String,
    /// Whether the rows state their source themselves.
    pub is_sourced: bool,
    /// Other sources of the same, in order; named and never added.
    pub others: Vec<String>,
    /// When the newest row was observed.
    pub observed_at: Micros,
    /// Values in order of time; no two overlap.
    pub points: Vec<ValuePoint>,
    /// Rows that overlap others of the same source and are left out.
    pub overlapping: u64,
    /// The split that the rows state, once for each share.
    pub splits: Vec<ValueAssumption>,
}

/// What rows of one series share: metric, subject, currency.
type Key = (String, EntityId, Option<String>);

impl ValueSeries {
    /// Every series of some rows, in order of subject's id, metric and currency. Rows whose subject
    /// resolves to nothing are left out.
    pub fn of_rows(rows: &[RecordFact<ValueObservation>]) -> Vec<Self> {
        let mut by_key: BTreeMap<Key, Vec<&RecordFact<ValueObservation>>> = BTreeMap::new();
        for row in rows {
            let Some(subject) = row.subjects.first() else { continue };
            if subject.kind == EntityKind::Unknown {
                continue;
            }
            let key = (row.body.metric.clone(), subject.entity, row.body.currency.clone());
            by_key.entry(key).or_default().push(row);
        }
        let mut all: Vec<Self> = by_key.into_values().filter_map(|rows| one(&rows)).collect();
        all.sort_by(|a, b| (&a.of, &a.metric, &a.currency).cmp(&(&b.of, &b.metric, &b.currency)));
        all
    }

    /// Whole hours with their value, by number of hours since 1970: those that rows of at most an hour
    /// cover without a gap.
    pub fn hours(&self) -> BTreeMap<i64, Amount> {
        let mut sums: BTreeMap<i64, (Amount, i64)> = BTreeMap::new();
        for point in &self.points {
            let hour = point.from.0.div_euclid(Micros::HOUR);
            if point.length() > Micros::HOUR || (point.to.0 - 1).div_euclid(Micros::HOUR) != hour {
                continue;
            }
            let (sum, covered) = sums.entry(hour).or_default();
            *sum = sum.checked_add(point.value).unwrap_or(*sum);
            *covered += point.length();
        }
        let whole = sums.into_iter().filter(|(_, (_, covered))| *covered == Micros::HOUR);
        whole.map(|(hour, (sum, _))| (hour, sum)).collect()
    }

    /// Value of a minute: the mean over all rows; `None` when they hold none, or none that is positive.
    pub fn per_minute(&self) -> Option<Amount> {
        let sum =
            self.points.iter().try_fold(Amount::ZERO, |sum, point| sum.checked_add(point.value))?;
        let minutes: i64 = self.points.iter().map(ValuePoint::length).sum::<i64>() / Micros::MINUTE;
        let minutes = i128::from(minutes.max(1));
        let value = Amount(sum.0 / minutes);
        (value.0 > 0).then_some(value)
    }
}

/// How long rows are: day by day, week by week, month by month.
fn grain(length: i64) -> u8 {
    match length {
        ..=Micros::HOUR => 0,
        length if length <= 36 * Micros::HOUR => 1,
        length if length <= 8 * Micros::DAY => 2,
        length if length <= 32 * Micros::DAY => 3,
        _ => 4,
    }
}

/// Rows of one source and length.
struct Rival {
    covered: i64,
    key: (String, u8),
    points: Vec<ValuePoint>,
    overlapping: u64,
}

/// The series of some rows of one metric, subject and currency: of several sources and lengths of rows
/// the one that covers most time, then the finest, then the first by name.
fn one(rows: &[&RecordFact<ValueObservation>]) -> Option<ValueSeries> {
    let source = |row: &RecordFact<ValueObservation>| {
        row.body.stated_source.clone().unwrap_or_else(|| row.source.clone())
    };
    let mut rivals: BTreeMap<(String, u8), Vec<&RecordFact<ValueObservation>>> = BTreeMap::new();
    for row in rows {
        let length = row.body.to.0.saturating_sub(row.body.from.0);
        rivals.entry((source(row), grain(length))).or_default().push(row);
    }
    let mut chosen: Option<Rival> = None;
    for (key, rows) in &rivals {
        let (points, overlapping) = apart(rows);
        let covered: i64 = points.iter().map(ValuePoint::length).sum();
        let is_better = chosen.as_ref().is_none_or(|best| {
            covered > best.covered || (covered == best.covered && key.1 < best.key.1)
        });
        if is_better {
            chosen = Some(Rival { covered, key: key.clone(), points, overlapping });
        }
    }
    let Rival { key, points, overlapping, .. } = chosen?;
    let rows = rivals.get(&key)?;
    let first = rows.first()?;
    let subject = first.subjects.first()?;
    let others: BTreeSet<String> =
        rivals.keys().map(|one| one.0.clone()).filter(|one| *one != key.0).collect();
    Some(ValueSeries {
        metric: first.body.metric.clone(),
        entity: subject.entity,
        of: subject.id.clone(),
        kind: subject.kind,
        name: subject.name.clone(),
        currency: first.body.currency.clone(),
        unit: rows.iter().rev().find_map(|row| row.body.unit.clone()),
        source: key.0.clone(),
        is_sourced: rows.iter().all(|row| row.body.stated_source.is_some()),
        others: others.into_iter().collect(),
        observed_at: rows.iter().map(|row| row.observed_at).max().unwrap_or_default(),
        points,
        overlapping,
        splits: splits(rows, &subject.id, &key.0),
    })
}

/// The values of some rows in order of time; of rows that overlap the earlier observed and the longer
/// give way.
fn apart(rows: &[&RecordFact<ValueObservation>]) -> (Vec<ValuePoint>, u64) {
    let mut ranked: Vec<&&RecordFact<ValueObservation>> = rows.iter().collect();
    ranked.sort_by_key(|row| {
        let length = row.body.to.0.saturating_sub(row.body.from.0);
        (std::cmp::Reverse(row.observed_at), length, row.body.from, row.key.clone())
    });
    let mut taken: BTreeMap<Micros, ValuePoint> = BTreeMap::new();
    let mut overlapping = 0;
    for row in ranked {
        let share = row.body.share.map_or(Some(row.body.value), |share| {
            scaled(row.body.value, share, Amount(Amount::ONE))
        });
        let Some(value) = share else { continue };
        let point = ValuePoint { from: row.body.from, to: row.body.to, value };
        let before = taken.range(..point.to).next_back();
        if before.is_some_and(|(_, held)| held.to > point.from) {
            overlapping += 1;
        } else {
            taken.insert(point.from, point);
        }
    }
    (taken.into_values().collect(), overlapping)
}

fn splits(rows: &[&RecordFact<ValueObservation>], of: &str, source: &str) -> Vec<ValueAssumption> {
    let mut by_share: BTreeMap<Amount, Micros> = BTreeMap::new();
    for row in rows {
        let Some(share) = row.body.share else { continue };
        let seen = by_share.entry(share).or_insert(row.observed_at);
        *seen = row.observed_at.max(*seen);
    }
    let assumption = |(share, seen): (Amount, Micros)| ValueAssumption {
        name: "split".to_owned(),
        of: Some(of.to_owned()),
        value: share.to_string(),
        unit: "1".to_owned(),
        set_by: source.to_owned(),
        set_at: Some(seen),
        note: format!("part of {} that is this one's", rows[0].body.metric),
    };
    by_share.into_iter().map(assumption).collect()
}
