//! A workload that requests far more CPU than it uses: nodes are paid for what is requested.

use std::collections::BTreeMap;

use model::kind::{Confidence, EntityKind as K, RelationKind as R};

use super::RuleDef;
use crate::property::text;
use crate::question::savings_candidates::evidence::{
    Case, Found, Hit, Plan, Subject, figure, number,
};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "overprovisioned_workload",
    title: "Lower the requests to what is used, with room to spare",
    about: "workloads that request at least half a core and three times the CPU that they used",
    needs: "requests, and the CPU time of pods over a day at least",
    action: SavingsAction::Change,
    effort: Grade::Low,
    risk: Grade::Medium,
    find,
};

/// How many times the use is far more.
const TIMES_MIN: f64 = 3.0;
/// Cores of all replicas below which it is not worth a look.
const CORES_MIN: f64 = 0.5;
/// Shorter observations show nothing.
const SECONDS_MIN: f64 = 86_400.0;

fn find(case: &Case<'_>) -> Found {
    let estate = case.estate();
    let mut found = Found::default();
    let mut unmeasured = 0;
    for (ordinal, workload) in case.of_kind(K::Workload) {
        let is_daemon = text(workload, "controller") == Some("DaemonSet");
        let Some(request) = number(workload, "cpu_request_cores").filter(|_| !is_daemon) else {
            continue;
        };
        let pods: Vec<&str> = estate
            .from(ordinal)
            .iter()
            .filter(|one| one.kind == R::HasReplica && !one.properties.contains_key("finished"))
            .map(|one| estate.entity(one.to).id.as_str())
            .collect();
        let used = cores_used(case, &pods, &workload.id);
        let Some((used, seconds)) = used.filter(|(_, seconds)| *seconds >= SECONDS_MIN) else {
            unmeasured += 1;
            continue;
        };
        found.looked_at += 1;
        let requested = request * pods.len() as f64;
        if requested < CORES_MIN || requested < used * TIMES_MIN {
            continue;
        }
        let is_whole = seconds + 2.0 * SECONDS_MIN >= case.facts.look_back.window().seconds();
        found.hits.push(Hit {
            subject: Subject::Entity(ordinal),
            evidence: format!(
                "{} replicas request {requested:.1} cores and used {used:.2} on average",
                pods.len()
            ),
            figures: vec![
                figure("cpu_requested", requested, "cores"),
                figure("cpu_used_mean", used, "cores"),
                figure("observed", seconds, "s"),
            ],
            window: Some(case.facts.look_back.window()),
            covered: match is_whole {
                true => Ok(()),
                false => Err("its CPU was measured for a part of it only".to_owned()),
            },
            plan: Plan::Unpriced(
                "the bill falls only when a node less is needed, which depends on all of them"
                    .to_owned(),
            ),
            confidence: if is_whole { Confidence::Medium } else { Confidence::Low },
        });
    }
    if unmeasured > 0 {
        found.reason =
            Some(format!("{unmeasured} workloads with requests have no CPU time of a day"));
    } else if found.looked_at == 0 {
        found.reason = Some("no workload with requests is known".to_owned());
    }
    found.is_blind = found.looked_at == 0;
    found
}

/// Cores used on average by all pods together, and for how many seconds that was seen: the shortest of
/// the pods'. Where pods are not measured, what is measured of the workload itself.
fn cores_used(case: &Case<'_>, pods: &[&str], workload: &str) -> Option<(f64, f64)> {
    let rate = |id: &str| {
        let usage = case.facts.usages.of(id, "cpu_seconds")?;
        let seconds = usage.seconds();
        (seconds > 0.0).then(|| (usage.increase / seconds, seconds))
    };
    let measured: BTreeMap<&str, (f64, f64)> =
        pods.iter().filter_map(|pod| Some((*pod, rate(pod)?))).collect();
    if measured.is_empty() || measured.len() < pods.len() {
        return rate(workload);
    }
    let used = measured.values().map(|(rate, _)| rate).sum();
    let seconds = measured.values().map(|(_, seconds)| *seconds).fold(f64::INFINITY, f64::min);
    Some((used, seconds))
}
