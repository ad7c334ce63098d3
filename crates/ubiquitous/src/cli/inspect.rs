//! `ubiquitous inspect FILE…`: what each file is and why, and what it holds; nothing is stored.

use std::path::PathBuf;

use clap::Args;
use model::table::{Cell, Table};

use super::Everywhere;
use super::ingest::Context;
use crate::exit::{Exit, Failure};
use crate::load::{self, Inspection};
use crate::output;

/// Options.
#[derive(Debug, Args)]
pub struct Inspect {
    /// Files or folders; `-` is stdin
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    context: Context,
}

/// Runs the command.
pub fn run(inspect: &Inspect, everywhere: &Everywhere) -> Result<Exit, Failure> {
    let inputs = load::inputs(&inspect.paths, &inspect.context.flags()?)?;
    let mut rows = Vec::new();
    for input in &inputs.files {
        rows.extend(load::inspect(input));
    }
    let columns = [
        ("input", "Input", Cell::Text, ""),
        ("format", "Format", Cell::Text, ""),
        ("holds", "Holds", Cell::Text, ""),
        ("rejects", "Rejects", Cell::Count, "count"),
        ("why", "Recognised by", Cell::Text, ""),
    ];
    let mut table = Table::new("inputs", &columns);
    for Inspection { name, format, why, counts, rejects, .. } in &rows {
        let holds: Vec<String> = counts.iter().map(|(what, n)| format!("{n} {what}")).collect();
        table.rows.push(vec![
            name.clone().into(),
            format.clone().into(),
            holds.join(", ").into(),
            rejects.len().into(),
            why.clone().into(),
        ]);
    }
    output::tables(&rows, &[table], everywhere.output, &everywhere.tables)?;
    for reject in rows.iter().flat_map(|row| &row.rejects).chain(&inputs.rejects).take(20) {
        output::say(&format!("{}: {}: {}", reject.source, reject.location, reject.reason));
    }
    let is_unread = rows.iter().any(|row| row.format.is_none());
    Ok(if is_unread { Exit::Usage } else { Exit::Done })
}
