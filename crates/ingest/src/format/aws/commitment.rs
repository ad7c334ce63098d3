//! Savings Plans and reservations.

use model::EntityKind as K;
use serde_json::Value;

use super::reader::Reader;
use super::record::{instant, scalar, text};
use super::thing::Thing;
use crate::key;

/// `savingsplans describe-savings-plans`.
pub fn savings_plan(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(arn) = text(record, "savingsPlanArn") else {
        reader.reject("", "a Savings Plan without savingsPlanArn");
        return;
    };
    let place = reader.place(record, &["savingsPlanArn"]);
    let id = text(record, "savingsPlanId").unwrap_or(arn);
    let mut thing = Thing::with_id(K::Commitment, &place, arn, id);
    // A plan holds in all regions, unless it is of EC2 instances.
    thing.entity.scope.region = text(record, "region").map(str::to_owned);
    thing.tagged(record).created(record, "start", false).property("type", "savings_plan").keep(
        record,
        &[
            "description",
            "state",
            "savingsPlanType",
            "paymentOption",
            "productTypes",
            "currency",
            "commitment",
            "upfrontPaymentAmount",
            "recurringPaymentAmount",
            "termDurationInSeconds",
            "ec2InstanceFamily",
            "region",
            "start",
            "end",
            "offeringId",
        ],
    );
    thing.entity.ended_at = instant(record, "end");
    reader.put(thing);
}

/// Where a service keeps what its reservations are.
struct Reservation<'a> {
    service: &'a str,
    resource: &'a str,
    id: &'a str,
    arn: &'a str,
    keep: &'a [&'a str],
}

fn reservation(reader: &mut Reader<'_, '_>, record: &Value, one: &Reservation<'_>) {
    let Some(id) = text(record, one.id) else {
        reader.reject("", format!("a reservation without {}", one.id));
        return;
    };
    let place = reader.place(record, &[one.arn]);
    let separator = if one.service == "ec2" { '/' } else { ':' };
    let resource = format!("{}{separator}{id}", one.resource);
    let arn = text(record, one.arn);
    let mut thing = Thing::arn(K::Commitment, &place, arn, (one.service, &resource), id);
    if one.service == "ec2" {
        thing.claim(key::bare_id(id));
    }
    let start = if one.service == "ec2" { "Start" } else { "StartTime" };
    thing.tagged(record).created(record, start, false).property("type", "reservation");
    thing.property("service", one.service).keep(record, one.keep);
    thing.entity.ended_at = instant(record, "End").or_else(|| {
        let seconds = scalar(record, "Duration")?.parse::<i64>().ok()?;
        let micros = seconds.checked_mul(model::Micros::SECOND)?;
        thing.entity.created_at.map(|start| start.plus(micros))
    });
    reader.put(thing);
}

/// `ec2 describe-reserved-instances`.
pub fn reserved_instances(reader: &mut Reader<'_, '_>, record: &Value) {
    let one = Reservation {
        service: "ec2",
        resource: "reserved-instances",
        id: "ReservedInstancesId",
        arn: "ReservedInstancesArn",
        keep: &[
            "InstanceType",
            "InstanceCount",
            "State",
            "ProductDescription",
            "OfferingClass",
            "OfferingType",
            "Scope",
            "AvailabilityZone",
            "InstanceTenancy",
            "Duration",
            "FixedPrice",
            "UsagePrice",
            "CurrencyCode",
            "RecurringCharges",
            "Start",
            "End",
        ],
    };
    reservation(reader, record, &one);
}

/// `rds describe-reserved-db-instances`.
pub fn reserved_database(reader: &mut Reader<'_, '_>, record: &Value) {
    let one = Reservation {
        service: "rds",
        resource: "ri",
        id: "ReservedDBInstanceId",
        arn: "ReservedDBInstanceArn",
        keep: &[
            "DBInstanceClass",
            "DBInstanceCount",
            "State",
            "ProductDescription",
            "OfferingType",
            "MultiAZ",
            "Duration",
            "FixedPrice",
            "UsagePrice",
            "CurrencyCode",
            "RecurringCharges",
            "StartTime",
        ],
    };
    reservation(reader, record, &one);
}

/// `elasticache describe-reserved-cache-nodes`.
pub fn reserved_cache(reader: &mut Reader<'_, '_>, record: &Value) {
    let one = Reservation {
        service: "elasticache",
        resource: "reserved-instance",
        id: "ReservedCacheNodeId",
        arn: "ReservationARN",
        keep: &[
            "CacheNodeType",
            "CacheNodeCount",
            "State",
            "ProductDescription",
            "OfferingType",
            "Duration",
            "FixedPrice",
            "UsagePrice",
            "RecurringCharges",
            "StartTime",
        ],
    };
    reservation(reader, record, &one);
}

/// `redshift describe-reserved-nodes`.
pub fn reserved_node(reader: &mut Reader<'_, '_>, record: &Value) {
    let one = Reservation {
        service: "redshift",
        resource: "reservednode",
        id: "ReservedNodeId",
        arn: "ReservedNodeArn",
        keep: &[
            "NodeType",
            "NodeCount",
            "State",
            "OfferingType",
            "Duration",
            "FixedPrice",
            "UsagePrice",
            "CurrencyCode",
            "RecurringCharges",
            "StartTime",
        ],
    };
    reservation(reader, record, &one);
}
