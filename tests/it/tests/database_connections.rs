//! `database_connections` on real exports, counted by reading the files plainly; SQL Server on one
//! machine of each billing code, one that brings its own licence and one that has none; clients of the
//! cluster dump; the demonstration's planted hosts.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::larkfield::read_files;
use super::program::{Program, data, expect, with_data};

const ACCOUNT: &str = "aws/account-export";
const DEMO: &str = "aws/cloudmapper-demo";
const BOUTIQUE: &str = "kubernetes/online-boutique";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("database_connections::every_rds_database_of_the_files", &[ACCOUNT], account),
        with_data("database_connections::a_coherent_account", &[DEMO], demo),
        with_data(
            "database_connections::a_cache_in_kubernetes_and_its_client",
            &[BOUTIQUE],
            boutique,
        ),
        Trial::test("database_connections::sql_server_by_each_billing_code", codes),
        Trial::test("database_connections::limit_endpoints_and_edges", edges),
        Trial::test("database_connections::hosts_of_the_demonstration", planted),
    ]
}

fn read(path: std::path::PathBuf) -> Result<Value, Failed> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

fn rows<'a>(answer: &'a Value, list: &str) -> &'a [Value] {
    answer[list].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Engine, major, end of standard support, end of extended support, as AWS published them.
const PUBLISHED: &[(&str, &str, &str, &str)] = &[
    ("postgres", "12", "2025-02-28", "2028-02-29"),
    ("postgres", "13", "2026-02-28", "2029-02-28"),
    ("postgres", "14", "2027-02-28", "2030-02-28"),
    ("mysql", "8.0", "2026-07-31", "2029-07-31"),
    ("mysql", "5.6", "2022-03-01", ""),
];

/// Records by their ARN; one without is the same as another that has its resource id.
fn distinct(list: &Value, [arn, resource]: [&str; 2]) -> usize {
    let records = || list.as_array().into_iter().flatten();
    let text = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
    let (with, without): (Vec<&Value>, Vec<&Value>) =
        records().partition(|one| text(one, arn).starts_with("arn:"));
    let arns: BTreeSet<String> = with.iter().map(|one| text(one, arn)).collect();
    let known: BTreeSet<String> = with.iter().map(|one| text(one, resource)).collect();
    let others: BTreeSet<String> = without.iter().map(|one| text(one, resource)).collect();
    arns.len() + others.difference(&known).count()
}

fn account() -> Result<(), Failed> {
    let program = Program::new()?;
    program.json(&["ingest", &data(ACCOUNT).display().to_string()])?;
    let day = "2026-03-15";
    let command = ["database-connections", "--limit", "2000", "--evidence", "observed"];
    let answer = program.ask(&command)?;
    let instances = read(data(ACCOUNT).join("rds-describe-db-instances.json"))?;
    let clusters = read(data(ACCOUNT).join("rds-describe-db-clusters.json"))?;
    let plain = distinct(&instances["DBInstances"], ["DBInstanceArn", "DbiResourceId"])
        + distinct(&clusters["DBClusters"], ["DBClusterArn", "DbClusterResourceId"]);
    let of_rds = |one: &&Value| {
        let hosting = one["hosting"].as_str().unwrap_or_default();
        matches!(hosting, "rds" | "aurora" | "neptune" | "docdb")
    };
    let found = rows(&answer, "databases").iter().filter(of_rds).count();
    expect("databases and clusters", found, plain)?;
    // Those that were created by then, judged as of then.
    let answer = program.ask(&[command.as_slice(), &["--as-of", day]].concat())?;
    let mut checked = 0;
    for (engine, major, standard, extended) in PUBLISHED {
        let is_of = |one: &&Value| {
            let version = one["version"].as_str().unwrap_or_default();
            one["engine"] == *engine
                && (version == *major || version.starts_with(&format!("{major}.")))
        };
        for one in rows(&answer, "databases").iter().filter(is_of) {
            let expected = if day < *standard {
                "standard"
            } else if day < *extended {
                "extended"
            } else {
                "unsupported"
            };
            expect(
                &format!("{engine} {major}"),
                one["support"]["status"].as_str(),
                Some(expected),
            )?;
            checked += 1;
        }
    }
    expect("some versions were checked", checked > 10, true)
}

fn demo() -> Result<(), Failed> {
    let program = Program::new()?;
    program.json(&["ingest", &data(DEMO).display().to_string()])?;
    let answer = program.ask(&["database-connections"])?;
    let region = data(DEMO).join("account-data/demo/us-east-1");
    let plain = read(region.join("rds-describe-db-instances.json"))?;
    let plain = &plain["DBInstances"][0];
    let database = rows(&answer, "databases").iter().find(|one| one["hosting"] == "rds");
    let Some(database) = database else { return Err("no RDS database".into()) };
    for (field, of) in [
        ("engine", "Engine"),
        ("version", "EngineVersion"),
        ("class", "DBInstanceClass"),
        ("licence_model", "LicenseModel"),
        ("backup_retention_days", "BackupRetentionPeriod"),
    ] {
        expect(field, &database[field], &plain[of])?;
    }
    expect("encrypted", &database["storage"]["is_encrypted"], &plain["StorageEncrypted"])?;
    // Nobody measured it and nobody names it: that is no proof that nobody uses it.
    expect("usage", database["usage"].as_str(), Some("unknown"))?;
    exposure(database, plain, &region)
}

