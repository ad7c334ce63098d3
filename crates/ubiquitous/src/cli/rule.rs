//! `ubiquitous rule`: the rules that users state about what the sources do not say.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use model::table::{Cell, Table};

use super::Everywhere;
use crate::configuration::Configuration;
use crate::estate::Estate;
use crate::estate::decide::checked_rules;
use crate::exit::{Exit, Failure};
use crate::http::RulesAnswer;
use crate::problem::Problem;
use crate::{output, owner};

/// Options.
#[derive(Debug, Args)]
pub struct Rule {
    #[command(subcommand)]
    command: RuleCommand,
}

#[derive(Debug, Subcommand)]
enum RuleCommand {
    /// The rules in force
    List,
    /// Put the rules of a file in force, in place of those before
    Put {
        /// YAML list of rules
        file: PathBuf,
        /// Who states them [default: the user]
        #[arg(long)]
        author: Option<String>,
    },
    /// Say whether the rules of a file can be understood; change nothing
    Check {
        /// YAML list of rules
        file: PathBuf,
    },
}

/// Runs the command.
pub fn run(
    rule: &Rule,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    match &rule.command {
        RuleCommand::List => list(configuration, everywhere),
        RuleCommand::Put { file, author } => {
            let text = text_of(file)?;
            checked_rules(&text)?;
            let author = author.clone().or_else(super::decide::user);
            print(&put(configuration, &text, author.as_deref())?, everywhere)
        }
        RuleCommand::Check { file } => {
            let text = text_of(file)?;
            let rules = checked_rules(&text)?;
            let count = rules.len() as u64;
            output::tables(
                &RulesAnswer { rules: None, count },
                &[analysis::rule::table_of(&rules)],
                everywhere.output,
                &everywhere.tables,
            )?;
            Ok(Exit::Done)
        }
    }
}

fn list(configuration: &Configuration, everywhere: &Everywhere) -> Result<Exit, Failure> {
    let answer: RulesAnswer = match owner::find(&configuration.data_dir())? {
        Some(owner) => owner.get("/api/v1/rules")?,
        None => super::runtime()?.block_on(async {
            let estate = Estate::open_to_read(configuration).await?;
            let rules = estate.rules().await;
            estate.close().await;
            rules.map(|rules| RulesAnswer { rules, count: 0 }).map_err(Failure::from)
        })?,
    };
    print(&answer, everywhere)
}

fn put(
    configuration: &Configuration,
    text: &str,
    author: Option<&str>,
) -> Result<RulesAnswer, Failure> {
    if let Some(owner) = owner::find(&configuration.data_dir())? {
        let query = serde_html_form::to_string([("author", author.unwrap_or_default())]);
        let path = format!("/api/v1/rules?{}", query.unwrap_or_default());
        return owner.post(&path, "application/yaml", text.as_bytes());
    }
    let put = super::runtime()?.block_on(async {
        let estate = Estate::open_to_read(configuration).await?;
        let put = estate.put_rules(text, author).await;
        estate.close().await;
        put.map_err(Failure::from)
    })?;
    Ok(RulesAnswer { rules: Some(put), count: 0 })
}

fn print(answer: &RulesAnswer, everywhere: &Everywhere) -> Result<Exit, Failure> {
    let rules = match &answer.rules {
        Some(held) => checked_rules(&held.text)?,
        None => Vec::new(),
    };
    let answer = RulesAnswer { count: rules.len() as u64, ..answer.clone() };
    let mut versions = Table::new(
        "version",
        &[
            ("version", "Version", Cell::Count, ""),
            ("author", "Author", Cell::Text, ""),
            ("put_at", "Since", Cell::Instant, ""),
        ],
    );
    if let Some(held) = &answer.rules {
        let at: Timestamp = held.put_at;
        let row = vec![held.version.into(), held.author.clone().into(), at.to_string().into()];
        versions.rows.push(row);
    }
    let tables = [analysis::rule::table_of(&rules), versions];
    output::tables(&answer, &tables, everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}

fn text_of(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| {
        Problem::bad_request("file", format!("{}: {error}", file.display())).into()
    })
}
