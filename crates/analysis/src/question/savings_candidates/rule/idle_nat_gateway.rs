//! A NAT gateway that no route leads to, or through which nothing went.

use std::collections::BTreeSet;

use model::fact::EntityFact;
use model::kind::{Confidence, EntityKind as K, RelationKind as R};

use super::RuleDef;
use crate::estate::Estate;
use crate::property::text;
use crate::question::savings_candidates::cost::{is_gigabytes, is_hours};
use crate::question::savings_candidates::evidence::{
    Case, Found, Hit, Plan, Subject, figure, near,
};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "idle_nat_gateway",
    title: "Delete the NAT gateway and its routes",
    about: "NAT gateways that no route table leads to, or that the bill shows without traffic",
    needs: "an export of route tables of the same VPC, or a month of charges by the gateway",
    action: SavingsAction::Delete,
    effort: Grade::Medium,
    risk: Grade::Medium,
    find,
};

/// Less than this in a month is the gateway's own noise.
const GIGABYTES_MIN: f64 = 1.0;

fn find(case: &Case<'_>) -> Found {
    let gateways = case.of_kind(K::NatGateway);
    if gateways.is_empty() {
        return Found::blind("no NAT gateway is known");
    }
    let tables = case.of_kind(K::RouteTable);
    let with_tables: BTreeSet<&str> =
        tables.iter().filter_map(|(_, table)| text(table, "vpc_id")).collect();
    let mut found = Found::default();
    let mut open = 0;
    for (ordinal, gateway) in gateways {
        if text(gateway, "state").is_some_and(|state| state != "available") {
            continue;
        }
        let has_tables = text(gateway, "vpc_id").is_some_and(|vpc| with_tables.contains(vpc));
        let moved = gigabytes(case, gateway);
        if !has_tables && moved.is_none() {
            open += 1;
            continue;
        }
        found.looked_at += 1;
        let is_quiet = moved.is_some_and(|moved| moved < GIGABYTES_MIN);
        let is_routeless = has_tables && has_no_route(case.estate(), ordinal);
        if !is_quiet && !is_routeless || moved.is_some_and(|moved| moved >= GIGABYTES_MIN) {
            continue;
        }
        let evidence = if is_routeless {
            "no route table leads to it"
        } else {
            "the bill shows its hours and no traffic"
        };
        let covered = if is_routeless {
            case.held_before(gateway, has_no_route)
        } else {
            Err("the bill shows a month of its traffic".to_owned())
        };
        found.hits.push(Hit {
            subject: Subject::Entity(ordinal),
            evidence: evidence.to_owned(),
            figures: moved.map(|moved| figure("processed", moved, "GBy")).into_iter().collect(),
            window: case.facts.costs.window.filter(|_| is_quiet),
            covered,
            plan: Plan::Whole,
            confidence: Confidence::High,
        });
    }
    if open > 0 {
        found.reason =
            Some(format!("{open} gateways have neither route tables nor charges with hours"));
        found.is_blind = found.looked_at == 0;
    }
    found
}

fn has_no_route(estate: &Estate, ordinal: u32) -> bool {
    near(estate, ordinal, R::RoutesVia).next().is_none()
        && near(estate, ordinal, R::EgressThrough).next().is_none()
}

/// Gigabytes in the month; `None` when the bill does not show the gateway's hours.
fn gigabytes(case: &Case<'_>, gateway: &EntityFact) -> Option<f64> {
    let rows = case.charges(gateway);
    rows.iter().find(|row| is_hours(row))?;
    Some(rows.iter().filter(|row| is_gigabytes(row)).map(|row| row.quantity.0.to_f64()).sum())
}
