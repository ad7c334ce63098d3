//! Hand-made networks for the cases of reachability.

use model::fact::{EntityFact, EstateFacts, EstateRelation};
use model::kind::{EntityKind as K, RelationKind as R};
use serde_json::{Value, json};

use super::{ExposureVerdict as E, Network};
use crate::estate::Estate;

/// An estate by names: things, and who relates to whom.
#[derive(Default)]
pub(super) struct Sketch {
    entities: Vec<EntityFact>,
    pub(super) relations: Vec<(String, R, String)>,
}

impl Sketch {
    pub(super) fn thing(&mut self, kind: K, name: &str, properties: Value) -> &mut Self {
        let mut fact = EntityFact::new(kind, name, name);
        fact.properties = serde_json::from_value(properties).unwrap();
        self.entities.push(fact);
        self
    }

    pub(super) fn says(&mut self, from: &str, kind: R, to: &str) -> &mut Self {
        self.relations.push((from.into(), kind, to.into()));
        self
    }

    /// A pod of cluster `c` and namespace `n` on node `node` with a label `app`.
    pub(super) fn pod(&mut self, name: &str) -> &mut Self {
        self.thing(K::Pod, name, json!({})).says(name, R::RunsOn, "node");
        let pod = self.entities.last_mut().unwrap();
        pod.scope.cluster = Some("c".into());
        pod.scope.namespace = Some("n".into());
        pod.labels.insert("app".into(), name.into());
        self
    }

    pub(super) fn policy(&mut self, name: &str, properties: Value) -> &mut Self {
        self.thing(K::NetworkPolicy, name, properties);
        let policy = self.entities.last_mut().unwrap();
        policy.scope.cluster = Some("c".into());
        policy.scope.namespace = Some("n".into());
        self
    }

    pub(super) fn set(&mut self, name: &str, property: &str, value: Value) -> &mut Self {
        let one = self.entities.iter_mut().find(|one| one.name == name).unwrap();
        one.properties.insert(property.into(), value);
        self
    }

    pub(super) fn without(&mut self, from: &str, kind: R) -> &mut Self {
        self.relations.retain(|one| !(one.0 == from && one.1 == kind));
        self
    }

    fn estate(&self) -> Estate {
        let mut entities = self.entities.clone();
        entities.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        let place = |name: &str| {
            let place = entities.iter().position(|one| one.name == name);
            place.unwrap_or_else(|| panic!("no {name}")) as u32
        };
        let mut relations: Vec<EstateRelation> = self
            .relations
            .iter()
            .map(|(from, kind, to)| EstateRelation::new(place(from), *kind, place(to)))
            .collect();
        relations.sort_by_key(|one| (one.from, one.kind, one.to));
        Estate::new(EstateFacts { entities, relations, ..EstateFacts::default() })
    }

    pub(super) fn reach(&self, from: &str, to: &str, port: u16) -> super::Reach {
        let estate = self.estate();
        let (from, to) = (estate.find(from).unwrap(), estate.find(to).unwrap());
        Network::new(&estate).reach(from, to, port)
    }

    pub(super) fn exposure(&self, name: &str, port: u16) -> E {
        let estate = self.estate();
        Network::new(&estate).exposure(estate.find(name).unwrap(), port).verdict
    }
}

pub(super) fn tcp(port: u16, peers: Value) -> Value {
    let mut rule = json!({"ip_protocol": "tcp", "from_port": port, "to_port": port});
    if let (Some(rule), Value::Object(peers)) = (rule.as_object_mut(), peers) {
        rule.extend(peers);
    }
    rule
}

pub(super) fn all_out() -> Value {
    json!([{"ip_protocol": "-1", "ip_ranges": [{"cidr_ip": "0.0.0.0/0"}]}])
}

/// One open rule each way, as AWS makes them.
pub(super) fn open_acl() -> Value {
    let rule = |egress: bool, number: i64, action: &str| {
        json!({"egress": egress, "rule_number": number, "rule_action": action,
               "protocol": "-1", "cidr_block": "0.0.0.0/0"})
    };
    json!([
        rule(false, 100, "allow"),
        rule(false, 32767, "deny"),
        rule(true, 100, "allow"),
        rule(true, 32767, "deny")
    ])
}

/// An application host in subnet `app` and a database in subnet `data` of one VPC. The host's group
/// lets everything out, the database's group lets the host's group in on 5432. Both subnets have an
/// open network ACL, and their route tables lead nowhere else.
pub(super) fn two_tiers() -> Sketch {
    let mut sketch = Sketch::default();
    sketch
        .thing(K::Vpc, "vpc", json!({"cidr_block": "10.0.0.0/16"}))
        .thing(K::Subnet, "app", json!({"cidr_block": "10.0.1.0/24"}))
        .thing(K::Subnet, "data", json!({"cidr_block": "10.0.2.0/24"}))
        .thing(K::NetworkAcl, "acl-app", json!({"entries": open_acl()}))
        .thing(K::NetworkAcl, "acl-data", json!({"entries": open_acl()}))
        .thing(K::RouteTable, "private", json!({"routes": [
            {"destination_cidr_block": "10.0.0.0/16", "gateway_id": "local", "state": "active"}
        ]}))
        .thing(K::SecurityGroup, "sg-app", json!({
            "ip_permissions": [], "ip_permissions_egress": all_out()
        }))
        .thing(K::SecurityGroup, "sg-data", json!({
            "ip_permissions": [tcp(5432, json!({"user_id_group_pairs": [{"group_id": "sg-app"}]}))],
            "ip_permissions_egress": all_out()
        }))
        .thing(K::Instance, "host", json!({"private_ip_address": "10.0.1.7"}))
        .thing(K::Database, "orders", json!({"publicly_accessible": false}))
        .says("vpc", R::Contains, "app")
        .says("vpc", R::Contains, "data")
        .says("app", R::GuardedBy, "acl-app")
        .says("data", R::GuardedBy, "acl-data")
        .says("app", R::RoutesVia, "private")
        .says("data", R::RoutesVia, "private")
        .says("host", R::PlacedIn, "app")
        .says("host", R::GuardedBy, "sg-app")
        .says("orders", R::PlacedIn, "data")
        .says("orders", R::GuardedBy, "sg-data");
    sketch
}
