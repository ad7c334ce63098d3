//! Every index and constraint that the migrations make is there.

use model::fact::SchemaPartKind;

use super::{expected, is_without_table, schemas};
use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "schema_constraints",
    family: ValidationFamily::Schema,
    severity: ValidationSeverity::Major,
    title: "Indexes and constraints",
    says: "every index and constraint that the program makes is there",
    affects: ValidationAffected::SchemaPart,
    causes: &["schema_migrations"],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let mut judgement = Judgement::default();
    for report in schemas(facts)? {
        let kinds = [SchemaPartKind::Index, SchemaPartKind::Constraint];
        let mut missing = Vec::new();
        for one in expected(report, &kinds).filter(|one| !is_without_table(report, one)) {
            judgement.checked += 1;
            if one.found.is_none() {
                missing.push(one.name.as_str());
            }
        }
        if !missing.is_empty() {
            let count = counted(missing.len() as u64, "index or constraint");
            let what = format!("the {} store lacks {count}: {}", report.store, missing.join(", "));
            let action = "make it again as the migration of that table states it";
            judgement.found.push(Found::failed(what, action).about(missing));
        }
    }
    Ok(judgement)
}
