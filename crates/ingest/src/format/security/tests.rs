//! Reports written by hand, with what they must say.

use std::ops::ControlFlow;

use model::Batch;
use model::scan::ScanBody;

use crate::InputContext;

fn read(name: &str, text: &str) -> Batch {
    let context = InputContext {
        received_at: model::Micros(1_791_000_000_000_000),
        cluster: Some("prod".to_owned()),
        ..InputContext::default()
    };
    let mut all: Option<Batch> = None;
    crate::read(name, text.as_bytes(), &context, &mut |batch| {
        match &mut all {
            Some(held) => {
                held.findings.extend(batch.findings);
                held.stated.extend(batch.stated);
                held.rejects.extend(batch.rejects);
            }
            None => all = Some(batch),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    all.unwrap()
}

fn scans(batch: &Batch) -> Vec<ScanBody> {
    batch.stated.iter().map(|one| one.says().unwrap()).collect()
}

#[test]
fn a_cluster_is_read_object_by_object_and_image_by_image() {
    let batch = read(
        "k8s.json",
        r#"{"ClusterName":"kind","Findings":[
          {"Namespace":"shop","Kind":"Deployment","Name":"cart",
           "Metadata":[{"RepoDigests":["ghcr.io/x/cart@sha256:aa"],"RepoTags":["ghcr.io/x/cart:1"]}],
           "Results":[
            {"Target":"Deployment/cart","Class":"config","Type":"kubernetes",
             "Misconfigurations":[{"ID":"KSV-0001","Severity":"MEDIUM","Status":"FAIL","Message":"m"},
                                  {"ID":"KSV-0002","Severity":"LOW","Status":"PASS"}]},
            {"Target":"ghcr.io/x/cart:1 (debian 12)","Class":"os-pkgs","Type":"debian",
             "Vulnerabilities":[{"VulnerabilityID":"CVE-2024-1","PkgName":"libc6",
              "InstalledVersion":"2.36-9","FixedVersion":"2.36-9+deb12u4","Severity":"HIGH",
              "VendorIDs":["DSA-1","GHSA-aaaa-bbbb-cccc"]}]}]},
          {"Namespace":"shop","Kind":"Deployment","Name":"lost","Error":"no access"}]}"#,
    );
    assert_eq!(batch.findings.len(), 2);
    assert_eq!(batch.rejects.len(), 1);
    let scans = scans(&batch);
    assert_eq!(scans.len(), 2);
    let object = scans.iter().find(|one| one.class == "misconfiguration").unwrap();
    assert_eq!(object.target, "k8s://prod/shop/deployment/cart");
    assert_eq!(object.items.len(), 1);
    let image = scans.iter().find(|one| one.class == "vulnerability").unwrap();
    assert_eq!(image.target, "image://ghcr.io/x/cart");
    assert_eq!(image.workload.as_deref(), Some("shop/deployment/cart"));
    assert_eq!(image.digest.as_deref(), Some("sha256:aa"));
    let item = &image.items[0];
    assert_eq!(item.weaknesses, ["CVE-2024-1", "GHSA-aaaa-bbbb-cccc"]);
    assert_eq!(item.ecosystem.as_deref(), Some("deb"));
}

#[test]
fn a_scan_that_found_nothing_is_stated_too() {
    let batch = read(
        "clean.json",
        r#"{"SchemaVersion":2,"CreatedAt":"2026-01-02T00:00:00Z","ArtifactName":"nginx:1",
            "ArtifactType":"container_image","Metadata":{"RepoTags":["nginx:1"]}}"#,
    );
    let scans = scans(&batch);
    assert_eq!((scans.len(), scans[0].is_complete), (1, true));
    assert_eq!(
        (scans[0].class.as_str(), scans[0].target.as_str()),
        ("vulnerability", "image://nginx")
    );
    assert_eq!(batch.stated[0].from.unwrap().to_string(), "2026-01-02T00:00:00Z");
}

