//! SQS queues, S3 buckets and MSK clusters.

use model::entity::Presence;
use model::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::place::{Place, region_of};
use super::reader::Reader;
use super::record::{text, texts};
use super::thing::{Thing, by_arn};
use crate::key;

/// An URL of `sqs list-queues`: `https://sqs.{region}.amazonaws.com/{account}/{name}`, or the older
/// `https://queue.amazonaws.com/…` and `https://{region}.queue.amazonaws.com/…`.
pub fn queue_url(reader: &mut Reader<'_, '_>, record: &Value) {
    let parts = record.as_str().and_then(|url| {
        let (host, path) = url.split_once("://")?.1.split_once('/')?;
        let (account, name) = path.split_once('/')?;
        Some((url, host, account, name))
    });
    let Some((url, host, account, name)) = parts.filter(|parts| !parts.3.is_empty()) else {
        reader.reject("", "an entry that is no URL of a queue");
        return;
    };
    let mut place = Place { account: Some(account.to_owned()), ..Place::default() };
    let region = host.split('.').find(|part| region_of(part) == Some(*part));
    place.region = region.map(str::to_owned);
    if place.region.is_none() && host == "queue.amazonaws.com" {
        place.region = Some("us-east-1".to_owned());
    }
    place.fill(&reader.base);
    let mut thing = Thing::named(K::Queue, &place, "sqs", name, name);
    thing.claim(key::bare_id(url)).claim_name("queue", name).property("queue_url", url);
    reader.put(thing);
}

/// `sqs get-queue-attributes`. Counts of messages are no properties.
pub fn queue(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "QueueArn") else {
        reader.reject("", "attributes of a queue without QueueArn");
        return;
    };
    let place = reader.place(record, &["QueueArn"]);
    let name = arn.rsplit(':').next().unwrap_or(arn);
    let mut thing = Thing::with_id(K::Queue, &place, arn, name);
    thing.claim_name("queue", name).created(record, "CreatedTimestamp", true).keep(
        record,
        &[
            "VisibilityTimeout",
            "MaximumMessageSize",
            "MessageRetentionPeriod",
            "DelaySeconds",
            "ReceiveMessageWaitTimeSeconds",
            "FifoQueue",
            "SqsManagedSseEnabled",
            "KmsMasterKeyId",
        ],
    );
    let redrive = text(record, "RedrivePolicy").and_then(|text| serde_json::from_str(text).ok());
    let redrive: Value = redrive.unwrap_or_default();
    if let Some(target) = text(&redrive, "deadLetterTargetArn") {
        thing.to(R::RoutesVia, by_arn(target)).keep(&redrive, &["maxReceiveCount"]);
    }
    reader.put(thing);
}

/// The ARN of a bucket names neither account nor region.
fn bucket_of(reader: &Reader<'_, '_>, name: &str, region: Option<String>) -> Thing {
    let place = Place { region, ..reader.base.clone() };
    let partition = reader.base.partition().to_owned();
    let mut thing = Thing::with_id(K::Bucket, &place, format!("arn:{partition}:s3:::{name}"), name);
    thing.claim(key::bare_id(name));
    thing
}

/// `s3api list-buckets`: all of the account, whatever their region.
pub fn bucket(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "Name") else {
        reader.reject("", "a bucket without Name");
        return;
    };
    let region = text(record, "BucketRegion").map(str::to_owned);
    let mut thing = bucket_of(reader, name, region);
    thing.created(record, "CreationDate", true);
    reader.put(thing);
}

/// `s3api get-bucket-location`: nothing stands for the oldest region.
pub fn bucket_location(reader: &mut Reader<'_, '_>, name: &str, region: Option<&str>) {
    let region = match region {
        None | Some("") => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    };
    let mut thing = bucket_of(reader, name, Some(region.to_owned()));
    thing.entity.presence = Presence::Implied;
    reader.put(thing);
}

/// `kafka list-clusters`.
pub fn kafka(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "ClusterArn") else {
        reader.reject("", "a cluster without ClusterArn");
        return;
    };
    let place = reader.place(record, &["ClusterArn"]);
    let name = text(record, "ClusterName").unwrap_or(arn);
    let mut thing = Thing::with_id(K::Queue, &place, arn, name);
    thing.tagged(record).created(record, "CreationTime", true).property("engine", "kafka").keep(
        record,
        &[
            "State",
            "NumberOfBrokerNodes",
            "CurrentBrokerSoftwareInfo.KafkaVersion",
            "BrokerNodeGroupInfo.InstanceType",
            "EnhancedMonitoring",
        ],
    );
    name.clone_into(&mut thing.entity.name);
    thing.in_subnets(texts(record, "BrokerNodeGroupInfo.ClientSubnets"));
    thing.guarded_by(texts(record, "BrokerNodeGroupInfo.SecurityGroups"));
    reader.put(thing);
}
