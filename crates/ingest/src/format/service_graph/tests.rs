//! Calls counted by other tools, prose first: each text is what a scrape of the tool prints.

use std::ops::ControlFlow;

use model::Batch;

use crate::InputContext;

fn read(text: &str) -> Batch {
    let context = InputContext { received_at: model::Micros(1), ..InputContext::default() };
    let mut all: Option<Batch> = None;
    crate::read("x.om", text.as_bytes(), &context, &mut |batch| {
        all = Some(batch);
        ControlFlow::Continue(())
    })
    .unwrap();
    all.unwrap()
}

/// `minute calls errors` of each counted minute, in order.
fn minutes(batch: &Batch) -> Vec<(i64, u64, u64)> {
    let minutes = batch.edges.iter();
    minutes.map(|one| (one.at.0 / 60_000_000, one.calls, one.errors)).collect()
}

#[test]
fn differences_of_a_total_are_calls_of_their_minutes() {
    // 28 333 333 minutes since 1970 begin at 1 699 999 980 s.
    let batch = read(
        "# TYPE traces_service_graph_request counter\n\
         traces_service_graph_request_total{client=\"a\",server=\"b\"} 100 1699999980\n\
         traces_service_graph_request_total{client=\"a\",server=\"b\"} 130 1700000010\n\
         traces_service_graph_request_total{client=\"a\",server=\"b\"} 160 1700000040\n\
         traces_service_graph_request_total{client=\"a\",server=\"b\"} 12 1700000100\n\
         # TYPE traces_service_graph_request_failed counter\n\
         traces_service_graph_request_failed_total{client=\"a\",server=\"b\"} 0 1699999980\n\
         traces_service_graph_request_failed_total{client=\"a\",server=\"b\"} 3 1700000040\n\
         # EOF\n",
    );
    // 60 in the first minute, three of them failed; then the total started anew and stands at 12.
    assert_eq!(minutes(&batch), [(28_333_333, 60, 3), (28_333_334, 12, 0)]);
    assert!(batch.relations.is_empty());
    assert!(batch.edges.iter().all(|edge| edge.is_scaled && !edge.is_asynchronous));
}

#[test]
fn one_scrape_says_that_calls_exist_and_not_how_many() {
    let batch = read(
        "traces_service_graph_request_total{client=\"a\",server=\"b\"} 100 1700000000\n\
         traces_service_graph_request_total{client=\"a\",server=\"c\"} 0 1700000000\n\
         # EOF\n",
    );
    assert!(batch.edges.is_empty());
    assert_eq!(batch.relations.len(), 1);
    assert_eq!(batch.relations[0].to.label(), "service://_/_/b");
    assert_eq!(batch.relations[0].started_at.unwrap().0, 1_700_000_000_000_000);
}

#[test]
fn what_both_proxies_report_is_not_added_twice() {
    let line = |reporter: &str, code: &str, value: u32, at: u32| {
        format!(
            "istio_requests_total{{reporter=\"{reporter}\",source_workload=\"web\",\
             source_workload_namespace=\"shop\",destination_workload=\"cart\",\
             destination_workload_namespace=\"shop\",response_code=\"{code}\"}} {value} {at}\n"
        )
    };
    let mut text = String::new();
    for (reporter, good, bad) in [("source", 50, 6), ("destination", 48, 4)] {
        for (code, more) in [("200", good), ("503", bad)] {
            text += &line(reporter, code, 10, 1_700_000_040);
            text += &line(reporter, code, 10 + more, 1_700_000_100);
        }
    }
    let batch = read(&(text + "# EOF\n"));
    assert_eq!(minutes(&batch), [(28_333_334, 56, 6)]);
    let key = "service-of:k8s://*/shop/deployment/cart";
    assert_eq!(batch.edges[0].server.candidates[0].all[0].as_str(), key);
}

#[test]
fn linkerd_and_hubble_name_both_ends() {
    let batch = read(
        "response_total{direction=\"outbound\",deployment=\"web\",namespace=\"emoji\",\
         dst_deployment=\"voting\",dst_namespace=\"emoji\",classification=\"failure\"} 1 1700000040\n\
         response_total{direction=\"outbound\",deployment=\"web\",namespace=\"emoji\",\
         dst_deployment=\"voting\",dst_namespace=\"emoji\",classification=\"failure\"} 4 1700000070\n\
         response_total{direction=\"inbound\",deployment=\"web\",namespace=\"emoji\"} 9 1700000070\n\
         hubble_http_requests_total{reporter=\"server\",source=\"shop/web\",\
         destination=\"shop/cart\",status=\"200\"} 1 1700000040\n\
         hubble_http_requests_total{reporter=\"server\",source=\"shop/web\",\
         destination=\"shop/cart\",status=\"200\"} 3 1700000070\n\
         # EOF\n",
    );
    assert_eq!(minutes(&batch), [(28_333_334, 3, 3), (28_333_334, 2, 0)]);
}

#[test]
fn durations_and_messages_are_kept() {
    let mut text = String::new();
    for (at, few, many) in [(1_700_000_040, 0, 0), (1_700_000_100, 8, 10)] {
        for (le, value) in [("0.1", few), ("+Inf", many)] {
            text += &format!(
                "traces_service_graph_request_server_seconds_bucket{{client=\"a\",server=\"b\",\
                 connection_type=\"messaging_system\",le=\"{le}\"}} {value} {at}\n"
            );
        }
    }
    let batch = read(&(text + "# EOF\n"));
    assert_eq!(batch.edges.len(), 1);
    let edge = &batch.edges[0];
    assert!(edge.is_asynchronous);
    assert_eq!(edge.server_seconds.iter().map(|(_, count)| count).sum::<u64>(), 10);
    assert!(edge.client_seconds.is_empty());
}
