//! The tables of a report: key figures, decisions, each list, and the questions behind it.

use model::table::{Cell, Table};
use serde_json::{Value, json};

use super::shape::{ReportAnswer, ReportCell, ReportFigure, ReportList, ReportValue};

/// The tables, figures first.
pub fn tables(answer: &ReportAnswer) -> Vec<Table> {
    let mut all = vec![figures(answer), decisions(answer)];
    all.extend(answer.lists.iter().map(list));
    all.extend([parts(answer), assumptions(answer)]);
    all
}

/// Value, amount, unit or currency, and the reason of a figure.
fn cells_of(figure: &ReportFigure) -> [Value; 4] {
    match &figure.value {
        ReportValue::Money(money) => {
            [Value::Null, json!(money.amount), json!(money.currency), json!(money.reason)]
        }
        ReportValue::Measure(one) => {
            [json!(one.value), Value::Null, json!(one.unit), json!(one.reason)]
        }
    }
}

fn figures(answer: &ReportAnswer) -> Table {
    let columns = [
        ("group", "Theme", Cell::Text, ""),
        ("figure", "Figure", Cell::Text, ""),
        ("value", "Value", Cell::Number, ""),
        ("amount", "Amount", Cell::Amount, ""),
        ("unit", "Unit", Cell::Text, ""),
        ("reason", "Reason", Cell::Text, ""),
        ("note", "Note", Cell::Text, ""),
        ("part", "Question", Cell::Text, ""),
    ];
    let mut table = Table::new("figures", &columns);
    for group in &answer.groups {
        for figure in &group.figures {
            let mut row = vec![json!(group.title), json!(figure.title)];
            row.extend(cells_of(figure));
            row.push(json!(figure.note));
            row.push(json!(figure.sources.first().map(|one| &one.part)));
            table.rows.push(row);
        }
    }
    table
}

fn decisions(answer: &ReportAnswer) -> Table {
    let columns = [
        ("decision", "Decision", Cell::Text, ""),
        ("why", "Why", Cell::Text, ""),
        ("harm", "Harm of waiting", Cell::Text, ""),
        ("money_of", "Money", Cell::Text, ""),
        ("amount", "Amount", Cell::Amount, ""),
        ("currency", "Currency", Cell::Text, ""),
        ("reason", "Reason", Cell::Text, ""),
        ("risk", "Risk", Cell::Text, ""),
        ("effort", "Effort", Cell::Text, ""),
        ("owner", "Owner", Cell::Text, ""),
        ("target", "Target", Cell::Text, ""),
    ];
    let mut table = Table::new("decisions", &columns);
    for one in &answer.decisions {
        let [_, amount, currency, reason] = cells_of(&one.money);
        table.rows.push(vec![
            json!(one.title),
            json!(one.why),
            json!(one.harm),
            json!(one.money.title),
            amount,
            currency,
            reason,
            json!(one.risk),
            json!(one.effort),
            json!(one.owner),
            json!(one.target),
        ]);
    }
    table
}

fn list(list: &ReportList) -> Table {
    let mut columns = vec![("key", "Key", Cell::Text, ""), ("name", "Name", Cell::Text, "")];
    let is_listed = |key: &str| !matches!(key, "key" | "name" | "currency");
    for column in list.columns.iter().filter(|column| is_listed(&column.key)) {
        let (cell, unit) = match column.cell.as_str() {
            "money" | "change" => (Cell::Amount, ""),
            "ratio" => (Cell::Number, "1"),
            "count" | "measure" => (Cell::Number, ""),
            _ => (Cell::Text, ""),
        };
        columns.push((&column.key, &column.title, cell, unit));
    }
    columns.push(("currency", "Currency", Cell::Text, ""));
    let mut table = Table::new(&list.key, &columns);
    for row in &list.rows {
        let mut cells = vec![json!(row.key), json!(row.name)];
        let mut currency = Value::Null;
        for (column, cell) in list.columns.iter().zip(&row.cells) {
            if !is_listed(&column.key) {
                continue;
            }
            cells.push(match cell {
                ReportCell::Text(text) => json!(text.text),
                ReportCell::Figure(figure) => match &figure.value {
                    ReportValue::Money(money) => {
                        currency = json!(money.currency);
                        match column.cell.as_str() {
                            "money" | "change" => json!(money.amount),
                            _ => json!(figure.number()),
                        }
                    }
                    // A column of amounts holds an amount or nothing.
                    ReportValue::Measure(one) => match column.cell.as_str() {
                        "money" | "change" => json!(one.value.map(|value| value.to_string())),
                        _ => json!(one.value),
                    },
                },
            });
        }
        cells.push(currency);
        table.rows.push(cells);
    }
    table
}

fn parts(answer: &ReportAnswer) -> Table {
    let columns = [
        ("part", "Part", Cell::Text, ""),
        ("question", "Question", Cell::Text, ""),
        ("source", "Source", Cell::Text, ""),
        ("as_of", "As of", Cell::Instant, ""),
        ("reason", "Missing because", Cell::Text, ""),
        ("detail", "Detail", Cell::Text, ""),
    ];
    let mut table = Table::new("parts", &columns);
    for part in &answer.parts {
        table.rows.push(vec![
            json!(part.key),
            json!(part.question),
            json!(part.source),
            json!(part.as_of),
            json!(part.reason),
            json!(part.detail),
        ]);
    }
    table
}

fn assumptions(answer: &ReportAnswer) -> Table {
    let columns = [
        ("assumption", "Assumption", Cell::Text, ""),
        ("of", "Of", Cell::Text, ""),
        ("text", "In words", Cell::Text, ""),
        ("set_by", "Set by", Cell::Text, ""),
        ("set_at", "Set at", Cell::Instant, ""),
    ];
    let mut table = Table::new("assumptions", &columns);
    for one in &answer.assumptions {
        let row = [json!(one.name), json!(one.of), json!(one.text), json!(one.set_by)];
        table.rows.push(row.into_iter().chain([json!(one.set_at)]).collect());
    }
    table
}