#[test]
fn a_run_of_sarif_without_results_did_not_scan_and_an_empty_one_found_nothing() {
    let at = r#""versionControlProvenance":[{"repositoryUri":"https://github.com/a/b.git"}]"#;
    let run = |rest: &str| {
        format!(
            r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"X"}}}},{at}{rest}}}]}}"#
        )
    };
    assert!(read("none.sarif", &run("")).stated.is_empty());
    let empty = scans(&read("empty.sarif", &run(r#","results":[]"#)));
    assert_eq!((empty.len(), empty[0].is_complete), (1, true));
    assert_eq!(empty[0].target, "repository://github.com/a/b");
    let failed = run(r#","results":[],"invocations":[{"executionSuccessful":false}]"#);
    assert!(!scans(&read("failed.sarif", &failed))[0].is_complete);
}

#[test]
fn levels_of_sarif_come_from_result_override_rule_and_default_in_this_order() {
    let batch = read(
        "levels.sarif",
        r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"X","rules":[
            {"id":"A","defaultConfiguration":{"level":"error"}},{"id":"B"},
            {"id":"C","properties":{"security-severity":"9.8"}}]},
            "extensions":[{"name":"E","rules":[{"id":"Z","defaultConfiguration":{"level":"note"}}]}]},
          "invocations":[{"executionSuccessful":true,"ruleConfigurationOverrides":[
            {"descriptor":{"id":"B"},"configuration":{"level":"note"}}]}],
          "results":[{"ruleIndex":0,"message":{"text":"1"}},{"ruleId":"B","message":{"text":"2"}},
            {"ruleId":"C","message":{"text":"3"}},{"ruleId":"A/sub","message":{"text":"4"}},
            {"rule":{"index":0,"toolComponent":{"index":0}},"message":{"text":"5"}},
            {"ruleId":"unknown","message":{"text":"6"}},
            {"ruleId":"A","level":"none","message":{"text":"7"}},
            {"ruleId":"A","kind":"pass","message":{"text":"8"}}]}]}"#,
    );
    let seen: Vec<(&str, &str)> =
        batch.findings.iter().map(|one| (one.title.as_str(), one.severity.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("1", "high"),
            ("2", "low"),
            ("3", "critical"),
            ("4", "high"),
            ("5", "low"),
            ("6", "medium"),
            ("7", "unknown")
        ]
    );
}

#[test]
fn cyclonedx_says_what_it_found_and_what_applies() {
    let batch = read(
        "bom.json",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"timestamp":"2026-01-01T00:00:00Z",
            "component":{"bom-ref":"root","type":"container","name":"x",
             "purl":"pkg:oci/cart@sha256:aa?repository_url=ghcr.io/x/cart&tag=1"}},
          "components":[{"bom-ref":"p","name":"spring-beans","group":"org.springframework",
             "version":"5.3.15","purl":"pkg:maven/org.springframework/spring-beans@5.3.15"}],
          "vulnerabilities":[
            {"id":"CVE-1-1","affects":[{"ref":"p"}],"ratings":[{"severity":"critical"}],
             "recommendation":"Upgrade org.springframework:spring-beans to version 5.3.18"},
            {"id":"CVE-1-2","affects":[{"ref":"p"}],"analysis":{"state":"not_affected",
             "justification":"code_not_reachable","detail":"never called"}},
            {"id":"CVE-1-3","affects":[{"ref":"urn:cdx:0/1#pkg:npm/ws@8.0.0"}],
             "analysis":{"state":"false_positive"}}]}"#,
    );
    assert_eq!(batch.findings.len(), 2);
    assert_eq!(batch.findings[0].package, "org.springframework:spring-beans");
    assert_eq!(batch.findings[0].fixed_version.as_deref(), Some("5.3.18"));
    assert_eq!(batch.findings[1].status, "suppressed");
    let said: Vec<model::scan::Exclusion> = batch
        .stated
        .iter()
        .filter(|one| one.kind == model::stated::StatedKind::Exclusion)
        .map(|one| one.says().unwrap())
        .collect();
    assert_eq!(said.len(), 2);
    assert_eq!(said[0].target.as_deref(), Some("image://ghcr.io/x/cart"));
    assert_eq!(said[0].reason.as_deref(), Some("code_not_reachable: never called"));
    assert_eq!((said[1].package.as_str(), said[1].version.as_deref()), ("ws", Some("8.0.0")));
}

#[test]
fn openvex_is_a_statement_for_each_product_and_part() {
    let batch = read(
        "vex.json",
        r#"{"@context":"https://openvex.dev/ns/v0.2.0","author":"ann","timestamp":"2026-01-01T00:00:00Z",
          "statements":[{"vulnerability":{"name":"CVE-1-1","aliases":["GHSA-aaaa-bbbb-cccc"]},
            "status":"not_affected","justification":"vulnerable_code_not_present",
            "products":[{"@id":"pkg:oci/cart?repository_url=ghcr.io/x/cart",
               "subcomponents":[{"@id":"pkg:npm/%40a/b@1.0.0"}]}, {"@id":"pkg:golang/a.io/b@v1"}]},
            {"vulnerability":{"name":"CVE-1-2"},"status":"fixed"}]}"#,
    );
    let said: Vec<model::scan::Exclusion> =
        batch.stated.iter().map(|one| one.says().unwrap()).collect();
    assert_eq!(said.len(), 2);
    assert_eq!((said[0].package.as_str(), said[1].package.as_str()), ("@a/b", "a.io/b"));
    assert_eq!(said[0].target.as_deref(), Some("image://ghcr.io/x/cart"));
    assert_eq!(said[1].target, None);
    assert_eq!(batch.rejects.len(), 1);
}

