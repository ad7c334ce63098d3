//! `ubiquitous decide`: what people decide, through the process that owns the folder or directly.

use clap::{Args, Subcommand};
use model::decision::Decision;
use model::table::{Cell, Table};

use super::Everywhere;
use crate::configuration::Configuration;
use crate::estate::Estate;
use crate::estate::decide::{DecisionList, DecisionRequest};
use crate::exit::{Exit, Failure};
use crate::{output, owner};

/// Options.
#[derive(Debug, Args)]
pub struct Decide {
    #[command(subcommand)]
    command: DecideCommand,
}

#[derive(Debug, Subcommand)]
enum DecideCommand {
    /// Every decision, and what waits for one
    List,
    /// Accept a savings candidate, a risk or a check
    Accept(Stated),
    /// Dismiss a savings candidate, a risk or a check
    Dismiss(Stated),
    /// Say that an accepted savings candidate has been carried out
    Done(Stated),
    /// Confirm a held retirement: what it names ended
    Confirm(Stated),
    /// Let a held delivery of a bill replace the one before
    Replace(Stated),
    /// Let a held delivery of a bill add to the one before
    Add(Stated),
    /// Take back what was decided about a target
    Undo(Stated),
}

/// About what, and why.
#[derive(Debug, Args)]
struct Stated {
    /// savings:RULE:ENTITY, risk:CLASS:ENTITY, check:NAME:ENTITY, or a target that `decide list` shows
    target: String,
    /// Why
    #[arg(long)]
    reason: String,
    /// It holds before this instant or date only
    #[arg(long, value_name = "INSTANT")]
    until: Option<String>,
    /// Who decides [default: the user]
    #[arg(long)]
    author: Option<String>,
}

/// Runs the command.
pub fn run(
    decide: &Decide,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let (action, stated) = match &decide.command {
        DecideCommand::List => return list(configuration, everywhere),
        DecideCommand::Accept(stated) => ("accept", stated),
        DecideCommand::Dismiss(stated) => ("dismiss", stated),
        DecideCommand::Done(stated) => ("done", stated),
        DecideCommand::Confirm(stated) => ("confirm", stated),
        DecideCommand::Replace(stated) => ("replace", stated),
        DecideCommand::Add(stated) => ("add", stated),
        DecideCommand::Undo(stated) => ("undo", stated),
    };
    let request = DecisionRequest {
        target: stated.target.clone(),
        action: action.to_owned(),
        reason: stated.reason.clone(),
        author: stated.author.clone().or_else(user),
        until: stated.until.clone(),
    };
    let decision: Decision = match owner::find(&configuration.data_dir())? {
        Some(owner) => {
            let body = serde_json::to_vec(&request).unwrap_or_default();
            owner.post("/api/v1/decisions", "application/json", &body)?
        }
        None => super::runtime()?.block_on(async {
            let estate = Estate::open(configuration).await?;
            let decided = estate.decide(&request).await;
            estate.close().await;
            decided.map_err(Failure::from)
        })?,
    };
    let table = table_of(std::iter::once((&decision, true)));
    output::tables(&decision, &[table], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}

/// The user of this command, which may be another one than the server's.
pub fn user() -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok())
}

fn list(configuration: &Configuration, everywhere: &Everywhere) -> Result<Exit, Failure> {
    let list: DecisionList = match owner::find(&configuration.data_dir())? {
        Some(owner) => owner.get("/api/v1/decisions")?,
        None => super::runtime()?.block_on(async {
            let estate = Estate::open_to_read(configuration).await?;
            let list = estate.decision_list().await;
            estate.close().await;
            list.map_err(Failure::from)
        })?,
    };
    let decided = list.decisions.iter().map(|one| (&one.decision, one.is_in_force));
    let tables = [table_of(decided), waiting(&list)];
    output::tables(&list, &tables, everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}

fn table_of<'a>(decisions: impl Iterator<Item = (&'a Decision, bool)>) -> Table {
    let mut table = Table::new(
        "decisions",
        &[
            ("id", "Number", Cell::Count, ""),
            ("action", "Action", Cell::Text, ""),
            ("target", "About", Cell::Text, ""),
            ("author", "Author", Cell::Text, ""),
            ("reason", "Reason", Cell::Text, ""),
            ("decided_at", "Decided", Cell::Instant, ""),
            ("until", "Until", Cell::Instant, ""),
            ("is_in_force", "In force", Cell::Flag, ""),
        ],
    );
    for (one, is_in_force) in decisions {
        table.rows.push(vec![
            one.id.into(),
            one.action.as_str().into(),
            one.target.to_string().into(),
            one.author.clone().into(),
            one.reason.clone().into(),
            one.decided_at.to_string().into(),
            one.until.map(|at| at.to_string()).into(),
            is_in_force.into(),
        ]);
    }
    table
}

fn waiting(list: &DecisionList) -> Table {
    let mut table = Table::new(
        "waiting",
        &[
            ("target", "Waits for a decision", Cell::Text, ""),
            ("actions", "Takes", Cell::Text, ""),
            ("why", "Why", Cell::Text, ""),
        ],
    );
    for one in &list.waiting_retirements {
        let why = format!(
            "an export of {} lacks {} of kind {}, and has {}",
            one.at, one.missing_count, one.kind, one.left_count
        );
        table.rows.push(vec![one.target.to_string().into(), "confirm".into(), why.into()]);
    }
    for one in &list.waiting_deliveries {
        let why = one.delivery.reason.clone();
        table.rows.push(vec![one.target.to_string().into(), "replace, add".into(), why.into()]);
    }
    table
}
