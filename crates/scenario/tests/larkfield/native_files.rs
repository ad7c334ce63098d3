//! The files that the generator writes, read again by a reader that does not know it, against the
//! truth that it states.

use std::collections::{BTreeMap, BTreeSet};

use crate::naive::{called, decimal, files, small, spans};
use serde_json::Value;

const CLUSTERS: [(&str, &str); 3] = [
    ("production", "larkfield-prod-use1"),
    ("production-eu", "larkfield-prod-euw1"),
    ("staging", "larkfield-staging-use1"),
];

#[test]
fn equal_options_write_equal_bytes_and_another_seed_does_not() {
    let (a, b, other) = (small(3), small(3), small(4));
    assert_eq!(a.written, b.written);
    let mut differing = 0;
    for file in &a.written.files {
        let bytes = std::fs::read(a.path(&file.path)).unwrap();
        assert_eq!(bytes.len() as u64, file.bytes);
        assert!(bytes == std::fs::read(b.path(&file.path)).unwrap(), "{}", file.path);
        let theirs = std::fs::read(other.path(&file.path));
        differing += usize::from(!theirs.is_ok_and(|t| t == bytes));
    }
    assert!(differing > a.written.files.len() / 2, "{differing}");
    assert_eq!(files(a.dir.path()).len(), a.written.files.len());
}

#[test]
fn every_file_is_in_exactly_one_step_of_the_plan() {
    let estate = small(1);
    for file in &estate.written.files {
        let holding = estate
            .written
            .plan
            .steps
            .iter()
            .filter(|s| file.path == s.path || file.path.starts_with(&format!("{}/", s.path)));
        assert_eq!(holding.count(), 1, "{}", file.path);
    }
}

#[test]
fn clusters_hold_what_the_truth_says() {
    let estate = small(1);
    for t in scenario::truth(&estate.options).clusters {
        let count = |kind: &str| estate.items(&t.name, kind).len() as u64;
        assert_eq!(count("nodes"), t.nodes);
        assert_eq!(count("pods"), t.pods);
        assert_eq!(count("deployments"), t.deployments);
        assert_eq!(count("statefulsets"), t.statefulsets);
        assert_eq!(count("daemonsets"), t.daemonsets);
        assert_eq!(count("replicasets"), t.replicasets);
        let pods = estate.items(&t.name, "pods");
        let is_ready = |p: &&Value| {
            p["status"]["conditions"]
                .as_array()
                .unwrap()
                .iter()
                .any(|c| c["type"] == "Ready" && c["status"] == "True")
        };
        assert_eq!(pods.iter().filter(is_ready).count() as u64, t.pods_ready);
        let system = estate.items(&t.name, "namespaces");
        let system = system.iter().find(|n| n["metadata"]["name"] == "kube-system").unwrap();
        assert_eq!(system["metadata"]["uid"], t.uid);
        let folder = format!("aws/{}/{}", t.account, t.region);
        let rds = estate.json(&format!("{folder}/rds-describe-db-instances.json"));
        assert_eq!(rds["DBInstances"].as_array().unwrap().len() as u64, t.db_instances);
        let clusters = estate.json(&format!("{folder}/rds-describe-db-clusters.json"));
        assert_eq!(clusters["DBClusters"].as_array().unwrap().len() as u64, t.db_clusters);
        let ec2 = estate.json(&format!("{folder}/ec2-describe-instances.json"));
        assert_eq!(ec2["Reservations"].as_array().unwrap().len() as u64, t.instances);
    }
}

