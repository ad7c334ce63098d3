//! The charges of one day of one environment: what runs, what it stores and what it moves.

use super::amount::Amount;
use super::charge::{Category, Charge, Commitment, Product};
use super::prices::{CACHE, EC2, EKS, PLAN_HOUR, RDS, instance_hour, node_hour};
use crate::aws::{EXTRA_INSTANCES, LOOSE_VOLUMES, extra_volume_id, plan_end, zone_name};
use crate::clock::{DAY, weekday};
use crate::company::Environment;
use crate::estate::{Cluster, Estate};
use crate::kubernetes::claims_of;
use crate::stores::{STORES, StoreKind, instance_id};

/// Days before the end of the history between which eight more nodes ran: the cost spike.
pub const SURGE_DAYS: (i64, i64) = (20, 14);
/// How many.
pub const SURGE_NODES: u64 = 8;

/// Collects the charges of one day.
pub struct Day<'a> {
    pub(super) estate: &'a Estate,
    pub(super) cluster: &'a Cluster,
    pub(super) start: i64,
    pub(super) charges: Vec<Charge>,
}

/// What a charge of a day is made of.
pub struct Item<'a> {
    /// Product.
    pub product: Product,
    /// Usage type without the letters of the region.
    pub usage_type: String,
    /// Operation.
    pub operation: &'static str,
    /// Description.
    pub description: String,
    /// Resource.
    pub resource: Option<String>,
    /// Resource type.
    pub resource_type: Option<&'static str>,
    /// Zone index.
    pub zone: Option<usize>,
    /// Quantity.
    pub quantity: Amount,
    /// Unit.
    pub unit: &'static str,
    /// List price of a unit.
    pub price: Amount,
    /// Per cent of the list price that the contract asks.
    pub contract: i64,
    /// Team of the tag; empty for untagged.
    pub team: &'a str,
}

/// All charges of the environment of `cluster` on the day that starts at `start`.
pub fn day(estate: &Estate, cluster: &Cluster, start: i64) -> Vec<Charge> {
    let mut day = Day { estate, cluster, start, charges: Vec::new() };
    day.nodes();
    day.other_instances();
    day.volumes();
    day.databases();
    day.network();
    day.requests();
    day.charges
}

