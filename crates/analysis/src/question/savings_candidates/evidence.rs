//! What a rule sees of an entity, and what it hands back.

use model::fact::{EntityFact, EstateRelation, UsageCostRow};
use model::kind::{Confidence, EntityKind, RelationKind};
use model::measure::Measure;
use model::money::Amount;
use model::time::Window;
use serde_json::Value;

use super::fetch::Facts;
use super::shape::{Figure, SavingBasis};
use crate::estate::Estate;

/// What one rule found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Entities it looked at.
    pub looked_at: u64,
    /// What it found.
    pub hits: Vec<Hit>,
    /// Why it could not look at all, or at a part.
    pub reason: Option<String>,
    /// Whether it could look at nothing at all.
    pub is_blind: bool,
}

impl Found {
    /// The rule lacks its data.
    pub fn blind(reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), is_blind: true, ..Self::default() }
    }
}

/// One candidate before it is priced and checked.
#[derive(Debug)]
pub(super) struct Hit {
    /// The entity.
    pub subject: Subject,
    /// Why, for people.
    pub evidence: String,
    /// The figures.
    pub figures: Vec<Figure>,
    /// The time they cover.
    pub window: Option<Window>,
    /// Whether what the rule needs was covered for the whole look-back; else why not.
    pub covered: Result<(), String>,
    /// How the saving comes about.
    pub plan: Plan,
    /// How far the evidence goes.
    pub confidence: Confidence,
}

/// What a candidate is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// An entity of the estate.
    Entity(u32),
    /// Something that only the bill names, with its rows there.
    Billed { id: String, kind: EntityKind, account: String, rows: Vec<usize> },
}

/// How the saving of a candidate comes about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Plan {
    /// Everything that it costs.
    Whole,
    /// A part of what it costs, in units of the month.
    Part { amount: Amount, currency: String, basis: SavingBasis, source: String },
    /// That cannot be told.
    Unpriced(String),
}

/// A figure.
pub(super) fn figure(name: &str, value: f64, unit: &str) -> Figure {
    Figure { name: name.to_owned(), value: Measure::new(value, unit) }
}

/// What rules look at.
pub(super) struct Case<'a> {
    /// The facts.
    pub facts: &'a Facts,
}

impl<'a> Case<'a> {
    /// The estate now.
    pub fn estate(&self) -> &'a Estate {
        &self.facts.estate
    }

    /// Entities of a kind that the viewer may see and that exist now for certain.
    pub fn of_kind(&self, kind: EntityKind) -> Vec<(u32, &'a EntityFact)> {
        let estate = self.estate();
        let ordinals = estate.of_kind(kind).filter(|one| !estate.is_outside(*one));
        ordinals
            .map(|one| (one, estate.entity(one)))
            .filter(|(_, entity)| entity.state != "ended" && entity.state != "missing_unconfirmed")
            .collect()
    }

    /// Charges of an entity.
    pub fn charges(&self, entity: &EntityFact) -> Vec<&'a UsageCostRow> {
        self.facts.costs.of(&entity.id)
    }

    /// Whether a condition on the configuration held when the look-back began, too, and every export
    /// between shows the entity: what an export says at one instant covers nothing by itself.
    pub fn held_before(
        &self,
        entity: &EntityFact,
        holds: impl Fn(&Estate, u32) -> bool,
    ) -> Result<(), String> {
        let Some(past) = &self.facts.past else {
            return Err("no export shows it at the start of the look-back".to_owned());
        };
        let Some(ordinal) = past.find(&entity.id) else {
            return Err("it is younger than the look-back".to_owned());
        };
        if past.entity(ordinal).state == "before_first_observation" {
            return Err("no export shows it at the start of the look-back".to_owned());
        }
        if holds(past, ordinal) {
            Ok(())
        } else {
            Err("at the start of the look-back it was otherwise".to_owned())
        }
    }
}

/// A number property.
pub(super) fn number(entity: &EntityFact, name: &str) -> Option<f64> {
    entity.properties.get(name).and_then(Value::as_f64)
}

/// Whether any relation of a kind leads to an entity from one of some kinds.
pub(super) fn has_near(
    estate: &Estate,
    ordinal: u32,
    relation: RelationKind,
    kinds: &[EntityKind],
) -> bool {
    near(estate, ordinal, relation).any(|one| kinds.contains(&estate.entity(one.from).kind))
}

/// Relations of a kind to an entity.
pub(super) fn near(
    estate: &Estate,
    ordinal: u32,
    relation: RelationKind,
) -> impl Iterator<Item = &EstateRelation> {
    estate.to(ordinal).filter(move |one| one.kind == relation)
}

/// Account and region, as one place in which exports are read.
pub(super) fn place(entity: &EntityFact) -> (Option<&str>, Option<&str>) {
    (entity.scope.account.as_deref(), entity.scope.region.as_deref())
}
