//! Webhooks of tools that tell of incidents and changes. The response follows the fsync of the journal:
//! nothing is looked up or judged before it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use ingest::format::{Format, alertmanager, change, pagerduty, push};
use ingest::input::Input;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Shared;
use super::push::{context, read};
use crate::problem::Problem;

/// Prefix of the attributes of a CloudEvent in headers (HTTP protocol binding, binary mode).
const CLOUDEVENT: &str = "ce-";

/// What was taken.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct WebhookAnswer {
    /// Messages and changes that are on disk.
    pub accepted: u64,
    /// Those that could not be read.
    pub rejected: u64,
    /// Why, when any could not.
    pub message: Option<String>,
}

/// `POST /api/v1/webhooks/alertmanager`: Alertmanager's version 4, and Grafana's.
pub async fn alertmanager(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
    body: Bytes,
) -> Result<Json<WebhookAnswer>, Problem> {
    let name = "POST /api/v1/webhooks/alertmanager";
    take(&shared, raw.as_deref(), (name, alertmanager::WEBHOOK), body).await
}

/// `POST /api/v1/webhooks/pagerduty`: version 3, signed when a secret is configured.
pub async fn pagerduty(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<WebhookAnswer>, Problem> {
    let secrets: Vec<&str> = shared.estate.pagerduty_secrets().collect();
    if !secrets.is_empty() {
        let signature = headers.get("x-pagerduty-signature").and_then(|text| text.to_str().ok());
        if !pagerduty::is_signed(&body, signature.unwrap_or_default(), &secrets) {
            return Err(Problem::forbidden(
                "no signature in x-pagerduty-signature is of this body with the configured secret",
            ));
        }
    }
    let name = "POST /api/v1/webhooks/pagerduty";
    take(&shared, raw.as_deref(), (name, pagerduty::WEBHOOK), body).await
}

/// `POST /api/v1/webhooks/cloudevents`: structured, batched and binary.
pub async fn cloudevents(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<WebhookAnswer>, Problem> {
    let name = "POST /api/v1/webhooks/cloudevents";
    let body = structured(&headers, body);
    take(&shared, raw.as_deref(), (name, change::EVENTS), body).await
}

/// A binary event as a structured one; any other body as it is.
fn structured(headers: &HeaderMap, body: Bytes) -> Bytes {
    if !headers.contains_key("ce-specversion") {
        return body;
    }
    let mut event = Map::new();
    for (name, value) in headers {
        if let (Some(name), Ok(value)) = (name.as_str().strip_prefix(CLOUDEVENT), value.to_str()) {
            event.insert(name.to_owned(), Value::from(value));
        }
    }
    let media = headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
    event.insert("datacontenttype".to_owned(), media.unwrap_or_default().into());
    let data = serde_json::from_slice(&body)
        .unwrap_or_else(|_error| Value::from(String::from_utf8_lossy(&body).into_owned()));
    event.insert("data".to_owned(), data);
    Value::Object(event).to_string().into()
}

async fn take(
    shared: &Shared,
    raw: Option<&str>,
    (name, format): (&'static str, Format),
    body: Bytes,
) -> Result<Json<WebhookAnswer>, Problem> {
    let context = context(raw)?;
    let (pushed, batches) = read(move |hand_on| {
        let input = Input { name, bytes: &body, context: &context };
        if (format.recognise)(&input).is_none() {
            let reason = format!("it is none of {}", format.title);
            return Err(ingest::EnvelopeError::malformed(name, "the body", reason));
        }
        push::push(&input, format.name, format.read, hand_on)
    })
    .await?;
    let accepted: u64 = batches.iter().map(|one| one.observation_count() as u64).sum();
    shared.estate.push(batches).await?;
    if accepted == 0
        && let Some(reason) = &pushed.message
    {
        // The sender must not repeat what nothing can be read of.
        return Err(Problem::bad_request("body", reason.as_str()));
    }
    Ok(Json(WebhookAnswer { accepted, rejected: pushed.rejected, message: pushed.message }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_event_is_made_structured() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("ce-specversion", "1.0"),
            ("ce-id", "1"),
            ("ce-type", "x.deployed"),
            ("content-type", "application/json"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let event: Value =
            serde_json::from_slice(&structured(&headers, Bytes::from_static(b"{\"a\":1}")))
                .unwrap();
        assert_eq!((&event["type"], &event["data"]["a"]), (&Value::from("x.deployed"), &1.into()));
        assert_eq!(structured(&HeaderMap::new(), Bytes::from_static(b"x")), "x");
    }
}