#[test]
fn ocsf_events_say_themselves_whether_they_are_open() {
    let batch = read(
        "ocsf.ndjson",
        concat!(
            r#"{"class_uid":2002,"category_uid":2,"severity_id":4,"status_id":1,"time":1767225600000,"#,
            r#""finding_info":{"uid":"f1","title":"t","first_seen_time":1767225600000},"#,
            r#""resources":[{"uid":"arn:aws:ec2:eu-west-1:1:instance/i-1"}],"vulnerabilities":[{"#,
            r#""cve":{"uid":"CVE-1-1"},"affected_packages":[{"name":"a","version":"1"},{"name":"b"}]}]}"#,
            "\n",
            r#"{"class_uid":2003,"category_uid":2,"severity_id":3,"finding_info":{"uid":"f2","title":"t"},"#,
            r#""compliance":{"control":"S3.1","status_id":1},"resources":[{"uid":"arn:aws:s3:::b"}]}"#,
            "\n",
            r#"{"class_uid":4001,"category_uid":4}"#
        ),
    );
    let seen: Vec<(&str, &str)> = batch
        .findings
        .iter()
        .map(|one| (one.weaknesses[0].as_str(), one.status.as_str()))
        .collect();
    assert_eq!(seen, [("CVE-1-1", "open"), ("CVE-1-1", "open"), ("S3.1", "fixed")]);
    assert_eq!(batch.rejects.len(), 1);
}

#[test]
fn lists_of_weaknesses_are_statements() {
    let kev = read(
        "kev.csv",
        "cveID,vendorProject,product,vulnerabilityName,dateAdded,dueDate,knownRansomwareCampaignUse\n\
         CVE-2022-22965,VMware,Spring,Spring RCE,2022-04-04,2022-04-25,Unknown\n",
    );
    let known: model::scan::KnownExploited = kev.stated[0].says().unwrap();
    assert_eq!(known.due.unwrap().to_string(), "2022-04-25T23:59:59.999999Z");
    let epss = read(
        "epss.csv",
        "#model_version:v2025.03.14,score_date:2026-01-05T00:00:00+0000\ncve,epss,percentile\n\
         CVE-2022-22965,0.94,0.99\nCVE-2022-22001,0.1,0.2\nCVE-2022-1,0.01,0.02\n",
    );
    assert_eq!(epss.stated.len(), 2);
    let first: model::scan::ExploitLikelihood = epss.stated[1].says().unwrap();
    assert_eq!(first.scores["CVE-2022-22965"], (0.94, 0.99));
    assert_eq!(first.scores.len(), 2);
}

#[test]
fn findings_of_security_hub_are_read_as_list_and_as_event() {
    let finding = r#"{"SchemaVersion":"2018-10-08","Id":"f1","ProductArn":"arn:aws:securityhub:eu-west-1::product/aws/inspector",
        "ProductName":"Inspector","AwsAccountId":"1","Types":["Software and Configuration Checks/Vulnerabilities/CVE"],
        "Severity":{"Label":"HIGH"},"Title":"CVE-1-1 - a","Workflow":{"Status":"SUPPRESSED"},
        "Note":{"Text":"known","UpdatedBy":"ann"},"Resources":[{"Type":"AwsEc2Instance","Id":"arn:aws:ec2:eu-west-1:1:instance/i-1"}],
        "Vulnerabilities":[{"Id":"CVE-1-1","VulnerablePackages":[{"Name":"a","Version":"1","FixedInVersion":"2"}]}]}"#;
    let event = format!(
        r#"{{"detail-type":"Security Hub Findings - Imported","detail":{{"findings":[{finding}]}}}}"#
    );
    for text in [format!("[{finding}]"), event] {
        let batch = read("x.json", &text);
        assert_eq!(batch.findings.len(), 1);
        let found = &batch.findings[0];
        assert_eq!((found.status.as_str(), found.package.as_str()), ("suppressed", "a"));
        assert_eq!(found.labels.get("suppressed_by").map(String::as_str), Some("ann"));
    }
}
