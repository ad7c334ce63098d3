//! Nothing of a folder is lost: each record is an observation or a reject, each id in what is read is
//! an entity, a claim or a reference.

use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial};
use model::Batch;
use model::entity::RelationObservation;
use serde_json::Value;

use crate::{Read, on_folder};

/// The folders.
pub fn trials() -> Vec<Trial> {
    ["aws/account-export", "aws/cloudmapper-demo"]
        .into_iter()
        .flat_map(|folder| {
            [
                on_folder("every file is read or says why not", folder, every_file),
                on_folder("every record is an observation or a reject", folder, every_record),
                on_folder("every id is an entity, a claim or a reference", folder, every_id),
                on_folder("no observation carries a secret", folder, no_secret),
            ]
        })
        .collect()
}

fn every_file(reads: &[Read]) -> Result<(), Failed> {
    let mut lost = Vec::new();
    for read in reads {
        match &read.outcome {
            Ok(batch) if matches!(&*batch.input.format, "aws" | "cloudwatch") => {}
            Ok(batch) => lost.push(format!("{}: read as {}", read.path, batch.input.format)),
            // An empty file of the export has nothing to lose.
            Err(error) => lost.push(format!("{}: {error}", read.path)),
        }
    }
    none(&lost)
}

fn none(lost: &[String]) -> Result<(), Failed> {
    if lost.is_empty() { Ok(()) } else { Err(format!("\n{}", lost.join("\n")).into()) }
}

/// Records of the lists of a response; instances stand one level below.
fn records(response: &Value) -> u64 {
    let Some(members) = response.as_object() else { return 0 };
    members
        .iter()
        .map(|(key, value)| match value {
            Value::Array(all) if key == "Reservations" => all
                .iter()
                .map(|one| one["Instances"].as_array().map_or(0, |all| all.len() as u64))
                .sum(),
            // The attributes of one thing.
            Value::Array(all) if key == "Attributes" => u64::from(!all.is_empty()),
            Value::Array(all) => all.len() as u64,
            Value::Object(_) if key != "Owner" => 1,
            _ => 0,
        })
        .sum()
}

/// The entities that stand for a record, not those that it shows beside itself.
fn observed(batch: &Batch) -> u64 {
    let beside = |kind: model::EntityKind| {
        let of_instances = batch.input.source.ends_with(":reservations");
        let of_balancers = batch.input.source.ends_with(":listeners")
            || batch.input.source.ends_with(":load_balancer_descriptions");
        let is_beside = match kind {
            model::EntityKind::NetworkInterface => of_instances,
            model::EntityKind::Route => of_balancers,
            model::EntityKind::Listener => {
                batch.input.source.ends_with(":load_balancer_descriptions")
            }
            _ => false,
        };
        !is_beside
    };
    let places = |one: &&model::EntityObservation| {
        !matches!(one.kind, model::EntityKind::Zone | model::EntityKind::Region)
            || one.presence == model::entity::Presence::Observed
    };
    batch.entities.iter().filter(places).filter(|one| beside(one.kind)).count() as u64
}

fn every_record(reads: &[Read]) -> Result<(), Failed> {
    let mut lost = Vec::new();
    for read in reads {
        let Ok(batch) = &read.outcome else { continue };
        let response: Value = serde_json::from_slice(&read.bytes)?;
        let rejects: u64 = batch.rejects.iter().map(|reject| reject.count).sum();
        // A value without its request is a sample, and a reject that says what is missing.
        let samples: usize = batch.series.iter().map(|series| series.points.len()).sum();
        if batch.input.format == "cloudwatch" {
            if (samples as u64) < records(&response) || rejects != samples as u64 {
                lost.push(format!("{}: {samples} samples, {rejects} said", read.path));
            }
            continue;
        }
        let others = batch.changes.len() + batch.findings.len() + batch.relations.len();
        let read_of_it = observed(batch) + rejects + others as u64;
        let expected = records(&response);
        if read_of_it < expected || (rejects == 0 && read_of_it > expected.max(1)) {
            lost.push(format!("{}: {expected} records, {read_of_it} read or rejected", read.path));
        }
    }
    none(&lost)
}

/// Prefixes of the ids that EC2 gives to what is in the model.
const PREFIXES: &[&str] = &[
    "i", "vol", "subnet", "vpc", "sg", "eni", "igw", "nat", "rtb", "tgw", "pcx", "eipalloc",
    "snap", "vpce", "ami", "acl", "lt",
];

/// Services whose things the model has no relations to: their ARNs are properties at most.
const NO_RELATION: &[&str] = &[
    "iam",
    "kms",
    "acm",
    "logs",
    "sns",
    "servicediscovery",
    "automate",
    "cloudformation",
    "ssm",
    "elasticache-unknown",
    "secretsmanager",
    "cloudwatch",
    "health",
    "securityhub",
    "swf",
];

