//! What the inputs of one run say about each other.

use ingest::InputContext;
use ingest::context::{Seen, learn};

const NAMESPACES: &[u8] = br#"{"apiVersion":"v1","kind":"NamespaceList","items":[
    {"metadata":{"name":"default","uid":"d"}},{"metadata":{"name":"kube-system","uid":"uid-1"}}]}"#;

fn learned(files: &[(&str, &[u8])], flags: &InputContext) -> Vec<InputContext> {
    let seen: Vec<Seen<'_>> = files
        .iter()
        .map(|(path, bytes)| Seen { root: "r", path, bytes, file_time: None })
        .collect();
    learn(&seen, flags)
}

#[test]
fn a_cluster_is_known_in_its_folder_only() {
    let second = String::from_utf8(NAMESPACES.to_vec()).unwrap().replace("uid-1", "uid-2");
    let files: [(&str, &[u8]); 5] = [
        ("r/a/ns.json", NAMESPACES),
        ("r/a/x/pods.json", b"{}"),
        ("r/b/ns.json", second.as_bytes()),
        ("r/b/pods.json", b"{}"),
        ("r/pods.json", b"{}"),
    ];
    let uids: Vec<Option<String>> = learned(&files, &InputContext::default())
        .into_iter()
        .map(|context| context.cluster_uid)
        .collect();
    let uids: Vec<Option<&str>> = uids.iter().map(Option::as_deref).collect();
    assert_eq!(uids, [Some("uid-1"), Some("uid-1"), Some("uid-2"), Some("uid-2"), None]);
}

#[test]
fn a_uid_is_found_in_every_form_also_when_the_input_is_cut() {
    let yaml = b"apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  \
        name: kube-system\n  uid: uid-1\n";
    let single = br#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"kube-system",
        "uid":"uid-1"}}"#;
    let cut = &NAMESPACES[..NAMESPACES.len() - 2];
    for bytes in [&yaml[..], single, cut, NAMESPACES] {
        let found = &learned(&[("r/x", bytes)], &InputContext::default())[0];
        assert_eq!(found.cluster_uid.as_deref(), Some("uid-1"));
    }
}

#[test]
fn a_manifest_speaks_for_its_folder_and_flags_win() {
    let manifest = br#"{"ubiquitous_manifest":1,"cluster":"stated","namespace":"shop",
        "delivery":"d-7","complete":[{"kind":"pod","scope":"k8s://stated/"}]}"#;
    let files: [(&str, &[u8]); 3] =
        [("r/a/manifest.json", manifest), ("r/a/b/pods.json", b"{}"), ("r/pods.json", b"{}")];
    let flags = InputContext { namespace: Some("mine".to_owned()), ..InputContext::default() };
    let found = learned(&files, &flags);
    assert_eq!(found[1].cluster.as_deref(), Some("stated"));
    assert_eq!(found[1].namespace.as_deref(), Some("mine"));
    assert_eq!(found[1].delivery, "d-7");
    assert_eq!(found[1].complete.len(), 1);
    assert_eq!(found[2], flags);
    assert!(ingest::inspect("m", b"{\"ubiquitous_manifest\":2}", &flags).is_err());
}

#[test]
fn a_dump_says_what_it_listed_and_what_failed() {
    let version = br#"{"info":{"major":"1"},"string":"v1.23.5"}"#;
    let files: [(&str, &[u8]); 6] = [
        ("r/d/cluster-info/cluster_version.json", version),
        ("r/d/resources/namespaces.json", NAMESPACES),
        ("r/d/resources/pods/shop.json", b"{}"),
        ("r/d/resources/services/shop.json", b"{}"),
        ("r/d/resources/services-errors.json", b"[\"forbidden\"]"),
        ("r/d/resources/pods/logs/shop/p/c.log", b""),
    ];
    let found = learned(&files, &InputContext::default());
    let prefixes = |at: usize| -> Vec<&str> {
        found[at].complete.iter().map(|one| one.id_prefix.as_str()).collect()
    };
    assert_eq!(prefixes(1), ["k8s://uid-1/_/"]);
    assert_eq!(prefixes(2), ["k8s://uid-1/shop/"]);
    assert_eq!(prefixes(3), [""; 0]);
    assert!(ingest::inspect("c.log", b"", &found[5]).is_ok());
}
