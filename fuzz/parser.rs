//! What each fuzz target feeds, and what must hold whatever the bytes are. The targets and the stable
//! test that replays the seeds (`crates/ingest/tests/fuzz_corpus.rs`) both include this file.

use std::ops::ControlFlow;

use ingest::format::otlp::{self, Encoding};
use ingest::format::prometheus::{self, remote_write};
use ingest::format::push::Pushed;
use ingest::format::{
    Format, aws, cloudwatch, compose, cur, focus, jaeger, kubernetes, organisation, own, security,
    zipkin,
};
use ingest::input::{Input, Out};
use ingest::{EnvelopeError, InputContext, Limits, read_within};
use model::input::{InputRecord, ObservedBy};
use model::{Batch, Micros};

/// A target: its name, and what feeds it.
pub type Target = (&'static str, fn(&[u8]));

/// Each target by its name.
pub const TARGETS: &[Target] = &[
    ("frame", frame),
    ("kubernetes", |bytes| file(&kubernetes::OBJECTS, bytes)),
    ("aws", |bytes| file(&aws::AWS, bytes)),
    ("focus_csv", |bytes| file(&focus::CSV, bytes)),
    ("focus_parquet", |bytes| file(&focus::PARQUET, bytes)),
    ("cur_csv", |bytes| file(&cur::CSV, bytes)),
    ("cur_parquet", |bytes| file(&cur::PARQUET, bytes)),
    ("organisation_csv", |bytes| file(&organisation::CSV, bytes)),
    ("organisation_yaml", |bytes| file(&organisation::YAML, bytes)),
    ("own_ndjson", |bytes| file(&own::NDJSON, bytes)),
    ("own_parquet", |bytes| file(&own::PARQUET, bytes)),
    ("openmetrics", |bytes| file(&prometheus::TEXT, bytes)),
    ("remote_write", write),
    ("otlp_traces", |bytes| body(bytes, otlp::read_traces)),
    ("otlp_metrics", |bytes| body(bytes, otlp::read_metrics)),
    ("otlp_logs", |bytes| body(bytes, otlp::read_logs)),
    ("zipkin", |bytes| file(&zipkin::SPANS, bytes)),
    ("jaeger", |bytes| file(&jaeger::TRACES, bytes)),
    ("cloudwatch", |bytes| file(&cloudwatch::STATISTICS, bytes)),
    ("compose", |bytes| file(&compose::FILE, bytes)),
    ("security", reports),
];

/// Feeds the target of this name.
///
/// # Panics
/// When there is none, or when the bytes do harm: that is the finding.
pub fn feed(target: &str, bytes: &[u8]) {
    let found = TARGETS.iter().find(|(name, _)| *name == target);
    let (_, feed) = found.unwrap_or_else(|| panic!("no fuzz target is named {target}"));
    feed(bytes);
}

/// Every format of reports and lists about security.
fn reports(bytes: &[u8]) {
    for format in [
        security::TRIVY,
        security::SARIF,
        security::CYCLONEDX,
        security::OPENVEX,
        security::SPDX,
        security::OCSF,
        security::KNOWN_EXPLOITED,
        security::EXPLOIT_LIKELIHOOD,
    ] {
        file(&format, bytes);
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
