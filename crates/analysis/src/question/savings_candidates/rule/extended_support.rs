//! EKS and RDS versions in extended support, which costs extra by the hour.

use model::fact::EntityFact;
use model::kind::{Confidence, EntityKind as K};
use model::money::Amount;

use super::RuleDef;
use crate::property::text;
use crate::question::savings_candidates::cost::{EFFECTIVE, currency_of, mentions};
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Plan, Subject};
use crate::question::savings_candidates::shape::{Grade, SavingBasis, SavingsAction};
use crate::table::{SupportStatus, date_of};

pub(super) const RULE: RuleDef = RuleDef {
    name: "extended_support",
    title: "Upgrade to a version in standard support",
    about: "EKS clusters and RDS databases whose version is in extended support at the instant",
    needs: "an export that names their version, and the dated table of versions",
    action: SavingsAction::Change,
    effort: Grade::High,
    risk: Grade::Medium,
    find,
};

fn find(case: &Case<'_>) -> Found {
    let mut found = Found::default();
    let at = date_of(case.facts.now);
    for kind in [K::KubernetesCluster, K::Database, K::DatabaseCluster] {
        for (ordinal, entity) in case.of_kind(kind) {
            let support = if kind == K::KubernetesCluster {
                let is_eks = entity.properties.contains_key("platform_version");
                let Some(version) = text(entity, "version").filter(|_| is_eks) else { continue };
                case.facts.tables.eks_support(version, at)
            } else {
                let named = text(entity, "engine").zip(text(entity, "engine_version"));
                // What SQL Server costs after its support is no charge of RDS.
                let is_rds = entity.id.contains(":rds:");
                let is_it = |(engine, _): &(&str, &str)| is_rds && !engine.starts_with("sqlserver");
                let Some((engine, version)) = named.filter(is_it) else { continue };
                case.facts.tables.database_support("rds", engine, version, at)
            };
            found.looked_at += 1;
            if support.status != SupportStatus::Extended {
                continue;
            }
            let version = text(entity, "engine_version").or(text(entity, "version"));
            let end = support
                .standard_support_end
                .map_or_else(String::new, |end| format!(" since {end}"));
            found.hits.push(Hit {
                subject: Subject::Entity(ordinal),
                evidence: format!(
                    "version {} is out of standard support{end}",
                    version.unwrap_or("unknown")
                ),
                figures: Vec::new(),
                window: None,
                covered: Ok(()),
                plan: plan(case, entity),
                confidence: Confidence::High,
            });
        }
    }
    if found.looked_at == 0 {
        return Found::blind("no EKS cluster and no RDS database with its version is known");
    }
    found
}

/// What the bill charges as extended support.
fn plan(case: &Case<'_>, entity: &EntityFact) -> Plan {
    let words = ["extendedsupport", "extended support", "extended-support"];
    let rows: Vec<_> =
        case.charges(entity).into_iter().filter(|row| mentions(row, &words)).collect();
    let Ok(currency) = currency_of(&rows) else {
        return Plan::Unpriced("the bill shows no charge of extended support for it".to_owned());
    };
    let add =
        |sum: Amount, row: &&model::fact::UsageCostRow| sum.checked_add(row.sums[EFFECTIVE].0);
    match rows.iter().try_fold(Amount::ZERO, add) {
        Some(amount) => Plan::Part {
            amount,
            currency,
            basis: SavingBasis::Computed,
            source: "its charges of extended support in the month".to_owned(),
        },
        None => Plan::Unpriced("its charges are out of range".to_owned()),
    }
}
