//! What the AWS command line prints for each account and region: `<service>-<operation>.json`, and
//! for operations on one thing a folder of that name with one file per thing, whose name is the
//! percent-encoded argument.

mod balancing;
mod clusters;
mod compute;
mod databases;
mod disks;
mod integration;
mod names;
mod network;
mod permissions;

use serde_json::{Value, json};

use crate::company::Environment;
use crate::estate::{Cluster, Estate};
use crate::files::Files;
use crate::outcome::ScenarioError;

pub use balancing::{balancer_arn, entries};
pub use compute::{EXTRA_INSTANCES, ExtraInstance, LOOSE_VOLUMES, extra_volume_id};
pub use integration::{plan_end, savings_plan_arn};
pub use names::{id as resource_id, nat_zones, zone_name};
pub use network::nat_gateway;

/// Writes the folder of the account and region of one cluster.
pub fn write(files: &mut Files, estate: &Estate, cluster: &Cluster) -> Result<(), ScenarioError> {
    let env = cluster.env;
    let folder = format!("aws/{}/{}", env.account.id, env.region);
    for (name, value) in responses(estate, cluster) {
        files.json(&format!("{folder}/{name}"), &value)?;
    }
    Ok(())
}

fn responses(estate: &Estate, cluster: &Cluster) -> Vec<(String, Value)> {
    let env = cluster.env;
    let mut all: Vec<(String, Value)> = Vec::new();
    let mut add = |name: &str, value: Value| all.push((format!("{name}.json"), value));
    add(
        "sts-get-caller-identity",
        json!({
            "UserId": format!("AIDA{}", estate.random.hex(env.account.id, 17).to_uppercase()),
            "Account": env.account.id,
            "Arn": format!("arn:aws:iam::{}:user/inventory", env.account.id)
        }),
    );
    add("ec2-describe-availability-zones", network::availability_zones(env));
    add("ec2-describe-vpcs", network::vpcs(estate, env));
    add("ec2-describe-subnets", network::subnets(estate, env));
    add("ec2-describe-route-tables", network::route_tables(estate, env));
    add("ec2-describe-internet-gateways", network::internet_gateways(estate, env));
    add("ec2-describe-nat-gateways", network::nat_gateways(estate, env));
    add("ec2-describe-vpc-endpoints", network::vpc_endpoints(estate, env));
    add("ec2-describe-addresses", network::addresses(estate, env));
    add("ec2-describe-security-groups", permissions::security_groups(estate, env));
    add("ec2-describe-network-interfaces", network::network_interfaces(estate, cluster));
    add("ec2-describe-instances", compute::instances(estate, cluster));
    add("ec2-describe-volumes", disks::volumes(estate, cluster));
    add("ec2-describe-snapshots", disks::snapshots(estate, cluster));
    add("autoscaling-describe-auto-scaling-groups", compute::scaling_groups(estate, cluster));
    add("eks-list-clusters", json!({ "clusters": [env.cluster] }));
    add(&format!("eks-describe-cluster-{}", env.cluster), clusters::cluster(estate, cluster));
    add(
        &format!("eks-describe-nodegroup-{}-general", env.cluster),
        clusters::node_group(estate, cluster),
    );
    add("rds-describe-db-instances", databases::instances(estate, env));
    add("rds-describe-db-clusters", databases::clusters(estate, env));
    add("rds-describe-db-subnet-groups", databases::subnet_groups(estate, env));
    add("elasticache-describe-replication-groups", databases::replication_groups(estate, env));
    add("elasticache-describe-cache-clusters", databases::cache_clusters(estate, env));
    add("elbv2-describe-load-balancers", balancing::load_balancers(estate, env));
    add("elbv2-describe-listeners", balancing::listeners(estate, cluster));
    add("elbv2-describe-target-groups", balancing::target_groups(estate, cluster));
    add("lambda-list-functions", integration::functions(estate, env));
    add("lambda-list-event-source-mappings", integration::event_sources(estate, env));
    add("sqs-list-queues", integration::queues(env));
    if env.region == "us-east-1" {
        add("s3-list-buckets", integration::buckets(estate, env));
    }
    if env.index == 0 {
        add("savingsplans-describe-savings-plans", integration::savings_plans(estate));
    }
    all.extend(balancing::rules(estate, cluster));
    all.extend(balancing::target_health(estate, cluster));
    all.extend(integration::queue_attributes(estate, env));
    all
}

/// Name of a file for one argument of an operation.
fn encoded(folder: &str, argument: &str) -> String {
    let name = argument.replace('%', "%25").replace(':', "%3A").replace('/', "%2F");
    format!("{folder}/{name}")
}

/// DNS name of the public load balancer of an environment.
pub fn balancer_host(estate: &Estate, env: &Environment) -> String {
    let number = 100_000_000 + estate.random.below(&format!("lb/{}", env.cluster), 900_000_000);
    format!("larkfield-public-{number}.{}.elb.amazonaws.com", env.region)
}
