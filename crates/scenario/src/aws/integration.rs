//! Queues, functions, buckets and the savings plan.

use serde_json::{Value, json};

use super::encoded;
use super::names::{Tier, security_group, subnets, vpc};
use crate::clock::{DAY, aws};
use crate::company::{Environment, PRODUCTION};
use crate::estate::Estate;
use crate::stores::{QUEUES, STORES, StoreKind, queue_name, queue_url};

/// Name, runtime and the queue that feeds each function of production.
pub const FUNCTIONS: &[(&str, &str, Option<&str>)] = &[
    ("image-resizer", "python3.12", None),
    ("order-archiver", "nodejs20.x", Some("order-events-dlq")),
    ("delivery-labels", "python3.9", Some("shipment-events")),
];

/// `sqs list-queues`.
pub fn queues(env: &Environment) -> Value {
    let urls: Vec<String> = QUEUES.iter().map(|(q, _)| queue_url(q, env)).collect();
    json!({ "QueueUrls": urls })
}

fn queue_arn(queue: &str, env: &Environment) -> String {
    format!("arn:aws:sqs:{}:{}:{}", env.region, env.account.id, queue_name(queue, env))
}

/// `sqs get-queue-attributes`, one file per queue. Every value is a text, as SQS sends it.
pub fn queue_attributes(estate: &Estate, env: &Environment) -> Vec<(String, Value)> {
    QUEUES
        .iter()
        .map(|(queue, _)| {
            let waiting = estate.random.below(&format!("waiting/{queue}/{}", env.name), 40);
            let mut attributes = json!({
                "QueueArn": queue_arn(queue, env),
                "ApproximateNumberOfMessages": waiting.to_string(),
                "ApproximateNumberOfMessagesNotVisible": "3",
                "ApproximateNumberOfMessagesDelayed": "0",
                "CreatedTimestamp": (estate.born + 5 * DAY).to_string(),
                "LastModifiedTimestamp": (estate.born + 6 * DAY).to_string(),
                "VisibilityTimeout": "60",
                "MaximumMessageSize": "262144",
                "MessageRetentionPeriod": "345600",
                "DelaySeconds": "0",
                "ReceiveMessageWaitTimeSeconds": "20",
                "SqsManagedSseEnabled": "true"
            });
            if *queue == "order-events"
                && let Some(map) = attributes.as_object_mut()
            {
                let policy = json!({
                    "deadLetterTargetArn": queue_arn("order-events-dlq", env),
                    "maxReceiveCount": 5
                });
                map.insert("RedrivePolicy".into(), policy.to_string().into());
            }
            let name = encoded("sqs-get-queue-attributes", &queue_url(queue, env));
            (name, json!({ "Attributes": attributes }))
        })
        .collect()
}

fn functions_of(
    env: &Environment,
) -> &'static [(&'static str, &'static str, Option<&'static str>)] {
    if env.index == 0 { FUNCTIONS } else { &[] }
}

/// `lambda list-functions`.
pub fn functions(estate: &Estate, env: &Environment) -> Value {
    let all: Vec<Value> = functions_of(env)
        .iter()
        .map(|(name, runtime, _)| {
            let in_vpc = *name == "delivery-labels";
            let network = if in_vpc {
                json!({
                    "SubnetIds": subnets(estate, env, Tier::Private),
                    "SecurityGroupIds": [security_group(estate, env, "nodes")],
                    "VpcId": vpc(estate, env)
                })
            } else {
                json!({ "SubnetIds": [], "SecurityGroupIds": [], "VpcId": "" })
            };
            json!({
                "FunctionName": name,
                "FunctionArn": format!(
                    "arn:aws:lambda:{}:{}:function:{name}", env.region, env.account.id
                ),
                "Runtime": runtime,
                "Role": format!("arn:aws:iam::{}:role/lambda-{name}", env.account.id),
                "Handler": "app.handler",
                "CodeSize": 1_204_331,
                "Description": "",
                "Timeout": 30,
                "MemorySize": 512,
                "LastModified": aws(estate.until - 33 * DAY).replace("+00:00", ".000+0000"),
                "Version": "$LATEST",
                "VpcConfig": network,
                "Environment": { "Variables": { "LOG_LEVEL": "info" } },
                "TracingConfig": { "Mode": "PassThrough" },
                "PackageType": "Zip",
                "Architectures": ["arm64"]
            })
        })
        .collect();
    json!({ "Functions": all })
}

/// `lambda list-event-source-mappings`.
pub fn event_sources(estate: &Estate, env: &Environment) -> Value {
    let all: Vec<Value> = functions_of(env)
        .iter()
        .filter_map(|(name, _, queue)| queue.map(|q| (name, q)))
        .map(|(name, queue)| {
            json!({
                "UUID": estate.random.uuid(&format!("mapping/{name}")),
                "BatchSize": 10,
                "EventSourceArn": queue_arn(queue, env),
                "FunctionArn": format!(
                    "arn:aws:lambda:{}:{}:function:{name}", env.region, env.account.id
                ),
                "State": "Enabled"
            })
        })
        .collect();
    json!({ "EventSourceMappings": all })
}

/// `s3api list-buckets`: all of the account, whatever their region.
pub fn buckets(estate: &Estate, env: &Environment) -> Value {
    let all: Vec<Value> = STORES
        .iter()
        .filter(|s| s.kind == StoreKind::Bucket && s.environment().account.id == env.account.id)
        .map(|s| json!({ "Name": s.id, "CreationDate": aws(estate.born + 2 * DAY) }))
        .collect();
    json!({
        "Buckets": all,
        "Owner": { "DisplayName": env.account.name, "ID": estate.random.hex(env.account.name, 64) }
    })
}

/// Days before the end of the history at which the savings plan ran out.
pub const PLAN_EXPIRED_DAYS: i64 = 25;

/// Id of the savings plan.
pub fn savings_plan_id(estate: &Estate) -> String {
    estate.random.uuid("savings-plan")
}

/// ARN of the savings plan.
pub fn savings_plan_arn(estate: &Estate) -> String {
    format!("arn:aws:savingsplans::{}:savingsplan/{}", PRODUCTION.id, savings_plan_id(estate))
}

/// Instant at which the savings plan ran out: a midnight.
pub fn plan_end(estate: &Estate) -> i64 {
    crate::clock::day_start(estate.until - PLAN_EXPIRED_DAYS * DAY)
}

/// `savingsplans describe-savings-plans`: one, run out.
pub fn savings_plans(estate: &Estate) -> Value {
    let end = plan_end(estate);
    json!({ "savingsPlans": [{
        "offeringId": estate.random.uuid("offering"),
        "savingsPlanId": savings_plan_id(estate),
        "savingsPlanArn": savings_plan_arn(estate),
        "description": "1 year No Upfront Compute Savings Plan",
        "start": aws(end - 365 * DAY).replace("+00:00", ".000Z"),
        "end": aws(end - 1).replace("+00:00", ".000Z"),
        "state": "retired",
        "savingsPlanType": "Compute",
        "paymentOption": "No Upfront",
        "productTypes": ["Fargate", "EC2", "Lambda"],
        "currency": "USD",
        "commitment": "2.40000000",
        "upfrontPaymentAmount": "0.0",
        "recurringPaymentAmount": "2.40000000",
        "termDurationInSeconds": 31_536_000,
        "tags": {}
    }] })
}
