//! Hand-written cases of reachability, each told in prose before it is asked.

use model::kind::{EntityKind as K, RelationKind as R};
use serde_json::{Value, json};

use super::sketch::{open_acl, tcp, two_tiers};
use super::{ExposureVerdict as E, ReachVerdict as V};

#[test]
fn a_group_reference_lets_exactly_its_members_in_on_its_port() {
    let sketch = two_tiers();
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Reachable);
    // Another port is not named, and the other way nobody is let in.
    assert_eq!(sketch.reach("host", "orders", 1433).verdict, V::Blocked);
    let back = sketch.reach("orders", "host", 5432);
    assert_eq!(back.verdict, V::Blocked);
    assert!(back.denied_by.unwrap().contains("host's security groups"));
}

#[test]
fn a_range_counts_only_for_its_own_family_and_addresses() {
    // The database lets in 10.0.1.0/24 by IPv4, or everybody of IPv6: the host has 10.0.1.7 alone.
    let rules = |peers: Value| json!([tcp(5432, peers)]);
    let mut sketch = two_tiers();
    sketch.set(
        "sg-data",
        "ip_permissions",
        rules(json!({"ip_ranges": [{"cidr_ip": "10.0.1.0/24"}]})),
    );
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Reachable);
    sketch.set(
        "sg-data",
        "ip_permissions",
        rules(json!({"ip_ranges": [{"cidr_ip": "10.0.9.0/24"}]})),
    );
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Blocked);
    sketch.set("sg-data", "ip_permissions", rules(json!({"ipv6_ranges": [{"cidr_ipv6": "::/0"}]})));
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Blocked);
}

#[test]
fn a_group_that_names_itself_connects_its_members() {
    // Host and database are both in one group that lets itself in and out on 5432.
    let mut sketch = two_tiers();
    let own = json!([tcp(5432, json!({"user_id_group_pairs": [{"group_id": "sg-self"}]}))]);
    sketch
        .thing(
            K::SecurityGroup,
            "sg-self",
            json!({
                "ip_permissions": own, "ip_permissions_egress": own
            }),
        )
        .without("host", R::GuardedBy)
        .without("orders", R::GuardedBy)
        .says("host", R::GuardedBy, "sg-self")
        .says("orders", R::GuardedBy, "sg-self");
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Reachable);
    assert_eq!(sketch.reach("host", "orders", 22).verdict, V::Blocked);
}

#[test]
fn a_prefix_list_counts_by_its_entries_and_is_named_when_it_was_not_read() {
    let mut sketch = two_tiers();
    let rule = json!([tcp(5432, json!({"prefix_list_ids": [{"prefix_list_id": "pl-1"}]}))]);
    sketch.set("sg-data", "ip_permissions", rule);
    let unread = sketch.reach("host", "orders", 5432);
    assert_eq!(unread.verdict, V::PossibleNotFullyChecked);
    assert_eq!(unread.missing, ["entries of prefix list pl-1"]);
    sketch.thing(K::PrefixList, "pl-1", json!({"cidrs": ["10.0.1.0/28"]}));
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Reachable);
    sketch.set("pl-1", "cidrs", json!(["10.0.1.128/28"]));
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Blocked);
}

#[test]
fn egress_rules_bind_as_ingress_rules_do() {
    // The host's group lets out on 443 only.
    let mut sketch = two_tiers();
    let out = json!([tcp(443, json!({"ip_ranges": [{"cidr_ip": "0.0.0.0/0"}]}))]);
    sketch.set("sg-app", "ip_permissions_egress", out);
    let reach = sketch.reach("host", "orders", 5432);
    assert_eq!(reach.verdict, V::Blocked);
    assert!(reach.denied_by.unwrap().contains("no egress rule"));
}

