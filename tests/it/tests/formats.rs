//! Formats on real data through the built program: nothing is lost on the way, and what is read shows
//! up in answers.

use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, data, expect, sum_of, with_data};

const ZIPKIN: &str = "traces/zipkin/zipkin-lens/testdata";
const BOUTIQUE_DAY: &str = "root-cause/online-boutique-2022-08-23";
const BOUTIQUE: &str = "kubernetes/online-boutique";
const COMPOSE: &str = "kubernetes/otel-demo/compose.yaml";
const STATISTICS: &str = "aws/account-export/cloudwatch-get-metric-statistics";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("formats::zipkin_loses_no_span", &[ZIPKIN], zipkin),
        with_data("formats::zipkin_clocks_are_put_right", &[ZIPKIN], skew),
        with_data(
            "formats::service_graphs_show_the_calls_that_spans_miss",
            &[BOUTIQUE, BOUTIQUE_DAY],
            service_graph,
        ),
        with_data("formats::compose_files_declare_calls", &[COMPOSE], compose),
        with_data("formats::statistics_without_a_request_are_counted", &[STATISTICS], statistics),
        Trial::test("formats::statistics_join_by_their_request", request),
        Trial::test("formats::jaeger_and_zipkin_say_the_same", same_calls),
    ]
}

fn path(set: &str) -> String {
    data(set).display().to_string()
}

/// `caller → callee` of the observed or declared calls, by name.
fn calls(program: &Program, evidence: &str) -> Result<BTreeSet<(String, String)>, Failed> {
    let answer = program.ask(&["topology", "--limit", "1000", "--aggregate-by", "none"])?;
    let name_of = |id: &Value| -> String {
        let entities = answer["entities"].as_array().into_iter().flatten();
        let mut named = entities.filter(|entity| entity["id"] == *id);
        let name = named.next().and_then(|entity| entity["name"].as_str());
        name.unwrap_or("?").to_owned()
    };
    let relations = answer["relations"].as_array().into_iter().flatten();
    let of_kind = relations.filter(|one| {
        matches!(one["kind"].as_str(), Some("calls" | "connects_to")) && has(one, evidence)
    });
    Ok(of_kind.map(|one| (name_of(&one["from"]), name_of(&one["to"]))).collect())
}

/// Whether a relation has this evidence, in whichever form the answer gives it.
fn has(relation: &Value, evidence: &str) -> bool {
    match &relation["evidence"] {
        Value::String(word) => word == evidence,
        other => other.to_string().contains(&format!("\"{evidence}\"")),
    }
}

fn zipkin() -> Result<(), Failed> {
    let program = Program::new()?;
    let file = format!("{}/smartthings-mobile-web-install.json", path(ZIPKIN));
    let read = program.json(&["ingest", &file])?;
    // The published facts of the file: 1,041 spans of 16 services.
    expect("spans read", sum_of(&read, "read", "span"), 1_041)?;
    expect("spans added", sum_of(&read, "added", "span"), 1_041)?;
    expect("services", sum_of(&read, "read", "service"), 16)?;
    expect("rejects", read["rejects_total"].as_u64(), Some(0))?;
    // Once more changes nothing.
    let again = program.json(&["ingest", &file])?;
    expect("spans added again", sum_of(&again, "added", "span"), 0)?;
    let observed = calls(&program, "observed")?;
    let is_known = observed.contains(&("strongman".to_owned(), "platformapi".to_owned()));
    expect("a call that client and server share", is_known, true)
}

fn skew() -> Result<(), Failed> {
    let program = Program::new()?;
    let read = program.json(&["ingest", &format!("{}/skew.json", path(ZIPKIN))])?;
    expect("spans", sum_of(&read, "read", "span"), 4)?;
    expect("rejects", read["rejects_total"].as_u64(), Some(0))?;
    let observed = calls(&program, "observed")?;
    let expected = BTreeSet::from([("servicea".to_owned(), "serviceb".to_owned())]);
    expect("calls", observed, expected)
}

fn service_graph() -> Result<(), Failed> {
    let program = Program::new()?;
    let flags = ["--cluster", "boutique", "--namespace", "online-boutique"];
    let ingest = |path: &str| {
        let mut all = vec!["ingest", path];
        all.extend(flags);
        program.json(&all)
    };
    ingest(&format!("{}/kubernetes-manifests.yaml", path(BOUTIQUE)))?;
    ingest(&format!("{}/traces.otlp.json", path(BOUTIQUE_DAY)))?;
    // The spans of one minute show 13 calls, the metrics of the day one more.
    let of_spans = calls(&program, "observed")?;
    expect("calls of spans", of_spans.len(), 13)?;
    ingest(&format!("{}/metrics.om", path(BOUTIQUE_DAY)))?;
    let all = calls(&program, "observed")?;
    let more: Vec<_> = all.difference(&of_spans).cloned().collect();
    expect("calls", all.len(), 14)?;
    expect(
        "the call that spans miss",
        more,
        vec![("checkoutservice".to_owned(), "currencyservice".to_owned())],
    )
}