/// Parts of a record that are kept as they are, or are words of people or of other tools.
const AS_IS: &[&str] = &[
    "Tags",
    "TagSet",
    "TagList",
    "tags",
    "Description",
    "Dimensions",
    "ProductFields",
    "Details",
    "Environment",
    "Variables",
    "RequesterVpcInfo",
    "events",
    "deployments",
    "attributes",
    "configuration",
    "RootDeviceName",
    "IamInstanceProfile",
    "ProductCodes",
    "Policy",
    "PolicyDocument",
    "AlarmRule",
    "StateReason",
    "StateReasonData",
    "AlarmDescription",
    "VpcPeeringConnectionId",
    "EventSource",
    "ClientToken",
    "Options",
    "AlarmActions",
    "OKActions",
    "InsufficientDataActions",
    "Layers",
    "Action",
    "AccessPolicies",
    "Vulnerabilities",
    "Process",
    "Network",
    "Id",
    "GeneratorId",
    "ProductArn",
    "serviceRegistries",
    "CloudWatchLogsLogGroupArn",
    "LoggingConfig",
    "eventArn",
    "lastResourceAnalyzed",
];

fn is_id(text: &str) -> bool {
    let Some((prefix, rest)) = text.split_once('-') else { return false };
    PREFIXES.contains(&prefix)
        && rest.len() >= 8
        && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
        && !rest.bytes().all(|byte| byte == b'f')
}

fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    parts.len() == 6
        && parts[0] == "arn"
        && !parts[5].is_empty()
        && !NO_RELATION.contains(&parts[2])
        && !text.contains(char::is_whitespace)
}

fn ids(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_id(text) || is_arn(text) => {
            found.insert(text.clone());
        }
        Value::Array(all) => all.iter().for_each(|one| ids(one, found)),
        Value::Object(map) => {
            let read = map.iter().filter(|(name, _)| !AS_IS.contains(&name.as_str()));
            read.for_each(|(_, one)| ids(one, found));
        }
        _ => {}
    }
}

/// Every key that a batch names, with the schemes of bare ids taken off.
fn named(batch: &Batch) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut add = |key: &str| {
        all.insert(key.trim_start_matches("id:").to_owned());
    };
    let mut reference = |reference: &model::Reference| {
        let keys = reference.candidates.iter().flat_map(|one| &one.all);
        keys.for_each(|key| add(key.as_str()));
    };
    let mut relation = |one: &RelationObservation| {
        reference(&one.from);
        reference(&one.to);
    };
    batch.relations.iter().for_each(&mut relation);
    for entity in &batch.entities {
        entity.relations.iter().for_each(&mut relation);
    }
    batch.changes.iter().flat_map(|one| &one.entities).for_each(&mut reference);
    for finding in &batch.findings {
        reference(&finding.target);
        finding.entities.iter().for_each(&mut reference);
    }
    for entity in &batch.entities {
        add(entity.id.as_str());
        entity.claims.iter().for_each(|claim| add(claim.key.as_str()));
    }
    all
}

fn every_id(reads: &[Read]) -> Result<(), Failed> {
    let mut lost = Vec::new();
    let mut count = 0;
    for read in reads {
        let Ok(batch) = &read.outcome else { continue };
        // What is not read is counted as such; its ids are not looked for.
        if batch.rejects.iter().any(|reject| reject.reason.starts_with("not read yet")) {
            continue;
        }
        let response: Value = serde_json::from_slice(&read.bytes)?;
        let mut found = BTreeSet::new();
        ids(&response, &mut found);
        count += found.len();
        let named = named(batch);
        lost.extend(
            found.iter().filter(|id| !named.contains(*id)).map(|id| format!("{}: {id}", read.path)),
        );
    }
    if count < 20 {
        return Err(format!("only {count} ids were found in the files").into());
    }
    none(&lost)
}

/// Values of environment variables, user data and passwords of the files.
fn secrets(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| secrets(one, found)),
        Value::Object(map) => {
            for (name, one) in map {
                match one {
                    Value::Object(variables) if name == "Variables" => found.extend(
                        variables
                            .values()
                            .filter_map(Value::as_str)
                            .filter(|text| text.len() > 12 && !text.starts_with("arn:"))
                            .map(str::to_owned),
                    ),
                    Value::String(text)
                        if matches!(name.as_str(), "UserData" | "MasterUserPassword")
                            && text.len() > 8 =>
                    {
                        found.push(text.clone());
                    }
                    _ => secrets(one, found),
                }
            }
        }
        _ => {}
    }
}

fn no_secret(reads: &[Read]) -> Result<(), Failed> {
    let mut lost = Vec::new();
    for read in reads {
        let Ok(batch) = &read.outcome else { continue };
        let mut found = Vec::new();
        secrets(&serde_json::from_slice(&read.bytes)?, &mut found);
        for entity in &batch.entities {
            let text = serde_json::to_string(&entity.properties)?;
            for secret in found.iter().filter(|secret| text.contains(secret.as_str())) {
                lost.push(format!("{}: {} keeps {secret}", read.path, entity.id));
            }
        }
    }
    none(&lost)
}
