//! Why a figure is absent: one closed list for every figure of every answer, so that a reader, a script
//! and the dashboard can tell "nothing was sent" from "nobody configured it". What is particular to one
//! place stands beside it as a detail for people.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why there is no figure.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// It is collected, and there is none for what was asked.
    NoData,
    /// Nothing that was read tells it.
    NotCollected,
    /// It takes something that somebody has to state first.
    NotConfigured,
    /// There are fewer values, or a shorter time, than the figure takes.
    TooLittleData,
    /// It has no meaning here.
    NotApplicable,
    /// It lies outside what the viewer may see.
    OutOfScope,
    /// The store that holds it does not answer.
    StoreUnavailable,
}

impl Absence {
    /// All of them, in the order of the definition.
    pub const ALL: [Self; 7] = [
        Self::NoData,
        Self::NotCollected,
        Self::NotConfigured,
        Self::TooLittleData,
        Self::NotApplicable,
        Self::OutOfScope,
        Self::StoreUnavailable,
    ];

    /// The word on every wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoData => "no_data",
            Self::NotCollected => "not_collected",
            Self::NotConfigured => "not_configured",
            Self::TooLittleData => "too_little_data",
            Self::NotApplicable => "not_applicable",
            Self::OutOfScope => "out_of_scope",
            Self::StoreUnavailable => "store_unavailable",
        }
    }

    /// The same, with what is particular to this place.
    pub fn because(self, detail: impl Into<String>) -> Absent {
        Absent { reason: self, detail: Some(detail.into()) }
    }
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Absence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is no reason why a figure is absent"))
    }
}

/// Why there is no figure, and what is particular to this place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// Why.
    pub reason: Absence,
    /// More of it, for people.
    pub detail: Option<String>,
}

impl Absent {
    /// The same for people: the detail, else the reason in words.
    pub fn words(&self) -> String {
        self.detail.clone().unwrap_or_else(|| self.reason.as_str().replace('_', " "))
    }
}

impl From<Absence> for Absent {
    fn from(reason: Absence) -> Self {
        Self { reason, detail: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_definition() {
        let words: Vec<&str> = Absence::ALL.iter().map(|one| one.as_str()).collect();
        let defined = "no_data not_collected not_configured too_little_data not_applicable \
                       out_of_scope store_unavailable";
        assert_eq!(words.join(" "), defined);
        for one in Absence::ALL {
            assert_eq!(one.as_str().parse(), Ok(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
        assert!("no data".parse::<Absence>().is_err());
    }
}