fn compose() -> Result<(), Failed> {
    let program = Program::new()?;
    let read = program.json(&["ingest", &path(COMPOSE)])?;
    expect("rejects", read["rejects_total"].as_u64(), Some(0))?;
    let text = std::fs::read_to_string(data(COMPOSE))?;
    // Services stand two blanks deep below `services:`.
    let below = text.split_once("\nservices:\n").map_or("", |(_, below)| below);
    let is_service = |line: &&str| {
        let name = line.strip_prefix("  ").unwrap_or_default();
        name.ends_with(':') && !name.starts_with([' ', '#'])
    };
    let services = below.lines().filter(is_service).count() as u64;
    expect("workloads", sum_of(&read, "read", "workload"), services)?;
    let declared = calls(&program, "declared")?;
    for (from, to) in [("checkout", "payment"), ("cart", "valkey-cart"), ("ad", "flagd")] {
        let is_known = declared.contains(&(from.to_owned(), to.to_owned()));
        expect(&format!("{from} calls {to}"), is_known, true)?;
    }
    Ok(())
}

fn statistics() -> Result<(), Failed> {
    let program = Program::new()?;
    let read = program.json(&["ingest", &path(STATISTICS)])?;
    let mut points = 0;
    for entry in std::fs::read_dir(data(STATISTICS))? {
        let response: Value = serde_json::from_slice(&std::fs::read(entry?.path())?)?;
        let all = response["Datapoints"].as_array().cloned().unwrap_or_default();
        let statistics = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"];
        for point in &all {
            points += statistics.iter().filter(|name| point[**name].is_number()).count();
            points += point["ExtendedStatistics"].as_object().map_or(0, serde_json::Map::len);
        }
    }
    expect("samples", sum_of(&read, "read", "sample"), points as u64)?;
    expect("said to be of nothing known", read["rejects_total"].as_u64(), Some(points as u64))
}

const DATABASE: &str = r#"{"DBInstances":[{"DBInstanceIdentifier":"orders","Engine":"postgres",
 "DBInstanceArn":"arn:aws:rds:eu-west-1:111122223333:db:orders","DBInstanceStatus":"available"}]}"#;
const REQUEST: &str = r#"{"MetricDataQueries":[{"Id":"q1","MetricStat":{"Metric":{"Namespace":"AWS/RDS",
 "MetricName":"CPUUtilization","Dimensions":[{"Name":"DBInstanceIdentifier","Value":"orders"}]},
 "Period":60,"Stat":"Average"}}]}"#;
const RESPONSE: &str = r#"{"MetricDataResults":[{"Id":"q1","Label":"CPUUtilization","StatusCode":"Complete",
 "Timestamps":["2026-09-01T00:02:00Z","2026-09-01T00:01:00Z","2026-09-01T00:00:00Z"],
 "Values":[30.0,20.0,10.0]}]}"#;

fn request() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    for (name, text) in
        [("rds.json", DATABASE), ("cpu-request.json", REQUEST), ("cpu.json", RESPONSE)]
    {
        std::fs::write(folder.path().join(name), text)?;
    }
    let at = folder.path().display().to_string();
    let flags = ["--account", "111122223333", "--region", "eu-west-1"];
    let mut all = vec!["ingest", &at];
    all.extend(flags);
    let read = program.json(&all)?;
    expect("samples", sum_of(&read, "read", "sample"), 3)?;
    expect("rejects", read["rejects_total"].as_u64(), Some(0))?;
    // Health never moves to older data by itself.
    let answer = program.ask(&["system-metrics", "--as-of", "2026-09-01T00:05:00Z"])?;
    let text = answer.to_string();
    expect("the database's CPU is known", text.contains("cpu_utilization_ratio"), true)
}

const OF_ZIPKIN: &str = r#"[
 {"traceId":"a1","id":"1","kind":"SERVER","name":"get","timestamp":1788220800000000,"duration":900,
  "localEndpoint":{"serviceName":"web"}},
 {"traceId":"a1","parentId":"1","id":"2","kind":"CLIENT","timestamp":1788220800000100,"duration":500,
  "localEndpoint":{"serviceName":"web"}},
 {"traceId":"a1","parentId":"1","id":"2","kind":"SERVER","shared":true,"timestamp":1788220800000200,
  "duration":300,"localEndpoint":{"serviceName":"cart"}}]"#;
const OF_JAEGER: &str = r#"{"data":[{"traceID":"b1","spans":[
 {"traceID":"b1","spanID":"1","operationName":"get","startTime":1788220800000000,"duration":900,
  "tags":[{"key":"span.kind","value":"server"}],"processID":"p1"},
 {"traceID":"b1","spanID":"2","operationName":"call","startTime":1788220800000100,"duration":500,
  "references":[{"refType":"CHILD_OF","traceID":"b1","spanID":"1"}],
  "tags":[{"key":"span.kind","value":"client"}],"processID":"p1"},
 {"traceID":"b1","spanID":"3","operationName":"add","startTime":1788220800000200,"duration":300,
  "references":[{"refType":"CHILD_OF","traceID":"b1","spanID":"2"}],
  "tags":[{"key":"span.kind","value":"server"}],"processID":"p2"}],
 "processes":{"p1":{"serviceName":"web"},"p2":{"serviceName":"cart"}}}]}"#;

fn same_calls() -> Result<(), Failed> {
    let mut found = Vec::new();
    for text in [OF_ZIPKIN, OF_JAEGER] {
        let program = Program::new()?;
        let ran = program.run_with(&["ingest", "-"], Some(text.as_bytes()))?;
        expect("exit code", ran.code, 0)?;
        found.push(calls(&program, "observed")?);
    }
    expect("calls of both", &found[0], &found[1])?;
    let expected = BTreeSet::from([("web".to_owned(), "cart".to_owned())]);
    expect("calls", &found[0], &expected)
}
