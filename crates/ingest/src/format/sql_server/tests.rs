//! Tables in both forms; expectations are written from what Microsoft's pages say of each counter type.

use std::ops::ControlFlow;

use model::series::{SeriesObservation, SeriesType};
use model::{Batch, EntityKind};

use crate::InputContext;

fn read(text: &str) -> (Vec<SeriesObservation>, Vec<String>, Vec<Batch>) {
    let mut batches = Vec::new();
    let context =
        InputContext { received_at: model::Micros(1_790_000_000_000_000), ..Default::default() };
    let summary = crate::read("counters.txt", text.as_bytes(), &context, &mut |batch| {
        batches.push(batch);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(summary.inputs[0].record.format, "sql-server");
    let series = batches.iter().flat_map(|batch| batch.series.clone()).collect();
    let rejects = batches.iter().flat_map(|batch| &batch.rejects);
    let rejects = rejects.map(|one| format!("{}: {}", one.location, one.reason)).collect();
    (series, rejects, batches)
}

fn of<'s>(all: &'s [SeriesObservation], metric: &str) -> &'s SeriesObservation {
    let found: Vec<_> = all.iter().filter(|one| one.metric == metric).collect();
    assert_eq!(
        found.len(),
        1,
        "{metric} in {:?}",
        all.iter().map(|one| &one.metric).collect::<Vec<_>>()
    );
    found[0]
}

const COLLECTED: &str = "measurement;servername;type;value\n\
    Batch Requests/sec | SQLServer:SQL Statistics;DB-1;Performance counters;42\n\
    Buffer cache hit ratio | SQLServer:Buffer Manager;DB-1;Performance counters;1\n\
    Buffer cache hit ratio base | SQLServer:Buffer Manager;DB-1;Performance counters;2448\n\
    Cache Hit Ratio | _Total | SQLServer:Plan Cache;DB-1;Performance counters;0\n\
    Cache Hit Ratio Base | _Total | SQLServer:Plan Cache;DB-1;Performance counters;6\n\
    Usage | name with \" quote | SQLServer:Deprecated Features;DB-1;Performance counters;3\n\
    no counter;DB-1;Performance counters;3\n\
    Lock Waits/sec | _Total | SQLServer:Locks;DB-1;Performance counters;x\n";

#[test]
fn a_collector_that_divided_has_rates_and_ratios() {
    let (series, rejects, batches) = read(COLLECTED);
    let rate = of(&series, "sqlserver_sql_statistics_batch_requests_per_second");
    assert_eq!((rate.signal.as_deref(), rate.series_type), (Some("query_rate"), SeriesType::Gauge));
    assert_eq!(rate.points[0].value, 42.0);
    let ratio = of(&series, "sqlserver_buffer_manager_buffer_cache_hit_ratio");
    assert_eq!((ratio.signal.as_deref(), ratio.points[0].value), (Some("cache_hit_ratio"), 1.0));
    // A ratio cut to 0 is between 0 and 1: kept, and not said to be 0.
    let cut = of(&series, "sqlserver_plan_cache_cache_hit_ratio");
    assert_eq!((cut.signal.as_deref(), cut.points[0].value), (None, 0.0));
    assert_eq!(of(&series, "sqlserver_deprecated_features_usage").points[0].value, 3.0);
    assert_eq!(rejects.len(), 2, "{rejects:?}");
    let entity = &batches[0].entities[0];
    assert_eq!(entity.id.as_str(), "sqlserver://db-1");
    assert_eq!(
        (entity.kind, &entity.properties["engine"]),
        (EntityKind::Database, &"sqlserver".into())
    );
    assert_eq!(entity.relations[0].to.label(), "computer:db-1");
}

#[test]
fn a_collector_that_did_not_divide_has_totals() {
    let raw = COLLECTED.replace(
        "Manager;DB-1;Performance counters;1\n",
        "Manager;DB-1;Performance counters;2442\n",
    );
    let (series, ..) = read(&raw);
    let total = of(&series, "sqlserver_sql_statistics_batch_requests_total");
    assert_eq!(
        (total.signal.as_deref(), total.series_type),
        (Some("query_count"), SeriesType::Counter)
    );
    let ratio = of(&series, "sqlserver_buffer_manager_buffer_cache_hit_ratio");
    assert!((ratio.points[0].value - 2442.0 / 2448.0).abs() < 1e-12);
}

