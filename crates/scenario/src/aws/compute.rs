//! Instances and scaling groups: the nodes of the cluster, and the machines
//! beside it, among them things that look like waste and are not.

use serde_json::{Value, json};

use super::names::{Tier, id, security_group, subnet, tags, vpc, zone_index, zone_name};
use crate::clock::{DAY, aws, millis};
use crate::company::Environment;
use crate::estate::{Cluster, Estate};
use crate::stores::{instance_id, self_run_address};

/// An instance that is no node.
#[derive(Debug, Clone, Copy)]
pub struct ExtraInstance {
    /// Environment index.
    pub environment: usize,
    /// `Name` tag; for a store, its id.
    pub name: &'static str,
    /// Type.
    pub instance_type: &'static str,
    /// `PlatformDetails`.
    pub platform: &'static str,
    /// `UsageOperation`.
    pub operation: &'static str,
    /// Letter of the zone.
    pub zone: &'static str,
    /// Whether it runs.
    pub running: bool,
    /// Owning team; empty for none.
    pub team: &'static str,
    /// Data volumes beside the root: name and size in GB.
    pub volumes: &'static [(&'static str, u32)],
}

/// Every instance that is no node.
pub const EXTRA_INSTANCES: &[ExtraInstance] = &[
    ExtraInstance {
        environment: 0,
        name: "ledger-sql-1",
        instance_type: "r6i.2xlarge",
        platform: "Windows with SQL Server Standard",
        operation: "RunInstances:0006",
        zone: "b",
        running: true,
        team: "payments-team",
        volumes: &[("ledger-sql-1-data", 600), ("unused-scratch", 200)],
    },
    ExtraInstance {
        environment: 0,
        name: "bastion",
        instance_type: "t3.micro",
        platform: "Linux/UNIX",
        operation: "RunInstances",
        zone: "a",
        running: true,
        team: "platform-team",
        volumes: &[],
    },
    // Windows under the customer's own licence: it may or may not run SQL Server.
    ExtraInstance {
        environment: 2,
        name: "reports-sql",
        instance_type: "m6i.xlarge",
        platform: "Windows",
        operation: "RunInstances:0002",
        zone: "a",
        running: true,
        team: "data-team",
        volumes: &[("reports-sql-data", 300)],
    },
    // SQL Server under the customer's own licence, which only its name shows.
    ExtraInstance {
        environment: 2,
        name: "crm-sql",
        instance_type: "m6i.xlarge",
        platform: "Windows",
        operation: "RunInstances:0800",
        zone: "b",
        running: true,
        team: "data-team",
        volumes: &[],
    },
    // Windows without SQL Server, and nothing that says so.
    ExtraInstance {
        environment: 2,
        name: "print-server",
        instance_type: "m6i.xlarge",
        platform: "Windows",
        operation: "RunInstances:0002",
        zone: "a",
        running: true,
        team: "",
        volumes: &[],
    },
    ExtraInstance {
        environment: 2,
        name: "build-agent-old",
        instance_type: "c6i.2xlarge",
        platform: "Linux/UNIX",
        operation: "RunInstances",
        zone: "b",
        running: false,
        team: "",
        volumes: &[("build-cache", 250)],
    },
];

/// Volumes attached to nothing: environment, name, GB. They are true waste.
pub const LOOSE_VOLUMES: &[(usize, &str, u32)] =
    &[(0, "orders-db-migration", 800), (0, "prometheus-2023", 300), (2, "load-test-data", 500)];

/// Id of a volume that belongs to no cluster.
pub fn extra_volume_id(estate: &Estate, env: &Environment, name: &str) -> String {
    id(estate, env, "vol", name)
}

/// Name of the scaling group of the nodes.
pub fn scaling_group_name(estate: &Estate, env: &Environment) -> String {
    format!("eks-general-{}", estate.random.uuid(&format!("nodegroup/{}", env.cluster)))
}

/// The machines beside the nodes of an environment.
pub fn extras(env: &Environment) -> impl Iterator<Item = &'static ExtraInstance> {
    let index = env.index;
    EXTRA_INSTANCES.iter().filter(move |e| e.environment == index)
}