#[test]
fn an_acl_must_let_the_answer_back_too() {
    // The application's ACL lets requests out, but answers in only on 443: the client's own port,
    // above 1023, is closed.
    let mut sketch = two_tiers();
    sketch.set(
        "acl-app",
        "entries",
        json!([
            {"egress": true, "rule_number": 100, "rule_action": "allow", "protocol": "-1",
             "cidr_block": "0.0.0.0/0"},
            {"egress": false, "rule_number": 100, "rule_action": "allow", "protocol": "6",
             "cidr_block": "0.0.0.0/0", "port_range": {"from": 443, "to": 443}}
        ]),
    );
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Blocked);
}

#[test]
fn the_first_rule_of_an_acl_decides() {
    // The database's ACL denies the application's subnet before it lets everybody in.
    let mut sketch = two_tiers();
    let mut entries = open_acl();
    entries.as_array_mut().unwrap().push(json!({
        "egress": false, "rule_number": 50, "rule_action": "deny", "protocol": "6",
        "cidr_block": "10.0.1.0/24", "port_range": {"from": 0, "to": 65535}
    }));
    sketch.set("acl-data", "entries", entries.clone());
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Blocked);
    // With a higher number it comes too late.
    entries[4]["rule_number"] = json!(200);
    sketch.set("acl-data", "entries", entries);
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Reachable);
}

#[test]
fn what_was_not_read_is_named() {
    // Neither ACL was exported.
    let mut sketch = two_tiers();
    sketch.without("app", R::GuardedBy).without("data", R::GuardedBy);
    let reach = sketch.reach("host", "orders", 5432);
    assert_eq!(reach.verdict, V::PossibleNotFullyChecked);
    assert_eq!(reach.missing, ["network ACL of app", "network ACL of data"]);
    // Nor the database's groups: now even a closed port may be open.
    sketch.without("orders", R::GuardedBy);
    let reach = sketch.reach("host", "orders", 1433);
    assert_eq!(reach.verdict, V::PossibleNotFullyChecked);
    assert!(reach.missing.contains(&"security groups of orders".to_owned()));
}

#[test]
fn two_vpcs_need_a_route_each_way() {
    // The database moves to another VPC. Without a peering there is no route; with one on one side
    // only, still none; with both there is.
    let mut sketch = two_tiers();
    sketch
        .thing(K::Vpc, "other", json!({}))
        .thing(K::RouteTable, "far", json!({"routes": []}))
        .without("data", R::RoutesVia)
        .says("other", R::Contains, "data")
        .says("data", R::RoutesVia, "far")
        .set("data", "cidr_block", json!("172.16.2.0/24"));
    sketch.relations.retain(|one| !(one.0 == "vpc" && one.2 == "data"));
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Blocked);
    let peering = |to: &str| {
        json!([{"destination_cidr_block": to, "vpc_peering_connection_id": "pcx-1",
                "state": "active"}])
    };
    sketch.set("private", "routes", peering("172.16.0.0/16"));
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Blocked);
    sketch.set("far", "routes", peering("10.0.0.0/16"));
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Reachable);
    // A more specific route into nothing wins over it.
    let mut routes = peering("172.16.0.0/16");
    routes.as_array_mut().unwrap().push(json!({
        "destination_cidr_block": "172.16.2.0/24", "state": "blackhole",
        "vpc_peering_connection_id": "pcx-0"
    }));
    sketch.set("private", "routes", routes);
    assert_eq!(sketch.reach("host", "orders", 5432).verdict, V::Blocked);
}

