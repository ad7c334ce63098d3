//! A load balancer behind which there is nothing.

use std::collections::BTreeSet;

use model::kind::{Confidence, EntityKind as K, RelationKind as R};

use super::RuleDef;
use crate::estate::Estate;
use crate::property::text;
use crate::question::savings_candidates::evidence::{
    Case, Found, Hit, Plan, Subject, figure, near, place,
};
use crate::question::savings_candidates::safe::leads_somewhere;
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "idle_load_balancer",
    title: "Delete the load balancer",
    about: "load balancers whose routes lead to no target, or that had no request",
    needs: "exports of load balancers, listeners and target health, or a count of requests over the \
            whole look-back",
    action: SavingsAction::Delete,
    effort: Grade::Low,
    risk: Grade::Medium,
    find,
};

fn find(case: &Case<'_>) -> Found {
    let balancers = case.of_kind(K::LoadBalancer);
    if balancers.is_empty() {
        return Found::blind("no load balancer is known");
    }
    let estate = case.estate();
    // Where no target group has a target, target health was not exported.
    let groups = case.of_kind(K::TargetGroup);
    let with_health: BTreeSet<_> = groups
        .iter()
        .filter(|(one, _)| estate.far(*one, R::RoutesTo).next().is_some())
        .map(|(_, group)| place(group))
        .collect();
    let mut found = Found::default();
    let mut open = 0;
    for (ordinal, balancer) in balancers {
        let is_classic = text(balancer, "type") == Some("classic");
        let requests = ["request_count", "request_rate"]
            .iter()
            .find_map(|signal| case.facts.usages.of(&balancer.id, signal));
        let window = case.facts.look_back.window();
        let (evidence, figures, covered) = if is_classic || with_health.contains(&place(balancer)) {
            found.looked_at += 1;
            if !has_nothing_behind(estate, ordinal) {
                continue;
            }
            let covered = case.held_before(balancer, has_nothing_behind);
            ("no route of it leads to a target".to_owned(), Vec::new(), covered)
        } else if let Some(requests) = requests {
            found.looked_at += 1;
            let had = requests.increase > 0.0 || requests.max > 0.0 && requests.increase == 0.0;
            if had {
                continue;
            }
            let covered = match requests.covers(&window) {
                true => Ok(()),
                false => Err("requests were not counted throughout".to_owned()),
            };
            ("no request was counted".to_owned(), vec![figure("requests", 0.0, "count")], covered)
        } else {
            open += 1;
            continue;
        };
        found.hits.push(Hit {
            subject: Subject::Entity(ordinal),
            evidence,
            figures,
            window: Some(window),
            covered,
            plan: Plan::Whole,
            confidence: Confidence::High,
        });
    }
    if open > 0 {
        let text = "load balancers have neither target health nor a count of requests";
        found.reason = Some(format!("{open} {text}"));
        found.is_blind = found.looked_at == 0;
    }
    found
}

/// It has routes that forward, and none of them leads to a target; or it has no route at all. A
/// balancer that only redirects is used as it is.
fn has_nothing_behind(estate: &Estate, ordinal: u32) -> bool {
    let routes: Vec<u32> = near(estate, ordinal, R::RunsOn)
        .filter(|one| estate.entity(one.from).kind == K::Route)
        .map(|one| one.from)
        .collect();
    let is_classic = text(estate.entity(ordinal), "type") == Some("classic");
    let forwards = |route: u32| {
        is_classic || estate.far(route, R::RoutesTo).next().is_some() || {
            let actions = estate.entity(route).properties.get("actions");
            let all = actions.and_then(serde_json::Value::as_array);
            all.is_some_and(|all| all.iter().any(|one| one == "forward"))
        }
    };
    let is_used_otherwise = estate.to(ordinal).any(|one| {
        let from = estate.entity(one.from).kind;
        matches!(from, K::KubernetesService | K::Ingress | K::Gateway | K::VpcEndpoint)
    });
    let only_redirects = !routes.is_empty() && !routes.iter().any(|route| forwards(*route));
    !is_used_otherwise
        && !only_redirects
        && !routes.iter().any(|route| leads_somewhere(estate, *route))
}
