//! `ubiquitous store status|migrate|compact|backup|verify|restore|copy`.

use clap::{Args, Subcommand};
use model::table::{Cell, Table};

use super::{Everywhere, backup, copy};
use crate::configuration::Configuration;
use crate::estate::{Estate, store_options};
use crate::exit::{Exit, Failure};
use crate::{output, owner};

/// Options.
#[derive(Debug, Args)]
pub struct Store {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Sizes, rows and versions
    Status,
    /// Bring the store to this program's version
    Migrate,
    /// Give the space of deleted rows back; needs the folder for itself
    Compact,
    /// Write everything that the data folder holds into another folder, beside a running server too
    Backup(backup::Backup),
    /// Read a whole backup and say what of it differs from when it was made
    Verify(backup::Verify),
    /// Put a backup into a data folder that holds nothing
    Restore(backup::Restore),
    /// Copy everything into other stores that hold nothing, and count both sides
    Copy(copy::Copy),
}

/// Runs the command.
pub fn run(
    store: &Store,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    match &store.command {
        StoreCommand::Backup(options) => backup::back_up(options, configuration, everywhere),
        StoreCommand::Verify(options) => backup::verify(options, everywhere),
        StoreCommand::Copy(options) => copy::run(options, configuration, everywhere),
        StoreCommand::Restore(options) => backup::restore(options, configuration, everywhere),
        StoreCommand::Status => status(configuration, everywhere),
        StoreCommand::Migrate => {
            // Opening migrates; a folder of a newer program is refused with its version.
            super::runtime()?.block_on(async {
                let estate = Estate::open(configuration).await?;
                let status = estate.store_status().await;
                estate.close().await;
                match status? {
                    Some(status) => {
                        let areas = status.schema.iter().map(|(area, n)| format!("{area} {n}"));
                        output::line(&format!("schema: {}", areas.collect::<Vec<_>>().join(", ")))
                    }
                    None => output::line("the servers' schemas are of this version"),
                }
            })?;
            Ok(Exit::Done)
        }
        StoreCommand::Compact => {
            let done = store_embedded::compact(&store_options(configuration))?;
            output::line(&format!(
                "{} before, {} after",
                bytes(done.before_bytes),
                bytes(done.after_bytes)
            ))?;
            Ok(Exit::Done)
        }
    }
}

fn status(configuration: &Configuration, everywhere: &Everywhere) -> Result<Exit, Failure> {
    if let Some(owner) = owner::find(&configuration.data_dir())? {
        let status: crate::http::Status = owner.get("/api/v1/status")?;
        held(&status, everywhere)?;
        output::say(&format!("served at http://{}", owner.address()));
        return Ok(Exit::Done);
    }
    let (whole, in_folder) = super::runtime()?.block_on(async {
        let estate = Estate::open_to_read(configuration).await?;
        let status = (estate.status().await, estate.store_status().await);
        estate.close().await;
        Ok::<_, Failure>((status.0?, status.1?))
    })?;
    let Some(status) = in_folder else { return held(&whole, everywhere) };
    let mut table = rows_table();
    for (name, rows) in &status.rows {
        table.rows.push(vec![name.clone().into(), (*rows).into()]);
    }
    output::tables(&status, &[table], everywhere.output, &everywhere.tables)?;
    if everywhere.output == output::Output::Table {
        output::say(&format!(
            "{}: file {}, log {}, {} free; DuckDB {}",
            status.folder.display(),
            bytes(status.file_bytes),
            bytes(status.log_bytes),
            bytes(status.free_bytes),
            status.engine
        ));
        output::say(&match &status.estate_file {
            None => "no file of the estate: opening reads every row".to_owned(),
            Some(file) => estate_file(file),
        });
    }
    Ok(Exit::Done)
}

/// From what opening reads.
fn estate_file(file: &store_embedded::EstateFileStatus) -> String {
    let written = file.written_at.map_or_else(String::new, |at| {
        let minutes = jiff::Timestamp::now().duration_since(at).as_mins().max(0);
        format!(", written {at} ({} h {} min ago)", minutes / 60, minutes % 60)
    });
    let read = match (&file.rows_after, &file.unusable) {
        (Some(rows), _) => format!("opening reads it and {rows} rows after it"),
        (None, Some(why)) => format!("opening reads every row, because {why}"),
        (None, None) => "opening reads every row".to_owned(),
    };
    format!("file of the estate: {}{written}; {read}", bytes(file.bytes))
}

/// What the stores hold, wherever they are.
fn held(status: &crate::http::Status, everywhere: &Everywhere) -> Result<Exit, Failure> {
    let mut table = rows_table();
    table.rows.push(vec!["entity".into(), status.entities.into()]);
    table.rows.push(vec!["relation".into(), status.relations.into()]);
    for kind in &status.presence {
        table.rows.push(vec![kind.data.clone().into(), kind.rows.into()]);
    }
    output::tables(status, &[table], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}

fn rows_table() -> Table {
    Table::new("rows", &[("table", "Table", Cell::Text, ""), ("rows", "Rows", Cell::Count, "")])
}

/// In binary units with one decimal.
pub fn bytes(count: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut value, mut unit) = (count as f64, 0);
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{count} B") } else { format!("{value:.1} {}", units[unit]) }
}
