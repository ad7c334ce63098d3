//! What would make the stores faster: rules over the recorded workload, its plans and the tables, each with
//! its reason and the time it would save. The rules read the neutral shapes of `model` only, so that every
//! store is judged alike. Cost: one plan a statement of the workload, nothing is executed.

mod facts;
mod growth;
mod merge;
mod report;
mod rule;
mod table;
mod verdict;

pub use facts::{MeasuredPlan, OptimizationFacts, SizePast, StatementFact, TableSize};
pub use report::{
    OptimizationAnswer, OptimizationApplied, OptimizationEffect, OptimizationFault,
    OptimizationIndexUse, OptimizationPlace, OptimizationRecommendation, OptimizationStatement,
    OptimizationStore, OptimizationTable, OptimizationVerdict,
};
pub use rule::{RULES, Rule};
pub use table::tables;
pub use verdict::{Fault, faults};

/// Most recommendations that are given.
const RECOMMENDATIONS_MAX: usize = 200;

/// Judges everything; `applied` is what was done before.
pub fn optimize(
    facts: &OptimizationFacts,
    applied: Vec<OptimizationApplied>,
) -> OptimizationAnswer {
    let found = RULES
        .iter()
        .flat_map(|rule| (rule.judge)(facts).into_iter().map(move |found| (*rule, found)));
    let mut recommendations = merge::merged(facts, found.collect());
    let recommendation_total = recommendations.len() as u64;
    recommendations.truncate(RECOMMENDATIONS_MAX);
    let statements = table::statements(facts);
    let mut answer = OptimizationAnswer {
        at: facts.now,
        since: facts.since,
        measured_at: facts.measured_at(),
        seconds_total: facts.seconds_total(),
        recommendations,
        recommendation_total,
        statements,
        table_statistics: table::table_statistics(facts),
        index_use: table::index_use(facts),
        stores: growth::stores(facts),
        applied,
        tables: Vec::new(),
    };
    answer.tables = tables(&answer);
    answer
}

#[cfg(test)]
mod tests;
