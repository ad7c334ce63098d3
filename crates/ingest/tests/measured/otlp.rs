//! OTLP traces, metrics and logs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use ingest::format::otlp::{self, Encoding};
use ingest::input::Input;
use libtest_mimic::{Failed, Trial};
use model::series::{Bin, SeriesType};
use model::span::SpanKind;
use model::{Batch, RelationKind};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

use crate::{context, ensure, on_data, read, read_in};

const BOUTIQUE: &str = "root-cause/online-boutique-2022-08-23/traces.otlp.json";

pub fn trials() -> Vec<Trial> {
    vec![
        on_data("every_span_of_the_boutique", BOUTIQUE, boutique),
        on_data("the_calls_of_the_boutique", BOUTIQUE, boutique_calls),
        on_data("protobuf_says_what_json_says", BOUTIQUE, boutique_protobuf),
        on_data("an_example_of_each_metric", "traces/otlp/examples/metrics.json", metrics),
        on_data("an_example_of_a_log", "traces/otlp/examples/logs.json", logs),
        on_data("an_example_of_a_trace", "traces/otlp/examples/trace.json", trace),
        Trial::test("a_bad_span_costs_itself_only", bad_spans),
        Trial::test("peers_by_old_and_new_conventions", peers),
        Trial::test("rules_of_joining_in_their_order", joining),
    ]
}

fn in_boutique() -> ingest::InputContext {
    let mut context = context();
    context.cluster = Some("boutique".to_owned());
    context.namespace = Some("online-boutique".to_owned());
    context
}

fn boutique(bytes: &[u8]) -> Result<(), Failed> {
    let (_, batch) = read_in("traces.json", bytes, &in_boutique())?;
    ensure(batch.rejects.is_empty(), format!("{:?}", batch.rejects))?;
    let traces: BTreeSet<[u8; 16]> = batch.spans.iter().map(|span| span.trace_id).collect();
    let without = batch.spans.iter().filter(|span| span.kind == SpanKind::Unspecified).count();
    let found = (traces.len(), batch.spans.len(), without);
    ensure(found == (372, 17_184, 16_812), format!("{found:?}"))?;
    let services: BTreeMap<&str, &model::EntityObservation> =
        batch.entities.iter().map(|entity| (entity.name.as_str(), entity)).collect();
    ensure(services.len() == batch.entities.len(), "a service stands twice")?;
    let service = services.get("adservice").ok_or("no adservice")?;
    ensure(service.id.as_str() == "service://_/_/adservice", service.id.to_string())?;
    let [relation] = service.relations.as_slice() else {
        return Err(format!("{:?}", service.relations).into());
    };
    ensure(relation.kind == RelationKind::ImplementedBy, "another relation")?;
    let keys: Vec<String> =
        relation.to.candidates.iter().map(|one| one.all[0].to_string()).collect();
    let expected = "k8s://boutique/online-boutique/deployment/adservice";
    ensure(keys.iter().any(|key| key == expected), format!("{keys:?}"))
}

/// Parent and child of different services.
fn boutique_calls(bytes: &[u8]) -> Result<(), Failed> {
    let (_, batch) = read("traces.json", bytes)?;
    let by_id: BTreeMap<([u8; 16], [u8; 8]), &str> = batch
        .spans
        .iter()
        .map(|span| ((span.trace_id, span.span_id), span.service.as_str()))
        .collect();
    let calls: BTreeSet<(&str, &str)> = batch
        .spans
        .iter()
        .filter_map(|span| {
            Some((*by_id.get(&(span.trace_id, span.parent_id))?, span.service.as_str()))
        })
        .filter(|(from, to)| from != to)
        .collect();
    ensure(calls.len() == 13, format!("{calls:?}"))?;
    let absent = ("service://_/_/checkoutservice", "service://_/_/currencyservice");
    ensure(!calls.contains(&absent), "a call that the traces do not hold")
}

