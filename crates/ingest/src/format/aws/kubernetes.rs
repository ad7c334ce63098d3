//! EKS: control planes, node groups, add-ons, access entries and Fargate profiles.

use model::kind::Confidence;
use model::{EntityKind as K, Reference, RelationKind as R};
use serde_json::Value;

use super::place::Place;
use super::reader::Reader;
use super::record::{list, text, texts};
use super::thing::{Thing, bare, by_name};
use crate::key;

/// `eks describe-cluster`.
pub fn cluster(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "name") else {
        reader.reject("", "a cluster without name");
        return;
    };
    let place = reader.place(record, &["arn"]);
    let resource = format!("cluster/{name}");
    let mut thing =
        Thing::arn(K::KubernetesCluster, &place, text(record, "arn"), ("eks", &resource), name);
    named(&mut thing, name);
    thing.tagged(record).created(record, "createdAt", true).keep(
        record,
        &[
            "version",
            "platformVersion",
            "status",
            "endpoint",
            "roleArn",
            "logging",
            "encryptionConfig",
            "identity.oidc.issuer=oidc_issuer",
            "kubernetesNetworkConfig",
            "upgradePolicy",
            "resourcesVpcConfig.endpointPublicAccess",
            "resourcesVpcConfig.endpointPrivateAccess",
            "resourcesVpcConfig.publicAccessCidrs",
            "accessConfig.authenticationMode",
            "computeConfig",
            "storageConfig",
            "remoteNetworkConfig",
            "zonalShiftConfig",
            "deletionProtection",
            "health",
        ],
    );
    name.clone_into(&mut thing.entity.name);
    let host = text(record, "endpoint").map(|endpoint| endpoint.trim_start_matches("https://"));
    thing.claim_endpoint(host, Some(443));
    let network = record.get("resourcesVpcConfig").unwrap_or(&Value::Null);
    thing.in_vpc(text(network, "vpcId")).in_subnets(texts(network, "subnetIds"));
    thing.guarded_by(
        texts(network, "securityGroupIds").chain(text(network, "clusterSecurityGroupId")),
    );
    reader.put(thing);
}

/// The name alone: within account and region for certain; in the estate only as far as no cluster's own
/// export says that it is the one.
fn named(thing: &mut Thing, name: &str) {
    thing.claim_name("eks/cluster", name);
    thing.claim_with(key::cluster_name(name), Confidence::Medium);
}

/// A name of `eks list-clusters`.
pub fn cluster_name(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = record.as_str().filter(|name| !name.is_empty()) else {
        reader.reject("", "a cluster's name that is no text");
        return;
    };
    let place = reader.base.clone();
    // ECS lists its clusters by ARN, EKS by name.
    let mut thing =
        Thing::named(K::KubernetesCluster, &place, "eks", &format!("cluster/{name}"), name);
    named(&mut thing, name);
    reader.put(thing);
}

/// `eks describe-nodegroup`.
pub fn node_group(reader: &mut Reader<'_, '_>, record: &Value) {
    let (Some(name), Some(cluster)) = (text(record, "nodegroupName"), text(record, "clusterName"))
    else {
        reader.reject("", "a node group without nodegroupName or clusterName");
        return;
    };
    let place = reader.place(record, &["nodegroupArn"]);
    let arn = text(record, "nodegroupArn");
    let resource = format!("nodegroup/{cluster}/{name}");
    let mut thing = Thing::arn(K::NodeGroup, &place, arn, ("eks", &resource), name);
    thing.claim_name("nodegroup", &format!("{cluster}/{name}"));
    thing.tagged(record).created(record, "createdAt", true).keep(
        record,
        &[
            "version",
            "releaseVersion",
            "status",
            "capacityType",
            "scalingConfig",
            "instanceTypes",
            "amiType",
            "diskSize",
            "labels",
            "taints",
            "updateConfig",
            "nodeRole",
            "clusterName",
            "health.issues=health_issues",
        ],
    );
    name.clone_into(&mut thing.entity.name);
    thing.to(R::ManagedBy, cluster_of(&place, cluster)).in_subnets(texts(record, "subnets"));
    for group in
        list(record, "resources.autoScalingGroups").iter().filter_map(|one| text(one, "name"))
    {
        thing.to(R::Contains, by_name(&place, "autoscaling_group", group));
    }
    thing.guarded_by(text(record, "resources.remoteAccessSecurityGroup").into_iter());
    if let Some(template) = text(record, "launchTemplate.id") {
        thing.to(R::UsesImage, bare(template));
    }
    reader.put(thing);
}

/// The control plane of this name in the same account and region.
fn cluster_of(place: &Place, name: &str) -> Reference {
    match place.arn("eks", &format!("cluster/{name}")) {
        Some(arn) => Reference::id(arn),
        None => by_name(place, "eks/cluster", name),
    }
}

/// What belongs to a cluster and has an ARN: what it is, its ARN's field, its name's field.
struct Part<'a> {
    kind: K,
    what: &'a str,
    arn: &'a str,
    name: &'a str,
    keep: &'a [&'a str],
}

fn part(reader: &mut Reader<'_, '_>, record: &Value, part: &Part<'_>) -> Option<Thing> {
    let (Some(name), Some(cluster)) = (text(record, part.name), text(record, "clusterName")) else {
        reader.reject("", format!("{} without {} or clusterName", part.what, part.name));
        return None;
    };
    let place = reader.place(record, &[part.arn]);
    let resource = format!("{}/{cluster}/{name}", part.what);
    let mut thing = Thing::arn(part.kind, &place, text(record, part.arn), ("eks", &resource), name);
    thing.tagged(record).created(record, "createdAt", true).keep(record, part.keep);
    name.clone_into(&mut thing.entity.name);
    thing.from(cluster_of(&place, cluster), R::Contains);
    Some(thing)
}

/// `eks describe-addon`.
pub fn addon(reader: &mut Reader<'_, '_>, record: &Value) {
    let keep = &["addonVersion", "status", "health.issues=health_issues", "serviceAccountRoleArn"];
    let one = Part { kind: K::Addon, what: "addon", arn: "addonArn", name: "addonName", keep };
    if let Some(thing) = part(reader, record, &one) {
        reader.put(thing);
    }
}

/// `eks describe-access-entry`.
pub fn access_entry(reader: &mut Reader<'_, '_>, record: &Value) {
    let keep = &["principalArn", "kubernetesGroups", "username", "type"];
    let (arn, name) = ("accessEntryArn", "principalArn");
    let one = Part { kind: K::Resource, what: "access-entry", arn, name, keep };
    if let Some(mut thing) = part(reader, record, &one) {
        thing.property("resource_type", "access_entry");
        reader.put(thing);
    }
}

/// `eks describe-fargate-profile`.
pub fn fargate_profile(reader: &mut Reader<'_, '_>, record: &Value) {
    let keep = &["status", "selectors", "podExecutionRoleArn"];
    let (arn, name) = ("fargateProfileArn", "fargateProfileName");
    let one = Part { kind: K::FargateProfile, what: "fargateprofile", arn, name, keep };
    if let Some(mut thing) = part(reader, record, &one) {
        thing.in_subnets(texts(record, "subnets"));
        reader.put(thing);
    }
}
