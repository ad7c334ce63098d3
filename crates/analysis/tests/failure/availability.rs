//! Databases, caches, gateways and load balancers, as AWS keeps them available.

use model::kind::EntityKind as K;
use model::kind::{Need, RelationKind as R};
use serde_json::json;

use super::written::Paper;

/// An Aurora cluster has a member in each of two zones, and both say `MultiAZ: false`. It survives
/// either zone all the same: the cluster fails over. It degrades by the lost member, and the service
/// that connects to it neither fails nor degrades, since lost replicas do not spread.
#[test]
fn an_aurora_cluster_survives_a_zone_whatever_its_members_say() {
    let mut paper = Paper::default();
    let (one, two) = (paper.add(K::Zone, "z1"), paper.add(K::Zone, "z2"));
    let cluster = paper.add(K::DatabaseCluster, "orders");
    for (name, zone) in [("orders-1", one), ("orders-2", two)] {
        let member = paper.with(K::Database, name, json!({"multi_az": false}));
        paper.relate(cluster, R::HasReplica, member);
        paper.relate(member, R::PlacedIn, zone);
    }
    let shop = paper.add(K::Service, "shop");
    paper.relate(shop, R::ConnectsTo, cluster);
    let asked = paper.model();
    assert_eq!(asked.fails(&["z1"]), ["orders-1"]);
    assert_eq!(asked.degrades(&["z1"]), [("orders".into(), 0)]);
    assert_eq!(asked.fails(&["z1", "z2"]), ["orders", "orders-1", "orders-2", "shop"]);
}

/// An Aurora cluster with a single member has nobody to fail over to: it fails with the member.
#[test]
fn a_single_member_is_the_cluster() {
    let mut paper = Paper::default();
    let cluster = paper.add(K::DatabaseCluster, "orders");
    let member = paper.with(K::Database, "orders-1", json!({"multi_az": false}));
    paper.relate(cluster, R::HasReplica, member);
    assert_eq!(paper.model().fails(&["orders-1"]), ["orders"]);
}

/// An RDS instance with a standby survives its zone, whether the standby's zone is known or not. One
/// without a standby fails with its zone, and what needs it with it.
#[test]
fn a_standby_survives_the_zone_and_a_plain_instance_does_not() {
    let mut paper = Paper::default();
    let (one, two) = (paper.add(K::Zone, "z1"), paper.add(K::Zone, "z2"));
    let both = paper.with(K::Database, "both", json!({"multi_az": true}));
    paper.relate(both, R::PlacedIn, one);
    paper.relate(both, R::PlacedIn, two);
    let hidden = paper.with(K::Database, "hidden", json!({"multi_az": true}));
    paper.relate(hidden, R::PlacedIn, one);
    let plain = paper.with(K::Database, "plain", json!({"multi_az": false}));
    paper.relate(plain, R::PlacedIn, one);
    let asked = paper.model();
    assert_eq!(asked.fails(&["z1"]), ["plain"]);
    assert_eq!(asked.degrades(&["z1"]), [("both".into(), 0), ("hidden".into(), 0)]);
}

/// A read replica is no standby: when the primary fails, its clients fail although the replica is in
/// another zone. The replica goes on serving reads that grow stale, so it degrades, and who reads from
/// it degrades indirectly. A disaster-recovery replica that nothing calls takes nothing down.
#[test]
fn a_read_replica_is_no_standby() {
    let mut paper = Paper::default();
    let (one, two) = (paper.add(K::Zone, "z1"), paper.add(K::Zone, "z2"));
    let primary = paper.with(K::Database, "points", json!({"multi_az": false}));
    paper.relate(primary, R::PlacedIn, one);
    let replica = paper.with(K::Database, "points-replica", json!({"multi_az": false}));
    paper.relate(replica, R::PlacedIn, two);
    paper.relate(replica, R::Replicates, primary);
    let (shop, report) = (paper.add(K::Service, "shop"), paper.add(K::Service, "report"));
    paper.relate(shop, R::ConnectsTo, primary);
    paper.relate(report, R::ConnectsTo, replica);
    let spare = paper.with(K::Database, "points-dr", json!({"multi_az": false}));
    paper.relate(spare, R::Replicates, primary);
    let asked = paper.model();
    assert_eq!(asked.fails(&["points"]), ["shop"]);
    let degraded = asked.degrades(&["points"]);
    assert_eq!(
        degraded,
        [("points-dr".into(), 0), ("points-replica".into(), 0), ("report".into(), 1)]
    );
    assert_eq!(asked.fails(&["points-dr"]), [""; 0]);
    assert_eq!(asked.fails(&["points-replica"]), ["report"]);
}

/// Redis as the only store: by the table a cache is optional, and its failure degrades its client. A
/// rule that calls it required makes it fail instead.
#[test]
fn redis_as_the_only_store_is_required_by_rule() {
    let mut paper = Paper::default();
    let redis = paper.add(K::Cache, "redis");
    let (cart, shop) = (paper.add(K::Service, "cart"), paper.add(K::Service, "shop"));
    paper.relate(shop, R::ConnectsTo, redis);
    paper.needs(cart, R::ConnectsTo, redis, Need::Required);
    let asked = paper.model();
    assert_eq!(asked.fails(&["redis"]), ["cart"]);
    assert_eq!(asked.degrades(&["redis"]), [("shop".into(), 0)]);
}

