//! Prometheus text and remote write.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use ingest::format::prometheus::remote_write::{
    self, Histogram, Label, Request, Sample, Span, TimeSeries, TimeSeriesV2,
};
use ingest::input::Input;
use libtest_mimic::{Failed, Trial};
use model::series::{Bin, SeriesType};
use prost::Message;

use crate::{context, ensure, on_data, read, read_in};

const BOUTIQUE: &str = "root-cause/online-boutique-2022-08-23/metrics.om";
const FAMILIES: &str = "metrics/prometheus/alltypes.237mfs.prom.txt";

pub fn trials() -> Vec<Trial> {
    vec![
        on_data("every_sample_of_the_boutique", BOUTIQUE, boutique),
        on_data("each_sample_is_what_a_naive_reader_reads", BOUTIQUE, boutique_naive),
        on_data("all_237_families_are_kept", FAMILIES, families),
        Trial::test("corner_cases_of_the_text_format", corners),
        Trial::test("what_is_no_exposition_is_not_recognised", not_recognised),
        Trial::test("remote_write_of_both_versions", both_versions),
        Trial::test("a_broken_remote_write_is_refused_whole", broken_write),
        Trial::test("broken_text_never_panics", broken_text),
    ]
}

fn boutique(bytes: &[u8]) -> Result<(), Failed> {
    let mut context = context();
    context.cluster = Some("boutique".to_owned());
    context.namespace = Some("online-boutique".to_owned());
    let (summary, batch) = read_in("metrics.om", bytes, &context)?;
    ensure(batch.rejects.is_empty(), format!("{:?}", batch.rejects))?;
    let found = summary.inputs[0].read.get("sample").copied();
    ensure(found == Some(131_616), format!("{found:?} samples"))?;
    let subjects: BTreeSet<String> = batch
        .series
        .iter()
        .filter(|one| one.metric == "k8s_pod_cpu_usage_cores")
        .flat_map(|one| one.subject.candidates.iter().map(|c| c.all[0].to_string()))
        .collect();
    ensure(
        subjects.contains("k8s://boutique/online-boutique/deployment/adservice"),
        format!("{subjects:?}"),
    )?;
    let edges = batch
        .series
        .iter()
        .filter(|one| one.metric == "traces_service_graph_request_server_seconds")
        .map(|one| (one.labels["client"].clone(), one.labels["server"].clone()))
        .collect::<BTreeSet<_>>();
    ensure(edges.len() == 14, format!("{edges:?}"))?;
    // Quantiles show that there are calls, not how many.
    ensure(batch.edges.is_empty(), "quantiles became counts")?;
    ensure(batch.relations.len() == 14, format!("{} calls", batch.relations.len()))?;
    let is_sorted = batch.series.iter().all(|one| one.points.is_sorted_by_key(|point| point.at));
    ensure(is_sorted, "points are not in order of time")
}

/// Line by line, splitting at blanks: right for this file, whose labels hold none.
fn boutique_naive(bytes: &[u8]) -> Result<(), Failed> {
    let text = String::from_utf8_lossy(bytes);
    let mut expected: BTreeMap<String, BTreeMap<i64, String>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.split(' ').collect();
        let at: i64 = parts[2].parse()?;
        let value: f64 = parts[1].parse()?;
        expected.entry(parts[0].to_owned()).or_default().insert(at, value.to_string());
    }
    let (_, batch) = read("metrics.om", bytes)?;
    let mut found: BTreeMap<String, BTreeMap<i64, String>> = BTreeMap::new();
    for series in &batch.series {
        let labels: Vec<String> =
            series.labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let name = format!("{}{{{}}}", series.metric, labels.join(","));
        for point in &series.points {
            let at = point.at.0 / 1_000_000;
            found.entry(name.clone()).or_default().insert(at, point.value.to_string());
        }
    }
    ensure(found == expected, "a sample differs from the naive reader's")
}

