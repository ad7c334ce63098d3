//! The targeted indexes of PostgreSQL: each is used by the plan of a statement of its question, which reads
//! many times the rows without it. The table is printed.

use std::path::Path;

use libtest_mimic::Failed;
use model::fact::Plan;
use model::seam::{PlanMode, Tuning};
use model::workload::{WorkloadKind, WorkloadParameter, WorkloadStatement};
use store_server::postgres::Postgres;

use crate::contract::postgres::Database;
use crate::store_base::{block_on, context};

/// Where the statements are.
const FOLDER: &str = "../../crates/store-server/src/postgres";

/// Index, question, statement, parameters.
type Targeted = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const NONE: &str = "ARRAY[]::text[]";

const TARGETED: &[Targeted] = &[
    (
        "span_start",
        "critical_paths",
        "read/service_dependencies_trace_ids",
        &[("since", "0"), ("from", "10000"), ("to", "900000"), ("limit", "5000")],
    ),
    ("edge_minute_instant", "service_dependencies", "read/service_dependencies_calls", WINDOW),
    ("call_outcome_instant", "service_dependencies", "read/service_dependencies_outcomes", WINDOW),
    (
        "record_instant",
        "incidents",
        "read/records",
        &[
            ("record", "'incident'"),
            ("from", "NULL"),
            ("to", "NULL"),
            ("until", "9000000000"),
            ("org", NONE),
            ("limit", "500000"),
        ],
    ),
    ("subject_entity", "entity", "telemetry/events", EVENTS),
    ("record_subject_subject", "entity", "telemetry/events", EVENTS),
    ("record_key", "entity", "telemetry/events", EVENTS),
    ("series_signal", "system_metrics", "read/system_metrics_series", SIGNAL),
    ("series_metric", "service_trends", "read/system_metrics_series", SIGNAL),
];

const SIGNAL: &[(&str, &str)] = &[
    ("signals", "ARRAY['signal_7']"),
    ("metrics", "ARRAY['m7']"),
    ("kinds", NONE),
    ("entities", "ARRAY[]::bigint[]"),
    ("account", NONE),
    ("region", NONE),
    ("cluster", NONE),
    ("namespace", NONE),
    ("environment", NONE),
    ("unit", NONE),
    ("org", NONE),
    ("with_signal", "true"),
    ("limit", "10000"),
];
const WINDOW: &[(&str, &str)] = &[("from", "0"), ("to", "900000")];
const EVENTS: &[(&str, &str)] = &[("entity", "77"), ("until", "9000000000"), ("limit", "100")];

/// An index whose making was interrupted.
const BROKEN: &str = "CREATE INDEX span_start ON ubiquitous.span (start_at); \
    UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ubiquitous.span_start'::regclass";

/// Rows of each table, spread so that a small part of each is asked for.
const LOAD: &str = "
    SET search_path = ubiquitous;
    INSERT INTO subject (id, entity, canonical, kind, name)
        SELECT i, i, 'c' || i, 'service', 'n' || i FROM generate_series(1, 5000) AS i;
    INSERT INTO series SELECT i, i % 5000, decode(lpad(to_hex(i), 8, '0'), 'hex'), 's', 'm' || i % 500,
        '{}', 'signal_' || i % 200, 1, NULL, 'Gauge', 0 FROM generate_series(1, 20000) AS i;
    INSERT INTO span SELECT decode(lpad(to_hex(i / 4), 32, '0'), 'hex'),
        decode(lpad(to_hex(i), 16, '0'), 'hex'), 2, decode('0000000000000000', 'hex'), i % 5000, 's',
        'o', i * 1000::bigint, i * 1000::bigint + 5, false, NULL, NULL, '{}', 0, 0
        FROM generate_series(1, 30000) AS i;
    INSERT INTO edge_minute SELECT i % 50, i % 70, 'o', i * 1000::bigint, '', false, false, 1, 0, '', '', 0
        FROM generate_series(1, 30000) AS i;
    INSERT INTO call_outcome SELECT i % 50, i % 70, i * 1000::bigint, 1, 1, 1
        FROM generate_series(1, 30000) AS i;
    INSERT INTO record SELECT CASE WHEN i % 200 = 0 THEN 'incident' ELSE 'finding' END, 'k' || i, 's',
        'e' || i, 'c', 't', NULL, i * 1000::bigint, NULL, 1, '{}', 0, 0
        FROM generate_series(1, 20000) AS i;
    INSERT INTO record_subject
        SELECT CASE WHEN i % 200 = 0 THEN 'incident' ELSE 'finding' END, 'k' || i, i % 5000, 0
        FROM generate_series(1, 20000) AS i;
    ANALYZE;
";

/// Rows that a plan takes from a table.
fn rows_read(plan: &Plan, table: &str) -> f64 {
    let of = plan.nodes.iter().filter(|node| node.table.as_deref() == Some(table));
    of.filter_map(|node| node.rows_read).sum()
}

