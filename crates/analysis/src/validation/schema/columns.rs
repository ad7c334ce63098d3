//! Every column is there with the type that the program writes.

use model::fact::SchemaPartKind;

use super::{expected, is_without_table, schemas};
use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "schema_columns",
    family: ValidationFamily::Schema,
    severity: ValidationSeverity::Critical,
    title: "Columns",
    says: "every column is there with the type that the program writes",
    affects: ValidationAffected::SchemaPart,
    causes: &["schema_migrations"],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let mut judgement = Judgement::default();
    for report in schemas(facts)? {
        let kinds = [SchemaPartKind::Column];
        let mut wrong = Vec::new();
        for one in expected(report, &kinds).filter(|one| !is_without_table(report, one)) {
            judgement.checked += 1;
            if one.found != one.expected {
                wrong.push(one.name.as_str());
            }
        }
        if !wrong.is_empty() {
            let what = format!(
                "{} of the {} store are missing or of another type: {}",
                counted(wrong.len() as u64, "column"),
                report.store,
                wrong.join(", ")
            );
            let action = "somebody altered the schema by hand: undo it, or restore the store from \
                          a backup";
            judgement.found.push(Found::failed(what, action).about(wrong));
        }
    }
    Ok(judgement)
}
