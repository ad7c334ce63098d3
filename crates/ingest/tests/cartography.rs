//! A Cartography graph as `apoc.export.json` writes it. What is expected comes from Cartography's own
//! documentation of its labels, relations and the tag of each sync.

use std::ops::ControlFlow;

use ingest::InputContext;
use model::{Batch, EntityKind, RelationKind};
use serde_json::{Value, json};

const TAG: i64 = 1_790_000_000;

fn read(rows: &[Value]) -> Vec<Batch> {
    let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let mut batches = Vec::new();
    let summary =
        ingest::read("graph.json", text.as_bytes(), &InputContext::default(), &mut |batch| {
            batches.push(batch);
            ControlFlow::Continue(())
        });
    let summary = summary.expect("rows that can be read");
    assert_eq!(summary.inputs[0].record.format, "cartography");
    batches
}

fn node(id: &str, label: &str, tag: i64, mut properties: Value) -> Value {
    properties["id"] = id.into();
    properties["lastupdated"] = tag.into();
    json!({ "type": "node", "id": id, "labels": [label], "properties": properties })
}

fn relation(start: (&str, &str), label: &str, end: (&str, &str), tag: i64) -> Value {
    let end_of = |(id, label): (&str, &str)| json!({ "id": id, "labels": [label] });
    json!({ "type": "relationship", "id": "1", "label": label, "properties": { "lastupdated": tag },
        "start": end_of(start), "end": end_of(end) })
}

const ACCOUNT: (&str, &str) = ("111122223333", "AWSAccount");

fn instance(id: &str, tag: i64) -> [Value; 2] {
    let properties = json!({ "instanceid": id, "region": "eu-west-1" });
    [
        node(id, "AWSEC2Instance", tag, properties),
        relation(ACCOUNT, "RESOURCE", (id, "AWSEC2Instance"), tag),
    ]
}

fn entities(batches: &[Batch], kind: EntityKind) -> Vec<String> {
    let all = batches.iter().flat_map(|batch| &batch.entities);
    all.filter(|one| one.kind == kind).map(|one| one.id.to_string()).collect()
}

fn rejected(batches: &[Batch]) -> Vec<(String, u64)> {
    let all = batches.iter().flat_map(|batch| &batch.rejects);
    all.map(|one| (one.location.clone(), one.count)).collect()
}

/// An older tag is stale only beside a newer one of the same label in the same account: volumes that are
/// synced at another time are not.
#[test]
fn only_the_same_label_of_the_same_account_makes_stale() {
    let mut rows = vec![node(ACCOUNT.0, ACCOUNT.1, TAG, json!({}))];
    rows.extend(instance("i-new", TAG));
    rows.extend(instance("i-old", TAG - 60));
    let volume = json!({ "volumeid": "vol-1", "region": "eu-west-1" });
    rows.push(node("vol-1", "AWSEBSVolume", TAG - 3_600, volume));
    rows.push(relation(ACCOUNT, "RESOURCE", ("vol-1", "AWSEBSVolume"), TAG - 3_600));
    let batches = read(&rows);
    let arn = "arn:aws:ec2:eu-west-1:111122223333";
    assert_eq!(entities(&batches, EntityKind::Instance), [format!("{arn}:instance/i-new")]);
    assert_eq!(entities(&batches, EntityKind::Volume), [format!("{arn}:volume/vol-1")]);
    // The old instance is left out, and so is what tied it to the account.
    let left_out = [("AWSEC2Instance".to_owned(), 1), ("relations".to_owned(), 1)];
    assert_eq!(rejected(&batches), left_out);
    // Each is true as of the sync that saw it: seconds, not the milliseconds of `firstseen`.
    let of_volume = batches
        .iter()
        .find(|batch| batch.entities.iter().any(|one| one.kind == EntityKind::Volume));
    let input = &of_volume.unwrap().input;
    assert_eq!(input.observed_at.0, (TAG - 3_600) * 1_000_000);
    assert_eq!(input.source, "cartography:111122223333");
}

/// What is not mapped is counted by label, and by type with its ends.
#[test]
fn what_is_not_read_is_counted() {
    let mut rows = vec![node(ACCOUNT.0, ACCOUNT.1, TAG, json!({}))];
    rows.extend(instance("i-1", TAG));
    rows.push(node("b1", "AWSS3Bucket", TAG, json!({})));
    rows.push(node("b2", "AWSS3Bucket", TAG, json!({})));
    let (one, other) = (("i-1", "AWSEC2Instance"), ("b1", "AWSS3Bucket"));
    rows.push(relation(one, "CAN_READ", other, TAG));
    rows.push(json!({ "type": "count", "label": "STS_ASSUMEROLE_ALLOW", "count": 7 }));
    let rejects = rejected(&read(&rows));
    let expected = [
        ("(AWSEC2Instance)-[:CAN_READ]->(AWSS3Bucket)", 1),
        ("AWSS3Bucket", 2),
        ("STS_ASSUMEROLE_ALLOW", 7),
    ];
    assert_eq!(rejects, expected.map(|(what, count)| (what.to_owned(), count)));
}

/// A relation that the newest sync no longer saw is left out, and the record ends what it said before.
#[test]
fn an_old_relation_beside_a_newer_one_is_left_out() {
    let mut rows = vec![node(ACCOUNT.0, ACCOUNT.1, TAG, json!({}))];
    rows.extend(instance("i-1", TAG));
    for (id, tag) in [("sg-1", TAG), ("sg-2", TAG - 60)] {
        rows.push(node(id, "AWSEC2SecurityGroup", TAG, json!({ "groupid": id })));
        let (from, to) = (("i-1", "AWSEC2Instance"), (id, "AWSEC2SecurityGroup"));
        rows.push(relation(from, "MEMBER_OF_EC2_SECURITY_GROUP", to, tag));
    }
    let batches = read(&rows);
    let all = batches.iter().flat_map(|batch| &batch.entities).flat_map(|one| &one.relations);
    let guards = all.filter(|one| one.kind == RelationKind::GuardedBy);
    assert_eq!(guards.map(|one| one.to.label()).collect::<Vec<_>>(), ["id:sg-1"]);
}

/// The label that all load balancers bear today was the classic one's.
#[test]
fn a_load_balancer_is_what_its_own_label_says() {
    let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc";
    let both = json!({ "arn": arn, "name": "web", "lastupdated": TAG });
    let classic = json!({ "name": "old", "region": "eu-west-1", "lastupdated": TAG });
    let rows = [
        node(ACCOUNT.0, ACCOUNT.1, TAG, json!({})),
        json!({ "type": "node", "id": "1", "labels": ["LoadBalancer", "AWSLoadBalancerV2"],
            "properties": both }),
        json!({ "type": "node", "id": "2", "labels": ["LoadBalancer"], "properties": classic }),
        relation(ACCOUNT, "RESOURCE", ("1", "AWSLoadBalancerV2"), TAG),
        relation(ACCOUNT, "RESOURCE", ("2", "LoadBalancer"), TAG),
    ];
    let found = entities(&read(&rows), EntityKind::LoadBalancer);
    let old = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/old";
    assert_eq!(found, [arn, old]);
}