impl Day<'_> {
    pub(super) fn env(&self) -> &'static Environment {
        self.cluster.env
    }

    /// Letters that usage types carry outside us-east-1.
    fn prefix(&self) -> &'static str {
        if self.env().region == "us-east-1" { "" } else { "EU-" }
    }

    /// Demand of the day against the average of a week, in per cent, with slow growth.
    pub(super) fn demand(&self) -> i64 {
        let of_week = [98, 96, 97, 99, 108, 112, 90][weekday(self.start) as usize];
        let key = format!("demand/{}/{}", self.env().name, self.start);
        let grown = (self.start - self.estate.from).max(0) / (9 * DAY);
        of_week + grown + self.estate.random.below(&key, 7) as i64 - 3
    }

    pub(super) fn charge(&self, item: Item<'_>) -> Charge {
        let env = self.env();
        let list = item.price.times(item.quantity);
        let contracted = list.share(item.contract, 100);
        let mut tags = Vec::new();
        if !item.team.is_empty() {
            tags.push(("team", item.team.to_owned()));
            tags.push(("environment", env.name.to_owned()));
        }
        Charge {
            account: env.account,
            place: Some(env),
            zone: item.zone.map(|z| zone_name(env, z)),
            start: self.start,
            end: self.start + DAY,
            category: Category::Usage,
            correction: false,
            product: item.product,
            usage_type: format!("{}{}", self.prefix(), item.usage_type),
            operation: item.operation,
            description: item.description,
            resource: item.resource,
            resource_type: item.resource_type,
            quantity: item.quantity,
            unit: item.unit,
            list_price: Some(item.price),
            list: Some(list),
            contracted: Some(contracted),
            billed: contracted,
            effective: contracted,
            commitment: None,
            tags,
        }
    }

    pub(super) fn add(&mut self, item: Item<'_>) {
        let charge = self.charge(item);
        self.charges.push(charge);
    }

    fn hours_of(
        &self,
        instance_type: &str,
        operation: &'static str,
        id: String,
        zone: usize,
        team: &str,
    ) -> Charge {
        let price = instance_hour(instance_type, operation);
        self.charge(Item {
            product: EC2,
            usage_type: format!("BoxUsage:{instance_type}"),
            operation,
            description: format!("${price} per On Demand {instance_type} Instance Hour"),
            resource: Some(id),
            resource_type: Some("Instance"),
            zone: Some(zone),
            quantity: Amount::whole(24),
            unit: "Hours",
            price,
            contract: 100,
            team,
        })
    }

    fn nodes(&mut self) {
        let env = self.env();
        let covered = self.covered_nodes();
        for (index, node) in self.cluster.nodes.iter().enumerate() {
            // Before its launch another machine stood in its place.
            let id = if self.start >= node.launched - DAY {
                node.instance_id.clone()
            } else {
                instance_id(self.estate.random, &format!("{}/before", node.instance_id))
            };
            let team = "platform-team";
            let mut charge = self.hours_of(env.node_type, "RunInstances", id, node.zone, team);
            if index < covered {
                charge.billed = Amount::default();
                charge.effective = PLAN_HOUR.times(charge.quantity);
                charge.commitment = Some(Commitment::Used);
            }
            self.charges.push(charge);
        }
        let until = self.estate.until;
        if env.index == 0
            && !self.estate.is_quiet
            && self.start >= until - SURGE_DAYS.0 * DAY
            && self.start < until - SURGE_DAYS.1 * DAY
        {
            for n in 0..SURGE_NODES {
                let id = instance_id(self.estate.random, &format!("surge/{n}"));
                let zone = n as usize % env.zones.len();
                let charge = self.hours_of(env.node_type, "RunInstances", id, zone, "search-team");
                self.charges.push(charge);
            }
        }
    }

    /// How many nodes the savings plan pays for on this day: eight, on Sundays six.
    pub fn covered_nodes(&self) -> usize {
        if self.env().index != 0 || self.start >= plan_end(self.estate) {
            0
        } else if weekday(self.start) == 6 {
            6
        } else {
            8
        }
    }

    fn other_instances(&mut self) {
        let env = self.env();
        for extra in EXTRA_INSTANCES.iter().filter(|e| e.environment == env.index && e.running) {
            let id = instance_id(self.estate.random, extra.name);
            let zone = env.zones.iter().position(|z| z.0 == extra.zone).unwrap_or(0);
            let charge = self.hours_of(extra.instance_type, extra.operation, id, zone, extra.team);
            self.charges.push(charge);
        }
        self.add(Item {
            product: EKS,
            usage_type: "AmazonEKS-Hours:perCluster".to_owned(),
            operation: "CreateOperation",
            description: "Amazon EKS cluster usage".to_owned(),
            resource: Some(format!(
                "arn:aws:eks:{}:{}:cluster/{}",
                env.region, env.account.id, env.cluster
            )),
            resource_type: Some("Cluster"),
            zone: None,
            quantity: Amount::whole(24),
            unit: "Hours",
            price: Amount::micros(100_000),
            contract: 100,
            team: "platform-team",
        });
    }

    fn volumes(&mut self) {
        let (env, estate, cluster) = (self.env(), self.estate, self.cluster);
        let mut disks: Vec<(String, u32, usize, &str)> = Vec::new();
        for node in &cluster.nodes {
            disks.push((node.volume_id.clone(), 80, node.zone, "platform-team"));
        }
        for claim in claims_of(estate, cluster) {
            disks.push((claim.volume_id, claim.size_gib, claim.zone, claim.workload.team));
        }
        for extra in EXTRA_INSTANCES.iter().filter(|e| e.environment == env.index) {
            let zone = env.zones.iter().position(|z| z.0 == extra.zone).unwrap_or(0);
            let root = extra_volume_id(estate, env, &format!("{}-root", extra.name));
            disks.push((root, 100, zone, extra.team));
            for (name, size) in extra.volumes {
                disks.push((extra_volume_id(estate, env, name), *size, zone, extra.team));
            }
        }
        for (_, name, size) in LOOSE_VOLUMES.iter().filter(|v| v.0 == env.index) {
            disks.push((extra_volume_id(estate, env, name), *size, 0, ""));
        }
        for (id, size, zone, team) in disks {
            self.add(Item {
                product: EC2,
                usage_type: "EBS:VolumeUsage.gp3".to_owned(),
                operation: "CreateVolume-Gp3",
                description: "$0.08 per GB-month of General Purpose (gp3) storage".to_owned(),
                resource: Some(id),
                resource_type: Some("Volume"),
                zone: Some(zone),
                quantity: Amount::whole(i64::from(size)).share(1, 30),
                unit: "GB-Mo",
                price: Amount::micros(80_000),
                contract: 100,
                team,
            });
        }
    }

    fn databases(&mut self) {
        let (env, estate) = (self.env(), self.estate);
        for store in STORES.iter().filter(|s| s.environment == env.index) {
            let arn = store.arn(estate.random);
            let price = node_hour(store.class);
            let (product, count, usage, nodes) = match store.kind {
                StoreKind::Rds { multi_az, .. } => {
                    let usage = if multi_az { "Multi-AZUsage" } else { "InstanceUsage" };
                    (RDS, if multi_az { 2 } else { 1 }, usage, vec![arn])
                }
                StoreKind::Aurora { members } => {
                    let base = format!("arn:aws:rds:{}:{}:db:", env.region, env.account.id);
                    let nodes = (1..=members.len())
                        .map(|n| Some(format!("{base}{}-{n}", store.id)))
                        .collect();
                    (RDS, 1, "InstanceUsage", nodes)
                }
                StoreKind::Cache { nodes, .. } => {
                    let base =
                        format!("arn:aws:elasticache:{}:{}:cluster:", env.region, env.account.id);
                    let nodes =
                        (1..=nodes).map(|n| Some(format!("{base}{}-{n:03}", store.id))).collect();
                    (CACHE, 1, "NodeUsage", nodes)
                }
                _ => continue,
            };
            for resource in nodes {
                self.add(Item {
                    product,
                    usage_type: format!("{usage}:{}", store.class),
                    operation: "CreateDBInstance",
                    description: format!("{} hours of {}", product.name, store.class),
                    resource: resource.clone(),
                    resource_type: Some(if product == CACHE {
                        "Cache node"
                    } else {
                        "DB instance"
                    }),
                    zone: None,
                    quantity: Amount::whole(24),
                    unit: "Hours",
                    price: price.share(count, 1),
                    contract: 95,
                    team: store.team,
                });
                if store.storage_gb > 0 {
                    self.add(Item {
                        product: RDS,
                        usage_type: "RDS:GP3-Storage".to_owned(),
                        operation: "CreateDBInstance",
                        description: "$0.115 per GB-month of provisioned gp3 storage".to_owned(),
                        resource,
                        resource_type: Some("DB instance"),
                        zone: None,
                        quantity: Amount::whole(i64::from(store.storage_gb)).share(count, 30),
                        unit: "GB-Mo",
                        price: Amount::micros(115_000),
                        contract: 100,
                        team: store.team,
                    });
                }
            }
        }
    }
}
