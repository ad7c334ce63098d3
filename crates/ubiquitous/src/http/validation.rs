//! Whether the data can be trusted: the newest validation with the history, and a run on demand.

use analysis::validation::{ValidationAnswer, ValidationReport};
use axum::Json;
use axum::extract::{RawQuery, State};
use tokio_util::sync::CancellationToken;

use super::{Shared, query};
use crate::problem::Problem;

/// `GET /api/v1/validation`
pub async fn latest(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<ValidationAnswer>, Problem> {
    query::map(raw.as_deref(), &[])?;
    Ok(Json(shared.estate.validation().await?))
}

/// `POST /api/v1/validation/run`
pub async fn run(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<ValidationReport>, Problem> {
    query::map(raw.as_deref(), &[])?;
    let cancel = CancellationToken::new();
    // When the caller leaves, this future is dropped, and the guard stops the statements.
    let _guard = cancel.clone().drop_guard();
    Ok(Json(shared.estate.validate(cancel).await?))
}
