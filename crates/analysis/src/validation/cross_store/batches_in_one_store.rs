//! Every batch that one store took the other took as well.

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "batches_in_one_store",
    family: ValidationFamily::CrossStore,
    severity: ValidationSeverity::Critical,
    title: "Batches in one store only",
    says: "every batch is in both stores",
    affects: ValidationAffected::Journal,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let batches = facts.batches.as_ref().map_err(Clone::clone)?;
    let mut judgement = Judgement { checked: batches.len() as u64, found: Vec::new() };
    let sides = [("topology", "telemetry", true), ("telemetry", "topology", false)];
    for (store, other, is_first) in sides {
        let ahead = batches.iter().filter(|(_, (topology, telemetry))| {
            if is_first { topology > telemetry } else { telemetry > topology }
        });
        let journals: Vec<&str> = ahead.map(|(journal, _)| journal.as_str()).collect();
        if !journals.is_empty() {
            let count = counted(journals.len() as u64, "journal");
            let what = format!("{count}: the {store} store took batches that {other} did not");
            let action = "start `ubiquitous serve`, which applies what the journal still holds; when \
                          it stays so, read those inputs again";
            judgement.found.push(Found::failed(what, action).about(journals));
        }
    }
    Ok(judgement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_that_is_ahead_is_named() {
        let mut facts = ValidationFacts::nothing();
        let batches = [("a", (Some(3), Some(3))), ("b", (Some(2), None)), ("c", (None, Some(1)))];
        facts.batches = Ok(batches.map(|(name, at)| (name.to_owned(), at)).into());
        let found = judge(&facts).unwrap().found;
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].affected[0].as_str(), found[1].affected[0].as_str()), ("b", "c"));
    }
}
