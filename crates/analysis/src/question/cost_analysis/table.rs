//! The tables of `cost_analysis`.

use model::fact::BillFact;
use model::table::{Cell, Column, Table};
use serde_json::{Value, json};

use super::dimension::DimensionParam;
use super::shape::{CostAnalysisAnswer, CostGroup, Costs, CurrencyCost, Mover};

/// The columns of the four bases.
const BASES: [(&str, &str, Cell, &str); 4] = [
    ("billed_cost", "Billed", Cell::Amount, ""),
    ("effective_cost", "Effective", Cell::Amount, ""),
    ("list_cost", "List", Cell::Amount, ""),
    ("contracted_cost", "Contracted", Cell::Amount, ""),
];

fn amounts(costs: &Costs) -> Vec<Value> {
    let all = [&costs.billed, &costs.effective, &costs.list, &costs.contracted];
    all.iter().map(|money| json!(money.amount)).collect()
}

/// What stands in the cells of the dimensions; the rest is named by how many groups it sums.
fn cells(values: &[Option<String>], others: u64, width: usize) -> Vec<Value> {
    if others == 0 {
        return values.iter().map(|value| json!(value)).collect();
    }
    let mut cells = vec![json!(null); width];
    if let Some(first) = cells.first_mut() {
        *first = json!(format!("{others} others"));
    }
    cells
}

impl CostAnalysisAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            self.groups(),
            self.categories(),
            self.over_time(),
            self.groups_over_time(),
            self.movers(),
            self.anomalies(),
            self.trends(),
            self.forecasts(),
            self.scheduled(),
            self.unattributed(),
            bills("not_counted", self.not_counted.iter().map(|one| (&one.bill, Some(&one.reason)))),
            bills("counted", self.counted.iter().map(|bill| (bill, None))),
        ]
    }

    /// The columns of the dimensions.
    fn dimension_columns(&self) -> Vec<Column> {
        let column = |name: &String| Column {
            name: name.clone(),
            title: name.parse::<DimensionParam>().map_or_else(|_| name.clone(), |one| one.title()),
            cell: Cell::Text,
            unit: String::new(),
        };
        self.dimensions.iter().map(column).collect()
    }

    /// A table with the columns of the dimensions first.
    fn by_dimensions(&self, name: &str, columns: &[(&str, &str, Cell, &str)]) -> Table {
        let mut table = Table::new(name, columns);
        table.columns.splice(0..0, self.dimension_columns());
        table
    }

    fn groups(&self) -> Table {
        let rest =
            [("currency", "Currency", Cell::Text, ""), ("share", "Share", Cell::Number, "1")];
        let mut columns = vec![rest[0]];
        columns.extend(BASES);
        columns.extend([rest[1], ("rows", "Rows", Cell::Count, "")]);
        let mut table = self.by_dimensions("groups", &columns);
        let width = self.dimensions.len();
        for currency in &self.currencies {
            let row = |group: &CostGroup| {
                let mut row = cells(&group.values, group.others, width);
                row.push(json!(currency.currency));
                row.extend(amounts(&group.costs));
                row.extend([json!(group.share), json!(group.rows)]);
                row
            };
            table.rows.extend(currency.groups.iter().map(row));
            let mut total = vec![json!(null); width];
            if let Some(first) = total.first_mut() {
                *first = json!("total");
            }
            total.push(json!(currency.currency));
            total.extend(amounts(&currency.total));
            total.extend([json!(null), json!(currency.rows)]);
            table.rows.push(total);
        }
        table
    }

    fn categories(&self) -> Table {
        let mut columns = vec![
            ("category", "Charge category", Cell::Text, ""),
            ("currency", "Currency", Cell::Text, ""),
        ];
        columns.extend(BASES);
        let mut table = Table::new("categories", &columns);
        for currency in &self.currencies {
            for category in &currency.categories {
                let mut row = vec![json!(category.category), json!(currency.currency)];
                row.extend(amounts(&category.costs));
                table.rows.push(row);
            }
        }
        table
    }

    fn over_time(&self) -> Table {
        let mut columns = vec![
            ("at", "From", Cell::Instant, ""),
            ("until", "To", Cell::Instant, ""),
            ("currency", "Currency", Cell::Text, ""),
        ];
        columns.extend(BASES);
        columns.extend([
            ("is_complete", "Complete", Cell::Flag, ""),
            ("is_provisional", "Provisional", Cell::Flag, ""),
        ]);
        let mut table = Table::new("over_time", &columns);
        for currency in &self.currencies {
            for point in &currency.over_time {
                let mut row = vec![json!(point.at), json!(point.until), json!(currency.currency)];
                row.extend(amounts(&point.costs));
                row.extend([json!(point.is_complete), json!(point.is_provisional)]);
                table.rows.push(row);
            }
        }
        table
    }

    fn groups_over_time(&self) -> Table {
        let name = format!("{}_cost", self.basis.as_str());
        let columns = [
            ("at", "From", Cell::Instant, ""),
            ("currency", "Currency", Cell::Text, ""),
            (name.as_str(), "Cost", Cell::Amount, ""),
        ];
        let mut table = self.by_dimensions("groups_over_time", &columns);
        for currency in &self.currencies {
            for point in &currency.over_time {
                for (group, amount) in currency.groups.iter().zip(&point.groups) {
                    let Some(amount) = amount else { continue };
                    let mut row = cells(&group.values, group.others, self.dimensions.len());
                    row.extend([json!(point.at), json!(currency.currency), json!(amount)]);
                    table.rows.push(row);
                }
            }
        }
        table
    }

    fn movers(&self) -> Table {
        let columns = [
            ("currency", "Currency", Cell::Text, ""),
            ("before", "Before", Cell::Amount, ""),
            ("after", "After", Cell::Amount, ""),
            ("change", "Change", Cell::Amount, ""),
            ("change_ratio", "Change", Cell::Number, "1"),
        ];
        let mut table = self.by_dimensions("movers", &columns);
        for currency in &self.currencies {
            let movers = currency.movers.iter().flat_map(|movers| &movers.movers);
            let row = |mover: &Mover| {
                let mut row = cells(&mover.values, mover.others, self.dimensions.len());
                row.extend([
                    json!(currency.currency),
                    json!(mover.before),
                    json!(mover.after),
                    json!(mover.change),
                    json!(mover.change_ratio),
                ]);
                row
            };
            table.rows.extend(movers.map(row));
        }
        table
    }

    fn unattributed(&self) -> Table {
        let mut columns =
            vec![("lacks", "Lacks", Cell::Text, ""), ("currency", "Currency", Cell::Text, "")];
        columns.extend(BASES);
        columns.push(("share", "Share", Cell::Number, "1"));
        let mut table = Table::new("unattributed", &columns);
        for currency in &self.currencies {
            table.rows.extend(unattributed_rows(currency));
        }
        table
    }
}

