//! The tables of what the days show.

use model::table::{Cell, Table};
use serde_json::{Value, json};

use super::shape::CostAnalysisAnswer;

/// One text for the values of a group; `total` for everything together.
fn of(values: &[Option<String>], is_total: bool) -> Value {
    if is_total {
        return json!("total");
    }
    let texts: Vec<&str> = values.iter().map(|one| one.as_deref().unwrap_or("")).collect();
    json!(texts.join(" / "))
}

impl CostAnalysisAnswer {
    /// Unusual days.
    pub(super) fn anomalies(&self) -> Table {
        let mut table = Table::new(
            "anomalies",
            &[
                ("currency", "Currency", Cell::Text, ""),
                ("of", "Of", Cell::Text, ""),
                ("from", "From", Cell::Instant, ""),
                ("to", "To", Cell::Instant, ""),
                ("days", "Days", Cell::Count, ""),
                ("amount", "Used", Cell::Amount, ""),
                ("expected", "Usual", Cell::Amount, ""),
                ("excess", "Difference", Cell::Amount, ""),
                ("score", "Score", Cell::Number, "1"),
                ("driver", "Driven by", Cell::Text, ""),
            ],
        );
        for currency in &self.currencies {
            for one in currency.days.iter().flat_map(|days| &days.anomalies) {
                let driver = one.driver.as_ref().map(|driver| of(&driver.values, false));
                table.rows.push(vec![
                    json!(currency.currency),
                    of(&one.values, one.is_total),
                    json!(one.from),
                    json!(one.to),
                    json!(one.days),
                    json!(one.amount),
                    json!(one.expected),
                    json!(one.excess),
                    json!(one.score),
                    json!(driver),
                ]);
            }
        }
        table
    }

    /// Trends.
    pub(super) fn trends(&self) -> Table {
        let mut table = Table::new(
            "trends",
            &[
                ("currency", "Currency", Cell::Text, ""),
                ("of", "Of", Cell::Text, ""),
                ("start", "A day at the start", Cell::Amount, ""),
                ("end", "A day at the end", Cell::Amount, ""),
                ("change_ratio", "Change", Cell::Number, "1"),
                ("change_low", "Change, low", Cell::Amount, ""),
                ("change_high", "Change, high", Cell::Amount, ""),
                ("p", "p", Cell::Number, "1"),
                ("is_trend", "Trend", Cell::Flag, ""),
                ("reason", "Reason", Cell::Text, ""),
            ],
        );
        for currency in &self.currencies {
            for one in currency.days.iter().flat_map(|days| &days.trends) {
                table.rows.push(vec![
                    json!(currency.currency),
                    of(&one.values, one.is_total),
                    json!(one.start),
                    json!(one.end),
                    json!(one.change_ratio),
                    json!(one.change.map(|[low, _]| low)),
                    json!(one.change.map(|[_, high]| high)),
                    json!(one.p),
                    json!(one.is_trend),
                    json!(one.reason),
                ]);
            }
        }
        table
    }

    /// Where the month leads.
    pub(super) fn forecasts(&self) -> Table {
        let columns = forecast_columns();
        let mut table = Table::new("forecast", &columns);
        for currency in &self.currencies {
            let Some(one) = currency.days.as_ref().and_then(|days| days.forecast.as_ref()) else {
                continue;
            };
            table.rows.push(vec![
                json!(currency.currency),
                json!(one.from),
                json!(one.to),
                json!(one.settled),
                json!(one.actual),
                json!(one.scheduled_to_come),
                json!(one.usage_to_come),
                json!(one.amount),
                json!(one.low),
                json!(one.high),
                json!(one.method),
                json!(one.reason),
            ]);
        }
        table
    }

    /// What is expected again in the month.
    pub(super) fn scheduled(&self) -> Table {
        let mut table = Table::new(
            "scheduled",
            &[
                ("currency", "Currency", Cell::Text, ""),
                ("category", "Charge category", Cell::Text, ""),
                ("frequency", "Charge frequency", Cell::Text, ""),
                ("service", "Service", Cell::Text, ""),
                ("charged", "Charged so far", Cell::Amount, ""),
                ("expected", "To come", Cell::Amount, ""),
            ],
        );
        for currency in &self.currencies {
            let forecast = currency.days.as_ref().and_then(|days| days.forecast.as_ref());
            for one in forecast.iter().flat_map(|forecast| &forecast.scheduled) {
                table.rows.push(vec![
                    json!(currency.currency),
                    json!(one.category),
                    json!(one.frequency),
                    json!(one.service),
                    json!(one.charged),
                    json!(one.expected),
                ]);
            }
        }
        table
    }
}

fn forecast_columns() -> [(&'static str, &'static str, Cell, &'static str); 12] {
    [
        ("currency", "Currency", Cell::Text, ""),
        ("from", "From", Cell::Instant, ""),
        ("to", "To", Cell::Instant, ""),
        ("settled", "Settled until", Cell::Instant, ""),
        ("actual", "Charged by then", Cell::Amount, ""),
        ("scheduled_to_come", "Scheduled to come", Cell::Amount, ""),
        ("usage_to_come", "Usage to come", Cell::Amount, ""),
        ("amount", "At the end", Cell::Amount, ""),
        ("low", "Low", Cell::Amount, ""),
        ("high", "High", Cell::Amount, ""),
        ("method", "Method", Cell::Text, ""),
        ("reason", "Reason", Cell::Text, ""),
    ]
}
