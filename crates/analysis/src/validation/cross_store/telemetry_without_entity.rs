//! Whoever has telemetry is known to the topology. The write path makes both from one batch, so that one
//! without the other means a store that lost or gained rows of its own.

use std::collections::BTreeMap;

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "telemetry_without_entity",
    family: ValidationFamily::CrossStore,
    severity: ValidationSeverity::Critical,
    title: "Telemetry of something unknown",
    says: "whoever has series or calls is known to the topology",
    affects: ValidationAffected::Entity,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let subjects = facts.subjects.as_ref().map_err(Clone::clone)?;
    let unknown = facts.unknown_subjects.as_ref().map_err(Clone::clone)?;
    let mut by_kind: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for one in subjects.iter().filter(|one| unknown.contains(&one.id)) {
        by_kind.entry((&one.source, &one.kind)).or_default().push(&one.id);
    }
    let found = by_kind.into_iter().map(|((source, kind), ids)| {
        let count = counted(ids.len() as u64, kind);
        let what = format!("{count} of {source} have telemetry and are unknown to the topology");
        let action = format!(
            "read the inputs of {source} again, so that both stores take the batch; restore the \
             topology's store from a backup when many are missing"
        );
        Found::failed(what, action).about(ids)
    });
    Ok(Judgement { checked: subjects.len() as u64, found: found.collect() })
}

#[cfg(test)]
mod tests {
    use model::fact::TelemetrySubjectFact;

    use super::*;

    #[test]
    fn only_what_the_topology_does_not_know_is_named() {
        let of = |id: &str| TelemetrySubjectFact {
            source: "prometheus:a".into(),
            id: id.into(),
            kind: "service".into(),
            name: id.into(),
        };
        let mut facts = ValidationFacts::nothing();
        facts.subjects = Ok(vec![of("service://a"), of("service://b")]);
        facts.unknown_subjects = Ok(["service://b".to_owned()].into());
        let judgement = judge(&facts).unwrap();
        assert_eq!(judgement.checked, 2);
        assert_eq!(judgement.found[0].affected, ["service://b"]);
    }
}
