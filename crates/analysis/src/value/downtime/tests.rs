//! Costs of downtime worked out by hand.

use model::absence::Absence;
use model::entity::EntityId;
use model::kind::EntityKind;
use proptest::prelude::*;

use super::super::series::ValuePoint;
use super::*;

/// Monday, 2 March 2026.
const MONDAY: &str = "2026-03-02";

fn at(week: i64, hour: i64, minute: i64) -> Micros {
    let start = Micros::of(model::time::instant(MONDAY).unwrap());
    start.plus(week * 7 * Micros::DAY + hour * Micros::HOUR + minute * Micros::MINUTE)
}

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

/// Hours 9 and 10 of five Mondays: 100, 110, 90, 105 and then 40 at nine; always 200 at ten, 150 the
/// last time.
fn revenue() -> ValueSeries {
    let nine = ["100", "110", "90", "105", "40"];
    let ten = ["200", "200", "200", "200", "150"];
    let point = |week: usize, hour: i64, text: &str| {
        let week = i64::try_from(week).unwrap();
        ValuePoint { from: at(week, hour, 0), to: at(week, hour + 1, 0), value: amount(text) }
    };
    let mut points = Vec::new();
    for week in 0..5 {
        points.push(point(week, 9, nine[week]));
        points.push(point(week, 10, ten[week]));
    }
    ValueSeries {
        metric: "revenue".into(),
        entity: EntityId(1),
        of: "product://shop".into(),
        kind: EntityKind::Product,
        name: "Shop".into(),
        currency: Some("USD".into()),
        unit: None,
        source: "order ledger".into(),
        is_sourced: true,
        others: Vec::new(),
        observed_at: at(5, 0, 0),
        points,
        overlapping: 0,
        splits: Vec::new(),
    }
}

fn stated() -> StatedMinute {
    let note =
        ValueAssumption::default_of("value_per_minute", "product://shop", ("3", "USD/min"), "");
    StatedMinute {
        value: amount("3"),
        currency: "USD".into(),
        share: amount("0.5"),
        assumptions: vec![note],
    }
}

/// Two incidents on the fifth Monday, 9:10 to 9:40 and 9:30 to 10:20: 70 minutes of harm. Expected at
/// nine is the median of 100, 110, 90 and 105, which is 102.50, and 40 came in; at ten 200 were expected
/// and 150 came in. Lost are 62.50 and 50.
#[test]
fn overlapping_incidents_count_their_minutes_once() {
    let harm = [(at(4, 9, 10), at(4, 9, 40)), (at(4, 9, 30), at(4, 10, 20))];
    let cost = downtime_cost(&harm, &harm, Some(&revenue()), Some(&stated()));
    assert_eq!(cost.amount, Some(amount("112.5")));
    assert_eq!((cost.method, cost.minutes), (DowntimeMethod::Measured, 70.0));
    assert_eq!((cost.expected, cost.observed), (Some(amount("302.5")), Some(amount("190"))));
    assert_eq!((cost.hours_measured, cost.minutes_without), (2, 0.0));
    assert!(cost.assumptions.is_empty());
}

/// An incident on the second Monday makes its 110 no example: the median of 100, 90 and 105 is 100. A
/// second one on the third leaves two examples, which are too few, and minutes at the stated value
/// stand in: 30 · 3 · 0.5.
#[test]
fn hours_of_other_incidents_are_no_example() {
    let harm = [(at(4, 9, 10), at(4, 9, 40))];
    let second = (at(1, 9, 0), at(1, 9, 1));
    let cost = downtime_cost(&harm, &[harm[0], second], Some(&revenue()), Some(&stated()));
    assert_eq!(cost.amount, Some(amount("60")));
    let known = [harm[0], second, (at(2, 8, 30), at(2, 9, 1))];
    let cost = downtime_cost(&harm, &known, Some(&revenue()), Some(&stated()));
    assert_eq!((cost.amount, cost.method), (Some(amount("45")), DowntimeMethod::Assumed));
    assert_eq!((cost.assumptions.len(), cost.minutes_assumed), (1, 30.0));
}

/// From 10:30 to 11:30 on the fifth Monday: the hour of ten is measured (50), that of eleven has no
/// series and is assumed (30 · 3 · 0.5).
#[test]
fn hours_without_a_series_are_assumed_apart() {
    let harm = [(at(4, 10, 30), at(4, 11, 30))];
    let cost = downtime_cost(&harm, &[], Some(&revenue()), Some(&stated()));
    assert_eq!((cost.amount, cost.method), (Some(amount("95")), DowntimeMethod::Mixed));
    assert_eq!((cost.measured, cost.assumed), (Some(amount("50")), Some(amount("45"))));
    let euros = StatedMinute { currency: "EUR".into(), ..stated() };
    let cost = downtime_cost(&harm, &[], Some(&revenue()), Some(&euros));
    assert_eq!((cost.amount, cost.minutes_without), (Some(amount("50")), 30.0));
}

#[test]
fn without_series_and_stated_value_there_is_no_amount() {
    let harm = [(at(4, 9, 0), at(4, 10, 0))];
    let cost = downtime_cost(&harm, &harm, None, None);
    assert_eq!((cost.amount, cost.currency.as_deref()), (None, None));
    assert_eq!(cost.reason, Some(Absence::NotConfigured));
    assert_eq!((cost.minutes, cost.minutes_without), (60.0, 60.0));
    let daily = ValueSeries {
        points: vec![ValuePoint { from: at(4, 0, 0), to: at(4, 24, 0), value: amount("9") }],
        ..revenue()
    };
    let cost = downtime_cost(&harm, &harm, Some(&daily), None);
    assert_eq!(cost.reason, Some(Absence::NoData));
}

/// More than was expected is a cost below zero.
#[test]
fn a_good_hour_is_no_loss() {
    let mut series = revenue();
    series.points[8].value = amount("120");
    let harm = [(at(4, 9, 0), at(4, 9, 30))];
    let cost = downtime_cost(&harm, &harm, Some(&series), None);
    assert_eq!(cost.amount, Some(amount("-17.5")));
}

proptest! {
    /// The order of incidents, repeats, and a cut of one in two change nothing.
    #[test]
    fn only_the_union_counts(
        intervals in proptest::collection::vec((0_i64..300, 1_i64..200), 1..6),
        cut in 0.0_f64..1.0,
    ) {
        let whole: Vec<Interval> = intervals
            .iter()
            .map(|(start, length)| (at(4, 8, *start), at(4, 8, start + length)))
            .collect();
        let mut other: Vec<Interval> = whole.iter().rev().copied().collect();
        let (from, to) = other[0];
        let middle = Micros(from.0 + ((to.0 - from.0) as f64 * cut) as i64);
        other.extend([(from, middle), (middle, to)]);
        let one = downtime_cost(&whole, &whole, Some(&revenue()), Some(&stated()));
        prop_assert_eq!(one, downtime_cost(&other, &other, Some(&revenue()), Some(&stated())));
    }
}
