//! gp2 and magnetic storage, of volumes and databases.

use model::fact::EntityFact;
use model::kind::{Confidence, EntityKind};

use super::RuleDef;
use crate::property::text;
use crate::question::savings_candidates::cost::{
    EFFECTIVE, amount_from, currency_of, is_storage, mentions, share,
};
use crate::question::savings_candidates::evidence::{
    Case, Found, Hit, Plan, Subject, figure, number,
};
use crate::question::savings_candidates::shape::{Grade, SavingBasis, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "previous_generation_storage",
    title: "Change the storage to the class that succeeds it",
    about: "volumes and databases on gp2, magnetic or other previous-generation storage",
    needs: "an export of volumes or databases",
    action: SavingsAction::Change,
    effort: Grade::Low,
    risk: Grade::Low,
    find,
};

/// Above this size gp2 gives more operations than the 3,000 that gp3 gives without charge.
const GP2_FASTER_ABOVE_GIB: f64 = 1_000.0;

fn find(case: &Case<'_>) -> Found {
    let mut found = Found::default();
    let kinds = [
        (EntityKind::Volume, "volume_type", "size"),
        (EntityKind::Database, "storage_type", "allocated_storage"),
    ];
    for (kind, class_field, size_field) in kinds {
        for (ordinal, entity) in case.of_kind(kind) {
            let Some(class) = text(entity, class_field) else { continue };
            found.looked_at += 1;
            let Some(row) = case.facts.tables.previous_generation("ebs", class) else { continue };
            let size = number(entity, size_field);
            let is_large = size.is_some_and(|size| size > GP2_FASTER_ABOVE_GIB);
            let faster = match (class, is_large) {
                ("gp2", true) => "; above 1,000 GiB its operations must be bought with gp3",
                _ => "",
            };
            let mut figures = Vec::new();
            figures.extend(size.map(|size| figure("size", size, "GiBy")));
            found.hits.push(Hit {
                subject: Subject::Entity(ordinal),
                evidence: format!(
                    "{class} storage; {} succeeds it ({}){faster}",
                    row.successor, row.source
                ),
                figures,
                window: None,
                covered: Ok(()),
                plan: plan(case, entity, class, &row.successor),
                confidence: if is_large { Confidence::Medium } else { Confidence::High },
            });
        }
    }
    if found.looked_at == 0 {
        return Found::blind("no volume and no database with its class of storage is known");
    }
    found
}

/// By the successor's price in the bill of the same region; else by the ratio that AWS publishes.
fn plan(case: &Case<'_>, entity: &EntityFact, class: &str, successor: &str) -> Plan {
    let rows = case.charges(entity);
    let storage: Vec<_> = rows.into_iter().filter(|row| is_storage(row)).collect();
    let currency = match currency_of(&storage) {
        Ok(currency) => currency,
        Err(_) => return Plan::Unpriced("no charge names its storage".to_owned()),
    };
    let (mut cost, mut quantity) = (model::Amount::ZERO, 0.0);
    for row in &storage {
        let Some(sum) = cost.checked_add(row.sums[EFFECTIVE].0) else {
            return Plan::Unpriced("its charges are out of range".to_owned());
        };
        cost = sum;
        quantity += row.quantity.0.to_f64();
    }
    let is_database = entity.kind == EntityKind::Database;
    let region = entity.scope.region.as_deref();
    let price = case.facts.costs.unit_price(&currency, |row| {
        let is_rds = mentions(row, &["rds", "relational database"]);
        is_storage(row)
            && row.region.as_deref() == region
            && is_rds == is_database
            && mentions(row, &[successor])
    });
    if let Some(price) = price
        && let Some(after) = amount_from(price * quantity)
    {
        let amount = model::Amount((cost.0 - after.0).max(0));
        let source = format!("the price of {successor} in the bill of the same region");
        return Plan::Part { amount, currency, basis: SavingBasis::Computed, source };
    }
    if class != "gp2" || is_database {
        return Plan::Unpriced(format!("the bill of the region shows no price of {successor}"));
    }
    Plan::Part {
        amount: share(cost, 20, 100),
        currency,
        basis: SavingBasis::Estimated,
        source: "gp3 costs 20 % less per GB than gp2 (aws.amazon.com/ebs/general-purpose, \
                 2020-12-01)"
            .to_owned(),
    }
}
