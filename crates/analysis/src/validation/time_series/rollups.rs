//! Hours that are rolled up stand for the samples they were made of, and few wait to be made again.

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "rollups",
    family: ValidationFamily::TimeSeries,
    severity: ValidationSeverity::Major,
    title: "Rollups",
    says: "hours that are rolled up stand for the samples they were made of",
    affects: ValidationAffected::Source,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

/// Fewest dirty hours, and the share of all, that are too many.
const DIRTY_MIN: u64 = 100;
const DIRTY_SHARE: f64 = 0.01;

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let rollups = facts.rollups.as_ref().map_err(Clone::clone)?;
    let mut judgement = Judgement { checked: rollups.hours, found: Vec::new() };
    if rollups.wrong > 0 {
        let count = counted(rollups.wrong, "hour");
        let what = format!("{count} of series count other samples than there are");
        let action = "somebody wrote past the program: restore a backup, or read the inputs of the \
                      window into a new data folder";
        judgement.found.push(Found::failed(what, action).about(["rollups"]));
    }
    if rollups.dirty >= DIRTY_MIN && rollups.dirty as f64 > rollups.hours as f64 * DIRTY_SHARE {
        let count = counted(rollups.dirty, "hour");
        let what = format!("{count} of series wait to be rolled up again, and are read raw");
        let action = "let `ubiquitous serve` run: it rolls them up within a minute";
        judgement.found.push(Found::warning(what, action).about(["rollups"]));
    }
    Ok(judgement)
}
