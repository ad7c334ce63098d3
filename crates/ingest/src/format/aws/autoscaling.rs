//! Scaling groups, what they launch, and their policies.

use model::entity::RelationObservation;
use model::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::reader::Reader;
use super::record::{list, text, texts};
use super::thing::{Thing, bare, by_arn, by_name};

/// `autoscaling describe-auto-scaling-groups`.
pub fn group(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "AutoScalingGroupName") else {
        reader.reject("", "a scaling group without AutoScalingGroupName");
        return;
    };
    let place = reader.place(record, &["AutoScalingGroupARN"]);
    let arn = text(record, "AutoScalingGroupARN");
    let resource = format!("autoScalingGroup:autoScalingGroupName/{name}");
    let mut thing = Thing::arn(K::AutoscalingGroup, &place, arn, ("autoscaling", &resource), name);
    thing.claim_name("autoscaling_group", name);
    thing.tagged(record).created(record, "CreatedTime", true).keep(
        record,
        &[
            "MinSize",
            "MaxSize",
            "DesiredCapacity",
            "HealthCheckType",
            "HealthCheckGracePeriod",
            "DefaultCooldown",
            "MaxInstanceLifetime",
            "CapacityRebalance",
            "TerminationPolicies",
            "Status",
            "MixedInstancesPolicy",
            "LaunchConfigurationName",
            "LaunchTemplate",
        ],
    );
    name.clone_into(&mut thing.entity.name);
    let suspended = list(record, "SuspendedProcesses").iter();
    let suspended: Vec<Value> =
        suspended.filter_map(|one| text(one, "ProcessName")).map(Value::from).collect();
    if !suspended.is_empty() {
        thing.property("suspended_processes", suspended);
    }
    let subnets: Vec<&str> = text(record, "VPCZoneIdentifier")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|subnet| !subnet.is_empty())
        .collect();
    for zone in texts(record, "AvailabilityZones") {
        let zone = reader.zone(&place, Some(zone), None);
        if let Some(zone) = zone.filter(|_zone| subnets.is_empty()) {
            thing.to(R::PlacedIn, zone);
        }
    }
    thing.in_subnets(subnets.into_iter());
    members(&mut thing, record);
    for target_group in texts(record, "TargetGroupARNs") {
        thing.from(by_arn(target_group), R::RoutesTo);
    }
    for balancer in texts(record, "LoadBalancerNames") {
        thing.from(by_name(&place, "loadbalancer", balancer), R::RoutesTo);
    }
    launched_from(&mut thing, record);
    reader.put(thing);
}

/// Instances that leave or are not there yet are no members, but they are named.
fn members(thing: &mut Thing, record: &Value) {
    for instance in list(record, "Instances") {
        let Some(id) = text(instance, "InstanceId") else { continue };
        let state = text(instance, "LifecycleState").unwrap_or("InService");
        let is_member = !state.starts_with("Terminat") && !state.starts_with("Detach");
        let kind = if is_member { R::HasReplica } else { R::Contains };
        let mut relation = RelationObservation::declared(thing.this(), kind, bare(id));
        relation = relation.with("lifecycle_state", state);
        if let Some(health) = text(instance, "HealthStatus") {
            relation = relation.with("health_status", health);
        }
        thing.relate(relation);
    }
}

fn launched_from(thing: &mut Thing, record: &Value) {
    if let Some(name) = text(record, "LaunchConfigurationName") {
        let configuration = by_name(&thing.place, "launch_configuration", name);
        thing.to(R::UsesImage, configuration);
    }
    for path in [
        "LaunchTemplate.LaunchTemplateId",
        "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId",
    ] {
        if let Some(template) = text(record, path) {
            thing.to(R::UsesImage, bare(template));
        }
    }
}

/// `autoscaling describe-launch-configurations`. User data may hold secrets and is not kept.
pub fn launch_configuration(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "LaunchConfigurationName") else {
        reader.reject("", "a launch configuration without LaunchConfigurationName");
        return;
    };
    let place = reader.place(record, &["LaunchConfigurationARN"]);
    let arn = text(record, "LaunchConfigurationARN");
    let resource = format!("launchConfiguration:launchConfigurationName/{name}");
    let mut thing = Thing::arn(K::Resource, &place, arn, ("autoscaling", &resource), name);
    thing.property("resource_type", "launch_configuration");
    thing.claim_name("launch_configuration", name);
    thing.created(record, "CreatedTime", true).keep(
        record,
        &[
            "ImageId",
            "InstanceType",
            "KeyName",
            "IamInstanceProfile",
            "EbsOptimized",
            "SpotPrice",
            "AssociatePublicIpAddress",
        ],
    );
    thing.guarded_by(texts(record, "SecurityGroups").filter(|group| group.starts_with("sg-")));
    if let Some(image) = text(record, "ImageId") {
        thing.to(R::UsesImage, bare(image));
    }
    for mapping in list(record, "BlockDeviceMappings") {
        if let Some(snapshot) = text(mapping, "Ebs.SnapshotId") {
            thing.to(R::UsesImage, bare(snapshot));
        }
    }
    reader.put(thing);
}

/// `ec2 describe-launch-templates`.
pub fn launch_template(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "LaunchTemplateId") else {
        reader.reject("", "a launch template without LaunchTemplateId");
        return;
    };
    let place = reader.place(record, &[]);
    let mut thing = Thing::ec2(K::Resource, &place, "launch-template", id);
    thing.tagged(record).property("resource_type", "launch_template");
    thing.created(record, "CreateTime", false);
    thing.keep(record, &["LaunchTemplateName", "DefaultVersionNumber", "LatestVersionNumber"]);
    if let Some(name) = text(record, "LaunchTemplateName") {
        name.clone_into(&mut thing.entity.name);
    }
    reader.put(thing);
}

/// `autoscaling describe-policies`.
pub fn policy(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "PolicyARN") else {
        reader.reject("", "a scaling policy without PolicyARN");
        return;
    };
    let place = reader.place(record, &["PolicyARN"]);
    let name = text(record, "PolicyName").unwrap_or(arn);
    let mut thing = Thing::with_id(K::Autoscaler, &place, arn, name);
    thing.keep(
        record,
        &[
            "PolicyType",
            "AdjustmentType",
            "ScalingAdjustment",
            "Cooldown",
            "Enabled",
            "TargetTrackingConfiguration",
            "StepAdjustments",
            "AutoScalingGroupName",
        ],
    );
    if let Some(group) = text(record, "AutoScalingGroupName") {
        thing.to(R::Contains, by_name(&place, "autoscaling_group", group));
    }
    for alarm in list(record, "Alarms").iter().filter_map(|alarm| text(alarm, "AlarmARN")) {
        thing.to(R::Contains, by_arn(alarm));
    }
    reader.put(thing);
}
