//! Calls paired from a recorded run of Online Boutique, against a naive count by parent.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use model::Micros;
use model::span::{SpanKind, SpanObservation};
use serde_json::Value;

const DATA_SET: &str = "root-cause/online-boutique-2022-08-23";

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(DATA_SET);
    let path = path.join("traces.otlp.json");
    let name = "online_boutique_has_thirteen_observed_calls";
    let trial = match path.exists() {
        true => Trial::test(name, move || thirteen_calls(&path)),
        false => {
            let name = format!("{name} [skipped: data set {DATA_SET} is absent]");
            Trial::test(name, || Ok(())).with_ignored_flag(true)
        }
    };
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit();
}

fn thirteen_calls(path: &PathBuf) -> Result<(), Failed> {
    let spans = spans(&serde_json::from_str(&std::fs::read_to_string(path)?)?)?;
    assert_eq!(spans.len(), 17_184);
    // By definition: each distinct span whose parent is of another service.
    let by_id: HashMap<_, _> =
        spans.iter().map(|span| ((span.trace_id, span.span_id), span)).collect();
    let mut naive: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for span in &spans {
        let parent = by_id.get(&(span.trace_id, span.parent_id));
        let Some(parent) = parent.filter(|parent| parent.service != span.service) else { continue };
        if seen.insert((span.trace_id, span.span_id)) {
            let pair = (parent.service.to_string(), span.service.to_string());
            *naive.entry(pair).or_default() += 1;
        }
    }
    let mut paired: BTreeMap<(String, String), u64> = BTreeMap::new();
    for edge in identity::pair(&spans) {
        *paired.entry((edge.client.label(), edge.server.label())).or_default() += edge.calls;
    }
    assert_eq!(paired, naive);
    assert_eq!(paired.len(), 13, "{paired:#?}");
    Ok(())
}

/// Only what pairing needs.
fn spans(document: &Value) -> Result<Vec<SpanObservation>, Failed> {
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let mut spans = Vec::new();
    for resource in list(document, "resourceSpans") {
        let attributes = list(&resource["resource"], "attributes");
        let name =
            attributes.iter().find(|one| one["key"] == "service.name").ok_or("no service")?;
        let service = name["value"]["stringValue"].as_str().ok_or("no name")?.to_owned();
        for span in list(&resource, "scopeSpans").iter().flat_map(|scope| list(scope, "spans")) {
            spans.push(SpanObservation {
                trace_id: id(&span["traceId"])?,
                span_id: id(&span["spanId"])?,
                parent_id: id(&span["parentSpanId"])?,
                service: format!("service://_/_/{service}").into(),
                name: span["name"].as_str().unwrap_or_default().to_owned(),
                kind: SpanKind::Unspecified,
                start: micros(&span["startTimeUnixNano"])?,
                end: micros(&span["endTimeUnixNano"])?,
                is_error: false,
                peer: None,
                sampling_probability: None,
                attributes: Vec::new(),
            });
        }
    }
    Ok(spans)
}

fn id<const N: usize>(value: &Value) -> Result<[u8; N], Failed> {
    let text = value.as_str().unwrap_or_default();
    let mut id = [0; N];
    for (byte, at) in id.iter_mut().zip((0..text.len()).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2).ok_or("an odd id")?, 16)?;
    }
    Ok(id)
}

fn micros(value: &Value) -> Result<Micros, Failed> {
    let nanos: i64 = value.as_str().ok_or("no time")?.parse()?;
    Ok(Micros(nanos / 1_000))
}
