//! Bytes that nobody should send: each gives a clear message, and the rest goes in.

use std::io::Write;
use std::ops::ControlFlow;

use ingest::{EnvelopeError, Limits, inspect, read_within};
use model::{EntityKind, RelationKind};
use proptest::prelude::*;

use crate::estate::{Estate, context};

const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"n",
    "uid":"u1","creationTimestamp":"0001-01-01T00:00:00Z"},
    "status":{"phase":"Failed","containerStatuses":[{"name":"c","state":{"terminated":
    {"finishedAt":"9999-12-31T23:59:59Z","reason":"Error"}}}]}}"#;

fn list(items: &[&str]) -> String {
    format!(r#"{{"apiVersion":"v1","kind":"List","metadata":{{}},"items":[{}]}}"#, items.join(","))
}

fn of(text: &str) -> Estate {
    Estate::of_text("x.json", text, &context("c"))
}

#[test]
fn an_unknown_kind_is_kept_and_counted() {
    let widget = r#"{"apiVersion":"acme.example/v1","kind":"Widget","metadata":{"name":"w",
        "namespace":"n"},"spec":{"replicas":"many","selector":[1]}}"#;
    let estate = of(&list(&[widget, POD]));
    assert_eq!(estate.rejects(), [""; 0]);
    let kept = estate.observed(EntityKind::Resource);
    assert_eq!(kept[0].id.as_str(), "k8s://c/n/widget.acme.example/w");
    assert_eq!(kept[0].properties["kubernetes_kind"], "Widget");
    assert_eq!(estate.observed(EntityKind::Pod).len(), 1);
}

#[test]
fn the_first_and_last_years_do_no_harm() {
    let estate = of(POD);
    let pod = estate.observed(EntityKind::Pod)[0];
    assert_eq!(pod.created_at, None);
    // Finished, and still an object of the cluster.
    assert_eq!(pod.ended_at, None);
    assert_eq!(pod.properties["phase"], "Failed");
    assert_eq!(pod.properties["terminated_reason"], "Error");
}

#[test]
fn a_label_of_a_mebibyte_is_left_out_and_said() {
    let long = "x".repeat(1 << 20);
    let pod =
        POD.replacen(r#""uid""#, &format!(r#""labels":{{"a":"b","long":"{long}"}},"uid""#), 1);
    let estate = of(&pod);
    assert_eq!(estate.observed(EntityKind::Pod)[0].labels.len(), 1);
    let rejects = estate.rejects();
    assert_eq!(rejects.len(), 1);
    assert!(rejects[0].contains("label long") && rejects[0].contains("1048576 bytes"));
}

#[test]
fn a_bad_object_is_one_reject_with_its_place() {
    let bad = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},
        "spec":{"replicas":"three"}}"#;
    let nameless = r#"{"apiVersion":"v1","kind":"Pod","metadata":{}}"#;
    let estate = of(&list(&[bad, nameless, POD, "7"]));
    let rejects = estate.rejects();
    assert_eq!(rejects.len(), 3, "{rejects:?}");
    assert!(rejects[0].contains("/items/0 (Deployment d)"), "{rejects:?}");
    assert!(rejects[1].contains("/items/1") && rejects[1].contains("metadata.name"));
    assert_eq!(estate.observed(EntityKind::Pod).len(), 1);
}

#[test]
fn a_truncated_list_gives_what_it_has() {
    let whole = list(&[POD, POD, POD]);
    let estate = of(&whole[..whole.len() - 200]);
    assert_eq!(estate.observed(EntityKind::Pod).len(), 2);
    assert!(estate.rejects()[0].contains("/items/2"), "{:?}", estate.rejects());
    assert!(estate.rejects()[0].contains("cut off"));
}

