//! Everything that is stated about value, and whose value an incident touches: the narrowest of the entry
//! point, its application, and the application's products that has one.

use std::collections::BTreeMap;

use model::fact::RecordFact;
use model::kind::{EntityKind, RelationKind};
use model::money::Amount;
use model::seam::ReadContext;
use model::stated::{StatedKind, StatedObservation};
use model::time::{Micros, Window};
use model::value::{StatedAssumption, ValueObservation};

use super::assumption::ValueAssumption;
use super::downtime::{DowntimeCost, Interval, StatedMinute, downtime_cost};
use super::series::ValueSeries;
use super::share::products_of;
use crate::ask::{AskContext, AskError};
use crate::estate::Estate;

/// How long before a window values are read: what downtime is compared with lies there.
const BEFORE: i64 = 5 * 7 * Micros::DAY;

/// Value metrics and assumptions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValueBook {
    /// Value metrics, in order of subject, metric and currency.
    pub series: Vec<ValueSeries>,
    /// What a minute is worth, by canonical id.
    minutes: BTreeMap<String, StatedMinute>,
}

impl ValueBook {
    /// What is stated about a window and the weeks before it.
    ///
    /// # Errors
    /// When the store gives no facts.
    pub async fn read(
        ctx: &AskContext,
        read: &ReadContext,
        window: Window,
    ) -> Result<Self, AskError> {
        let from = Micros::of(window.from).plus(-BEFORE).timestamp();
        let values = ctx.telemetry.values(read, Window { from, to: window.to }).await?;
        let stated = ctx.telemetry.stated(read, StatedKind::Assumption).await?;
        let until = read.as_of;
        let ended =
            |row: &RecordFact<ValueObservation>| until.is_none_or(|until| row.body.to <= until);
        let values: Vec<RecordFact<ValueObservation>> = values.into_iter().filter(ended).collect();
        Ok(Self::new(&values, &stated))
    }

    /// From rows.
    pub fn new(
        values: &[RecordFact<ValueObservation>],
        stated: &[RecordFact<StatedObservation>],
    ) -> Self {
        let mut newest: BTreeMap<String, (Micros, StatedMinute)> = BTreeMap::new();
        for row in stated {
            let Some(subject) = row.subjects.first() else { continue };
            let Some(minute) = stated_minute(row, &subject.id) else { continue };
            let is_newer = newest.get(&subject.id).is_none_or(|(seen, _)| row.observed_at >= *seen);
            if is_newer && subject.kind != EntityKind::Unknown {
                newest.insert(subject.id.clone(), (row.observed_at, minute));
            }
        }
        let minutes = newest.into_iter().map(|(id, (_, minute))| (id, minute)).collect();
        Self { series: ValueSeries::of_rows(values), minutes }
    }

    /// Canonical ids of those whose value is touched when an entity is harmed: itself, else its
    /// application, else the products of that; the first of these that has value in money. Empty when
    /// none has.
    pub fn touched(&self, estate: &Estate, ordinal: u32) -> Vec<String> {
        let has = |id: &String| self.minutes.contains_key(id) || self.money(id).next().is_some();
        let entity = estate.entity(ordinal);
        if has(&entity.id) {
            return vec![entity.id.clone()];
        }
        let applications = applications_of(estate, ordinal);
        let id = |one: u32| estate.entity(one).id.clone();
        let own: Vec<String> = applications.iter().map(|one| id(*one)).filter(&has).collect();
        if !own.is_empty() {
            return own;
        }
        let products = applications.iter().flat_map(|one| products_of(estate, *one));
        let mut ids: Vec<String> = products.map(|one| id(one.product)).filter(has).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// What harm of one of those costs; `known` are the intervals of all incidents that touch it.
    pub fn downtime(&self, of: &str, harm: &[Interval], known: &[Interval]) -> DowntimeCost {
        let series = self.money(of).max_by_key(|series| {
            let sum = series.points.iter().fold(0_i128, |sum, one| sum.saturating_add(one.value.0));
            (!series.hours().is_empty(), sum, std::cmp::Reverse(series.metric.clone()))
        });
        let stated = self.minutes.get(of).cloned().or_else(|| series.and_then(mean_minute));
        let mut cost = downtime_cost(harm, known, series, stated.as_ref());
        cost.of = Some(of.to_owned());
        cost
    }

    /// Value metrics of one in money.
    fn money<'a>(&'a self, of: &'a str) -> impl Iterator<Item = &'a ValueSeries> {
        self.series.iter().filter(move |one| one.of == of && one.currency.is_some())
    }
}

/// The applications that an entity is part of: itself, the one it names, those it is a part of.
pub(crate) fn applications_of(estate: &Estate, ordinal: u32) -> Vec<u32> {
    let entity = estate.entity(ordinal);
    if entity.kind == EntityKind::Application {
        return vec![ordinal];
    }
    if let Some(one) = entity.application.as_deref().and_then(|id| estate.find(id)) {
        return vec![one];
    }
    let near = estate.near(ordinal, RelationKind::HasPart);
    near.filter(|one| estate.entity(*one).kind == EntityKind::Application).collect()
}

/// The minute that a statement is about.
fn stated_minute(row: &RecordFact<StatedObservation>, of: &str) -> Option<StatedMinute> {
    let says: StatedAssumption = row.body.says().ok()?;
    let currency = says.currency.filter(|_| says.name == "value_per_minute")?;
    let assumption = |name: &str, value: String, unit: String, note: String| ValueAssumption {
        name: name.to_owned(),
        of: Some(of.to_owned()),
        value,
        unit,
        set_by: says.set_by.clone(),
        set_at: says.set_at.or(Some(row.observed_at)),
        note,
    };
    let note = says.note.clone().unwrap_or_else(|| "what a minute of downtime costs".to_owned());
    let minute =
        assumption("value_per_minute", says.value.to_string(), format!("{currency}/min"), note);
    let share = match says.share {
        Some(share) => {
            let note = "part of the value that is lost while it is harmed".to_owned();
            assumption("harmed_share", share.to_string(), "1".to_owned(), note)
        }
        None => whole_share(of),
    };
    Some(StatedMinute {
        value: says.value,
        currency,
        share: says.share.unwrap_or(Amount(Amount::ONE)),
        assumptions: vec![minute, share],
    })
}

/// Without a statement: the mean value of a minute by the rows of a series, all of it lost.
fn mean_minute(series: &ValueSeries) -> Option<StatedMinute> {
    let (value, currency) = (series.per_minute()?, series.currency.clone()?);
    let minute = ValueAssumption {
        name: "value_per_minute".to_owned(),
        of: Some(series.of.clone()),
        value: value.to_string(),
        unit: format!("{currency}/min"),
        set_by: series.source.clone(),
        set_at: Some(series.observed_at),
        note: format!("mean of {} over the time that is stated", series.metric),
    };
    Some(StatedMinute {
        value,
        currency,
        share: Amount(Amount::ONE),
        assumptions: vec![minute, whole_share(&series.of)],
    })
}

fn whole_share(of: &str) -> ValueAssumption {
    let note = "all of the value is taken to be lost while it is harmed; nobody states a share";
    ValueAssumption::default_of("harmed_share", of, ("1", "1"), note)
}
