//! Nodes of AWS as the things that the command line of AWS describes: the same ids, the same names of
//! properties, so that both sources speak of one entity.

use model::kind::Confidence;
use model::{AliasKey, EntityKind as K, EntityObservation, Reference, RelationKind as R};

use super::graph::{Graph, Node};
use super::label::Family;
use crate::format::aws::{Arn, Place, Thing, bare, is_public_host, keep, zone_entity};
use crate::key;

/// Properties that are kept: theirs, or theirs and ours.
const KEPT: &[(K, &[&str])] = &[
    (
        K::Instance,
        &[
            "instancetype=instance_type",
            "state",
            "imageid=image_id",
            "architecture",
            "platform",
            "tenancy",
            "instancelifecycle=instance_lifecycle",
            "privateipaddress=private_ip_address",
            "publicipaddress=public_ip_address",
            "publicdnsname=public_dns_name",
            "metadatahttptokens=http_tokens",
            "iaminstanceprofile=iam_instance_profile",
            "ebsoptimized=ebs_optimized",
            "exposed_internet",
        ],
    ),
    (
        K::Volume,
        &["size", "type=volume_type", "state", "iops", "encrypted", "snapshotid=snapshot_id"],
    ),
    (
        K::Database,
        &[
            "db_instance_identifier",
            "db_instance_class",
            "engine",
            "engine_version",
            "multi_az",
            "availability_zone",
            "storage_encrypted",
            "endpoint_address",
            "endpoint_port",
            "db_name",
            "backup_retention_period",
            "auto_minor_version_upgrade",
            "publicly_accessible",
            "deletion_protection",
            "performance_insights_enabled",
            "db_cluster_identifier",
            "dbi_resource_id",
        ],
    ),
    (
        K::DatabaseCluster,
        &[
            "db_cluster_identifier",
            "engine",
            "engine_version",
            "engine_mode",
            "status",
            "multi_az",
            "port",
            "allocated_storage",
            "endpoint=endpoint_address",
            "reader_endpoint=reader_endpoint_address",
        ],
    ),
    (
        K::KubernetesCluster,
        &[
            "version",
            "platform_version",
            "status",
            "endpoint",
            "rolearn=role_arn",
            "authentication_mode",
        ],
    ),
    (K::Cache, &["engine", "engine_version", "cache_node_type", "num_cache_nodes"]),
    (K::LoadBalancer, &["dnsname=dns_name", "type", "scheme", "exposed_internet"]),
    (K::Listener, &["port", "protocol", "ssl_policy", "instance_port"]),
    (K::TargetGroup, &["protocol", "port", "target_type"]),
    (
        K::AutoscalingGroup,
        &["minsize=min_size", "maxsize=max_size", "desiredcapacity=desired_capacity"],
    ),
    (K::Vpc, &["primary_cidr_block=cidr_block", "is_default", "state"]),
    (K::Subnet, &["cidr_block"]),
    (K::SecurityGroup, &["name=group_name", "description"]),
    (K::Resource, &["description"]),
];

/// Account and region of a node.
pub fn place(graph: &Graph, node: &Node) -> Place {
    let mut place = Place::default();
    let tenant = node.tenant.map(|tenant| &graph.nodes[tenant]);
    if let Some(account) = tenant.filter(|one| one.family() == Some(Family::Account)) {
        place.account = account.text(&["id"]);
    }
    place.region = node.text(&["region"]);
    for arn in node.text(&["arn"]).into_iter().chain(node.text(&["id"])) {
        if let Some(arn) = Arn::parse(&arn) {
            place.fill(&arn.place());
        }
    }
    let zone = zone_of(node);
    if place.region.is_none() {
        let region = zone.as_deref().and_then(crate::format::aws::region_of);
        place.region = region.map(str::to_owned);
    }
    place
}

/// Name of the zone that a node states.
pub fn zone_of(node: &Node) -> Option<String> {
    node.text(&["availabilityzone", "availability_zone"])
}

