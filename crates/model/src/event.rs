//! Incidents and changes.

use serde::{Deserialize, Serialize};

use crate::entity::Labels;
use crate::reference::Reference;
use crate::time::Micros;

/// Label of an incident's row: id of the incident, of the same source, that the row is a message about.
/// A sender that tells of an incident in several messages never repeats all it said, so each message is
/// a row of its own, and whoever reads puts the rows together.
pub const MESSAGE_OF: &str = "message_of";
/// Label: what the message says (`triggered`, `acknowledged`, `resolved`, `reopened`, …).
pub const MESSAGE: &str = "message";
/// Label: when it was said, RFC 3339; nothing of the row is known before.
pub const MESSAGE_AT: &str = "message_at";
/// Label: key of something that comes and goes (a group of alerts): rows of one source and key whose
/// times overlap, or follow within 30 minutes, are one incident.
pub const EPISODE_OF: &str = "episode_of";
/// Label: names of what was harmed or altered as the source gives them, joined by `|`.
pub const HARMED: &str = "harmed";
/// Label: teams as the source names them, joined by `|`.
pub const TEAM: &str = "team";
/// Label: where to read more.
pub const LINK: &str = "link";

/// A period of harm. Key: (source, external id); of two versions the later observed wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentObservation {
    /// The source's own id.
    pub external_id: String,
    /// Title.
    pub title: String,
    /// Severity as the source says it, lower case.
    pub severity: Option<String>,
    /// `open`, `acknowledged`, `mitigated` or `resolved`.
    pub status: String,
    /// Harm began.
    pub started_at: Option<Micros>,
    /// Somebody or something noticed.
    pub detected_at: Option<Micros>,
    /// Somebody took it.
    pub acknowledged_at: Option<Micros>,
    /// Harm stopped.
    pub mitigated_at: Option<Micros>,
    /// It ended; the earlier bound when the end is a range.
    pub resolved_at: Option<Micros>,
    /// The later bound of the end, when it is a range.
    pub resolved_at_latest: Option<Micros>,
    /// What was harmed.
    pub entities: Vec<Reference>,
    /// The incident it is a part of, by external id.
    pub parent: Option<String>,
    /// The cause as stated afterwards.
    pub cause: Option<String>,
    /// Everything else that is kept.
    pub labels: Labels,
}

/// Something that was altered. Key: (source, external id).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeObservation {
    /// The source's own id.
    pub external_id: String,
    /// `deployment`, `scaling`, `configuration`, `flag`, `event` or the source's own word.
    pub kind: String,
    /// Title.
    pub title: String,
    /// When.
    pub at: Micros,
    /// Who.
    pub actor: Option<String>,
    /// Where to read more.
    pub link: Option<String>,
    /// What was altered.
    pub entities: Vec<Reference>,
    /// How often it happened (Kubernetes events are counted).
    pub count: u64,
    /// Everything else that is kept, such as `reason`.
    pub labels: Labels,
}