/// `ec2 describe-instances`.
pub fn instances(estate: &Estate, cluster: &Cluster) -> Value {
    let env = cluster.env;
    let group = scaling_group_name(estate, env);
    let owned = format!("kubernetes.io/cluster/{}", env.cluster);
    let mut reservations = Vec::new();
    for node in &cluster.nodes {
        let machine = Machine {
            id: &node.instance_id,
            instance_type: env.node_type,
            platform: "Linux/UNIX",
            operation: "RunInstances",
            tier: Tier::Private,
            zone: node.zone,
            address: node.address.clone(),
            launched: node.launched,
            running: true,
            purpose: "nodes",
            devices: vec![("/dev/xvda".to_owned(), node.volume_id.clone())],
            tags: tags(&[
                ("Name", &format!("{}-general", env.cluster)),
                ("eks:cluster-name", env.cluster),
                ("eks:nodegroup-name", "general"),
                ("aws:autoscaling:groupName", &group),
                (&owned, "owned"),
                ("environment", env.name),
                ("team", "platform-team"),
            ]),
        };
        reservations.push(machine.reservation(estate, env));
    }
    for (position, extra) in extras(env).enumerate() {
        let sql = extra.name.contains("sql");
        let zone = zone_index(env, extra.zone);
        let mut devices = vec![(
            "/dev/sda1".to_owned(),
            extra_volume_id(estate, env, &format!("{}-root", extra.name)),
        )];
        for (index, (name, _)) in extra.volumes.iter().enumerate() {
            let letter = char::from(b'f' + index as u8);
            devices.push((format!("/dev/sd{letter}"), extra_volume_id(estate, env, name)));
        }
        let mut pairs = vec![("Name", extra.name), ("environment", env.name)];
        if !extra.team.is_empty() {
            pairs.push(("team", extra.team));
        }
        let machine = Machine {
            id: &instance_id(estate.random, extra.name),
            instance_type: extra.instance_type,
            platform: extra.platform,
            operation: extra.operation,
            tier: if sql { Tier::Data } else { Tier::Public },
            zone,
            address: match extra.name {
                "ledger-sql-1" => self_run_address(env.octet),
                _ if sql => format!("10.{}.{}.{}", env.octet, 100 + zone, 50 + position),
                _ => format!("10.{}.{zone}.{}", env.octet, 50 + position),
            },
            launched: estate.born + 9 * DAY,
            running: extra.running,
            purpose: if sql { "database" } else { "bastion" },
            devices,
            tags: tags(&pairs),
        };
        reservations.push(machine.reservation(estate, env));
    }
    json!({ "Reservations": reservations })
}

struct Machine<'a> {
    id: &'a str,
    instance_type: &'a str,
    platform: &'a str,
    operation: &'a str,
    tier: Tier,
    zone: usize,
    address: String,
    launched: i64,
    running: bool,
    purpose: &'a str,
    devices: Vec<(String, String)>,
    tags: Value,
}

