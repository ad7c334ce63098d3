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
    signal("connection_count", "count", "open connections"),
    signal("connection_limit", "count", "most connections that are allowed"),
    signal("cpu_limit_cores", "cores", "CPU that may be used"),
    signal("cpu_seconds", "s", "CPU time used, a counter"),
    signal("cpu_throttled_seconds", "s", "time in which CPU was withheld, a counter"),
    signal("cpu_utilization_ratio", "1", "CPU used of what there is"),
    signal("disk_free_bytes", "By", "free space"),
    signal("disk_io_seconds", "s", "time spent on disk, a counter"),
    signal("disk_read_bytes", "By", "bytes read, a counter"),
    signal("disk_size_bytes", "By", "size of the disk"),
    signal("disk_utilization_ratio", "1", "space used of what there is"),
    signal("disk_write_bytes", "By", "bytes written, a counter"),
    signal("error_count", "count", "failed requests, a counter"),
    signal("error_ratio", "1", "failed requests of all"),
    signal("latency_seconds", "s", "duration of requests, a histogram or quantiles"),
    signal("memory_available_bytes", "By", "memory that can still be used"),
    signal("memory_limit_bytes", "By", "memory that may be used"),
    signal("memory_size_bytes", "By", "memory there is"),
    signal("memory_used_bytes", "By", "memory in use (working set)"),
    signal("memory_utilization_ratio", "1", "memory used of what there is"),
    signal("network_error_count", "count", "network errors, a counter"),
    signal("network_receive_bytes", "By", "bytes received, a counter"),
    signal("network_transmit_bytes", "By", "bytes sent, a counter"),
    signal("network_receive_bytes_rate", "By/s", "bytes received per second"),
    signal("network_transmit_bytes_rate", "By/s", "bytes sent per second"),
    signal("queue_length", "count", "messages waiting"),
    signal("read_latency_seconds", "s", "duration of a read"),
    signal("ready_ratio", "1", "1 when ready, 0 when not"),
    signal("replica_lag_seconds", "s", "how far a replica is behind"),
    signal("request_count", "count", "requests, a counter"),
    signal("request_rate", "/s", "requests per second"),
    signal("restart_count", "count", "restarts, a counter"),
    signal("saturation_ratio", "1", "how full the scarcest resource is"),
    signal("up_ratio", "1", "1 when the target answers, 0 when not"),
    signal("write_latency_seconds", "s", "duration of a write"),
];

/// The signal of this name.
pub fn signal_of(name: &str) -> Option<&'static Signal> {
    SIGNALS.iter().find(|signal| signal.name == name)
}
