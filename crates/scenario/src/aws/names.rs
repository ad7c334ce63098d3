//! Identifiers of AWS resources, drawn once and used wherever they are referred to.

use serde_json::{Value, json};

use crate::company::Environment;
use crate::estate::Estate;

/// A tier of subnets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Load balancers and NAT gateways.
    Public,
    /// Nodes and pods.
    Private,
    /// Databases.
    Data,
}

impl Tier {
    /// Every tier.
    pub const ALL: [Tier; 3] = [Tier::Public, Tier::Private, Tier::Data];

    /// In names.
    pub fn label(self) -> &'static str {
        match self {
            Tier::Public => "public",
            Tier::Private => "private",
            Tier::Data => "data",
        }
    }

    /// Address range in a zone.
    pub fn cidr(self, env: &Environment, zone: usize) -> String {
        match self {
            Tier::Public => format!("10.{}.{zone}.0/24", env.octet),
            Tier::Private => format!("10.{}.{}.0/20", env.octet, 16 * (zone + 1)),
            Tier::Data => format!("10.{}.{}.0/24", env.octet, 100 + zone),
        }
    }
}

/// `prefix-0` and sixteen hexadecimal digits for a thing of an environment.
pub fn id(estate: &Estate, env: &Environment, prefix: &str, what: &str) -> String {
    let key = format!("{prefix}/{}/{}/{what}", env.account.id, env.cluster);
    format!("{prefix}-0{}", estate.random.hex(&key, 16))
}

/// The VPC of an environment.
pub fn vpc(estate: &Estate, env: &Environment) -> String {
    id(estate, env, "vpc", "main")
}

/// A subnet.
pub fn subnet(estate: &Estate, env: &Environment, tier: Tier, zone: usize) -> String {
    id(estate, env, "subnet", &format!("{}/{zone}", tier.label()))
}

/// Subnets of one tier in all zones.
pub fn subnets(estate: &Estate, env: &Environment, tier: Tier) -> Vec<String> {
    (0..env.zones.len()).map(|z| subnet(estate, env, tier, z)).collect()
}

/// A security group by purpose: `nodes`, `balancer`, `database`, `cache`, `bastion`.
pub fn security_group(estate: &Estate, env: &Environment, purpose: &str) -> String {
    id(estate, env, "sg", purpose)
}

/// Name of a zone.
pub fn zone_name(env: &Environment, zone: usize) -> String {
    format!("{}{}", env.region, env.zones[zone].0)
}

/// Index of the zone with this letter.
pub fn zone_index(env: &Environment, letter: &str) -> usize {
    env.zones.iter().position(|z| z.0 == letter).unwrap_or(0)
}

/// The zones that have a NAT gateway: all but the third in production, the first in staging.
pub fn nat_zones(env: &Environment) -> Vec<usize> {
    match env.index {
        2 => vec![0],
        _ => (0..env.zones.len().min(2)).collect(),
    }
}

/// The zone whose NAT gateway serves the private subnet of `zone`.
pub fn nat_zone_for(env: &Environment, zone: usize) -> usize {
    if nat_zones(env).contains(&zone) { zone } else { 0 }
}

/// Tags in EC2's shape.
pub fn tags(pairs: &[(&str, &str)]) -> Value {
    Value::Array(pairs.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect())
}

/// Public address for a name.
pub fn public_address(estate: &Estate, name: &str) -> String {
    // 198.51.100.0/24 and 203.0.113.0/24 are set aside for documentation.
    let n = estate.random.below(&format!("address/{name}"), 500);
    if n < 250 { format!("198.51.100.{}", n + 2) } else { format!("203.0.113.{}", n - 248) }
}
