//! Tables as tools export them, in every shape; what they must become is written out here.

use std::ops::ControlFlow;

use model::series::{SeriesObservation, SeriesType};
use model::{Batch, EntityKind, Micros};

use crate::InputContext;

/// The series, the rejects as `place: reason`, and the batches.
fn read(text: &str, context: &InputContext) -> (Vec<SeriesObservation>, Vec<String>, Vec<Batch>) {
    let mut batches = Vec::new();
    let summary = crate::read("data/orders_cpu.csv", text.as_bytes(), context, &mut |batch| {
        batches.push(batch);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(summary.inputs[0].record.format, "csv-series");
    let series = batches.iter().flat_map(|batch| batch.series.clone()).collect();
    let rejects = batches.iter().flat_map(|batch| &batch.rejects);
    let rejects = rejects.map(|one| format!("{}: {}", one.location, one.reason)).collect();
    (series, rejects, batches)
}

fn flags(signals: &[(&str, &str)], entity: Option<&str>) -> InputContext {
    InputContext {
        signals: signals.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
        entity: entity.map(str::to_owned),
        ..InputContext::default()
    }
}

fn values(series: &SeriesObservation) -> Vec<f64> {
    series.points.iter().map(|point| point.value).collect()
}

fn keys(series: &SeriesObservation) -> Vec<&str> {
    series.subject.candidates.iter().map(|one| one.all[0].as_str()).collect()
}

#[test]
fn one_column_with_its_signal_and_entity_given() {
    let text = "timestamp,value\n2014-02-14 14:30:00,6.456\n2014-02-14 14:35:00,5.816\n";
    let context = flags(&[("", "cpu_utilization_percent")], Some("database/orders"));
    let (series, rejects, batches) = read(text, &context);
    assert!(rejects.is_empty(), "{rejects:?}");
    let [one] = &series[..] else { panic!("{series:?}") };
    assert_eq!(one.signal.as_deref(), Some("cpu_utilization_ratio"));
    assert!((one.signal_factor - 0.01).abs() < 1e-12);
    assert_eq!((one.metric.as_str(), one.series_type), ("orders_cpu", SeriesType::Gauge));
    assert_eq!(values(one), [6.456, 5.816]);
    assert_eq!(one.points[1].at.0 - one.points[0].at.0, 5 * Micros::MINUTE);
    assert_eq!(keys(one), ["stated://database/_/orders"]);
    let entity = &batches[0].entities[0];
    assert_eq!((entity.kind, entity.name.as_str()), (EntityKind::Database, "orders"));
}

#[test]
fn a_name_that_is_not_stated_must_be_known_already() {
    let (series, _, batches) =
        read("time,cpu_percent\n1681855320,1\n", &flags(&[], Some("orders")));
    assert!(batches.iter().all(|batch| batch.entities.is_empty()));
    assert_eq!(keys(&series[0])[0], "id:orders");
    assert!(keys(&series[0]).contains(&"service://_/_/orders"));
    assert!(keys(&series[0]).contains(&"service-name:orders"));
}

#[test]
fn names_of_columns_say_signal_unit_and_quantile() {
    let text = "time_ms;CPU (%);latency_p99_ms;requests_per_second;requests_total;request_count;\
                memory_used_mib;queue depth;http_requests_total{code=\"500\",service=\"cart\"}\n\
                1681855320000;35;120;7;100;9;2;4;5\n";
    let (series, rejects, _) = read(text, &InputContext::default());
    assert!(rejects.is_empty(), "{rejects:?}");
    let all: Vec<_> = series
        .iter()
        .map(|one| {
            (one.signal.as_deref(), one.series_type, one.points[0].value * one.signal_factor)
        })
        .collect();
    let expected = [
        (Some("cpu_utilization_ratio"), SeriesType::Gauge, 0.35),
        (Some("latency_seconds"), SeriesType::Quantile, 0.12),
        (Some("request_rate"), SeriesType::Gauge, 7.0),
        (Some("request_count"), SeriesType::Counter, 100.0),
        (Some("request_count"), SeriesType::Delta, 9.0),
        (Some("memory_used_bytes"), SeriesType::Gauge, 2_097_152.0),
        (None, SeriesType::Gauge, 4.0),
        (Some("error_count"), SeriesType::Counter, 5.0),
    ];
    for (found, wanted) in all.iter().zip(expected) {
        assert_eq!((found.0, found.1), (wanted.0, wanted.1), "{found:?}");
        assert!((found.2 - wanted.2).abs() < 1e-9, "{found:?} {wanted:?}");
    }
    assert_eq!(all.len(), 8);
    assert_eq!(series[1].labels["quantile"], "0.99");
    assert!(keys(&series[7]).contains(&"service-name:cart"));
}

/// A data frame with three levels of columns, and a cell that is empty where nothing was measured.
#[test]
fn a_data_frame_with_levels() {
    let text = "microservice,PetSite,PetSite,Store,Store\n\
                metric,latency,requests,latency,availability\n\
                statistic,p95,Sum,Average,Average\n\
                unix_timestamp,,,,\n\
                1681855320.0,0.5,40.0,,100.0\n\
                1681855620.0,0.7,44.0,0.02,99.5\n";
    let signals = [("latency", "latency_seconds"), ("requests", "request_count")];
    let (series, rejects, _) = read(text, &flags(&signals, None));
    assert!(rejects.is_empty(), "{rejects:?}");
    let all: Vec<_> = series
        .iter()
        .map(|one| {
            (one.labels["entity"].as_str(), one.metric.as_str(), one.series_type, values(one))
        })
        .collect();
    assert_eq!(
        all,
        [
            ("PetSite", "latency", SeriesType::Quantile, vec![0.5, 0.7]),
            ("PetSite", "requests", SeriesType::Delta, vec![40.0, 44.0]),
            ("Store", "availability", SeriesType::Gauge, vec![100.0, 99.5]),
            // Its first value comes a row later.
            ("Store", "latency", SeriesType::Gauge, vec![0.02]),
        ]
    );
}

#[test]
fn columns_named_by_entity_and_metric() {
    let text = "time,carts_cpu,carts_latency-90,front-end_cpu\n1681855320,0.1,5,0.2\n";
    let (series, ..) = read(text, &flags(&[("cpu", "cpu_utilization_ratio")], None));
    let all: Vec<_> = series
        .iter()
        .map(|one| (one.labels["entity"].as_str(), one.metric.as_str(), one.signal.as_deref()))
        .collect();
    let cpu = Some("cpu_utilization_ratio");
    assert_eq!(
        all,
        [("carts", "cpu", cpu), ("carts", "latency-90", None), ("front-end", "cpu", cpu)]
    );
    // Two metrics of one thing are no entities.
    let (series, ..) =
        read("time,request_latency,response_latency\n1681855320,1,2\n", &InputContext::default());
    assert!(series.iter().all(|one| !one.labels.contains_key("entity")));
}

#[test]
fn one_value_a_row() {
    let text = "timestamp,entity,metric,value,unit,region\n\
                2026-10-01T00:00:00Z,cart,latency,250,ms,eu\n\
                2026-10-01T00:01:00Z,cart,latency,300,ms,eu\n\
                2026-10-01T00:00:00Z,cart,cpu_utilization_ratio,35,%,eu\n\
                2026-10-01T00:00:00Z,cart,cpu_utilization_ratio,35,furlongs,us\n";
    let (series, rejects, _) = read(text, &InputContext::default());
    let all: Vec<_> = series
        .iter()
        .map(|one| (one.signal.as_deref().unwrap(), one.points.len(), one.signal_factor))
        .collect();
    assert_eq!(all, [("latency_seconds", 2, 0.001), ("cpu_utilization_ratio", 1, 0.01)]);
    assert_eq!(series[0].labels["region"], "eu");
    assert_eq!(rejects.len(), 1);
    assert!(rejects[0].contains("line 5") && rejects[0].contains("`furlongs`"), "{rejects:?}");
}

#[test]
fn every_bad_cell_is_named_and_the_rest_is_read() {
    let text = "timestamp,cpu_percent,note\n\
                2026-10-01T00:00:00Z,1,\n\
                yesterday,2,\n\
                2026-10-01T00:02:00Z,3%,\n\
                2026-10-01T00:03:00Z,\n\
                2026-10-01T00:04:00Z,NaN,\n\
                2026-10-01T00:05:00Z,5,\n";
    let (series, rejects, _) = read(text, &InputContext::default());
    assert_eq!(values(&series[0]), [1.0, 5.0]);
    let [one, two, three] = &rejects[..] else { panic!("{rejects:?}") };
    assert!(one.starts_with("line 3, column timestamp: `yesterday` is no instant"), "{one}");
    assert!(two.starts_with("line 4, column cpu_percent: `3%` is no number"), "{two}");
    assert!(three.starts_with("line 5, column all: 2 cells where the header has 3"), "{three}");
}

#[test]
fn other_tables_are_no_series() {
    let is_series = |text: &str| {
        let summary = crate::inspect("x", text.as_bytes(), &InputContext::default());
        summary.is_ok_and(|summary| summary.inputs[0].record.format == "csv-series")
    };
    assert!(is_series("time,a\n1681855320,1\n"));
    assert!(is_series(",a\n2026-10-01 00:00:00,1\n"));
    for other in [
        "time,level,message\n2026-10-01T00:00:00Z,info,started\n",
        "name,value\na,1\n",
        "metric,product,value,period_start\nx,y,1,2026-10-01\n",
        "time,a\n",
        "time\n1681855320\n",
    ] {
        assert!(!is_series(other), "{other}");
    }
}

#[test]
fn a_signal_that_is_none_is_refused_with_those_there_are() {
    let of = |text: &str| super::signal(text);
    assert_eq!(of("cpu_percent"), Ok((String::new(), "cpu_percent".to_owned())));
    assert_eq!(of("a=request_count:counter").unwrap().0, "a");
    assert!(of("speed").unwrap_err().contains("cpu_utilization_ratio"));
    assert!(of("request_count:much").unwrap_err().contains("gauge"));
}

proptest::proptest! {
    #[test]
    fn no_table_panics(text in "time,a[,;\\n\"]{0,3}[0-9,;\\n\"a-z%{}= -]{0,80}") {
        let context = flags(&[], Some("x"));
        let _ = crate::inspect("x.csv", text.as_bytes(), &context);
    }
}
