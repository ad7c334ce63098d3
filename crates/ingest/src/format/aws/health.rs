//! AWS Health: events as changes that others made, with what they touch.

use model::entity::Labels;
use model::event::ChangeObservation;
use model::reference::Reference;
use serde_json::Value;

use super::place::Arn;
use super::reader::Reader;
use super::record::{instant, text};
use super::thing::by_arn_or_id;
use crate::key;

/// `health describe-events`.
pub fn event(reader: &mut Reader<'_, '_>, record: &Value) {
    put(reader, record, None);
}

/// `health describe-event-details`.
pub fn detail(reader: &mut Reader<'_, '_>, record: &Value) {
    let event = record.get("event").unwrap_or(&Value::Null);
    put(reader, event, text(record, "eventDescription.latestDescription"));
}

fn put(reader: &mut Reader<'_, '_>, record: &Value, description: Option<&str>) {
    let (Some(arn), Some(at)) = (text(record, "arn"), instant(record, "startTime")) else {
        reader.reject("", "a health event without arn or startTime");
        return;
    };
    let mut labels = Labels::new();
    let fields =
        ["service", "region", "availabilityZone", "eventTypeCategory", "statusCode", "endTime"];
    for name in fields {
        if let Some(value) = text(record, name) {
            labels.insert(super::record::snake_case(name), value.to_owned());
        }
    }
    if let Some(description) = description {
        labels.insert("description".to_owned(), description.to_owned());
    }
    let change = ChangeObservation {
        external_id: arn.to_owned(),
        kind: text(record, "eventTypeCategory").unwrap_or("event").to_owned(),
        title: text(record, "eventTypeCode").unwrap_or("AWS Health event").to_owned(),
        at,
        actor: Some("AWS".to_owned()),
        link: None,
        entities: Vec::new(),
        count: 1,
        labels,
    };
    reader.batch(|batch| batch.changes.push(change));
}

/// `health describe-affected-entities`.
pub fn affected(reader: &mut Reader<'_, '_>, record: &Value) {
    let (Some(event), Some(value)) = (text(record, "eventArn"), text(record, "entityValue")) else {
        reader.reject("", "an affected entity without eventArn or entityValue");
        return;
    };
    let Some(at) = instant(record, "lastUpdatedTime") else {
        reader.reject("", "an affected entity without lastUpdatedTime");
        return;
    };
    let account = text(record, "awsAccountId").filter(|account| *account == value);
    let entity: Reference = match account {
        Some(account) => Reference::id(key::account(account)),
        None => by_arn_or_id(value),
    };
    // arn:aws:health:us-east-1::event/EC2/AWS_EC2_INSTANCE_RETIREMENT/…
    let code = Arn::parse(event).and_then(|arn| arn.resource.split('/').nth(2));
    let mut labels = Labels::new();
    labels.insert("event_arn".to_owned(), event.to_owned());
    for name in ["statusCode", "awsAccountId"] {
        if let Some(value) = text(record, name) {
            labels.insert(super::record::snake_case(name), value.to_owned());
        }
    }
    let change = ChangeObservation {
        external_id: text(record, "entityArn").unwrap_or(value).to_owned(),
        kind: "affected".to_owned(),
        title: format!("{} touches {value}", code.unwrap_or("AWS Health event")),
        at,
        actor: Some("AWS".to_owned()),
        link: None,
        entities: vec![entity],
        count: 1,
        labels,
    };
    reader.batch(|batch| batch.changes.push(change));
}
