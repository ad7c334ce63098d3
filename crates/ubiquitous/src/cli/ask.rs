//! `ubiquitous ask`: the questions as commands, their parameters as options, all from the one list.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use analysis::{AnyQuestion, Parameter, ParameterType, QUESTIONS};
use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use model::envelope::Envelope;
use model::table::{Cell, Table};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::{Everywhere, watch};
use crate::configuration::Configuration;
use crate::exit::{Exit, Failure};
use crate::problem::Problem;
use crate::waiting::Waiting;
use crate::{estate, output, owner};

/// Time between two looks at how far an answer is.
const SAY_EVERY: Duration = Duration::from_millis(200);

/// Options of `ask` itself; the questions' are added by [`with_questions`].
#[derive(Debug, Args)]
pub struct Ask {
    /// Ask again every so many seconds [default: 10] and print the answer when it changes
    #[arg(long, global = true, value_name = "SECONDS", num_args = 0..=1, require_equals = true,
          default_missing_value = "10", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    watch: Option<u64>,
    /// Say what was read of each store, how many rows, and how long each step took
    #[arg(long, global = true)]
    explain: bool,
}

/// The command line with one command a question below `ask`.
pub fn with_questions(command: Command) -> Command {
    command.mut_subcommand("ask", |mut ask| {
        for question in QUESTIONS.iter().filter(|question| question.view().is_none()) {
            ask = ask.subcommand(with_views(*question));
        }
        ask.subcommand_required(false).after_help("`ask` alone lists the questions.")
    })
}

/// The views of a question, by name on the command line.
fn views(stem: &str) -> impl Iterator<Item = (String, &'static dyn AnyQuestion)> {
    QUESTIONS.iter().copied().filter_map(move |one| {
        let view = one.view()?;
        (one.kebab().split('/').next() == Some(stem)).then_some((view, one))
    })
}

/// One command: a question's parameters, and a flag for each of its views with the view's parameters.
fn with_views(question: &dyn AnyQuestion) -> Command {
    let stem = question.kebab();
    let mut command = Command::new(stem.clone()).about(question.about());
    let mut known = BTreeSet::new();
    for parameter in question.parameters() {
        command = command.arg(option(&parameter));
        known.insert(parameter.name);
    }
    for (view, one) in views(&stem) {
        let flag = Arg::new(format!("view {view}")).long(view.clone()).help(one.about().to_owned());
        let heading = format!("Parameters of --{view}");
        command = command.arg(flag.action(ArgAction::SetTrue).help_heading("Views"));
        for parameter in one.parameters() {
            if known.insert(parameter.name.clone()) {
                command = command.arg(option(&parameter).help_heading(heading.clone()));
            }
        }
    }
    command
}

/// The question that a command asks, a view of it where its flag is given, and every parameter given:
/// one that the view does not have is refused by name.
fn asked_of(name: &str, options: &ArgMatches) -> (&'static dyn AnyQuestion, Map<String, Value>) {
    let stem = analysis::question_of(name).expect("clap takes only names from the list");
    let chosen = views(name).find(|(view, _)| options.get_flag(&format!("view {view}")));
    let question = chosen.map_or(stem, |(_, one)| one);
    let all = views(name).flat_map(|(_, one)| one.parameters());
    (question, given(options, stem.parameters().into_iter().chain(all)))
}

/// Those of the parameters that are given, as a question takes them.
pub fn given(
    options: &ArgMatches,
    parameters: impl IntoIterator<Item = Parameter>,
) -> Map<String, Value> {
    let mut params = Map::new();
    for parameter in parameters {
        let Some(values) = options.try_get_many::<String>(&parameter.name).ok().flatten() else {
            continue;
        };
        let mut values: Vec<Value> = values.map(|text| json!(text)).collect();
        let value = if parameter.is_repeated { Value::Array(values) } else { values.remove(0) };
        params.insert(parameter.name, value);
    }
    params
}

