//! What the optimisation saves: a PostgreSQL of its own is filled, its indexes are dropped, a workload is
//! asked through the seam of telemetry and recorded, what is recommended is applied, and the same workload is
//! asked again. `cargo xtask bench optimization --servers -- --scale 1 --rounds 20`; scale 1 is 3.3 million rows.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::time::Instant;

use analysis::optimization::{MeasuredPlan, OptimizationFacts, StatementFact, optimize};
use anyhow::{Context, Result, bail};
use bench::machine;
use jiff::Timestamp;
use model::fact::TraceQuery;
use model::seam::{PlanMode, ReadContext, Telemetry, Tuning};
use model::time::{Micros, Window};
use model::workload::{Workload, WorkloadKind};
use store_server::postgres::{Postgres, PostgresOptions};
use tokio_postgres::{Client, NoTls};
use tokio_util::sync::CancellationToken;

/// Address of a PostgreSQL, as `cargo xtask` gives it.
const POSTGRES: &str = "UBIQUITOUS_TEST_POSTGRES_URL";
/// The database that is made, filled and dropped.
const DATABASE: &str = "ubiquitous_bench_optimization";

/// Rows at scale 1, spread over a million seconds; `$n` is the number of rows.
const LOAD: &[(&str, f64)] = &[
    (
        "INSERT INTO subject (id, entity, canonical, kind, name) \
         SELECT i, i, 'c' || i, 'service', 'n' || i FROM generate_series(1, $n) AS i",
        100_000.0,
    ),
    (
        "INSERT INTO edge_minute SELECT i % 5000, i % 7000, 'o', i * 1000::bigint, '', false, false, 1, 0, \
         '', '', 0 FROM generate_series(1, $n) AS i",
        1_000_000.0,
    ),
    (
        "INSERT INTO call_outcome SELECT i % 5000, i % 7000, i * 1000::bigint, 1, 1, 1 \
         FROM generate_series(1, $n) AS i",
        1_000_000.0,
    ),
    (
        "INSERT INTO span SELECT decode(lpad(to_hex(i / 4), 32, '0'), 'hex'), \
         decode(lpad(to_hex(i), 16, '0'), 'hex'), 2, decode('0000000000000000', 'hex'), i % 10000, 's', 'o', \
         i * 1000::bigint, i * 1000::bigint + 5, false, NULL, NULL, '{}', 0, 0 \
         FROM generate_series(1, $n) AS i",
        600_000.0,
    ),
    (
        "INSERT INTO record SELECT 'incident', 'k' || i, 's', 'e' || i, 'c', 't', NULL, i * 1000::bigint, \
         NULL, 1, '{}', 0, 0 FROM generate_series(1, $n) AS i",
        300_000.0,
    ),
    (
        "INSERT INTO record_subject SELECT 'incident', 'k' || i, i % 100000, 0 \
         FROM generate_series(1, $n) AS i",
        300_000.0,
    ),
];

const INDEXES: &str = "SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index \
    JOIN pg_class ON pg_class.oid = indrelid \
    WHERE relnamespace IN ('ubiquitous'::regnamespace, 'ubiquitous_records'::regnamespace) \
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) \
    AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid)";

fn main() -> Result<()> {
    let (mut scale, mut rounds) = (1.0_f64, 20_usize);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--scale", Some(value)) => scale = value.parse()?,
            ("--rounds", Some(value)) => rounds = value.parse()?,
            _ => bail!("takes --scale N and --rounds N"),
        }
    }
    machine::print();
    let url = std::env::var(POSTGRES).context("no PostgreSQL; run with --servers")?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let server = connected(&url).await?;
        server.batch_execute(&format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")).await?;
        server.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
        let done = run(&url, scale, rounds).await;
        server.batch_execute(&format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")).await?;
        done
    })
}