#[test]
fn a_list_that_goes_on_is_never_complete() {
    let mut flags = context("c");
    flags.complete = vec![model::input::Completeness {
        kind: EntityKind::Pod,
        class: String::new(),
        id_prefix: "k8s://c/".to_owned(),
    }];
    let complete = |text: &str| {
        let estate = Estate::of_text("x", text, &flags);
        estate.batches.iter().map(|batch| batch.completes.len()).sum::<usize>()
    };
    let whole = list(&[POD]);
    assert_eq!(complete(&whole), 1);
    for more in [r#"{"continue":"abc"}"#, r#"{"remainingItemCount":7}"#] {
        assert_eq!(complete(&whole.replacen("{}", more, 1)), 0, "{more}");
    }
    assert_eq!(complete(&whole[..whole.len() - 100]), 0);
    // An empty list of pods is complete too: it says that there are none.
    assert_eq!(complete(r#"{"apiVersion":"v1","kind":"PodList","items":[]}"#), 1);
    assert_eq!(complete(r#"{"apiVersion":"v1","kind":"ServiceList","items":[]}"#), 0);
}

#[test]
fn a_pod_finds_its_deployment_also_without_the_replica_set() {
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"cart-5d9f-x2","namespace":"n",
        "labels":{"pod-template-hash":"5d9f"},"ownerReferences":[{"apiVersion":"apps/v1",
        "kind":"ReplicaSet","name":"cart-5d9f","uid":"u","controller":true}]}}"#;
    let deployment = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"cart",
        "namespace":"n"}}"#;
    let pairs = of(&list(&[pod, deployment])).pairs(RelationKind::HasReplica);
    let expected = ("workload cart".to_owned(), "pod cart-5d9f-x2".to_owned());
    assert_eq!(pairs.into_iter().collect::<Vec<_>>(), [expected]);
}

#[test]
fn a_long_list_is_recognised_though_its_kind_comes_last() {
    let long = format!(r#""annotations":{{"a":"{}"}},"uid""#, "x".repeat(300_000));
    let pod = POD.replacen(r#""uid""#, &long, 1);
    let system = r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"kube-system",
        "uid":"uid-9"}}"#;
    let text = format!(r#"{{"apiVersion":"v1","items":[{pod},{system}],"kind":"List"}}"#);
    let estate = of(&text);
    assert_eq!(estate.observed(EntityKind::Pod)[0].id.as_str(), "k8s://uid-9/n/pod/p");
}

#[test]
fn secrets_never_show_a_value() {
    let secret = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"n",
        "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"hunter2"}},
        "data":{"password":"aHVudGVyMg=="},"stringData":{"plain":"hunter2"},"type":"Opaque"}"#;
    let deployment = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d",
        "namespace":"n"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i",
        "env":[{"name":"DB_PASSWORD","value":"hunter2"},
        {"name":"DB_URL","value":"postgres://user:hunter2@db:5432/x?password=hunter2"}]}]}}}}"#;
    let estate = of(&list(&[secret, deployment]));
    assert_eq!(estate.rejects(), [""; 0]);
    let all = serde_json::to_string(&estate.batches).unwrap();
    assert!(!all.contains("hunter2") && !all.contains("aHVudGVyMg"));
    assert!(all.contains("db:5432"));
}

#[test]
fn without_a_cluster_the_flag_is_asked_for() {
    let error = inspect("x.json", POD.as_bytes(), &ingest::InputContext::default()).unwrap_err();
    assert!(matches!(error, EnvelopeError::ContextMissing { flag: "--cluster", .. }));
    assert!(error.to_string().contains("--cluster is required"), "{error}");
}

