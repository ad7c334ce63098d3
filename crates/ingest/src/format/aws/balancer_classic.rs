//! Classic load balancers: each listener is a route of its own, straight to instances.

use model::entity::Presence;
use model::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::place::region_of;
use super::reader::Reader;
use super::record::{list, port, scalar, text, texts};
use super::thing::{Thing, bare};

/// `elb describe-load-balancer-attributes`: the file's name says whose they are.
pub fn attributes(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = reader.argument.map(str::to_owned) else {
        reader.reject(
            "",
            "the load balancer is not named; name the file elb-describe-load-balancer-attributes/{name}",
        );
        return;
    };
    let place = reader.place(record, &[]);
    let resource = format!("loadbalancer/{name}");
    let mut thing = Thing::named(K::LoadBalancer, &place, "elasticloadbalancing", &resource, &name);
    thing.entity.presence = Presence::Implied;
    thing.claim_name("loadbalancer", &name).keep(
        record,
        &[
            "CrossZoneLoadBalancing.Enabled=load_balancing_cross_zone_enabled",
            "ConnectionDraining.Enabled=connection_draining_enabled",
            "ConnectionDraining.Timeout=connection_draining_timeout_seconds",
            "ConnectionSettings.IdleTimeout=idle_timeout_timeout_seconds",
            "AccessLog.Enabled=access_logs_s3_enabled",
        ],
    );
    reader.put(thing);
}

/// `elb describe-load-balancers`.
pub fn load_balancer(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "LoadBalancerName") else {
        reader.reject("", "a load balancer without LoadBalancerName");
        return;
    };
    let mut place = reader.place(record, &[]);
    let host = text(record, "DNSName");
    if place.region.is_none() {
        // internal-web-1234.us-east-1.elb.amazonaws.com
        let part =
            host.and_then(|host| host.split('.').find(|part| region_of(part) == Some(*part)));
        place.region = part.map(str::to_owned);
    }
    if place.account.is_none() {
        place.account = owner(record);
    }
    let resource = format!("loadbalancer/{name}");
    let mut thing = Thing::named(K::LoadBalancer, &place, "elasticloadbalancing", &resource, name);
    thing.tagged(record).created(record, "CreatedTime", true).claim_name("loadbalancer", name);
    thing.property("type", "classic").keep(
        record,
        &[
            "DNSName",
            "Scheme",
            "HealthCheck",
            "CanonicalHostedZoneName",
            "CanonicalHostedZoneNameID",
        ],
    );
    let vpc = text(record, "VPCId").or(text(record, "VpcId"));
    thing.in_vpc(vpc).guarded_by(texts(record, "SecurityGroups"));
    thing.in_subnets(texts(record, "Subnets"));
    for zone in texts(record, "AvailabilityZones") {
        let zone = reader.zone(&place, Some(zone), None);
        if let Some(zone) = zone.filter(|_zone| texts(record, "Subnets").next().is_none()) {
            thing.to(R::PlacedIn, zone);
        }
    }
    thing.claim_endpoint(host, None);
    thing.claim_endpoint(text(record, "CanonicalHostedZoneName"), None);
    let balancer = thing.this();
    let id = thing.entity.id.to_string();
    reader.put(thing);
    for one in list(record, "ListenerDescriptions") {
        let Some(number) = port(one, "Listener.LoadBalancerPort") else { continue };
        let protocol = scalar(one, "Listener.Protocol").unwrap_or_default();
        let label = format!("{name} {protocol}:{number}");
        let mut listener =
            Thing::with_id(K::Listener, &place, format!("{id}#listener/{number}"), &label);
        listener.from(balancer.clone(), R::Contains).keep(
            one,
            &[
                "Listener.Protocol",
                "Listener.LoadBalancerPort=port",
                "Listener.InstancePort",
                "Listener.InstanceProtocol",
                "Listener.SSLCertificateId",
                "PolicyNames",
            ],
        );
        let mut route = Thing::with_id(K::Route, &place, format!("{id}#route/{number}"), &label);
        route.from(listener.this(), R::Contains).to(R::RunsOn, balancer.clone());
        for instance in list(record, "Instances").iter().filter_map(|one| text(one, "InstanceId")) {
            route.to(R::RoutesTo, bare(instance));
        }
        reader.put(listener);
        reader.put(route);
    }
}

/// The group that the balancer's packets come from is the account's own, where it is a number.
fn owner(record: &Value) -> Option<String> {
    let owner = text(record, "SourceSecurityGroup.OwnerAlias")?;
    (owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit())).then(|| owner.to_owned())
}
