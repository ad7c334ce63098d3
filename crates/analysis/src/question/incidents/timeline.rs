//! One incident from four hours before it to its end: what was said about it, what was changed on what
//! it harmed and next to that, and which other incidents went on beside it. Changes are not causes:
//! `incidents/suspects` weighs them.

mod judge;
mod shape;

use async_trait::async_trait;
use model::envelope::StoreFreshness;
use model::seam::DataKind;
use model::time::{Micros, Window, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::{AskContext, AskError};
use crate::estate::estate;
use crate::incident::{Incident, incidents};
use crate::param::{CommonDefaults, Text, common_params, fill_common};
use crate::question::{Draft, Question};
use crate::unit::telemetry_read;

pub use shape::{IncidentTimelineAnswer, IncidentTimelineEntry};

/// Changes this long before the beginning are shown.
pub(super) const BEFORE: i64 = 4 * Micros::HOUR;

/// Which incident.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IncidentTimelineParams {
    /// Instant asked about, RFC 3339 or a date; without it now.
    pub as_of: Option<Micros>,
    /// Id of the incident, as the source gives it (default the newest that is open, else the newest).
    pub id: Option<String>,
    /// Source of the incident, where two have one id.
    pub source: Option<String>,
    /// Accepted so that one address serves every page; the incident says its time.
    pub window: Option<Text<WindowParam>>,
    /// Accepted for uniformity.
    pub account: Vec<String>,
    /// Accepted for uniformity.
    pub region: Vec<String>,
    /// Accepted for uniformity.
    pub cluster: Vec<String>,
    /// Accepted for uniformity.
    pub namespace: Vec<String>,
    /// Accepted for uniformity.
    pub environment: Vec<String>,
    /// Accepted for uniformity.
    pub unit: Vec<String>,
    /// Most entries (default 200, at most 1,000).
    pub limit: Option<u32>,
    /// Accepted for uniformity; the list has its limit.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(IncidentTimelineParams);

/// The view.
pub struct IncidentTimelineQuestion;

#[async_trait]
impl Question for IncidentTimelineQuestion {
    const NAME: &'static str = "incidents/timeline";
    const TITLE: &'static str = "Incident timeline";
    const ABOUT: &'static str = "One incident with what was said about it, the changes before and \
                                 during it, other incidents beside it, what it harmed and whose that \
                                 is.";
    const READS: &'static [DataKind] =
        &[DataKind::Incidents, DataKind::Changes, DataKind::Topology];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    type Params = IncidentTimelineParams;
    type Answer = IncidentTimelineAnswer;

    fn fill(params: &mut IncidentTimelineParams) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 200, limit_max: 1_000, window: None };
        fill_common(params.common_mut(), defaults)?;
        let id = params.id.as_deref().unwrap_or_default();
        if id.len() > 1_000 || id.chars().any(char::is_control) {
            return Err(AskError::bad("id", "is too long or holds control characters"));
        }
        Ok(())
    }

    async fn ask(
        params: IncidentTimelineParams,
        _: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<IncidentTimelineAnswer>, AskError> {
        let now = ctx.at(params.as_of);
        let version = ctx.telemetry.version(DataKind::Incidents).await?;
        let read = telemetry_read(ctx.topology.as_ref(), ctx.read(params.as_of)).await?;
        let held = incidents(ctx, &read).await?;
        let one = chosen(&params, &held)?;
        let began = one.and_then(Incident::began).unwrap_or(now);
        let ended = one.and_then(|one| one.interval(now)).map_or(began, |(_, ended)| ended);
        let window =
            Window { from: began.plus(-BEFORE).timestamp(), to: ended.plus(1).timestamp() };
        let changes = ctx.telemetry.changes(&read, window).await?;
        let estate = estate(ctx, params.as_of).await?;
        let mut draft = judge::judged(&params, one, &held, &changes, &estate, now);
        draft.stores = vec![
            StoreFreshness::of("topology", estate.facts.version),
            StoreFreshness::of("telemetry", version),
        ];
        Ok(draft)
    }
}

/// The incident that is asked about; none when none is held.
fn chosen<'i>(
    params: &IncidentTimelineParams,
    held: &'i [Incident],
) -> Result<Option<&'i Incident>, AskError> {
    let is_source =
        |one: &&Incident| params.source.as_ref().is_none_or(|source| *source == one.source);
    let Some(id) = params.id.as_deref().map(str::trim).filter(|id| !id.is_empty()) else {
        let whole = held.iter().filter(is_source).filter(|one| one.counted_under.is_none());
        return Ok(whole.max_by_key(|one| (one.is_open(), one.began(), &one.source, &one.id)));
    };
    let found: Vec<&Incident> = held.iter().filter(|one| one.id == id).filter(is_source).collect();
    match found.as_slice() {
        [one] => Ok(Some(one)),
        [] => Err(AskError::NotFound { what: format!("incident `{id}`"), nearest: near(id, held) }),
        several => {
            let sources: Vec<&str> = several.iter().map(|one| one.source.as_str()).collect();
            let reason = format!("several have this id; give one of {}", sources.join(", "));
            Err(AskError::bad("source", reason))
        }
    }
}

/// Ids that hold this one, or that it holds.
fn near(id: &str, held: &[Incident]) -> Vec<String> {
    let lower = id.to_lowercase();
    let is_near = |one: &&Incident| {
        let own = one.id.to_lowercase();
        own.contains(&lower) || lower.contains(&own)
    };
    held.iter().filter(is_near).take(5).map(|one| one.id.clone()).collect()
}