async fn connected(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn run(url: &str, scale: f64, rounds: usize) -> Result<()> {
    let (address, _) = url.split_once('?').unwrap_or((url, ""));
    let (host, _) = address.rsplit_once('/').context("an address without a database")?;
    let own = format!("{host}/{DATABASE}");
    let server = Postgres::open(PostgresOptions::new(&own)).await?;
    let client = connected(&own).await?;
    client.batch_execute("SET search_path = ubiquitous, ubiquitous_records").await?;
    let mut rows = 0_u64;
    for (statement, count) in LOAD {
        let count = (count * scale).max(1.0) as u64;
        rows += client.execute(&statement.replace("$n", &count.to_string()), &[]).await?;
    }
    for row in client.query(INDEXES, &[]).await? {
        client.batch_execute(&row.get::<_, String>(0)).await?;
    }
    client.batch_execute("ANALYZE").await?;
    println!("load: scale {scale}, {rows} rows, no index but those of keys");
    let telemetry = server.telemetry();
    let tuning = server.tuning();
    // What the opening ran is no part of the workload.
    tuning.workload_take();
    let begun = Timestamp::now();
    let before = asked(telemetry.as_ref(), scale, rounds).await?;
    let applied = applied(tuning.as_ref(), begun).await?;
    let after = asked(telemetry.as_ref(), scale, rounds).await?;
    println!("applied: {applied} changes");
    println!("workload before: {before:.2} s, after: {after:.2} s");
    println!("saved: {:.1} % (target: 40 %)", (1.0 - after / before) * 100.0);
    server.close().await;
    Ok(())
}

fn context() -> ReadContext {
    ReadContext {
        as_of: None,
        org_scope: model::scope::OrgScope::Everything,
        deadline: Instant::now() + std::time::Duration::from_secs(600),
        cancel: CancellationToken::new(),
    }
}

/// Seconds of the workload: each question of a window, over windows spread over the whole time.
async fn asked(telemetry: &dyn Telemetry, scale: f64, rounds: usize) -> Result<f64> {
    let begun = Instant::now();
    let last = (600_000_000.0 * scale) as i64;
    for round in 0..rounds {
        let from = Micros(last * round as i64 / rounds as i64);
        let window = Window { from: from.timestamp(), to: from.plus(last / 200).timestamp() };
        let ctx = context();
        telemetry.calls(&ctx, window).await?;
        telemetry.call_outcomes(&ctx, window).await?;
        telemetry.trace_ids(&ctx, TraceQuery { window, limit: 1_000 }).await?;
        telemetry.incidents(&ctx, window).await?;
        for entity in 0..5 {
            let entity = model::EntityId((round * 5 + entity) as u64);
            telemetry.events(&ctx, entity, 100).await?;
        }
    }
    Ok(begun.elapsed().as_secs_f64())
}

/// Measures, judges, applies; gives the number of changes.
async fn applied(tuning: &dyn Tuning, begun: Timestamp) -> Result<usize> {
    let ctx = context();
    let now = Timestamp::now();
    let mut workload = Workload::new(begun);
    workload.add(tuning.workload_take(), now);
    let mut statements = Vec::new();
    for statement in workload.statements {
        if statement.kind == WorkloadKind::Unplanned || statement.text.is_empty() {
            continue;
        }
        let explained = tuning.plan(&ctx, &statement, PlanMode::Explained).await;
        let plan = tuning.plan(&ctx, &statement, PlanMode::Measured).await;
        let measured = Some(MeasuredPlan {
            store: statement.store.clone(),
            name: statement.name.clone(),
            at: now,
            plan: plan.map_err(|error| error.to_string()),
        });
        let explained = explained.map_err(|error| error.to_string());
        statements.push(StatementFact { statement, explained, measured });
    }
    let facts = OptimizationFacts {
        now,
        since: begun,
        statements,
        reports: vec![Ok(tuning.tables(&ctx).await?)],
        sizes: Vec::new(),
    };
    let mut count = 0;
    for one in optimize(&facts, Vec::new()).recommendations {
        let Some(change) = one.change.as_ref().filter(|_| !one.hurts_writes) else { continue };
        let Some(steps) = tuning.steps(&ctx, change).await? else { continue };
        println!("{:>8.2} s  {}", one.seconds_saved.value.unwrap_or(0.0), one.action);
        tuning.run(&steps.statements).await?;
        count += 1;
    }
    Ok(count)
}
