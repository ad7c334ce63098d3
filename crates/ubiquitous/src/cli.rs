//! The command line: what there is, with help; one file a command below.

mod account;
mod ask;
mod backup;
mod cartography;
mod config;
mod copy;
mod decide;
mod demo;
mod doctor;
mod dry_run;
mod export;
mod ingest;
mod inspect;
mod jobs;
mod optimize;
mod report;
mod rule;
mod serve;
mod store;
mod validate;
mod watch;

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::configuration::Configuration;
use crate::exit::{Exit, Failure};
use crate::output::{self, Output, TableOptions};
pub use decide::user;

/// One live model of what an organisation runs: what exists, how it behaves and what it costs.
#[derive(Debug, Parser)]
#[command(name = "ubiquitous", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Examples:\n  ubiquitous demo\n  ubiquitous ingest --cluster shop \
kubectl-export.json\n  ubiquitous ask topology --kind service\n  ubiquitous ask cost-analysis --by provider \
--output json\n\nExit codes: 0 done, 1 threshold breached or backup damaged, 2 usage, 3 not found, 4 rejects under --strict, \
5 store unavailable, 6 locked or incompatible, 7 disk full, 130 interrupted.")]
struct Cli {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub struct Everywhere {
    /// Folder of the store and journal [default: the user's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Configuration file (YAML)
    #[arg(long, global = true, value_name = "FILE", env = "UBIQUITOUS_CONFIG")]
    pub config: Option<PathBuf>,
    /// Form of the result on stdout
    #[arg(long, global = true, value_name = "FORM", value_enum, default_value_t)]
    pub output: Output,
    #[command(flatten, next_help_heading = "Tables")]
    pub tables: TableOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the demonstration estate, serve it, and let it live on
    Demo(demo::Demo),
    /// Serve the dashboard and the API
    Serve(serve::Serve),
    /// Read files, folders or stdin into the store
    Ingest(ingest::Ingest),
    /// Say what a file is and why, and change nothing
    Inspect(inspect::Inspect),
    /// Ask a question; alone it lists them
    Ask(ask::Ask),
    /// Give a report of a unit; alone it lists them
    Report(report::Report),
    /// Accept, dismiss, confirm or take back; `list` shows what waits
    Decide(decide::Decide),
    /// State what the sources do not say
    Rule(rule::Rule),
    /// Write the estate as rows of our own format (ndjson)
    Export(export::Export),
    /// What works in the background of a running server
    Jobs(jobs::Jobs),
    /// Check the data itself: stores, series, graph, answers
    Validate(validate::Validate),
    /// Accounts, tokens and the log of what was done
    Account(account::Account),
    /// Say what would make the stores faster, and do it
    Optimize(optimize::Optimize),
    /// Look after the store
    Store(store::Store),
    /// Configuration
    Config(config::Config),
    /// Say what is there and what is missing
    Doctor,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the description of the API (OpenAPI 3.1)
    #[command(hide = true)]
    Openapi,
}

/// The command line with what the lists of questions and reports add.
fn with_lists(command: clap::Command) -> clap::Command {
    report::with_reports(ask::with_questions(command))
}

/// Reads the command line and runs the command.
pub fn run() -> Exit {
    let command = with_lists(Cli::command());
    let matches = match command.try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Nothing can be done when the terminal is gone.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return Exit::Usage;
        }
    };
    let output = cli.everywhere.output;
    match dispatch(cli, &matches) {
        Ok(exit) => exit,
        Err(failure) => {
            say_failure(&failure, output);
            failure.exit
        }
    }
}

fn dispatch(cli: Cli, matches: &clap::ArgMatches) -> Result<Exit, Failure> {
    let everywhere = cli.everywhere;
    let mut given = Vec::new();
    if let Some(folder) = &everywhere.data_dir {
        given.push(("data_dir", folder.display().to_string()));
    }
    if let Command::Serve(serve) = &cli.command {
        given.extend(serve.bind.iter().map(|bind| ("bind", bind.clone())));
    }
    if let Command::Demo(demo) = &cli.command {
        given.extend(demo.bind.iter().map(|bind| ("bind", bind.clone())));
    }
    let configuration = Configuration::load(everywhere.config.as_deref(), &given)?;
    log(configuration.text("log"));
    match cli.command {
        Command::Demo(demo) => demo::run(&demo, &configuration, everywhere.data_dir.is_some()),
        Command::Serve(_) => serve::run(&configuration),
        Command::Ingest(ingest) => ingest::run(&ingest, &configuration, &everywhere),
        Command::Inspect(inspect) => inspect::run(&inspect, &everywhere),
        Command::Ask(ask) => ask::run(&ask, matches, &configuration, &everywhere),
        Command::Report(report) => report::run(&report, matches, &configuration, &everywhere),
        Command::Decide(decide) => decide::run(&decide, &configuration, &everywhere),
        Command::Rule(rule) => rule::run(&rule, &configuration, &everywhere),
        Command::Export(export) => export::run(&export, &configuration),
        Command::Jobs(jobs) => jobs::run(&jobs, &configuration, &everywhere),
        Command::Validate(options) => validate::run(&options, &configuration, &everywhere),
        Command::Account(account) => account::run(&account, &configuration, &everywhere),
        Command::Optimize(options) => optimize::run(&options, &configuration, &everywhere),
        Command::Store(store) => store::run(&store, &configuration, &everywhere),
        Command::Config(config) => config::run(&config, &configuration, &everywhere),
        Command::Doctor => doctor::run(&configuration, &everywhere),
        Command::Completions { shell } => {
            let mut command = with_lists(Cli::command());
            clap_complete::generate(shell, &mut command, "ubiquitous", &mut std::io::stdout());
            Ok(Exit::Done)
        }
        Command::Openapi => {
            output::json(&crate::http::openapi::openapi())?;
            Ok(Exit::Done)
        }
    }
}

/// A failure on stderr: a line for people, or a problem document under `--output json`.
fn say_failure(failure: &Failure, form: Output) {
    if form == Output::Json {
        let text = serde_json::to_string_pretty(&failure.problem).unwrap_or_default();
        output::say(&text);
    } else {
        output::say(&format!("ubiquitous: {}", failure.problem.detail));
    }
}

fn log(filter: &str) {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    // A second call, in tests, changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
}

/// A runtime for one command.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Failure {
        exit: Exit::Unavailable,
        problem: crate::problem::Problem::bad_request("runtime", error.to_string()),
    })
}