#[test]
fn pods_stand_where_their_node_does_and_obey_their_policies() {
    // A pod on a node that runs on the host: the host's group lets it through. Nobody read a policy,
    // which is named; then a policy that selects another pod says nothing about this one, and one
    // that closes all egress stops it until a rule opens the database's subnet.
    let mut sketch = two_tiers();
    sketch.thing(K::KubernetesNode, "node", json!({})).says("node", R::RunsOn, "host").pod("shop");
    let reach = sketch.reach("shop", "orders", 5432);
    assert_eq!(reach.verdict, V::PossibleNotFullyChecked);
    assert_eq!(reach.missing, ["network policies of the cluster"]);
    sketch.policy(
        "other",
        json!({
            "selector": {"app": "other"}, "policy_types": ["Egress"], "rules_read": true
        }),
    );
    assert_eq!(sketch.reach("shop", "orders", 5432).verdict, V::Reachable);
    sketch.policy(
        "closed",
        json!({
            "selector": {}, "policy_types": ["Egress"], "rules_read": true
        }),
    );
    assert_eq!(sketch.reach("shop", "orders", 5432).verdict, V::Blocked);
    sketch.policy(
        "open",
        json!({
            "selector": {"app": "shop"}, "policy_types": ["Egress"], "rules_read": true,
            "egress": [{"to": [{"ipBlock": {"cidr": "10.0.2.0/24"}}], "ports": [{"port": 5432}]}]
        }),
    );
    assert_eq!(sketch.reach("shop", "orders", 5432).verdict, V::Reachable);
    assert_eq!(sketch.reach("shop", "orders", 5433).verdict, V::Blocked);
}

#[test]
fn pods_of_one_node_need_no_rule_of_the_network() {
    // Both pods run on the host, whose group lets nobody in; policies still bind.
    let mut sketch = two_tiers();
    sketch.thing(K::KubernetesNode, "node", json!({})).says("node", R::RunsOn, "host");
    sketch.pod("shop").pod("store");
    sketch.policy(
        "store-only",
        json!({
            "selector": {"app": "store"}, "policy_types": ["Ingress"], "rules_read": true,
            "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "shop"}}}],
                         "ports": [{"port": 6379}]}]
        }),
    );
    assert_eq!(sketch.reach("shop", "store", 6379).verdict, V::Reachable);
    assert_eq!(sketch.reach("shop", "store", 22).verdict, V::Blocked);
    assert_eq!(sketch.reach("store", "shop", 8080).verdict, V::Reachable);
}

#[test]
fn a_public_flag_alone_is_no_exposure() {
    // The database says that it is publicly accessible and its group lets everybody in, but its
    // subnet routes to no internet gateway. With such a route it is exposed; without the flag, or
    // with a group that lets only some in, it is not.
    let mut sketch = two_tiers();
    let world = json!([tcp(5432, json!({"ip_ranges": [{"cidr_ip": "0.0.0.0/0"}]}))]);
    sketch.set("orders", "publicly_accessible", json!(true)).set(
        "sg-data",
        "ip_permissions",
        world,
    );
    assert_eq!(sketch.exposure("orders", 5432), E::NotExposed);
    sketch.set(
        "private",
        "routes",
        json!([
            {"destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "state": "active"}
        ]),
    );
    assert_eq!(sketch.exposure("orders", 5432), E::Exposed);
    assert_eq!(sketch.exposure("orders", 22), E::NotExposed);
    sketch.set("orders", "publicly_accessible", json!(false));
    assert_eq!(sketch.exposure("orders", 5432), E::NotExposed);
    sketch.set("orders", "publicly_accessible", json!(true));
    sketch.without("data", R::RoutesVia);
    assert_eq!(sketch.exposure("orders", 5432), E::PossibleNotFullyChecked);
}

#[test]
fn an_instance_is_exposed_by_its_own_or_an_elastic_address() {
    // The host's group lets everybody in on 22 by IPv6 too, and its subnet routes to the internet.
    let mut sketch = two_tiers();
    let world = json!([tcp(22, json!({"ipv6_ranges": [{"cidr_ipv6": "::/0"}]}))]);
    sketch.set("sg-app", "ip_permissions", world).set(
        "private",
        "routes",
        json!([
            {"destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}
        ]),
    );
    assert_eq!(sketch.exposure("host", 22), E::NotExposed);
    sketch.thing(K::ElasticIp, "eip", json!({"public_ip": "203.0.113.9"})).says(
        "eip",
        R::AttachedTo,
        "host",
    );
    assert_eq!(sketch.exposure("host", 22), E::Exposed);
}
