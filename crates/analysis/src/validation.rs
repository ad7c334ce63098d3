//! Whether the program's own data can be trusted: checks of six families over both stores and the
//! answers, one file a check, weighed into one score. The facts are read once; every check is a pure
//! function of them. Cost: one pass over the samples of 14 days, one over the estate, and each question
//! once.

mod api;
mod check;
mod cross_store;
mod facts;
mod graph;
mod performance;
mod report;
mod schema;
mod table;
mod time_series;
mod weigh;

use std::time::Instant;

use crate::ask::AskContext;
use check::Unjudged;

pub use check::{
    Check, ValidationAffected, ValidationFamily, ValidationSeverity, ValidationStatus,
};
pub use report::{
    ValidationAnswer, ValidationCheck, ValidationCounts, ValidationFamilySummary, ValidationIssue,
    ValidationPast, ValidationReport,
};
pub use table::tables;

/// Every check, by family.
pub const CHECKS: &[&Check] = &[
    &cross_store::telemetry_without_entity::CHECK,
    &cross_store::entity_without_telemetry::CHECK,
    &cross_store::batches_in_one_store::CHECK,
    &schema::tables::CHECK,
    &schema::columns::CHECK,
    &schema::constraints::CHECK,
    &schema::migrations::CHECK,
    &time_series::stale_sources::CHECK,
    &time_series::missing_samples::CHECK,
    &time_series::duplicates::CHECK,
    &time_series::future_samples::CHECK,
    &time_series::counter_resets::CHECK,
    &time_series::flat_lines::CHECK,
    &time_series::units::CHECK,
    &time_series::rollups::CHECK,
    &graph::orphans::CHECK,
    &graph::dangling_relations::CHECK,
    &graph::impossible_relations::CHECK,
    &graph::containment_cycles::CHECK,
    &graph::ambiguous_references::CHECK,
    &graph::held_retirements::CHECK,
    &api::answers_fit_their_schema::CHECK,
    &api::totals_add_up::CHECK,
    &performance::answers_in_time::CHECK,
];

/// Makes every check. A store that does not answer fails the checks that need it, not the validation.
pub async fn validate(ctx: &AskContext) -> ValidationReport {
    let begun = Instant::now();
    let facts = facts::facts(ctx).await;
    let judge = move || CHECKS.iter().map(|check| (*check, (check.judge)(&facts))).collect();
    let judged: Vec<weigh::Judged<'static>> = match tokio::task::spawn_blocking(judge).await {
        Ok(judged) => judged,
        Err(error) => {
            let defect = |check: &&'static Check| (*check, Err(Unjudged::Error(error.to_string())));
            CHECKS.iter().map(defect).collect()
        }
    };
    weigh::report(judged, ctx.now, begun.elapsed())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_causes_exist() {
        let names: BTreeSet<&str> = CHECKS.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), CHECKS.len());
        for check in CHECKS {
            assert!(check.causes.iter().all(|cause| names.contains(cause)), "{}", check.name);
        }
        for family in ValidationFamily::ALL {
            assert!(CHECKS.iter().any(|check| check.family == family), "{family:?}");
        }
    }

    #[test]
    fn without_facts_every_check_is_skipped() {
        let facts = facts::ValidationFacts::nothing();
        for check in CHECKS {
            let said = (check.judge)(&facts);
            let is_nothing = match &said {
                Ok(judgement) => judgement.checked == 0 && judgement.found.is_empty(),
                Err(unjudged) => matches!(unjudged, Unjudged::Skipped(_)),
            };
            assert!(is_nothing, "{}: {said:?}", check.name);
        }
    }
}
