//! The scenario's price list, in millionths of a dollar. Made up for Larkfield; close to what such
//! things cost, and no quotation.

use super::amount::Amount;
use super::charge::Product;

/// EC2.
pub const EC2: Product = product("AmazonEC2", "Amazon Elastic Compute Cloud", "Compute");
/// RDS.
pub const RDS: Product = product("AmazonRDS", "Amazon Relational Database Service", "Databases");
/// ElastiCache.
pub const CACHE: Product = product("AmazonElastiCache", "Amazon ElastiCache", "Databases");
/// Load balancing.
pub const BALANCING: Product = product("AWSELB", "Elastic Load Balancing", "Networking");
/// VPC: addresses.
pub const VPC: Product = product("AmazonVPC", "Amazon Virtual Private Cloud", "Networking");
/// EKS.
pub const EKS: Product =
    product("AmazonEKS", "Amazon Elastic Container Service for Kubernetes", "Compute");
/// S3.
pub const S3: Product = product("AmazonS3", "Amazon Simple Storage Service", "Storage");
/// SQS.
pub const SQS: Product = product("AWSQueueService", "Amazon Simple Queue Service", "Integration");
/// Lambda.
pub const LAMBDA: Product = product("AWSLambda", "AWS Lambda", "Compute");
/// CloudWatch.
pub const WATCH: Product =
    product("AmazonCloudWatch", "AmazonCloudWatch", "Management and Governance");
/// Data transfer.
pub const TRANSFER: Product = product("AWSDataTransfer", "AWS Data Transfer", "Networking");
/// Savings plans.
pub const PLANS: Product =
    product("ComputeSavingsPlans", "Savings Plans for AWS Compute usage", "Compute");
/// Support.
pub const SUPPORT: Product =
    product("AWSSupportBusiness", "AWS Support (Business)", "Management and Governance");

const fn product(code: &'static str, name: &'static str, category: &'static str) -> Product {
    Product { code, name, category }
}

/// Price of an hour of an EC2 instance.
pub fn instance_hour(instance_type: &str, operation: &str) -> Amount {
    Amount::micros(match (instance_type, operation) {
        ("m6i.2xlarge", _) => 384_000,
        ("m6i.xlarge", "RunInstances:0002") => 376_000,
        ("m6i.xlarge", _) => 192_000,
        ("r6i.2xlarge", "RunInstances:0006") => 1_832_000,
        ("t3.micro", _) => 10_400,
        _ => 340_000,
    })
}

/// Price of an hour of a database or cache node.
pub fn node_hour(class: &str) -> Amount {
    Amount::micros(match class {
        "db.r6g.2xlarge" => 900_000,
        "db.r6g.xlarge" => 450_000,
        "db.r6g.large" => 225_000,
        "db.m6g.xlarge" => 318_000,
        "db.m6g.large" => 159_000,
        "db.m6i.xlarge" => 1_064_000,
        "db.t4g.medium" => 65_000,
        "cache.r6g.xlarge" => 411_000,
        "cache.r6g.large" => 206_000,
        _ => 32_000,
    })
}

/// Price of an hour of `m6i.2xlarge` under the savings plan.
pub const PLAN_HOUR: Amount = Amount::micros(276_480);
/// Commitment of the savings plan per hour.
pub const PLAN_COMMITMENT: Amount = Amount::micros(2_400_000);
