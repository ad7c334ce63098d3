//! EBS volumes, snapshots and machine images.

use model::entity::RelationObservation;
use model::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::reader::Reader;
use super::record::{list, text};
use super::thing::{Thing, bare};

/// What AWS prints as the volume of a snapshot that was copied: it is no volume.
const NO_VOLUME: &str = "vol-ffffffff";

/// `ec2 describe-volumes`.
pub fn volume(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "VolumeId") else {
        reader.reject("", "a volume without VolumeId");
        return;
    };
    let place = reader.place(record, &[]);
    let mut thing = Thing::ec2(K::Volume, &place, "volume", id);
    thing.tagged(record).created(record, "CreateTime", false).keep(
        record,
        &[
            "Size",
            "VolumeType",
            "State",
            "Iops",
            "Throughput",
            "Encrypted",
            "KmsKeyId",
            "MultiAttachEnabled",
            "SnapshotId",
            "FastRestored",
        ],
    );
    let zone = text(record, "AvailabilityZone");
    let zone_id = text(record, "AvailabilityZoneId");
    thing.entity.scope.zone = zone_id.or(zone).map(str::to_owned);
    if let Some(zone) = reader.zone(&place, zone, zone_id) {
        thing.to(R::PlacedIn, zone);
    }
    for attachment in list(record, "Attachments") {
        let Some(instance) = text(attachment, "InstanceId") else { continue };
        let mut relation =
            RelationObservation::declared(bare(instance), R::AttachedTo, thing.this());
        for (field, name) in [("Device", "device"), ("State", "state")] {
            if let Some(value) = text(attachment, field) {
                relation = relation.with(name, value);
            }
        }
        if let Some(deleted) = attachment.get("DeleteOnTermination").and_then(Value::as_bool) {
            relation = relation.with("delete_on_termination", deleted);
        }
        thing.relate(relation);
    }
    if let Some(snapshot) = text(record, "SnapshotId") {
        thing.to(R::UsesImage, bare(snapshot));
    }
    reader.put(thing);
}

/// `ec2 describe-snapshots`.
pub fn snapshot(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "SnapshotId") else {
        reader.reject("", "a snapshot without SnapshotId");
        return;
    };
    let place = reader.place(record, &[]);
    let mut thing = Thing::ec2(K::Snapshot, &place, "snapshot", id);
    thing.tagged(record).created(record, "StartTime", false).keep(
        record,
        &[
            "State",
            "Description",
            "VolumeSize",
            "Encrypted",
            "KmsKeyId",
            "StorageTier",
            "VolumeId",
            "OwnerAlias",
        ],
    );
    if let Some(volume) = text(record, "VolumeId").filter(|volume| *volume != NO_VOLUME) {
        thing.from(bare(volume), R::Contains);
    }
    reader.put(thing);
}

/// `ec2 describe-images`.
pub fn image(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "ImageId") else {
        reader.reject("", "an image without ImageId");
        return;
    };
    // An image belongs to whoever made it; its ARN names no account.
    let mut place = reader.base.clone();
    super::place::mentioned(record, &mut place);
    let arn = place
        .region
        .as_deref()
        .map(|region| format!("arn:{}:ec2:{region}::image/{id}", place.partition()));
    place.account = text(record, "OwnerId").map(str::to_owned);
    let mut thing =
        Thing::with_id(K::Image, &place, arn.unwrap_or_else(|| format!("aws:?/image/{id}")), id);
    thing.claim(crate::key::bare_id(id));
    if let Some(name) = text(record, "Name") {
        name.clone_into(&mut thing.entity.name);
    }
    thing.tagged(record).created(record, "CreationDate", false).keep(
        record,
        &[
            "Description",
            "State",
            "Architecture",
            "PlatformDetails",
            "UsageOperation",
            "Public",
            "RootDeviceType",
            "VirtualizationType",
            "DeprecationTime",
            "ImageOwnerAlias",
            "ImageType",
        ],
    );
    for mapping in list(record, "BlockDeviceMappings") {
        if let Some(snapshot) = text(mapping, "Ebs.SnapshotId") {
            thing.to(R::Contains, bare(snapshot));
        }
    }
    reader.put(thing);
}
