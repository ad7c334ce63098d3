//! What people decide, and the rules that they state.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use model::decision::{Decision, RuleSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Shared, query};
use crate::estate::decide::{DecisionList, DecisionRequest, checked_rules};
use crate::people::caller::Caller;
use crate::problem::Problem;

/// Parameters of `POST /api/v1/rules`: name, type, meaning.
pub const RULES_QUERY: &[(&str, &str, &str)] = &[
    ("dry_run", "boolean", "check the rules, and put nothing in force"),
    ("author", "string", "who states them; without it the user who runs the server"),
];

/// The rules in force.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RulesAnswer {
    /// The list as it was given, with version, author and time; null when none were ever put.
    pub rules: Option<RuleSet>,
    /// How many rules it holds.
    pub count: u64,
}

/// `GET /api/v1/decisions`
pub async fn list(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<DecisionList>, Problem> {
    query::map(raw.as_deref(), &[])?;
    Ok(Json(shared.estate.decision_list().await?))
}

/// `POST /api/v1/decisions`
pub async fn decide(
    State(shared): State<Shared>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Decision>, Problem> {
    let mut request: DecisionRequest = serde_json::from_slice(&body)
        .map_err(|error| Problem::bad_request("body", format!("is no decision: {error}")))?;
    // Who has an account decides in its name.
    request.author = caller.account.or(request.author);
    Ok(Json(shared.estate.decide(&request).await?))
}

/// `GET /api/v1/rules`
pub async fn rules(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<RulesAnswer>, Problem> {
    query::map(raw.as_deref(), &[])?;
    let rules = shared.estate.rules().await?;
    let count = rules.as_ref().map_or(Ok(0), |held| checked_rules(&held.text).map(|all| all.len()));
    Ok(Json(RulesAnswer { count: count? as u64, rules }))
}

/// `POST /api/v1/rules`
pub async fn put_rules(
    State(shared): State<Shared>,
    caller: Caller,
    RawQuery(raw): RawQuery,
    body: Bytes,
) -> Result<Json<RulesAnswer>, Problem> {
    let names: Vec<&str> = RULES_QUERY.iter().map(|(name, ..)| *name).collect();
    let map = query::map(raw.as_deref(), &names)?;
    let text = std::str::from_utf8(&body)
        .map_err(|_error| Problem::bad_request("body", "is no UTF-8 text"))?;
    let count = checked_rules(text)?.len() as u64;
    let is_dry = match map.get("dry_run").map(String::as_str) {
        None | Some("false") => false,
        Some("true" | "") => true,
        Some(other) => {
            let detail = format!("dry_run is `{other}`; it is true or false");
            return Err(Problem::bad_request("dry_run", detail));
        }
    };
    if is_dry {
        return Ok(Json(RulesAnswer { rules: None, count }));
    }
    let author = caller.account.as_deref().or(map.get("author").map(String::as_str));
    let put = shared.estate.put_rules(text, author).await?;
    Ok(Json(RulesAnswer { rules: Some(put), count }))
}