/// `--aggregate-by VALUE` for the parameter `aggregate_by`.
pub fn option(parameter: &Parameter) -> Arg {
    let name = parameter.name.clone();
    let flag = name.replace('_', "-");
    let value = match parameter.value {
        ParameterType::Count | ParameterType::Number => "N",
        ParameterType::Flag => "BOOL",
        ParameterType::Text => "VALUE",
    };
    let mut arg = Arg::new(name)
        .long(flag)
        .value_name(value)
        .help(parameter.help.clone())
        .help_heading("Parameters")
        .allow_hyphen_values(true);
    if !parameter.words.is_empty() {
        arg = arg.value_parser(clap::builder::PossibleValuesParser::new(parameter.words.clone()));
    }
    if parameter.value == ParameterType::Flag {
        // `--flag` alone means true.
        arg = arg.num_args(0..=1).default_missing_value("true").require_equals(true);
    }
    arg.action(if parameter.is_repeated { ArgAction::Append } else { ArgAction::Set })
}

/// Runs the command.
pub fn run(
    ask: &Ask,
    matches: &ArgMatches,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let asked = matches.subcommand_matches("ask").and_then(ArgMatches::subcommand);
    let Some((name, options)) = asked else { return list(everywhere) };
    let (question, mut params) = asked_of(name, options);
    if ask.explain {
        params.insert(analysis::EXPLAIN.to_owned(), json!(true));
    }
    let is_past = params.contains_key("as_of");
    let params = Value::Object(params);
    let answer = || answer(question, &params, configuration, everywhere);
    let print =
        |envelope: &Envelope| output::envelope(envelope, everywhere.output, &everywhere.tables);
    match ask.watch {
        Some(_) if is_past => {
            let detail = "--watch asks about now; leave --as-of out";
            Err(Problem::bad_request("watch", detail.to_owned()).into())
        }
        Some(secs) => watch::watch(Duration::from_secs(secs), answer, print),
        None => {
            print(&answer()?)?;
            Ok(Exit::Done)
        }
    }
}

/// One answer: through the owner of the folder where it has one, else by this process.
fn answer(
    question: &'static dyn AnyQuestion,
    params: &Value,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Envelope, Failure> {
    let waiting = Waiting::begin(everywhere.output);
    let params = params.clone();
    let answer = match owner::find(&configuration.data_dir())? {
        Some(owner) => owner.ask(&question.kebab(), &params, &waiting),
        None => super::runtime()?.block_on(by_ourselves(question, params, configuration, &waiting)),
    };
    waiting.end();
    answer
}

/// Answers in this process; work on the whole graph may take as long as a job.
async fn by_ourselves(
    question: &'static dyn AnyQuestion,
    params: Value,
    configuration: &Configuration,
    waiting: &Waiting,
) -> Result<Envelope, Failure> {
    let estate = estate::Estate::open_to_read(configuration).await?;
    let cancel = CancellationToken::new();
    let mut ctx = estate.ask_context(analysis::Viewer::default(), cancel.clone());
    if question.is_whole() {
        ctx.deadline = Instant::now() + Duration::from_secs(estate::job::JOB_SECS_MAX);
    }
    let (line, progress) = (waiting.clone(), Arc::clone(&ctx.progress));
    let saying = tokio::spawn(async move {
        loop {
            line.say(&progress.stage());
            tokio::time::sleep(SAY_EVERY).await;
        }
    });
    let answer = tokio::select! {
        answer = analysis::answer(question, params, &ctx) => answer.map_err(Failure::from),
        _ = tokio::signal::ctrl_c() => {
            cancel.cancel();
            Err(crate::exit::interrupted("the question was stopped"))
        }
    };
    saying.abort();
    estate.close().await;
    answer
}

fn list(everywhere: &Everywhere) -> Result<Exit, Failure> {
    let columns = [("question", "Question", Cell::Text, ""), ("about", "Answers", Cell::Text, "")];
    let mut table = Table::new("questions", &columns);
    let mut whole = Vec::new();
    for question in QUESTIONS {
        table.rows.push(vec![question.kebab().into(), question.about().into()]);
        whole.push(json!({
            "question": question.kebab(),
            "title": question.title(),
            "about": question.about(),
            "parameters": question.parameters(),
        }));
    }
    output::tables(&whole, &[table], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}
