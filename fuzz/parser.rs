//! What each fuzz target feeds, and what must hold whatever the bytes are. The targets and the stable
//! test that replays the seeds (`crates/ingest/tests/fuzz_corpus.rs`) both include this file.

use std::ops::ControlFlow;

use ingest::context::MANIFEST;
use ingest::format::otlp::{self, Encoding};
use ingest::format::prometheus::{self, remote_write};
use ingest::format::push::Pushed;
use ingest::format::{
    Format, alertmanager, allocation, aws, azure_cost, backstage, cartography, change, cloudwatch,
    compose, csv_series, cur, focus, incident, jaeger, kubernetes, openslo, organisation, own,
    pagerduty, security, sql_server, zipkin,
};
use ingest::input::{Input, Out};
use ingest::{EnvelopeError, InputContext, Limits, read_within};
use model::input::{InputRecord, ObservedBy};
use model::{Batch, Micros};

/// What a target feeds its bytes to.
#[derive(Clone, Copy)]
pub enum Feed {
    /// Formats, one after the other, whether they would recognise the bytes or not.
    Formats(&'static [Format]),
    /// Something else than a file.
    Bytes(fn(&[u8])),
}

/// A target: its name, and what it feeds.
pub type Target = (&'static str, Feed);

/// Each target by its name. Together they feed every format there is.
pub const TARGETS: &[Target] = &[
    ("frame", Feed::Bytes(frame)),
    (
        "kubernetes",
        Feed::Formats(&[kubernetes::OBJECTS, kubernetes::DUMP_INDEX, kubernetes::DUMP_OTHER]),
    ),
    ("aws", Feed::Formats(&[aws::AWS, aws::FINDINGS])),
    ("manifest", Feed::Formats(&[MANIFEST])),
    ("cartography", Feed::Formats(&[cartography::GRAPH])),
    ("focus_csv", Feed::Formats(&[focus::CSV])),
    ("focus_parquet", Feed::Formats(&[focus::PARQUET])),
    ("cur_csv", Feed::Formats(&[cur::CSV])),
    ("cur_parquet", Feed::Formats(&[cur::PARQUET])),
    ("azure_cost", Feed::Formats(&[azure_cost::CSV, azure_cost::PARQUET])),
    ("allocation", Feed::Formats(&[allocation::YAML])),
    ("organisation_csv", Feed::Formats(&[organisation::CSV])),
    ("organisation_yaml", Feed::Formats(&[organisation::YAML])),
    ("catalog", Feed::Formats(&[openslo::FILE, backstage::CATALOG])),
    ("own_ndjson", Feed::Formats(&[own::NDJSON])),
    ("own_parquet", Feed::Formats(&[own::PARQUET])),
    ("openmetrics", Feed::Formats(&[prometheus::TEXT])),
    ("remote_write", Feed::Bytes(write)),
    ("otlp_traces", Feed::Bytes(|bytes| body(bytes, otlp::read_traces))),
    ("otlp_metrics", Feed::Bytes(|bytes| body(bytes, otlp::read_metrics))),
    ("otlp_logs", Feed::Bytes(|bytes| body(bytes, otlp::read_logs))),
    ("otlp_file", Feed::Formats(&[otlp::TRACES, otlp::METRICS, otlp::LOGS])),
    ("zipkin", Feed::Formats(&[zipkin::SPANS])),
    ("jaeger", Feed::Formats(&[jaeger::TRACES])),
    ("cloudwatch", Feed::Formats(&[cloudwatch::STATISTICS])),
    ("compose", Feed::Formats(&[compose::FILE])),
    ("sql_server", Feed::Formats(&[sql_server::TABLES])),
    ("csv_series", Feed::Formats(&[csv_series::TABLE])),
    ("incidents", Feed::Formats(&INCIDENTS)),
    ("changes", Feed::Formats(&[change::EVENTS, change::CSV])),
    ("security", Feed::Formats(&SECURITY)),
];

/// Webhooks, pages and tables of incidents.
const INCIDENTS: [Format; 4] =
    [alertmanager::WEBHOOK, pagerduty::WEBHOOK, incident::STATUS_PAGE, incident::CSV];

/// Reports and lists about security.
const SECURITY: [Format; 8] = [
    security::TRIVY,
    security::SARIF,
    security::CYCLONEDX,
    security::OPENVEX,
    security::SPDX,
    security::OCSF,
    security::KNOWN_EXPLOITED,
    security::EXPLOIT_LIKELIHOOD,
];

/// Feeds the target of this name.
///
/// # Panics
/// When there is none, or when the bytes do harm: that is the finding.
pub fn feed(target: &str, bytes: &[u8]) {
    let found = TARGETS.iter().find(|(name, _)| *name == target);
    let (_, feed) = found.unwrap_or_else(|| panic!("no fuzz target is named {target}"));
    match feed {
        Feed::Formats(formats) => formats.iter().for_each(|format| file(format, bytes)),
        Feed::Bytes(feed) => feed(bytes),
    }
}

/// Any input as it comes: unpacked within bounds, recognised, read.
fn frame(bytes: &[u8]) {
    let limits = Limits { unpacked_bytes: 8 << 20, ratio_from_bytes: 1 << 20, ..Limits::default() };
    let mut last = Some(true);
    let read = read_within("x", bytes, &context(), &limits, &mut |batch| {
        check(&batch);
        last = Some(batch.is_last);
        ControlFlow::Continue(())
    });
    assert_eq!(last, Some(true), "the last batch is not said to be the last");
    if let Err(error) = read {
        check_error(&error);
    }
}

/// One format, whether it would recognise the bytes or not.
fn file(format: &Format, bytes: &[u8]) {
    let context = context();
    let input = Input { name: "x", bytes, context: &context };
    let _ = (format.recognise)(&input);
    let mut last = false;
    let mut hand_on = |batch: Batch| {
        check(&batch);
        assert!(!last, "a batch behind the last one");
        last = batch.is_last;
        ControlFlow::Continue(())
    };
    let record = InputRecord {
        name: "x".to_owned(),
        content_hash: String::new(),
        format: format.name.to_owned(),
        source: format.name.to_owned(),
        observed_at: context.received_at,
        observed_by: ObservedBy::Receipt,
        received_at: context.received_at,
    };
    let mut out = Out::new(record, &mut hand_on);
    let read = (format.read)(&input, &mut out);
    out.finish();
    assert!(last, "no batch is the last one");
    if let Err(error) = read {
        check_error(&error);
    }
}

type Body = fn(
    &Input<'_>,
    Encoding,
    &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<Pushed, EnvelopeError>;

/// A body of OTLP: both encodings.
fn body(bytes: &[u8], read: Body) {
    let context = context();
    let input = Input { name: "POST", bytes, context: &context };
    for encoding in [Encoding::Json, Encoding::Protobuf] {
        let read = read(&input, encoding, &mut |batch| {
            check(&batch);
            ControlFlow::Continue(())
        });
        if let Err(error) = read {
            check_error(&error);
        }
    }
}

/// A body of remote write: as it comes, and packed first so that the message behind it is reached.
fn write(bytes: &[u8]) {
    let context = context();
    let packed = snap::raw::Encoder::new().compress_vec(bytes).unwrap_or_default();
    for bytes in [bytes, packed.as_slice()] {
        let input = Input { name: "POST", bytes, context: &context };
        let read = remote_write::read(&input, &mut |batch| {
            check(&batch);
            ControlFlow::Continue(())
        });
        if let Err(error) = read {
            check_error(&error);
        }
    }
}

fn context() -> InputContext {
    InputContext {
        cluster: Some("c".to_owned()),
        account: Some("123456789012".to_owned()),
        region: Some("eu-west-1".to_owned()),
        received_at: Micros(1_788_220_800_000_000),
        delivery: "d".to_owned(),
        ..InputContext::default()
    }
}

/// What the parts behind rely on.
fn check(batch: &Batch) {
    for series in &batch.series {
        assert!(series.points.iter().all(|point| point.value.is_finite()), "a value is no number");
    }
    for span in &batch.spans {
        assert!(span.end >= span.start, "a span ends before it starts");
    }
    for edge in &batch.edges {
        assert!(edge.errors <= edge.calls, "more calls failed than there are");
    }
    for entity in &batch.entities {
        assert!(!entity.id.as_str().is_empty(), "an entity without an id");
    }
    for reject in &batch.rejects {
        assert!(reject.count > 0, "a reject of nothing");
        let longest = reject.location.len().max(reject.reason.len());
        assert!(longest <= 600, "a reject quotes {longest} bytes of the input");
    }
}

fn check_error(error: &EnvelopeError) {
    assert!(!error.to_string().is_empty(), "an error without a message");
}
