//! Service level objectives as organisations state them: the body of a stated observation of kind
//! `Objective`. Its first subject is the service. Fields follow OpenSLO v1; a table of objectives gives
//! the same.

use serde::{Deserialize, Serialize};

use crate::entity::Labels;

/// What a service is to keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// Name; one service may have several objectives.
    pub name: String,
    /// Share of good events that is promised, above 0 and below 1 (0.999).
    pub target: f64,
    /// Length of the rolling window in seconds (30 days are 2,592,000).
    pub window_seconds: f64,
    /// What is counted.
    pub indicator: Indicator,
    /// Who answers for it, as written.
    pub owner: Option<String>,
    /// Apdex threshold T in seconds, above 0; requests up to T satisfy, up to 4T are tolerated.
    #[serde(default)]
    pub apdex_seconds: Option<f64>,
}

/// What counts as good and as all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Indicator {
    /// Good of total events, each a counter. Without `good`, good is total less `bad`. Without `total`,
    /// requests of the service that did not fail, of all its requests.
    Ratio {
        /// Good events.
        good: Option<SeriesSelector>,
        /// Bad events, where these are counted instead.
        bad: Option<SeriesSelector>,
        /// All events.
        total: Option<SeriesSelector>,
    },
    /// Requests no slower than a bound, of all. Without `durations`, the service's own durations.
    Latency {
        /// The bound in seconds, above 0.
        bound_seconds: f64,
        /// The histogram's name (without `_bucket`), if the objective names one.
        durations: Option<SeriesSelector>,
    },
    /// The objective is stated in a way that is not understood; it is shown and gives no verdict.
    Unread {
        /// Why.
        reason: String,
    },
}

/// Series by their own name and labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesSelector {
    /// The metric's own name.
    pub metric: String,
    /// Labels that must have these values; `*` at a value's end matches any rest, `!` at its start
    /// matches what the rest does not; an absent label is empty.
    #[serde(default)]
    pub labels: Labels,
}

impl SeriesSelector {
    /// Whether a series of these labels is meant.
    pub fn is_match(&self, metric: &str, labels: &Labels) -> bool {
        let fits = |(name, wanted): (&String, &String)| {
            let held = labels.get(name).map_or("", String::as_str);
            match wanted.strip_prefix('!') {
                Some(refused) => !is_pattern_match(refused, held),
                None => is_pattern_match(wanted, held),
            }
        };
        self.metric == metric && self.labels.iter().all(fits)
    }
}

fn is_pattern_match(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => pattern == text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_compares_metric_and_labels() {
        let labels = |pairs: &[(&str, &str)]| -> Labels {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let selector = |pairs: &[(&str, &str)]| SeriesSelector {
            metric: "requests".to_owned(),
            labels: labels(pairs),
        };
        let held = labels(&[("code", "503"), ("route", "/")]);
        assert!(selector(&[]).is_match("requests", &held));
        assert!(!selector(&[]).is_match("other", &held));
        assert!(selector(&[("code", "5*"), ("route", "/")]).is_match("requests", &held));
        assert!(!selector(&[("code", "!5*")]).is_match("requests", &held));
        assert!(selector(&[("absent", ""), ("code", "!4*")]).is_match("requests", &held));
        assert!(!selector(&[("absent", "x")]).is_match("requests", &held));
    }

    #[test]
    fn an_objective_is_read_from_its_own_words() {
        let text = r#"{"name": "fast", "target": 0.99, "window_seconds": 2592000, "owner": null,
            "indicator": {"type": "latency", "bound_seconds": 0.3, "durations": null}}"#;
        let objective: Objective = serde_json::from_str(text).unwrap();
        assert_eq!(objective.apdex_seconds, None);
        assert!(matches!(objective.indicator, Indicator::Latency { bound_seconds: 0.3, .. }));
    }
}