#[test]
fn empty_unknown_and_broken_inputs_say_what_is_wrong() {
    let error = |bytes: &[u8]| inspect("x", bytes, &context("c")).unwrap_err().to_string();
    assert!(error(b"").contains("empty"));
    assert!(error(b" \n").contains("empty"));
    assert!(error(b"\x00\x01\x02").contains("accepted are"));
    assert!(error(br#"{"hello":1}"#).contains("hello"));
    let status = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"forbidden"}"#;
    assert!(of(status).rejects()[0].contains("forbidden"));
    let invalid =
        [br#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":""#.as_slice(), b"\xff\"}}"]
            .concat();
    let mut rejects = 0;
    ingest::read("x", &invalid, &context("c"), &mut |batch| {
        rejects += batch.rejects.len();
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(rejects, 1);
}

#[test]
fn json_nested_too_deep_is_a_reject() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let bomb =
        POD.replacen(r#""status""#, &format!(r#""spec":{{"containers":{deep}}},"status""#), 1);
    let estate = of(&list(&[&bomb, POD]));
    assert_eq!(estate.observed(EntityKind::Pod).len(), 1);
    assert_eq!(estate.rejects().len(), 1);
}

#[test]
fn packed_inputs_are_unpacked_within_bounds() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let read = |bytes: &[u8], limits: &Limits| {
        read_within("x.gz", bytes, &context("c"), limits, &mut |_| ControlFlow::Continue(()))
    };
    let packed = gzip(POD.as_bytes());
    let summary = read(&packed, &Limits::default()).unwrap();
    assert_eq!(summary.inputs[0].read["pod"], 1);
    let small = Limits { ratio: 100, ratio_from_bytes: 1 << 20, ..Limits::default() };
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(matches!(read(&bomb, &small), Err(EnvelopeError::Bomb { ratio: 100, .. })));
    let tight = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    assert!(matches!(read(&bomb, &tight), Err(EnvelopeError::TooLarge { .. })));
    assert!(matches!(
        read(&packed[..packed.len() / 2], &Limits::default()),
        Err(EnvelopeError::Archive { archive: "gzip", .. })
    ));
    let nested = gzip(&gzip(&gzip(&gzip(POD.as_bytes()))));
    assert!(matches!(read(&nested, &Limits::default()), Err(EnvelopeError::Malformed { .. })));
    let tiny = Limits { input_bytes: 10, ..Limits::default() };
    assert!(matches!(read(POD.as_bytes(), &tiny), Err(EnvelopeError::TooLarge { .. })));
}

#[test]
fn members_of_a_zip_are_inputs_of_their_own() {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in
        [("a/pod.json", POD), ("a/other.bin", "\u{1}nothing known"), ("b.json", POD)]
    {
        archive.start_file(name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    let mut batches = Vec::new();
    let summary = ingest::read("x.zip", &bytes, &context("c"), &mut |batch| {
        batches.push(batch);
        ControlFlow::Continue(())
    })
    .unwrap();
    let names: Vec<&str> = summary.inputs.iter().map(|one| one.record.name.as_str()).collect();
    assert_eq!(names, ["x.zip!a/pod.json", "x.zip!a/other.bin", "x.zip!b.json"]);
    assert_eq!(summary.inputs[1].rejects, 1);
    assert_eq!(batches.iter().filter(|batch| batch.is_last).count(), 3);
}

#[test]
fn yaml_documents_stand_alone() {
    let text = "# comment\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n\
        data: {CART_ADDR: 'cart:80', x.conf: 'b:1'}\n---\nkind: [broken\n---\n\
        apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec:\n  selector: {app: cart}\n  \
        ports: [{port: 80}]\n---\n{{ template }}\n";
    let estate = of(text);
    assert_eq!(estate.rejects().len(), 2, "{:?}", estate.rejects());
    assert!(estate.rejects()[0].contains("line 7"), "{:?}", estate.rejects());
    assert_eq!(estate.observed(EntityKind::KubernetesService).len(), 1);
}

#[test]
fn configuration_maps_lead_their_readers_to_what_they_name() {
    let text = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: shared}
data: {CART_ADDR: "cart:80", LEVEL: info, DB_HOST: db, DB_PORT: "5432"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: c, image: shop, envFrom: [{configMapRef: {name: shared}}]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: admin}
spec:
  template:
    metadata: {labels: {app: admin}}
    spec:
      containers:
      - name: c
        image: admin
        env: [{name: DB_HOST, valueFrom: {configMapKeyRef: {name: shared, key: CART_ADDR}}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: "postgres:17"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  template:
    metadata: {labels: {app: cart, tier: back}}
    spec: {containers: [{name: c, image: cart}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart}
spec: {selector: {app: cart, tier: back}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {selector: {app: db}, ports: [{port: 5432}]}
"#;
    let estate = of(text);
    assert_eq!(estate.rejects(), [""; 0]);
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let expected = [
        pair("service admin", "service cart"),
        pair("service shop", "database db"),
        pair("service shop", "service cart"),
    ];
    assert_eq!(estate.pairs(RelationKind::Calls).into_iter().collect::<Vec<_>>(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0..500_usize) {
        let whole = list(&[POD]);
        let starts = [&b""[..], b"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",", b"apiVersion: v1\nkind: Pod\n",
            &whole.as_bytes()[..at.min(whole.len())]];
        for start in starts {
            let all = [start, bytes.as_slice()].concat();
            let mut last = 0;
            let outcome = ingest::read("x", &all, &context("c"), &mut |batch| {
                last += usize::from(batch.is_last);
                ControlFlow::Continue(())
            });
            prop_assert_eq!(last, outcome.map_or(0, |summary| summary.inputs.len()));
        }
    }
}
