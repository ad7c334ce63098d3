//! What is planted for questions to find, and the decoys beside it.

use crate::aws::{LOOSE_VOLUMES, extra_volume_id};
use crate::estate::Estate;
use crate::truth::Planted;

fn planted(environment: &str, kind: &str, name: impl Into<String>, why: &str) -> Planted {
    Planted {
        environment: environment.to_owned(),
        kind: kind.to_owned(),
        name: name.into(),
        why: why.to_owned(),
    }
}

/// Single points of failure.
pub fn single_points(estate: &Estate) -> Vec<Planted> {
    let node = &estate.clusters[0].nodes[1].name;
    vec![
        planted("production", "database", "larkfield-inventory", "one zone, and checkout needs it"),
        planted("production", "database", "larkfield-loyalty", "its read replica is no standby"),
        planted("production", "instance", "ledger-sql-1", "SQL Server on one machine"),
        planted(
            "production",
            "workload",
            "seller-onboarding",
            "one replica, required by the seller portal",
        ),
        planted(
            "production",
            "kubernetes_node",
            node.clone(),
            "both replicas of promotions run on it",
        ),
        planted(
            "production",
            "zone",
            "use1-az4",
            "all of pricing runs in it, and the way out of the third zone",
        ),
        planted("production-eu", "database", "larkfield-listings-eu", "one zone"),
    ]
}

/// What looks like one and is none.
pub fn decoys() -> Vec<Planted> {
    vec![
        planted(
            "production",
            "database_cluster",
            "larkfield-catalogue",
            "members say MultiAZ false and stand in two zones",
        ),
        planted("production", "workload", "legacy-banner", "one replica that nobody calls"),
        planted(
            "production",
            "workload",
            "sms-sender",
            "one replica behind an optional call behind a queue",
        ),
        planted("production", "database", "larkfield-orders", "MultiAZ with a standby"),
        planted("production", "cache", "larkfield-cart", "one node; losing a cache degrades"),
        planted(
            "production",
            "database",
            "larkfield-orders-replica",
            "one zone, used by reporting alone",
        ),
        planted("production-eu", "nat_gateway", "euw1-az3", "each zone has its own"),
    ]
}

/// Resources that nobody uses.
pub fn waste(estate: &Estate) -> Vec<Planted> {
    let mut all = Vec::new();
    for (environment, name, _) in LOOSE_VOLUMES {
        let env = estate.clusters[*environment].env;
        let id = extra_volume_id(estate, env, name);
        all.push(planted(env.name, "volume", id, "attached to nothing"));
    }
    let env = estate.clusters[0].env;
    let address = crate::aws::resource_id(estate, env, "eipalloc", "forgotten");
    all.push(planted(env.name, "elastic_ip", address, "associated with nothing"));
    all.push(planted(env.name, "load_balancer", "larkfield-old-campaign", "no target"));
    all
}

/// Resources that look unused and are not.
pub fn waste_decoys(estate: &Estate) -> Vec<Planted> {
    let (prod, staging) = (estate.clusters[0].env, estate.clusters[2].env);
    vec![
        planted(
            prod.name,
            "volume",
            extra_volume_id(estate, prod, "unused-scratch"),
            "attached, whatever its name says",
        ),
        planted(
            staging.name,
            "volume",
            extra_volume_id(estate, staging, "build-cache"),
            "attached to a stopped instance",
        ),
        planted(
            prod.name,
            "elastic_ip",
            crate::aws::resource_id(estate, prod, "eipalloc", "nat/1"),
            "named spare-old, used by a NAT gateway",
        ),
        planted(prod.name, "queue", "order-events-dlq", "almost empty, and a dead-letter queue"),
    ]
}