#[test]
fn the_view_of_counters_by_its_types() {
    let text = "object_name,counter_name,instance_name,cntr_value,cntr_type,servername\n\
        MSSQL$A:SQL Statistics,Batch Requests/sec,,900,272696576,DB-1\\A\n\
        MSSQL$A:Buffer Manager,Buffer cache hit ratio,,95,537003264,DB-1\\A\n\
        MSSQL$A:Buffer Manager,Buffer cache hit ratio base,,100,1073939712,DB-1\\A\n\
        MSSQL$A:Buffer Manager,Page life expectancy,,300,65792,DB-1\\A\n\
        MSSQL$A:Locks,Average Wait Time (ms),_Total,700,1073874176,DB-1\\A\n\
        MSSQL$A:Locks,Average Wait Time Base,_Total,7,1073939712,DB-1\\A\n\
        MSSQL$A:Locks,Something,_Total,7,99,DB-1\\A\n";
    let (series, rejects, batches) = read(text);
    let total = of(&series, "sqlserver_sql_statistics_batch_requests_total");
    assert_eq!(total.series_type, SeriesType::Counter);
    let ratio = of(&series, "sqlserver_buffer_manager_buffer_cache_hit_ratio");
    assert!((ratio.points[0].value - 0.95).abs() < 1e-12);
    let life = of(&series, "sqlserver_buffer_manager_page_life_expectancy");
    assert_eq!(
        (life.signal.as_deref(), life.series_type),
        (Some("page_life_seconds"), SeriesType::Gauge)
    );
    let average = of(&series, "sqlserver_locks_average_wait_time_ms");
    assert_eq!(average.series_type, SeriesType::Counter);
    assert_eq!(batches[0].entities[0].id.as_str(), "sqlserver://db-1/a");
    assert!(rejects.len() == 1 && rejects[0].contains("cntr_type"), "{rejects:?}");
}

#[test]
fn waits_of_the_view_are_totals_by_category() {
    let text = "wait_type,waiting_tasks_count,wait_time_ms,signal_wait_time_ms,servername,time\n\
        LCK_M_X,3,1500,10,DB-1,2026-10-01T00:00:00Z\n\
        LCK_M_X,5,2500,12,DB-1,2026-10-01T00:05:00Z\n\
        LAZYWRITER_SLEEP,9,900000,0,DB-1,2026-10-01T00:00:00Z\n";
    let (series, rejects, _) = read(text);
    assert!(rejects.is_empty(), "{rejects:?}");
    let locks: Vec<_> = series
        .iter()
        .filter(|one| {
            one.metric == "sqlserver_wait_time_ms_total" && one.labels["category"] == "Lock"
        })
        .collect();
    assert_eq!(locks.len(), 1);
    assert_eq!((locks[0].signal.as_deref(), locks[0].points.len()), (Some("wait_seconds"), 2));
    let idle = series.iter().filter(|one| one.labels["category"] == "Idle");
    assert!(idle.clone().count() == 3 && idle.clone().all(|one| one.signal.is_none()));
}

#[test]
fn columns_are_databases_categories_and_volumes() {
    let text = "measurement;servername;type;sales;tempdb;Total\n\
        Rows (reads/sec);DB-1;Database IO;3;4;7\n";
    let (series, ..) = read(text);
    let of: Vec<_> = series
        .iter()
        .map(|one| (one.labels["database"].as_str(), one.points[0].value, one.signal.as_deref()))
        .collect();
    let signal = Some("read_operation_rate");
    assert_eq!(of, [("sales", 3.0, signal), ("tempdb", 4.0, signal), ("_Total", 7.0, signal)]);
    let (series, ..) =
        read("measurement;servername;type;Lock;Total\nWait time (ms);DB-1;Wait stats;250;250\n");
    assert_eq!(series[0].labels["category"], "Lock");
    assert_eq!(
        (series[0].signal.as_deref(), series[0].series_type),
        (Some("wait_seconds"), SeriesType::Delta)
    );
}

#[test]
fn a_table_without_rows_says_so() {
    let (series, rejects, _) =
        read("measurement;servername;type;Point In Time Recovery;Available;");
    assert!(series.is_empty());
    assert!(rejects.len() == 1 && rejects[0].contains("no row"), "{rejects:?}");
}

proptest::proptest! {
    #[test]
    fn no_table_panics(text in "measurement;servername;type;value\\n[A-z |;:\\n0-9%/.\"]{0,120}") {
        let _ = crate::inspect("x", text.as_bytes(), &InputContext::default());
    }
}
