//! What a figure takes for granted, with who set it and when: every answer about value lists its own.

use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

/// One thing that is taken for granted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ValueAssumption {
    /// Stable word (`value_per_minute`, `harmed_share`, `split`, `product_share`).
    pub name: String,
    /// Canonical id of what it is about; null for all.
    pub of: Option<String>,
    /// What is assumed, amounts as decimal strings.
    pub value: String,
    /// Its unit (`USD/min`, `1`).
    pub unit: String,
    /// Who set it: a person, the source of the file that states it, or `default` for what the program
    /// takes when nobody says otherwise.
    pub set_by: String,
    /// When it was set or observed; null for a default.
    pub set_at: Option<Micros>,
    /// What it does to the figures, for people.
    pub note: String,
}

impl ValueAssumption {
    /// What the program takes when nobody says otherwise.
    pub fn default_of(name: &str, of: &str, (value, unit): (&str, &str), note: &str) -> Self {
        Self {
            name: name.to_owned(),
            of: Some(of.to_owned()),
            value: value.to_owned(),
            unit: unit.to_owned(),
            set_by: "default".to_owned(),
            set_at: None,
            note: note.to_owned(),
        }
    }
}
