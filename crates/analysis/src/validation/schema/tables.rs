//! Every table that the program reads is there.

use model::fact::SchemaPartKind;

use super::{expected, schemas};
use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "schema_tables",
    family: ValidationFamily::Schema,
    severity: ValidationSeverity::Critical,
    title: "Tables",
    says: "every table that the program reads is there",
    affects: ValidationAffected::SchemaPart,
    causes: &["schema_migrations"],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let mut judgement = Judgement::default();
    for report in schemas(facts)? {
        let kinds = [SchemaPartKind::Table];
        let tables: Vec<_> = expected(report, &kinds).collect();
        judgement.checked += tables.len() as u64;
        let missing: Vec<&str> =
            tables.iter().filter(|one| one.found.is_none()).map(|one| one.name.as_str()).collect();
        if !missing.is_empty() {
            let count = counted(missing.len() as u64, "table");
            let what = format!("the {} store lacks {count}: {}", report.store, missing.join(", "));
            let action = "restore the store from a backup, or read its inputs into a new data \
                          folder: what the table held is lost";
            judgement.found.push(Found::failed(what, action).about(missing));
        }
    }
    Ok(judgement)
}

#[cfg(test)]
mod tests {
    use model::fact::{SchemaPart, SchemaReport};

    use super::*;
    use crate::validation::schema::columns;

    fn part(kind: SchemaPartKind, name: &str, is_found: bool) -> SchemaPart {
        let expected = Some("x".to_owned());
        let found = is_found.then(|| "x".to_owned());
        SchemaPart { kind, name: name.to_owned(), expected, found }
    }

    #[test]
    fn a_missing_table_is_named_and_its_columns_are_not() {
        let parts = vec![
            part(SchemaPartKind::Table, "main.span", false),
            part(SchemaPartKind::Table, "main.spanner", true),
            part(SchemaPartKind::Column, "main.span.id", false),
            part(SchemaPartKind::Column, "main.spanner.id", false),
        ];
        let mut facts = ValidationFacts::nothing();
        facts.telemetry_schema = Ok(SchemaReport { store: "telemetry".into(), parts });
        let found = judge(&facts).unwrap().found;
        assert_eq!(found[0].affected, ["main.span"]);
        let found = (columns::CHECK.judge)(&facts).unwrap().found;
        assert_eq!(found[0].affected, ["main.spanner.id"]);
    }
}
