//! The demonstration estate: written as a user's files would be, read through the same ingest, and
//! then alive through the same HTTP interface.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use scenario::{EmittedBatch, InputStep, LONGEST_TICK, Options};
use tokio_util::sync::CancellationToken;

use crate::estate::{Estate, new_run};
use crate::exit::{Exit, Failure};
use crate::load::{self, Inputs};
use crate::output;
use crate::problem::Problem;

/// Seconds between two ticks of live emission.
const TICK_SECS: i64 = 15;

/// Setting that marks a folder as a demonstration, for good.
pub const MARK: &str = "demonstration";
const SEED: &str = "scenario_seed";
const UNTIL: &str = "scenario_until";
const EMITTED: &str = "scenario_emitted";

/// Writes the estate's files and reads them, unless the folder holds it already. Returns what the
/// emission goes on from.
///
/// # Errors
/// When the folder holds a real estate, or cannot be written.
pub async fn prepare(estate: &Estate, seed: u64) -> Result<Options, Failure> {
    let records = estate.records();
    if records.setting(MARK).await?.is_some() {
        let seed = number(records.setting(SEED).await?)?;
        let until = number(records.setting(UNTIL).await?)?;
        let until = Timestamp::from_second(until).unwrap_or(Timestamp::UNIX_EPOCH);
        return Ok(Options { seed: seed.unsigned_abs(), ..Options::demo(until) });
    }
    if !records.intake_list(None, 1).await?.is_empty() {
        let detail = "the folder holds a real estate; give the demonstration a folder of its own \
                      with --data-dir";
        return Err(Problem::bad_request("data_dir", detail).into());
    }
    let options = Options { seed, ..Options::demo(Timestamp::now()) };
    // The mark comes first: demonstration data never stands in a folder without it.
    records.setting_put(MARK, "true").await?;
    estate.mark_demonstration();
    records.setting_put(SEED, &seed.to_string()).await?;
    records.setting_put(UNTIL, &options.until_second().to_string()).await?;
    let files = tempfile::tempdir().map_err(|error| unwritten(&error.to_string()))?;
    output::say("writing ninety days of the demonstration company's files");
    let folder = files.path().to_owned();
    let to_write = options.clone();
    let written = tokio::task::spawn_blocking(move || scenario::write(&folder, &to_write))
        .await
        .map_err(|error| unwritten(&error.to_string()))?
        .map_err(|error| unwritten(&error.to_string()))?;
    let total = written.plan.steps.len();
    for (position, step) in written.plan.steps.iter().enumerate() {
        output::say(&format!("reading {} ({} of {total})", step.path, position + 1));
        read_step(estate, files.path(), step).await?;
    }
    Ok(options)
}

async fn read_step(estate: &Estate, folder: &Path, step: &InputStep) -> Result<(), Failure> {
    let run = new_run();
    let flags = flags_of(step, &run)?;
    let Inputs { files, rejects } = load::inputs(&[folder.join(&step.path)], &flags)?;
    for reject in rejects {
        tracing::warn!(source = reject.source, reason = reject.reason, "not read");
    }
    let root = format!("{}/", folder.display());
    for mut input in files {
        // The ledger shows the file as the company would name it.
        input.name = input.name.replace(&root, "");
        let ingested = estate.ingest(&run, input).await?;
        for reject in ingested.unread.iter().chain(&ingested.answer.rejects) {
            tracing::warn!(source = reject.source, reason = reject.reason, "rejected");
        }
    }
    Ok(())
}

fn flags_of(step: &InputStep, run: &str) -> Result<ingest::InputContext, Failure> {
    let observed_at = step.observed_at.as_deref().map(model::time::instant).transpose();
    let observed_at = observed_at.map_err(|reason| Problem::bad_request("observed_at", reason))?;
    Ok(ingest::InputContext {
        cluster: step.cluster.clone(),
        environment: step.environment.clone(),
        account: step.account.clone(),
        region: step.region.clone(),
        observed_at: observed_at.map(model::Micros::of),
        received_at: load::now(),
        delivery: step.delivery.clone().unwrap_or_else(|| run.to_owned()),
        ..ingest::InputContext::default()
    })
}

