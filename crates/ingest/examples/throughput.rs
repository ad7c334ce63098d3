//! How fast big lists are read: Kubernetes pods and AWS instances that are made here, in MB a second of
//! input on one core, without a store. `cargo run --release -p ingest --example throughput [PODS]`.

use std::error::Error;
use std::io::Write;
use std::ops::ControlFlow;
use std::time::Instant;

use ingest::InputContext;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(20_000), |text| text.parse())?;
    let pods: Vec<Value> = (0..count).map(pod).collect();
    let list = json!({ "apiVersion": "v1", "kind": "List", "metadata": {}, "items": pods });
    let instances: Vec<Value> = (0..count).map(instance).collect();
    let reservations = json!({ "Reservations": [{ "OwnerId": "111122223333",
        "ReservationId": "r-1", "Instances": instances }] });
    let each: Vec<Value> = (0..count)
        .map(|number| json!({ "OwnerId": "111122223333", "Instances": [instance(number)] }))
        .collect();
    let apart = json!({ "Reservations": each });
    for (name, value) in
        [("pods.json", &list), ("one-reservation.json", &reservations), ("instances.json", &apart)]
    {
        for (form, bytes) in [
            ("compact", serde_json::to_vec(value)?),
            ("indented", serde_json::to_vec_pretty(value)?),
        ] {
            measure(&format!("{name} {form}"), &bytes)?;
        }
    }
    Ok(())
}

/// The best of three, since other work on the machine only ever slows it.
fn measure(name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let context = InputContext {
        cluster: Some("big".to_owned()),
        region: Some("eu-west-1".to_owned()),
        ..InputContext::default()
    };
    let (mut best, mut entities, mut rejects) = (f64::INFINITY, 0, 0);
    for _ in 0..3 {
        let start = Instant::now();
        (entities, rejects) = (0, 0);
        ingest::read(name, bytes, &context, &mut |batch| {
            entities += batch.entities.len();
            rejects += batch.rejects.len();
            ControlFlow::Continue(())
        })?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    let size = bytes.len() as f64 / 1e6;
    writeln!(
        std::io::stdout(),
        "{name}: {size:.1} MB, {entities} entities, {rejects} rejects, {best:.2} s, {:.1} MB/s",
        size / best
    )?;
    Ok(())
}

fn pod(number: usize) -> Value {
    let workload = format!("service-{:04}", number / 8);
    let hash = format!("{:x}", 0x6d4f_9b00 + number / 8);
    let name = format!("{workload}-{hash}-{:05}", number % 8);
    let env: Vec<Value> = (0..12)
        .map(|n| json!({ "name": format!("SERVICE_{n}_ADDR"), "value": format!("service-{n:04}:8080") }))
        .collect();
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": format!("team-{:02}", number % 40),
            "uid": format!("00000000-0000-4000-8000-{number:012}"),
            "resourceVersion": format!("{}", 1_000_000 + number),
            "creationTimestamp": "2026-08-01T10:00:00Z",
            "labels": { "app": workload, "pod-template-hash": hash, "app.kubernetes.io/name": workload },
            "annotations": { "prometheus.io/scrape": "true", "checksum/config": format!("{number:064x}") },
            "managedFields": [{ "manager": "kube-controller-manager", "operation": "Update",
                "fieldsV1": { "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
                    "f:spec": { "f:containers": { "k:{\"name\":\"main\"}": { ".": {}, "f:image": {} } } } } }],
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": true,
                "name": format!("{workload}-{hash}"), "uid": format!("00000000-0000-4000-9000-{number:012}") }]
        },
        "spec": {
            "nodeName": format!("ip-10-0-{}-{}.eu-west-1.compute.internal", number / 250 % 250, number % 250),
            "containers": [{ "name": "main", "image": format!("registry.example/{workload}:1.{}", number % 90),
                "env": env, "ports": [{ "containerPort": 8080 }],
                "resources": { "requests": { "cpu": "250m", "memory": "256Mi" }, "limits": { "memory": "512Mi" } },
                "readinessProbe": { "httpGet": { "path": "/ready", "port": 8080 }, "periodSeconds": 5 } }],
            "tolerations": [{ "key": "node.kubernetes.io/not-ready", "operator": "Exists",
                "effect": "NoExecute", "tolerationSeconds": 300 }]
        },
        "status": { "phase": "Running", "podIP": format!("10.1.{}.{}", number / 250 % 250, number % 250),
            "conditions": [{ "type": "Ready", "status": "True", "lastTransitionTime": "2026-08-01T10:00:09Z" }],
            "containerStatuses": [{ "name": "main", "ready": true, "restartCount": number % 3,
                "image": format!("registry.example/{workload}:1.{}", number % 90),
                "imageID": format!("registry.example/{workload}@sha256:{:064x}", number / 8),
                "state": { "running": { "startedAt": "2026-08-01T10:00:05Z" } } }] }
    })
}

fn instance(number: usize) -> Value {
    let id = format!("i-{number:017x}");
    json!({
        "InstanceId": id, "ImageId": "ami-0123456789abcdef0", "InstanceType": "m6i.large",
        "LaunchTime": "2026-08-01T10:00:00+00:00", "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances", "State": { "Code": 16, "Name": "running" },
        "Placement": { "AvailabilityZone": "eu-west-1a", "GroupName": "", "Tenancy": "default" },
        "PrivateIpAddress": format!("10.0.{}.{}", number / 250 % 250, number % 250),
        "PrivateDnsName": format!("ip-10-0-{}-{}.eu-west-1.compute.internal", number / 250 % 250, number % 250),
        "SubnetId": format!("subnet-{:017x}", number % 30), "VpcId": "vpc-0123456789abcdef0",
        "BlockDeviceMappings": [{ "DeviceName": "/dev/xvda", "Ebs": { "AttachTime": "2026-08-01T10:00:00+00:00",
            "DeleteOnTermination": true, "Status": "attached", "VolumeId": format!("vol-{number:017x}") } }],
        "NetworkInterfaces": [{ "NetworkInterfaceId": format!("eni-{number:017x}"), "OwnerId": "111122223333",
            "SubnetId": format!("subnet-{:017x}", number % 30), "VpcId": "vpc-0123456789abcdef0",
            "Groups": [{ "GroupId": "sg-0123456789abcdef0", "GroupName": "nodes" }],
            "PrivateIpAddresses": [{ "Primary": true, "PrivateIpAddress": "10.0.0.1" }] }],
        "SecurityGroups": [{ "GroupId": "sg-0123456789abcdef0", "GroupName": "nodes" }],
        "Tags": [{ "Key": "Name", "Value": format!("node-{number}") },
            { "Key": "eks:cluster-name", "Value": "big" }, { "Key": "team", "Value": "platform" }],
        "MetadataOptions": { "State": "applied", "HttpTokens": "required", "HttpPutResponseHopLimit": 2 },
        "EbsOptimized": true, "EnaSupport": true, "Hypervisor": "xen", "RootDeviceType": "ebs",
        "RootDeviceName": "/dev/xvda", "VirtualizationType": "hvm", "Architecture": "x86_64"
    })
}
