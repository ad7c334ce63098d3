//! `ubiquitous jobs`: what a running server works out in the background, and stopping it.

use clap::Args;
use model::table::{Cell, Table};

use super::Everywhere;
use crate::configuration::Configuration;
use crate::estate::job::{Job, JobState};
use crate::exit::{Exit, Failure};
use crate::http::JobList;
use crate::problem::Problem;
use crate::{output, owner};

/// Options.
#[derive(Debug, Args)]
pub struct Jobs {
    /// Stop the job with this number
    #[arg(long, value_name = "ID")]
    pub stop: Option<u64>,
}

/// Runs the command. Without a server nothing works in the background.
pub fn run(
    jobs: &Jobs,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let owner = owner::find(&configuration.data_dir())?;
    let list = match (owner, jobs.stop) {
        (Some(owner), None) => owner.get("/api/v1/jobs")?,
        (Some(owner), Some(id)) => JobList { jobs: vec![owner.stop(id)?] },
        (None, None) => JobList { jobs: Vec::new() },
        (None, Some(id)) => {
            let detail = format!("no job `{id}`: no server runs on this data folder");
            return Err(Problem::not_found(detail).into());
        }
    };
    output::tables(&list, &[table(&list.jobs)], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}

fn table(jobs: &[Job]) -> Table {
    let columns = [
        ("id", "Job", Cell::Count, ""),
        ("question", "Question", Cell::Text, ""),
        ("state", "State", Cell::Text, ""),
        ("stage", "At work on", Cell::Text, ""),
        ("elapsed", "Seconds", Cell::Number, "s"),
        ("asked_at", "Asked", Cell::Text, ""),
    ];
    let mut table = Table::new("jobs", &columns);
    for job in jobs {
        let stage = match &job.problem {
            Some(problem) => problem.detail.clone(),
            None => job.stage.clone(),
        };
        table.rows.push(vec![
            job.id.into(),
            job.question.clone().into(),
            state(job.state).into(),
            stage.into(),
            job.elapsed_seconds.into(),
            job.asked_at.to_string().into(),
        ]);
    }
    table
}

fn state(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "queued",
        JobState::Running => "running",
        JobState::Done => "done",
        JobState::Failed => "failed",
        JobState::Stopped => "stopped",
    }
}
