//! Lambda: functions and what feeds them.

use model::entity::RelationObservation;
use model::kind::{Confidence, NeedSource};
use model::{EntityKind as K, Need, Reference, RelationKind as R};
use serde_json::Value;

use super::place::Arn;
use super::reader::Reader;
use super::record::{text, texts};
use super::thing::{Thing, by_arn, is_public_host};
use crate::key;

/// `lambda list-functions`, and the configuration in `lambda get-function`.
pub fn function(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "FunctionArn") else {
        reader.reject("", "a function without FunctionArn");
        return;
    };
    let place = reader.place(record, &["FunctionArn"]);
    let name = text(record, "FunctionName").unwrap_or(arn);
    let mut thing = Thing::with_id(K::Function, &place, unqualified(arn), name);
    thing.claim(key::arn(arn)).claim_name("function", name);
    thing.tagged(record).keep(
        record,
        &[
            "Runtime",
            "Handler",
            "PackageType",
            "Architectures",
            "MemorySize",
            "Timeout",
            "CodeSize",
            "CodeSha256",
            "Version",
            "State",
            "Description",
            "Role",
            "TracingConfig.Mode=tracing_mode",
            "EphemeralStorage.Size=ephemeral_storage_size",
            "KMSKeyArn",
            "Layers",
            "LoggingConfig.LogGroup=log_group",
            "SnapStart.ApplyOn=snap_start",
            "LastModified",
        ],
    );
    name.clone_into(&mut thing.entity.name);
    let network = record.get("VpcConfig").unwrap_or(&Value::Null);
    thing.in_vpc(text(network, "VpcId")).in_subnets(texts(network, "SubnetIds"));
    thing.guarded_by(texts(network, "SecurityGroupIds"));
    if let Some(target) = text(record, "DeadLetterConfig.TargetArn") {
        thing.relate(asynchronous(thing.this(), by_arn(target)));
    }
    let variables = record.pointer("/Environment/Variables").and_then(Value::as_object);
    for (variable, value) in variables.into_iter().flatten() {
        if let Some(target) = value.as_str().and_then(endpoint) {
            let relation = RelationObservation::declared(thing.this(), R::Calls, target);
            thing.relate(relation.with("variable", variable.as_str()));
        }
    }
    reader.put(thing);
}

/// Without the version behind the name, so that every version is the one function.
fn unqualified(arn: &str) -> &str {
    match arn.match_indices(':').nth(6) {
        Some((end, _)) if arn.contains(":function:") => &arn[..end],
        _ => arn,
    }
}

/// The store, queue or host that a variable's value names. Only what is an address is looked at; a value
/// that is none may be a secret and is never kept.
fn endpoint(value: &str) -> Option<Reference> {
    if let Some(arn) = Arn::parse(value) {
        return matches!(arn.service, "sqs" | "s3" | "dynamodb" | "rds" | "lambda" | "kafka")
            .then(|| by_arn(value));
    }
    let rest = value.split_once("://").map_or(value, |(_scheme, rest)| rest);
    let has_scheme = rest.len() < value.len();
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().ok()?)),
        None => (host, None),
    };
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        && host.bytes().any(|byte| byte.is_ascii_alphabetic());
    if !is_name || !is_public_host(host) {
        return None;
    }
    match port {
        Some(port) => Some(Reference::key("endpoint", key::public_endpoint(host, port)).or(
            "host",
            key::host(host),
            Confidence::High,
        )),
        // A bare word with dots is an address for sure only where AWS itself names hosts so.
        None if has_scheme || host.ends_with(".amazonaws.com") => {
            Some(Reference::key("host", key::host(host)))
        }
        None => None,
    }
}

fn asynchronous(from: Reference, to: Reference) -> RelationObservation {
    let mut relation = RelationObservation::declared(from, R::ConnectsTo, to);
    relation.need = Need::Asynchronous;
    relation.need_source = NeedSource::Messaging;
    relation
}

/// `lambda list-event-source-mappings`: the function consumes from the queue or stream.
pub fn event_source_mapping(reader: &mut Reader<'_, '_>, record: &Value) {
    let (Some(function), Some(source)) =
        (text(record, "FunctionArn"), text(record, "EventSourceArn"))
    else {
        reader.reject("", "an event source mapping without FunctionArn or EventSourceArn");
        return;
    };
    let place = reader.place(record, &["EventSourceMappingArn", "FunctionArn"]);
    let id = text(record, "UUID").unwrap_or(source);
    let resource = format!("event-source-mapping:{id}");
    let arn = text(record, "EventSourceMappingArn");
    let mut thing = Thing::arn(K::Resource, &place, arn, ("lambda", &resource), id);
    thing.property("resource_type", "event_source_mapping");
    thing.keep(record, &["State", "BatchSize", "MaximumBatchingWindowInSeconds", "FilterCriteria"]);
    thing.relate(asynchronous(by_arn(unqualified(function)), by_arn(source)));
    reader.put(thing);
}
