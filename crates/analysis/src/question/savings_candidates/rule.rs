//! The rules, one file each: what they look for, what data they need, and what they find.

mod commitment_missing;
mod commitment_unused;
mod cross_zone_traffic;
mod extended_support;
mod forgotten_environment;
mod idle_database;
mod idle_instance;
mod idle_load_balancer;
mod idle_nat_gateway;
mod nat_transfer;
mod old_log_volume;
mod orphaned_snapshot;
mod overprovisioned_workload;
mod oversized_database;
mod oversized_instance;
mod previous_generation_class;
mod previous_generation_storage;
mod public_ipv4;
mod sql_server_licence;
mod unattached_volume;
mod unused_elastic_ip;

use super::evidence::{Case, Found};
use super::shape::{Grade, SavingsAction};

/// One rule.
pub(super) struct RuleDef {
    /// Name, on every wire and in decisions.
    pub name: &'static str,
    /// What could be done, for people.
    pub title: &'static str,
    /// What it looks for.
    pub about: &'static str,
    /// What data it needs, and for how long.
    pub needs: &'static str,
    /// What it proposes.
    pub action: SavingsAction,
    /// What that takes.
    pub effort: Grade,
    /// What may go wrong.
    pub risk: Grade,
    /// Looks.
    pub find: fn(&Case<'_>) -> Found,
}

/// Every rule, in the order in which answers list them.
pub(super) const RULES: &[RuleDef] = &[
    unattached_volume::RULE,
    previous_generation_storage::RULE,
    orphaned_snapshot::RULE,
    unused_elastic_ip::RULE,
    public_ipv4::RULE,
    idle_load_balancer::RULE,
    idle_nat_gateway::RULE,
    idle_instance::RULE,
    oversized_instance::RULE,
    previous_generation_class::RULE,
    idle_database::RULE,
    oversized_database::RULE,
    extended_support::RULE,
    overprovisioned_workload::RULE,
    commitment_unused::RULE,
    commitment_missing::RULE,
    sql_server_licence::RULE,
    cross_zone_traffic::RULE,
    nat_transfer::RULE,
    old_log_volume::RULE,
    forgotten_environment::RULE,
];

/// The rule of this name.
pub(super) fn of_name(name: &str) -> Option<&'static RuleDef> {
    RULES.iter().find(|rule| rule.name == name)
}
