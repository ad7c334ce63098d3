//! What an answer counts agrees with what it lists: no row of a table is longer or shorter than its
//! columns, no list holds more than its total, no share is of fewer than it has, and what is absent says
//! why.

use model::envelope::Envelope;
use serde_json::Value;

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "totals_add_up",
    family: ValidationFamily::Api,
    severity: ValidationSeverity::Major,
    title: "Totals",
    says: "what an answer counts agrees with what it lists",
    affects: ValidationAffected::Question,
    causes: &[],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let mut judgement = Judgement::default();
    for one in &facts.answers {
        let Ok(envelope) = &one.answer else { continue };
        judgement.checked += 1;
        if let Some(fault) = fault(envelope) {
            let what = format!("the answer of {} contradicts itself: {fault}", one.question);
            let action = "this is a defect of the program: report it with this line";
            judgement.found.push(Found::failed(what, action).about([one.question.as_str()]));
        }
    }
    Ok(judgement)
}

fn fault(envelope: &Envelope) -> Option<String> {
    for table in &envelope.tables {
        if let Some(row) = table.rows.iter().find(|row| row.len() != table.columns.len()) {
            let (cells, columns) = (row.len(), table.columns.len());
            return Some(format!(
                "table {} has a row of {cells} for {columns} columns",
                table.name
            ));
        }
    }
    for (list, total) in &envelope.truncated {
        let listed = envelope.data.get(list).and_then(Value::as_array).map_or(0, Vec::len) as u64;
        if listed > *total {
            return Some(format!("{list} lists {listed} of {total}"));
        }
    }
    for (kind, coverage) in &envelope.coverage {
        if coverage.with > coverage.of {
            return Some(format!("{} of {} have {kind}", coverage.with, coverage.of));
        }
    }
    unexplained(&envelope.data, &mut String::new())
}

/// The first measure or amount that is absent without a reason.
fn unexplained(value: &Value, place: &mut String) -> Option<String> {
    match value {
        Value::Object(object) => {
            let is_measure = object.contains_key("reason") && object.contains_key("basis");
            let is_absent = |name: &str| object.get(name).is_some_and(Value::is_null);
            let is_silent = object.get("reason").is_none_or(Value::is_null);
            if is_measure && is_silent && (is_absent("value") || is_absent("amount")) {
                return Some(format!("{place} is absent without a reason"));
            }
            object.iter().find_map(|(name, value)| within(name, value, place))
        }
        Value::Array(values) => {
            let mut numbered = values.iter().enumerate();
            numbered.find_map(|(number, value)| within(&number.to_string(), value, place))
        }
        _ => None,
    }
}

fn within(name: &str, value: &Value, place: &mut String) -> Option<String> {
    let length = place.len();
    place.push('/');
    place.push_str(name);
    let found = unexplained(value, place);
    place.truncate(length);
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_absent_says_why() {
        let of = |value: Value| unexplained(&value, &mut String::new());
        let told = json!({ "value": null, "unit": "s", "basis": null, "reason": "no_data" });
        let silent = json!({ "value": null, "unit": "s", "basis": null, "reason": null });
        assert_eq!(of(json!({ "rows": [{ "rate": told }] })), None);
        let found = of(json!({ "rows": [{ "rate": silent }] }));
        assert_eq!(found.as_deref(), Some("/rows/0/rate is absent without a reason"));
        // A reason of something else than a measure.
        assert_eq!(of(json!({ "value": null, "reason": null })), None);
    }
}
