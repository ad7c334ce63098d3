//! One row as it was at an instant.

use model::event::{
    EPISODE_OF, HARMED, IncidentObservation, LINK, MESSAGE, MESSAGE_AT, MESSAGE_OF, TEAM,
};
use model::fact::{RecordFact, SubjectFact};
use model::time::{Micros, instant};

use super::IncidentStatus;

/// A row, cut.
#[derive(Debug, Clone)]
pub(super) struct Row<'f> {
    /// Source.
    pub source: &'f str,
    /// Id of the incident it tells of.
    pub incident: &'f str,
    /// What comes and goes.
    pub episode_of: Option<&'f str>,
    /// What it says, when it is a message, and when.
    pub message: Option<(&'f str, Micros)>,
    /// Status at the instant.
    pub status: IncidentStatus,
    /// Instants that have come.
    pub started_at: Option<Micros>,
    pub detected_at: Option<Micros>,
    pub acknowledged_at: Option<Micros>,
    pub mitigated_at: Option<Micros>,
    /// Earliest and latest.
    pub resolved_at: Option<(Micros, Micros)>,
    /// Whom it harmed.
    pub subjects: &'f [SubjectFact],
    /// When it was observed.
    pub observed_at: Micros,
    /// The rest.
    pub body: &'f IncidentObservation,
}

impl<'f> Row<'f> {
    /// The row at `as_of`; `None` when nothing of it had happened.
    pub fn cut(fact: &'f RecordFact<IncidentObservation>, as_of: Micros) -> Option<Self> {
        let body = &fact.body;
        let label = |name: &str| body.labels.get(name).map(String::as_str);
        let at = label(MESSAGE_AT).and_then(|text| instant(text).ok()).map(Micros::of);
        let message = label(MESSAGE).zip(at);
        if message.is_some_and(|(_, at)| at > as_of) {
            return None;
        }
        let come = |at: Option<Micros>| at.filter(|at| *at <= as_of);
        let resolved_at = end(body).filter(|(_, latest)| *latest <= as_of);
        let mut row = Self {
            source: &fact.source,
            incident: label(MESSAGE_OF).unwrap_or(&body.external_id),
            episode_of: label(EPISODE_OF),
            message,
            status: IncidentStatus::Open,
            started_at: come(body.started_at),
            detected_at: come(body.detected_at),
            acknowledged_at: come(body.acknowledged_at),
            mitigated_at: come(body.mitigated_at),
            resolved_at,
            subjects: &fact.subjects,
            observed_at: fact.observed_at,
            body,
        };
        let has_any = |all: [bool; 5]| all.into_iter().any(|one| one);
        let has_come = has_any([
            row.started_at.is_some(),
            row.detected_at.is_some(),
            row.acknowledged_at.is_some(),
            row.mitigated_at.is_some(),
            row.resolved_at.is_some(),
        ]);
        let is_dated = has_any([
            body.started_at.is_some(),
            body.detected_at.is_some(),
            body.acknowledged_at.is_some(),
            body.mitigated_at.is_some(),
            body.resolved_at.is_some(),
        ]);
        if is_dated && !has_come {
            return None;
        }
        row.status = row.status_at(as_of);
        Some(row)
    }

    /// The status that its instants give; what is stated counts where no instant contradicts.
    fn status_at(&self, as_of: Micros) -> IncidentStatus {
        let is_known = self.observed_at <= as_of || self.message.is_some();
        let states = |word: &str| self.body.status == word;
        if self.resolved_at.is_some()
            || (states("resolved") && end(self.body).is_none() && is_known)
        {
            return IncidentStatus::Resolved;
        }
        let is_mitigated = self.mitigated_at.is_some()
            || (states("mitigated") && self.body.mitigated_at.is_none() && is_known);
        let is_acknowledged = self.acknowledged_at.is_some()
            || (states("acknowledged") && self.body.acknowledged_at.is_none() && is_known);
        match (is_mitigated, is_acknowledged) {
            (true, _) => IncidentStatus::Mitigated,
            (_, true) => IncidentStatus::Acknowledged,
            _ => IncidentStatus::Open,
        }
    }

    /// Who said it, if it says.
    pub fn actor(&self) -> Option<&'f str> {
        self.label("actor")
    }

    /// Where to read more.
    pub fn link(&self) -> Option<&'f str> {
        self.label(LINK)
    }

    /// Names of what it harmed.
    pub fn harmed(&self) -> impl Iterator<Item = &'f str> {
        self.names(HARMED)
    }

    /// Teams.
    pub fn teams(&self) -> impl Iterator<Item = &'f str> {
        self.names(TEAM)
    }

    /// What its whole group is called.
    pub fn group_title(&self) -> Option<&'f str> {
        self.label("group").filter(|title| !title.is_empty())
    }

    fn label(&self, name: &str) -> Option<&'f str> {
        self.body.labels.get(name).map(String::as_str)
    }

    fn names(&self, name: &str) -> impl Iterator<Item = &'f str> {
        let text = self.label(name).unwrap_or_default();
        text.split('|').map(str::trim).filter(|name| !name.is_empty())
    }
}

/// Earliest and latest end, as stated.
fn end(body: &IncidentObservation) -> Option<(Micros, Micros)> {
    match (body.resolved_at, body.resolved_at_latest) {
        (Some(one), Some(other)) => Some((one.min(other), one.max(other))),
        (Some(one), None) | (None, Some(one)) => Some((one, one)),
        (None, None) => None,
    }
}