fn boutique_protobuf(bytes: &[u8]) -> Result<(), Failed> {
    let request: ExportTraceServiceRequest = serde_json::from_slice(bytes)?;
    let protobuf = request.encode_to_vec();
    let (summary, from_file) = read("traces.pb", &protobuf)?;
    ensure(summary.inputs[0].record.format == "otlp-traces", summary.inputs[0].why.clone())?;
    let (_, from_json) = read("traces.json", bytes)?;
    ensure(from_file.spans == from_json.spans, "spans differ")?;
    ensure(from_file.entities == from_json.entities, "services differ")?;
    let context = context();
    for cut in (1..protobuf.len()).step_by(protobuf.len() / 50) {
        let input = Input { name: "cut", bytes: &protobuf[..cut], context: &context };
        let _ = otlp::read_traces(&input, Encoding::Protobuf, &mut |_| ControlFlow::Continue(()));
    }
    let input = Input { name: "POST /v1/traces", bytes: &protobuf, context: &context };
    let pushed = otlp::read_traces(&input, Encoding::Protobuf, &mut |_| ControlFlow::Continue(()))?;
    ensure((pushed.accepted, pushed.rejected) == (17_184, 0), format!("{pushed:?}"))?;
    let error = otlp::read_traces(&input, Encoding::Json, &mut |_| ControlFlow::Continue(()));
    ensure(error.is_err(), "protobuf was read as JSON")
}

fn metrics(bytes: &[u8]) -> Result<(), Failed> {
    let (_, batch) = read("metrics.json", bytes)?;
    ensure(batch.rejects.is_empty(), format!("{:?}", batch.rejects))?;
    let of = |metric: &str| {
        batch.series.iter().find(|one| one.metric == metric).ok_or(metric.to_owned())
    };
    ensure(of("my.counter")?.series_type == SeriesType::Delta, "delta")?;
    ensure(of("my.gauge")?.points[0].value == 10.0, "gauge")?;
    let explicit = &of("my.histogram")?.histograms[0];
    ensure((explicit.count, explicit.sum) == (2, Some(2.0)), format!("{explicit:?}"))?;
    let total: u64 = explicit.bins.iter().map(|(_, count)| count).sum();
    ensure(total == 2, format!("{explicit:?}"))?;
    let exponential = &of("my.exponential.histogram")?.histograms[0];
    // Scale 0, offset 1, second bucket: (4, 8].
    ensure(exponential.bins[0] == (Bin::ZERO, 1), format!("{exponential:?}"))?;
    let inside = exponential.bins[1..].iter().all(|(bin, _)| (4.0..=8.1).contains(&bin.value()));
    ensure(inside && exponential.bins.len() > 1, format!("{exponential:?}"))?;
    ensure(batch.entities.len() == 1, "one service")
}

fn logs(bytes: &[u8]) -> Result<(), Failed> {
    let (_, batch) = read("logs.json", bytes)?;
    let [log] = batch.logs.as_slice() else { return Err(format!("{:?}", batch.logs).into()) };
    ensure((log.severity.as_str(), log.count) == ("info", 1), format!("{log:?}"))?;
    ensure(log.service.as_str() == "service://_/_/my.service", log.service.to_string())
}

fn trace(bytes: &[u8]) -> Result<(), Failed> {
    let (_, batch) = read("trace.json", bytes)?;
    let [span] = batch.spans.as_slice() else { return Err(format!("{:?}", batch.rejects).into()) };
    ensure(span.kind == SpanKind::Server, format!("{span:?}"))
}

fn request(resource: &str, spans: &str) -> String {
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{resource}]}},"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#
    )
}