/// Without automatic failover a cache fails with its primary, whatever replicas it has; with it and a
/// replica in another zone it survives the zone.
#[test]
fn a_cache_needs_automatic_failover() {
    let mut paper = Paper::default();
    let (one, two) = (paper.add(K::Zone, "z1"), paper.add(K::Zone, "z2"));
    for (name, failover) in [("safe", "enabled"), ("bare", "disabled")] {
        let cache = paper.with(K::Cache, name, json!({"automatic_failover": failover}));
        for (role, zone) in [("primary", one), ("replica", two)] {
            let node = paper.add(K::CacheNode, &format!("{name}-{role}"));
            paper.said(cache, R::HasReplica, node, "current_role", role.into());
            paper.relate(node, R::PlacedIn, zone);
        }
    }
    let asked = paper.model();
    assert_eq!(asked.fails(&["z1"]), ["bare", "bare-primary", "safe-primary"]);
    assert_eq!(asked.fails(&["z2"]), ["bare-replica", "safe-replica"]);
}

/// Two zones share one NAT gateway, which stands in the first. The service runs in both and calls a
/// card network outside. The gateway takes that call away, so the service fails with it, and with the
/// first zone; the second zone takes one replica and nothing else. A service that calls nothing outside
/// is not touched by the gateway.
#[test]
fn two_zones_that_share_a_nat_gateway_share_its_zone() {
    let mut paper = Paper::default();
    let (one, two) = (paper.add(K::Zone, "z1"), paper.add(K::Zone, "z2"));
    let gateway = paper.add(K::NatGateway, "nat");
    let mut nodes = Vec::new();
    for (zone, name) in [(one, "1"), (two, "2")] {
        let subnet = paper.add(K::Subnet, &format!("subnet-{name}"));
        paper.relate(subnet, R::PlacedIn, zone);
        paper.said(subnet, R::EgressThrough, gateway, "destinations", json!(["0.0.0.0/0"]));
        let machine = paper.add(K::Instance, &format!("i-{name}"));
        paper.relate(machine, R::PlacedIn, subnet);
        nodes.push((subnet, machine));
    }
    paper.relate(gateway, R::PlacedIn, nodes[0].0);
    let outside = paper.add(K::ExternalEndpoint, "cards");
    let pay = paper.add(K::Service, "pay");
    paper.relate(pay, R::ImplementedBy, nodes[0].1);
    paper.relate(pay, R::ImplementedBy, nodes[1].1);
    paper.relate(pay, R::Calls, outside);
    let asked = paper.model();
    assert_eq!(asked.fails(&["nat"]), ["pay"]);
    assert_eq!(asked.fails(&["z1"]), ["i-1", "nat", "pay", "subnet-1"]);
    assert_eq!(asked.fails(&["z2"]), ["i-2", "subnet-2"]);
    assert_eq!(asked.fails(&["cards"]), ["pay"]);
    // A gateway that is regional stands in no zone: only the zone of a replica is lost.
    paper.entities[gateway as usize]
        .properties
        .insert("availability_mode".into(), "regional".into());
    assert_eq!(paper.model().fails(&["z1"]), ["i-1", "subnet-1"]);
}

/// A subnet with an internet gateway beside it: traffic to the outside needs no NAT gateway there, so a
/// service that runs in both subnets keeps its call when the NAT gateway fails.
#[test]
fn one_way_out_that_needs_no_gateway_is_enough() {
    let mut paper = Paper::default();
    let gateway = paper.add(K::NatGateway, "nat");
    let internet = paper.add(K::InternetGateway, "igw");
    let pay = paper.add(K::Service, "pay");
    let outside = paper.add(K::ExternalEndpoint, "cards");
    paper.relate(pay, R::Calls, outside);
    for (name, way) in [("1", gateway), ("2", internet)] {
        let subnet = paper.add(K::Subnet, &format!("subnet-{name}"));
        let table = paper.add(K::RouteTable, &format!("table-{name}"));
        paper.relate(subnet, R::RoutesVia, table);
        paper.said(table, R::RoutesVia, way, "destinations", json!(["0.0.0.0/0"]));
        let machine = paper.add(K::Instance, &format!("i-{name}"));
        paper.relate(machine, R::PlacedIn, subnet);
        paper.relate(pay, R::ImplementedBy, machine);
    }
    assert_eq!(paper.model().fails(&["nat"]), [""; 0]);
}

/// A load balancer has two routes, each to a target group of its own; the targets of one are unhealthy.
/// Now that route has failed and the service behind it is not entered any more; the load balancer, the
/// other route and its service stand. By design nothing has failed.
#[test]
fn a_load_balancer_does_not_fail_with_one_of_its_target_groups() {
    let mut paper = Paper::default();
    let balancer = paper.with(K::LoadBalancer, "lb", json!({"scheme": "internet-facing"}));
    for (name, health) in [("web", "healthy"), ("old", "unhealthy")] {
        let route = paper.add(K::Route, &format!("/{name}"));
        let group = paper.add(K::TargetGroup, &format!("tg-{name}"));
        let machine = paper.add(K::Instance, &format!("i-{name}"));
        let service = paper.add(K::Service, name);
        paper.relate(route, R::RunsOn, balancer);
        paper.relate(route, R::RoutesTo, group);
        paper.said(group, R::RoutesTo, machine, "health", health.into());
        paper.relate(service, R::ImplementedBy, machine);
    }
    let asked = paper.model();
    assert_eq!(asked.entries(), ["old", "web"]);
    assert_eq!(asked.already(), ["/old", "tg-old", "→ old"]);
    assert_eq!(asked.fails(&["i-old"]), ["/old", "old", "tg-old", "→ old"]);
    assert_eq!(asked.fails(&["lb"]), ["/old", "/web", "→ old", "→ web"]);
}