impl Machine<'_> {
    fn mappings(&self) -> Vec<Value> {
        self.devices
            .iter()
            .map(|(device, volume)| {
                json!({
                    "DeviceName": device,
                    "Ebs": {
                        "AttachTime": aws(self.launched + 1),
                        "DeleteOnTermination": true,
                        "Status": "attached",
                        "VolumeId": volume
                    }
                })
            })
            .collect()
    }

    fn reservation(&self, estate: &Estate, env: &Environment) -> Value {
        let subnet_id = subnet(estate, env, self.tier, self.zone);
        let groups = json!([{
            "GroupName": format!("{}-{}", env.name, self.purpose),
            "GroupId": security_group(estate, env, self.purpose)
        }]);
        let domain = if env.region == "us-east-1" {
            "ec2.internal".to_owned()
        } else {
            format!("{}.compute.internal", env.region)
        };
        let state = if self.running { (16, "running") } else { (80, "stopped") };
        let mut instance = json!({
            "AmiLaunchIndex": 0,
            "ImageId": id(estate, env, "ami", self.platform),
            "InstanceId": self.id,
            "InstanceType": self.instance_type,
            "LaunchTime": millis(self.launched),
            "Monitoring": { "State": "disabled" },
            "Placement": {
                "AvailabilityZone": zone_name(env, self.zone),
                "GroupName": "",
                "Tenancy": "default"
            },
            "PrivateDnsName": format!("ip-{}.{domain}", self.address.replace('.', "-")),
            "PrivateIpAddress": self.address,
            "ProductCodes": [],
            "PublicDnsName": "",
            "State": { "Code": state.0, "Name": state.1 },
            "StateTransitionReason": if self.running { "" } else { "User initiated" },
            "SubnetId": subnet_id,
            "VpcId": vpc(estate, env),
            "Architecture": "x86_64",
            "BlockDeviceMappings": self.mappings(),
            "EbsOptimized": true,
            "EnaSupport": true,
            "Hypervisor": "xen",
            "NetworkInterfaces": [{
                "Description": "",
                "Groups": groups,
                "NetworkInterfaceId": id(estate, env, "eni", self.id),
                "OwnerId": env.account.id,
                "PrivateIpAddress": self.address,
                "Status": "in-use",
                "SubnetId": subnet_id,
                "VpcId": vpc(estate, env)
            }],
            "RootDeviceName": self.devices[0].0,
            "RootDeviceType": "ebs",
            "SecurityGroups": groups,
            "SourceDestCheck": true,
            "Tags": self.tags,
            "VirtualizationType": "hvm",
            "PlatformDetails": self.platform,
            "UsageOperation": self.operation,
            "UsageOperationUpdateTime": aws(self.launched)
        });
        if self.platform.starts_with("Windows")
            && let Some(map) = instance.as_object_mut()
        {
            map.insert("Platform".to_owned(), "windows".into());
        }
        json!({
            "Groups": [],
            "Instances": [instance],
            "OwnerId": env.account.id,
            "ReservationId": id(estate, env, "r", self.id)
        })
    }
}

/// `autoscaling describe-auto-scaling-groups`.
pub fn scaling_groups(estate: &Estate, cluster: &Cluster) -> Value {
    let env = cluster.env;
    let name = scaling_group_name(estate, env);
    let members: Vec<Value> = cluster
        .nodes
        .iter()
        .map(|node| {
            json!({
                "InstanceId": node.instance_id,
                "InstanceType": env.node_type,
                "AvailabilityZone": zone_name(env, node.zone),
                "LifecycleState": "InService",
                "HealthStatus": "Healthy",
                "ProtectedFromScaleIn": false
            })
        })
        .collect();
    let zones: Vec<String> = (0..env.zones.len()).map(|z| zone_name(env, z)).collect();
    json!({ "AutoScalingGroups": [{
        "AutoScalingGroupName": name,
        "AutoScalingGroupARN": format!(
            "arn:aws:autoscaling:{}:{}:autoScalingGroup:{}:autoScalingGroupName/{name}",
            env.region, env.account.id, estate.random.uuid(&format!("asg/{}", env.cluster))
        ),
        "MinSize": members.len() / 2,
        "MaxSize": members.len() * 2,
        "DesiredCapacity": members.len(),
        "DefaultCooldown": 300,
        "AvailabilityZones": zones,
        "LoadBalancerNames": [],
        "TargetGroupARNs": [],
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": 15,
        "Instances": members,
        "CreatedTime": aws(estate.born + DAY),
        "SuspendedProcesses": [],
        "VPCZoneIdentifier":
            super::names::subnets(estate, env, Tier::Private).join(","),
        "EnabledMetrics": [],
        "Tags": [{
            "ResourceId": name,
            "ResourceType": "auto-scaling-group",
            "Key": "eks:nodegroup-name",
            "Value": "general",
            "PropagateAtLaunch": true
        }],
        "TerminationPolicies": ["AllocationStrategy", "OldestInstance"],
        "NewInstancesProtectedFromScaleIn": false
    }] })
}
