//! ECS: clusters, services, tasks, container instances and task definitions.

use model::{EntityKind as K, Reference, RelationKind as R};
use serde_json::Value;

use super::place::Arn;
use super::reader::Reader;
use super::record::{instant, list, text, texts};
use super::thing::{Thing, bare, by_arn, by_name};
use crate::key;

/// `ecs describe-clusters`.
pub fn cluster(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "clusterArn") else {
        reader.reject("", "a cluster without clusterArn");
        return;
    };
    let place = reader.place(record, &["clusterArn"]);
    let name = text(record, "clusterName").unwrap_or_else(|| last_part(arn));
    let mut thing = Thing::with_id(K::ContainerCluster, &place, arn, name);
    thing.tagged(record).keep(
        record,
        &[
            "status",
            "settings",
            "capacityProviders",
            "defaultCapacityProviderStrategy",
            "configuration",
        ],
    );
    name.clone_into(&mut thing.entity.name);
    reader.put(thing);
}

/// An ARN of `ecs list-clusters`.
pub fn cluster_arn(reader: &mut Reader<'_, '_>, record: &Value) {
    of_arn(reader, record, K::ContainerCluster);
}

/// An ARN of `ecs list-tasks`.
pub fn task_arn(reader: &mut Reader<'_, '_>, record: &Value) {
    of_arn(reader, record, K::Task);
}

/// Something of which a list says no more than the ARN.
fn of_arn(reader: &mut Reader<'_, '_>, record: &Value, kind: K) {
    let arn = record.as_str().unwrap_or_default();
    let Some(parsed) = Arn::parse(arn) else {
        reader.reject("", "an entry that is no ARN");
        return;
    };
    let place = parsed.place();
    reader.put(Thing::with_id(kind, &place, arn, last_part(arn)));
}

fn last_part(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

/// Name of a service within account and region: its ARN names the cluster only in the newer format.
fn service_name(cluster: &str, name: &str) -> String {
    format!("{}/{name}", last_part(cluster))
}

/// `ecs describe-services`.
pub fn service(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "serviceArn") else {
        reader.reject("", "a service without serviceArn");
        return;
    };
    let place = reader.place(record, &["serviceArn"]);
    let name = text(record, "serviceName").unwrap_or_else(|| last_part(arn));
    let mut thing = Thing::with_id(K::ContainerService, &place, arn, name);
    thing.tagged(record).created(record, "createdAt", true).keep(
        record,
        &[
            "status",
            "desiredCount",
            "launchType",
            "platformVersion",
            "platformFamily",
            "schedulingStrategy",
            "deploymentConfiguration",
            "deploymentController.type",
            "capacityProviderStrategy",
            "placementConstraints",
            "placementStrategy",
            "enableExecuteCommand",
            "healthCheckGracePeriodSeconds",
            "roleArn",
            "serviceRegistries",
        ],
    );
    name.clone_into(&mut thing.entity.name);
    if let Some(cluster) = text(record, "clusterArn") {
        thing.claim_name("ecs-service", &service_name(cluster, name));
        thing.from(by_arn(cluster), R::Contains);
    }
    if let Some(definition) = text(record, "taskDefinition") {
        thing.to(R::UsesImage, by_arn(definition));
    }
    network(&mut thing, record);
    balanced(&mut thing, record);
    for set in list(record, "taskSets") {
        network(&mut thing, set);
        if let Some(arn) = text(set, "taskSetArn") {
            thing.claim(key::arn(arn));
        }
        balanced(&mut thing, set);
        if let Some(definition) = text(set, "taskDefinition") {
            thing.to(R::UsesImage, by_arn(definition));
        }
    }
    reader.put(thing);
}

fn network(thing: &mut Thing, record: &Value) {
    if let Some(network) = super::record::at(record, "networkConfiguration.awsvpcConfiguration") {
        thing.in_subnets(texts(network, "subnets")).guarded_by(texts(network, "securityGroups"));
    }
}

fn balanced(thing: &mut Thing, record: &Value) {
    for balancer in list(record, "loadBalancers") {
        if let Some(group) = text(balancer, "targetGroupArn") {
            thing.from(by_arn(group), R::RoutesTo);
        }
        if let Some(name) = text(balancer, "loadBalancerName") {
            let balancer = by_name(&thing.place, "loadbalancer", name);
            thing.to(R::ServedThrough, balancer);
        }
    }
}

