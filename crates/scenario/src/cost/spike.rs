//! The planted days of unusual spend.

use serde::{Deserialize, Serialize};

use super::usage::{SURGE_DAYS, SURGE_NODES};
use crate::clock::{DAY, day_start, rfc3339};
use crate::company::ENVIRONMENTS;
use crate::estate::Estate;

/// Days on which far more was used than usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostSpikeTruth {
    /// Account.
    pub account: String,
    /// Team, by its tag.
    pub team: String,
    /// First day.
    pub from: String,
    /// End of the last day.
    pub to: String,
    /// What caused it.
    pub why: String,
}

/// Every planted spike, by start. A day is charged when it starts within the surge.
pub fn spikes(estate: &Estate) -> Vec<CostSpikeTruth> {
    if estate.is_quiet {
        return Vec::new();
    }
    let first = estate.until - SURGE_DAYS.0 * DAY;
    let end = estate.until - SURGE_DAYS.1 * DAY;
    let day_from = |at: i64| if day_start(at) == at { at } else { day_start(at) + DAY };
    vec![CostSpikeTruth {
        account: ENVIRONMENTS[0].account.id.to_owned(),
        team: "search-team".to_owned(),
        from: rfc3339(day_from(first)),
        to: rfc3339(day_from(end)),
        why: format!("{SURGE_NODES} more instances than usual"),
    }]
}
