//! The tables of `business_value`.

use model::table::{Cell, Column, Table};
use serde_json::{Value, json};

use super::shape::{
    BusinessValueAnswer, ValueComparison, ValueMetric, ValueMoney, ValuePeriod, ValueSubject,
};
use crate::value::downtime_table;

/// A column as [`Table::new`] takes it.
type Columns = [(&'static str, &'static str, Cell, &'static str)];

/// The columns of what is compared.
const COMPARED: [(&str, &str, Cell, &str); 7] = [
    ("compared_days", "Days with cost", Cell::Count, "d"),
    ("compared_value", "Value of these", Cell::Amount, ""),
    ("cost_currency", "Cost in", Cell::Text, ""),
    ("effective_cost", "Cost", Cell::Amount, ""),
    ("unit_cost", "Unit cost", Cell::Amount, ""),
    ("return_ratio", "Return", Cell::Number, "1"),
    ("return_note", "Why no return", Cell::Text, ""),
];

impl BusinessValueAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            self.metrics(),
            self.periods(),
            self.costs(),
            self.per_request(),
            self.realised(),
            downtime_table("downtime", &self.downtime),
            self.automations(),
            self.assumed(),
        ]
    }

    fn rows<'a>(&'a self) -> impl Iterator<Item = (&'a ValueSubject, &'a ValueMetric)> {
        let pairs =
            |subject: &'a ValueSubject| subject.metrics.iter().map(move |metric| (subject, metric));
        self.subjects.iter().flat_map(pairs)
    }

    fn metrics(&self) -> Table {
        let columns: &Columns =
            &[("value", "Value", Cell::Amount, ""), ("days", "Days", Cell::Count, "d")];
        let end: &Columns = &[
            ("value_change", "Change of value", Cell::Number, "1"),
            ("unit_cost_change", "Change of unit cost", Cell::Number, "1"),
            ("source", "Source", Cell::Text, ""),
            ("added_up_from", "Added up from", Cell::Text, ""),
        ];
        let mut table = of_metrics("metrics", &[columns, &COMPARED, end].concat());
        for (subject, metric) in self.rows() {
            for cost in costs_or_none(&metric.compared) {
                let mut row = named(subject, metric);
                row.extend([json!(metric.value), json!(metric.days)]);
                row.extend(compared(&metric.compared, cost));
                let change = metric.change.as_ref();
                row.extend([
                    json!(change.and_then(|change| change.value.value)),
                    json!(change.and_then(|change| change.unit_cost.value)),
                    json!(metric.source),
                    json!(metric.added_up_from.join(", ")),
                ]);
                table.rows.push(row);
            }
        }
        table
    }

    fn periods(&self) -> Table {
        let columns: &Columns = &[
            ("from", "From", Cell::Instant, ""),
            ("to", "To", Cell::Instant, ""),
            ("is_complete", "Whole", Cell::Flag, ""),
            ("value", "Value", Cell::Amount, ""),
            ("days", "Days", Cell::Count, "d"),
        ];
        let mut table = of_metrics("periods", &[columns, &COMPARED].concat());
        for (subject, metric) in self.rows() {
            for period in &metric.periods {
                for cost in costs_or_none(&period.compared) {
                    let mut row = named(subject, metric);
                    row.extend(period_cells(period));
                    row.extend(compared(&period.compared, cost));
                    table.rows.push(row);
                }
            }
        }
        table
    }

    fn costs(&self) -> Table {
        let columns = [
            ("id", "Of", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("currency", "Currency", Cell::Text, ""),
            ("effective_cost", "Cost", Cell::Amount, ""),
            ("origin", "Origin", Cell::Text, ""),
            ("rows_without", "Charges without", Cell::Count, ""),
            ("metric_count", "Value metrics", Cell::Count, ""),
        ];
        let mut table = Table::new("costs", &columns);
        let row = |id: Value, kind: Value, name: Value, money: &ValueMoney, count: Value| {
            vec![
                id,
                kind,
                name,
                json!(money.currency),
                json!(money.amount),
                json!(money.origin),
                json!(money.rows_without),
                count,
            ]
        };
        for one in &self.subjects {
            for money in &one.costs {
                let count = json!(one.metrics.len());
                let (id, kind, name) = (json!(one.id), json!(one.kind), json!(one.name));
                table.rows.push(row(id, kind, name, money, count));
            }
        }
        for money in &self.unowned {
            let none = json!(null);
            table.rows.push(row(none.clone(), none.clone(), json!("nobody's"), money, none));
        }
        table
    }

    fn per_request(&self) -> Table {
        let columns = [
            ("entry", "Entry point", Cell::Text, ""),
            ("metric", "Metric", Cell::Text, ""),
            ("currency", "Currency", Cell::Text, ""),
            ("of", "Value of", Cell::Text, ""),
            ("entries", "Entry points", Cell::Count, ""),
            ("days", "Days", Cell::Count, "d"),
            ("value", "Value", Cell::Amount, ""),
            ("requests", "Requests", Cell::Number, "count"),
            ("per_request", "Value per request", Cell::Amount, ""),
            ("reason", "Why not", Cell::Text, ""),
        ];
        let mut table = Table::new("requests", &columns);
        for one in &self.requests {
            table.rows.push(vec![
                json!(one.entry),
                json!(one.metric),
                json!(one.currency),
                json!(one.of),
                json!(one.entries.len()),
                json!(one.days),
                json!(one.value),
                json!(one.requests.value),
                json!(one.per_request),
                json!(one.reason),
            ]);
        }
        table
    }

    fn realised(&self) -> Table {
        let columns = [
            ("target", "Saving", Cell::Text, ""),
            ("status", "Status", Cell::Text, ""),
            ("done_at", "Done", Cell::Instant, ""),
            ("done_by", "By", Cell::Text, ""),
            ("accepted_by", "Accepted by", Cell::Text, ""),
            ("days", "Days since", Cell::Count, "d"),
            ("currency", "Currency", Cell::Text, ""),
            ("daily_before", "A day before", Cell::Amount, ""),
            ("cost_since", "Since, at old prices", Cell::Amount, ""),
            ("charged_since", "Since, as charged", Cell::Amount, ""),
            ("saving", "Saved", Cell::Amount, ""),
        ];
        let mut table = Table::new("savings", &columns);
        for one in &self.savings.realised {
            let start = vec![
                json!(one.target),
                json!(one.status),
                json!(one.done_at),
                json!(one.done_by),
                json!(one.accepted_by),
                json!(one.days),
            ];
            for amount in &one.amounts {
                let mut row = start.clone();
                row.extend([
                    json!(amount.currency),
                    json!(amount.daily_before),
                    json!(amount.cost_since),
                    json!(amount.charged_since),
                    json!(amount.saving),
                ]);
                table.rows.push(row);
            }
            if one.amounts.is_empty() {
                let mut row = start;
                row.extend(std::iter::repeat_n(json!(null), 5));
                table.rows.push(row);
            }
        }
        table
    }

    fn automations(&self) -> Table {
        let columns = [
            ("metric", "Metric", Cell::Text, ""),
            ("of", "Of", Cell::Text, ""),
            ("hours", "Hours", Cell::Amount, "h"),
            ("source", "Source", Cell::Text, ""),
        ];
        let row = |one: &super::shape::AutomationHours| {
            vec![json!(one.metric), json!(one.of), json!(one.hours), json!(one.source)]
        };
        let rows = self.automation.metrics.iter().map(row).collect();
        Table { rows, ..Table::new("automation", &columns) }
    }

    fn assumed(&self) -> Table {
        let columns = [
            ("name", "Assumption", Cell::Text, ""),
            ("of", "Of", Cell::Text, ""),
            ("value", "Value", Cell::Text, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("set_by", "Set by", Cell::Text, ""),
            ("set_at", "Set", Cell::Instant, ""),
            ("note", "What it does", Cell::Text, ""),
        ];
        let row = |one: &crate::value::ValueAssumption| {
            vec![
                json!(one.name),
                json!(one.of),
                json!(one.value),
                json!(one.unit),
                json!(one.set_by),
                json!(one.set_at),
                json!(one.note),
            ]
        };
        let rows = self.assumptions.iter().map(row).collect();
        Table { rows, ..Table::new("assumptions", &columns) }
    }
}

/// A table that begins with whose metric a row is of.
fn of_metrics(name: &str, columns: &Columns) -> Table {
    let start: &Columns = &[
        ("id", "Of", Cell::Text, ""),
        ("name", "Name", Cell::Text, ""),
        ("metric", "Metric", Cell::Text, ""),
        ("currency", "Currency", Cell::Text, ""),
        ("value_unit", "Unit", Cell::Text, ""),
    ];
    let mut table = Table::new(name, start);
    let more: Vec<Column> = Table::new(name, columns).columns;
    table.columns.extend(more);
    table
}

fn named(subject: &ValueSubject, metric: &ValueMetric) -> Vec<Value> {
    vec![
        json!(subject.id),
        json!(subject.name),
        json!(metric.metric),
        json!(metric.currency),
        json!(metric.value_unit),
    ]
}

fn period_cells(period: &ValuePeriod) -> Vec<Value> {
    vec![
        json!(period.from),
        json!(period.to),
        json!(period.is_complete),
        json!(period.value),
        json!(period.days),
    ]
}

/// Places of the costs, one row each; one row without any.
fn costs_or_none(compared: &ValueComparison) -> Vec<Option<usize>> {
    match compared.costs.len() {
        0 => vec![None],
        count => (0..count).map(Some).collect(),
    }
}

fn compared(compared: &ValueComparison, cost: Option<usize>) -> Vec<Value> {
    let money = cost.and_then(|place| compared.costs.get(place));
    let unit_cost = cost.and_then(|place| compared.unit_costs.get(place));
    vec![
        json!(compared.days),
        json!(compared.value),
        json!(money.map(|one| &one.currency)),
        json!(money.and_then(|one| one.amount)),
        json!(unit_cost.and_then(|one| one.amount)),
        json!(compared.return_ratio.value),
        json!(compared.return_note),
    ]
}
