//! `POST /api/v1/ingest`: one input of any format as the body, its context in the query string.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use ingest::InputContext;
use ingest::format::csv_series;
use model::input::{Completeness, IntakeEntry};
use model::{Micros, Reject};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Shared, query};
use crate::load::{self, Inspection, NamedFile};
use crate::people::is_same;
use crate::problem::Problem;

/// Parameters of the query string: name, type, meaning.
pub const QUERY: &[(&str, &str, &str)] = &[
    ("name", "string", "name of the input, for messages and the ledger"),
    ("cluster", "string", "name of the Kubernetes cluster"),
    ("namespace", "string", "namespace of records that name none"),
    ("environment", "string", "environment"),
    ("account", "string", "account of records that name none"),
    ("region", "string", "region of records that name none"),
    ("signal", "string", "what a plain CSV table measures; METRIC=SIGNAL pairs are joined by `;`"),
    ("entity", "string", "what a plain CSV table is about where it does not say so"),
    ("observed_at", "string", "when the content was true (RFC 3339)"),
    ("delivery", "string", "name of the bill's delivery"),
    ("dry_run", "boolean", "say what would change, and change nothing"),
    ("run", "string", "id that groups the inputs of one command"),
    ("context", "string", "the whole context as JSON, from a command beside the server"),
    ("file", "string", "which file to read instead of the body, as JSON, from such a command"),
];

/// Kind of the problem of a file that a command names and the server does not find.
pub const FILE_NOT_SEEN: &str = "file-not-seen";

/// What became of an input.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct IngestAnswer {
    /// A line of the ledger for the input, or for each member of an archive.
    pub entries: Vec<IntakeEntry>,
    /// Rejects in order of place, at most 1,000; the entries count all.
    pub rejects: Vec<Reject>,
}

/// What an input is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct InspectAnswer {
    /// One for the input, or one for each member of an archive.
    pub inputs: Vec<Inspection>,
}

/// Takes one input. The response follows the write: what it acknowledges survives.
pub async fn ingest(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<IngestAnswer>, Problem> {
    let Request { name, run, is_dry, context, file } = request(&shared, raw.as_deref(), &headers)?;
    let input = match file {
        None => load::body(&name, body, &context),
        Some(file) => file.input(&name, context).ok_or_else(|| {
            let detail = "the server does not see this file; send its bytes";
            Problem::new(FILE_NOT_SEEN, "No such file here", StatusCode::NOT_FOUND, detail)
        })?,
    };
    let ingested = if is_dry {
        shared.estate.dry_run(input).await?
    } else {
        shared.estate.ingest(&run, input).await?
    };
    match ingested.unread {
        Some(reject) if ingested.answer.entries.is_empty() => {
            Err(Problem::bad_request("body", reject.reason))
        }
        _ => Ok(Json(ingested.answer)),
    }
}

/// Says what an input is, and changes nothing.
pub async fn inspect(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<InspectAnswer>, Problem> {
    let Request { name, context, .. } = request(&shared, raw.as_deref(), &headers)?;
    let input = load::body(&name, body, &context);
    let inputs = tokio::task::spawn_blocking(move || load::inspect(&input)).await;
    let inputs = inputs.map_err(|_error| Problem::bad_request("body", "it could not be read"))?;
    Ok(Json(InspectAnswer { inputs }))
}

/// What the query string says.
struct Request {
    name: String,
    run: String,
    is_dry: bool,
    context: InputContext,
    file: Option<NamedFile>,
}

/// Reads the query string.
fn request(shared: &Shared, raw: Option<&str>, headers: &HeaderMap) -> Result<Request, Problem> {
    let names: Vec<&str> = QUERY.iter().map(|(name, ..)| *name).collect();
    let mut map = query::map(raw, &names)?;
    let name = map.remove("name").filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| "POST /api/v1/ingest".to_owned());
    let run = map.remove("run").unwrap_or_else(crate::estate::new_run);
    let is_dry = match map.remove("dry_run").as_deref() {
        None | Some("false") => false,
        Some("true" | "") => true,
        Some(other) => {
            let detail = format!("dry_run is `{other}`; it is true or false");
            return Err(Problem::bad_request("dry_run", detail));
        }
    };
    let token = headers.get("x-ubiquitous-owner").and_then(|value| value.to_str().ok());
    let is_owner = token.is_some_and(|given| is_same(given, &shared.owner_token));
    let file = owners(is_owner, "file", map.remove("file"))?;
    if let Some(context) = owners(is_owner, "context", map.remove("context"))? {
        return Ok(Request { name, run, is_dry, context, file });
    }
    let observed_at = match map.remove("observed_at") {
        None => None,
        Some(text) => {
            let at = model::time::instant(&text);
            Some(Micros::of(at.map_err(|reason| Problem::bad_request("observed_at", reason))?))
        }
    };
    let signals = map.remove("signal").unwrap_or_default();
    let signals = signals.split(';').filter(|text| !text.is_empty()).map(|text| {
        csv_series::signal(text).map_err(|reason| Problem::bad_request("signal", reason))
    });
    let context = InputContext {
        signals: signals.collect::<Result<_, _>>()?,
        entity: map.remove("entity"),
        cluster: map.remove("cluster"),
        namespace: map.remove("namespace"),
        environment: map.remove("environment"),
        account: map.remove("account"),
        region: map.remove("region"),
        observed_at,
        received_at: load::now(),
        delivery: map.remove("delivery").unwrap_or_else(|| run.clone()),
        complete: Vec::<Completeness>::new(),
        ..InputContext::default()
    };
    Ok(Request { name, run, is_dry, context, file })
}

/// A parameter that only commands of the user who runs the server may give.
fn owners<T: DeserializeOwned>(
    is_owner: bool,
    name: &str,
    text: Option<String>,
) -> Result<Option<T>, Problem> {
    let Some(text) = text else { return Ok(None) };
    if !is_owner {
        let detail = format!("`{name}` is for commands of the same user only");
        return Err(Problem::forbidden(detail));
    }
    let read = serde_json::from_str(&text);
    read.map(Some).map_err(|error| Problem::bad_request(name, error.to_string()))
}