/// Sends what the estate says from where it stopped until `stop`, at first as fast as it goes.
pub async fn live(
    estate: &Estate,
    owner: store_embedded::Owner,
    options: Options,
    stop: CancellationToken,
) {
    let client = Client::new(owner);
    let stored = estate.records().setting(EMITTED).await.ok().flatten();
    let mut from =
        stored.and_then(|text| text.parse::<i64>().ok()).unwrap_or_else(|| options.until_second());
    loop {
        let now = Timestamp::now().as_second();
        if now - from < TICK_SECS {
            let pause = Duration::from_secs((TICK_SECS - (now - from)).unsigned_abs());
            tokio::select! {
                () = tokio::time::sleep(pause) => continue,
                () = stop.cancelled() => return,
            }
        }
        let to = now.min(from + LONGEST_TICK);
        let (seeded, sender) = (options.clone(), client.clone());
        let sent = tokio::task::spawn_blocking(move || sender.send(&seeded, from, to)).await;
        match sent {
            Ok(Ok(())) => {
                from = to;
                let kept = estate.records().setting_put(EMITTED, &from.to_string()).await;
                if let Err(error) = kept {
                    tracing::warn!(%error, "the emission's place was not kept");
                }
            }
            Ok(Err(reason)) => {
                // The same tick is sent again: what was taken already changes nothing.
                tracing::warn!(reason, "a tick of the demonstration was not taken");
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(5)) => {}
                    () = stop.cancelled() => return,
                }
            }
            Err(error) => {
                tracing::error!(%error, "the demonstration's emission failed");
                return;
            }
        }
        if stop.is_cancelled() {
            return;
        }
    }
}

/// Speaks to the server as any agent would, in the name of the user who runs it.
#[derive(Clone)]
struct Client {
    agent: ureq::Agent,
    owner: store_embedded::Owner,
}

impl Client {
    fn new(owner: store_embedded::Owner) -> Self {
        let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
        Self { agent, owner }
    }

    fn send(&self, options: &Options, from: i64, to: i64) -> Result<(), String> {
        let emission = scenario::emit(options, from, to);
        let at = Timestamp::from_second(to).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
        for batch in &emission.batches {
            self.send_batch(batch, &at)?;
        }
        let query = [("name", "larkfield-operations"), ("observed_at", at.as_str())];
        self.post(
            "/api/v1/ingest",
            &query,
            "application/x-ndjson",
            emission.observations.as_bytes(),
        )
    }

    fn send_batch(&self, batch: &EmittedBatch, at: &str) -> Result<(), String> {
        let place = [
            ("environment", batch.environment.as_str()),
            ("cluster", batch.cluster.as_str()),
            ("account", batch.account.as_str()),
            ("region", batch.region.as_str()),
        ];
        let mut context = place.to_vec();
        context.extend([("name", "openmetrics"), ("observed_at", at)]);
        let text = "application/openmetrics-text";
        self.post("/api/v1/ingest", &context, text, batch.open_metrics.as_bytes())?;
        let json = "application/json";
        self.post("/v1/metrics", &place, json, &batch.otlp_metrics)?;
        self.post("/v1/traces", &place, json, &batch.otlp_traces)?;
        self.post("/v1/logs", &place, json, &batch.otlp_logs)?;
        self.post("/api/v1/write", &place, "application/x-protobuf", &batch.remote_write)
    }

    fn post(
        &self,
        path: &str,
        query: &[(&str, &str)],
        media: &str,
        body: &[u8],
    ) -> Result<(), String> {
        if body.is_empty() {
            return Ok(());
        }
        let query = serde_html_form::to_string(query).map_err(|error| error.to_string())?;
        let request = self.agent.post(format!("http://{}{path}?{query}", self.owner.address));
        request
            .header("content-type", media)
            .header("x-ubiquitous-owner", &self.owner.token)
            .send(body)
            .map(|_response| ())
            .map_err(|error| format!("{path}: {error}"))
    }
}

fn number(text: Option<String>) -> Result<i64, Failure> {
    text.and_then(|text| text.parse().ok()).ok_or_else(|| {
        let detail =
            "the folder's demonstration was not finished; remove the folder and start anew";
        Failure { exit: Exit::Locked, problem: Problem::bad_request("data_dir", detail) }
    })
}

fn unwritten(reason: &str) -> Failure {
    Problem::bad_request("demo", format!("the demonstration's files: {reason}")).into()
}
