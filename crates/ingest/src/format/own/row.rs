//! One row, with the fields of every type of row.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use model::entity::Properties;
use model::{Micros, Scope};
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

/// Types of rows.
pub const TYPES: &[&str] = &["entity", "relation", "incident", "change", "finding", "sample"];

/// A text that borrows from the line where it can.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_string<E>(self, text: String) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

impl Text<'_> {
    /// As a string slice.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The value of a label; numbers and flags are taken as they are written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum LabelValue {
    /// A text.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// A number.
    Number(serde_json::Number),
}

impl LabelValue {
    /// As it stands in a label.
    pub fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// A row. Null is as good as missing; unknown fields are skipped.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct Row<'a> {
    /// Of what kind the row is.
    #[serde(rename = "type")]
    pub row_type: Option<Text<'a>>,
    /// Kind of the entity, relation, change or finding.
    pub kind: Option<Text<'a>>,
    /// Canonical id, else the source's own.
    pub id: Option<Text<'a>>,
    /// Name for people.
    pub name: Option<String>,
    /// Place.
    pub scope: Option<Scope>,
    /// Labels.
    pub labels: Option<BTreeMap<String, LabelValue>>,
    /// Properties.
    pub properties: Option<Properties>,
    /// Other names of the entity.
    pub aliases: Option<Vec<Text<'a>>>,
    /// What tells two lives under one name apart.
    pub incarnation: Option<String>,
    /// Near end of a relation.
    pub from: Option<Text<'a>>,
    /// Far end of a relation.
    pub to: Option<Text<'a>>,
    /// `declared` or `observed`.
    pub evidence: Option<Text<'a>>,
    /// `required`, `optional`, `asynchronous` or `unknown`.
    pub need: Option<Text<'a>>,
    /// Where the need is known from.
    pub need_source: Option<Text<'a>>,
    /// Group of the dependency.
    pub group: Option<String>,
    /// Members of the group that must be left.
    pub min_alive: Option<u32>,
    /// When it was created or began.
    #[serde(alias = "created_at")]
    pub valid_from: Option<Micros>,
    /// When it ended.
    pub valid_to: Option<Micros>,
    /// Title of an incident, change or finding.
    pub title: Option<String>,
    /// A sentence more.
    pub summary: Option<String>,
    /// Severity.
    pub severity: Option<String>,
    /// Status.
    pub status: Option<String>,
    /// Start of an incident.
    pub started_at: Option<Micros>,
    /// Detection of an incident.
    pub detected_at: Option<Micros>,
    /// Acknowledgement of an incident.
    pub acknowledged_at: Option<Micros>,
    /// Mitigation of an incident.
    pub mitigated_at: Option<Micros>,
    /// End of an incident or an entity.
    #[serde(alias = "resolved_at")]
    pub ended_at: Option<Micros>,
    /// Later bound of the end of an incident.
    pub resolved_at_latest: Option<Micros>,
    /// What was harmed, altered or touched.
    pub entities: Option<Vec<Text<'a>>>,
    /// Subject of a finding or a sample.
    pub entity: Option<Text<'a>>,
    /// The incident it is a part of.
    pub parent: Option<String>,
    /// Cause of an incident.
    pub cause: Option<String>,
    /// When a change was made or a sample taken.
    pub at: Option<Micros>,
    /// Who made a change.
    pub actor: Option<String>,
    /// Where to read more.
    pub link: Option<String>,
    /// How often a change happened.
    pub count: Option<u64>,
    /// Weakness of a finding.
    pub vulnerability: Option<String>,
    /// Other names of the weakness.
    pub weaknesses: Option<Vec<String>>,
    /// Package of a finding.
    pub package: Option<String>,
    /// Version that was found.
    pub installed_version: Option<String>,
    /// Version that mends it.
    pub fixed_version: Option<String>,
    /// First sight of a finding.
    pub first_seen: Option<Micros>,
    /// Last sight of a finding.
    pub last_seen: Option<Micros>,
    /// Metric of a sample.
    pub metric: Option<String>,
    /// Value of a sample.
    pub value: Option<f64>,
    /// Unit of a sample.
    pub unit: Option<String>,
    /// Signal of a sample.
    pub signal: Option<String>,
    /// `gauge`, `counter` or `delta`.
    pub series_type: Option<Text<'a>>,
    /// When the row was true.
    pub observed_at: Option<Micros>,
    /// Who says so.
    pub source: Option<Text<'a>>,
}
