//! Metrics of the history and of live emission: well formed, rising where they count, and one
//! unbroken whole.

use std::collections::BTreeMap;

use crate::naive::{files, small};

/// Series, instant and value of each sample of an OpenMetrics text.
fn samples(text: &str) -> Vec<(&str, i64, f64)> {
    assert!(text.ends_with("# EOF\n"));
    text.lines()
        .filter(|l| !l.starts_with('#'))
        .map(|l| {
            let (rest, at) = l.rsplit_once(' ').unwrap();
            let (series, value) = rest.rsplit_once(' ').unwrap();
            (series, at.parse().unwrap(), value.parse().unwrap())
        })
        .collect()
}

fn counts(series: &str) -> bool {
    let name = series.split('{').next().unwrap();
    ["_total", "_bucket", "_count", "_sum"].iter().any(|end| name.ends_with(end))
}

#[test]
fn counters_rise_and_only_the_planted_reset_falls() {
    let estate = small(1);
    let truth = scenario::truth(&estate.options);
    let reset: jiff::Timestamp = truth.counter_reset.parse().unwrap();
    let mut total = 0;
    let mut resets = 0;
    for path in files(&estate.path("metrics")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut last: BTreeMap<&str, (i64, f64)> = BTreeMap::new();
        for (series, at, value) in samples(&text) {
            total += 1;
            assert!(value.is_finite() && value >= 0.0, "{series} {value}");
            if let Some((before, old)) = last.insert(series, (at, value)) {
                assert!(before < at, "{series} {before} {at}");
                if counts(series) && value < old {
                    resets += 1;
                    assert!(series.contains("service_name=\"orders\""), "{series} {old} {value}");
                    assert!(before < reset.as_second() && reset.as_second() <= at);
                }
            }
        }
    }
    assert!(total > 50_000 && resets > 0, "{total} {resets}");
}

#[test]
fn buckets_of_one_instant_nest() {
    let estate = small(1);
    let text = std::fs::read_to_string(estate.path("metrics/production/requests.om")).unwrap();
    let mut last: Option<(String, i64, f64)> = None;
    let mut compared = 0;
    for (series, at, value) in samples(&text) {
        let Some((head, _)) = series.split_once(",le=") else {
            last = None;
            continue;
        };
        if let Some((before, when, smaller)) = &last
            && before == head
            && *when == at
        {
            assert!(*smaller <= value, "{series}");
            compared += 1;
        }
        last = Some((head.to_owned(), at, value));
    }
    assert!(compared > 1000);
}

#[test]
fn emission_goes_on_where_the_history_ends_whatever_the_ticks() {
    let estate = small(1);
    let until = estate.options.until_second();
    let whole = scenario::emit(&estate.options, until, until + 60);
    let first = scenario::emit(&estate.options, until, until + 30);
    let second = scenario::emit(&estate.options, until + 30, until + 60);
    assert_eq!(whole.batches.len(), 3);
    for (index, batch) in whole.batches.iter().enumerate() {
        let mut now: BTreeMap<(String, i64), f64> = BTreeMap::new();
        for (series, at, value) in samples(&batch.open_metrics) {
            assert!(at > until && at <= until + 60);
            assert!(now.insert((series.to_owned(), at), value).is_none(), "{series} twice");
        }
        let mut parts = BTreeMap::new();
        for tick in [&first, &second] {
            for (series, at, value) in samples(&tick.batches[index].open_metrics) {
                parts.insert((series.to_owned(), at), value);
            }
        }
        assert!(now == parts, "{}", batch.environment);
        // Counters are above the last value of the history, by less than an hour's worth.
        let mut compared = 0;
        for path in files(&estate.path(&format!("metrics/{}", batch.environment))) {
            let text = std::fs::read_to_string(path).unwrap();
            let mut last: BTreeMap<&str, f64> = BTreeMap::new();
            for (series, _, value) in samples(&text) {
                last.insert(series, value);
            }
            for (series, old) in last.into_iter().filter(|(s, _)| counts(s)) {
                let new = now[&(series.to_owned(), until + 60)];
                assert!(new >= old, "{series} {old} {new}");
                compared += 1;
            }
        }
        assert!(compared > 100);
    }
}

#[test]
fn emitted_traces_and_messages_are_well_formed() {
    let estate = small(1);
    let until = estate.options.until_second();
    let tick = scenario::emit(&estate.options, until, until + 60);
    for batch in &tick.batches {
        let request = serde_json::from_slice(&batch.otlp_traces).unwrap();
        let mut spans = Vec::new();
        crate::naive::spans_from_json(&request, &mut spans);
        assert!(spans.len() > 3);
        let bounds = (until as u64 * 1_000_000_000, (until + 60) as u64 * 1_000_000_000);
        let mut roots = spans.iter().filter(|s| s.parent.is_empty());
        assert!(roots.all(|s| s.start >= bounds.0 && s.start < bounds.1));
        assert!(!crate::naive::called(&spans).is_empty());
        for body in [&batch.otlp_metrics, &batch.otlp_logs] {
            let value: serde_json::Value = serde_json::from_slice(body).unwrap();
            assert!(value.as_object().unwrap().values().all(serde_json::Value::is_array));
        }
        assert!(snap::raw::Decoder::new().decompress_vec(&batch.remote_write).unwrap().len() > 100);
    }
    assert_eq!(
        scenario::emit(&estate.options, until + 5, until + 5),
        scenario::Emission::default()
    );
}

#[test]
fn live_incidents_open_and_close_once() {
    let estate = small(1);
    let until = estate.options.until_second();
    let (mut opened, mut closed, mut changes) = (Vec::new(), Vec::new(), 0);
    let mut from = until;
    for _ in 0..24 {
        let to = from + scenario::LONGEST_TICK;
        for line in scenario::emit(&estate.options, from, to).observations.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let id = row["id"].as_str().unwrap().to_owned();
            match (row["type"].as_str().unwrap(), row["ended_at"].is_null()) {
                ("incident", true) => opened.push(id),
                ("incident", false) => closed.push(id),
                _ => changes += 1,
            }
        }
        from = to;
    }
    assert!(opened.len() >= 3 && changes > 50, "{} {changes}", opened.len());
    let distinct: std::collections::BTreeSet<_> = opened.iter().collect();
    assert_eq!(distinct.len(), opened.len());
    // All but the last may have ended, each once.
    assert!(closed.iter().all(|id| opened.contains(id)));
    assert!(closed.len() + 1 >= opened.len());
}

#[test]
fn a_tick_is_quick() {
    let estate = small(1);
    let until = estate.options.until_second();
    let start = std::time::Instant::now();
    scenario::emit(&estate.options, until, until + 15);
    assert!(start.elapsed().as_secs_f64() < 3.0, "{:?}", start.elapsed());
    println!("one tick took {:?}", start.elapsed());
}
