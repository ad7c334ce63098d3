//! Live emission: what the estate sends after the end of its history. A tick depends only on the
//! options and its own bounds, so ticks of any length up to ten minutes give the same together, and
//! a gap is filled, more coarsely, by asking for it.

use crate::behaviour::Behaviour;
use crate::clock::{DAY, HOUR, MINUTE};
use crate::company::Environment;
use crate::estate::{Cluster, Estate};
use crate::metrics::{Group, Times, expose};
use crate::options::Options;
use crate::otlp::{logs_json, traces_json};
use crate::otlp_metrics;
use crate::own;
use crate::remote_write::{Sample, TimeSeries, WriteRequest, body};
use crate::telemetry::log_records;
use crate::traces::{Span, Tracer};

/// Longest gap that one call fills, in seconds; a longer one is filled by several calls.
pub const LONGEST_TICK: i64 = DAY;

/// What one environment sends in `(from, to]`. A body that has nothing to say is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmittedBatch {
    /// Environment, for `environment` of the ingest request.
    pub environment: String,
    /// Name of the cluster.
    pub cluster: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// OpenMetrics text, for `POST /api/v1/ingest`.
    pub open_metrics: String,
    /// Body for `POST /v1/metrics`, JSON.
    pub otlp_metrics: Vec<u8>,
    /// Body for `POST /v1/traces`, JSON.
    pub otlp_traces: Vec<u8>,
    /// Body for `POST /v1/logs`, JSON.
    pub otlp_logs: Vec<u8>,
    /// Body for remote write 1.0.
    pub remote_write: Vec<u8>,
}

/// One tick.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Emission {
    /// By environment.
    pub batches: Vec<EmittedBatch>,
    /// Incidents and changes that happened, as our own ndjson; empty when none did.
    pub observations: String,
}

/// What the estate sends in `(from, to]`, both in seconds since 1970 and later than the end of the
/// history. `to` is cut to [`LONGEST_TICK`] after `from`.
pub fn emit(options: &Options, from: i64, to: i64) -> Emission {
    let estate = Estate::new(options);
    let to = to.min(from + LONGEST_TICK);
    if to <= from {
        return Emission::default();
    }
    let times = Times::live(from, to);
    let batches =
        estate.clusters.iter().map(|cluster| batch(&estate, cluster, &times, from, to)).collect();
    Emission { batches, observations: own::happened(&estate, from, to) }
}

fn batch(estate: &Estate, cluster: &Cluster, times: &Times, from: i64, to: i64) -> EmittedBatch {
    let env = cluster.env;
    let behaviour = Behaviour::new(estate, env, to + HOUR);
    let mut batch = EmittedBatch {
        environment: env.name.to_owned(),
        cluster: env.cluster.to_owned(),
        account: env.account.id.to_owned(),
        region: env.region.to_owned(),
        ..EmittedBatch::default()
    };
    if !times.long.is_empty() {
        batch.open_metrics = open_metrics(estate, cluster, &behaviour, times);
        batch.remote_write = load(estate, cluster, &times.long);
    }
    let minutes: Vec<i64> = times.long.iter().copied().filter(|t| t % MINUTE == 0).collect();
    if !minutes.is_empty() {
        let value = otlp_metrics::json(estate, cluster, &behaviour, &minutes, MINUTE);
        batch.otlp_metrics = value.to_string().into_bytes();
    }
    let traces = traces(estate, cluster, &behaviour, from, to);
    if !traces.is_empty() {
        batch.otlp_traces = traces_json(cluster, &traces).to_string().into_bytes();
        let records = log_records(&traces, 200);
        batch.otlp_logs = logs_json(cluster, &records).to_string().into_bytes();
    }
    batch
}

fn open_metrics(estate: &Estate, cluster: &Cluster, b: &Behaviour, times: &Times) -> String {
    let mut text = Vec::new();
    for group in Group::ALL {
        // Writing to memory cannot fail; each group ends with `# EOF`, of which one is kept.
        let _ = expose(&mut text, estate, cluster, b, (group, times, true));
        text.truncate(text.len().saturating_sub("# EOF\n".len()));
    }
    text.extend_from_slice(b"# EOF\n");
    String::from_utf8(text).unwrap_or_default()
}

/// Traces that start in whole buckets of ten seconds, so that ticks of any length agree: those
/// buckets that end in `(from, to]`, and at most the last hour of a long gap.
fn traces(estate: &Estate, cluster: &Cluster, b: &Behaviour, from: i64, to: i64) -> Vec<Vec<Span>> {
    const BUCKET: i64 = 10;
    let tracer = Tracer::new(estate, cluster, b);
    let mut all = Vec::new();
    let mut end = (from.max(to - HOUR).div_euclid(BUCKET) + 1) * BUCKET;
    while end <= to {
        let count = traces_per_bucket(cluster.env, end / BUCKET);
        all.extend(tracer.traces(end - BUCKET, end, count, false));
        end += BUCKET;
    }
    all
}

fn traces_per_bucket(env: &Environment, bucket: i64) -> u32 {
    match env.index {
        0 => 3,
        1 => 1,
        _ => u32::from(bucket % 6 == 0),
    }
}

/// `node_load1` of every node, which only remote write carries.
fn load(estate: &Estate, cluster: &Cluster, times: &[i64]) -> Vec<u8> {
    let timeseries = cluster
        .nodes
        .iter()
        .map(|node| {
            let samples = times
                .iter()
                .map(|at| {
                    let drawn = estate.random.unit(&format!("load/{}/{}", node.name, at / 60));
                    Sample { value: (200.0 + 300.0 * drawn).round() / 100.0, timestamp: at * 1000 }
                })
                .collect();
            let instance = format!("{}:9100", node.address);
            let labels = [
                ("__name__", "node_load1"),
                ("instance", instance.as_str()),
                ("node", node.name.as_str()),
                ("k8s_cluster_name", cluster.env.cluster),
            ];
            TimeSeries::new(&labels, samples)
        })
        .collect();
    body(&WriteRequest { timeseries })
}
