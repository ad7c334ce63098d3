//! What is known of the folders from elsewhere, and responses that are not as they should be.

use std::collections::BTreeSet;

use ingest::InputContext;
use libtest_mimic::{Failed, Trial};
use model::{Batch, EntityKind, EntityObservation, RelationKind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::{Read, on_folder, read};

/// The tests.
pub fn trials() -> Vec<Trial> {
    vec![
        on_folder(
            "the account is one and its things have ARNs",
            "aws/cloudmapper-demo",
            one_account,
        ),
        on_folder("accounts are not merged", "aws/account-export", many_accounts),
        Trial::test("a page is never complete", pages),
        Trial::test("refusals of AWS are rejects that name them", refusals),
        Trial::test("the main route table serves the subnets without one", main_table),
        Trial::test("target health joins its group, and an empty one ends its targets", health),
        Trial::test("a truncated response keeps what came before", truncated),
        Trial::test("no bytes panic", no_panic),
    ]
}

fn entities(reads: &[Read]) -> Vec<&EntityObservation> {
    reads
        .iter()
        .filter_map(|read| read.outcome.as_ref().ok())
        .flat_map(|one| &one.entities)
        .collect()
}

fn check(holds: bool, what: impl Into<String>) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(what.into().into()) }
}

/// The catalogue of the data: 3 EC2, 1 RDS postgres, ELB and ELBv2, ECS, Redshift, Lambda.
fn one_account(reads: &[Read]) -> Result<(), Failed> {
    let all = entities(reads);
    let count = |kind: EntityKind| all.iter().filter(|one| one.kind == kind).count();
    check(count(EntityKind::Instance) == 3, "3 instances")?;
    // Their attributes are records of their own.
    let balancers = all.iter().filter(|one| one.kind == EntityKind::LoadBalancer);
    let ids: BTreeSet<&str> = balancers.map(|one| one.id.as_str()).collect();
    check(ids.len() == 2, format!("2 load balancers: {ids:?}"))?;
    check(count(EntityKind::Function) == 1, "1 function")?;
    check(count(EntityKind::Subnet) == 4, "4 subnets")?;
    let subnet =
        all.iter().find(|one| one.kind == EntityKind::Subnet).map(|one| one.id.to_string());
    let expected = "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-00000001";
    check(subnet.as_deref() == Some(expected), format!("{subnet:?}"))?;
    let provisional: Vec<String> =
        all.iter().map(|one| one.id.to_string()).filter(|id| id.starts_with("aws:?/")).collect();
    check(provisional.is_empty(), format!("{provisional:?}"))
}

fn many_accounts(reads: &[Read]) -> Result<(), Failed> {
    let all = entities(reads);
    let accounts: BTreeSet<&str> =
        all.iter().filter_map(|one| one.scope.account.as_deref()).collect();
    check(accounts.len() > 5, format!("{accounts:?}"))?;
    for one in all.iter().filter(|one| one.id.as_str().starts_with("arn:")) {
        let in_arn = one.id.as_str().split(':').nth(4).unwrap_or_default();
        let stated = one.scope.account.as_deref().unwrap_or_default();
        let is_same = in_arn.is_empty() || in_arn == "aws" || in_arn == stated;
        check(is_same || stated.is_empty(), format!("{} is in account {stated}", one.id))?;
    }
    Ok(())
}

fn batch(name: &str, text: &str) -> Result<Batch, Failed> {
    let context = InputContext {
        account: Some("123456789012".to_owned()),
        region: Some("us-east-1".to_owned()),
        complete: vec![model::input::Completeness {
            kind: EntityKind::Volume,
            class: String::new(),
            id_prefix: String::new(),
        }],
        ..InputContext::default()
    };
    read(name, text.as_bytes(), &context).map_err(|error| error.to_string().into())
}

