//! Application, network and gateway load balancers: listeners, rules as routes, target groups and the
//! health of their targets.

use model::entity::{Presence, RelationObservation};
use model::kind::Confidence;
use model::{EntityKind as K, Reference, RelationKind as R};
use serde_json::Value;

use super::place::Arn;
use super::reader::Reader;
use super::record::{list, port, scalar, snake_case, snake_keys, text, texts};
use super::thing::{Thing, bare, by_arn};
use crate::key;

/// `elbv2 describe-load-balancers`.
pub fn load_balancer(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "LoadBalancerArn") else {
        reader.reject("", "a load balancer without LoadBalancerArn");
        return;
    };
    let place = reader.place(record, &["LoadBalancerArn"]);
    let name = text(record, "LoadBalancerName").unwrap_or(arn);
    let mut thing = Thing::with_id(K::LoadBalancer, &place, arn, name);
    thing.tagged(record).created(record, "CreatedTime", false).keep(
        record,
        &[
            "DNSName",
            "Scheme",
            "Type",
            "State.Code=state",
            "IpAddressType",
            "CanonicalHostedZoneId",
        ],
    );
    thing.in_vpc(text(record, "VpcId")).guarded_by(texts(record, "SecurityGroups"));
    for one in list(record, "AvailabilityZones") {
        let zone = reader.zone(&place, text(one, "ZoneName"), text(one, "ZoneId"));
        match (text(one, "SubnetId"), zone) {
            (Some(subnet), _) => thing.to(R::PlacedIn, bare(subnet)),
            (None, Some(zone)) => thing.to(R::PlacedIn, zone),
            (None, None) => &mut thing,
        };
        for address in list(one, "LoadBalancerAddresses") {
            if let Some(allocation) = text(address, "AllocationId") {
                thing.from(bare(allocation), R::AttachedTo);
            }
        }
    }
    thing.claim_endpoint(text(record, "DNSName"), None);
    reader.put(thing);
}

/// `elbv2 describe-listeners`. Its default action is a route like any other.
pub fn listener(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "ListenerArn") else {
        reader.reject("", "a listener without ListenerArn");
        return;
    };
    let place = reader.place(record, &["ListenerArn"]);
    let (protocol, number) = (text(record, "Protocol"), port(record, "Port"));
    let number_text = number.map(|number| number.to_string()).unwrap_or_default();
    let name = format!("{}:{number_text}", protocol.unwrap_or("listener"));
    let mut thing = Thing::with_id(K::Listener, &place, arn, &name);
    thing.keep(record, &["Port", "Protocol", "SslPolicy", "DefaultActions", "Certificates"]);
    let balancer = text(record, "LoadBalancerArn").map(str::to_owned).or_else(|| balancer_of(arn));
    if let Some(balancer) = &balancer {
        thing.from(by_arn(balancer), R::Contains);
    }
    reader.put(thing);
    let actions = list(record, "DefaultActions");
    if !actions.is_empty() {
        let mut route =
            Thing::with_id(K::Route, &place, default_route(arn), &format!("{name} default"));
        route.property("is_default", true);
        actions_of(&mut route, actions);
        route.from(by_arn(arn), R::Contains);
        if let Some(balancer) = &balancer {
            route.to(R::RunsOn, by_arn(balancer));
        }
        reader.put(route);
    }
}

/// The route of a listener's default action: `describe-rules` shows it as a rule, too.
fn default_route(listener: &str) -> String {
    format!("{listener}#default")
}

