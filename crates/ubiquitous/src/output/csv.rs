//! One table as CSV. Text that a spreadsheet would take for a formula is quoted with an apostrophe.

use std::io::{self, Write};

use model::table::{Cell, Table};
use serde_json::Value;

/// Writes the header and all rows.
pub fn write(table: &Table, out: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(table.columns.iter().map(|column| column.name.as_str()))?;
    for row in &table.rows {
        let cells = table.columns.iter().zip(row).map(|(column, value)| cell(column.cell, value));
        writer.write_record(cells)?;
    }
    writer.flush()
}

fn cell(kind: Cell, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if kind == Cell::Text => guarded(text),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Against formula injection (OWASP): such a text begins with an apostrophe.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_quoted_and_amounts_are_not() {
        let columns = [("name", "Name", Cell::Text, ""), ("cost", "Cost", Cell::Amount, "USD")];
        let mut table = Table::new("rows", &columns);
        table.rows.push(vec!["=1+1".into(), "-3.5".into()]);
        table.rows.push(vec![Value::Null, Value::Null]);
        let mut out = Vec::new();
        write(&table, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "name,cost\n'=1+1,-3.5\n,\n");
    }
}
