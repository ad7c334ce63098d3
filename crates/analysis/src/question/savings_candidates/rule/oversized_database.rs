//! A database that would do its work in half its size.

use model::kind::Confidence;

use super::RuleDef;
use super::idle_database::measured;
use super::idle_instance::cpu_figures;
use super::oversized_instance::{CPU_MAX, class_plan, half_of};
use crate::property::text;
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Subject, figure};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "oversized_database",
    title: "Take the next smaller class",
    about: "databases whose CPU never passed 30 % and that someone connects to",
    needs: "CPU utilisation over the whole look-back",
    action: SavingsAction::Change,
    effort: Grade::Medium,
    risk: Grade::High,
    find,
};

fn find(case: &Case<'_>) -> Found {
    measured(case, "cpu_utilization_ratio", |database, cpu, ordinal| {
        let connections = case.facts.usages.of(&database.id, "connection_count");
        let is_idle = connections.is_some_and(|connections| connections.max <= 0.0);
        if cpu.max >= CPU_MAX || is_idle {
            return None;
        }
        let class = text(database, "db_instance_class").or(text(database, "cache_node_type"))?;
        let smaller = half_of(class)?;
        let mut figures = cpu_figures(cpu);
        figures.extend(connections.map(|one| figure("connections_max", one.max, "count")));
        Some(Hit {
            subject: Subject::Entity(ordinal),
            evidence: format!(
                "{class}: CPU at most {:.0} %; {smaller} would carry it",
                cpu.max * 100.0
            ),
            figures,
            window: Some(case.facts.look_back.window()),
            covered: Err("its memory and disk were not judged".to_owned()),
            plan: class_plan(case, database, &smaller, Some(2)),
            confidence: Confidence::Low,
        })
    })
}
