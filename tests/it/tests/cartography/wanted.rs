//! What the estate of `shape` must become, by hand from the mapping that Cartography's schema has.

use std::collections::BTreeSet;

use super::shape::{
    ACCOUNT, ASG, CLASSIC, DB, DB_CLUSTER, DB_GROUP, DB_REPLICA, DIGEST, EKS, GROUP, LB, LISTENER,
    UID,
};

/// Every relation that the estate must have: ours, from, to. `{ec2}` is the beginning of ARNs of EC2,
/// `{k8s}` that of objects in the namespace.
const WANTED: &str = "
contains account://{account} {ec2}:vpc/vpc-1
contains account://{account} {ec2}:subnet/subnet-1
contains account://{account} {ec2}:security-group/sg-1
contains account://{account} {ec2}:security-group/sg-2
contains account://{account} {ec2}:instance/i-1
contains account://{account} {ec2}:instance/i-2
contains account://{account} {ec2}:volume/vol-1
contains account://{account} {asg}
contains account://{account} {db}
contains account://{account} {db_replica}
contains account://{account} {db_cluster}
contains account://{account} {db_group}
contains account://{account} {lb}
contains account://{account} {listener}
contains account://{account} {group}
contains account://{account} {classic}
contains account://{account} {eks}
contains {ec2}:vpc/vpc-1 {ec2}:security-group/sg-1
contains {ec2}:vpc/vpc-1 {ec2}:security-group/sg-2
contains {ec2}:vpc/vpc-1 {ec2}:subnet/subnet-1
contains {db_group} {db}
contains {db_group} {ec2}:subnet/subnet-1
contains {lb} {listener}
contains {lb} {group}
contains {listener} {listener}#default
contains {classic} {classic}#listener/80
contains {classic}#listener/80 {classic}#route/80
contains {cluster} {cluster}/_/namespace/web
contains {cluster} {cluster}/_/node/ip-1
contains {cluster} {k8s}/deployment/cart
contains {cluster} {k8s}/replicaset/cart-6
contains {cluster} {k8s}/pod/cart-6-a
contains {cluster} {k8s}/pod/cart-6-b
contains {cluster} {k8s}/pod/debug
contains {cluster} {k8s}/service/cart
contains {cluster} {k8s}/ingress/shop
contains {cluster} {k8s}/gateway.gateway.networking.k8s.io/edge
contains {cluster} {k8s}/httproute.gateway.networking.k8s.io/cart
contains {cluster}/_/namespace/web {k8s}/deployment/cart
contains {cluster}/_/namespace/web {k8s}/pod/cart-6-a
contains {cluster}/_/namespace/web {k8s}/pod/cart-6-b
contains {cluster}/_/namespace/web {k8s}/pod/debug
contains {k8s}/deployment/cart {k8s}/replicaset/cart-6
allows {ec2}:security-group/sg-1 {ec2}:security-group/sg-2
guarded_by {ec2}:instance/i-1 {ec2}:security-group/sg-1
guarded_by {db} {ec2}:security-group/sg-2
has_replica {asg} {ec2}:instance/i-1
has_replica {asg} {ec2}:instance/i-2
has_replica {db_cluster} {db}
has_replica {k8s}/deployment/cart {k8s}/pod/cart-6-a
has_replica {k8s}/deployment/cart {k8s}/pod/cart-6-b
replicates {db_replica} {db}
attached_to {ec2}:instance/i-1 {ec2}:volume/vol-1
placed_in {ec2}:instance/i-1 {ec2}:subnet/subnet-1
placed_in {ec2}:instance/i-2 zone://{account}/eu-west-1b
placed_in {ec2}:subnet/subnet-1 zone://{account}/eu-west-1a
placed_in {lb} {ec2}:subnet/subnet-1
placed_in zone://{account}/eu-west-1a region://eu-west-1
placed_in zone://{account}/eu-west-1b region://eu-west-1
runs_on {k8s}/pod/cart-6-a {cluster}/_/node/ip-1
runs_on {k8s}/pod/cart-6-b {cluster}/_/node/ip-1
runs_on {cluster}/_/node/ip-1 {ec2}:instance/i-1
runs_on {listener}#default {lb}
runs_on {classic}#route/80 {classic}
managed_by {k8s}/deployment/cart {cluster}
routes_to {k8s}/service/cart {k8s}/pod/cart-6-a
routes_to {k8s}/service/cart {k8s}/pod/cart-6-b
routes_to {k8s}/ingress/shop {k8s}/service/cart
routes_to {k8s}/gateway.gateway.networking.k8s.io/edge {k8s}/httproute.gateway.networking.k8s.io/cart
routes_to {k8s}/httproute.gateway.networking.k8s.io/cart {k8s}/service/cart
routes_to {group} {ec2}:instance/i-1
routes_to {listener}#default {group}
routes_to {classic}#route/80 {ec2}:instance/i-2
served_through {k8s}/service/cart {lb}
served_through {k8s}/ingress/shop {lb}
served_through service://_/web/cart {k8s}/service/cart
implemented_by service://_/web/cart {k8s}/deployment/cart
uses_image {k8s}/pod/cart-6-a image://registry.example/cart@{digest}
";

/// The same with everything filled in.
pub fn wanted() -> BTreeSet<(String, String, String)> {
    let filled = [
        ("{ec2}", "arn:aws:ec2:eu-west-1:111122223333"),
        ("{account}", ACCOUNT),
        ("{asg}", ASG),
        ("{db}", DB),
        ("{db_replica}", DB_REPLICA),
        ("{db_cluster}", DB_CLUSTER),
        ("{db_group}", DB_GROUP),
        ("{lb}", LB),
        ("{listener}", LISTENER),
        ("{group}", GROUP),
        ("{classic}", CLASSIC),
        ("{eks}", EKS),
        ("{cluster}", &format!("k8s://{UID}")),
        ("{k8s}", &format!("k8s://{UID}/web")),
        ("{digest}", DIGEST),
    ];
    let fill = |text: &str| {
        filled.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    };
    let rows = WANTED.lines().filter(|line| !line.is_empty());
    let row = |line: &str| {
        let mut words = line.split(' ').map(fill);
        let mut next = || words.next().unwrap_or_default();
        (next(), next(), next())
    };
    rows.map(row).collect()
}
