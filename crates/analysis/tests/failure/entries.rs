//! Entry points: where requests enter.

use analysis::failure::Options;
use model::kind::EntityKind as K;
use model::kind::RelationKind as R;
use serde_json::json;

use super::written::Paper;

/// A service behind an internet-facing load balancer is entered; one behind an internal load balancer
/// or a Service of type ClusterIP is not. What only calls, such as a load generator, is never entered.
#[test]
fn only_what_faces_outside_is_entered() {
    let mut paper = Paper::default();
    for (name, scheme) in [("open", "internet-facing"), ("inner", "internal")] {
        let service = paper.add(K::Service, name);
        let door = paper.with(
            K::KubernetesService,
            &format!("{name}-door"),
            json!({"type": "LoadBalancer"}),
        );
        let balancer =
            paper.with(K::LoadBalancer, &format!("{name}-lb"), json!({"scheme": scheme}));
        paper.relate(service, R::ServedThrough, door);
        paper.relate(door, R::ServedThrough, balancer);
    }
    let client = paper.add(K::Service, "prober");
    let open = paper.entities.iter().position(|one| one.name == "open").unwrap() as u32;
    paper.relate(client, R::Calls, open);
    let asked = paper.model();
    assert_eq!(asked.entries(), ["open"]);
    // The entry fails with every way in, and the service stands.
    assert_eq!(asked.fails(&["open-lb"]), ["→ open"]);
}

/// Telemetry's roots count where nothing is exposed, in that environment only; what the configuration
/// names counts before both.
#[test]
fn configuration_counts_before_routes_and_routes_before_roots() {
    let mut paper = Paper::default();
    for environment in ["production", "staging"] {
        for name in ["web", "batch"] {
            paper.add(K::Service, &format!("service://{environment}/shop/{name}"));
        }
    }
    let door = paper.with(K::KubernetesService, "door", json!({"type": "NodePort"}));
    paper.relate(0, R::ServedThrough, door);
    let all = |estate: &analysis::estate::Estate| estate.of_kind(K::Service).collect::<Vec<_>>();
    let rooted = paper.model_with(|estate| Options { rooted: all(estate), ..Options::default() });
    assert_eq!(
        rooted.entries(),
        [
            "service://production/shop/web",
            "service://staging/shop/batch",
            "service://staging/shop/web"
        ]
    );
    let configured = paper.model_with(|estate| Options {
        configured: vec![estate.find("service://production/shop/batch").unwrap()],
        ..Options::default()
    });
    assert_eq!(configured.entries(), ["service://production/shop/batch"]);
}

/// A workload that runs by schedule is an entry point of kind job.
#[test]
fn a_scheduled_job_is_an_entry_of_its_own_kind() {
    let mut paper = Paper::default();
    let (_, workload) = paper.workload("settle", 1, &[]);
    paper.entities[workload as usize].properties.insert("controller".into(), "CronJob".into());
    let asked = paper.model();
    assert_eq!(asked.entries(), ["settle"]);
    assert_eq!(asked.0.entries()[0].kind, analysis::failure::EntryKind::Job);
    assert!(asked.risks().is_empty());
}
