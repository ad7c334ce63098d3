//! Traffic through a NAT gateway where a VPC endpoint would do.

use std::collections::BTreeSet;

use model::kind::{Confidence, EntityKind as K, RelationKind as R};

use super::RuleDef;
use crate::property::text;
use crate::question::savings_candidates::cost::{EFFECTIVE, is_gigabytes};
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Plan, Subject, figure};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "nat_transfer",
    title: "Reach S3 and DynamoDB through gateway endpoints, which cost nothing",
    about: "NAT gateways with traffic in VPCs without a gateway endpoint, in accounts that use S3 or \
            DynamoDB",
    needs: "exports of NAT gateways and VPC endpoints, and a month of charges by gateway",
    action: SavingsAction::Review,
    effort: Grade::Low,
    risk: Grade::Low,
    find,
};

/// Gigabytes in a month below which it is not worth a look.
const GIGABYTES_MIN: f64 = 100.0;

fn find(case: &Case<'_>) -> Found {
    let gateways = case.of_kind(K::NatGateway);
    if gateways.is_empty() || case.facts.costs.is_empty() {
        return Found::blind("no NAT gateway is known, or no charges are held for the month");
    }
    let estate = case.estate();
    let is_free = |id: &str| id.contains(".s3") || id.contains(".dynamodb");
    let endpoints = case.of_kind(K::VpcEndpoint);
    let with_endpoint: BTreeSet<&str> = endpoints
        .iter()
        .filter(|(_, one)| text(one, "vpc_endpoint_type") == Some("Gateway"))
        .filter(|(_, one)| text(one, "service_name").is_some_and(is_free))
        .filter_map(|(_, one)| text(one, "vpc_id"))
        .collect();
    let users: BTreeSet<Option<&str>> = case
        .of_kind(K::Bucket)
        .iter()
        .map(|(_, bucket)| bucket.scope.account.as_deref())
        .chain(dynamo_accounts(case))
        .collect();
    let mut found = Found { looked_at: gateways.len() as u64, ..Found::default() };
    for (ordinal, gateway) in gateways {
        let has_endpoint = text(gateway, "vpc_id").is_some_and(|vpc| with_endpoint.contains(vpc));
        let uses = users.contains(&gateway.scope.account.as_deref());
        if has_endpoint || !uses {
            continue;
        }
        let rows = case.charges(gateway);
        let moved = rows.iter().filter(|row| is_gigabytes(row));
        let (mut gigabytes, mut cost) = (0.0, 0.0);
        for row in moved {
            gigabytes += row.quantity.0.to_f64();
            cost += row.sums[EFFECTIVE].0.to_f64();
        }
        if gigabytes < GIGABYTES_MIN {
            continue;
        }
        let subnets = estate.near(ordinal, R::EgressThrough).count();
        found.hits.push(Hit {
            subject: Subject::Entity(ordinal),
            evidence: format!(
                "{gigabytes:.0} GB went through it from {subnets} subnets; its VPC has no gateway \
                 endpoint for S3 or DynamoDB"
            ),
            figures: vec![
                figure("processed", gigabytes, "GBy"),
                figure("processing_cost", cost, rows.first().map_or("", |row| &row.currency)),
            ],
            window: case.facts.costs.window,
            covered: Ok(()),
            plan: Plan::Unpriced(
                "the bill does not say how much of it went to S3 or DynamoDB".to_owned(),
            ),
            confidence: if endpoints.is_empty() { Confidence::Low } else { Confidence::Medium },
        });
    }
    found
}

/// Accounts with tables of DynamoDB.
fn dynamo_accounts<'a>(case: &Case<'a>) -> Vec<Option<&'a str>> {
    let databases = case.of_kind(K::Database);
    let tables = databases.into_iter().filter(|(_, one)| text(one, "engine") == Some("dynamodb"));
    tables.map(|(_, one)| one.scope.account.as_deref()).collect()
}
