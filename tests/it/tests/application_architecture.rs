//! `application_architecture` on real manifests and traces: layers, stores and the rule that groups.

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, data, expect, with_data};

const BOUTIQUE: &str = "kubernetes/online-boutique";
const DAY: &str = "root-cause/online-boutique-2022-08-23";
const SOCK_SHOP: &str = "kubernetes/sock-shop";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("application_architecture::a_shop_has_layers", &[BOUTIQUE, DAY], layers),
        with_data("application_architecture::manifests_alone_say_much", &[SOCK_SHOP], manifests),
    ]
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn names(value: &Value) -> Vec<String> {
    let name = |one: &Value| Some(one.as_str()?.rsplit('/').next()?.to_owned());
    list(value).iter().filter_map(name).collect()
}

/// Requests enter at the frontend. Its longest ways: to the cart's store, the catalogue and the currency
/// service, which the checkout and the recommendations call.
fn layers() -> Result<(), Failed> {
    let program = Program::new()?;
    for input in [data(BOUTIQUE), data(DAY).join("traces.otlp.json")] {
        let input = input.display().to_string();
        let place = ["--cluster", "boutique", "--namespace", "online-boutique"];
        program.json(&[&["ingest"][..], &place[..], &[input.as_str()][..]].concat())?;
    }
    let answer = program.ask(&["application-architecture"])?;
    let applications = list(&answer["applications"]);
    expect("applications", applications.len(), 1)?;
    let shop = &applications[0];
    expect("rule", &shop["rule"], &"namespace".into())?;
    expect("entry points", names(&shop["entry_points"]), vec!["frontend".to_owned()])?;
    let layers = list(&shop["layers"]);
    expect("the first layer", names(&layers[0]), vec!["frontend".to_owned()])?;
    expect("layers", layers.len(), 3)?;
    let last = names(&layers[2]);
    let deepest = ["cartservice", "currencyservice", "emailservice", "paymentservice"];
    for service in deepest.iter().chain(&["productcatalogservice", "shippingservice"]) {
        expect(service, last.contains(&(*service).to_owned()), true)?;
    }
    // The load generator calls and is never called: it has no layer.
    expect("no layer", names(&shop["without_layer"]), vec!["loadgenerator".to_owned()])?;
    expect("store", names(&shop["stores"][0]["clients"]), vec!["cartservice".to_owned()])?;
    expect("not shared", &shop["stores"][0]["is_shared"], &false.into())?;
    expect("zones nobody said", list(&shop["zones"]).len(), 0)
}

fn manifests() -> Result<(), Failed> {
    let program = Program::new()?;
    let input = data(SOCK_SHOP).display().to_string();
    program.json(&["ingest", "--cluster", "sock", &input])?;
    let answer = program.ask(&["application-architecture"])?;
    let applications = list(&answer["applications"]);
    expect("an application", applications.is_empty(), false)?;
    for one in applications {
        let services = list(&one["services"]).len();
        let layered: usize = list(&one["layers"]).iter().map(|layer| list(layer).len()).sum();
        let without = list(&one["without_layer"]).len();
        expect("each service stands once", layered + without, services)?;
        expect("nothing is measured", one["health"]["healthy"].as_u64(), Some(0))?;
    }
    Ok(())
}
