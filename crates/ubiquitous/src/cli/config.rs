//! `ubiquitous config show`: each value and where it comes from.

use clap::{Args, Subcommand};
use model::table::{Cell, Table};

use super::Everywhere;
use crate::configuration::{Configuration, Value};
use crate::exit::{Exit, Failure};
use crate::output;

/// Options.
#[derive(Debug, Args)]
pub struct Config {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Every value with its origin
    Show,
}

/// Runs the command.
pub fn run(
    config: &Config,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let ConfigCommand::Show = config.command;
    let columns = [
        ("name", "Setting", Cell::Text, ""),
        ("value", "Value", Cell::Text, ""),
        ("origin", "Origin", Cell::Text, ""),
        ("meaning", "Meaning", Cell::Text, ""),
    ];
    let mut table = Table::new("settings", &columns);
    let values: Vec<Value> = configuration.values().map(Value::without_secret).collect();
    for value in &values {
        table.rows.push(vec![
            value.name.into(),
            value.value.clone().into(),
            value.origin.clone().into(),
            value.meaning.into(),
        ]);
    }
    output::tables(&values, &[table], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}
