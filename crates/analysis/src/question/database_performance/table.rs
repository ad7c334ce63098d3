//! The tables of `database_performance`.

use model::table::{Cell, Table};
use serde_json::json;

use super::shape::{DatabasePerformance, DatabasePerformanceAnswer};

/// Columns of the databases.
const DATABASE_COLUMNS: [(&str, &str, Cell, &str); 41] = [
    ("status", "Status", Cell::Text, ""),
    ("name", "Name", Cell::Text, ""),
    ("reason", "Why", Cell::Text, ""),
    ("engine", "Engine", Cell::Text, ""),
    ("open_max", "Connections", Cell::Number, ""),
    ("limit", "Limit", Cell::Number, ""),
    ("cpu", "CPU", Cell::Number, "1"),
    ("memory", "Memory", Cell::Number, "1"),
    ("reads", "Reads", Cell::Number, "/s"),
    ("writes", "Writes", Cell::Number, "/s"),
    ("read_throughput", "Read", Cell::Number, "By/s"),
    ("write_throughput", "Written", Cell::Number, "By/s"),
    ("read_latency", "Read latency", Cell::Number, "s"),
    ("write_latency", "Write latency", Cell::Number, "s"),
    ("queries", "Queries", Cell::Number, "/s"),
    ("transactions", "Transactions", Cell::Number, "/s"),
    ("replica_lag", "Lag", Cell::Number, "s"),
    ("cache_hit", "Cache hit", Cell::Number, "1"),
    ("page_life", "Page life", Cell::Number, "s"),
    ("locks", "Locks", Cell::Number, ""),
    ("blocked_max", "Blocked", Cell::Number, ""),
    ("lock_waits", "Lock waits", Cell::Number, "/s"),
    ("deadlocks", "Deadlocks", Cell::Number, ""),
    ("deadlock_rate", "Deadlocks", Cell::Number, "/s"),
    ("storage_used", "Used", Cell::Number, "By"),
    ("storage_free", "Free", Cell::Number, "By"),
    ("storage_size", "Size", Cell::Number, "By"),
    ("storage_share", "Full", Cell::Number, "1"),
    ("volume", "Volume", Cell::Text, ""),
    ("days_until_full", "Full in", Cell::Number, "d"),
    ("days_low", "Earliest", Cell::Number, "d"),
    ("days_high", "Latest", Cell::Number, "d"),
    ("horizon_days", "Looked ahead", Cell::Number, "d"),
    ("coverage", "Interval held", Cell::Number, "1"),
    ("slow_statements", "Slow statements", Cell::Number, ""),
    ("clients", "Clients", Cell::Count, ""),
    ("newest", "Newest value", Cell::Instant, ""),
    ("hosting", "Hosting", Cell::Text, ""),
    ("version", "Version", Cell::Text, ""),
    ("owner", "Owner", Cell::Text, ""),
    ("id", "Id", Cell::Text, ""),
];

