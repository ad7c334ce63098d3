//! Minutes of calls, and of log records.

use std::collections::BTreeMap;

use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use telemetry_rows::Tally;
use telemetry_rows::edge::{self, Counts, Edge, Key, bins_text};
use tokio_postgres::types::Type;

use super::mark::NEVER;
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

/// Writes the minutes of calls of a batch.
pub async fn write(session: &Session, write: &TelemetryWrite, tally: &mut Tally) -> Outcome<()> {
    let paired = edge::paired(write);
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
    let outcomes = edge::outcomes(write);
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
    let counted = edge::counted(edges);
    let newest = edges.iter().map(|edge| edge.2.at.0).fold(NEVER, i64::max);
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

/// Writes the log counts of a batch, unless the same batch was counted before.
pub async fn write_logs(
    session: &Session,
    write: &TelemetryWrite,
    tally: &mut Tally,
) -> Outcome<()> {
    if write.logs.is_empty() {
        return Ok(());
    }
    let edge::Logs { minutes, origin } = edge::logs(write);
    let origin = ordered(origin);
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
