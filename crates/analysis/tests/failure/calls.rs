//! Calls: needs, queues, cycles, environments, ways in.

use analysis::failure::Options;
use model::kind::EntityKind as K;
use model::kind::{Need, NeedSource, RelationKind as R};

use super::written::Paper;

/// A cycle of required calls: neither fails by the cycle alone, and each fails with the other.
#[test]
fn a_cycle_alone_never_fails() {
    let mut paper = Paper::default();
    let (one, two) = (paper.add(K::Service, "pricing"), paper.add(K::Service, "promotions"));
    let three = paper.add(K::Service, "shop");
    paper.needs(one, R::Calls, two, Need::Required);
    paper.needs(two, R::Calls, one, Need::Required);
    paper.needs(three, R::Calls, one, Need::Required);
    paper.relate(three, R::Calls, three);
    let asked = paper.model();
    assert_eq!(asked.fails(&[]), [""; 0]);
    assert_eq!(asked.fails(&["pricing"]), ["promotions", "shop"]);
    assert_eq!(asked.fails(&["promotions"]), ["pricing", "shop"]);
    assert_eq!(asked.fails(&["shop"]), [""; 0]);
}

/// Whether a call is optional, traces can prove: then its failure degrades the caller, and who needs
/// the caller degrades indirectly, at distance 1, and who needs that at distance 2. A need that nobody
/// knows carries failure, and is counted as assumed.
#[test]
fn an_optional_call_that_traces_prove_degrades() {
    let mut paper = Paper::default();
    let names = ["web", "shop", "catalogue", "reviews"];
    let [web, shop, catalogue, reviews] = names.map(|name| paper.add(K::Service, name));
    paper.needs(web, R::Calls, shop, Need::Required);
    paper.needs(shop, R::Calls, catalogue, Need::Required);
    paper.relate(catalogue, R::Calls, reviews);
    let asked = paper.model();
    assert_eq!(asked.fails(&["reviews"]), ["catalogue", "shop", "web"]);
    let outcome = asked.0.closure(&[asked.node("reviews")], analysis::failure::State::ByDesign);
    assert_eq!(outcome.assumed().len(), 1);
    assert_eq!(asked.0.assumed(), (3, 1));
    let proven = paper.model_with(|estate| {
        let ends = ["catalogue", "reviews"].map(|name| estate.find(name).unwrap());
        let needs = [((ends[0], ends[1]), (Need::Optional, NeedSource::Traces))];
        Options { needs: needs.into(), ..Options::default() }
    });
    assert_eq!(proven.fails(&["reviews"]), [""; 0]);
    assert_eq!(
        proven.degrades(&["reviews"]),
        [("catalogue".into(), 0), ("shop".into(), 1), ("web".into(), 2)]
    );
}

/// When a queue fails, the producer cannot publish and the consumer gets nothing: both degrade. When
/// the consumer fails, the producer goes on publishing and is not touched.
#[test]
fn a_queue_that_fails_is_not_a_consumer_that_fails() {
    let mut paper = Paper::default();
    let queue = paper.add(K::Queue, "events");
    let (orders, mail) = (paper.add(K::Service, "orders"), paper.add(K::Service, "mail"));
    let shop = paper.add(K::Service, "shop");
    paper.relate(orders, R::ConnectsTo, queue);
    paper.relate(mail, R::ConnectsTo, queue);
    paper.needs(shop, R::Calls, orders, Need::Required);
    let asked = paper.model();
    assert_eq!(asked.fails(&["events"]), [""; 0]);
    assert_eq!(
        asked.degrades(&["events"]),
        [("mail".into(), 0), ("orders".into(), 0), ("shop".into(), 1)]
    );
    assert_eq!(asked.fails(&["mail"]), [""; 0]);
    assert!(asked.degrades(&["mail"]).is_empty());
}

/// The same service runs in production and in staging: they are two, and what fails in staging does
/// not reach production.
#[test]
fn the_same_service_in_two_environments_is_two() {
    let mut paper = Paper::default();
    for environment in ["production", "staging"] {
        let id = |name: &str| format!("service://{environment}/shop/{name}");
        let web = paper.add(K::Service, &id("web"));
        let cart = paper.add(K::Service, &id("cart"));
        paper.needs(web, R::Calls, cart, Need::Required);
    }
    let asked = paper.model();
    let fails = asked.fails(&["service://staging/shop/cart"]);
    assert_eq!(fails, ["service://staging/shop/web"]);
}

/// A callee is reached through two Kubernetes Services. A caller whose endpoint names the first loses
/// the callee with it; one that names none keeps it through the second. The callee itself does not
/// fail with a way in.
#[test]
fn a_caller_loses_the_way_in_that_it_names() {
    let mut paper = Paper::default();
    let cart = paper.add(K::Service, "cart");
    for name in ["cart-a", "cart-b"] {
        let entrance = paper.add(K::KubernetesService, name);
        paper.entities[entrance as usize].scope.namespace = Some("shop".into());
        paper.relate(cart, R::ServedThrough, entrance);
    }
    let (named, unnamed) = (paper.add(K::Service, "named"), paper.add(K::Service, "unnamed"));
    paper.said(named, R::Calls, cart, "endpoint", "cart-a.shop.svc:8080".into());
    paper.relate(unnamed, R::Calls, cart);
    let asked = paper.model();
    assert_eq!(asked.fails(&["cart-a"]), ["named"]);
    assert_eq!(asked.fails(&["cart-b"]), [""; 0]);
    assert_eq!(asked.fails(&["cart-a", "cart-b"]), ["named", "unnamed"]);
}

/// A service that several workloads implement fails when all of them do; an application fails with all
/// its entry points, and degrades with any part.
#[test]
fn parts_degrade_a_product_and_all_its_entries_fail_it() {
    let mut paper = Paper::default();
    let product = paper.add(K::Product, "shop");
    let application = paper.add(K::Application, "storefront");
    paper.relate(product, R::HasPart, application);
    for name in ["web", "app"] {
        let service = paper.add(K::Service, name);
        paper.relate(application, R::HasPart, service);
        let door = paper.with(
            K::KubernetesService,
            &format!("{name}-door"),
            serde_json::json!({"type": "LoadBalancer"}),
        );
        paper.relate(service, R::ServedThrough, door);
    }
    let asked = paper.model();
    assert_eq!(asked.entries(), ["app", "web"]);
    assert_eq!(asked.fails(&["web"]), ["→ web"]);
    assert_eq!(asked.degrades(&["web"]), [("shop".into(), 0), ("storefront".into(), 0)]);
    assert_eq!(asked.fails(&["web", "app"]), ["shop", "storefront", "→ app", "→ web"]);
}
