//! `ubiquitous export`: the estate as rows of our own format, to read it elsewhere.

use std::io::{self, Write};

use clap::Args;
use model::Micros;

use crate::configuration::Configuration;
use crate::exit::{Exit, Failure};
use crate::problem::Problem;
use crate::{estate, export, output, owner};

/// Options.
#[derive(Debug, Args)]
pub struct Export {
    /// Instant to export, RFC 3339 or a date [default: the state in force]
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<String>,
}

/// Runs the command: ndjson on stdout.
pub fn run(export: &Export, configuration: &Configuration) -> Result<Exit, Failure> {
    let as_of = match &export.as_of {
        None => None,
        Some(text) => Some(Micros::of(model::time::instant(text).map_err(|reason| {
            Failure::from(Problem::bad_request("as_of", format!("`{text}`: {reason}")))
        })?)),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = match owner::find(&configuration.data_dir())? {
        Some(owner) => owner.export(as_of, &mut out)?,
        None => by_ourselves(as_of, configuration, &mut out)?,
    };
    output::written(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
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
