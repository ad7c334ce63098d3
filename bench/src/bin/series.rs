//! The series load at a scale through the telemetry seam of the embedded store: writing, then every question
//! about series over 30 days through `analysis::answer` without a cache; and the same questions on raw rows
//! in a plain PostgreSQL, with the answers compared.
//! `cargo xtask bench series --servers -- --scale 0.1 --draws 100`; scale 1 is 103.68 million samples.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::time::Instant;

use analysis::question_of;
use anyhow::{Context, Result, bail};
use bench::machine;
use bench::percentile::Times;
use bench::series_load::{context, services, write};
use bench::series_rows::{Rows, charts_agree, costs_agree};
use model::EntityId;
use scenario::series::{SIGNALS, SeriesLoad};
use serde_json::{Value, json};
use store_embedded::{Options, Store};

/// Seed of the load and of the draws.
const SEED: u64 = 1;
/// Address of a PostgreSQL of its own, as `cargo xtask` gives it.
const POSTGRES: &str = "UBIQUITOUS_TEST_POSTGRES_URL";

fn main() -> Result<()> {
    let (mut scale, mut draws) = (0.1_f64, 100_usize);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--scale", Some(value)) => scale = value.parse()?,
            ("--draws", Some(value)) => draws = value.parse()?,
            _ => bail!("takes --scale N and --draws N"),
        }
    }
    machine::print();
    let folder = tempfile::tempdir()?;
    let load = SeriesLoad::new(SEED, scale, bench::series_load::END);
    println!(
        "load: scale {scale}, {} series, {} samples, {} charges, {} incidents",
        load.series_count(),
        load.sample_count(),
        load.charge_count(),
        load.incidents().count()
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut options = Options::new(folder.path());
    options.reserve.bytes = 0;
    options.reserve.share = 0.0;
    let store = Store::open(&options)?;
    let services = runtime.block_on(services(&store, &load, folder.path()))?;
    runtime.block_on(write(&store, &load, &services))?;
    drop(store);
    println!("data folder: {} MiB", machine::folder_bytes(folder.path()) >> 20);
    let begun = Instant::now();
    let store = Store::open(&options)?;
    println!("open, page cache warm: {:.2} s", begun.elapsed().as_secs_f64());
    let asked = runtime.block_on(questions(&store, &load, &services, draws))?;
    match std::env::var(POSTGRES) {
        Ok(url) => runtime.block_on(compared(&url, &load, &services, &asked, draws)),
        Err(_) => {
            println!("no PostgreSQL to compare with: {POSTGRES} is not set");
            Ok(())
        }
    }
}

/// Median times of what is asked of PostgreSQL too, in milliseconds, with the first answer of each.
struct Asked {
    health: f64,
    charts: (f64, Value),
    costs: (f64, Value),
}

/// Whole services whose series a chart shows.
fn charted(services: &[(EntityId, String)], some: usize, draw: usize) -> Vec<String> {
    (0..some.min(services.len()))
        .map(|one| services[(draw * 7 + one * 13) % services.len()].1.clone())
        .collect()
}

fn charts(services: &[(EntityId, String)], some: usize, draw: usize) -> Value {
    let entity = charted(services, some, draw);
    json!({"entity": entity, "series": true, "series_window": "P30D", "buckets": 60})
}

const BY: [&str; 2] = ["service", "account"];

