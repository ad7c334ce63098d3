//! OTLP messages: traces and logs as JSON (hexadecimal ids, 64-bit numbers as texts) and traces as
//! protobuf.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as AnyValueKind;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span as ProtoSpan, Status};
use prost::Message;
use serde_json::{Value, json};

use crate::estate::Cluster;
use crate::services::SERVICES;
use crate::traces::Span;

/// Attributes of the resource that a pod of a service is.
pub fn resource(cluster: &Cluster, service: usize, pod: usize) -> Vec<(&'static str, String)> {
    let (s, p, env) = (&SERVICES[service], &cluster.pods[pod], cluster.env);
    let mut all = vec![
        ("service.name", s.name.to_owned()),
        ("service.namespace", s.namespace.to_owned()),
        ("service.instance.id", p.uid.clone()),
        ("deployment.environment.name", env.name.to_owned()),
        ("telemetry.sdk.language", s.language.to_owned()),
        ("telemetry.sdk.name", "opentelemetry".to_owned()),
        ("k8s.cluster.name", env.cluster.to_owned()),
        ("k8s.cluster.uid", cluster.uid.clone()),
        ("k8s.namespace.name", s.namespace.to_owned()),
        ("k8s.deployment.name", s.name.to_owned()),
        ("k8s.pod.name", p.name.clone()),
        ("k8s.pod.uid", p.uid.clone()),
        ("cloud.provider", "aws".to_owned()),
        ("cloud.region", env.region.to_owned()),
        ("cloud.account.id", env.account.id.to_owned()),
    ];
    if let Some(w) = p.workload {
        all.push(("service.version", cluster.workloads[w].release().version.clone()));
    }
    if let Some(node) = p.node {
        all.push(("k8s.node.name", cluster.nodes[node].name.clone()));
        all.push(("host.id", cluster.nodes[node].instance_id.clone()));
    }
    all
}

/// Attributes as OTLP JSON.
pub fn attributes_json(attributes: &[(&'static str, String)]) -> Value {
    Value::Array(
        attributes
            .iter()
            .map(|(key, value)| match number(key, value) {
                Some(n) => json!({ "key": key, "value": { "intValue": n.to_string() } }),
                None => json!({ "key": key, "value": { "stringValue": value } }),
            })
            .collect(),
    )
}

fn number(key: &str, value: &str) -> Option<i64> {
    matches!(key, "server.port" | "http.response.status_code").then(|| value.parse().ok()).flatten()
}

/// Spans grouped by the pod that sent them, in the order of service and pod.
fn by_resource(traces: &[Vec<Span>]) -> Vec<((usize, usize), Vec<&Span>)> {
    let mut groups: std::collections::BTreeMap<(usize, usize), Vec<&Span>> =
        std::collections::BTreeMap::new();
    for span in traces.iter().flatten() {
        groups.entry((span.service, span.pod)).or_default().push(span);
    }
    groups.into_iter().collect()
}

/// An `ExportTraceServiceRequest` as JSON.
pub fn traces_json(cluster: &Cluster, traces: &[Vec<Span>]) -> Value {
    let resources: Vec<Value> = by_resource(traces)
        .into_iter()
        .map(|((service, pod), spans)| {
            let spans: Vec<Value> = spans.into_iter().map(span_json).collect();
            json!({
                "resource": {
                    "attributes": attributes_json(&resource(cluster, service, pod))
                },
                "scopeSpans": [{ "scope": { "name": "larkfield.http" }, "spans": spans }]
            })
        })
        .collect();
    json!({ "resourceSpans": resources })
}

fn span_json(span: &Span) -> Value {
    let mut value = json!({
        "traceId": hex(&span.trace),
        "spanId": hex(&span.id),
        "name": span.name,
        "kind": span.kind as i32,
        "startTimeUnixNano": span.start.to_string(),
        "endTimeUnixNano": span.end.to_string(),
        "attributes": attributes_json(&span.attributes)
    });
    if let Some(map) = value.as_object_mut() {
        if let Some(parent) = span.parent {
            map.insert("parentSpanId".to_owned(), hex(&parent).into());
        }
        if span.failed {
            map.insert("status".to_owned(), json!({ "code": 2 }));
        }
    }
    value
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// An `ExportTraceServiceRequest` as protobuf.
pub fn traces_protobuf(cluster: &Cluster, traces: &[Vec<Span>]) -> Vec<u8> {
    let resource_spans = by_resource(traces)
        .into_iter()
        .map(|((service, pod), spans)| ResourceSpans {
            resource: Some(Resource {
                attributes: attributes_proto(&resource(cluster, service, pod)),
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: "larkfield.http".to_owned(),
                    ..InstrumentationScope::default()
                }),
                spans: spans.into_iter().map(span_proto).collect(),
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        })
        .collect();
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

fn attributes_proto(attributes: &[(&'static str, String)]) -> Vec<KeyValue> {
    attributes
        .iter()
        .map(|(key, value)| KeyValue {
            key: (*key).to_owned(),
            value: Some(AnyValue {
                value: Some(match number(key, value) {
                    Some(n) => AnyValueKind::IntValue(n),
                    None => AnyValueKind::StringValue(value.clone()),
                }),
            }),
            ..KeyValue::default()
        })
        .collect()
}

fn span_proto(span: &Span) -> ProtoSpan {
    ProtoSpan {
        trace_id: span.trace.to_vec(),
        span_id: span.id.to_vec(),
        parent_span_id: span.parent.map(|p| p.to_vec()).unwrap_or_default(),
        name: span.name.clone(),
        kind: span.kind as i32,
        start_time_unix_nano: span.start.unsigned_abs(),
        end_time_unix_nano: span.end.unsigned_abs(),
        attributes: attributes_proto(&span.attributes),
        status: span.failed.then(|| Status { code: 2, message: String::new() }),
        ..ProtoSpan::default()
    }
}

/// One log record.
#[derive(Debug, Clone)]
pub struct LogRecord {
    /// Position of the service in `SERVICES`.
    pub service: usize,
    /// Index of the pod in the cluster.
    pub pod: usize,
    /// Nanoseconds since 1970.
    pub at: i64,
    /// Whether it is an error.
    pub is_error: bool,
    /// Text.
    pub body: String,
    /// Trace and span it belongs to.
    pub context: Option<([u8; 16], [u8; 8])>,
}

/// An `ExportLogsServiceRequest` as JSON.
pub fn logs_json(cluster: &Cluster, records: &[LogRecord]) -> Value {
    let mut groups: std::collections::BTreeMap<(usize, usize), Vec<Value>> =
        std::collections::BTreeMap::new();
    for r in records {
        let (number, text) = if r.is_error { (17, "ERROR") } else { (9, "INFO") };
        let mut value = json!({
            "timeUnixNano": r.at.to_string(),
            "observedTimeUnixNano": (r.at + 1_000_000).to_string(),
            "severityNumber": number,
            "severityText": text,
            "body": { "stringValue": r.body }
        });
        if let (Some((trace, span)), Some(map)) = (r.context, value.as_object_mut()) {
            map.insert("traceId".to_owned(), hex(&trace).into());
            map.insert("spanId".to_owned(), hex(&span).into());
        }
        groups.entry((r.service, r.pod)).or_default().push(value);
    }
    let resources: Vec<Value> = groups
        .into_iter()
        .map(|((service, pod), records)| {
            json!({
                "resource": {
                    "attributes": attributes_json(&resource(cluster, service, pod))
                },
                "scopeLogs": [{ "scope": { "name": "larkfield.log" }, "logRecords": records }]
            })
        })
        .collect();
    json!({ "resourceLogs": resources })
}
