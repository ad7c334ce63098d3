//! How the stores do their work and what would help: explained, measured, applied and taken back.

use analysis::optimization::OptimizationAnswer;
use axum::Json;
use axum::extract::{RawQuery, State};
use tokio_util::sync::CancellationToken;

use super::{Shared, query};
use crate::problem::Problem;

/// `GET /api/v1/optimization`
pub async fn explained(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<OptimizationAnswer>, Problem> {
    query::map(raw.as_deref(), &[])?;
    Ok(Json(shared.estate.optimization().await?))
}

/// `POST /api/v1/optimization/measure`
pub async fn measure(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<OptimizationAnswer>, Problem> {
    query::map(raw.as_deref(), &[])?;
    let cancel = CancellationToken::new();
    // When the caller leaves, this future is dropped, and the guard stops the statements.
    let _guard = cancel.clone().drop_guard();
    Ok(Json(shared.estate.optimization_measure(cancel).await?))
}

/// `POST /api/v1/optimization/apply?id=…`: what is named, else all that can be applied. It goes on when the
/// caller leaves: half of a change helps nobody.
pub async fn apply(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<OptimizationAnswer>, Problem> {
    let ids = ids(raw.as_deref())?;
    let work =
        async move { shared.estate.optimization_apply(&ids, CancellationToken::new()).await };
    going_on(work).await.map(Json)
}

/// `POST /api/v1/optimization/undo`
pub async fn undo(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<OptimizationAnswer>, Problem> {
    query::map(raw.as_deref(), &[])?;
    going_on(async move { shared.estate.optimization_undo().await }).await.map(Json)
}

async fn going_on<T: Send + 'static>(
    work: impl Future<Output = model::error::StoreResult<T>> + Send + 'static,
) -> Result<T, Problem> {
    let ended = tokio::spawn(work).await;
    let done = ended.map_err(|error| model::StoreError::Internal {
        operation: "change a store".to_owned(),
        reason: error.to_string(),
    })?;
    Ok(done?)
}

/// The recommendations that are named.
fn ids(raw: Option<&str>) -> Result<Vec<String>, Problem> {
    let mut ids = Vec::new();
    for (name, value) in query::pairs(raw)? {
        match name.as_str() {
            "id" => ids.push(value),
            _ => return Err(Problem::bad_request(&name, "only `id` is known here")),
        }
    }
    Ok(ids)
}