fn unattributed_rows(currency: &CurrencyCost) -> Vec<Vec<Value>> {
    let these = &currency.unattributed;
    let row = |lacks: String, costs: &Costs, share: Option<f64>| {
        let mut row = vec![json!(lacks), json!(currency.currency)];
        row.extend(amounts(costs));
        row.push(json!(share));
        row
    };
    let mut rows = vec![
        row("owner".into(), &these.unowned, these.unowned_share),
        row("application".into(), &these.without_application, these.without_application_share),
    ];
    let tags = these.untagged.iter();
    rows.extend(tags.map(|one| row(format!("tag:{}", one.tag), &one.costs, one.share)));
    rows
}

fn bills<'a>(name: &str, bills: impl Iterator<Item = (&'a BillFact, Option<&'a String>)>) -> Table {
    let columns = [
        ("format", "Format", Cell::Text, ""),
        ("billing_account", "Billing account", Cell::Text, ""),
        ("billing_period", "Billing period", Cell::Instant, ""),
        ("delivery", "Delivery", Cell::Text, ""),
        ("exported_at", "Exported", Cell::Instant, ""),
        ("rows", "Rows", Cell::Count, ""),
        ("billed_cost", "Billed", Cell::Text, ""),
        ("state", "State", Cell::Text, ""),
        ("reason", "Reason", Cell::Text, ""),
    ];
    let row = |(bill, reason): (&BillFact, Option<&String>)| {
        let billed: Vec<String> =
            bill.billed.iter().map(|(currency, amount)| format!("{amount} {currency}")).collect();
        vec![
            json!(bill.format),
            json!(bill.billing_account),
            json!(bill.billing_period),
            json!(bill.name),
            json!(bill.exported_at),
            json!(bill.rows),
            json!(billed.join(", ")),
            json!(bill.state),
            json!(reason),
        ]
    };
    Table { rows: bills.map(row).collect(), ..Table::new(name, &columns) }
}
