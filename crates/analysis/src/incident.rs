//! Incidents as they were at an instant, put together from all that was said about them. Rows that are
//! messages (docs/formats/incidents.md) are joined by the incident they name; episodes of one key that
//! overlap or follow within 30 minutes are one; what lies after the instant is cut away, so that the
//! state is the one its events give. Everything is read whole: an end that lies outside a window still
//! ends what began inside it.

mod fold;
mod parent;
mod row;
mod severity;
mod spell;

#[cfg(test)]
mod tests;

use model::event::IncidentObservation;
use model::fact::{RecordFact, RecordKind, RecordQuery, SubjectFact};
use model::seam::ReadContext;
use model::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::{AskContext, AskError};

pub(crate) use fold::folded;
pub(crate) use severity::rank;

/// Reopened within this, it is the same incident.
pub(crate) const REOPENED_WITHIN: i64 = 30 * Micros::MINUTE;

/// Where an incident stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IncidentStatus {
    /// Nobody has taken it.
    Open,
    /// Somebody has.
    Acknowledged,
    /// Harm has stopped.
    Mitigated,
    /// It has ended.
    Resolved,
}

/// One thing that was said about an incident.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Said {
    /// When.
    pub at: Micros,
    /// What (`triggered`, `acknowledged`).
    pub what: String,
    /// By whom, if it says.
    pub actor: Option<String>,
}

/// One incident.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Incident {
    /// The source's id; of a later episode under one id with `#2`, `#3`, ….
    pub id: String,
    /// Who reported it.
    pub source: String,
    /// Title.
    pub title: String,
    /// Severity in the source's own word, lower case.
    pub severity: Option<String>,
    /// Where it stands.
    pub status: IncidentStatus,
    /// Harm began.
    pub started_at: Option<Micros>,
    /// Somebody or something noticed.
    pub detected_at: Option<Micros>,
    /// Somebody took it.
    pub acknowledged_at: Option<Micros>,
    /// Harm stopped.
    pub mitigated_at: Option<Micros>,
    /// It ended: earliest and latest, equal when it is known; absent while open or unknown.
    pub resolved_at: Option<(Micros, Micros)>,
    /// Whom it harmed, each once, in the order stated.
    pub subjects: Vec<SubjectFact>,
    /// Names of what it harmed, as the source gives them.
    pub harmed: Vec<String>,
    /// Teams, as the source names them.
    pub teams: Vec<String>,
    /// The incident it is a part of, as the source names it.
    pub parent: Option<String>,
    /// Id of that incident, when it is held and has begun.
    pub counted_under: Option<String>,
    /// The cause as stated afterwards.
    pub cause: Option<String>,
    /// Where to read more.
    pub link: Option<String>,
    /// What comes and goes, when it is an episode of that.
    pub episode_of: Option<String>,
    /// Alerts that are one with it; 1 for a single one.
    pub members: u64,
    /// How often it was opened again within 30 minutes of its end.
    pub reopened: u64,
    /// What was said, by time.
    pub said: Vec<Said>,
    /// When any of it was observed last.
    pub observed_at: Micros,
}

impl Incident {
    /// The first instant that is known of it.
    pub fn began(&self) -> Option<Micros> {
        let earliest = self.resolved_at.map(|(earliest, _)| earliest);
        self.started_at
            .or(self.detected_at)
            .or(self.acknowledged_at)
            .or(self.mitigated_at)
            .or(earliest)
    }

    /// Whether it goes on.
    pub fn is_open(&self) -> bool {
        self.status != IncidentStatus::Resolved
    }

    /// Whether it ended, but nobody says when.
    pub fn has_unknown_end(&self) -> bool {
        !self.is_open() && self.resolved_at.is_none()
    }

    /// From its beginning to its latest end, `until` while it goes on; `None` when it has no beginning
    /// or an unknown end.
    pub fn interval(&self, until: Micros) -> Option<(Micros, Micros)> {
        let began = self.began()?;
        let ended = match self.resolved_at {
            Some((_, latest)) => latest,
            None if self.is_open() => until,
            None => return None,
        };
        Some((began, ended.max(began)))
    }
}

/// Every incident held, as it was at `read.as_of` (at the instant of asking without): in order of beginning, source and id.
/// Those that are counted under another have `counted_under`.
///
/// # Errors
/// When the store gives no facts.
pub(crate) async fn incidents(
    ctx: &AskContext,
    read: &ReadContext,
) -> Result<Vec<Incident>, AskError> {
    let query = RecordQuery { record: RecordKind::Incident, window: None };
    let records = ctx.telemetry.records(read, query).await?;
    let facts: Vec<RecordFact<IncidentObservation>> =
        records.into_iter().map(RecordFact::typed).collect::<Result<_, _>>()?;
    Ok(folded(&facts, ctx.at(read.as_of)))
}
