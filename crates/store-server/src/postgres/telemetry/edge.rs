//! Minutes of calls, and of log records.

use std::collections::BTreeMap;

use model::EntityId;
use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use model::series::Bin;
use model::span::EdgeMinute;
use tokio_postgres::types::Type;
use xxhash_rust::xxh3::Xxh3;

use super::mark::NEVER;
use super::series::text_into;
use super::write::Tally;
use crate::postgres::connection::{Copy, CopyIn, Session};
use crate::postgres::error::Outcome;
use crate::postgres::number::{Text, ordered, whole};
use crate::postgres::statement::{Statement, statement};

const DROP: Statement = statement!("edge_drop");
const SET: Statement = statement!("edge_add");
const LOG_KNOWN: Statement = statement!("log_known");
const EDGE_TYPES: &[Type] = &[
    Type::INT8,
    Type::INT8,
    Type::TEXT,
    Type::INT8,
    Type::TEXT,
    Type::BOOL,
    Type::BOOL,
    Type::INT8,
    Type::INT8,
    Type::TEXT,
    Type::TEXT,
    Type::INT8,
];
const ADD: Copy = Copy {
    name: "edge_minute",
    sql: "COPY edge_minute FROM STDIN (FORMAT binary)",
    types: EDGE_TYPES,
};
const STAGE: Copy = Copy {
    name: "stage_edge",
    sql: "COPY stage_edge FROM STDIN (FORMAT binary)",
    types: EDGE_TYPES,
};
const OUTCOMES: Copy = Copy {
    name: "call_outcome",
    sql: "COPY call_outcome FROM STDIN (FORMAT binary)",
    types: &[Type::INT8, Type::INT8, Type::INT8, Type::INT8, Type::INT8, Type::INT8],
};
const LOGS: Copy = Copy {
    name: "log_minute",
    sql: "COPY log_minute FROM STDIN (FORMAT binary)",
    types: &[Type::INT8, Type::INT8, Type::TEXT, Type::INT8, Type::INT8],
};

/// Client, server, operation, minute, asynchronous, scaled.
type Key<'a> = (u64, u64, &'a str, i64, bool, bool);
type Edge = (EntityId, EntityId, EdgeMinute);

/// Counts, of which some may be taken off.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    calls: i64,
    errors: i64,
    client: BTreeMap<Bin, i64>,
    server: BTreeMap<Bin, i64>,
}

impl Counts {
    fn add(&mut self, edge: &EdgeMinute, sign: i64) {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(sign);
        self.calls = self.calls.saturating_add(signed(edge.calls));
        self.errors = self.errors.saturating_add(signed(edge.errors));
        let both =
            [(&mut self.client, &edge.client_seconds), (&mut self.server, &edge.server_seconds)];
        for (held, bins) in both {
            for (bin, count) in bins {
                let sum = held.entry(*bin).or_default();
                *sum = sum.saturating_add(signed(*count));
            }
        }
    }

    fn is_nothing(&self) -> bool {
        self.calls == 0
            && self.errors == 0
            && self.client.values().chain(self.server.values()).all(|count| *count == 0)
    }
}

/// Writes the minutes of calls of a batch.
pub async fn write(session: &Session, write: &TelemetryWrite, tally: &mut Tally) -> Outcome<()> {
    let mut paired: BTreeMap<Key<'_>, Counts> = BTreeMap::new();
    for (edges, sign) in [(&write.edges_paired, 1), (&write.edges_unpaired, -1)] {
        for edge in edges {
            paired.entry(key(edge)).or_default().add(&edge.2, sign);
        }
    }
    paired.retain(|_, counts| !counts.is_nothing());
    let observed_at = write.input.observed_at.0;
    if !paired.is_empty() {
        let mut rows = session.copy(ADD).await?;
        append(&mut rows, &paired, "", observed_at).await?;
        rows.finish().await?;
    }
    write_outcomes(session, write).await?;
    tally.added("edge_minute", paired.len() as u64);
    for (_, _, _, at, ..) in paired.keys() {
        tally.touch(DataKind::Edges, *at);
    }
    if !write.edges.is_empty() {
        set(session, &write.edges, (&write.input.source, observed_at), tally).await?;
    }
    Ok(())
}

