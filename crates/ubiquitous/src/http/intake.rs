//! The ledger of what came in.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use model::Reject;
use model::input::IntakeEntry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Shared, query};
use crate::problem::Problem;

/// Lines of the ledger.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct IntakeList {
    /// Newest first.
    pub entries: Vec<IntakeEntry>,
    /// Give it as `before` for the next page; null at the end.
    pub next: Option<u64>,
}

/// One line and its rejects.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct IntakePage {
    /// The line.
    pub entry: IntakeEntry,
    /// Rejects in order of place, at most 1,000; `entry.outcome.rejects` counts all.
    pub rejects: Vec<Reject>,
}

/// `GET /api/v1/intake`
pub async fn list(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<IntakeList>, Problem> {
    let map = query::map(raw.as_deref(), &["before", "limit"])?;
    let limit = query::limit(&map, 50, 1_000)?;
    let before = match map.get("before") {
        None => None,
        Some(text) => Some(text.parse::<u64>().map_err(|_error| {
            Problem::bad_request("before", format!("`{text}` is not a number of the ledger"))
        })?),
    };
    let entries = shared.estate.records().intake_list(before, limit).await?;
    let next = if entries.len() == limit { entries.last().map(|entry| entry.id) } else { None };
    Ok(Json(IntakeList { entries, next }))
}

/// `GET /api/v1/intake/{id}`
pub async fn entry(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<IntakePage>, Problem> {
    let Ok(id) = id.parse::<u64>() else {
        return Err(Problem::not_found(format!("`{id}` is not a number of the ledger")));
    };
    let (entry, rejects) = shared.estate.records().intake_entry(id).await?;
    Ok(Json(IntakePage { entry, rejects }))
}
