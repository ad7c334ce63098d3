//! The charges of one day for what moves and for what is asked: gateways, balancers, transfer,
//! queues, buckets, logs.

use super::amount::Amount;
use super::charge::Product;
use super::prices::{BALANCING, EC2, LAMBDA, S3, SQS, TRANSFER, VPC, WATCH};
use super::usage::{Day, Item};
use crate::aws::{balancer_arn, nat_zones, resource_id};
use crate::clock::DAY;
use crate::stores::{QUEUES, STORES, StoreKind, queue_name};

impl Day<'_> {
    /// Requests of the day in thousandths of an average day of production.
    fn traffic(&self) -> i64 {
        (self.env().traffic * 1000.0) as i64 * self.demand() / 100
    }

    pub(super) fn network(&mut self) {
        self.gateways();
        self.transfer();
        self.balancers();
        self.idle_address();
    }

    fn gateways(&mut self) {
        let (env, estate, traffic) = (self.env(), self.estate, self.traffic());
        for zone in nat_zones(env) {
            let id = resource_id(estate, env, "nat", &zone.to_string());
            // The gateway of zone a carries zone c too.
            let share = if zone == 0 { 2 } else { 1 };
            let gigabytes = Amount::micros(traffic * 160_000 * share);
            let of = |usage: &str, quantity, unit, price| Item {
                product: EC2,
                usage_type: usage.to_owned(),
                operation: "NatGateway",
                description: format!("NAT gateway {unit}"),
                resource: Some(format!(
                    "arn:aws:ec2:{}:{}:natgateway/{id}",
                    env.region, env.account.id
                )),
                resource_type: Some("NAT gateway"),
                zone: None,
                quantity,
                unit,
                price: Amount::micros(price),
                contract: 100,
                team: "platform-team",
            };
            self.add(of("NatGateway-Hours", Amount::whole(24), "Hours", 45_000));
            self.add(of("NatGateway-Bytes", gigabytes, "GB", 45_000));
        }
    }

    fn transfer(&mut self) {
        let traffic = self.traffic();
        let mut moved = |usage: &str, per: i64, price: i64, text: &str| {
            let item = Item {
                product: TRANSFER,
                usage_type: usage.to_owned(),
                operation: "InterZone",
                description: text.to_owned(),
                resource: None,
                resource_type: None,
                zone: None,
                quantity: Amount::micros(traffic * per),
                unit: "GB",
                price: Amount::micros(price),
                contract: 92,
                team: "",
            };
            let charge = self.charge(item);
            self.charges.push(charge);
        };
        moved(
            "DataTransfer-Regional-Bytes",
            900_000,
            10_000,
            "$0.010 per GB - regional data transfer",
        );
        moved("DataTransfer-Out-Bytes", 260_000, 90_000, "$0.090 per GB - data transfer out");
    }

    fn balancers(&mut self) {
        let (env, estate, traffic) = (self.env(), self.estate, self.traffic());
        let mut balancers = vec![("larkfield-public", 1)];
        if env.index == 0 {
            balancers.push(("larkfield-old-campaign", 0));
        }
        for (name, busy) in balancers {
            let arn = balancer_arn(estate, env, name);
            let of = |usage: &str, quantity, unit, price| Item {
                product: BALANCING,
                usage_type: usage.to_owned(),
                operation: "LoadBalancing:Application",
                description: format!("Application load balancer {unit}"),
                resource: Some(arn.clone()),
                resource_type: Some("Load balancer"),
                zone: None,
                quantity,
                unit,
                price: Amount::micros(price),
                contract: 100,
                team: if busy == 1 { "platform-team" } else { "" },
            };
            self.add(of("LoadBalancerUsage", Amount::whole(24), "Hours", 22_500));
            self.add(of("LCUUsage", Amount::micros(traffic * 190_000 * busy), "LCU-Hours", 8_000));
        }
    }

    fn idle_address(&mut self) {
        let (env, estate) = (self.env(), self.estate);
        if env.index == 0 {
            let id = resource_id(estate, env, "eipalloc", "forgotten");
            self.add(Item {
                product: VPC,
                usage_type: "PublicIPv4:IdleAddress".to_owned(),
                operation: "AllocateAddressVPC",
                description: "$0.005 per idle public IPv4 address per hour".to_owned(),
                resource: Some(id),
                resource_type: Some("Elastic IP"),
                zone: None,
                quantity: Amount::whole(24),
                unit: "Hours",
                price: Amount::micros(5_000),
                contract: 100,
                team: "",
            });
        }
    }

    pub(super) fn requests(&mut self) {
        let (env, estate) = (self.env(), self.estate);
        let demand = self.demand();
        let per_mille = (env.traffic * 1000.0) as i64;
        for (queue, team) in QUEUES {
            self.add(Item {
                product: SQS,
                usage_type: "Requests-Tier1".to_owned(),
                operation: "SendMessage",
                description: "$0.40 per million Amazon SQS standard requests".to_owned(),
                resource: Some(format!(
                    "arn:aws:sqs:{}:{}:{}",
                    env.region,
                    env.account.id,
                    queue_name(queue, env)
                )),
                resource_type: Some("Queue"),
                zone: None,
                quantity: Amount::whole(per_mille * demand * 31),
                unit: "Requests",
                price: Amount(4_000),
                contract: 100,
                team,
            });
        }
        for store in STORES.iter().filter(|s| s.environment == env.index) {
            if store.kind != StoreKind::Bucket {
                continue;
            }
            let size = 2_000 + estate.random.below(&format!("bucket/{}", store.id), 60_000) as i64;
            let grown = size + (self.start - estate.from) / DAY * (size / 900);
            self.add(Item {
                product: S3,
                usage_type: "TimedStorage-ByteHrs".to_owned(),
                operation: "StandardStorage",
                description: "$0.023 per GB - first 50 TB / month of storage used".to_owned(),
                // Bills name a bucket by its bare name.
                resource: Some(store.id.to_owned()),
                resource_type: Some("Bucket"),
                zone: None,
                quantity: Amount::whole(grown).share(1, 30),
                unit: "GB-Mo",
                price: Amount::micros(23_000),
                contract: 100,
                team: store.team,
            });
        }
        let watch = Amount::micros(per_mille * demand * 900);
        self.plain(WATCH, "DataProcessing-Bytes", "PutLogEvents", watch, "GB", 500_000);
        if env.index == 0 {
            let quantity = Amount::whole(demand * 9_000);
            self.plain(LAMBDA, "Lambda-GB-Second-ARM", "Invoke", quantity, "Seconds", 13);
        }
    }

    fn plain(
        &mut self,
        product: Product,
        usage: &str,
        operation: &'static str,
        quantity: Amount,
        unit: &'static str,
        price: i64,
    ) {
        self.add(Item {
            product,
            usage_type: usage.to_owned(),
            operation,
            description: format!("{} {usage}", product.name),
            resource: None,
            resource_type: None,
            zone: None,
            quantity,
            unit,
            price: Amount::micros(price),
            contract: 100,
            team: "",
        });
    }
}
