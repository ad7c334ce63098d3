//! Compose files by hand, prose first.

use std::ops::ControlFlow;

use model::{Batch, EntityKind, RelationKind};

use crate::InputContext;

fn read(name: &str, text: &str) -> Batch {
    let mut all: Option<Batch> = None;
    let context = InputContext::default();
    crate::read(name, text.as_bytes(), &context, &mut |batch| {
        all = Some(batch);
        ControlFlow::Continue(())
    })
    .unwrap();
    all.unwrap()
}

/// `from → what the call names`, in order.
fn calls(batch: &Batch) -> Vec<String> {
    let relations = batch.entities.iter().flat_map(|entity| &entity.relations);
    let calls = relations.filter(|relation| relation.kind == RelationKind::Calls);
    let mut calls: Vec<String> =
        calls.map(|call| format!("{} → {}", call.from.label(), call.to.label())).collect();
    calls.sort();
    calls
}

const SHOP: &str = r#"
x-shared: &shared
  environment: { DB_HOST: db, DB_PORT: "5432" }
services:
  web:
    image: shop/web:1.2
    container_name: shop-web
    environment:
      - CART_ADDR=cart:7070
      - SELF=http://shop-web:80
      - PAYMENT_URL=${PAYMENT_URL:-https://pay.acme-bank.com}
      - LATER=${NOT_SET}
    depends_on: [cart]
    ports: ["8080:80"]
  cart:
    <<: *shared
    image: shop/cart
    depends_on:
      db: { condition: service_healthy }
      migrate: { condition: service_completed_successfully }
  db:
    image: postgres:16
  migrate:
    image: shop/migrate
"#;

#[test]
fn services_images_and_calls_are_read() {
    let batch = read("x/shop/compose.yaml", SHOP);
    assert!(batch.rejects.is_empty(), "{:?}", batch.rejects);
    let of = |kind: EntityKind| {
        let names = batch.entities.iter().filter(|one| one.kind == kind).map(|one| &one.name);
        let mut names: Vec<&str> = names.map(String::as_str).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(of(EntityKind::Workload), ["cart", "db", "migrate", "web"]);
    assert_eq!(of(EntityKind::Service), ["cart", "migrate", "web"]);
    assert_eq!(of(EntityKind::Database), ["db"]);
    // A merged mapping counts, what only runs before does not, neither does the container itself.
    assert_eq!(
        calls(&batch),
        [
            "service://_/shop/cart → endpoint:compose:/shop/db",
            "service://_/shop/web → endpoint:compose:/shop/cart",
            "service://_/shop/web → endpoint:compose:/shop/pay.acme-bank.com:443",
        ]
    );
}

#[test]
fn a_service_that_is_none_is_one_reject() {
    let batch = read("compose.yml", "services:\n  a:\n    image: x\n  b: 3\n");
    assert_eq!(batch.rejects.len(), 1);
    assert_eq!(batch.rejects[0].location, "services/b");
    assert!(batch.entities.iter().any(|entity| entity.name == "a"));
}

#[test]
fn other_yaml_with_services_is_not_taken() {
    for text in [
        "apiVersion: v1\nkind: Service\nservices:\n  a:\n    image: x\n",
        "services:\n  - name: a\n",
        "services: 3\n",
    ] {
        assert!(!super::is_file(text), "{text}");
    }
}

#[test]
fn defaults_are_filled_and_unknown_variables_stay() {
    let of = super::service::filled;
    assert_eq!(of("${A:-b}:${C-80}"), "b:80");
    assert_eq!(of("http://${HOST}:80"), "http://${HOST}:80");
    assert_eq!(of("a$$b $X ${"), "a$b $X ${");
}