fn families(bytes: &[u8]) -> Result<(), Failed> {
    let (summary, batch) = read("prom.txt", bytes)?;
    let text = String::from_utf8_lossy(bytes);
    let declared: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    ensure(declared.len() == 237, format!("{} declared", declared.len()))?;
    let metrics: BTreeSet<&str> = batch.series.iter().map(|one| one.metric.as_str()).collect();
    let lost: Vec<&&str> = declared
        .iter()
        .filter(|family| {
            let of = ["", "_sum", "_count", "_bucket"];
            !of.iter().any(|suffix| metrics.contains(format!("{family}{suffix}").as_str()))
        })
        .collect();
    ensure(lost.is_empty(), format!("lost: {lost:?}"))?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
    let kept = summary.inputs[0].read.get("sample").copied().unwrap_or(0);
    let total = kept + summary.inputs[0].rejects;
    ensure(total == lines as u64, format!("{kept} kept, {total} in all, {lines} lines"))?;
    let nan = text.lines().filter(|line| line.ends_with(" NaN")).count() as u64;
    ensure(summary.inputs[0].rejects == nan, format!("{nan} NaN, {:?}", batch.rejects))?;
    let observed = context().received_at;
    ensure(batch.series.iter().all(|one| one.points[0].at == observed), "another time")
}

fn corners() -> Result<(), Failed> {
    let text = "# HELP http_requests_total A \\\\ and \\n in help.\n\
        # TYPE http_requests_total counter\n\
        http_requests_total{code=\"200\",method=\"post\",} 1027 1395066363000\n\
        http_requests_total{code=\"400\",path=\"a } \\\"b\\\" \\\\ \\n\"}    3\t1395066363000\n\
        \n\
        # Only a comment\n\
        # TYPE rpc_seconds summary\n\
        rpc_seconds{quantile=\"0.5\"} NaN\n\
        rpc_seconds_sum 1.7560473e+07\n\
        rpc_seconds_count 2693\n\
        # TYPE h histogram\n\
        h_bucket{le=\"0.1\"} 5\n\
        h_bucket{le=\"+Inf\"} 7\n\
        h_count 7\n\
        something_weird{problem=\"division by zero\"} +Inf -3982045\n\
        metric_without_timestamp_and_labels 12.47\n\
        {\"with.dots\", \"a.b\"=\"c\"} 1\n\
        broken{a=\"b\" 1\n\
        late 2 1395066363000\n\
        late 1 1395066362000\n\
        late 3 1395066363000\n";
    let (summary, batch) = read("text.prom", text.as_bytes())?;
    let of =
        |metric: &str| batch.series.iter().filter(|one| one.metric == metric).collect::<Vec<_>>();
    let requests = of("http_requests_total");
    ensure(requests.len() == 2, format!("{} series", requests.len()))?;
    ensure(requests[0].series_type == SeriesType::Counter, "no counter")?;
    ensure(requests[1].labels["path"] == "a } \"b\" \\ \n", requests[1].labels["path"].clone())?;
    ensure(requests[0].points[0].at.0 == 1_395_066_363_000_000, "another time")?;
    ensure(requests[1].signal.is_some() && requests[0].signal.is_some(), "no signal")?;
    ensure(of("rpc_seconds").is_empty(), "NaN was kept")?;
    ensure(of("h_bucket").len() == 2, "buckets")?;
    ensure(of("h_bucket").iter().all(|one| one.series_type == SeriesType::Bucket), "buckets")?;
    ensure(of("with.dots").first().is_some_and(|one| one.labels["a.b"] == "c"), "quoted names")?;
    let late: Vec<f64> = of("late")[0].points.iter().map(|point| point.value).collect();
    ensure(late == [1.0, 2.0, 3.0], format!("{late:?}"))?;
    ensure(summary.inputs[0].rejects == 3, format!("{:?}", batch.rejects))
}

fn not_recognised() -> Result<(), Failed> {
    for text in ["replicas: 3\n", "a,b,c\n1,2,3\n", "hello world\n", "# a comment\nfoo bar\n", ""] {
        ensure(read("x", text.as_bytes()).is_err(), format!("recognised: {text:?}"))?;
    }
    Ok(())
}

fn block(request: &Request) -> Result<Vec<u8>, Failed> {
    Ok(snap::raw::Encoder::new().compress_vec(&request.encode_to_vec())?)
}

fn native() -> Histogram {
    Histogram {
        count_int: Some(7),
        sum: 10.0,
        schema: 0,
        zero_count_int: Some(2),
        positive_spans: vec![Span { offset: 1, length: 2 }],
        positive_deltas: vec![3, -1],
        timestamp: 1_395_066_363_000,
        ..Histogram::default()
    }
}