impl DatabasePerformanceAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            self.database_table(),
            self.check_table(),
            self.part_table(),
            self.wait_table(),
            self.statement_table(),
            self.client_table(),
            self.source_table(),
            self.limit_table(),
            self.summary_table(),
        ]
    }

    fn database_table(&self) -> Table {
        let row = |one: &DatabasePerformance| {
            let (locks, space) = (&one.locks, &one.space);
            vec![
                json!(one.status),
                json!(one.name),
                json!(one.reason),
                json!(one.engine),
                json!(one.connections.open_max.value),
                json!(one.connections.limit.value),
                json!(one.cpu.value),
                json!(one.memory.value),
                json!(one.reads.value),
                json!(one.writes.value),
                json!(one.read_throughput.value),
                json!(one.write_throughput.value),
                json!(one.read_latency.value),
                json!(one.write_latency.value),
                json!(one.queries.value),
                json!(one.transactions.value),
                json!(one.replica_lag.value),
                json!(one.cache_hit.value),
                json!(one.page_life.value),
                json!(locks.held.value),
                json!(locks.blocked_max.value),
                json!(locks.waits.value),
                json!(locks.deadlocks.value),
                json!(locks.deadlock_rate.value),
                json!(space.used.value),
                json!(space.free.value),
                json!(space.size.value),
                json!(space.share.value),
                json!(space.volume),
                json!(space.full.days.value),
                json!(space.full.days_low),
                json!(space.full.days_high),
                json!(space.full.horizon_days),
                json!(space.full.coverage),
                json!(one.slow_statements.value),
                json!(one.clients),
                json!(one.newest),
                json!(one.hosting),
                json!(one.version),
                json!(one.owner),
                json!(one.id),
            ]
        };
        let rows = self.databases.iter().map(row).collect();
        Table { rows, ..Table::new("databases", &DATABASE_COLUMNS) }
    }

    fn check_table(&self) -> Table {
        let columns = [
            ("database", "Database", Cell::Text, ""),
            ("check", "Check", Cell::Text, ""),
            ("status", "Status", Cell::Text, ""),
            ("value", "Value", Cell::Number, ""),
            ("limit", "Limit", Cell::Number, ""),
            ("unit", "Unit", Cell::Text, ""),
        ];
        let rows = self.databases.iter().flat_map(|one| {
            one.checks.iter().map(|check| {
                vec![
                    json!(one.id),
                    json!(check.check),
                    json!(check.status),
                    json!(check.value),
                    json!(check.limit),
                    json!(check.unit),
                ]
            })
        });
        Table { rows: rows.collect(), ..Table::new("checks", &columns) }
    }

    fn part_table(&self) -> Table {
        let columns = [
            ("database", "Server", Cell::Text, ""),
            ("name", "Database", Cell::Text, ""),
            ("read_latency", "Read latency", Cell::Number, "s"),
            ("write_latency", "Write latency", Cell::Number, "s"),
            ("log_read_latency", "Log read latency", Cell::Number, "s"),
            ("log_write_latency", "Log write latency", Cell::Number, "s"),
            ("reads", "Reads", Cell::Number, "/s"),
            ("writes", "Writes", Cell::Number, "/s"),
            ("transactions", "Transactions", Cell::Number, "/s"),
            ("cache_hit", "Cache hit", Cell::Number, "1"),
            ("size", "Size", Cell::Number, "By"),
        ];
        let rows = self.parts.iter().map(|one| {
            vec![
                json!(one.database),
                json!(one.name),
                json!(one.read_latency.value),
                json!(one.write_latency.value),
                json!(one.log_read_latency.value),
                json!(one.log_write_latency.value),
                json!(one.reads.value),
                json!(one.writes.value),
                json!(one.transactions.value),
                json!(one.cache_hit.value),
                json!(one.size.value),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("parts", &columns) }
    }

    fn wait_table(&self) -> Table {
        let columns = [
            ("database", "Server", Cell::Text, ""),
            ("category", "Category", Cell::Text, ""),
            ("time", "Waited", Cell::Number, "s"),
            ("rate", "Waited", Cell::Number, "s/s"),
            ("count", "Waits", Cell::Number, ""),
            ("share", "Share", Cell::Number, "1"),
        ];
        let rows = self.waits.iter().map(|one| {
            vec![
                json!(one.database),
                json!(one.category),
                json!(one.time.value),
                json!(one.rate.value),
                json!(one.count.value),
                json!(one.share.value),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("waits", &columns) }
    }

    fn statement_table(&self) -> Table {
        let columns = [
            ("database", "Server", Cell::Text, ""),
            ("statement", "Statement", Cell::Text, ""),
            ("name", "Database", Cell::Text, ""),
            ("time", "Time", Cell::Number, "s"),
            ("calls", "Runs", Cell::Number, ""),
            ("mean", "A run", Cell::Number, "s"),
            ("share", "Share", Cell::Number, "1"),
            ("text", "Text", Cell::Text, ""),
        ];
        let rows = self.statements.iter().map(|one| {
            vec![
                json!(one.database),
                json!(one.statement),
                json!(one.name),
                json!(one.time.value),
                json!(one.calls.value),
                json!(one.mean.value),
                json!(one.share.value),
                json!(one.text),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("statements", &columns) }
    }

    fn client_table(&self) -> Table {
        let columns = [
            ("database", "Database", Cell::Text, ""),
            ("name", "Client", Cell::Text, ""),
            ("calls", "Calls", Cell::Count, ""),
            ("share", "Share", Cell::Number, "1"),
            ("call_rate", "Calls", Cell::Number, "/s"),
            ("error_ratio", "Failed", Cell::Number, "1"),
            ("latency_p50", "Median", Cell::Number, "s"),
            ("latency_p95", "95 %", Cell::Number, "s"),
            ("source", "Counted by", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let rows = self.clients.iter().map(|one| {
            vec![
                json!(one.database),
                json!(one.name),
                json!(one.calls),
                json!(one.share.value),
                json!(one.call_rate.value),
                json!(one.error_ratio.value),
                json!(one.latency_p50.value),
                json!(one.latency_p95.value),
                json!(one.source),
                json!(one.kind),
                json!(one.id),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("clients", &columns) }
    }

    fn source_table(&self) -> Table {
        let columns = [
            ("database", "Database", Cell::Text, ""),
            ("source", "Source", Cell::Text, ""),
            ("newest", "Newest value", Cell::Instant, ""),
            ("age_seconds", "Age", Cell::Number, "s"),
            ("signals", "Signals", Cell::Text, ""),
        ];
        let rows = self.sources.iter().map(|one| {
            vec![
                json!(one.database),
                json!(one.source),
                json!(one.newest),
                json!(one.age_seconds),
                json!(one.signals.join(", ")),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("sources", &columns) }
    }

    fn limit_table(&self) -> Table {
        let columns = [
            ("check", "Check", Cell::Text, ""),
            ("definition", "What is compared", Cell::Text, ""),
            ("warning", "Warning", Cell::Number, ""),
            ("critical", "Critical", Cell::Number, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("is_floor", "Low is bad", Cell::Flag, ""),
        ];
        let rows = self.limits.iter().map(|one| {
            vec![
                json!(one.check),
                json!(one.definition),
                json!(one.warning),
                json!(one.critical),
                json!(one.unit),
                json!(one.is_floor),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("limits", &columns) }
    }

    fn summary_table(&self) -> Table {
        let columns =
            [("status", "Status", Cell::Text, ""), ("count", "Databases", Cell::Count, "")];
        let counts = self.summary.by_status.iter();
        let rows = counts.map(|one| vec![json!(one.status), json!(one.count)]);
        Table { rows: rows.collect(), ..Table::new("summary", &columns) }
    }
}