/// How others refer to a node.
pub fn reference(graph: &Graph, node: &Node) -> Option<Reference> {
    match node.family()? {
        Family::Ec2(_, _, ids) => node.text(ids).map(|id| bare(&id)),
        Family::Address => {
            let address = node.text(&["private_ip_address", "privateipaddress"])?;
            Some(Reference::key("address unique in the estate", key::address_anywhere(&address)))
        }
        Family::Named => node.text(&["arn", "id"]).map(Reference::id),
        _ => thing(graph, node).map(|thing| thing.this()),
    }
}

/// The thing that a node is, without its relations.
fn thing(graph: &Graph, node: &Node) -> Option<Thing> {
    let place = place(graph, node);
    match node.family()? {
        Family::Account => {
            let id = node.text(&["id"])?;
            let name = node.text(&["name"]).unwrap_or_else(|| id.clone());
            let place = Place { account: Some(id.clone()), ..Place::default() };
            Some(Thing::with_id(K::Account, &place, key::account(&id).as_str(), &name))
        }
        Family::Arn(kind, ids) => {
            let arns = ids.iter().filter_map(|id| node.text(&[id]));
            let arn = arns.clone().find(|id| Arn::parse(id).is_some())?;
            let named = ["name", "db_instance_identifier", "db_cluster_identifier", "id"];
            let name = node.text(&named).unwrap_or_else(|| arn.clone());
            Some(Thing::with_id(kind, &place, &arn, &name))
        }
        Family::Ec2(kind, part, ids) => {
            let id = node.text(ids)?;
            Some(Thing::ec2(kind, &place, part, &id))
        }
        Family::ClassicBalancer => {
            let name = node.text(&["name"])?;
            let resource = format!("loadbalancer/{name}");
            Some(Thing::named(K::LoadBalancer, &place, "elasticloadbalancing", &resource, &name))
        }
        _ => None,
    }
}

/// What a node says of itself.
pub fn entity(graph: &Graph, node: &Node, tags: &[(String, String)]) -> Option<EntityObservation> {
    let mut thing = thing(graph, node)?;
    let kind = thing.entity.kind;
    let record = &node.properties;
    if let Some((_, fields)) = KEPT.iter().find(|(of, _)| *of == kind) {
        keep(&mut thing.entity.properties, record, fields);
    }
    thing.entity.labels.extend(tags.iter().cloned());
    thing.entity.scope.zone = zone_of(node);
    if matches!(node.family(), Some(Family::Ec2(..)))
        && let Some(name) = thing.entity.labels.get("Name").cloned()
    {
        thing.entity.name = name;
    }
    match kind {
        K::Instance => instance(&mut thing, node),
        K::Volume => {
            thing.created(record, "createtime", false);
        }
        K::Database | K::DatabaseCluster => database(&mut thing, node),
        K::KubernetesCluster => cluster(&mut thing, node),
        K::SecurityGroup => {
            thing.entity.name = node.text(&["name"]).unwrap_or(thing.entity.name);
        }
        K::AutoscalingGroup => claim_name(&mut thing, "autoscaling_group", node),
        K::LoadBalancer => {
            thing.created(record, "createdtime", true);
            let host = node.text(&["dnsname"]);
            thing.claim_endpoint(host.as_deref(), None);
            if node.family() == Some(Family::ClassicBalancer) {
                thing.property("type", "classic");
                claim_name(&mut thing, "loadbalancer", node);
            }
        }
        K::Listener => {
            let part = |name: &str| node.text(&[name]).unwrap_or_default();
            thing.entity.name = format!("{}:{}", part("protocol"), part("port"));
        }
        K::Resource => {
            thing.property("resource_type", "subnet_group");
        }
        _ => {}
    }
    Some(thing.entity)
}

