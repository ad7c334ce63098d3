//! A reader of native files that knows nothing of the generator: it walks folders, parses JSON and
//! CSV, and counts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Kind;
use prost::Message;
use scenario::{Options, Size, Written};
use serde_json::Value;
use tempfile::TempDir;

/// A small estate on disk.
pub struct Estate {
    pub options: Options,
    pub written: Written,
    pub dir: TempDir,
}

/// Writes a small estate.
pub fn small(seed: u64) -> Estate {
    let until = "2026-03-17T10:23:45Z".parse().unwrap();
    let options = Options { seed, size: Size::small(), ..Options::demo(until) };
    let dir = TempDir::new().unwrap();
    let written = scenario::write(dir.path(), &options).unwrap();
    Estate { options, written, dir }
}

impl Estate {
    pub fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    pub fn json(&self, below: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(below)).unwrap()).unwrap()
    }

    /// `items` of a Kubernetes list.
    pub fn items(&self, cluster: &str, kind: &str) -> Vec<Value> {
        self.json(&format!("kubernetes/{cluster}/{kind}.json"))["items"].as_array().unwrap().clone()
    }
}

/// Every file below a folder, by path.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let mut todo = vec![root.to_owned()];
    let mut all = Vec::new();
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { todo.push(path) } else { all.push(path) }
        }
    }
    all.sort();
    all
}

/// A decimal as ten-thousand-millionths.
pub fn decimal(text: &str) -> i128 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |d| (-1, d));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(fraction.len() <= 10, "{text}");
    let padded = format!("{whole}{fraction:0<10}");
    sign * padded.parse::<i128>().unwrap()
}

/// One span: service, resource attributes, span attributes, ids.
#[derive(Debug, Clone)]
pub struct Span {
    pub service: String,
    pub pod_uid: String,
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub start: u64,
    pub end: u64,
    pub attributes: BTreeMap<String, String>,
}

fn attributes(list: &Value) -> BTreeMap<String, String> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|a| {
            let value = &a["value"];
            let text = value["stringValue"].as_str().or(value["intValue"].as_str()).unwrap();
            (a["key"].as_str().unwrap().to_owned(), text.to_owned())
        })
        .collect()
}

/// The spans of every file of a folder, JSON and gzipped protobuf.
pub fn spans(folder: &Path) -> Vec<Span> {
    let mut all = Vec::new();
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap();
        if path.extension().unwrap() == "json" {
            spans_from_json(&serde_json::from_slice(&bytes).unwrap(), &mut all);
        } else {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap();
            spans_from_protobuf(&plain, &mut all);
        }
    }
    all
}

pub fn spans_from_json(request: &Value, all: &mut Vec<Span>) {
    for r in request["resourceSpans"].as_array().unwrap() {
        let resource = attributes(&r["resource"]["attributes"]);
        for s in r["scopeSpans"][0]["spans"].as_array().unwrap() {
            all.push(Span {
                service: resource["service.name"].clone(),
                pod_uid: resource["k8s.pod.uid"].clone(),
                trace: s["traceId"].as_str().unwrap().to_owned(),
                id: s["spanId"].as_str().unwrap().to_owned(),
                parent: s["parentSpanId"].as_str().unwrap_or("").to_owned(),
                start: s["startTimeUnixNano"].as_str().unwrap().parse().unwrap(),
                end: s["endTimeUnixNano"].as_str().unwrap().parse().unwrap(),
                attributes: attributes(&s["attributes"]),
            });
        }
    }
}

fn spans_from_protobuf(bytes: &[u8], all: &mut Vec<Span>) {
    let hex = |b: &[u8]| b.iter().map(|b| format!("{b:02x}")).collect::<String>();
    for r in ExportTraceServiceRequest::decode(bytes).unwrap().resource_spans {
        let texts = |list: &[opentelemetry_proto::tonic::common::v1::KeyValue]| {
            list.iter()
                .map(|a| {
                    let text = match a.value.clone().unwrap().value.unwrap() {
                        Kind::StringValue(s) => s,
                        Kind::IntValue(n) => n.to_string(),
                        other => panic!("{other:?}"),
                    };
                    (a.key.clone(), text)
                })
                .collect::<BTreeMap<_, _>>()
        };
        let resource = texts(&r.resource.unwrap().attributes);
        for s in &r.scope_spans[0].spans {
            all.push(Span {
                service: resource["service.name"].clone(),
                pod_uid: resource["k8s.pod.uid"].clone(),
                trace: hex(&s.trace_id),
                id: hex(&s.span_id),
                parent: hex(&s.parent_span_id),
                start: s.start_time_unix_nano,
                end: s.end_time_unix_nano,
                attributes: texts(&s.attributes),
            });
        }
    }
}

/// Pairs of services of which a span of the first is the parent of a span of the second.
pub fn called(spans: &[Span]) -> BTreeSet<(String, String)> {
    let by_id: BTreeMap<(&str, &str), &Span> =
        spans.iter().map(|s| ((s.trace.as_str(), s.id.as_str()), s)).collect();
    spans
        .iter()
        .filter(|s| !s.parent.is_empty())
        .map(|s| (by_id[&(s.trace.as_str(), s.parent.as_str())], s))
        .filter(|(parent, s)| parent.service != s.service)
        .map(|(parent, s)| (parent.service.clone(), s.service.clone()))
        .collect()
}
