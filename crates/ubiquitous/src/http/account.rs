//! Accounts, tokens and the log of what was done, over HTTP.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use model::account::AuditEntry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Shared, login, query};
use crate::people::caller::Caller;
use crate::people::change::{AccountFact, AccountList, AccountRequest};
use crate::people::token::{TokenAnswer, TokenList, TokenRequest};
use crate::problem::Problem;

/// Lines of the log.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AuditList {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// Give it as `before` for the next page; null at the end.
    pub next: Option<u64>,
}

/// `GET /api/v1/accounts`
pub async fn list(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<AccountList>, Problem> {
    query::map(raw.as_deref(), &[])?;
    Ok(Json(shared.estate.people().account_list().await?))
}

/// `POST /api/v1/accounts`
pub async fn change(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<AccountFact>, Problem> {
    let request: AccountRequest = login::parsed(&headers, &body)?;
    let opens = request.action == "add" && shared.estate.people().book().await?.is_empty();
    // Without a login anybody at this machine's address could make the first account, and lock all others
    // out: the user who runs the server makes it.
    if opens && caller.credential == crate::people::caller::Credential::None {
        let detail = "the first account is made with `ubiquitous account add`";
        return Err(Problem::forbidden(detail));
    }
    Ok(Json(shared.estate.people().account_change(&request, &caller).await?))
}

/// `GET /api/v1/tokens`
pub async fn tokens(
    State(shared): State<Shared>,
    caller: Caller,
    RawQuery(raw): RawQuery,
) -> Result<Json<TokenList>, Problem> {
    query::map(raw.as_deref(), &[])?;
    Ok(Json(shared.estate.people().token_list(&caller).await?))
}

/// `POST /api/v1/tokens`
pub async fn token_change(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<TokenAnswer>, Problem> {
    let request: TokenRequest = login::parsed(&headers, &body)?;
    Ok(Json(shared.estate.people().token_change(&request, &caller).await?))
}

/// `GET /api/v1/audit`
pub async fn audit(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<AuditList>, Problem> {
    let map = query::map(raw.as_deref(), &["before", "limit"])?;
    let limit = query::limit(&map, 100, 1_000)?;
    let before = match map.get("before") {
        None => None,
        Some(text) => Some(text.parse::<u64>().map_err(|_error| {
            Problem::bad_request("before", format!("`{text}` is not a number of the log"))
        })?),
    };
    let entries = shared.estate.people().audit(before, limit).await?;
    let next = if entries.len() == limit { entries.last().map(|one| one.id) } else { None };
    Ok(Json(AuditList { entries, next }))
}
