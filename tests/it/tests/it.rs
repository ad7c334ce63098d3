//! One binary for every test that needs a store, the built program or the whole repository. Each
//! module gives its trials; a trial that cannot run here is ignored, and its name ends with the
//! reason: `… [skipped: data set cost/focus-1.0 is absent]`.

mod application_architecture;
mod asking;
mod business_value;
mod cartography;
mod contract;
mod cost_analysis;
mod cost_delivery;
mod cost_views;
mod critical_paths;
mod database_connections;
mod database_performance;
mod decide;
mod eks_clusters;
mod fault_proxy;
mod faults;
mod formats;
mod graph_edges;
mod hostile;
mod incidents;
mod jobs;
mod larkfield;
mod latency_heatmap;
mod latency_matrix;
mod live;
mod neo4j_csv;
mod optimization;
mod people;
mod planted;
mod program;
mod redis_server;
mod report;
mod savings_candidates;
mod search;
mod security_events;
mod server;
mod service_dependencies;
mod service_trends;
mod soak;
mod store_accounts;
mod store_backup;
mod store_base;
mod store_copy;
mod store_neo4j;
mod store_postgres;
mod store_records;
mod store_sessions;
mod store_shared;
mod store_telemetry;
mod store_topology;
mod store_topology_reads;
mod suspects;
mod system_metrics;
mod tidy;
mod topology;
mod validation;

use libtest_mimic::{Arguments, Trial};

/// Every module's trials, in the order they are listed.
const MODULES: &[fn() -> Vec<Trial>] = &[
    store_base::trials,
    store_backup::trials,
    store_copy::trials,
    store_postgres::trials,
    store_records::trials,
    store_sessions::trials,
    store_shared::trials,
    store_accounts::trials,
    store_telemetry::trials,
    store_topology::trials,
    store_neo4j::trials,
    neo4j_csv::trials,
    store_topology_reads::trials,
    faults::trials,
    tidy::trials,
    topology::trials,
    service_dependencies::trials,
    latency_heatmap::trials,
    latency_matrix::trials,
    application_architecture::trials,
    system_metrics::trials,
    service_trends::trials,
    cost_analysis::trials,
    business_value::trials,
    report::trials,
    incidents::trials,
    cost_delivery::trials,
    cost_views::trials,
    eks_clusters::trials,
    database_connections::trials,
    database_performance::trials,
    critical_paths::trials,
    formats::trials,
    cartography::trials,
    decide::trials,
    savings_candidates::trials,
    security_events::trials,
    suspects::trials,
    planted::trials,
    larkfield::trials,
    optimization::trials,
    validation::trials,
    asking::trials,
    search::trials,
    server::trials,
    people::trials,
    hostile::trials,
    graph_edges::trials,
    jobs::trials,
    live::trials,
    soak::trials,
];

fn main() {
    let arguments = Arguments::from_args();
    let trials = MODULES.iter().flat_map(|trials| trials()).collect();
    libtest_mimic::run(&arguments, trials).exit();
}