/// The four conditions, each read plainly from its own file.
fn exposure(database: &Value, plain: &Value, region: &std::path::Path) -> Result<(), Failed> {
    let port = plain["Endpoint"]["Port"].as_u64().unwrap_or_default();
    let groups = read(region.join("ec2-describe-security-groups.json"))?;
    let own: BTreeSet<&str> = plain["VpcSecurityGroups"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["VpcSecurityGroupId"].as_str())
        .collect();
    let is_open = |rule: &Value| {
        let everybody = rule["IpRanges"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["CidrIp"] == "0.0.0.0/0"));
        let number = |name: &str| rule[name].as_u64();
        let is_port = rule["IpProtocol"] == "-1"
            || (number("FromPort") <= Some(port) && Some(port) <= number("ToPort"));
        everybody && is_port
    };
    let ingress = groups["SecurityGroups"].as_array().into_iter().flatten().any(|group| {
        group["GroupId"].as_str().is_some_and(|id| own.contains(id))
            && group["IpPermissions"].as_array().is_some_and(|all| all.iter().any(is_open))
    });
    let is_public = plain["PubliclyAccessible"] == true;
    let checks = database["exposure"]["checks"].as_array().cloned().unwrap_or_default();
    let holds =
        |name: &str| checks.iter().find(|one| one["check"] == name).map(|one| one["holds"].clone());
    expect("flag", holds("publicly_accessible"), Some(json!(is_public)))?;
    expect("ingress", holds("ingress_rule"), Some(json!(ingress)))?;
    if !(is_public && ingress) {
        expect("verdict", database["exposure"]["verdict"].as_str(), Some("not_exposed"))?;
    }
    Ok(())
}

fn boutique() -> Result<(), Failed> {
    let program = Program::new()?;
    let path = data(BOUTIQUE).display().to_string();
    program.json(&["ingest", "--cluster", "boutique", "--namespace", "shop", &path])?;
    let answer = program.ask(&["database-connections"])?;
    let caches = rows(&answer, "databases");
    expect("databases", caches.len(), 1)?;
    expect("engine", caches[0]["engine"].as_str(), Some("redis"))?;
    expect("hosting", caches[0]["hosting"].as_str(), Some("kubernetes"))?;
    // The cart service names it in its environment, and only it does.
    let clients = rows(&answer, "clients");
    let names: Vec<&str> = clients.iter().filter_map(|one| one["name"].as_str()).collect();
    expect("clients", names, vec!["cartservice"])?;
    expect("evidence", &clients[0]["evidence"], &json!(["declared"]))?;
    expect("variable", clients[0]["named_by"].as_str(), Some("REDIS_ADDR"))?;
    expect("usage", caches[0]["usage"].as_str(), Some("unknown"))
}

/// Code, platform, edition, as AWS documents them.
const CODES: &[(&str, &str, &str)] = &[
    ("0006", "Windows with SQL Server Standard", "Standard"),
    ("0102", "Windows with SQL Server Enterprise", "Enterprise"),
    ("0202", "Windows with SQL Server Web", "Web"),
    ("0004", "SQL Server Standard", "Standard"),
    ("0100", "SQL Server Enterprise", "Enterprise"),
    ("0200", "SQL Server Web", "Web"),
    ("0014", "Red Hat with SQL Server Standard", "Standard"),
    ("0110", "Red Hat with SQL Server Enterprise", "Enterprise"),
    ("0210", "Red Hat with SQL Server Web", "Web"),
    ("1014", "Red Hat Enterprise Linux with SQL Server Standard and HA", "Standard"),
    ("1110", "Red Hat Enterprise Linux with SQL Server Enterprise and HA", "Enterprise"),
    ("0006:SV006", "Windows with SQL Server Standard", "Standard"),
];

fn machine(number: usize, name: &str, code: &str, platform: &str) -> Value {
    let mut one = json!({
        "InstanceId": format!("i-{number:017x}"),
        "InstanceType": "m6i.large",
        "State": {"Name": "running", "Code": 16},
        "LaunchTime": "2026-01-01T00:00:00+00:00",
        "Placement": {"AvailabilityZone": "us-east-1a"},
        "PlatformDetails": platform,
        "UsageOperation": format!("RunInstances:{code}"),
        "Tags": [{"Key": "Name", "Value": name}]
    });
    if platform.starts_with("Windows") {
        one["Platform"] = json!("windows");
    }
    one
}

