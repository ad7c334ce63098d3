//! `ubiquitous report`: the reports as commands, their parameters as options, all from the one list.

use analysis::{REPORTS, report_of};
use clap::{ArgMatches, Args, Command};
use model::table::{Cell, Table};
use serde_json::{Value, json};

use super::{Everywhere, ask};
use crate::configuration::Configuration;
use crate::exit::{Exit, Failure};
use crate::waiting::Waiting;
use crate::{estate, output, owner};

/// Options of `report` itself; the reports' are added by [`with_reports`].
#[derive(Debug, Args)]
pub struct Report {}

/// The command line with one command a report below `report`.
pub fn with_reports(command: Command) -> Command {
    command.mut_subcommand("report", |mut command| {
        for report in REPORTS {
            let mut one = Command::new(name_of(&report.kebab())).about(report.about());
            for parameter in report.parameters() {
                one = one.arg(ask::option(&parameter));
            }
            command = command.subcommand(one);
        }
        command.subcommand_required(false).after_help(
            "Examples:\n  ubiquitous report dashboard --unit org://business_unit/retail\n  ubiquitous \
             report fiscal --depth director --fiscal-start 2 --output csv --table periods\n\n`report` \
             alone lists the reports.",
        )
    })
}

/// `reports/value` as it stands on the command line.
fn name_of(kebab: &str) -> String {
    kebab.trim_start_matches("reports/").to_owned()
}

/// Runs the command.
pub fn run(
    _: &Report,
    matches: &ArgMatches,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let asked = matches.subcommand_matches("report").and_then(ArgMatches::subcommand);
    let Some((name, options)) = asked else { return list(everywhere) };
    let report = report_of(name).expect("clap takes only names from the list");
    let params = Value::Object(ask::given(options, report.parameters()));
    let envelope = match owner::find(&configuration.data_dir())? {
        Some(owner) => {
            let waiting = Waiting::begin(everywhere.output);
            let answer = owner.ask(&report.kebab(), &params, &waiting);
            waiting.end();
            answer?
        }
        None => super::runtime()?.block_on(async {
            let estate = estate::Estate::open_to_read(configuration).await?;
            let cancel = tokio_util::sync::CancellationToken::new();
            let ctx = estate.ask_context(analysis::Viewer::default(), cancel.clone());
            let params = estate.report_params(params);
            let answer = tokio::select! {
                answer = analysis::report(report, params, &ctx) => {
                    answer.map(|one| one.envelope.clone()).map_err(Failure::from)
                }
                _ = tokio::signal::ctrl_c() => {
                    cancel.cancel();
                    Err(crate::exit::interrupted("the report was stopped"))
                }
            };
            estate.close().await;
            answer
        })?,
    };
    output::envelope(&envelope, everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}

fn list(everywhere: &Everywhere) -> Result<Exit, Failure> {
    let columns = [("report", "Report", Cell::Text, ""), ("about", "Holds", Cell::Text, "")];
    let mut table = Table::new("reports", &columns);
    let mut whole = Vec::new();
    for report in REPORTS {
        let name = name_of(&report.kebab());
        table.rows.push(vec![json!(name), report.about().into()]);
        whole.push(json!({
            "report": name,
            "title": report.title(),
            "about": report.about(),
            "parameters": report.parameters(),
        }));
    }
    output::tables(&whole, &[table], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}
