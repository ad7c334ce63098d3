//! Signals: the canonical meanings of series, with their units.

/// A signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    /// Name with its unit at the end.
    pub name: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// What it is.
    pub meaning: &'static str,
}

const fn signal(name: &'static str, unit: &'static str, meaning: &'static str) -> Signal {
    Signal { name, unit, meaning }
}

/// All signals, in order of name. Ratios are 0 to 1. A counter's signal is its total; the rate is
/// computed on reading (`request_count` → requests per second).
pub const SIGNALS: &[Signal] = &[
    signal("blocked_count", "count", "sessions that wait for another's lock"),
    signal("cache_hit_count", "count", "reads that a cache answered, a counter"),
    signal("cache_hit_ratio", "1", "reads that a cache answered of all"),
    signal("cache_miss_count", "count", "reads that a cache could not answer, a counter"),
    signal("cache_request_count", "count", "reads asked of a cache, a counter"),
    signal("connection_count", "count", "open connections"),
    signal("connection_limit", "count", "most connections that are allowed"),
    signal("cpu_limit_cores", "cores", "CPU that may be used"),
    signal("cpu_seconds", "s", "CPU time used, a counter"),
    signal("cpu_throttled_seconds", "s", "time in which CPU was withheld, a counter"),
    signal("cpu_utilization_ratio", "1", "CPU used of what there is"),
    signal("deadlock_count", "count", "deadlocks, a counter"),
    signal("deadlock_rate", "/s", "deadlocks per second"),
    signal("disk_free_bytes", "By", "free space"),
    signal("disk_io_seconds", "s", "time spent on disk, a counter"),
    signal("disk_read_bytes", "By", "bytes read, a counter"),
    signal("disk_read_bytes_rate", "By/s", "bytes read per second"),
    signal("disk_size_bytes", "By", "size of the disk"),
    signal("disk_utilization_ratio", "1", "space used of what there is"),
    signal("disk_write_bytes", "By", "bytes written, a counter"),
    signal("disk_write_bytes_rate", "By/s", "bytes written per second"),
    signal("error_count", "count", "failed requests, a counter"),
    signal("error_ratio", "1", "failed requests of all"),
    signal("latency_seconds", "s", "duration of requests, a histogram or quantiles"),
    signal("lock_count", "count", "locks that are held or waited for"),
    signal("lock_wait_count", "count", "waits for a lock, a counter"),
    signal("lock_wait_rate", "/s", "waits for a lock per second"),
    signal("memory_available_bytes", "By", "memory that can still be used"),
    signal("memory_limit_bytes", "By", "memory that may be used"),
    signal("memory_size_bytes", "By", "memory there is"),
    signal("memory_used_bytes", "By", "memory in use (working set)"),
    signal("memory_utilization_ratio", "1", "memory used of what there is"),
    signal("network_error_count", "count", "network errors, a counter"),
    signal("network_receive_bytes", "By", "bytes received, a counter"),
    signal("network_receive_bytes_rate", "By/s", "bytes received per second"),
    signal("network_transmit_bytes", "By", "bytes sent, a counter"),
    signal("network_transmit_bytes_rate", "By/s", "bytes sent per second"),
    signal("page_life_seconds", "s", "how long a page stays in the buffer"),
    signal("query_count", "count", "queries, a counter"),
    signal("query_rate", "/s", "queries per second"),
    signal("queue_length", "count", "messages waiting"),
    signal("read_latency_seconds", "s", "duration of a read"),
    signal("read_operation_count", "count", "reads of storage, a counter"),
    signal("read_operation_rate", "/s", "reads of storage per second"),
    signal("read_seconds", "s", "time spent reading from storage, a counter"),
    signal("ready_ratio", "1", "1 when ready, 0 when not"),
    signal("replica_lag_seconds", "s", "how far a replica is behind"),
    signal("request_count", "count", "requests, a counter"),
    signal("request_rate", "/s", "requests per second"),
    signal("restart_count", "count", "restarts, a counter"),
    signal("saturation_ratio", "1", "how full the scarcest resource is"),
    signal("slow_statement_count", "count", "statements slower than the server's limit, a counter"),
    signal("statement_count", "count", "runs of one statement, a counter"),
    signal("statement_seconds", "s", "time spent in one statement, a counter"),
    signal("storage_used_bytes", "By", "space that a database takes"),
    signal("transaction_count", "count", "transactions, a counter"),
    signal("transaction_rate", "/s", "transactions per second"),
    signal("up_ratio", "1", "1 when the target answers, 0 when not"),
    signal("wait_count", "count", "waits by category, a counter"),
    signal("wait_rate", "s/s", "time waited per second by category"),
    signal("wait_seconds", "s", "time waited by category, a counter"),
    signal("write_latency_seconds", "s", "duration of a write"),
    signal("write_operation_count", "count", "writes to storage, a counter"),
    signal("write_operation_rate", "/s", "writes to storage per second"),
    signal("write_seconds", "s", "time spent writing to storage, a counter"),
];

/// The signal of this name.
pub fn signal_of(name: &str) -> Option<&'static Signal> {
    SIGNALS.iter().find(|signal| signal.name == name)
}
