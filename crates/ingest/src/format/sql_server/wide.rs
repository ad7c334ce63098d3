//! Lines `measurement;server;type;value;value;…` whose columns are databases, categories of waits,
//! volumes, clerks of memory or users of CPU.

use model::entity::Labels;
use model::series::SeriesType;

use super::{Row, TOTAL, Table, Value, snake};

/// What the columns of a type are.
fn label_of(of: &str) -> &'static str {
    match of.to_lowercase().as_str() {
        "database io"
        | "database size"
        | "database stats"
        | "database overview"
        | "database properties" => "database",
        "wait stats" => "category",
        "os volume space" => "volume",
        "memory clerk" => "clerk",
        "cpu" => "process",
        _ => "name",
    }
}

/// Reads the lines; `names` are those of the columns.
pub fn read(names: &[String], rows: &[Row], table: &mut Table<'_>) {
    for row in rows {
        let (measurement, server, of) = (row.cell(0), row.cell(1), row.cell(2));
        let metric = format!("sqlserver_{}_{}", snake(of), snake(measurement));
        let label = label_of(of);
        for (at, name) in names.iter().enumerate().skip(3) {
            if name.is_empty() || row.cell(at).is_empty() {
                continue;
            }
            let Some(value) = table.number(row, at, name) else { continue };
            let is_total = name.eq_ignore_ascii_case("total") || name.eq_ignore_ascii_case(TOTAL);
            let name = if is_total { TOTAL } else { name };
            let labels = Labels::from([(label.to_owned(), name.to_owned())]);
            table.put(
                row.line,
                Value {
                    server,
                    metric: metric.clone(),
                    labels,
                    series_type: SeriesType::Gauge,
                    has_signal: true,
                    at: None,
                    value,
                },
            );
        }
    }
}
