//! Which trouble is meant: an incident, or an entity and an instant; and the other incidents known.

use model::entity::EntityId;
use model::error::StoreError;
use model::seam::ReadContext;
use model::time::Micros;

use super::params::SuspectsParams;
use super::roster::Roster;
use super::shape::SuspectLeftOut;
use crate::ask::{AskContext, AskError};
use crate::incident::{Incident, incidents};

/// Time looked at unless an end is stated.
const UNTIL: i64 = 5 * Micros::MINUTE;
/// Longest time of an incident that is looked at, and how long one without an end is left out.
const LENGTH_MAX: i64 = 6 * Micros::HOUR;

/// The trouble asked about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// Key of the incident.
    pub incident: Option<String>,
    /// What was harmed.
    pub entity: Option<String>,
    /// When the harm began.
    pub start: Micros,
    /// End of what is read, not included.
    pub end: Micros,
    /// Instant of the estate.
    pub as_of: Option<Micros>,
}

/// Other incidents before the end.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Others(Vec<(SuspectLeftOut, Vec<EntityId>)>);

impl Others {
    /// Those of the subjects, and those that name nobody, that reach into the baseline.
    pub fn left_out(&self, roster: &Roster, baseline_from: Micros) -> Vec<SuspectLeftOut> {
        let is_ours = |of: &[EntityId]| {
            of.is_empty() || of.iter().any(|one| roster.of_entity(*one).is_some())
        };
        let inside = self.0.iter().filter(|one| one.0.to > baseline_from && is_ours(&one.1));
        inside.map(|one| one.0.clone()).collect()
    }
}

/// What is asked about, with the incidents known by then.
///
/// # Errors
/// `NotFound` when no incident has that key, `BadParams` when it has no entity or no start.
pub(super) async fn asked(
    params: &SuspectsParams,
    now: Micros,
    ctx: &AskContext,
    read: &ReadContext,
) -> Result<(Asked, Others), AskError> {
    let incidents = incidents(ctx, read).await?;
    let incident = match &params.incident {
        Some(name) => {
            let found = incidents.iter().find(|one| one.id == *name);
            Some(found.ok_or_else(|| StoreError::NotFound { what: name.clone() })?)
        }
        None => None,
    };
    let start = params.at.or_else(|| incident.and_then(Incident::began));
    let start = start.ok_or_else(|| {
        AskError::bad("at", "the incident has no start; give when the harm began")
    })?;
    let entity = params.entity.clone().or_else(|| {
        let known = |one: &&model::fact::SubjectFact| one.kind != model::EntityKind::Unknown;
        incident.and_then(|one| one.subjects.iter().find(known)).map(|one| one.id.clone())
    });
    if entity.is_none() {
        return Err(AskError::bad("entity", "the incident names no entity; give one"));
    }
    let ended = incident.and_then(|one| Some(one.interval(now)?.1)).filter(|end| *end > start);
    let until = params.until.or(ended).unwrap_or(start.plus(UNTIL));
    let end = until.max(start.plus(Micros::MINUTE)).min(start.plus(LENGTH_MAX));
    let asked = Asked {
        incident: incident.map(|one| one.id.clone()),
        entity,
        start,
        end,
        as_of: Some(end),
    };
    let others = incidents.iter().filter(|one| asked.incident.as_ref() != Some(&one.id));
    let others = others.filter_map(|one| {
        let from = one.began().filter(|from| *from < start)?;
        let to = match one.is_open() {
            // What nobody closed would leave no baseline.
            true => from.plus(LENGTH_MAX),
            false => one.interval(now)?.1,
        };
        let left_out = SuspectLeftOut { incident: one.id.clone(), from, to: to.min(start) };
        Some((left_out, one.subjects.iter().map(|subject| subject.entity).collect()))
    });
    let others = Others(others.collect());
    Ok((asked, others))
}
