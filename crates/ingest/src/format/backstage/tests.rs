//! A catalog of a small shop, and files that are wrong.

use std::ops::ControlFlow;

use model::{Batch, EntityKind, RelationKind};
use proptest::prelude::*;

use crate::context::InputContext;

fn read(text: &str) -> Batch {
    let mut whole = None;
    crate::read("catalog-info.yaml", text.as_bytes(), &InputContext::default(), &mut |batch| {
        whole = Some(batch);
        ControlFlow::Continue(())
    })
    .unwrap();
    whole.unwrap()
}

const CATALOG: &str = r#"
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: cart
  description: keeps what is about to be bought
  annotations: { backstage.io/kubernetes-label-selector: "app=cart,tier=web" }
spec:
  type: service
  lifecycle: production
  owner: group:default/checkout-team
  system: checkout
  providesApis: [cart-api]
  consumesApis: [pricing-api]
  dependsOn: ["component:default/inventory", "resource:cart-cache"]
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: { name: checkout, title: Checkout }
spec: { owner: checkout-team, domain: shop }
---
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: { name: shop }
spec: { owner: retail }
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: checkout-team }
spec: { type: team, parent: retail, children: [], profile: { displayName: Checkout, email: c@x.example } }
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: retail }
spec: { type: business-unit, children: [checkout-team] }
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: { name: cart-cache }
spec: { type: redis, owner: checkout-team, system: checkout }
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: cart-api }
spec: { type: openapi, lifecycle: production, owner: checkout-team, definition: "" }
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: { name: ana }
spec: { memberOf: [checkout-team] }
"#;

#[test]
fn a_catalog_is_units_applications_products_and_declared_calls() {
    let batch = read(CATALOG);
    assert!(batch.rejects.is_empty(), "{:?}", batch.rejects);
    assert_eq!(batch.input.source, "backstage:component:default/cart");
    let ids: Vec<(&str, EntityKind)> =
        batch.entities.iter().map(|one| (one.id.as_str(), one.kind)).collect();
    assert_eq!(
        ids,
        [
            ("service://_/_/cart", EntityKind::Service),
            ("application://checkout", EntityKind::Application),
            ("product://shop", EntityKind::Product),
            ("org://team/checkout-team", EntityKind::Team),
            ("org://business_unit/retail", EntityKind::BusinessUnit),
            ("catalog://default/resource/cart-cache", EntityKind::Cache),
        ]
    );
    let stated = batch.entities.iter().flat_map(|one| &one.relations).chain(&batch.relations);
    let mut relations: Vec<(String, RelationKind, String)> =
        stated.map(|one| (one.from.label(), one.kind, one.to.label())).collect();
    relations.sort();
    let text: Vec<String> =
        relations.iter().map(|(from, kind, to)| format!("{from} {kind} {to}")).collect();
    assert_eq!(
        text,
        [
            "application://checkout has_part service-name:cart",
            "org://business_unit/retail owns unit:checkout-team",
            "product://shop has_part application://checkout",
            "service-name:cart calls catalog-api:api:default/pricing-api",
            "service-name:cart calls catalog://default/resource/cart-cache",
            "service-name:cart calls service-name:inventory",
            "unit:checkout-team owns application://checkout",
            "unit:retail contains product://shop",
            "unit:retail owns org://team/checkout-team",
        ]
    );
    let claims: Vec<String> =
        batch.claims.iter().map(|one| format!("{} {}", one.key, one.to[0])).collect();
    assert_eq!(claims, ["catalog-api:api:default/cart-api service-name:cart"]);
}

#[test]
fn who_owns_a_component_owns_what_has_its_name_or_its_labels() {
    let batch = read(CATALOG);
    let rules: Vec<String> = batch
        .ownership
        .iter()
        .map(|rule| {
            let terms: Vec<String> =
                rule.terms.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let (owner, part) = (rule.owner.as_deref(), rule.application.as_deref());
            format!("{} {} {}", terms.join(";"), owner.unwrap_or("-"), part.unwrap_or("-"))
        })
        .collect();
    assert_eq!(
        rules,
        [
            "kind=service;name=cart unit:checkout-team application://checkout",
            "label.app=cart;label.tier=web unit:checkout-team application://checkout",
            "id=catalog://default/resource/cart-cache unit:checkout-team application://checkout",
        ]
    );
}

#[test]
fn resources_with_an_arn_are_that_resource_and_libraries_do_not_run() {
    let batch = read(
        r#"
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: { name: ledger, annotations: { aws.example/arn: "arn:aws:rds:eu-west-1:1:db:ledger" } }
spec: { type: database, owner: user:ana, dependencyOf: ["component:books", "system:x"] }
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: json-kit }
spec: { type: library, owner: core }
"#,
    );
    assert_eq!(batch.entities[0].id.as_str(), "arn:aws:rds:eu-west-1:1:db:ledger");
    assert_eq!((batch.entities.len(), batch.relations.len(), batch.ownership.len()), (1, 1, 0));
    assert_eq!(batch.relations[0].from.label(), "service-name:books");
}

#[test]
fn documents_that_are_wrong_are_rejects_that_name_the_field() {
    for (from, to, field) in [
        ("name: cart\n", "title: cart\n", "metadata.name"),
        ("dependsOn: [\"component", "dependsOn: [\"a b:component", "dependsOn"),
        ("consumesApis: [pricing-api]", "consumesApis: pricing-api", "consumesApis"),
        ("domain: shop", "domain: \"a//b\"", "domain"),
    ] {
        let text = CATALOG.replacen(from, to, 1);
        assert_ne!(text, CATALOG);
        let batch = read(&text);
        assert_eq!(batch.rejects.len(), 1, "{to}: {:?}", batch.rejects);
        assert!(batch.rejects[0].location.contains(field), "{}", batch.rejects[0].location);
    }
}

proptest! {
    #[test]
    fn no_file_panics(cut in 0_usize..1_600, noise in "[a-z:/\\-\\[\\]{} \n]{0,40}") {
        let cut = cut.min(CATALOG.len());
        let first = "apiVersion: backstage.io/v1alpha1\nkind: Location\n---";
        read(&format!("{first}{}{noise}\n{}", &CATALOG[..cut], &CATALOG[cut..]));
        read(&format!("{first}\napiVersion: backstage.io/v1alpha1\nkind: Component\n{noise}"));
    }
}
