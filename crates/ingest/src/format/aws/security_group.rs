//! Security groups, network access lists and prefix lists.

use std::collections::BTreeMap;

use model::entity::RelationObservation;
use model::{EntityKind as K, RelationKind as R};
use serde_json::{Map, Value};

use super::reader::Reader;
use super::record::{list, snake_keys, text};
use super::thing::{Thing, bare};
use crate::key;

/// `ec2 describe-security-groups`. Rules that name a group or a prefix list are `allows`; all rules are
/// properties too, since most name addresses.
pub fn group(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "GroupId") else {
        reader.reject("", "a security group without GroupId");
        return;
    };
    let place = reader.place(record, &["SecurityGroupArn"]);
    let arn = text(record, "SecurityGroupArn");
    let resource = format!("security-group/{id}");
    let mut thing = Thing::arn(K::SecurityGroup, &place, arn, ("ec2", &resource), id);
    thing.claim(key::bare_id(id));
    if let Some(name) = text(record, "GroupName") {
        name.clone_into(&mut thing.entity.name);
    }
    thing.tagged(record).in_vpc(text(record, "VpcId"));
    thing.keep(record, &["GroupName", "Description", "IpPermissions", "IpPermissionsEgress"]);
    for (field, is_ingress) in [("IpPermissions", true), ("IpPermissionsEgress", false)] {
        // No rule at all is something else than rules that were not read.
        if record.get(field).and_then(Value::as_array).is_some_and(Vec::is_empty) {
            thing.property(&super::record::snake_case(field), Vec::<Value>::new());
        }
        for (other, rules) in named(record, field) {
            // A group that names itself is one and the same end.
            let other = if other == id { thing.this() } else { bare(&other) };
            let (from, to, name) = if is_ingress {
                (other, thing.this(), "ingress")
            } else {
                (thing.this(), other, "egress")
            };
            thing.relate(RelationObservation::declared(from, R::Allows, to).with(name, rules));
        }
    }
    peers(&mut thing, record, id);
    reader.put(thing);
}

/// A group in another VPC is named with its VPC.
fn peers(thing: &mut Thing, record: &Value, id: &str) {
    let rules = list(record, "IpPermissions").iter().chain(list(record, "IpPermissionsEgress"));
    for pair in rules.flat_map(|rule| list(rule, "UserIdGroupPairs")) {
        if let (Some(group), Some(vpc)) = (text(pair, "GroupId"), text(pair, "VpcId"))
            && group != id
        {
            thing.relate(RelationObservation::declared(bare(vpc), R::Contains, bare(group)));
        }
    }
}

/// Protocol and ports by the group or prefix list that a rule names.
fn named(record: &Value, field: &str) -> BTreeMap<String, Vec<Value>> {
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for rule in list(record, field) {
        let ports: Map<String, Value> = ["IpProtocol", "FromPort", "ToPort"]
            .iter()
            .filter_map(|name| Some((super::record::snake_case(name), rule.get(name)?.clone())))
            .collect();
        let groups = list(rule, "UserIdGroupPairs").iter().map(|pair| (pair, "GroupId"));
        let lists = list(rule, "PrefixListIds").iter().map(|one| (one, "PrefixListId"));
        for (pair, name) in groups.chain(lists) {
            let Some(other) = text(pair, name) else { continue };
            let mut rule = ports.clone();
            for name in ["Description", "VpcPeeringConnectionId"] {
                if let Some(value) = text(pair, name) {
                    rule.insert(super::record::snake_case(name), value.into());
                }
            }
            all.entry(other.to_owned()).or_default().push(Value::Object(rule));
        }
    }
    all
}

/// `ec2 describe-network-acls`.
pub fn network_acl(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "NetworkAclId") else {
        reader.reject("", "a network ACL without NetworkAclId");
        return;
    };
    let place = reader.place(record, &[]);
    let mut thing = Thing::ec2(K::NetworkAcl, &place, "network-acl", id);
    thing.tagged(record).in_vpc(text(record, "VpcId")).keep(record, &["IsDefault"]);
    let entries = list(record, "Entries").iter().map(snake_keys).collect::<Vec<_>>();
    thing.property("entries", entries);
    for association in list(record, "Associations") {
        if let Some(subnet) = text(association, "SubnetId") {
            thing.from(bare(subnet), R::GuardedBy);
        }
    }
    reader.put(thing);
}

/// `ec2 describe-prefix-lists` and `describe-managed-prefix-lists`.
pub fn prefix_list(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "PrefixListId") else {
        reader.reject("", "a prefix list without PrefixListId");
        return;
    };
    let mut place = reader.place(record, &["PrefixListArn"]);
    if text(record, "OwnerId") == Some("AWS") {
        place.account = Some("aws".to_owned());
    }
    let arn = text(record, "PrefixListArn");
    let resource = format!("prefix-list/{id}");
    let mut thing = Thing::arn(K::PrefixList, &place, arn, ("ec2", &resource), id);
    thing.claim(key::bare_id(id));
    if let Some(name) = text(record, "PrefixListName") {
        name.clone_into(&mut thing.entity.name);
    }
    thing
        .tagged(record)
        .keep(record, &["Cidrs", "State", "AddressFamily", "MaxEntries", "OwnerId"]);
    reader.put(thing);
}
