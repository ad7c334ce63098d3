//! `ubiquitous store copy`.

use std::path::PathBuf;

use clap::Args;
use model::table::{Cell, Table};

use super::Everywhere;
use crate::configuration::Configuration;
use crate::estate::copy;
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};

/// Options.
#[derive(Debug, Args)]
pub struct Copy {
    /// Data folder of the copy; its journal is there, whatever else is on servers
    #[arg(long, value_name = "DIR")]
    pub into_data_dir: PathBuf,
    /// Neo4j that takes entities and relations [default: the data folder of the copy]
    #[arg(long, value_name = "URL", default_value = "")]
    pub into_topology_url: String,
    /// PostgreSQL that takes telemetry and records [default: the data folder of the copy]
    #[arg(long, value_name = "URL", default_value = "")]
    pub into_telemetry_url: String,
}

/// Copies what the configured stores hold, and counts both sides.
pub fn run(
    options: &Copy,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let data_dir = options.into_data_dir.display().to_string();
    let into = configuration.clone().with(&[
        ("data_dir", data_dir.as_str()),
        ("topology_url", options.into_topology_url.as_str()),
        ("telemetry_url", options.into_telemetry_url.as_str()),
    ])?;
    let copied = super::runtime()?.block_on(copy::copy(configuration, &into))?;
    let mut table = Table::new(
        "rows",
        &[
            ("kind", "Kind", Cell::Text, ""),
            ("from", "From", Cell::Count, ""),
            ("into", "Into", Cell::Count, ""),
        ],
    );
    for one in &copied.rows {
        table.rows.push(vec![one.kind.clone().into(), one.from.into(), one.into.into()]);
    }
    output::tables(&copied, &[table], everywhere.output, &everywhere.tables)?;
    let is_equal = copied.differences == 0;
    if everywhere.output == Output::Table {
        output::say(&match is_equal {
            true => format!("{} kinds counted on both sides, no difference", copied.rows.len()),
            false => format!("{} kinds differ: do not use the copy", copied.differences),
        });
    }
    Ok(if is_equal { Exit::Done } else { Exit::Breached })
}
