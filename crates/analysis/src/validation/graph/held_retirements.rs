//! Nothing waits for a decision: no export that lacks most of what the one before had, and no delivery of
//! a bill that is much smaller.

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "held_retirements",
    family: ValidationFamily::Graph,
    severity: ValidationSeverity::Minor,
    title: "Counts that dropped",
    says: "no export lacks so much that somebody must confirm it",
    affects: ValidationAffected::Entity,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let held = facts.held.as_ref().map_err(Clone::clone)?;
    let bills = facts.bills.as_ref().map_err(Clone::clone)?;
    let ledger = facts.ledger.as_ref().map_err(Clone::clone)?;
    let mut judgement = Judgement { checked: ledger.len() as u64, found: Vec::new() };
    let action = "`ubiquitous decide list` shows it with the command that confirms it; read a whole \
                  export when this one is cut";
    for one in held.iter().filter(|one| !one.missing.is_empty()) {
        let count = counted(one.missing.len() as u64, "entity").replace("entitys", "entities");
        let what = format!(
            "an export of {} lacks {count} of kind {} that the one before had",
            one.held.source, one.held.completeness.kind
        );
        let missing = one.missing.iter().map(String::as_str);
        judgement.found.push(Found::warning(what, action).about(missing));
    }
    for one in bills.iter().filter(|one| one.state == "held") {
        let what = format!("the delivery {} of {} is held", one.name, one.billing_account);
        let reason = one.reason.as_deref().map_or(String::new(), |reason| format!(": {reason}"));
        let about = [one.billing_account.as_str()];
        judgement.found.push(Found::warning(what + &reason, action).about(about));
    }
    Ok(judgement)
}
