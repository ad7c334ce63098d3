//! What the store holds at a glance, for the dashboard's shell.

use axum::Json;
use axum::extract::State;
use model::envelope::StoreFreshness;
use model::fact::DataPresence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shared;
use crate::problem::Problem;

/// The state of the estate.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EstateStatus")]
pub struct Status {
    /// Version of the program.
    pub version: String,
    /// Whether the data folder is a demonstration, for good.
    pub demonstration: bool,
    /// Versions of the stores.
    pub stores: Vec<StoreFreshness>,
    /// Entities in the estate now.
    pub entities: u64,
    /// Relations in the estate now.
    pub relations: u64,
    /// How much there is of each kind of telemetry.
    pub presence: Vec<DataPresence>,
    /// References that lead nowhere or to several things.
    pub open_references: u64,
    /// Retirements that wait for a decision.
    pub held: u64,
    /// Batches that are acknowledged and not yet in every store.
    pub intake_backlog: u64,
}

/// `GET /api/v1/status`
pub async fn status(State(shared): State<Shared>) -> Result<Json<Status>, Problem> {
    Ok(Json(shared.estate.status().await?))
}