fn pages() -> Result<(), Failed> {
    let volumes = r#""Volumes":[{"VolumeId":"vol-1"}]"#;
    let whole = batch("v.json", &format!("{{{volumes}}}"))?;
    check(whole.completes.len() == 1, "a whole response that the user calls complete is")?;
    for next in ["\"NextToken\":\"x\"", "\"Marker\":\"x\"", "\"IsTruncated\":true"] {
        let page = batch("v.json", &format!("{{{volumes},{next}}}"))?;
        check(page.completes.is_empty() && page.entities.len() == 1, next)?;
    }
    let other = batch("s.json", r#"{"Snapshots":[{"SnapshotId":"snap-1"}]}"#)?;
    check(other.completes.is_empty(), "a response of another kind is no complete list of volumes")
}

fn refusals() -> Result<(), Failed> {
    for text in [
        "\nAn error occurred (AccessDenied) when calling the DescribeInstances operation: no",
        r#"{"Error":{"Code":"AccessDenied","Message":"no"}}"#,
    ] {
        let refused = batch("ec2-describe-instances.json", text)?;
        check(refused.entities.is_empty() && refused.completes.is_empty(), text)?;
        let names_it = refused.rejects.iter().any(|one| one.reason.contains("AccessDenied"));
        check(names_it, format!("{:?}", refused.rejects))?;
    }
    Ok(())
}

fn main_table() -> Result<(), Failed> {
    let tables = batch(
        "t.json",
        r#"{"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","OwnerId":"123456789012",
            "Associations":[{"Main":true},{"Main":false,"SubnetId":"subnet-2"}],
            "Routes":[{"DestinationCidrBlock":"0.0.0.0/0","NatGatewayId":"nat-1"}]}]}"#,
    )?;
    let subnets = batch("s.json", r#"{"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1"}]}"#)?;
    let claims: Vec<&str> =
        tables.entities[0].claims.iter().map(|claim| claim.key.as_str()).collect();
    let relations = &subnets.entities[0].relations;
    let via = relations.iter().find(|one| one.kind == RelationKind::RoutesVia);
    let via = via.ok_or("the subnet routes via no table")?;
    let keys: Vec<&str> =
        via.to.candidates.iter().flat_map(|one| &one.all).map(|key| key.as_str()).collect();
    check(!claims.contains(&keys[0]) && claims.contains(&keys[1]), format!("{claims:?} {keys:?}"))?;
    let egress = tables.entities[0].relations.iter();
    let egress = egress.filter(|one| one.kind == RelationKind::EgressThrough).count();
    check(egress == 2, "the subnet's egress and that of the main table")
}

fn health() -> Result<(), Failed> {
    let arn = "arn%3Aaws%3Aelasticloadbalancing%3Aus-east-1%3A123456789012%3Atargetgroup%2Fweb%2F1";
    let name = format!("x/elbv2-describe-target-health/{arn}");
    let text = r#"{"TargetHealthDescriptions":[
        {"Target":{"Id":"10.0.0.1","Port":80},"TargetHealth":{"State":"healthy"}},
        {"Target":{"Id":"i-0123456789abcdef0"},"TargetHealth":{"State":"unhealthy"}}]}"#;
    let two = batch(&name, text)?;
    check(
        two.entities.len() == 1 && two.entities[0].relations.len() == 2,
        "one group, two targets",
    )?;
    let none = batch(&name, r#"{"TargetHealthDescriptions":[]}"#)?;
    check(none.entities.len() == 1 && none.entities[0].relations.is_empty(), "an empty group")?;
    let unnamed = batch("health.json", text)?;
    check(unnamed.entities.is_empty() && unnamed.rejects.len() == 2, "nobody names the group")
}

fn truncated() -> Result<(), Failed> {
    let cut = batch("v.json", r#"{"Volumes":[{"VolumeId":"vol-1"},{"VolumeId":"vo"#)?;
    check(cut.entities.len() == 1, "the first volume stays")?;
    check(cut.rejects.len() == 1 && cut.completes.is_empty(), format!("{:?}", cut.rejects))
}

/// Responses whose records are of any shape: fields that exist with values that are not theirs.
fn no_panic() -> Result<(), Failed> {
    let keys = [
        "Reservations",
        "Volumes",
        "Subnets",
        "RouteTables",
        "SecurityGroups",
        "DBInstances",
        "LoadBalancers",
        "Rules",
        "AutoScalingGroups",
        "cluster",
        "tasks",
        "QueueUrls",
        "Findings",
        "ResourceRecordSets",
        "Functions",
        "VpcEndpoints",
        "savingsPlans",
        "DBClusters",
    ];
    let fields = [
        "Instances",
        "InstanceId",
        "VolumeId",
        "SubnetId",
        "AvailabilityZone",
        "RuleArn",
        "Routes",
        "LoadBalancerArn",
        "DBInstanceIdentifier",
        "Associations",
        "taskArn",
        "containers",
        "Id",
        "Resources",
        "Name",
        "Type",
        "FunctionArn",
        "Environment",
        "savingsPlanArn",
        "OwnerId",
    ];
    let text = prop_oneof![
        Just("arn:aws:rds:us-east-1:123456789012:db:é".to_owned()),
        Just("us-east-1é".to_owned()),
        Just("9999-12-31T23:59:59Z".to_owned()),
        Just("0001-01-01".to_owned()),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        text.prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    let value = leaf.prop_recursive(3, 24, 6, move |inner| {
        let name = proptest::sample::select(fields.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(name, inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    });
    let one = (proptest::sample::select(keys.to_vec()), prop::collection::vec(value, 0..4));
    let mut runner = TestRunner::new(Config { cases: 600, ..Config::default() });
    let outcome = runner.run(&(one, prop::collection::vec(any::<u8>(), 0..40)), |(one, bytes)| {
        let (key, values) = one;
        let text = serde_json::json!({ key: values }).to_string();
        let _read = batch("x/ec2-describe-x/é%", &text);
        let cut = [text.as_bytes(), bytes.as_slice()].concat();
        let _read = read("y.json", &cut, &InputContext::default());
        Ok(())
    });
    outcome.map_err(|error| error.to_string().into())
}