/// Owners, nodes and instances of every pod exist, and its ReplicaSet belongs to its Deployment.
#[test]
fn every_reference_of_a_cluster_resolves() {
    let estate = small(1);
    let truth = scenario::truth(&estate.options);
    for (t, (_, cluster)) in truth.clusters.iter().zip(CLUSTERS) {
        let mut uids = BTreeSet::new();
        let mut owners = Vec::new();
        for path in files(&estate.path(&format!("kubernetes/{cluster}"))) {
            if path.extension().unwrap() != "json" {
                continue;
            }
            let list: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            for item in list["items"].as_array().unwrap() {
                let uid = item["metadata"]["uid"].as_str().unwrap();
                assert!(uids.insert(uid.to_owned()), "uid {uid} twice");
                for owner in item["metadata"]["ownerReferences"].as_array().into_iter().flatten() {
                    owners.push(owner["uid"].as_str().unwrap().to_owned());
                }
                let about = &item["involvedObject"]["uid"];
                owners.extend(about.as_str().map(str::to_owned));
            }
        }
        assert!(owners.len() > 50);
        for owner in owners {
            assert!(uids.contains(&owner), "{owner}");
        }
        let ec2 =
            estate.json(&format!("aws/{}/{}/ec2-describe-instances.json", t.account, t.region));
        let instances: BTreeSet<String> = ec2["Reservations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["Instances"][0]["InstanceId"].as_str().unwrap().to_owned())
            .collect();
        let nodes = estate.items(cluster, "nodes");
        for node in &nodes {
            let provider = node["spec"]["providerID"].as_str().unwrap();
            assert!(instances.contains(provider.rsplit('/').next().unwrap()));
        }
        let names: BTreeSet<&str> =
            nodes.iter().map(|n| n["metadata"]["name"].as_str().unwrap()).collect();
        let mut addresses = BTreeSet::new();
        for pod in &estate.items(cluster, "pods") {
            let Some(node) = pod["spec"]["nodeName"].as_str() else {
                assert_eq!(pod["status"]["phase"], "Pending");
                continue;
            };
            assert!(names.contains(node));
            assert!(addresses.insert(pod["status"]["podIP"].as_str().unwrap().to_owned()));
        }
        for claim in estate.items(cluster, "persistentvolumes") {
            let volume = claim["spec"]["csi"]["volumeHandle"].as_str().unwrap();
            let all = std::fs::read_to_string(
                estate.path(&format!("aws/{}/{}/ec2-describe-volumes.json", t.account, t.region)),
            )
            .unwrap();
            assert!(all.contains(volume));
        }
    }
}

/// Every AWS identifier that a file mentions is defined in its folder.
#[test]
fn every_reference_of_an_account_resolves() {
    fn walk(value: &Value, seen: &mut BTreeMap<String, BTreeSet<String>>) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    if let Some(text) = inner.as_str() {
                        seen.entry(key.clone()).or_default().insert(text.to_owned());
                    }
                    walk(inner, seen);
                }
            }
            Value::Array(list) => list.iter().for_each(|v| walk(v, seen)),
            _ => {}
        }
    }
    let defined = |file: &Value, list: &str, key: &str| -> BTreeSet<String> {
        file[list].as_array().unwrap().iter().map(|x| x[key].as_str().unwrap().to_owned()).collect()
    };
    let estate = small(1);
    for t in scenario::truth(&estate.options).clusters {
        let folder = format!("aws/{}/{}", t.account, t.region);
        let mut seen = BTreeMap::new();
        for path in files(&estate.path(&folder)) {
            walk(&serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap(), &mut seen);
        }
        for (name, list, key, also) in [
            ("ec2-describe-vpcs", "Vpcs", "VpcId", vec!["vpcId"]),
            ("ec2-describe-subnets", "Subnets", "SubnetId", vec!["SubnetIdentifier"]),
            (
                "ec2-describe-security-groups",
                "SecurityGroups",
                "GroupId",
                vec!["VpcSecurityGroupId"],
            ),
            ("ec2-describe-nat-gateways", "NatGateways", "NatGatewayId", vec![]),
            ("elbv2-describe-target-groups", "TargetGroups", "TargetGroupArn", vec![]),
            ("elbv2-describe-load-balancers", "LoadBalancers", "LoadBalancerArn", vec![]),
            ("ec2-describe-route-tables", "RouteTables", "RouteTableId", vec![]),
        ] {
            let known = defined(&estate.json(&format!("{folder}/{name}.json")), list, key);
            for used in std::iter::once(key).chain(also) {
                for id in seen.get(used).into_iter().flatten() {
                    assert!(known.contains(id) || id.is_empty(), "{folder}: {used} {id}");
                }
            }
        }
        // A volume of a snapshot may be gone; those that are attached may not.
        let volumes = estate.json(&format!("{folder}/ec2-describe-volumes.json"));
        let known = defined(&volumes, "Volumes", "VolumeId");
        let ec2 = estate.json(&format!("{folder}/ec2-describe-instances.json"));
        let mut used = BTreeMap::new();
        walk(&ec2, &mut used);
        assert!(used["VolumeId"].is_subset(&known));
        // Targets of the load balancer are addresses of pods.
        let pods: BTreeSet<String> = estate
            .items(&t.name, "pods")
            .iter()
            .filter_map(|p| p["status"]["podIP"].as_str().map(str::to_owned))
            .collect();
        for path in files(&estate.path(&format!("{folder}/elbv2-describe-target-health"))) {
            let health: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            for target in health["TargetHealthDescriptions"].as_array().unwrap() {
                assert!(pods.contains(target["Target"]["Id"].as_str().unwrap()));
            }
        }
    }
}