/// What became of requests in which calls failed: rows add up, some of them negative.
async fn write_outcomes(session: &Session, write: &TelemetryWrite) -> Outcome<()> {
    let mut outcomes: BTreeMap<(u64, u64, i64), [i64; 3]> = BTreeMap::new();
    for (edges, sign) in [(&write.edges_paired, 1), (&write.edges_unpaired, -1)] {
        for (client, server, edge) in edges.iter().filter(|one| one.2.outcome.failures > 0) {
            let one = &edge.outcome;
            let sums = outcomes.entry((client.0, server.0, edge.at.0)).or_default();
            for (sum, count) in sums.iter_mut().zip([one.failures, one.requests, one.survived]) {
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                *sum = sum.saturating_add(count.saturating_mul(sign));
            }
        }
    }
    outcomes.retain(|_, sums| *sums != [0; 3]);
    if outcomes.is_empty() {
        return Ok(());
    }
    let mut rows = session.copy(OUTCOMES).await?;
    for ((client, server, at), [failures, requests, survived]) in outcomes {
        let (client, server) = (client as i64, server as i64);
        rows.write(&[&client, &server, &at, &failures, &requests, &survived]).await?;
    }
    rows.finish().await?;
    Ok(())
}

/// Minutes that another tool counted replace its earlier ones.
async fn set(
    session: &Session,
    edges: &[Edge],
    (source, observed_at): (&str, i64),
    tally: &mut Tally,
) -> Outcome<()> {
    let mut counted: BTreeMap<Key<'_>, Counts> = BTreeMap::new();
    let mut newest = NEVER;
    for edge in edges {
        // Twice in one batch: the fuller one, whatever the order.
        let mut counts = Counts::default();
        counts.add(&edge.2, 1);
        let held = counted.entry(key(edge)).or_default();
        if (counts.calls, counts.errors) > (held.calls, held.errors) {
            *held = counts;
        }
        newest = newest.max(edge.2.at.0);
    }
    let mut rows = session.copy(STAGE).await?;
    append(&mut rows, &counted, source, observed_at).await?;
    rows.finish().await?;
    let changed = session.execute(DROP, &[]).await?;
    let written = session.execute(SET, &[]).await?;
    tally.changed("edge_minute", changed);
    tally.added("edge_minute", written.saturating_sub(changed));
    if written > 0 {
        tally.touch(DataKind::Edges, newest);
    }
    Ok(())
}

fn key((client, server, edge): &Edge) -> Key<'_> {
    (client.0, server.0, &edge.operation, edge.at.0, edge.is_asynchronous, edge.is_scaled)
}

async fn append(
    rows: &mut CopyIn<'_>,
    edges: &BTreeMap<Key<'_>, Counts>,
    origin: &str,
    observed_at: i64,
) -> Outcome<()> {
    for ((client, server, operation, at, is_asynchronous, is_scaled), counts) in edges {
        rows.write(&[
            &(*client as i64),
            &(*server as i64),
            &Text(operation),
            at,
            &Text(origin),
            is_asynchronous,
            is_scaled,
            &counts.calls,
            &counts.errors,
            &bins_text(&counts.client),
            &bins_text(&counts.server),
            &observed_at,
        ])
        .await?;
    }
    Ok(())
}

fn bins_text(bins: &BTreeMap<Bin, i64>) -> String {
    let pairs: Vec<String> = bins
        .iter()
        .filter(|(_, count)| **count != 0)
        .map(|(bin, count)| format!("{}:{count}", bin.0))
        .collect();
    pairs.join(" ")
}

/// Writes the log counts of a batch, unless the same batch was counted before.
pub async fn write_logs(
    session: &Session,
    write: &TelemetryWrite,
    tally: &mut Tally,
) -> Outcome<()> {
    if write.logs.is_empty() {
        return Ok(());
    }
    let mut minutes: BTreeMap<(u64, i64, &str), u64> = BTreeMap::new();
    let mut hash = Xxh3::new();
    text_into(&mut hash, &write.input.content_hash);
    for (subject, log) in &write.logs {
        text_into(&mut hash, log.service.as_str());
        text_into(&mut hash, &log.severity);
        hash.update(&log.at.0.to_le_bytes());
        hash.update(&log.count.to_le_bytes());
        let count = minutes.entry((subject.0, log.at.0, &log.severity)).or_default();
        *count = count.saturating_add(log.count);
    }
    let origin = ordered(hash.digest());
    if session.row(LOG_KNOWN, &[("origin", &origin)]).await?.try_get(0)? {
        return Ok(());
    }
    let mut rows = session.copy(LOGS).await?;
    for ((subject, at, severity), count) in &minutes {
        rows.write(&[&(*subject as i64), at, &Text(severity), &whole(*count), &origin]).await?;
        tally.touch(DataKind::Edges, *at);
    }
    rows.finish().await?;
    tally.added("log_minute", minutes.len() as u64);
    Ok(())
}
