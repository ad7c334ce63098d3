//! `ubiquitous validate`: checks the data itself, through the process that owns the folder or directly,
//! and ends with a code for pipelines.

use analysis::validation::{ValidationAnswer, ValidationReport, ValidationStatus, tables};
use clap::{Args, ValueEnum};
use tokio_util::sync::CancellationToken;

use super::Everywhere;
use crate::configuration::Configuration;
use crate::estate::Estate;
use crate::exit::{Exit, Failure};
use crate::problem::Problem;
use crate::{output, owner};

/// Options.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ubiquitous validate\n  ubiquitous validate --fail-on warning \
--score-min 0.95\n  ubiquitous validate --table issues --output csv\n\nEnds with 0 when the data can be \
trusted and with 1 when a threshold is breached."
)]
pub struct Validate {
    /// Show the newest result, and check nothing
    #[arg(long)]
    pub last: bool,
    /// What ends with code 1
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub fail_on: FailOn,
    /// Least score, 0 to 1; below it the command ends with code 1, and so it does without a score
    #[arg(long, value_name = "SCORE")]
    pub score_min: Option<f64>,
}

/// What ends with code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum FailOn {
    /// A critical check that failed or could not be made
    Critical,
    /// Any check that failed or could not be made
    #[default]
    Failed,
    /// Any warning as well
    Warning,
    /// Nothing
    Never,
}

/// Runs the command.
pub fn run(
    options: &Validate,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    if options.score_min.is_some_and(|score| !(0.0..=1.0).contains(&score)) {
        return Err(Problem::bad_request("score-min", "the score is 0 to 1").into());
    }
    let report = if options.last { last(configuration)? } else { fresh(configuration)? };
    output::tables(&report, &tables(&report), everywhere.output, &everywhere.tables)?;
    if everywhere.output == output::Output::Table {
        output::say(&sentence(&report));
    }
    Ok(if is_breached(&report, options) { Exit::Breached } else { Exit::Done })
}

fn fresh(configuration: &Configuration) -> Result<ValidationReport, Failure> {
    if let Some(owner) = owner::find(&configuration.data_dir())? {
        return owner.post("/api/v1/validation/run", "application/json", b"");
    }
    super::runtime()?.block_on(async {
        let estate = Estate::open_to_read(configuration).await?;
        let cancel = CancellationToken::new();
        let report = tokio::select! {
            report = estate.validate(cancel.clone()) => report.map_err(Failure::from),
            _ = tokio::signal::ctrl_c() => {
                cancel.cancel();
                Err(crate::exit::interrupted("the validation was stopped, and nothing kept"))
            }
        };
        estate.close().await;
        report
    })
}

fn last(configuration: &Configuration) -> Result<ValidationReport, Failure> {
    let answer: ValidationAnswer = match owner::find(&configuration.data_dir())? {
        Some(owner) => owner.get("/api/v1/validation")?,
        None => super::runtime()?.block_on(async {
            let estate = Estate::open_to_read(configuration).await?;
            let answer = estate.validation().await;
            estate.close().await;
            answer.map_err(Failure::from)
        })?,
    };
    let none = || Problem::not_found("nothing was validated yet; `ubiquitous validate` does it");
    answer.latest.ok_or_else(|| none().into())
}

fn is_breached(report: &ValidationReport, options: &Validate) -> bool {
    let counts = report.counts;
    let is_failed = counts.failed + counts.error > 0;
    let by_checks = match options.fail_on {
        FailOn::Never => false,
        FailOn::Critical => report.status == ValidationStatus::Failed,
        FailOn::Failed => is_failed,
        FailOn::Warning => is_failed || counts.warning > 0,
    };
    let is_low = |least: f64| report.score.is_none_or(|score| score < least);
    by_checks || options.score_min.is_some_and(is_low)
}

fn sentence(report: &ValidationReport) -> String {
    let counts = report.counts;
    let score = match report.score {
        Some(score) => format!("score {score:.2}"),
        None => format!(
            "no score: checks of weight {} of {} could be made",
            report.weight_run, report.weight_total
        ),
    };
    format!(
        "{score}; {} passed, {} with a warning, {} failed, {} could not be made, {} had nothing to \
         check; {:.1} s",
        counts.passed,
        counts.warning,
        counts.failed,
        counts.error,
        counts.skipped,
        report.took_seconds
    )
}
