//! `ubiquitous ingest`: files, folders or stdin into the store, with progress, a summary by kind, and
//! the rejects.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use ingest::InputContext;
use ingest::format::csv_series;
use model::input::{Completeness, IntakeEntry};
use model::table::{Cell, Table};
use model::{EntityKind, Micros, Reject};
use serde::Serialize;

use super::{Everywhere, dry_run};
use crate::configuration::Configuration;
use crate::estate::{Estate, new_run};
use crate::exit::{Exit, Failure, interrupted};
use crate::http::IngestAnswer;
use crate::load::{self, InputFile, Inputs};
use crate::output::{self, Output};
use crate::owner::{self, Owner};
use crate::problem::Problem;

/// Reasons of rejects printed on stderr; the ledger has every reject.
const REJECTS_SHOWN: usize = 20;

/// What stands between why an input is of no format and the formats there are.
const ACCEPTED: &str = "; accepted are ";

/// Options.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  kubectl get all -A -o json | ubiquitous ingest --cluster shop -\n  \
ubiquitous ingest --account 123456789012 --region eu-west-1 aws-export/\n  ubiquitous ingest \
focus-2026-10.csv.gz\n  ubiquitous ingest --cartography bolt://reader@graph:7687\n  ubiquitous ingest --dry-run --cluster shop manifests/"
)]
pub struct Ingest {
    /// Files or folders; `-` is stdin
    #[arg(required_unless_present = "cartography", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Read the graph that Cartography keeps, bolt://user@host:7687; the password comes from
    /// UBIQUITOUS_CARTOGRAPHY_PASSWORD or is asked for
    #[arg(long, value_name = "URL")]
    cartography: Option<String>,
    #[command(flatten)]
    context: Context,
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// End with code 4 when any record is rejected
    #[arg(long)]
    strict: bool,
}

/// What the inputs do not say themselves.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Context of the inputs")]
pub struct Context {
    /// Name of the Kubernetes cluster
    #[arg(long)]
    cluster: Option<String>,
    /// Namespace of records that name none
    #[arg(long)]
    namespace: Option<String>,
    /// Environment, such as production
    #[arg(long)]
    environment: Option<String>,
    /// AWS account of records that name none
    #[arg(long)]
    account: Option<String>,
    /// AWS region of records that name none
    #[arg(long)]
    region: Option<String>,
    /// What CloudWatch statistics without their request are of, such as InstanceId=i-0123
    #[arg(long, value_name = "NAME=VALUE")]
    dimension: Vec<String>,
    /// What a plain CSV table measures, such as cpu_utilization_percent; METRIC=SIGNAL for one column
    #[arg(long, value_name = "SIGNAL")]
    signal: Vec<String>,
    /// What a plain CSV table is about where it does not say so: an id, a name, or KIND/NAME to state it
    #[arg(long, value_name = "ENTITY")]
    entity: Option<String>,
    /// When the content was true [default: the content, else the file's modification time]
    #[arg(long, value_name = "INSTANT")]
    observed_at: Option<String>,
    /// The inputs list everything of a kind, so that what they omit is retired; KIND or KIND@PREFIX of
    /// canonical ids
    #[arg(long, value_name = "KIND@SCOPE")]
    complete: Vec<String>,
    /// Files of a bill that carry one name add up
    #[arg(long, value_name = "NAME")]
    delivery: Option<String>,
}

impl Context {
    /// The flags as the context that every input starts with.
    ///
    /// # Errors
    /// When an instant or a kind cannot be understood.
    pub fn flags(&self) -> Result<InputContext, Failure> {
        let observed_at = match &self.observed_at {
            None => None,
            Some(text) => {
                let at = model::time::instant(text);
                let at = at.map_err(|reason| Problem::bad_request("observed_at", reason))?;
                Some(Micros::of(at))
            }
        };
        let complete = self.complete.iter().map(|text| completeness(text));
        let dimensions = self.dimension.iter().map(|text| match text.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => {
                Ok((name.to_owned(), value.to_owned()))
            }
            _ => {
                let detail = format!("--dimension {text}: expected Name=Value");
                Err(Failure::from(Problem::bad_request("dimension", detail)))
            }
        });
        let signals = self.signal.iter().map(|text| {
            csv_series::signal(text)
                .map_err(|reason| Failure::from(Problem::bad_request("signal", reason)))
        });
        Ok(InputContext {
            signals: signals.collect::<Result<_, Failure>>()?,
            entity: self.entity.clone(),
            dimensions: dimensions.collect::<Result<_, Failure>>()?,
            cluster: self.cluster.clone(),
            namespace: self.namespace.clone(),
            environment: self.environment.clone(),
            account: self.account.clone(),
            region: self.region.clone(),
            observed_at,
            received_at: load::now(),
            complete: complete.collect::<Result<_, Failure>>()?,
            delivery: self.delivery.clone().unwrap_or_default(),
            ..InputContext::default()
        })
    }
}