fn instance(thing: &mut Thing, node: &Node) {
    if let Some(name) = thing.entity.labels.get("Name").filter(|name| !name.trim().is_empty()) {
        let key = key::computer(name.trim());
        thing.claim_with(key, Confidence::Medium);
    }
    thing.created(&node.properties, "launchtime", false);
    if node.text(&["state"]).as_deref() == Some("terminated") {
        thing.entity.ended_at = node.seen_at();
    }
    let host = node.text(&["publicdnsname"]);
    thing.claim_endpoint(host.as_deref(), None);
    if let Some(address) = node.text(&["publicipaddress"]) {
        thing.claim(key::host(&address));
    }
}

/// A database is found by the host that its clients name.
fn database(thing: &mut Thing, node: &Node) {
    let record = &node.properties;
    thing.created(record, "instance_create_time", false);
    if let Some(id) = node.text(&["dbi_resource_id"]) {
        thing.claim(key::bare_id(&id));
        thing.entity.incarnation = Some(id);
    }
    let port = node.text(&["endpoint_port", "port"]).and_then(|port| port.parse().ok());
    for name in ["endpoint_address", "endpoint", "reader_endpoint"] {
        let host = node.text(&[name]);
        thing.claim_endpoint(host.as_deref().filter(|host| is_public_host(host)), port);
    }
    let (kind, name) = match thing.entity.kind {
        K::Database => ("rds/db", "db_instance_identifier"),
        _ => ("rds/cluster", "db_cluster_identifier"),
    };
    if let Some(name) = node.text(&[name]) {
        thing.claim_name(kind, &name);
    }
}

fn cluster(thing: &mut Thing, node: &Node) {
    thing.created(&node.properties, "created_at", true);
    let Some(name) = node.text(&["name"]) else { return };
    thing.claim_name("eks/cluster", &name);
    thing.claim_with(key::cluster_name(&name), Confidence::Medium);
    let host = node.text(&["endpoint"]);
    let host = host.as_deref().map(|host| host.trim_start_matches("https://"));
    thing.claim_endpoint(host, Some(443));
}

fn claim_name(thing: &mut Thing, kind: &str, node: &Node) {
    if let Some(name) = node.text(&["name"]) {
        thing.claim_name(kind, &name);
    }
}

/// The zone with its region, both implied, and the way to refer to it.
pub fn zone(place: &Place, name: &str) -> Option<(Vec<EntityObservation>, Reference)> {
    let region = crate::format::aws::region_of(name)?.to_owned();
    let mut zone = zone_entity(place, Some(name), None);
    zone.entity.presence = model::entity::Presence::Implied;
    zone.entity.scope.region = Some(region.clone());
    zone.entity.scope.account = None;
    zone.to(R::PlacedIn, Reference::id(key::region(&region)));
    let mut of = EntityObservation::new(key::region(&region), K::Region, region.clone());
    of.scope.region = Some(region);
    of.presence = model::entity::Presence::Implied;
    let account = place.account.as_deref();
    let reference = crate::format::aws::zone_reference(account, name);
    Some((vec![of, zone.entity], reference))
}

/// The route of a listener: what it sends to, by the balancer that it runs on.
pub fn route(
    place: &Place,
    id: &str,
    name: &str,
    (listener, balancer): (&Reference, &Reference),
    to: impl Iterator<Item = Reference>,
) -> EntityObservation {
    let mut route = Thing::with_id(K::Route, place, id, name);
    route.from(listener.clone(), R::Contains).to(R::RunsOn, balancer.clone());
    for target in to {
        route.to(R::RoutesTo, target);
    }
    route.entity
}

/// A listener of a classic load balancer, by its port.
pub fn classic_listener(
    place: &Place,
    balancer: &AliasKey,
    node: &Node,
) -> Option<EntityObservation> {
    let port = node.text(&["port"])?;
    let name = format!("{}:{port}", node.text(&["protocol"]).unwrap_or_default());
    let id = format!("{balancer}#listener/{port}");
    let mut thing = Thing::with_id(K::Listener, place, id, &name);
    keep(&mut thing.entity.properties, &node.properties, &["port", "protocol", "instance_port"]);
    Some(thing.entity)
}