async fn questions(
    store: &Store,
    load: &SeriesLoad,
    services: &[(EntityId, String)],
    draws: usize,
) -> Result<Asked> {
    let few = draws.min(40);
    let (health, _) =
        ask(store, "health, 15 minutes, all series", "system_metrics", draws, &|_| json!({}))
            .await?;
    let mut asked_charts = (0.0, Value::Null);
    for count in [20_usize, 50] {
        // Whole services: the number of series is the next multiple of a service's.
        let some = count.div_ceil(SIGNALS.len());
        let name = format!("charts, 30 days, {} series", some * SIGNALS.len());
        let asked = |draw: usize| charts(services, some, draw);
        asked_charts = ask(store, &name, "system_metrics", draws, &asked).await?;
    }
    let costs = |draw: usize| json!({"by": [BY[draw % 2]], "window": "all"});
    let costs =
        ask(store, "cost, 90 days, by service or account", "cost_analysis", few, &costs).await?;
    let cost_month = |_: usize| json!({"by": ["service"], "window": "P30D"});
    ask(store, "cost, 30 days, by service", "cost_analysis", few, &cost_month).await?;
    for window in ["P1D", "P30D"] {
        let trends = |_: usize| json!({"window": window, "forecast": false});
        let name = format!("trends, {window}, a page of 20 services");
        ask(store, &name, "service_trends", few, &trends).await?;
    }
    let forecasts = |_: usize| json!({"window": "P30D", "limit": 50});
    ask(
        store,
        "trends, changes and forecasts, P30D, 50 services",
        "service_trends",
        few,
        &forecasts,
    )
    .await?;
    for (name, question) in [
        ("database performance, 30 days", "database_performance"),
        ("latency matrix, 30 days", "latency_matrix"),
        ("business value, 30 days", "business_value"),
        ("incidents, 30 days", "incidents"),
    ] {
        ask(store, name, question, few, &|_| json!({"window": "P30D"})).await?;
    }
    ask(store, "security events", "security_events", few, &|_| json!({})).await?;
    let newest: Vec<_> = load.incidents().collect();
    let suspects = |draw: usize| {
        let one = &newest[newest.len() - 1 - draw % newest.len().min(20)];
        json!({"incident": format!("incident-{}", one.number)})
    };
    ask(store, "suspects of an incident", "incidents/suspects", few, &suspects).await?;
    Ok(Asked { health, charts: asked_charts, costs })
}

/// Asks once with nothing cached by the store, then many times; gives the median and the first answer.
async fn ask(
    store: &Store,
    what: &str,
    question: &str,
    draws: usize,
    params: &dyn Fn(usize) -> Value,
) -> Result<(f64, Value)> {
    let question = question_of(question).context("no such question")?;
    let mut times = Times::default();
    let (mut first, mut answer) = (0.0, Value::Null);
    for draw in 0..=draws {
        let ctx = context(store);
        let begun = Instant::now();
        let envelope = match analysis::answer(question, params(draw), &ctx).await {
            Ok(envelope) => envelope,
            Err(error) => {
                println!("{what}: {error}");
                return Ok((f64::NAN, Value::Null));
            }
        };
        let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
        if draw == 0 {
            (first, answer) = (milliseconds, serde_json::to_value(&envelope)?);
        } else {
            times.add(milliseconds);
        }
    }
    println!("{what}: first {first:.1} ms, then {}", times.line());
    Ok((times.at(0.5), answer))
}

/// The same of raw rows in PostgreSQL; answers compared, and how many times longer it takes.
async fn compared(
    url: &str,
    load: &SeriesLoad,
    services: &[(EntityId, String)],
    asked: &Asked,
    draws: usize,
) -> Result<()> {
    let rows = Rows::filled(url, load).await?;
    let few = draws.min(20);
    let mut times = Times::default();
    for _ in 0..few {
        let begun = Instant::now();
        rows.health().await?;
        times.add(begun.elapsed().as_secs_f64() * 1e3);
    }
    ratio("health", &times, asked.health);
    let some = 50_usize.div_ceil(SIGNALS.len());
    let numbers = |draw: usize| -> Vec<i32> {
        let of = |one: usize| (draw * 7 + one * 13) % services.len();
        (0..some.min(services.len())).map(|one| of(one) as i32).collect()
    };
    let mut times = Times::default();
    for draw in 0..few {
        let begun = Instant::now();
        let found = rows.charts(&numbers(draw)).await?;
        times.add(begun.elapsed().as_secs_f64() * 1e3);
        if draw == 0 {
            println!("charts: {}", charts_agree(&asked.charts.1, &found)?);
        }
    }
    ratio("charts, 30 days", &times, asked.charts.0);
    let mut times = Times::default();
    for draw in 0..few {
        let begun = Instant::now();
        let found = rows.costs(BY[draw % 2]).await?;
        times.add(begun.elapsed().as_secs_f64() * 1e3);
        if draw == 0 {
            println!("costs: {}", costs_agree(&asked.costs.1, &found)?);
        }
    }
    ratio("cost, 90 days", &times, asked.costs.0);
    Ok(())
}

fn ratio(what: &str, times: &Times, ours: f64) {
    let ratio = times.at(0.5) / ours;
    println!("{what}, plain PostgreSQL on raw rows: {}; {ratio:.1} times ours", times.line());
}
