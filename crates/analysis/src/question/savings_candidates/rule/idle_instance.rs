//! A running instance that does next to nothing.

use model::fact::EntityFact;
use model::kind::{Confidence, EntityKind as K, RelationKind as R};

use super::RuleDef;
use crate::property::text;
use crate::question::savings_candidates::evidence::{
    Case, Found, Hit, Plan, Subject, figure, has_near,
};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};
use crate::question::savings_candidates::usage::Usage;

pub(super) const RULE: RuleDef = RuleDef {
    name: "idle_instance",
    title: "Stop or delete the instance",
    about: "running instances whose CPU never passed 5 % in the look-back; nodes of clusters and \
            members of scaling groups are left out",
    needs: "CPU utilisation over the whole look-back, a value a day at least",
    action: SavingsAction::Delete,
    effort: Grade::Medium,
    risk: Grade::Medium,
    find,
};

/// CPU that is never passed: idle in the sense of AWS Compute Optimizer (peak below 5 %).
const CPU_MAX: f64 = 0.05;

fn find(case: &Case<'_>) -> Found {
    measured(case, |_, instance, cpu, ordinal| {
        if cpu.max >= CPU_MAX {
            return None;
        }
        Some(Hit {
            subject: Subject::Entity(ordinal),
            evidence: format!(
                "{}: CPU at most {:.1} %, {:.1} % on average",
                text(instance, "instance_type").unwrap_or("instance"),
                cpu.max * 100.0,
                cpu.mean() * 100.0
            ),
            figures: cpu_figures(cpu),
            window: Some(case.facts.look_back.window()),
            covered: Ok(()),
            plan: Plan::Whole,
            confidence: Confidence::Medium,
        })
    })
}

/// The greatest and the mean CPU utilisation.
pub(super) fn cpu_figures(cpu: &Usage) -> Vec<crate::question::savings_candidates::shape::Figure> {
    vec![figure("cpu_max", cpu.max, "1"), figure("cpu_mean", cpu.mean(), "1")]
}

/// Calls `look` for every running instance on its own whose CPU was measured over the look-back, and
/// counts those of which it was not.
pub(super) fn measured(
    case: &Case<'_>,
    look: impl Fn(&Case<'_>, &EntityFact, &Usage, u32) -> Option<Hit>,
) -> Found {
    let window = case.facts.look_back.window();
    let mut found = Found::default();
    let mut unmeasured = 0;
    for (ordinal, instance) in case.of_kind(K::Instance) {
        let is_running = text(instance, "state").is_none_or(|state| state == "running");
        if !is_running || is_member(case, ordinal) {
            continue;
        }
        let cpu = case.facts.usages.of(&instance.id, "cpu_utilization_ratio");
        let Some(cpu) = cpu.filter(|cpu| cpu.covers(&window)) else {
            unmeasured += 1;
            continue;
        };
        found.looked_at += 1;
        found.hits.extend(look(case, instance, cpu, ordinal));
    }
    if unmeasured > 0 {
        let text = "running instances have no CPU utilisation over the whole look-back";
        found.reason = Some(format!("{unmeasured} {text}"));
    } else if found.looked_at == 0 {
        found.reason = Some("no running instance that stands for itself is known".to_owned());
    }
    found.is_blind = found.looked_at == 0;
    found
}

/// A node of a cluster, or a member of a group that something else scales.
fn is_member(case: &Case<'_>, ordinal: u32) -> bool {
    has_near(
        case.estate(),
        ordinal,
        R::HasReplica,
        &[K::NodeGroup, K::AutoscalingGroup, K::NodePool],
    ) || has_near(case.estate(), ordinal, R::RunsOn, &[K::KubernetesNode, K::Task])
}
