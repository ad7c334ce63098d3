//! Parameters of `savings_candidates`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule;
use super::shape::SafeAnswer;
use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list, within};

/// Which candidates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SavingsCandidatesParams {
    /// Instant asked about, RFC 3339 or a date; without it now.
    pub as_of: Option<Micros>,
    /// Time looked back over for use and coverage, ending at that instant, or where the newest
    /// measurement is (default P35D, so that a month's end is in it; at most P400D).
    pub window: Option<Text<WindowParam>>,
    /// Account, subscription or project; any of the given ones.
    pub account: Vec<String>,
    /// Region; any of the given ones.
    pub region: Vec<String>,
    /// Cluster by uid or name; any of the given ones.
    pub cluster: Vec<String>,
    /// Namespace; any of the given ones.
    pub namespace: Vec<String>,
    /// Environment; any of the given ones.
    pub environment: Vec<String>,
    /// Owning unit, team or product by canonical id, with everything below it.
    pub unit: Vec<String>,
    /// Only these rules; may be repeated.
    pub rule: Vec<String>,
    /// Only this entity: canonical id, alias or unique name; may be repeated.
    pub entity: Vec<String>,
    /// Only candidates that are safe, not safe or of unknown safety; may be repeated.
    pub safe: Vec<SafeAnswer>,
    /// Whether dismissed candidates are listed too; they never count in totals (default no).
    pub with_dismissed: Option<bool>,
    /// Most candidates to give, largest saving first (default 100, at most 5,000).
    pub limit: Option<u32>,
    /// Go on after the last page, from its `next`.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(SavingsCandidatesParams, place);

/// The look-back.
const LOOK_BACK: i64 = 35 * Micros::DAY;

/// The longest look-back: as long as history is kept.
const LOOK_BACK_MAX: i64 = 400 * Micros::DAY;

/// Most entities asked for by name.
const ENTITIES_MAX: usize = 50;

impl SavingsCandidatesParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 100, limit_max: 5_000, window: Some(LOOK_BACK) };
        fill_common(self.common_mut(), defaults)?;
        let micros = match self.window {
            Some(Text(WindowParam::Last(micros))) => micros,
            Some(Text(WindowParam::Range(window))) => {
                let (from, to) = window.micros();
                to.0.saturating_sub(from.0)
            }
            _ => {
                let reason = "give a length such as P35D, or FROM/TO";
                return Err(AskError::bad("window", reason));
            }
        };
        if !(Micros::DAY..=LOOK_BACK_MAX).contains(&micros) {
            return Err(AskError::bad("window", "is not between one day and P400D"));
        }
        tidy_list("rule", &mut self.rule)?;
        if let Some(unknown) = self.rule.iter().find(|name| rule::of_name(name).is_none()) {
            let names: Vec<&str> = rule::RULES.iter().map(|rule| rule.name).collect();
            let reason = format!("`{unknown}` is no rule; there are {}", names.join(", "));
            return Err(AskError::bad("rule", reason));
        }
        tidy_list("entity", &mut self.entity)?;
        if self.entity.len() > ENTITIES_MAX {
            let reason = format!("at most {ENTITIES_MAX} entities are accepted");
            return Err(AskError::bad("entity", reason));
        }
        self.safe.sort_unstable();
        self.safe.dedup();
        self.with_dismissed = Some(self.with_dismissed.unwrap_or(false));
        if let Some(cursor) = &self.cursor
            && cursor.parse::<u64>().is_err()
        {
            return Err(AskError::bad("cursor", "is not the `next` of an earlier page"));
        }
        self.limit = Some(within("limit", self.limit, 100, 5_000)?);
        Ok(())
    }

    /// Candidates that earlier pages gave.
    pub(super) fn skipped(&self) -> usize {
        self.cursor.as_ref().and_then(|cursor| cursor.parse().ok()).unwrap_or(0)
    }
}
