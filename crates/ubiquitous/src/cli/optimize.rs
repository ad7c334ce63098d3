//! `ubiquitous optimize`: says what would make the stores faster, measures it, does it and takes it back,
//! through the process that owns the folder or directly.

use analysis::optimization::{OptimizationAnswer, OptimizationRecommendation};
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::Everywhere;
use crate::configuration::Configuration;
use crate::estate::Estate;
use crate::exit::{Exit, Failure};
use crate::{output, owner};

/// Options.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ubiquitous optimize\n  ubiquitous optimize --measure --table statements\n  \
ubiquitous optimize --apply --dry-run\n  ubiquitous optimize --apply --id rows_read/postgresql/span/service\n  \
ubiquitous optimize --undo\n\nWithout an option nothing runs: statements are explained only."
)]
pub struct Optimize {
    /// Run each recorded statement once for its plan: reads in a read-only transaction, writes in one that
    /// is rolled back
    #[arg(long)]
    pub measure: bool,
    /// Do what can be done of what is recommended, and keep what takes it back
    #[arg(long, conflicts_with = "undo")]
    pub apply: bool,
    /// With --apply: say what would run, and change nothing
    #[arg(long, requires = "apply")]
    pub dry_run: bool,
    /// With --apply: only this recommendation; may stand several times
    #[arg(long = "id", value_name = "ID", requires = "apply")]
    pub ids: Vec<String>,
    /// Take back what was applied last
    #[arg(long)]
    pub undo: bool,
}

/// Runs the command.
pub fn run(
    options: &Optimize,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let answer = match owner::find(&configuration.data_dir())? {
        Some(owner) => through(options, &owner)?,
        None => directly(options, configuration)?,
    };
    output::tables(&answer, &answer.tables, everywhere.output, &everywhere.tables)?;
    if everywhere.output == output::Output::Table {
        for line in said(options, &answer) {
            output::say(&line);
        }
    }
    Ok(Exit::Done)
}

fn through(options: &Optimize, owner: &owner::Owner) -> Result<OptimizationAnswer, Failure> {
    let post = |path: &str| {
        owner.post::<OptimizationAnswer>(
            &format!("/api/v1/optimization/{path}"),
            "application/json",
            b"",
        )
    };
    let mut answer = None;
    if options.undo {
        answer = Some(post("undo")?);
    }
    if options.measure {
        answer = Some(post("measure")?);
    }
    if options.apply && !options.dry_run {
        let ids: Vec<(&str, &str)> = options.ids.iter().map(|id| ("id", id.as_str())).collect();
        let query = serde_html_form::to_string(&ids).unwrap_or_default();
        answer = Some(post(&format!("apply?{query}"))?);
    }
    match answer {
        Some(answer) => Ok(answer),
        None => owner.get("/api/v1/optimization"),
    }
}

fn directly(
    options: &Optimize,
    configuration: &Configuration,
) -> Result<OptimizationAnswer, Failure> {
    super::runtime()?.block_on(async {
        let estate = Estate::open_to_read(configuration).await?;
        let cancel = CancellationToken::new();
        let answer = tokio::select! {
            answer = done(options, &estate, &cancel) => answer,
            _ = tokio::signal::ctrl_c() => {
                cancel.cancel();
                Err(crate::exit::interrupted("stopped; what was applied before is kept, `--undo` takes it back"))
            }
        };
        estate.close().await;
        answer
    })
}

async fn done(
    options: &Optimize,
    estate: &Estate,
    cancel: &CancellationToken,
) -> Result<OptimizationAnswer, Failure> {
    let mut answer = None;
    if options.undo {
        answer = Some(estate.optimization_undo().await?);
    }
    if options.measure {
        answer = Some(estate.optimization_measure(cancel.clone()).await?);
    }
    if options.apply && !options.dry_run {
        answer = Some(estate.optimization_apply(&options.ids, cancel.clone()).await?);
    }
    match answer {
        Some(answer) => Ok(answer),
        None => estate.optimization().await.map_err(Failure::from),
    }
}

/// What a person is told beside the tables.
fn said(options: &Optimize, answer: &OptimizationAnswer) -> Vec<String> {
    let is_meant = |one: &&OptimizationRecommendation| {
        one.is_applicable() && (options.ids.is_empty() || options.ids.contains(&one.id))
    };
    let applicable: Vec<_> = answer.recommendations.iter().filter(is_meant).collect();
    let mut lines = Vec::new();
    if options.dry_run {
        for one in &applicable {
            let steps = one.steps.iter().flat_map(|steps| &steps.statements);
            lines.extend(steps.map(|step| format!("would run: {step};")));
        }
        if applicable.is_empty() {
            lines.push("nothing would run".to_owned());
        }
    }
    let saved: f64 = applicable.iter().filter_map(|one| one.seconds_saved.value).sum();
    let measured = match answer.measured_at {
        Some(at) => format!("measured {at}"),
        None => "not measured; `--measure` does it".to_owned(),
    };
    lines.push(format!(
        "{} recommendations, {} can be applied and save {saved:.1} s of the {:.1} s recorded since {}; \
         plans {measured}",
        answer.recommendation_total,
        applicable.len(),
        answer.seconds_total,
        answer.since
    ));
    lines
}
