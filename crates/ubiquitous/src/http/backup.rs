//! A backup of the data folder, for `store backup` beside the server.

use std::path::PathBuf;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store_embedded::backup::BackupManifest;

use super::Shared;
use crate::people::caller::{Caller, Credential};
use crate::problem::Problem;

/// Where a backup goes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupRequest {
    /// A folder of its own, by its whole path.
    pub folder: PathBuf,
}

/// `POST /api/v1/backup`. The folder is on the server's machine, so only a command of the user who runs the
/// server may name it. It stops when the caller leaves.
pub async fn backup(
    State(shared): State<Shared>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<BackupManifest>, Problem> {
    if caller.credential != Credential::Owner {
        let detail = "a backup goes to a folder of the server's machine; run `ubiquitous store backup` there";
        return Err(Problem::forbidden(detail));
    }
    let request: BackupRequest = serde_json::from_slice(&body)
        .map_err(|error| Problem::bad_request("body", format!("names no folder: {error}")))?;
    if !request.folder.is_absolute() {
        return Err(Problem::bad_request("folder", "give the whole path of the folder"));
    }
    Ok(Json(shared.estate.backup(request.folder).await?))
}