/// `ecs describe-tasks`.
pub fn task(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "taskArn") else {
        reader.reject("", "a task without taskArn");
        return;
    };
    let place = reader.place(record, &["taskArn"]);
    let mut thing = Thing::with_id(K::Task, &place, arn, last_part(arn));
    thing.tagged(record).created(record, "createdAt", false).keep(
        record,
        &[
            "lastStatus",
            "desiredStatus",
            "launchType",
            "platformVersion",
            "platformFamily",
            "cpu",
            "memory",
            "group",
            "startedBy",
            "stopCode",
            "stoppedReason",
            "healthStatus",
            "capacityProviderName",
            "ephemeralStorage",
            "enableExecuteCommand",
        ],
    );
    if text(record, "lastStatus") == Some("STOPPED") {
        let stopped = instant(record, "stoppedAt").or(instant(record, "executionStoppedAt"));
        thing.entity.ended_at = Some(stopped.unwrap_or(reader.observed_at));
    }
    if let Some(cluster) = text(record, "clusterArn") {
        thing.from(by_arn(cluster), R::Contains);
        let service = text(record, "group").and_then(|group| group.strip_prefix("service:"));
        if let Some(service) = service.filter(|_name| thing.entity.ended_at.is_none()) {
            let service = by_name(&place, "ecs-service", &service_name(cluster, service));
            thing.from(service, R::HasReplica);
        }
    }
    if let Some(definition) = text(record, "taskDefinitionArn") {
        thing.to(R::UsesImage, by_arn(definition));
    }
    if let Some(host) = text(record, "containerInstanceArn") {
        thing.to(R::RunsOn, by_arn(host));
    }
    attachments(&mut thing, record);
    containers(&mut thing, record);
    let zone = text(record, "availabilityZone");
    thing.entity.scope.zone = zone.map(str::to_owned);
    if let Some(zone) = reader.zone(&place, zone, None)
        && !thing.entity.relations.iter().any(|one| matches!(one.kind, R::PlacedIn | R::RunsOn))
    {
        thing.to(R::PlacedIn, zone);
    }
    reader.put(thing);
}

fn attachments(thing: &mut Thing, record: &Value) {
    for detail in list(record, "attachments").iter().flat_map(|one| list(one, "details")) {
        let (Some(name), Some(value)) = (text(detail, "name"), text(detail, "value")) else {
            continue;
        };
        match name {
            "subnetId" => {
                thing.to(R::PlacedIn, bare(value));
            }
            "networkInterfaceId" => {
                thing.to(R::Contains, bare(value));
            }
            _ => {}
        }
    }
}

fn containers(thing: &mut Thing, record: &Value) {
    let mut names: Vec<Value> = Vec::new();
    for container in list(record, "containers") {
        names.extend(text(container, "name").map(Value::from));
        if let Some(arn) = text(container, "containerArn") {
            // A container is a part of its task: its name leads there.
            thing.claim(key::arn(arn));
        }
        let Some(image) = text(container, "image") else { continue };
        let repository = repository(image);
        let reference = match text(container, "imageDigest") {
            Some(digest) => format!("{repository}@{digest}"),
            None => image.to_owned(),
        };
        thing.to(R::UsesImage, image_of(&reference));
    }
    if !names.is_empty() {
        thing.property("containers", names);
    }
}

/// An image, by tag or digest.
fn image_of(image: &str) -> Reference {
    Reference::key("image", key::image(image)).of_kinds(&[K::Image])
}

/// The image without its tag or digest; a colon before a slash is a port.
fn repository(image: &str) -> &str {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// `ecs describe-container-instances`: the instance as ECS sees it.
pub fn container_instance(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "containerInstanceArn") else {
        reader.reject("", "a container instance without containerInstanceArn");
        return;
    };
    let place = reader.place(record, &["containerInstanceArn"]);
    let mut thing = Thing::with_id(K::Resource, &place, arn, last_part(arn));
    thing.tagged(record).property("resource_type", "container_instance");
    thing.created(record, "registeredAt", false).keep(
        record,
        &["status", "agentConnected", "versionInfo", "capacityProviderName", "ec2InstanceId"],
    );
    if let Some(instance) = text(record, "ec2InstanceId") {
        thing.to(R::RunsOn, bare(instance));
    }
    reader.put(thing);
}

/// `ecs describe-task-definition`. Environment values may be secrets and are not kept.
pub fn task_definition(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "taskDefinitionArn") else {
        reader.reject("", "a task definition without taskDefinitionArn");
        return;
    };
    let place = reader.place(record, &["taskDefinitionArn"]);
    let mut thing = Thing::with_id(K::Resource, &place, arn, last_part(arn));
    thing.tagged(record).property("resource_type", "task_definition");
    thing.keep(
        record,
        &[
            "family",
            "revision",
            "status",
            "networkMode",
            "cpu",
            "memory",
            "taskRoleArn",
            "executionRoleArn",
        ],
    );
    for container in list(record, "containerDefinitions") {
        if let Some(image) = text(container, "image") {
            thing.to(R::UsesImage, image_of(image));
        }
    }
    reader.put(thing);
}
