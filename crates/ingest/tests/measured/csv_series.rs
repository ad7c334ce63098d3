//! Tables of series from real files: labelled CloudWatch series, and data frames of a traced shop.

use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial};
use model::series::SeriesType;

use crate::{context, ensure, on_data, read_in};

const DATABASE: &str = "metrics/nab/rds_cpu_utilization_cc0c53.csv";
const SHOP: &str = "root-cause/petshop/low_traffic/noissue/metrics.csv";

pub fn trials() -> Vec<Trial> {
    vec![
        on_data("every_row_of_a_series_is_a_point", DATABASE, database),
        on_data("a_data_frame_with_three_levels_of_columns", SHOP, shop),
    ]
}

fn database(bytes: &[u8]) -> Result<(), Failed> {
    let mut context = context();
    context.entity = Some("database/orders".to_owned());
    context.signals.insert(String::new(), "cpu_utilization_percent".to_owned());
    let (_, batch) = read_in("cpu.csv", bytes, &context)?;
    ensure(batch.rejects.is_empty(), format!("{:?}", batch.rejects))?;
    let [one] = &batch.series[..] else { return Err(format!("{:?}", batch.series.len()).into()) };
    // A naive reader: every line behind the first, cut at its comma.
    let lines: Vec<f64> = std::str::from_utf8(bytes)?
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(',')?.1.trim().parse().ok())
        .collect();
    let found: Vec<f64> = one.points.iter().map(|point| point.value).collect();
    ensure(found == lines, format!("{} of {} points", found.len(), lines.len()))?;
    ensure(one.signal.as_deref() == Some("cpu_utilization_ratio"), "the signal")
}

fn shop(bytes: &[u8]) -> Result<(), Failed> {
    let mut context = context();
    for (metric, signal) in [("latency", "latency_seconds"), ("requests", "request_count")] {
        context.signals.insert(metric.to_owned(), signal.to_owned());
    }
    let (_, batch) = read_in("metrics.csv", bytes, &context)?;
    ensure(batch.rejects.is_empty(), format!("{:?}", batch.rejects))?;
    let text = std::str::from_utf8(bytes)?;
    // A naive reader: cells that are not empty below the four lines of the header.
    let cells: usize = text
        .lines()
        .skip(4)
        .map(|line| line.split(',').skip(1).filter(|cell| !cell.is_empty()).count())
        .sum();
    let points: usize = batch.series.iter().map(|one| one.points.len()).sum();
    ensure(points == cells, format!("{points} points of {cells} cells"))?;
    let names: BTreeSet<&str> =
        text.lines().next().unwrap_or_default().split(',').skip(1).collect();
    let entities: BTreeSet<&str> = batch
        .series
        .iter()
        .filter_map(|one| one.labels.get("entity"))
        .map(String::as_str)
        .collect();
    ensure(entities.is_subset(&names) && entities.len() > 30, format!("{entities:?}"))?;
    let is_quantile = |one: &&model::series::SeriesObservation| one.labels["statistic"] == "p99";
    let quantiles = batch.series.iter().filter(is_quantile);
    let is_kept = |one: &model::series::SeriesObservation| {
        one.series_type == SeriesType::Quantile && one.labels["quantile"] == "0.99"
    };
    ensure(quantiles.clone().count() > 0 && quantiles.clone().all(is_kept), "p99 is no quantile")
}
