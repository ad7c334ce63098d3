//! Requests in buckets from hand-made facts of each kind of source.

use model::entity::{EntityId, Labels};
use model::fact::CallBucket;

use super::*;
use crate::series::cumulative::quantile;

const GRID: Grid = Grid { from: Micros(0), step: Micros::MINUTE, count: 4 };

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A series with one value in each given minute; of a counter the rise since the one before.
fn series(
    signal: &str,
    metric: &str,
    series_type: SeriesType,
    values: &[(i64, f64)],
) -> SeriesFact {
    let bucket = |(minute, value): &(i64, f64)| SeriesBucket {
        at: Micros(minute * Micros::MINUTE),
        count: 1,
        sum: *value,
        min: *value,
        max: *value,
        last: *value,
        increase: *value,
    };
    SeriesFact {
        entity: EntityId(1),
        id: "service".into(),
        signal: Some(signal.into()),
        metric: metric.into(),
        labels: Labels::new(),
        series_type,
        unit: "count".into(),
        source: "prometheus".into(),
        buckets: values.iter().map(bucket).collect(),
    }
}

fn facts(series: &[SeriesFact]) -> PeriodFacts<'_> {
    PeriodFacts { series: series.iter().collect(), ..PeriodFacts::default() }
}

/// 60 a minute of which 6 fail, the second minute not read: its share comes with the third.
#[test]
fn a_rise_over_a_gap_is_spread_over_the_gap() {
    let all = [
        series("request_count", "m", SeriesType::Counter, &[(0, 54.0), (2, 108.0), (3, 54.0)]),
        series("error_count", "m", SeriesType::Counter, &[(0, 6.0), (2, 12.0), (3, 6.0)]),
    ];
    let facts = facts(&all);
    let origin = origins(&facts, GRID).requests.unwrap();
    assert_eq!((origin.way, origin.metric.as_str()), (Way::Counters, "m"));
    let found = requests(&facts, &origin, GRID);
    assert_eq!(found.requests, vec![Some(60.0); 4]);
    assert_eq!(found.errors, vec![Some(6.0); 4]);
    assert_eq!(found.rate, vec![Some(1.0); 4]);
}

#[test]
fn errors_of_a_metric_of_their_own_are_among_the_requests() {
    let all = [
        series("request_count", "all", SeriesType::Delta, &[(0, 10.0), (1, 10.0)]),
        series("error_count", "failed", SeriesType::Delta, &[(1, 3.0)]),
    ];
    let facts = facts(&all);
    let origin = origins(&facts, GRID).requests.unwrap();
    let found = requests(&facts, &origin, GRID);
    assert_eq!(found.requests, [Some(10.0), Some(10.0), None, None]);
    assert_eq!(found.errors, [Some(0.0), Some(3.0), None, None]);
}

#[test]
fn a_fuller_source_answers_and_the_other_is_named() {
    let counted = series("request_count", "m", SeriesType::Delta, &[(0, 10.0)]);
    let mut rate =
        series("request_rate", "r", SeriesType::Gauge, &[(0, 2.0), (1, 2.0), (2, 2.0), (3, 2.0)]);
    rate.source = "cloudwatch".into();
    let all = [counted, rate];
    let facts = facts(&all);
    let found = origins(&facts, GRID);
    let origin = found.requests.unwrap();
    assert_eq!((origin.way, origin.source.as_str()), (Way::Rate, "cloudwatch"));
    assert_eq!(found.requests_others, ["prometheus"]);
    assert_eq!(requests(&facts, &origin, GRID).requests[3], Some(120.0));
}

/// Classic buckets: 90 of 100 within 0.1 s, all within 1 s.
#[test]
fn classic_buckets_give_percentiles_of_a_bucket() {
    let bound = |le: &str, count: f64| {
        let mut one =
            series("latency_seconds", "d_bucket", SeriesType::Bucket, &[(0, 0.0), (1, count)]);
        one.labels = labels(&[("le", le)]);
        one
    };
    let all = [bound("0.1", 90.0), bound("1", 100.0), bound("+Inf", 100.0)];
    let facts = facts(&all);
    let origin = origins(&facts, GRID).durations.unwrap();
    let found = durations(&facts, &origin, GRID);
    let p95 = quantile(found[1].as_ref().unwrap(), 0.95).unwrap();
    assert!((p95 - (0.1 + 0.9 * 0.5)).abs() < 1e-9, "{p95}");
    assert_eq!(found[2], None);
    let count = requests(&facts, &origins(&facts, GRID).requests.unwrap(), GRID);
    assert_eq!(count.requests[1], Some(100.0));
    assert_eq!(count.errors, vec![None; 4]);
}

#[test]
fn spans_of_an_unknown_sample_give_no_rate() {
    let bucket = |minute: i64| CallBucket {
        at: Micros(minute * Micros::MINUTE),
        calls: 20,
        errors: 5,
        client_bins: Vec::new(),
        server_bins: vec![(Bin::of(0.2), 20)],
    };
    let call = CallSeriesFact {
        client: EntityId(2),
        server: EntityId(1),
        is_asynchronous: false,
        is_scaled: false,
        origin: String::new(),
        buckets: vec![bucket(0), bucket(1)],
    };
    let facts = PeriodFacts { calls: vec![&call], ..PeriodFacts::default() };
    let found = origins(&facts, GRID);
    let origin = found.requests.unwrap();
    assert_eq!((origin.way, origin.metric.as_str()), (Way::Spans, SPANS));
    let held = requests(&facts, &origin, GRID);
    assert!(held.is_sampled);
    assert_eq!((held.requests[0], held.errors[0], held.rate[0]), (Some(20.0), Some(5.0), None));
    let p50 = quantile(durations(&facts, &origin, GRID)[0].as_ref().unwrap(), 0.5).unwrap();
    assert!((p50 / 0.2 - 1.0).abs() < 0.02);
}