fn codes() -> Result<(), Failed> {
    let mut machines: Vec<Value> = CODES
        .iter()
        .enumerate()
        .map(|(number, (code, platform, _))| machine(number, &format!("m{number}"), code, platform))
        .collect();
    // Own licence with a tag that says it, Windows without any sign, and a Linux database.
    machines.push(machine(90, "crm-mssql", "0800", "Windows"));
    machines.push(machine(91, "web-front", "0002", "Windows"));
    machines.push(machine(92, "mysql-1", "", "Linux/UNIX"));
    let response = json!({"Reservations": [{"OwnerId": "111122223333", "Instances": machines}]});
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ec2-describe-instances.json");
    std::fs::write(&path, response.to_string())?;
    program.json(&["ingest", &path.display().to_string()])?;
    let answer = program.ask(&["database-connections"])?;
    let by_name: BTreeMap<&str, &Value> = rows(&answer, "databases")
        .iter()
        .filter_map(|one| Some((one["name"].as_str()?, one)))
        .collect();
    for (number, (code, _, edition)) in CODES.iter().enumerate() {
        let Some(host) = by_name.get(format!("m{number}").as_str()) else {
            return Err(format!("{code} was not found").into());
        };
        expect(&format!("edition of {code}"), host["edition"].as_str(), Some(*edition))?;
        expect(&format!("confidence of {code}"), host["confidence"].as_str(), Some("certain"))?;
        expect("licence", host["licence_model"].as_str(), Some("license-included"))?;
    }
    let own = by_name.get("crm-mssql").map(|one| one["confidence"].clone());
    expect("own licence by its tag", own, Some(json!("low")))?;
    expect("hosts", by_name.len(), CODES.len() + 1)?;
    // Neither accused nor cleared.
    let undetermined: Vec<&str> =
        rows(&answer, "undetermined_hosts").iter().filter_map(|one| one["name"].as_str()).collect();
    expect("undetermined", undetermined, vec!["web-front"])
}

/// The demonstration's Windows machines: one whose code shows SQL Server, two whose names do, one that
/// shows nothing and must not be accused.
fn planted() -> Result<(), Failed> {
    let program = Program::new()?;
    let (options, _) = read_files(&program, |path| path.starts_with("aws/"))?;
    let answer = program.ask(&["database-connections", "--evidence", "observed"])?;
    let truth = scenario::truth(&options);
    expect("planted", truth.sql_server.len(), 4)?;
    for host in &truth.sql_server {
        let of =
            |list: &str| rows(&answer, list).iter().find(|one| one["name"] == host.name.as_str());
        let found = of("databases").and_then(|one| one["confidence"].as_str());
        let expected = match host.shown_by.as_str() {
            "code" => Some("certain"),
            "name" => Some("low"),
            _ => None,
        };
        expect(&host.name, found, expected)?;
        let is_undetermined = of("undetermined_hosts").is_some();
        expect(&host.name, is_undetermined, expected.is_none())?;
    }
    Ok(())
}

fn edges() -> Result<(), Failed> {
    let program = Program::new()?;
    for as_of in [None, Some("1999-01-01")] {
        let mut command = vec!["database-connections"];
        command.extend(as_of.into_iter().flat_map(|at| ["--as-of", at]));
        let answer = program.ask(&command)?;
        expect("databases", answer["summary"]["databases"].as_u64(), Some(0))?;
    }
    let ran = program.run(&["ask", "database-connections", "--database", "nowhere"])?;
    expect(&format!("an unknown database: {}", ran.stderr), ran.code != 0, true)?;
    let folder = tempfile::tempdir()?;
    let database = json!({"DBInstances": [{
        "DBInstanceIdentifier": "orders",
        "DBInstanceArn": "arn:aws:rds:us-east-1:111122223333:db:orders",
        "Engine": "postgres",
        "EngineVersion": "16.3",
        "DBParameterGroups": [{"DBParameterGroupName": "orders-pg"}]
    }]});
    let parameters = |value: &str| {
        json!({"Parameters": [
            {"ParameterName": "max_connections", "ParameterValue": value},
            {"ParameterName": "work_mem", "ParameterValue": "4096"}
        ]})
    };
    let region = folder.path().join("us-east-1");
    let of_group = region.join("rds-describe-db-parameters");
    std::fs::create_dir_all(&of_group)?;
    let identity = json!({
        "UserId": "AIDA", "Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/a"
    });
    std::fs::write(folder.path().join("sts-get-caller-identity.json"), identity.to_string())?;
    std::fs::write(region.join("rds-describe-db-instances.json"), database.to_string())?;
    for (value, limit, formula) in [
        ("LEAST({DBInstanceClassMemory/9531392},5000)", Value::Null, true),
        ("400", json!(400.0), false),
    ] {
        std::fs::write(of_group.join("orders-pg"), parameters(value).to_string())?;
        program.json(&["ingest", &folder.path().display().to_string()])?;
        let answer = program.ask(&["database-connections", "--database", "orders"])?;
        let connections = &rows(&answer, "databases")[0]["connections"];
        expect(value, &connections["limit"]["value"], &limit)?;
        let shown = connections["limit_formula"].as_str();
        expect("formula", shown, formula.then_some(value))?;
    }
    Ok(())
}
