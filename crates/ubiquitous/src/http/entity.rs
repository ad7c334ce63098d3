//! One entity's page, search, and references that lead nowhere.

use axum::Json;
use axum::extract::{RawQuery, State};
use model::Micros;
use model::fact::{EntityMatch, EntityPage, EventFact, OpenReferenceFact};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Shared, query};
use crate::people::caller::Caller;
use crate::problem::Problem;

/// Relations on one page when the request does not say.
const RELATIONS_DEFAULT: usize = 200;
/// Most relations on one page.
const RELATIONS_MAX: usize = 2_000;
/// Most hits of one search.
const MATCHES_MAX: usize = 200;
/// Incidents, changes and findings on one page.
const EVENTS_MAX: usize = 100;
/// Longest text that is searched for.
const TEXT_MAX: usize = 512;

/// An entity and what was reported about it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EntityAnswer {
    /// The entity with what is around it.
    #[serde(flatten)]
    pub page: EntityPage,
    /// Incidents, changes and findings, newest first, at most 100.
    pub events: Vec<EventFact>,
}

/// Hits of a search.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SearchAnswer {
    /// Best first.
    pub matches: Vec<EntityMatch>,
}

/// References that lead nowhere, or to several things.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OpenReferencesAnswer {
    /// In order of source and label.
    pub references: Vec<OpenReferenceFact>,
    /// How many there are in all.
    pub total: u64,
}

/// `GET /api/v1/entity?id=…`
pub async fn page(
    State(shared): State<Shared>,
    caller: Caller,
    RawQuery(raw): RawQuery,
) -> Result<Json<EntityAnswer>, Problem> {
    let map = query::map(raw.as_deref(), &["id", "limit", "as_of"])?;
    let Some(id) = map.get("id").filter(|id| !id.is_empty()) else {
        return Err(Problem::bad_request("id", "give `id`: a canonical id, an alias or a name"));
    };
    let limit = query::limit(&map, RELATIONS_DEFAULT, RELATIONS_MAX)?;
    let as_of = match map.get("as_of") {
        None => None,
        Some(text) => {
            let at = model::time::instant(text);
            Some(Micros::of(at.map_err(|reason| Problem::bad_request("as_of", reason))?))
        }
    };
    let (ctx, _guard) = shared.estate.read_context(&caller.viewer(), as_of);
    let page = match shared.estate.topology().entity(&ctx, id, limit).await {
        Err(model::StoreError::NotFound { .. }) => {
            let near = shared.estate.topology().search(&ctx, id, 5).await?;
            let nearest: Vec<String> = near.into_iter().map(|hit| hit.id).collect();
            return Err(analysis::AskError::NotFound { what: format!("`{id}`"), nearest }.into());
        }
        other => other?,
    };
    let entity = page.entity.entity;
    let events = shared.estate.telemetry().events(&ctx, entity, EVENTS_MAX).await?;
    Ok(Json(EntityAnswer { page, events }))
}

/// `GET /api/v1/search?q=…`
pub async fn search(
    State(shared): State<Shared>,
    caller: Caller,
    RawQuery(raw): RawQuery,
) -> Result<Json<SearchAnswer>, Problem> {
    let map = query::map(raw.as_deref(), &["q", "limit"])?;
    let text = map.get("q").map_or("", |text| text.trim());
    if text.len() > TEXT_MAX {
        return Err(Problem::bad_request("q", format!("`q` is longer than {TEXT_MAX} bytes")));
    }
    let limit = query::limit(&map, 20, MATCHES_MAX)?;
    if text.is_empty() {
        return Ok(Json(SearchAnswer { matches: Vec::new() }));
    }
    let (ctx, _guard) = shared.estate.read_context(&caller.viewer(), None);
    let matches = shared.estate.topology().search(&ctx, text, limit).await?;
    Ok(Json(SearchAnswer { matches }))
}

/// `GET /api/v1/open-references`
pub async fn open_references(
    State(shared): State<Shared>,
    caller: Caller,
    RawQuery(raw): RawQuery,
) -> Result<Json<OpenReferencesAnswer>, Problem> {
    let map = query::map(raw.as_deref(), &["limit"])?;
    let limit = query::limit(&map, 100, 5_000)?;
    let (ctx, _guard) = shared.estate.read_context(&caller.viewer(), None);
    let (references, total) = shared.estate.topology().open_references(&ctx, limit).await?;
    Ok(Json(OpenReferencesAnswer { references, total }))
}
