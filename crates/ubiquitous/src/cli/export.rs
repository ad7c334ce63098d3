//! `ubiquitous export`: the estate as rows of our own format, to read it elsewhere, or as files for a bulk
//! load into Neo4j.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use model::Micros;

use crate::configuration::Configuration;
use crate::exit::{Exit, Failure};
use crate::export::neo4j_csv::{ENTITIES, Neo4jCsv, RELATIONS};
use crate::problem::Problem;
use crate::{estate, export, output, owner};

/// Options.
#[derive(Debug, Args)]
pub struct Export {
    /// Instant to export, RFC 3339 or a date [default: the state in force]
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<String>,
    /// Form of the rows
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: Format,
    /// Folder that takes the files of `neo4j-csv`
    #[arg(long, value_name = "FOLDER", required_if_eq("format", "neo4j-csv"))]
    pub into: Option<PathBuf>,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum Format {
    /// Rows of our own format, ndjson on stdout
    #[default]
    Own,
    /// Files for `neo4j-admin database import`
    Neo4jCsv,
}

/// Runs the command.
pub fn run(export: &Export, configuration: &Configuration) -> Result<Exit, Failure> {
    let as_of = match &export.as_of {
        None => None,
        Some(text) => Some(Micros::of(model::time::instant(text).map_err(|reason| {
            Failure::from(Problem::bad_request("as_of", format!("`{text}`: {reason}")))
        })?)),
    };
    match (export.format, &export.into) {
        (Format::Neo4jCsv, Some(folder)) => neo4j_csv(folder, as_of, configuration)?,
        _ => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            let written = rows(as_of, configuration, &mut out)?;
            output::written(written.and_then(|()| out.flush()))?;
        }
    }
    Ok(Exit::Done)
}

fn neo4j_csv(
    folder: &Path,
    as_of: Option<Micros>,
    configuration: &Configuration,
) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        let detail =
            format!("{}: {error}; name a new folder that may be written", folder.display());
        Failure::from(Problem::bad_request("into", detail))
    };
    let mut files = Neo4jCsv::new(folder).map_err(failed)?;
    rows(as_of, configuration, &mut files)?.and_then(|()| files.flush()).map_err(failed)?;
    output::say(&format!(
        "{} entities in {ENTITIES}, {} relations in {RELATIONS}, in {}",
        files.entity_count,
        files.relation_count,
        folder.display()
    ));
    Ok(())
}

/// Writes the rows, through the process that owns the folder or directly.
fn rows(
    as_of: Option<Micros>,
    configuration: &Configuration,
    out: &mut impl Write,
) -> Result<io::Result<()>, Failure> {
    match owner::find(&configuration.data_dir())? {
        Some(owner) => owner.export(as_of, out),
        None => by_ourselves(as_of, configuration, out),
    }
}

fn by_ourselves(
    as_of: Option<Micros>,
    configuration: &Configuration,
    out: &mut impl Write,
) -> Result<io::Result<()>, Failure> {
    let facts = super::runtime()?.block_on(async {
        let estate = estate::Estate::open_to_read(configuration).await?;
        let (ctx, _guard) = estate.read_context(&analysis::Viewer::default(), as_of);
        let facts = estate.topology().estate(&ctx).await;
        estate.close().await;
        facts
    })?;
    Ok(export::lines(&facts).try_for_each(|line| out.write_all(line.as_bytes())))
}
