//! The files of the last hour's traces and logs.

use std::io::Write;

use crate::behaviour::Behaviour;
use crate::clock::{HOUR, MINUTE};
use crate::estate::{Cluster, Estate};
use crate::files::Files;
use crate::options::Options;
use crate::otlp::{LogRecord, logs_json, traces_json, traces_protobuf};
use crate::otlp_metrics;
use crate::outcome::{InputStep, ScenarioError};
use crate::services::SERVICES;
use crate::traces::{Span, SpanKind, Tracer};

/// The traces of the last hour of one environment. Every observed call is among them.
pub fn recent_traces(
    estate: &Estate,
    cluster: &Cluster,
    behaviour: &Behaviour,
    options: &Options,
) -> Vec<Vec<Span>> {
    let share = match cluster.env.index {
        0 => 1,
        1 => 3,
        _ => 20,
    };
    let tracer = Tracer::new(estate, cluster, behaviour);
    tracer.traces(estate.until - HOUR, estate.until - 30, options.size.traces / share, true)
}

/// Writes the files of one environment: JSON for the older part, gzipped protobuf for the newest
/// quarter, and logs.
pub fn write(
    files: &mut Files,
    estate: &Estate,
    cluster: &Cluster,
    behaviour: &Behaviour,
    options: &Options,
) -> Result<Vec<InputStep>, ScenarioError> {
    let env = cluster.env;
    let traces = recent_traces(estate, cluster, behaviour, options);
    let cut = traces.len() * 3 / 4;
    let folder = format!("traces/{}", env.name);
    for (number, part) in traces[..cut].chunks(400).enumerate() {
        let value = traces_json(cluster, part);
        files.stream(&format!("{folder}/traces-{number:02}.json"), |out| {
            serde_json::to_writer(&mut *out, &value)?;
            out.write_all(b"\n")
        })?;
    }
    let newest = traces_protobuf(cluster, &traces[cut..]);
    files.stream(&format!("{folder}/traces-newest.pb.gz"), |out| {
        // mtime stays 0, so that equal options give equal bytes.
        let mut gzip = flate2::write::GzEncoder::new(out, flate2::Compression::new(6));
        gzip.write_all(&newest)?;
        gzip.finish().map(|_| ())
    })?;
    let records = log_records(&traces, options.size.logs);
    let value = logs_json(cluster, &records);
    let logs = format!("logs/{}", env.name);
    files.stream(&format!("{logs}/logs.json"), |out| {
        serde_json::to_writer(&mut *out, &value)?;
        out.write_all(b"\n")
    })?;
    let minutes: Vec<i64> = (0..60).map(|m| estate.until - (59 - m) * MINUTE).collect();
    let value = otlp_metrics::json(estate, cluster, behaviour, &minutes, MINUTE);
    let metrics = format!("otlp-metrics/{}", env.name);
    files.stream(&format!("{metrics}/metrics.json"), |out| {
        serde_json::to_writer(&mut *out, &value)?;
        out.write_all(b"\n")
    })?;
    let step = |path: String| InputStep {
        path,
        cluster: Some(env.cluster.to_owned()),
        environment: Some(env.name.to_owned()),
        ..InputStep::default()
    };
    Ok(vec![step(folder), step(metrics), step(logs)])
}

/// A record for each request served, failures first, then the rest in time, at most `limit`.
pub fn log_records(traces: &[Vec<Span>], limit: u32) -> Vec<LogRecord> {
    let mut records: Vec<LogRecord> = traces
        .iter()
        .flatten()
        .filter(|s| matches!(s.kind, SpanKind::Server | SpanKind::Consumer))
        .map(|s| LogRecord {
            service: s.service,
            pod: s.pod,
            at: s.end,
            is_error: s.failed,
            body: if s.failed {
                format!("{}: request failed: {}", SERVICES[s.service].name, s.name)
            } else {
                format!("{} handled in {} ms", s.name, (s.end - s.start) / 1_000_000)
            },
            context: Some((s.trace, s.id)),
        })
        .collect();
    records.sort_by_key(|r| (!r.is_error, r.at, r.service, r.pod));
    records.truncate(limit as usize);
    records.sort_by_key(|r| (r.at, r.service, r.pod));
    records
}