fn completeness(text: &str) -> Result<Completeness, Failure> {
    let (kind, id_prefix) = text.split_once('@').unwrap_or((text, ""));
    let (kind, class) = kind.split_once('/').unwrap_or((kind, ""));
    let kind: EntityKind = kind.parse().map_err(|_error| {
        let words: Vec<&str> = EntityKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let detail = format!("--complete {text}: no kind `{kind}`; there are {}", words.join(", "));
        Problem::bad_request("complete", detail)
    })?;
    Ok(Completeness { kind, class: class.to_owned(), id_prefix: id_prefix.to_owned() })
}

/// What a run did.
#[derive(Debug, Default, Serialize)]
struct Report {
    run: String,
    is_dry_run: bool,
    /// Whether each input was tried without the others, so that what they share counts more than once.
    is_each_alone: bool,
    inputs: Vec<IntakeEntry>,
    /// Inputs that could not be read at all.
    unread: Vec<Reject>,
    rejects: Vec<Reject>,
    rejects_total: u64,
}

impl Report {
    /// What stands beside the bar: how much was rejected so far, and the input at work.
    fn progress(&self, name: &str) -> String {
        match self.rejects_total + self.unread.len() as u64 {
            0 => name.to_owned(),
            rejects => format!("{}, {name}", counted(rejects, "reject")),
        }
    }

    fn add(&mut self, answer: IngestAnswer) {
        self.rejects_total += answer.entries.iter().map(|entry| entry.outcome.rejects).sum::<u64>();
        self.inputs.extend(answer.entries);
        let room = 1_000_usize.saturating_sub(self.rejects.len());
        self.rejects.extend(answer.rejects.into_iter().take(room));
    }
}

/// Runs the command.
pub fn run(
    ingest: &Ingest,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let mut flags = ingest.context.flags()?;
    let run = new_run();
    if flags.delivery.is_empty() {
        flags.delivery.clone_from(&run);
    }
    let Inputs { mut files, rejects } = load::inputs(&ingest.paths, &flags)?;
    if let Some(url) = &ingest.cartography {
        files.extend(super::cartography::inputs(url, configuration, &flags)?);
    }
    let mut report = Report { run, is_dry_run: ingest.dry_run, ..Report::default() };
    report.unread.extend(rejects);
    let bar = progress(&files, everywhere.output);
    let outcome = match owner::find(&configuration.data_dir())? {
        Some(owner) => through_owner(&owner, &files, &bar, &mut report),
        None => super::runtime()?.block_on(by_ourselves(
            configuration,
            files,
            ingest.dry_run,
            &bar,
            &mut report,
        )),
    };
    bar.finish_and_clear();
    print(&report, everywhere)?;
    outcome?;
    Ok(if !report.unread.is_empty() && report.inputs.is_empty() {
        Exit::Usage
    } else if ingest.strict && (report.rejects_total > 0 || !report.unread.is_empty()) {
        Exit::Rejects
    } else {
        Exit::Done
    })
}

fn through_owner(
    owner: &Owner,
    files: &[InputFile],
    bar: &ProgressBar,
    report: &mut Report,
) -> Result<(), Failure> {
    report.is_each_alone = report.is_dry_run;
    for input in files {
        bar.set_message(report.progress(&input.name));
        match owner.ingest(&report.run, report.is_dry_run, input) {
            Ok(answer) => report.add(answer),
            Err(failure) if failure.exit == Exit::Usage => {
                let detail = failure.problem.detail;
                report.unread.push(Reject::new(input.name.clone(), "the whole file", detail));
            }
            Err(failure) => return Err(failure),
        }
        bar.inc(input.size);
    }
    Ok(())
}

async fn by_ourselves(
    configuration: &Configuration,
    files: Vec<InputFile>,
    is_dry_run: bool,
    bar: &ProgressBar,
    report: &mut Report,
) -> Result<(), Failure> {
    // A dry run goes the whole way, on a copy.
    let copy = if is_dry_run { dry_run::Copy::new(configuration).await? } else { None };
    let is_alone = is_dry_run && copy.is_none();
    report.is_each_alone = is_alone;
    let configuration = copy.as_ref().map_or(configuration, dry_run::Copy::configuration);
    let estate = Estate::open(configuration).await?;
    let total = files.len();
    let mut outcome = Ok(());
    for (position, input) in files.into_iter().enumerate() {
        bar.set_message(report.progress(&input.name));
        let size = input.size;
        let run = report.run.clone();
        let work = async {
            if is_alone { estate.dry_run(input).await } else { estate.ingest(&run, input).await }
        };
        tokio::select! {
            ingested = work => match ingested {
                Ok(ingested) => {
                    report.add(ingested.answer);
                    report.unread.extend(ingested.unread);
                }
                Err(error) => {
                    outcome = Err(Failure::from(error));
                    break;
                }
            },
            _ = tokio::signal::ctrl_c() => {
                outcome = Err(interrupted(&format!(
                    "{position} of {total} inputs are in; of the one at work what was written \
                     stays, and reading it again goes on from there"
                )));
                break;
            }
        }
        bar.inc(size);
    }
    estate.close().await;
    outcome
}

