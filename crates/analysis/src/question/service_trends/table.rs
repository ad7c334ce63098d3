//! The tables of `service_trends`.

use model::table::{Cell, Table};
use serde_json::json;

use super::shape::ServiceTrendsAnswer;

impl ServiceTrendsAnswer {
    /// The tables of the answer; the values of every bucket only when services were named.
    pub fn tables(&self, with_values: bool) -> Vec<Table> {
        let mut tables = vec![
            self.signal_table(),
            self.anomaly_table(),
            self.change_table(),
            self.objective_table(),
            self.burn_table(),
            self.forecast_table(),
        ];
        if with_values {
            tables.push(self.value_table());
        }
        tables
    }

    fn signal_table(&self) -> Table {
        let columns = [
            ("name", "Service", Cell::Text, ""),
            ("signal", "Signal", Cell::Text, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("mean", "Mean", Cell::Number, ""),
            ("deviation", "Deviation", Cell::Number, ""),
            ("p50", "p50", Cell::Number, ""),
            ("p95", "p95", Cell::Number, ""),
            ("p99", "p99", Cell::Number, ""),
            ("usual", "Usual", Cell::Number, ""),
            ("season", "Season", Cell::Text, ""),
            ("direction", "Trend", Cell::Text, ""),
            ("change_ratio", "Change", Cell::Number, "1"),
            ("p_adjusted", "p", Cell::Number, "1"),
            ("previous_ratio", "Against the period before", Cell::Number, "1"),
            ("week_ratio", "Against a week earlier", Cell::Number, "1"),
            ("changes", "Changes of level", Cell::Count, ""),
            ("anomalies", "Anomalies", Cell::Count, ""),
            ("gaps", "Gaps", Cell::Count, ""),
            ("source", "Source", Cell::Text, ""),
            ("metric", "Metric", Cell::Text, ""),
            ("reason", "Why empty", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let mut table = Table::new("signals", &columns);
        for service in &self.services {
            for one in &service.signals {
                let summary = &one.summary;
                let against = |period: &str| {
                    let found = one.comparisons.iter().find(|one| one.period == period);
                    json!(found.and_then(|one| one.change_ratio.value))
                };
                table.rows.push(vec![
                    json!(service.name),
                    json!(one.signal),
                    json!(one.unit),
                    json!(summary.mean.value),
                    json!(summary.deviation.value),
                    json!(summary.p50.value),
                    json!(summary.p95.value),
                    json!(summary.p99.value),
                    json!(summary.baseline.level.value),
                    json!(summary.baseline.season),
                    json!(summary.trend.direction),
                    json!(summary.trend.change_ratio.value),
                    json!(summary.trend.p_adjusted),
                    against("previous"),
                    against("week_before"),
                    json!(summary.changes.len()),
                    json!(summary.anomalies.len()),
                    json!(summary.gaps),
                    json!(one.source),
                    json!(one.metric),
                    json!(one.reason),
                    json!(service.id),
                ]);
            }
        }
        table
    }

    fn anomaly_table(&self) -> Table {
        let columns = [
            ("name", "Service", Cell::Text, ""),
            ("signal", "Signal", Cell::Text, ""),
            ("from", "From", Cell::Instant, ""),
            ("to", "To", Cell::Instant, ""),
            ("peak_at", "Farthest at", Cell::Instant, ""),
            ("value", "Value", Cell::Number, ""),
            ("expected", "Expected", Cell::Number, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("score", "Deviations", Cell::Number, "1"),
            ("reason", "Why", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let mut table = Table::new("anomalies", &columns);
        for service in &self.services {
            for signal in &service.signals {
                for one in &signal.summary.anomalies {
                    table.rows.push(vec![
                        json!(service.name),
                        json!(signal.signal),
                        json!(one.from),
                        json!(one.to),
                        json!(one.peak_at),
                        json!(one.value.value),
                        json!(one.expected.value),
                        json!(signal.unit),
                        json!(one.score),
                        json!(one.reason),
                        json!(service.id),
                    ]);
                }
            }
        }
        table
    }

    fn change_table(&self) -> Table {
        let columns = [
            ("name", "Service", Cell::Text, ""),
            ("signal", "Signal", Cell::Text, ""),
            ("at", "At", Cell::Instant, ""),
            ("earliest", "Earliest", Cell::Instant, ""),
            ("latest", "Latest", Cell::Instant, ""),
            ("before", "Before", Cell::Number, ""),
            ("after", "After", Cell::Number, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("change_ratio", "Change", Cell::Number, "1"),
            ("id", "Id", Cell::Text, ""),
        ];
        let mut table = Table::new("changes", &columns);
        for service in &self.services {
            for signal in &service.signals {
                for one in &signal.summary.changes {
                    table.rows.push(vec![
                        json!(service.name),
                        json!(signal.signal),
                        json!(one.at),
                        json!(one.earliest),
                        json!(one.latest),
                        json!(one.before.value),
                        json!(one.after.value),
                        json!(signal.unit),
                        json!(one.change_ratio.value),
                        json!(service.id),
                    ]);
                }
            }
        }
        table
    }

    fn objective_table(&self) -> Table {
        let columns = [
            ("name", "Service", Cell::Text, ""),
            ("objective", "Objective", Cell::Text, ""),
            ("indicator", "Indicator", Cell::Text, ""),
            ("target", "Target", Cell::Number, "1"),
            ("attainment", "Attained", Cell::Number, "1"),
            ("budget_left", "Budget left", Cell::Number, "1"),
            ("verdict", "Burn", Cell::Text, ""),
            ("window_seconds", "Window", Cell::Number, "s"),
            ("apdex", "Apdex", Cell::Number, "1"),
            ("reason", "Why empty", Cell::Text, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("source", "Source", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let mut table = Table::new("objectives", &columns);
        for service in &self.services {
            for one in &service.objectives {
                table.rows.push(vec![
                    json!(service.name),
                    json!(one.name),
                    json!(one.indicator),
                    json!(one.target),
                    json!(one.attainment.value),
                    json!(one.budget_left.value),
                    json!(one.verdict),
                    json!(one.window_seconds),
                    json!(service.apdex.value.value),
                    json!(one.attainment.reason),
                    json!(one.owner),
                    json!(one.source),
                    json!(service.id),
                ]);
            }
        }
        table
    }

    fn burn_table(&self) -> Table {
        let columns = [
            ("name", "Service", Cell::Text, ""),
            ("objective", "Objective", Cell::Text, ""),
            ("long_seconds", "Longer window", Cell::Count, "s"),
            ("short_seconds", "Shorter window", Cell::Count, "s"),
            ("limit", "Limit", Cell::Number, "1"),
            ("long", "Burn, longer", Cell::Number, "1"),
            ("short", "Burn, shorter", Cell::Number, "1"),
            ("is_burning", "Alarm", Cell::Flag, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let mut table = Table::new("burns", &columns);
        for service in &self.services {
            for objective in &service.objectives {
                for one in &objective.burns {
                    table.rows.push(vec![
                        json!(service.name),
                        json!(objective.name),
                        json!(one.long_seconds),
                        json!(one.short_seconds),
                        json!(one.limit),
                        json!(one.long.value),
                        json!(one.short.value),
                        json!(one.is_burning),
                        json!(service.id),
                    ]);
                }
            }
        }
        table
    }

    /// The last value to come of each forecast; every value stands in the answer.
    fn forecast_table(&self) -> Table {
        let columns = [
            ("name", "Service", Cell::Text, ""),
            ("signal", "Signal", Cell::Text, ""),
            ("at", "At", Cell::Instant, ""),
            ("value", "Value", Cell::Number, ""),
            ("low", "Low", Cell::Number, ""),
            ("high", "High", Cell::Number, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("method", "Method", Cell::Text, ""),
            ("coverage", "Held in trials", Cell::Number, "1"),
            ("id", "Id", Cell::Text, ""),
        ];
        let mut table = Table::new("forecasts", &columns);
        for service in &self.services {
            for signal in &service.signals {
                let Some(forecast) = &signal.forecast else { continue };
                let Some(point) = forecast.points.last() else { continue };
                table.rows.push(vec![
                    json!(service.name),
                    json!(signal.signal),
                    json!(point.at),
                    json!(point.value),
                    json!(point.low),
                    json!(point.high),
                    json!(signal.unit),
                    json!(forecast.method),
                    json!(forecast.coverage),
                    json!(service.id),
                ]);
            }
        }
        table
    }

    fn value_table(&self) -> Table {
        let columns = [
            ("name", "Service", Cell::Text, ""),
            ("signal", "Signal", Cell::Text, ""),
            ("at", "At", Cell::Instant, ""),
            ("value", "Value", Cell::Number, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let mut table = Table::new("values", &columns);
        let step = (self.grid.step_seconds * 1e6) as i64;
        for service in &self.services {
            for signal in &service.signals {
                for (place, value) in (0_i64..).zip(&signal.values) {
                    let Some(value) = value else { continue };
                    table.rows.push(vec![
                        json!(service.name),
                        json!(signal.signal),
                        json!(self.grid.from.plus(step * place)),
                        json!(value),
                        json!(signal.unit),
                        json!(service.id),
                    ]);
                }
            }
        }
        table
    }
}
