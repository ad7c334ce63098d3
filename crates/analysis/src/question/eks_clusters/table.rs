//! The tables of `eks_clusters`.

use model::table::{Cell, Table};
use serde_json::{Value, json};

use super::shape::{Cluster, EksClustersAnswer, NameCount};

impl EksClustersAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            self.cluster_table(),
            self.support_table(),
            self.compute_table(),
            self.resource_table(),
            self.count_table(),
            self.addon_table(),
            self.dependency_table(),
            self.readiness_table(),
            self.check_table(),
            self.dated_table(),
        ]
    }

    /// Rows of every cluster, each beginning with the cluster's name.
    fn rows(&self, of: impl Fn(&Cluster) -> Vec<Vec<Value>>) -> Vec<Vec<Value>> {
        let with_name = |cluster: &Cluster| {
            let name = json!(cluster.name);
            let begin = |row: Vec<Value>| std::iter::once(name.clone()).chain(row).collect();
            of(cluster).into_iter().map(begin).collect::<Vec<Vec<Value>>>()
        };
        self.clusters.iter().flat_map(with_name).collect()
    }

    fn cluster_table(&self) -> Table {
        let columns = [
            ("cluster", "Cluster", Cell::Text, ""),
            ("state", "Health", Cell::Text, ""),
            ("reasons", "Why", Cell::Text, ""),
            ("version", "Version", Cell::Text, ""),
            ("support", "Support", Cell::Text, ""),
            ("standard_support_end", "Standard support ends", Cell::Text, ""),
            ("extended_support_end", "Extended support ends", Cell::Text, ""),
            ("upgrade_policy", "Chosen policy", Cell::Text, ""),
            ("platform_version", "Platform", Cell::Text, ""),
            ("open_to_internet", "Endpoint open to internet", Cell::Flag, ""),
            ("authentication_mode", "Authentication", Cell::Text, ""),
            ("secrets_encryption", "Secrets encrypted", Cell::Flag, ""),
            ("nodes", "Nodes", Cell::Count, ""),
            ("ready_nodes", "Ready", Cell::Count, ""),
            ("pods", "Pods", Cell::Count, ""),
            ("restarts", "Restarts", Cell::Count, ""),
            ("cost", "Monthly cost, nodes and control plane", Cell::Text, ""),
            ("account", "Account", Cell::Text, ""),
            ("region", "Region", Cell::Text, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &Cluster| {
            let control = &one.control_plane;
            let support = control.support.as_ref();
            let money = one.cost.nodes.iter().chain(&one.cost.control_plane);
            let money: Vec<String> =
                money.filter_map(|sum| Some(format!("{} {}", sum.amount?, sum.currency))).collect();
            vec![
                json!(one.name),
                json!(one.health.state),
                json!(one.health.reasons.join("; ")),
                json!(control.version),
                json!(support.map(|support| support.status)),
                json!(support.and_then(|support| support.standard_support_end)),
                json!(support.and_then(|support| support.extended_support_end)),
                json!(control.upgrade_policy),
                json!(control.platform_version),
                json!(control.is_open_to_internet),
                json!(control.authentication_mode),
                json!(control.has_secrets_encryption),
                json!(one.nodes.total),
                json!(one.nodes.ready),
                json!(one.pods.total),
                json!(one.pods.restarts),
                json!((!money.is_empty()).then(|| money.join(" + "))),
                json!(one.account),
                json!(one.region),
                json!(one.owner),
                json!(one.id),
            ]
        };
        Table { rows: self.clusters.iter().map(row).collect(), ..Table::new("clusters", &columns) }
    }

    fn support_table(&self) -> Table {
        let columns =
            [("status", "Support", Cell::Text, ""), ("count", "EKS clusters", Cell::Count, "")];
        let row = |one: &super::shape::SupportCount| vec![json!(one.status), json!(one.count)];
        let rows = self.summary.by_support.iter().map(row).collect();
        Table { rows, ..Table::new("by_support", &columns) }
    }

    fn compute_table(&self) -> Table {
        let columns = [
            ("cluster", "Cluster", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("capacity_type", "Capacity", Cell::Text, ""),
            ("nodes", "Nodes", Cell::Count, ""),
            ("min", "Fewest", Cell::Count, ""),
            ("desired", "Wanted", Cell::Count, ""),
            ("max", "Most", Cell::Count, ""),
            ("instance_types", "Instance types", Cell::Text, ""),
            ("release_version", "Image", Cell::Text, ""),
            ("ami_lag_days", "Image behind", Cell::Count, "d"),
            ("ami_lag_releases", "Releases behind", Cell::Count, ""),
            ("ami_lag_reason", "Why no lag", Cell::Text, ""),
            ("status", "Status", Cell::Text, ""),
        ];
        let rows = self.rows(|cluster| {
            let row = |one: &super::shape::ComputeGroup| {
                vec![
                    json!(one.kind),
                    json!(one.name),
                    json!(one.capacity_type),
                    json!(one.nodes),
                    json!(one.min),
                    json!(one.desired),
                    json!(one.max),
                    json!(one.instance_types.join(", ")),
                    json!(one.release_version),
                    json!(one.ami_lag.map(|lag| lag.days)),
                    json!(one.ami_lag.map(|lag| lag.releases)),
                    json!(one.ami_lag_reason),
                    json!(one.status),
                ]
            };
            cluster.compute.iter().map(row).collect()
        });
        Table { rows, ..Table::new("compute", &columns) }
    }

    fn resource_table(&self) -> Table {
        let columns = [
            ("cluster", "Cluster", Cell::Text, ""),
            ("resource", "Resource", Cell::Text, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("capacity", "Capacity", Cell::Number, ""),
            ("allocatable", "Allocatable", Cell::Number, ""),
            ("requests", "Requests", Cell::Number, ""),
            ("limits", "Limits", Cell::Number, ""),
            ("used", "Used", Cell::Number, ""),
            ("used_from", "Measured at", Cell::Text, ""),
            ("pods_without_request", "Pods without request", Cell::Count, ""),
        ];
        let rows = self.rows(|cluster| {
            let row = |one: &super::shape::Resource| {
                vec![
                    json!(one.resource),
                    json!(one.capacity.unit),
                    json!(one.capacity.value),
                    json!(one.allocatable.value),
                    json!(one.requests.value),
                    json!(one.limits.value),
                    json!(one.used.value),
                    json!(one.used_from),
                    json!(one.pods_without_request),
                ]
            };
            cluster.resources.iter().map(row).collect()
        });
        Table { rows, ..Table::new("resources", &columns) }
    }

    fn count_table(&self) -> Table {
        let columns = [
            ("cluster", "Cluster", Cell::Text, ""),
            ("of", "Counted", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("count", "How many", Cell::Count, ""),
        ];
        let rows = self.rows(|cluster| {
            let lists: [(&str, &[NameCount]); 7] = [
                ("nodes by zone", &cluster.nodes.by_zone),
                ("nodes by kubelet", &cluster.nodes.by_kubelet),
                ("pods by phase", &cluster.pods.by_phase),
                ("pods by reason", &cluster.pods.reasons),
                ("workloads", &cluster.workloads),
                ("services", &cluster.services),
                ("findings", &cluster.findings),
            ];
            let row =
                |of: &str, one: &NameCount| vec![json!(of), json!(one.name), json!(one.count)];
            lists.iter().flat_map(|(of, all)| all.iter().map(move |one| row(of, one))).collect()
        });
        Table { rows, ..Table::new("counts", &columns) }
    }

    fn addon_table(&self) -> Table {
        let columns = [
            ("cluster", "Cluster", Cell::Text, ""),
            ("name", "Add-on", Cell::Text, ""),
            ("version", "Version", Cell::Text, ""),
            ("status", "Status", Cell::Text, ""),
            ("issues", "Problems", Cell::Text, ""),
        ];
        let rows = self.rows(|cluster| {
            let row = |one: &super::shape::Addon| {
                let issues = one.issues.join("; ");
                vec![json!(one.name), json!(one.version), json!(one.status), json!(issues)]
            };
            cluster.addons.iter().map(row).collect()
        });
        Table { rows, ..Table::new("addons", &columns) }
    }

    fn dependency_table(&self) -> Table {
        let columns = [
            ("cluster", "Cluster", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("relations", "By", Cell::Text, ""),
            ("dependents", "From", Cell::Count, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let rows = self.rows(|cluster| {
            let row = |one: &super::shape::Dependency| {
                let relations = one.relations.join(", ");
                vec![
                    json!(one.kind),
                    json!(one.name),
                    json!(relations),
                    json!(one.dependents),
                    json!(one.id),
                ]
            };
            cluster.depends_on.iter().map(row).collect()
        });
        Table { rows, ..Table::new("depends_on", &columns) }
    }

    fn readiness_table(&self) -> Table {
        let columns = [
            ("cluster", "Cluster", Cell::Text, ""),
            ("check", "Check", Cell::Text, ""),
            ("state", "State", Cell::Text, ""),
            ("detail", "What it says", Cell::Text, ""),
            ("subjects_total", "Things", Cell::Count, ""),
            ("subjects", "Which", Cell::Text, ""),
        ];
        let rows = self.rows(|cluster| {
            let row = |one: &super::shape::ReadinessCheck| {
                let subjects = one.subjects.join(", ");
                vec![
                    json!(one.check),
                    json!(one.state),
                    json!(one.detail),
                    json!(one.subjects_total),
                    json!(subjects),
                ]
            };
            cluster.readiness.iter().map(row).collect()
        });
        Table { rows, ..Table::new("readiness", &columns) }
    }

    fn check_table(&self) -> Table {
        let columns = [
            ("cluster", "Cluster", Cell::Text, ""),
            ("check", "Check", Cell::Text, ""),
            ("namespace", "Namespace", Cell::Text, ""),
            ("workload", "Workload", Cell::Text, ""),
            ("detail", "What was seen", Cell::Text, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("dismissed_by", "Dismissed by", Cell::Text, ""),
            ("dismissed_why", "Why", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let rows = self.rows(|cluster| {
            let row = |one: &super::shape::WorkloadCheck| {
                let dismissed = one.dismissed.as_ref();
                vec![
                    json!(one.check),
                    json!(one.namespace),
                    json!(one.workload),
                    json!(one.detail),
                    json!(one.owner),
                    json!(dismissed.map(|one| &one.author)),
                    json!(dismissed.map(|one| &one.reason)),
                    json!(one.id),
                ]
            };
            cluster.workload_checks.iter().map(row).collect()
        });
        Table { rows, ..Table::new("workload_checks", &columns) }
    }

    fn dated_table(&self) -> Table {
        Table { rows: crate::table::rows(&self.tables), ..crate::table::shape("dated_tables") }
    }
}
