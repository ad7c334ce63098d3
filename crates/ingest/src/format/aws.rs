//! What the AWS command line prints as JSON: `aws <service> describe-…`, `list-…`, `get-…`. Recognised
//! by the top-level keys of the response. The list of a response is read one record after another, so
//! memory does not grow with the file.

mod autoscaling;
mod balancer;
mod balancer_classic;
mod cache;
mod commitment;
mod container;
mod database;
mod database_part;
pub mod folder;
mod function;
mod gateway;
mod health;
mod instance;
mod interface;
mod kubernetes;
mod name_service;
mod place;
mod queue;
mod reader;
pub(super) mod record;
mod resource;
mod response;
mod route_table;
mod security_group;
mod security_hub;
mod storage;
mod table;
mod thing;
mod vpc;

pub(super) use place::{Arn, Place, region_of};
pub(super) use reader::{zone_entity, zone_reference};
pub(super) use record::{instant_of, keep};
pub use security_hub::FINDINGS;
pub(super) use thing::{Thing, bare, by_arn_or_name, by_name, is_public_host};

use crate::context::InputContext;
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::input::Input;
use crate::shape::{Key, Shape};

/// Responses of the AWS command line.
pub const AWS: Format =
    Format { name: "aws", title: "AWS CLI responses (JSON)", recognise, read: response::read };

/// Keys that every response may have beside its own.
const PAGING: &[&str] =
    &["NextToken", "nextToken", "NextMarker", "Marker", "IsTruncated", "MaxItems"];

fn recognise(input: &Input<'_>) -> Option<String> {
    if let Some(operation) = response::error_text(input.bytes) {
        return Some(format!("it is an error message of the AWS command line ({operation})"));
    }
    let shape = Shape::of(input.bytes);
    let Shape::Json { keys, is_stream: false } = &shape else { return None };
    let operation = folder::operation(input.name);
    if keys.len() <= 3 && keys.iter().any(|key| key.name == "Error" && key.starts_with == b'{') {
        let text =
            String::from_utf8_lossy(&input.bytes[..input.bytes.len().min(4096)]).into_owned();
        return (text.contains("\"Code\"") && text.contains("\"Message\""))
            .then(|| "it is an error response of AWS".to_owned());
    }
    if is_identity(keys) {
        return Some(
            "it has the keys Account, Arn and UserId of sts get-caller-identity".to_owned(),
        );
    }
    if let Some(known) = keys.iter().find_map(|key| table::recognised(key, input.bytes, operation))
    {
        return Some(format!("it has the key {known} of an AWS response"));
    }
    // Only a name says that it is from AWS: it is read as far as to say that it is not understood.
    let operation = operation?;
    let is_other = keys.iter().any(|key| matches!(key.name, "apiVersion" | "resourceSpans"));
    (!keys.is_empty() && !is_other)
        .then(|| format!("it is named after the AWS operation {operation}"))
}

fn is_identity(keys: &[Key<'_>]) -> bool {
    ["Account", "Arn", "UserId"].iter().all(|name| keys.iter().any(|key| key.name == *name))
}

/// Account and region that the flags or the folder give.
pub(super) fn place_of(context: &InputContext) -> Place {
    Place { partition: None, account: context.account.clone(), region: context.region.clone() }
}

/// Whether a response says that another one goes on with it.
pub(super) fn is_partial(response: &serde_json::Value) -> bool {
    let mut keys = PAGING.iter().filter(|key| **key != "MaxItems");
    keys.any(|key| response.get(*key).is_some_and(serde_json::Value::is_string))
}

/// Reads one record, or says that it cannot be read.
type ReadRecord = fn(&mut reader::Reader<'_, '_>, &serde_json::Value);

fn malformed(input: &Input<'_>, error: &serde_json::Error) -> EnvelopeError {
    EnvelopeError::json(input.name, error)
}