fn statement(file: &str, parameters: &[(&str, &str)]) -> Result<WorkloadStatement, Failed> {
    let text = std::fs::read_to_string(Path::new(FOLDER).join(format!("{file}.sql")))?;
    let parameter = |(name, value): &(&str, &str)| WorkloadParameter {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
    };
    let kind = if text.contains("UPDATE ") { WorkloadKind::Write } else { WorkloadKind::Read };
    Ok(WorkloadStatement {
        store: "postgresql".to_owned(),
        name: file.to_owned(),
        kind,
        text,
        parameters: parameters.iter().map(parameter).collect(),
        count: 1,
        error_count: 0,
        rows: 0,
        seconds_total: 1.0,
        seconds_longest: 1.0,
        bins: [(1, 1)].into(),
    })
}

async fn measured(tuning: &dyn Tuning, one: &Targeted) -> Result<Plan, Failed> {
    let (_, _, file, parameters) = one;
    Ok(tuning.plan(&context(), &statement(file, parameters)?, PlanMode::Measured).await?)
}

/// Loads, measures with every index, drops them, measures without, and makes them again by what is known of
/// the schema.
#[expect(clippy::print_stdout, reason = "the table is what the trial is for")]
pub fn used() -> Result<(), Failed> {
    block_on(async {
        let database = Database::new().await?;
        let server = Postgres::open(database.options()).await?;
        let tuning = server.tuning();
        let client = database.client().await?;
        client.batch_execute(LOAD).await?;
        let before = tuning.tables(&context()).await?;
        let mut with = Vec::new();
        for one in TARGETED {
            let plan = measured(tuning.as_ref(), one).await?;
            let is_used = plan.nodes.iter().any(|node| node.index.as_deref() == Some(one.0));
            assert!(is_used, "{} is not used by {}: {:?}", one.0, one.2, plan.nodes);
            with.push(plan);
        }
        for (index, ..) in TARGETED {
            client.batch_execute(&format!("DROP INDEX ubiquitous.{index}")).await?;
        }
        println!(
            "{:24} {:22} {:>10} {:>10} {:>9} {:>9}",
            "index", "question", "rows with", "without", "ms with", "without"
        );
        for (one, with) in TARGETED.iter().zip(&with) {
            let without = measured(tuning.as_ref(), one).await?;
            let index = before.indexes.iter().find(|index| index.name == one.0);
            let table = &index.ok_or_else(|| format!("{} is not there", one.0))?.table;
            let (few, many) = (rows_read(with, table), rows_read(&without, table));
            let ms = |plan: &Plan| plan.seconds.unwrap_or(0.0) * 1e3;
            println!(
                "{:24} {:22} {few:>10.0} {many:>10.0} {:>9.2} {:>9.2}",
                one.0,
                one.1,
                ms(with),
                ms(&without)
            );
            assert!(many >= 5.0 * few.max(1.0), "{}: {few} rows with it, {many} without", one.0);
        }
        let report = tuning.tables(&context()).await?;
        let missing: Vec<&str> = report.missing.iter().map(|one| one.name.as_str()).collect();
        for (index, ..) in TARGETED {
            assert!(missing.contains(index), "{index} is missing, and nobody says so: {missing:?}");
        }
        // One is left broken, as an interrupted making leaves it: it is dropped and made again.
        client.batch_execute(BROKEN).await?;
        for one in &report.missing {
            let known = model::fact::TuningIndex {
                name: one.name.clone(),
                definition: one.definition.clone(),
            };
            let change = model::fact::TuningChange::IndexCreate {
                table: one.table.clone(),
                columns: one.columns.clone(),
                known: Some(known),
            };
            let steps = tuning.steps(&context(), &change).await?.ok_or("no steps")?;
            tuning.run(&steps.statements).await?;
        }
        let report = tuning.tables(&context()).await?;
        assert!(report.missing.is_empty(), "{:?}", report.missing);
        parts(tuning.as_ref(), &client).await
    })
}

/// An index on a partitioned table is made on each partition and attached: the parent's is valid then.
async fn parts(tuning: &dyn Tuning, client: &tokio_postgres::Client) -> Result<(), Failed> {
    client
        .batch_execute(
            "CREATE TABLE IF NOT EXISTS ubiquitous.sample_w1 PARTITION OF ubiquitous.sample \
             FOR VALUES FROM (0) TO (1000)",
        )
        .await?;
    let change = model::fact::TuningChange::IndexCreate {
        table: "sample".to_owned(),
        columns: vec!["observed_at".to_owned()],
        known: None,
    };
    let steps = tuning.steps(&context(), &change).await?.ok_or("no steps")?;
    tuning.run(&steps.statements).await?;
    let report = tuning.tables(&context()).await?;
    let index =
        report.indexes.iter().find(|one| one.table == "sample" && one.columns == ["observed_at"]);
    let index = index.ok_or_else(|| format!("no index on the parent: {:?}", report.indexes))?;
    assert!(index.is_valid, "{index:?}");
    tuning.run(&steps.undo).await?;
    let report = tuning.tables(&context()).await?;
    let is_left = report.indexes.iter().any(|one| one.columns == ["observed_at"]);
    assert!(!is_left, "the indexes of the partitions went with it");
    Ok(())
}