/// `elbv2 describe-rules`.
pub fn rule(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "RuleArn") else {
        reader.reject("", "a rule without RuleArn");
        return;
    };
    let place = reader.place(record, &["RuleArn"]);
    let listener = listener_of(arn);
    let is_default = record.get("IsDefault").and_then(Value::as_bool) == Some(true);
    let hosts = conditions(record, "host-header", "HostHeaderConfig");
    let paths = conditions(record, "path-pattern", "PathPatternConfig");
    let priority = scalar(record, "Priority").unwrap_or_default();
    let mut name = format!("{}{}", hosts.join(","), paths.join(","));
    if name.is_empty() {
        name = if is_default { "default".to_owned() } else { format!("rule {priority}") };
    }
    let default = listener.as_deref().filter(|_listener| is_default).map(default_route);
    let mut thing = Thing::with_id(K::Route, &place, default.as_deref().unwrap_or(arn), &name);
    thing.claim(key::arn(arn));
    thing.tagged(record).keep(record, &["Priority", "IsDefault", "Conditions"]);
    for (name, values) in [("hosts", hosts), ("paths", paths)] {
        if !values.is_empty() {
            thing.property(name, values);
        }
    }
    actions_of(&mut thing, list(record, "Actions"));
    if let Some(listener) = &listener {
        thing.from(by_arn(listener), R::Contains);
        if let Some(balancer) = balancer_of(listener) {
            thing.to(R::RunsOn, by_arn(&balancer));
        }
    }
    reader.put(thing);
}

/// Values of the conditions on one field, in the shape before and after 2019.
fn conditions(record: &Value, field: &str, config: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let of_field =
        list(record, "Conditions").iter().filter(|one| text(one, "Field") == Some(field));
    for condition in of_field {
        let values = condition.get(config).map_or(condition, |config| config);
        all.extend(texts(values, "Values").map(str::to_owned));
    }
    all
}

/// Target groups that actions forward to, with their weights; the actions themselves as a property.
fn actions_of(route: &mut Thing, actions: &[Value]) {
    let mut kinds: Vec<Value> = Vec::new();
    for action in actions {
        kinds.extend(text(action, "Type").map(Value::from));
        let mut forward = |arn: &str, weight: Option<&Value>| {
            let relation = RelationObservation::declared(route.this(), R::RoutesTo, by_arn(arn));
            let weighted = weight.filter(|weight| weight.is_number());
            route.relate(match weighted {
                Some(weight) => relation.with("weight", weight.clone()),
                None => relation,
            });
        };
        if let Some(arn) = text(action, "TargetGroupArn") {
            forward(arn, None);
        }
        for group in list(action, "ForwardConfig.TargetGroups") {
            if let Some(arn) = text(group, "TargetGroupArn") {
                forward(arn, group.get("Weight"));
            }
        }
        if let Some(redirect) = action.get("RedirectConfig").filter(|value| value.is_object()) {
            route.property("redirect", snake_keys(redirect));
        }
    }
    if !kinds.is_empty() {
        route.property("actions", kinds);
    }
}

/// `…:listener-rule/app/web/50dc/f2f7/9683` → `…:listener/app/web/50dc/f2f7`.
fn listener_of(rule: &str) -> Option<String> {
    let (listener, _) = rule.rsplit_once('/')?;
    rule.contains(":listener-rule/").then(|| listener.replacen(":listener-rule/", ":listener/", 1))
}

/// `…:listener/app/web/50dc/f2f7` → `…:loadbalancer/app/web/50dc`.
fn balancer_of(listener: &str) -> Option<String> {
    let (balancer, _) = listener.rsplit_once('/')?;
    listener.contains(":listener/").then(|| balancer.replacen(":listener/", ":loadbalancer/", 1))
}

/// `elbv2 describe-target-groups`.
pub fn target_group(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "TargetGroupArn") else {
        reader.reject("", "a target group without TargetGroupArn");
        return;
    };
    let place = reader.place(record, &["TargetGroupArn"]);
    let name = text(record, "TargetGroupName").unwrap_or(arn);
    let mut thing = Thing::with_id(K::TargetGroup, &place, arn, name);
    thing.tagged(record).in_vpc(text(record, "VpcId")).keep(
        record,
        &[
            "Protocol",
            "ProtocolVersion",
            "Port",
            "TargetType",
            "IpAddressType",
            "HealthCheckEnabled",
            "HealthCheckProtocol",
            "HealthCheckPort",
            "HealthCheckPath",
            "HealthCheckIntervalSeconds",
            "HealthCheckTimeoutSeconds",
            "HealthyThresholdCount",
            "UnhealthyThresholdCount",
            "Matcher.HttpCode=matcher",
        ],
    );
    for balancer in texts(record, "LoadBalancerArns") {
        thing.from(by_arn(balancer), R::Contains);
    }
    reader.put(thing);
}