fn both_versions() -> Result<(), Failed> {
    let label = |name: &str, value: &str| Label { name: name.to_owned(), value: value.to_owned() };
    let stale = f64::from_bits(0x7ff0_0000_0000_0002);
    let samples = vec![
        Sample { value: 1.0, timestamp: 1_395_066_363_000 },
        Sample { value: stale, timestamp: 1_395_066_364_000 },
        Sample { value: f64::NAN, timestamp: 1_395_066_365_000 },
        Sample { value: 1.0, timestamp: i64::MAX },
    ];
    let first = Request {
        timeseries: vec![
            TimeSeries {
                labels: vec![label("__name__", "up"), label("node", "n1")],
                samples: samples.clone(),
                histograms: vec![],
            },
            TimeSeries {
                labels: vec![label("__name__", "rpc"), label("node", "n1")],
                samples: vec![],
                histograms: vec![native()],
            },
            TimeSeries {
                labels: vec![label("a", "b")],
                samples: samples.clone(),
                histograms: vec![],
            },
        ],
        ..Request::default()
    };
    let symbols = ["", "__name__", "up", "node", "n1", "rpc"].map(str::to_owned).to_vec();
    let second = Request {
        symbols,
        timeseries_v2: vec![
            TimeSeriesV2 {
                labels_refs: vec![1, 2, 3, 4],
                samples: samples.clone(),
                histograms: vec![],
                metadata: None,
            },
            TimeSeriesV2 {
                labels_refs: vec![1, 5, 3, 4],
                samples: vec![],
                histograms: vec![native()],
                metadata: None,
            },
            TimeSeriesV2 { labels_refs: vec![1, 99], samples, histograms: vec![], metadata: None },
        ],
        ..Request::default()
    };
    let context = context();
    let mut all = Vec::new();
    for request in [first, second] {
        let bytes = block(&request)?;
        let input = Input { name: "POST /api/v1/write", bytes: &bytes, context: &context };
        let mut series = Vec::new();
        let pushed = remote_write::read(&input, &mut |batch| {
            series.extend(batch.series);
            ControlFlow::Continue(())
        })?;
        let counts = (pushed.accepted, pushed.histograms, pushed.rejected);
        ensure(counts == (3, 1, 6), format!("{pushed:?}"))?;
        all.push(series);
    }
    ensure(all[0] == all[1], "the versions differ")?;
    let points = &all[0][0].points;
    ensure(points.len() == 2 && points[1].is_stale, format!("{points:?}"))?;
    let histogram = &all[0][1].histograms[0];
    // Schema 0: bucket 1 is (1, 2], bucket 2 is (2, 4].
    let between = |low: f64, high: f64| -> u64 {
        let inside = histogram
            .bins
            .iter()
            .filter(|(bin, _)| *bin != Bin::ZERO && bin.value() > low && bin.value() <= high);
        inside.map(|(_, count)| count).sum()
    };
    ensure((between(0.99, 2.0), between(2.0, 4.01)) == (3, 2), format!("{histogram:?}"))?;
    ensure(histogram.bins[0] == (Bin::ZERO, 2), format!("{histogram:?}"))
}

fn broken_write() -> Result<(), Failed> {
    let context = context();
    let whole = block(&Request {
        timeseries: vec![TimeSeries { histograms: vec![native()], ..TimeSeries::default() }],
        ..Request::default()
    })?;
    for cut in 0..whole.len() {
        let input = Input { name: "write", bytes: &whole[..cut], context: &context };
        let outcome = remote_write::read(&input, &mut |_batch| ControlFlow::Continue(()));
        ensure(cut == 0 || outcome.is_err(), format!("cut at {cut} was read"))?;
    }
    // A block that claims four gibibytes.
    let bomb = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0];
    let input = Input { name: "write", bytes: &bomb, context: &context };
    let outcome = remote_write::read(&input, &mut |_batch| ControlFlow::Continue(()));
    ensure(outcome.is_err_and(|error| error.to_string().contains("larger than")), "no bound")
}

fn broken_text() -> Result<(), Failed> {
    let whole =
        b"# TYPE a counter\na_total{b=\"c\\\"\"} 1 1395066363 # {x=\"y\"} 1\n# EOF\n".to_vec();
    for at in 0..whole.len() {
        let _ = read("cut", &whole[..at]);
        for byte in [0, b'"', b'{', b'\\', 0xff, b'\n', b' '] {
            let mut broken = whole.clone();
            broken[at] = byte;
            let _ = read("broken", &broken);
        }
    }
    let huge = format!("# TYPE a gauge\na{{b=\"{}\"}} 1\nc 1\n", "x".repeat(1 << 20));
    let (summary, batch) = read("huge", huge.as_bytes())?;
    ensure(summary.inputs[0].rejects == 1, format!("{:?}", batch.rejects))?;
    ensure(batch.series.len() == 1, "the rest did not go in")
}
