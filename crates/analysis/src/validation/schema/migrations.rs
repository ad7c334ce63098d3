//! Every migration of this program was applied, and with this program's text.

use model::fact::SchemaPartKind;

use super::schemas;
use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "schema_migrations",
    family: ValidationFamily::Schema,
    severity: ValidationSeverity::Critical,
    title: "Migrations",
    says: "every migration of this program was applied as it is written",
    affects: ValidationAffected::SchemaPart,
    causes: &[],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let mut judgement = Judgement::default();
    for report in schemas(facts)? {
        for one in report.parts.iter().filter(|one| one.kind == SchemaPartKind::Migration) {
            judgement.checked += 1;
            let (store, name) = (&report.store, &one.name);
            let what = match (&one.expected, &one.found) {
                (Some(_), None) => format!("migration {name} of the {store} store is not applied"),
                (None, Some(_)) => {
                    format!("migration {name} of the {store} store is of another program")
                }
                (Some(expected), Some(found)) if expected != found => {
                    format!("migration {name} of the {store} store was applied with another text")
                }
                _ => continue,
            };
            let action =
                "run `ubiquitous store migrate` with the newest program that used the store";
            judgement.found.push(Found::failed(what, action).about([name.as_str()]));
        }
    }
    Ok(judgement)
}