/// `elbv2 describe-target-health`. The response does not name its target group: the file's name does,
/// or the group's ARN beside the list.
pub fn target_health(reader: &mut Reader<'_, '_>, record: &Value) {
    let group = reader.argument.filter(|argument| argument.contains(":targetgroup/"));
    let Some(group) = group.map(str::to_owned) else {
        reader.reject(
            "",
            "the target group is not named; name the file \
             elbv2-describe-target-health/{percent-encoded ARN of the group}",
        );
        return;
    };
    let Some(id) = text(record, "Target.Id") else {
        reader.reject("", "a target without Id");
        return;
    };
    let mut thing = group_of(&group);
    let mut relation = RelationObservation::declared(thing.this(), R::RoutesTo, target(id));
    if let Some(number) = port(record, "Target.Port") {
        relation = relation.with("port", number);
    }
    for (path, name) in [("TargetHealth.State", "health"), ("TargetHealth.Reason", "reason")] {
        if let Some(value) = text(record, path) {
            relation = relation.with(name, value);
        }
    }
    thing.relate(relation);
    reader.merged(thing);
}

/// `elbv2 describe-load-balancer-attributes` and `describe-target-group-attributes`: the file's name
/// says whose they are.
pub fn attribute(reader: &mut Reader<'_, '_>, record: &Value) {
    let of = |kind: &str| reader.argument.filter(|argument| argument.contains(kind));
    let (kind, arn) = match (of(":loadbalancer/"), of(":targetgroup/")) {
        (Some(arn), _) => (K::LoadBalancer, arn),
        (None, Some(arn)) => (K::TargetGroup, arn),
        (None, None) => {
            reader.reject(
                "",
                "what the attribute is of is not named; name the file \
                 elbv2-describe-load-balancer-attributes/{percent-encoded ARN}",
            );
            return;
        }
    };
    let (Some(name), Some(value)) = (text(record, "Key"), record.get("Value")) else { return };
    let place = Arn::parse(arn).map(|arn| arn.place()).unwrap_or_default();
    let mut thing = Thing::with_id(kind, &place, arn, arn.rsplit('/').nth(1).unwrap_or(arn));
    thing.entity.presence = Presence::Implied;
    if value.as_str().is_some_and(|value| !value.is_empty()) {
        thing.property(&snake_case(name), value.clone());
    }
    reader.merged(thing);
}

/// A target group without targets: those that it had are gone.
pub fn no_target(reader: &mut Reader<'_, '_>) {
    let group = reader.argument.filter(|argument| argument.contains(":targetgroup/"));
    if let Some(group) = group {
        let thing = group_of(group);
        reader.merged(thing);
    }
}

/// The target group as the health of its targets shows it: `describe-target-groups` says what it is.
fn group_of(arn: &str) -> Thing {
    let place = Arn::parse(arn).map(|arn| arn.place()).unwrap_or_default();
    let name = arn.rsplit('/').nth(1).unwrap_or(arn);
    let mut thing = Thing::with_id(K::TargetGroup, &place, arn, name);
    thing.entity.presence = Presence::Implied;
    thing
}

/// An instance, an address, a function or another load balancer.
fn target(id: &str) -> Reference {
    if Arn::parse(id).is_some() {
        return by_arn(id);
    }
    if id.starts_with("i-") {
        return bare(id);
    }
    Reference::key("address unique in the estate", key::address_anywhere(id))
        .or("public address", key::host(id), Confidence::Low)
        .of_kinds(&[K::Pod, K::Task, K::Instance, K::NetworkInterface])
}
