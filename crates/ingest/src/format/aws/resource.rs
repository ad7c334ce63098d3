//! Things with an ARN that the model has no kind of its own for, and the account itself.

use model::EntityKind as K;
use serde_json::Value;

use super::place::Arn;
use super::reader::Reader;
use super::record::text;
use super::thing::{Thing, is_public_host};
use crate::key;

/// `sts get-caller-identity`: the account.
pub fn caller(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(number) = text(record, "Account") else {
        reader.reject("", "a caller without Account");
        return;
    };
    let mut place =
        text(record, "Arn").and_then(Arn::parse).map(|arn| arn.place()).unwrap_or_default();
    place.account = Some(number.to_owned());
    place.region = None;
    let mut thing = Thing::with_id(K::Account, &place, &*key::account(number).0, number);
    thing.claim(key::bare_id(number));
    thing.claim(key::arn(&format!("arn:{}:iam::{number}:root", place.partition())));
    reader.put(thing);
}

/// What such a thing is, and where its ARN, its name and its creation stand.
struct Kind<'a> {
    what: &'a str,
    arn: &'a str,
    name: &'a str,
    created: &'a str,
    keep: &'a [&'a str],
}

fn plain(reader: &mut Reader<'_, '_>, record: &Value, kind: &Kind<'_>) -> Option<Thing> {
    let Some(arn) = text(record, kind.arn).filter(|arn| Arn::parse(arn).is_some()) else {
        reader.reject("", format!("{} without an ARN in {}", kind.what, kind.arn));
        return None;
    };
    let place = reader.place(record, &[kind.arn]);
    let last = arn.rsplit([':', '/']).next().unwrap_or(arn);
    let name = text(record, kind.name).unwrap_or(last);
    let mut thing = Thing::with_id(K::Resource, &place, arn, name);
    thing.tagged(record).created(record, kind.created, true).keep(record, kind.keep);
    thing.property("resource_type", kind.what);
    name.clone_into(&mut thing.entity.name);
    Some(thing)
}

fn put(reader: &mut Reader<'_, '_>, record: &Value, kind: &Kind<'_>) {
    if let Some(thing) = plain(reader, record, kind) {
        reader.put(thing);
    }
}

/// `ecr describe-repositories`.
pub fn repository(reader: &mut Reader<'_, '_>, record: &Value) {
    let keep = &["repositoryUri", "imageTagMutability", "imageScanningConfiguration.scanOnPush"];
    let kind = Kind {
        what: "image_repository",
        arn: "repositoryArn",
        name: "repositoryName",
        created: "createdAt",
        keep,
    };
    if let Some(mut thing) = plain(reader, record, &kind) {
        if let Some(uri) = text(record, "repositoryUri") {
            thing.claim(key::image(uri));
        }
        reader.put(thing);
    }
}

/// `sns list-topics`.
pub fn topic(reader: &mut Reader<'_, '_>, record: &Value) {
    let kind = Kind { what: "topic", arn: "TopicArn", name: "", created: "", keep: &[] };
    put(reader, record, &kind);
}

/// `sns get-topic-attributes`.
pub fn topic_attributes(reader: &mut Reader<'_, '_>, record: &Value) {
    let keep = &["DisplayName", "FifoTopic", "KmsMasterKeyId"];
    put(reader, record, &Kind { what: "topic", arn: "TopicArn", name: "", created: "", keep });
}

/// `secretsmanager list-secrets`: names, never values.
pub fn secret(reader: &mut Reader<'_, '_>, record: &Value) {
    let keep = &["Description", "RotationEnabled", "KmsKeyId", "OwningService"];
    let kind = Kind { what: "secret", arn: "ARN", name: "Name", created: "CreatedDate", keep };
    put(reader, record, &kind);
}

/// `dms describe-endpoints`.
pub fn replication_endpoint(reader: &mut Reader<'_, '_>, record: &Value) {
    let kind = Kind {
        what: "replication_endpoint",
        arn: "EndpointArn",
        name: "EndpointIdentifier",
        created: "",
        keep: &[
            "EndpointType",
            "EngineName",
            "Status",
            "SslMode",
            "ServerName",
            "Port",
            "DatabaseName",
            "S3Settings.BucketName",
        ],
    };
    let Some(mut thing) = plain(reader, record, &kind) else { return };
    let host = text(record, "ServerName").filter(|host| is_public_host(host));
    if let Some(host) = host {
        let target = model::Reference::key("host", key::host(host));
        thing.to(model::RelationKind::ConnectsTo, target);
    }
    if let Some(bucket) = text(record, "S3Settings.BucketName") {
        thing.to(model::RelationKind::ConnectsTo, super::thing::bare(bucket));
    }
    reader.put(thing);
}

/// `cloudtrail describe-trails`.
pub fn trail(reader: &mut Reader<'_, '_>, record: &Value) {
    let kind = Kind {
        what: "trail",
        arn: "TrailARN",
        name: "Name",
        created: "",
        keep: &[
            "S3BucketName",
            "IsMultiRegionTrail",
            "IsOrganizationTrail",
            "LogFileValidationEnabled",
        ],
    };
    let Some(mut thing) = plain(reader, record, &kind) else { return };
    if let Some(bucket) = text(record, "S3BucketName") {
        thing.to(model::RelationKind::ConnectsTo, super::thing::bare(bucket));
    }
    reader.put(thing);
}

/// `accessanalyzer list-analyzers`.
pub fn analyzer(reader: &mut Reader<'_, '_>, record: &Value) {
    let keep = &["type", "status"];
    let kind =
        Kind { what: "access_analyzer", arn: "arn", name: "name", created: "createdAt", keep };
    put(reader, record, &kind);
}

/// `cloudwatch describe-alarms`: what they watch. Their state moves by itself and is no property.
pub fn alarm(reader: &mut Reader<'_, '_>, record: &Value) {
    let kind = Kind {
        what: "alarm",
        arn: "AlarmArn",
        name: "AlarmName",
        created: "",
        keep: &[
            "AlarmDescription",
            "Namespace",
            "MetricName",
            "Statistic",
            "Dimensions",
            "Period",
            "EvaluationPeriods",
            "Threshold",
            "ComparisonOperator",
            "ActionsEnabled",
            "AlarmRule",
            "TreatMissingData",
        ],
    };
    put(reader, record, &kind);
}