/// `host:port` or URL to host, in the manner of a reader that knows only the cluster.
fn hosts(value: &str) -> Option<String> {
    let after = value.split_once("://").map_or(value, |(_, rest)| rest);
    let authority = after.split(['/', '?']).next().unwrap();
    let is_url = value.contains("://");
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        _ if is_url => authority,
        _ => return None,
    };
    Some(host.to_owned())
}

#[test]
fn the_environment_declares_the_calls_of_the_truth() {
    let estate = small(1);
    let truth = scenario::truth(&estate.options);
    for (environment, cluster) in CLUSTERS {
        let services: BTreeSet<(String, String)> = estate
            .items(cluster, "services")
            .iter()
            .map(|s| {
                let m = &s["metadata"];
                (
                    m["namespace"].as_str().unwrap().to_owned(),
                    m["name"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        let maps: BTreeMap<String, Value> = estate
            .items(cluster, "configmaps")
            .into_iter()
            .map(|m| (m["metadata"]["name"].as_str().unwrap().to_owned(), m["data"].clone()))
            .collect();
        let (mut found, mut open) = (BTreeSet::new(), BTreeSet::new());
        for d in estate.items(cluster, "deployments") {
            let from = d["metadata"]["name"].as_str().unwrap();
            let namespace = d["metadata"]["namespace"].as_str().unwrap();
            let container = &d["spec"]["template"]["spec"]["containers"][0];
            let mut values: Vec<String> = container["env"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|e| e["value"].as_str().map(str::to_owned))
                .collect();
            for reference in container["envFrom"].as_array().into_iter().flatten() {
                let map = &maps[reference["configMapRef"]["name"].as_str().unwrap()];
                let of = map.as_object().unwrap().values();
                values.extend(of.map(|v| v.as_str().unwrap().to_owned()));
            }
            for host in values.iter().filter_map(|v| hosts(v)) {
                let parts: Vec<&str> = host.split('.').collect();
                let (name, space) = (parts[0], parts.get(1).copied().unwrap_or(namespace));
                let local = parts.len() <= 2 || parts[2] == "svc";
                if local && services.contains(&(space.to_owned(), name.to_owned())) {
                    found.insert((from.to_owned(), name.to_owned()));
                } else if local {
                    open.insert(host.clone());
                }
            }
        }
        // In the cluster, stores are reached as Kubernetes Services too.
        let expected: BTreeSet<(String, String)> = truth
            .edges
            .iter()
            .filter(|e| e.environment == environment && e.declared)
            .filter(|e| !e.to.starts_with("arn:") && !e.to.ends_with(".example"))
            .map(|e| (e.from.clone(), e.to.clone()))
            .collect();
        assert_eq!(found, expected, "{environment}");
        let dangling: BTreeSet<String> = truth
            .open_references
            .iter()
            .filter(|o| o.environment == environment)
            .map(|o| o.endpoint.split(':').next().unwrap().to_owned())
            .collect();
        assert_eq!(open, dangling, "{environment}");
    }
}

#[test]
fn the_traces_show_the_calls_of_the_truth_and_no_others() {
    let estate = small(1);
    let truth = scenario::truth(&estate.options);
    for (environment, cluster) in CLUSTERS {
        let all = spans(&estate.path(&format!("traces/{environment}")));
        let traces: BTreeSet<&str> = all.iter().map(|s| s.trace.as_str()).collect();
        assert_eq!((traces.len() as u64, all.len() as u64), truth.traces[environment]);
        let expected: BTreeSet<(String, String)> = truth
            .edges
            .iter()
            .filter(|e| e.environment == environment && e.observed && e.relation == "calls")
            .filter(|e| !e.to.ends_with(".example"))
            .map(|e| (e.from.clone(), e.to.clone()))
            .collect();
        assert_eq!(called(&all), expected, "{environment}");
        let pods: BTreeSet<String> = estate
            .items(cluster, "pods")
            .iter()
            .map(|p| p["metadata"]["uid"].as_str().unwrap().to_owned())
            .collect();
        for s in &all {
            assert!(s.start <= s.end);
            assert!(pods.contains(&s.pod_uid), "{} {}", s.service, s.pod_uid);
        }
        // Databases that the spans name are those of the truth.
        let stores: BTreeSet<(&str, &str)> = all
            .iter()
            .filter(|s| s.attributes.contains_key("db.system.name"))
            .map(|s| (s.service.as_str(), s.attributes["server.address"].as_str()))
            .collect();
        assert!(stores.len() > 5);
        for (service, host) in stores {
            let id = host.trim_start_matches("master.").split('.').next().unwrap();
            let known = truth.edges.iter().any(|e| {
                e.environment == environment
                    && e.from == service
                    && (e.to.ends_with(id) || id.starts_with("ip-"))
            });
            assert!(known, "{service} {host}");
        }
    }
}

#[test]
fn bills_add_up_to_the_truth() {
    let estate = small(1);
    let truth = scenario::truth(&estate.options);
    type Sums = BTreeMap<(String, String, String), [i128; 7]>;
    let mut sums: Sums = BTreeMap::new();
    for path in files(&estate.path("cost")) {
        // The preliminary export is replaced by the final one of its month.
        let is_preliminary = path.to_str().unwrap().contains("preliminary");
        if path.extension().unwrap() != "csv" || is_preliminary {
            continue;
        }
        let mut reader = csv::Reader::from_path(&path).unwrap();
        let header = reader.headers().unwrap().clone();
        let is_cur = header.iter().any(|h| h.starts_with("lineItem/"));
        for row in reader.records() {
            let row = row.unwrap();
            let cell = |name: &str| &row[header.iter().position(|h| h == name).unwrap()];
            let (format, month, account, names) = if is_cur {
                let names = [
                    "lineItem/UnblendedCost",
                    "lineItem/UnblendedCost",
                    "pricing/publicOnDemandCost",
                    "",
                ];
                (
                    "cur",
                    &cell("bill/BillingPeriodStartDate")[..10],
                    cell("lineItem/UsageAccountId"),
                    names,
                )
            } else {
                let names = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"];
                ("focus", &cell("BillingPeriodStart")[..10], cell("SubAccountId"), names)
            };
            let key = (month.to_owned(), account.to_owned(), format.to_owned());
            let sum = sums.entry(key).or_default();
            sum[0] += 1;
            for (index, name) in names.iter().enumerate() {
                let text = if name.is_empty() { "" } else { cell(name) };
                if !text.is_empty() && text != "NULL" {
                    sum[1 + index] += decimal(text);
                    if index >= 2 {
                        sum[3 + index] += 1;
                    }
                }
            }
        }
    }
    let mut compared = 0;
    for bill in &truth.bills {
        let key = (bill.month.clone(), bill.account.clone(), bill.format.clone());
        let Some(sum) = sums.remove(&key) else {
            assert_eq!(bill.format, "focus", "only a Parquet month is not read here");
            continue;
        };
        compared += 1;
        let stated = [
            i128::from(bill.rows),
            decimal(&bill.billed),
            decimal(&bill.effective),
            decimal(&bill.list),
            decimal(&bill.contracted),
            i128::from(bill.list_rows),
            i128::from(bill.contracted_rows),
        ];
        assert_eq!(sum, stated, "{key:?}");
    }
    assert!(sums.is_empty() && compared >= 5, "{sums:?} {compared}");
}

#[test]
fn the_parquet_month_adds_up_to_the_truth() {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::{Decimal128Type, TimestampMillisecondType};
    let estate = small(1);
    let truth = scenario::truth(&estate.options);
    let path = files(&estate.path("cost"))
        .into_iter()
        .find(|p| p.extension().unwrap() == "parquet")
        .unwrap();
    let month = path.file_stem().unwrap().to_str().unwrap().replace("focus-", "");
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(
        std::fs::File::open(&path).unwrap(),
    )
    .unwrap()
    .build()
    .unwrap();
    let (mut rows, mut billed, mut list, mut list_rows) = (0, 0i128, 0i128, 0);
    for batch in reader {
        let batch = batch.unwrap();
        rows += batch.num_rows() as u64;
        let column = |name: &str| batch.column_by_name(name).unwrap();
        billed +=
            column("BilledCost").as_primitive::<Decimal128Type>().iter().flatten().sum::<i128>();
        let lists = column("ListCost").as_primitive::<Decimal128Type>();
        list += lists.iter().flatten().sum::<i128>();
        list_rows += (lists.len() - lists.null_count()) as u64;
        let starts = column("ChargePeriodStart").as_primitive::<TimestampMillisecondType>();
        assert!(starts.iter().flatten().all(|s| s % 1000 == 0));
    }
    let of: Vec<_> =
        truth.bills.iter().filter(|b| b.format == "focus" && b.month.starts_with(&month)).collect();
    assert_eq!(of.len(), 2);
    assert_eq!(rows, of.iter().map(|b| b.rows).sum::<u64>());
    assert_eq!(billed, of.iter().map(|b| decimal(&b.billed)).sum::<i128>());
    assert_eq!(list, of.iter().map(|b| decimal(&b.list)).sum::<i128>());
    assert_eq!(list_rows, of.iter().map(|b| b.list_rows).sum::<u64>());
}

fn rows(estate: &crate::naive::Estate, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(estate.path(&format!("own/{name}.ndjson"))).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn observations_speak_of_what_the_clusters_hold() {
    let estate = small(1);
    let truth = scenario::truth(&estate.options);
    let (mut services, mut images) = (BTreeSet::new(), BTreeSet::new());
    for (environment, cluster) in CLUSTERS {
        for d in estate.items(cluster, "deployments") {
            let m = &d["metadata"];
            let (space, name) = (m["namespace"].as_str().unwrap(), m["name"].as_str().unwrap());
            services.insert(format!("service://{environment}/{space}/{name}"));
        }
        for p in estate.items(cluster, "pods") {
            for c in p["status"]["containerStatuses"].as_array().into_iter().flatten() {
                images.insert(c["imageID"].as_str().unwrap().to_owned());
            }
        }
    }
    for name in ["incidents", "changes", "findings"] {
        for row in rows(&estate, name) {
            let about = row["entities"].as_array().unwrap();
            assert!(!about.is_empty(), "{row}");
            for id in about {
                assert!(services.contains(id.as_str().unwrap()), "{id}");
            }
            if name == "findings" {
                assert!(images.contains(row["entity"].as_str().unwrap()), "{row}");
            }
        }
    }
    let opened: BTreeSet<String> = rows(&estate, "incidents")
        .iter()
        .map(|r| r["started_at"].as_str().unwrap().to_owned())
        .collect();
    let expected: BTreeSet<String> =
        truth.faults.iter().filter(|f| f.has_incident).map(|f| f.start.clone()).collect();
    assert_eq!(opened, expected);
    assert!(opened.len() >= 15);
    let ids: BTreeSet<String> =
        rows(&estate, "incidents").iter().map(|r| r["id"].to_string()).collect();
    assert_eq!(ids.len(), opened.len());
}

#[test]
fn orders_dip_while_checkout_is_down_and_budgets_name_known_units() {
    let estate = small(1);
    let read = |name: &str| -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_path(estate.path(&format!("organisation/{name}.csv")))
            .unwrap()
            .deserialize()
            .map(Result::unwrap)
            .collect()
    };
    let units = read("organisation");
    let known: BTreeSet<&str> = units.iter().map(|u| u["unit"].as_str()).collect();
    assert!(units.iter().all(|u| u["parent"].is_empty() || known.contains(u["parent"].as_str())));
    assert!(read("budgets").iter().all(|b| known.contains(b["unit"].as_str())));
    for rule in read("ownership") {
        let target = if rule["owner"].is_empty() { &rule["application"] } else { &rule["owner"] };
        assert!(known.contains(target.as_str()));
    }
    let orders: BTreeMap<String, f64> = read("value_metrics")
        .iter()
        .filter(|r| r["metric"] == "orders" && r["product"] == "shop")
        .map(|r| (r["period_start"].clone(), r["value"].parse().unwrap()))
        .collect();
    assert!(orders.len() >= 88);
    // The storage of the inventory database was full 41 days before the end.
    let truth = scenario::truth(&estate.options);
    let fault = truth.faults.iter().find(|f| f.key == "inventory-db-storage-full").unwrap();
    let day: jiff::civil::Date = fault.start[..10].parse().unwrap();
    let on =
        |offset: i64| orders[&day.checked_add(jiff::Span::new().days(offset)).unwrap().to_string()];
    assert!(on(0) < 0.99 * (on(-7) + on(7)) / 2.0, "{} {} {}", on(-7), on(0), on(7));
}