fn attribute(name: &str, value: &str) -> String {
    format!(r#"{{"key":"{name}","value":{{"stringValue":"{value}"}}}}"#)
}

fn span(fields: &str) -> String {
    format!(
        r#"{{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"x","startTimeUnixNano":"1661256100852000138","endTimeUnixNano":1661256100863509644{fields}}}"#
    )
}

fn traces_of(text: &str) -> Result<Batch, Failed> {
    Ok(read_in("traces.json", text.as_bytes(), &in_boutique())?.1)
}

fn bad_spans() -> Result<(), Failed> {
    let good = span(r#","kind":2"#);
    let spans = [
        good.clone(),
        good.replace("5b8efff798038103d269b633813fc60c", "00000000000000000000000000000000"),
        good.replace("eee19b7ec3c1b174", "not hex"),
        good.replace("1661256100852000138", "0"),
        good.replace("1661256100863509644", "1661256100000000000"),
        good.replace("1661256100852000138", "18446744073709551615"),
        "7".to_owned(),
    ];
    let batch = traces_of(&request(&attribute("service.name", "a"), &spans.join(",")))?;
    ensure(batch.spans.len() == 2, format!("{} spans, {:?}", batch.spans.len(), batch.rejects))?;
    ensure(batch.spans.iter().all(|span| span.end >= span.start), "ends before it starts")?;
    let count: u64 = batch.rejects.iter().map(|reject| reject.count).sum();
    // Five that are lost, and the one whose end was mended.
    ensure(count == 6, format!("{:?}", batch.rejects))
}

fn peers() -> Result<(), Failed> {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[("server.address", "db.example.com"), ("server.port", "5432")],
            "endpoint:db.example.com:5432",
        ),
        (
            &[("net.peer.name", "DB.example.com."), ("net.peer.port", "5432")],
            "endpoint:db.example.com:5432",
        ),
        (
            &[("db.system", "redis"), ("server.address", "cache")],
            "endpoint:boutique/online-boutique/cache:6379",
        ),
        (&[("peer.service", "pay")], "service-name:pay"),
        (&[("messaging.system", "aws_sqs"), ("messaging.destination.name", "orders")], "id:orders"),
    ];
    for (attributes, expected) in cases {
        let list: Vec<String> = attributes.iter().map(|(n, v)| attribute(n, v)).collect();
        let fields = format!(r#","kind":3,"attributes":[{}]"#, list.join(","));
        let batch = traces_of(&request(&attribute("service.name", "a"), &span(&fields)))?;
        let peer = batch.spans[0].peer.as_ref().ok_or("no peer")?;
        let keys: Vec<String> = peer.candidates.iter().map(|one| one.all[0].to_string()).collect();
        ensure(keys.iter().any(|key| key == expected), format!("{expected} is not in {keys:?}"))?;
    }
    Ok(())
}

fn joining() -> Result<(), Failed> {
    let resource: Vec<String> = [
        ("service.name", "pay"),
        ("service.namespace", "shop"),
        ("deployment.environment.name", "production"),
        ("k8s.cluster.uid", "c1"),
        ("k8s.namespace.name", "ns"),
        ("k8s.deployment.name", "pay-deployment"),
        ("k8s.pod.name", "pay-5f6585d649-fnmft"),
        ("k8s.pod.uid", "u1"),
        ("host.id", "i-1"),
    ]
    .iter()
    .map(|(name, value)| attribute(name, value))
    .collect();
    let batch = traces_of(&request(&resource.join(","), &span("")))?;
    let service = &batch.entities[0];
    ensure(service.id.as_str() == "service://production/shop/pay", service.id.to_string())?;
    let rules: Vec<(String, String)> = service.relations[0]
        .to
        .candidates
        .iter()
        .map(|one| (one.rule.to_string(), one.all[0].to_string()))
        .collect();
    let expected = [
        ("k8s.pod.uid", "workload-of-uid:u1"),
        ("k8s.deployment.name", "k8s://c1/ns/deployment/pay-deployment"),
        ("k8s.pod.name", "workload-of:k8s://c1/ns/pod/pay-5f6585d649-fnmft"),
    ];
    for (found, (rule, key)) in rules.iter().zip(expected) {
        ensure(found.0 == rule && found.1 == key, format!("{found:?} instead of {rule} {key}"))?;
    }
    let last = service.relations[0].to.candidates.last().ok_or("none")?;
    ensure(last.confidence == model::kind::Confidence::Low, format!("{last:?}"))
}
