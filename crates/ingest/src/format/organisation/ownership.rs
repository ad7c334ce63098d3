//! Rows of the ownership table.

use model::entity::Labels;
use model::value::OwnershipRule;

use super::row::{Row, RowError};
use crate::key;

/// Keys without a name of their own behind a dot.
const KEYS: &[&str] =
    &["kind", "name", "id", "namespace", "cluster", "account", "region", "environment"];

/// One rule.
pub fn rule(row: &Row) -> Result<OwnershipRule, RowError> {
    let terms = terms(row.required("match")?)?;
    let owner = row.cell("owner").map(str::to_owned);
    let application =
        row.cell("application").map(|unit| key::unit("application", unit).to_string());
    if owner.is_none() && application.is_none() {
        return Err(RowError::new(
            "owner",
            "neither owner nor application is given; one is required",
        ));
    }
    let tier = row.cell("tier");
    if let Some(other) =
        tier.filter(|tier| !matches!(*tier, "critical" | "high" | "normal" | "low"))
    {
        let reason = format!("`{other}` is none of critical, high, normal, low");
        return Err(RowError::new("tier", reason));
    }
    Ok(OwnershipRule {
        terms,
        // The kind of the unit is not stated: the name that every unit claims.
        owner: owner.map(|unit| key::unit_name(&unit).to_string()),
        application,
        environment: row.cell("environment").map(str::to_owned),
        tier: tier.map(str::to_owned),
        note: row.cell("note").map(str::to_owned),
    })
}

fn terms(text: &str) -> Result<Labels, RowError> {
    let mut terms = Labels::new();
    for term in text.split(';').map(str::trim).filter(|term| !term.is_empty()) {
        let Some((key, value)) = term.split_once('=') else {
            return Err(RowError::new("match", format!("`{term}` is not key=value")));
        };
        let (key, value) = (key.trim(), value.trim());
        let is_label = ["label.", "tag."]
            .iter()
            .any(|prefix| key.strip_prefix(prefix).is_some_and(|name| !name.is_empty()));
        if !is_label && !KEYS.contains(&key) {
            let reason =
                format!("`{key}` is no key; they are {}, label.K and tag.K", KEYS.join(", "));
            return Err(RowError::new("match", reason));
        }
        if terms.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(RowError::new("match", format!("`{key}` stands there twice")));
        }
    }
    if terms.is_empty() {
        return Err(RowError::new("match", "no term; at least one key=value is required"));
    }
    Ok(terms)
}
