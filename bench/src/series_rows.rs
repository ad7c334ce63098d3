//! The series load as raw rows in a plain PostgreSQL: two tables with the indexes that these questions
//! want, and the questions in SQL.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use model::{Amount, Micros};
use scenario::series::{SIGNALS, SeriesLoad, service_name};
use serde_json::Value;
use tokio_postgres::{Client, NoTls};

use crate::series_load::{CHARGE_ROWS, END, WRITE_ROWS};

/// Buckets of a chart and their length, as the answer lays them.
const STEP: i64 = 12 * Micros::HOUR;

/// A filled PostgreSQL.
pub struct Rows(Client);

/// Mean, least and greatest value by service, metric and start of the bucket.
pub type ChartRows = BTreeMap<(String, String, i64), [f64; 3]>;

impl Rows {
    /// Connects, and writes the load.
    ///
    /// # Errors
    /// Whatever the server fails with.
    pub async fn filled(url: &str, load: &SeriesLoad) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client
            .batch_execute(
                "DROP TABLE IF EXISTS sample, charge;
                 CREATE TABLE sample (series int4, instant int8, value float8);
                 CREATE TABLE charge (day int8, account int4, product int4, billed int8)",
            )
            .await?;
        let begun = Instant::now();
        let insert =
            "INSERT INTO sample SELECT * FROM unnest($1::int4[], $2::int8[], $3::float8[])";
        let insert = client.prepare(insert).await?;
        for chunk in load.samples(WRITE_ROWS) {
            let series: Vec<i32> = chunk.series.iter().map(|one| *one as i32).collect();
            client.execute(&insert, &[&series, &chunk.time, &chunk.value]).await?;
        }
        let insert = "INSERT INTO charge SELECT * FROM unnest($1::int8[], $2::int4[], $3::int4[], $4::int8[])";
        let insert = client.prepare(insert).await?;
        for chunk in load.charges(CHARGE_ROWS) {
            let account: Vec<i32> = chunk.account.iter().map(|one| *one as i32).collect();
            let product: Vec<i32> = chunk.product.iter().map(|one| *one as i32).collect();
            client.execute(&insert, &[&chunk.day, &account, &product, &chunk.billed]).await?;
        }
        client
            .batch_execute(
                "CREATE INDEX ON sample (series, instant); CREATE INDEX ON sample (instant);
                 VACUUM ANALYZE sample; VACUUM ANALYZE charge",
            )
            .await?;
        println!("PostgreSQL filled and indexed: {:.1} s", begun.elapsed().as_secs_f64());
        Ok(Self(client))
    }

    /// The newest value, the mean and the greatest of each series over 15 minutes.
    ///
    /// # Errors
    /// Whatever the server fails with.
    pub async fn health(&self) -> Result<usize> {
        let from = (END - 900) * Micros::SECOND;
        let sql = "SELECT series, count(*), avg(value), max(value), max(instant) FROM sample
                   WHERE instant >= $1 GROUP BY series";
        Ok(self.0.query(sql, &[&from]).await?.len())
    }

    /// 30 days of some services in buckets.
    ///
    /// # Errors
    /// Whatever the server fails with.
    pub async fn charts(&self, services: &[i32]) -> Result<ChartRows> {
        let count = SIGNALS.len() as i32;
        let series: Vec<i32> =
            services.iter().flat_map(|one| (0..count).map(move |n| one * count + n)).collect();
        let to = END * Micros::SECOND + 20 * Micros::SECOND;
        let (from, step) = (to - 30 * Micros::DAY, STEP);
        let sql = "SELECT series, instant / $4::int8 * $4::int8, avg(value), min(value), max(value)
                   FROM sample WHERE series = ANY($1) AND instant >= $2 AND instant < $3
                   GROUP BY 1, 2";
        let rows = self.0.query(sql, &[&series, &from, &to, &step]).await?;
        let one = |row: &tokio_postgres::Row| {
            let series: i32 = row.get(0);
            let service = service_name((series / count) as u32);
            let metric = SIGNALS[(series % count) as usize].0.to_owned();
            ((service, metric, row.get(1)), [row.get(2), row.get(3), row.get(4)])
        };
        Ok(rows.iter().map(one).collect())
    }

    /// Billed amounts of everything by one dimension, exact.
    ///
    /// # Errors
    /// Whatever the server fails with.
    pub async fn costs(&self, by: &str) -> Result<BTreeMap<String, Amount>> {
        let (column, is_service) = match by {
            "service" => ("product", true),
            _ => ("account", false),
        };
        let sql = format!("SELECT {column}, sum(billed)::text FROM charge GROUP BY 1");
        let mut found = BTreeMap::new();
        for row in self.0.query(&sql, &[]).await? {
            let number: i32 = row.get(0);
            let name =
                if is_service { format!("product-{number}") } else { format!("{number:012}") };
            let units: i128 = row.get::<_, String>(1).parse()?;
            found.insert(name, Amount(units * 100_000_000));
        }
        Ok(found)
    }
}

/// Compares the charts of an answer with rows; says how many values were compared.
///
/// # Errors
/// When a value differs by more than a billionth, or too few are in both.
pub fn charts_agree(answer: &Value, rows: &ChartRows) -> Result<String> {
    let charts = answer["data"]["series"].as_array().context("an answer with charts")?;
    let (mut same, mut inside) = (0, 0);
    for chart in charts {
        let text = |name: &str| chart[name].as_str().unwrap_or_default();
        let service = text("entity").rsplit('/').next().unwrap_or_default().to_owned();
        ensure!(chart["step_seconds"].as_f64() == Some(STEP as f64 / 1e6), "another step");
        for point in chart["points"].as_array().into_iter().flatten() {
            let at: jiff::Timestamp = point["at"].as_str().unwrap_or_default().parse()?;
            let key = (service.clone(), text("metric").to_owned(), at.as_microsecond());
            let Some(row) = rows.get(&key) else { continue };
            inside += 1;
            let found = [&point["value"], &point["min"], &point["max"]].map(Value::as_f64);
            let is_same = found.iter().zip(row).all(|(found, row)| {
                found.is_none_or(|found| (found - row).abs() <= 1e-9 * row.abs().max(1e-9))
            });
            same += usize::from(is_same);
        }
    }
    // The first bucket of a window may be cut at another instant.
    ensure!(inside * 10 > rows.len() * 9, "{inside} of {} buckets are in both", rows.len());
    ensure!(same * 100 >= inside * 96, "{same} of {inside} buckets agree");
    Ok(format!("{same} of {inside} buckets agree"))
}

/// Compares billed sums of an answer with rows, to the last digit.
///
/// # Errors
/// When a sum differs.
pub fn costs_agree(answer: &Value, rows: &BTreeMap<String, Amount>) -> Result<String> {
    let groups =
        answer["data"]["currencies"][0]["groups"].as_array().context("an answer with groups")?;
    let mut same = 0;
    for group in groups {
        let Some(row) = rows.get(group["values"][0].as_str().unwrap_or_default()) else { continue };
        let found = group["costs"]["billed"]["amount"].as_str().unwrap_or_default();
        ensure!(found == row.to_string(), "{group}: {row}");
        same += 1;
    }
    ensure!(same > 0, "no group is in both");
    Ok(format!("{same} of {} sums agree to the last digit", rows.len()))
}