fn progress(files: &[InputFile], form: Output) -> ProgressBar {
    let bytes = files.iter().map(|file| file.size).sum();
    // Drawn on stderr, and only when that is a terminal.
    let bar = if form == Output::Json { ProgressBar::hidden() } else { ProgressBar::new(bytes) };
    let template = "{bytes}/{total_bytes} {bytes_per_sec} {wide_bar} {eta} {wide_msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// `1 input`, `2 inputs`.
fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Rejects by reason, the most frequent first, each with its first place.
fn reject_lines<'a>(rejects: impl Iterator<Item = &'a Reject>) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, (u64, &Reject)> = BTreeMap::new();
    let mut accepted = None;
    for reject in rejects {
        let reason = reject.reason.split_once(ACCEPTED);
        accepted = accepted.or(reason.map(|(_, formats)| formats));
        by_reason.entry(&reject.reason).or_insert((0, reject)).0 += reject.count.max(1);
    }
    let mut all: Vec<(u64, &Reject)> = by_reason.into_values().collect();
    all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.reason.cmp(&b.1.reason)));
    let line = |(count, first): &(u64, &Reject)| {
        let Reject { source, location, reason, .. } = first;
        let reason = reason.split_once(ACCEPTED).map_or(reason.as_str(), |(why, _)| why);
        match count {
            1 => format!("{source}: {location}: {reason}"),
            _ => format!("{count} times, first in {source}: {location}: {reason}"),
        }
    };
    let mut lines: Vec<String> = all.iter().take(REJECTS_SHOWN).map(line).collect();
    if all.len() > REJECTS_SHOWN {
        lines.push(format!(
            "{} more reasons; --output json and the page of the input have all",
            all.len() - REJECTS_SHOWN
        ));
    }
    // Once, below everything that is of none of them.
    lines.extend(accepted.map(|formats| format!("formats that are read: {formats}")));
    lines
}

fn print(report: &Report, everywhere: &Everywhere) -> Result<(), Failure> {
    let columns = [
        ("what", "What", Cell::Text, ""),
        ("read", "Read", Cell::Count, "count"),
        ("added", "Added", Cell::Count, "count"),
        ("changed", "Changed", Cell::Count, "count"),
        ("retired", "Retired", Cell::Count, "count"),
        ("held", "Held", Cell::Count, "count"),
    ];
    let mut table = Table::new("summary", &columns);
    let mut counts: BTreeMap<&str, [u64; 5]> = BTreeMap::new();
    let outcomes = report.inputs.iter().map(|entry| &entry.outcome);
    for outcome in outcomes.clone() {
        let columns =
            [&outcome.read, &outcome.added, &outcome.changed, &outcome.retired, &outcome.held];
        for (at, column) in columns.into_iter().enumerate() {
            for (what, count) in column {
                counts.entry(what).or_default()[at] += count;
            }
        }
    }
    for (what, numbers) in counts {
        let mut row = vec![what.into()];
        row.extend(numbers.iter().map(|&number| serde_json::Value::from(number)));
        table.rows.push(row);
    }
    output::tables(report, &[table], everywhere.output, &everywhere.tables)?;
    if everywhere.output == Output::Json {
        return Ok(());
    }
    for line in reject_lines(report.unread.iter().chain(&report.rejects)) {
        output::say(&line);
    }
    let known = outcomes.clone().filter(|outcome| outcome.is_known).count();
    let unchanged = outcomes.clone().all(model::input::InputOutcome::is_unchanged);
    let mut line = counted(report.inputs.len() as u64, "input");
    if known > 0 {
        line += &format!(", {known} known already");
    }
    if unchanged && !report.inputs.is_empty() {
        line += ", 0 changes";
    }
    line +=
        &format!(", {}, {} unread", counted(report.rejects_total, "reject"), report.unread.len());
    // Inputs that are known already say nothing about references.
    let open = outcomes.filter(|outcome| !outcome.is_known).map(|one| one.open_references).max();
    if let Some(open) = open {
        line += &format!(", {}", counted(open, "open reference"));
    }
    if report.is_dry_run {
        line += "; dry run, nothing was stored";
        if report.is_each_alone && report.inputs.len() > 1 {
            line += ", each input was tried alone";
        }
    }
    output::say(&line);
    Ok(())
}
