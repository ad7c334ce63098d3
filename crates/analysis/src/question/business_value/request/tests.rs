//! Values per request worked out by hand.

use model::absence::Absence;
use model::entity::Labels;
use model::fact::{EntityFact, EstateFacts, EstateRelation, SeriesBucket};
use model::kind::RelationKind;

use super::*;
use crate::value::{ValuePoint, ValueSeries};

/// Two entry points of one application, which one product has.
fn estate() -> Estate {
    let entity = |number, kind, id: &str, application: Option<&str>| EntityFact {
        entity: EntityId(number),
        application: application.map(str::to_owned),
        ..EntityFact::new(kind, id, id)
    };
    let shop = Some("application://shop");
    let entities = vec![
        entity(1, EntityKind::Product, "product://store", None),
        entity(2, EntityKind::Application, "application://shop", None),
        entity(3, EntityKind::Service, "service://a", shop),
        entity(4, EntityKind::Service, "service://b", shop),
    ];
    let relations = vec![EstateRelation::new(0, RelationKind::HasPart, 1)];
    Estate::new(EstateFacts { entities, relations, ..EstateFacts::default() })
}

/// A series of a service with a rise a day from day 0.
fn series(entity: u64, signal: &str, metric: &str, rises: &[f64]) -> SeriesFact {
    let bucket = |(day, rise): (i64, &f64)| SeriesBucket {
        at: start_of(day),
        count: 24,
        sum: 0.0,
        min: 0.0,
        max: 0.0,
        last: 0.0,
        increase: *rise,
    };
    SeriesFact {
        entity: EntityId(entity),
        id: format!("service://{entity}"),
        signal: Some(signal.to_owned()),
        metric: metric.to_owned(),
        labels: Labels::new(),
        series_type: SeriesType::Counter,
        unit: "count".to_owned(),
        source: "prometheus".to_owned(),
        buckets: (0..).zip(rises).map(bucket).collect(),
    }
}

fn value(of: &str, kind: EntityKind, days: &[&str]) -> Value {
    let point = |(day, text): (i64, &&str)| ValuePoint {
        from: start_of(day),
        to: start_of(day + 1),
        value: text.parse().unwrap(),
    };
    let series = ValueSeries {
        metric: "revenue".to_owned(),
        entity: EntityId(1),
        of: of.to_owned(),
        kind,
        name: of.to_owned(),
        currency: Some("USD".to_owned()),
        unit: None,
        source: "ledger".to_owned(),
        is_sourced: true,
        others: Vec::new(),
        observed_at: Micros(0),
        points: (0..).zip(days).map(point).collect(),
        overlapping: 0,
        splits: Vec::new(),
    };
    Value { series, from: Vec::new() }
}

fn values(of: u32, value: Value) -> BTreeMap<u32, BTreeMap<(String, Option<String>), Value>> {
    let key = ("revenue".to_owned(), Some("USD".to_owned()));
    BTreeMap::from([(of, BTreeMap::from([(key, value)]))])
}

fn asked(
    facts: &[SeriesFact],
    outside: &BTreeMap<u32, f64>,
    values: &BTreeMap<u32, BTreeMap<(String, Option<String>), Value>>,
) -> Vec<ValuePerRequest> {
    let (estate, requests) = (estate(), requests_of(facts));
    let entries =
        Entries { estate: &estate, services: &[2, 3], requests: &requests, outside, days: (0, 10) };
    entries.per_request(values)
}

/// Failed requests count, ends of a series do not, and a counter goes before a histogram.
#[test]
fn requests_are_those_of_whole_days() {
    let facts = [
        series(3, "request_count", "http_requests_total", &[5.0, 100.0, 200.0, 5.0]),
        series(3, "error_count", "http_requests_total", &[1.0, 10.0, 20.0, 1.0]),
        series(3, "latency_seconds", "http_seconds_count", &[9.0, 9.0, 9.0, 9.0]),
        series(4, "latency_seconds", "http_seconds_count", &[1.0, 50.0, 60.0, 1.0]),
    ];
    let found = requests_of(&facts);
    assert_eq!(found[&EntityId(3)], BTreeMap::from([(1, 110.0), (2, 220.0)]));
    assert_eq!(found[&EntityId(4)], BTreeMap::from([(1, 50.0), (2, 60.0)]));
}

/// Revenue of the product on days 0 to 3: 10, 90, 180, 10. Both entry points are counted on days 1 and 2:
/// 100 + 50 and 200 + 40; half of the second one's come from outside. 270 over 100 + 25 + 200 + 20.
#[test]
fn a_products_value_is_over_the_requests_of_all_its_entries() {
    let facts = [
        series(3, "request_count", "n", &[5.0, 100.0, 200.0, 5.0]),
        series(4, "request_count", "n", &[5.0, 50.0, 40.0, 5.0]),
    ];
    let product =
        values(0, value("product://store", EntityKind::Product, &["10", "90", "180", "10"]));
    let found = asked(&facts, &BTreeMap::from([(3, 0.5)]), &product);
    assert_eq!(found.len(), 2);
    for one in &found {
        assert_eq!((one.of.as_str(), one.entries.len(), one.days), ("product://store", 2, 2));
        assert_eq!(
            (one.value.unwrap().to_string(), one.requests.value),
            ("270".into(), Some(345.0))
        );
        assert!((one.per_request.unwrap().to_f64() - 270.0 / 345.0).abs() < 1e-15);
    }
}

/// An entry with a value of its own is over its own requests; without any count there is none.
#[test]
fn the_narrowest_answers_and_what_is_not_counted_is_absent() {
    let facts = [series(3, "request_count", "n", &[5.0, 100.0, 200.0, 5.0])];
    let own = values(2, value("service://a", EntityKind::Service, &["0", "30", "60"]));
    let found = asked(&facts, &BTreeMap::new(), &own);
    let [one] = found.as_slice() else { panic!("{}", found.len()) };
    assert_eq!((one.entry.as_str(), one.of.as_str()), ("service://a", "service://a"));
    assert_eq!(one.per_request.unwrap().to_string(), "0.3");
    let product = values(0, value("product://store", EntityKind::Product, &["10", "90", "180"]));
    let found = asked(&facts, &BTreeMap::new(), &product);
    assert!(found.iter().all(|one| one.per_request.is_none()));
    assert_eq!(found[0].reason, Some(Absence::NotCollected));
    assert_eq!(found[0].uncounted, ["service://b"]);
    assert_eq!(found[0].requests.value, None);
}
