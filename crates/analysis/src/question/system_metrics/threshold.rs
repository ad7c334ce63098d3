//! The limits of health: one readable table, used for judging and shown in the answer.

use model::kind::EntityKind;

use super::shape::{HealthCheck, Status, ThresholdRow};

/// One figure with its limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Threshold {
    pub check: HealthCheck,
    pub title: &'static str,
    pub definition: &'static str,
    pub unit: &'static str,
    pub warning: Option<f64>,
    pub critical: Option<f64>,
    /// Bad when low.
    pub is_floor: bool,
}

const fn ceiling(
    check: HealthCheck,
    title: &'static str,
    definition: &'static str,
    unit: &'static str,
    limits: (f64, Option<f64>),
) -> Threshold {
    let (warning, critical) = limits;
    Threshold { check, title, definition, unit, warning: Some(warning), critical, is_floor: false }
}

const fn figure(
    check: HealthCheck,
    title: &'static str,
    definition: &'static str,
    unit: &'static str,
) -> Threshold {
    Threshold { check, title, definition, unit, warning: None, critical: None, is_floor: false }
}

use HealthCheck as H;

pub(super) const UP: Threshold = Threshold {
    check: H::Readiness,
    title: "Up",
    definition: "whether every target answered at its latest try",
    unit: "1",
    warning: None,
    critical: Some(1.0),
    is_floor: true,
};
pub(super) const READY: Threshold = Threshold {
    check: H::Readiness,
    title: "Ready",
    definition: "whether it is ready, latest value",
    unit: "1",
    warning: Some(1.0),
    critical: None,
    is_floor: true,
};
pub(super) const RESTARTS: Threshold =
    ceiling(H::Readiness, "Restarts", "restarts in the window", "count", (1.0, Some(3.0)));
pub(super) const ERRORS: Threshold = ceiling(
    H::Errors,
    "Errors",
    "failed requests of all in the window; no verdict below 20 requests",
    "1",
    (0.01, Some(0.05)),
);
pub(super) const CPU: Threshold =
    ceiling(H::Cpu, "CPU", "CPU used of what there is, mean", "1", (0.8, Some(0.95)));
pub(super) const CPU_OF_LIMIT: Threshold = ceiling(
    H::Cpu,
    "CPU of limit",
    "CPU used of what is allowed, mean, of the container nearest to its limit",
    "1",
    (0.8, Some(0.95)),
);
pub(super) const THROTTLED: Threshold = ceiling(
    H::Saturation,
    "CPU withheld",
    "time in which CPU was withheld, per second",
    "1",
    (0.25, None),
);
pub(super) const MEMORY: Threshold = ceiling(
    H::Memory,
    "Memory",
    "memory used of what there is or is allowed, latest, of the container nearest to its limit",
    "1",
    (0.85, Some(0.95)),
);
pub(super) const DISK: Threshold = ceiling(
    H::Disk,
    "Disk",
    "space used of what there is, latest, fullest disk",
    "1",
    (0.8, Some(0.9)),
);
pub(super) const DISK_BUSY: Threshold = ceiling(
    H::Saturation,
    "Disk busy",
    "time in which the busiest disk worked, per second",
    "1",
    (0.8, Some(0.95)),
);
pub(super) const NETWORK_ERRORS: Threshold =
    ceiling(H::Network, "Network errors", "errors per second", "/s", (1.0, None));
pub(super) const SATURATION: Threshold = ceiling(
    H::Saturation,
    "Saturation",
    "how full the scarcest resource is, latest",
    "1",
    (0.8, Some(0.95)),
);
pub(super) const CONNECTIONS: Threshold = ceiling(
    H::Saturation,
    "Connections",
    "open connections of those allowed, latest",
    "1",
    (0.8, Some(0.95)),
);
pub(super) const REPLICA_LAG: Threshold = ceiling(
    H::Saturation,
    "Replica lag",
    "how far the replica farthest behind is, latest",
    "s",
    (30.0, Some(300.0)),
);
pub(super) const STATE: Threshold =
    figure(H::Readiness, "State", "state that the newest inventory gives", "");
pub(super) const CPU_CORES: Threshold = figure(H::Cpu, "CPU used", "CPU used, mean", "cores");
pub(super) const MEMORY_BYTES: Threshold =
    figure(H::Memory, "Memory used", "memory used, latest", "By");
pub(super) const DISK_READ: Threshold = figure(H::Disk, "Disk read", "bytes read", "By/s");
pub(super) const DISK_WRITE: Threshold = figure(H::Disk, "Disk write", "bytes written", "By/s");
pub(super) const READ_LATENCY: Threshold =
    figure(H::Disk, "Read latency", "duration of a read, mean", "s");
pub(super) const WRITE_LATENCY: Threshold =
    figure(H::Disk, "Write latency", "duration of a write, mean", "s");
pub(super) const RECEIVE: Threshold = figure(H::Network, "Receive", "bytes received", "By/s");
pub(super) const TRANSMIT: Threshold = figure(H::Network, "Transmit", "bytes sent", "By/s");
pub(super) const QUEUE: Threshold =
    figure(H::Saturation, "Queue", "messages waiting, latest", "count");
pub(super) const REQUESTS: Threshold = figure(H::Traffic, "Requests", "requests per second", "/s");
pub(super) const P50: Threshold = figure(H::Latency, "p50", "median duration of requests", "s");
pub(super) const P95: Threshold =
    figure(H::Latency, "p95", "95 % of requests take at most this long", "s");
pub(super) const P99: Threshold =
    figure(H::Latency, "p99", "99 % of requests take at most this long", "s");
pub(super) const REPORTED: Threshold =
    figure(H::Latency, "Latency", "quantiles as senders reported them, never merged", "s");

/// Every figure with a limit, in the order shown.
const LIMITS: [Threshold; 14] = [
    UP,
    READY,
    RESTARTS,
    ERRORS,
    CPU,
    CPU_OF_LIMIT,
    MEMORY,
    DISK,
    NETWORK_ERRORS,
    SATURATION,
    CONNECTIONS,
    THROTTLED,
    DISK_BUSY,
    REPLICA_LAG,
];

/// The table of limits.
pub(super) fn rows() -> Vec<ThresholdRow> {
    let row = |one: &Threshold| ThresholdRow {
        check: one.check,
        title: one.title.to_owned(),
        definition: one.definition.to_owned(),
        unit: one.unit.to_owned(),
        warning: one.warning,
        critical: one.critical,
        is_floor: one.is_floor,
    };
    LIMITS.iter().map(row).collect()
}

impl Threshold {
    /// The status of a value, and the limit that it passed, or the first that it did not.
    pub fn judge(&self, value: f64) -> (Option<Status>, Option<f64>) {
        let passes = |limit: f64| if self.is_floor { value < limit } else { value >= limit };
        match (self.critical, self.warning) {
            (Some(critical), _) if passes(critical) => (Some(Status::Critical), Some(critical)),
            (_, Some(warning)) if passes(warning) => (Some(Status::Warning), Some(warning)),
            (None, None) => (None, None),
            (critical, warning) => (Some(Status::Healthy), warning.or(critical)),
        }
    }
}

/// The word for a kind in a sentence.
pub(super) fn kind_word(kind: EntityKind) -> String {
    kind.as_str().replace('_', " ")
}

/// A value as people read it: ratios in percent with one decimal, the rest with three digits.
pub(super) fn shown(value: f64, unit: &str) -> String {
    match unit {
        "1" => format!("{} %", trimmed(value * 100.0, 1)),
        "By" | "By/s" => {
            let per = if unit == "By/s" { "/s" } else { "" };
            let scales = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
            let scale = scales.iter().find(|(size, _)| value.abs() >= *size);
            let (size, name) = scale.copied().unwrap_or((1.0, "B"));
            format!("{} {name}{per}", digits(value / size))
        }
        "s" if value.abs() < 1.0 => format!("{} ms", digits(value * 1e3)),
        "s" => format!("{} s", digits(value)),
        "count" => digits(value),
        _ => format!("{} {unit}", digits(value)),
    }
}

/// Three significant digits, whole numbers from a hundred on.
fn digits(value: f64) -> String {
    let places = match value.abs() {
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    trimmed(value, places)
}

fn trimmed(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    let text = if text == "-0" { "0".to_owned() } else { text };
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_inclusive_above_and_exclusive_below() {
        assert_eq!(ERRORS.judge(0.041), (Some(Status::Warning), Some(0.01)));
        assert_eq!(ERRORS.judge(0.05), (Some(Status::Critical), Some(0.05)));
        assert_eq!(ERRORS.judge(0.009_99), (Some(Status::Healthy), Some(0.01)));
        assert_eq!(UP.judge(1.0), (Some(Status::Healthy), Some(1.0)));
        assert_eq!(UP.judge(0.0), (Some(Status::Critical), Some(1.0)));
        assert_eq!(RECEIVE.judge(1e9), (None, None));
    }

    #[test]
    fn values_read_as_people_write_them() {
        assert_eq!(shown(0.041, "1"), "4.1 %");
        assert_eq!(shown(0.01, "1"), "1 %");
        assert_eq!(shown(0.0611, "s"), "61.1 ms");
        assert_eq!(shown(183.4, "/s"), "183 /s");
        assert_eq!(shown(210_767_872.0, "By"), "211 MB");
        assert_eq!(shown(-0.00001, "1"), "0 %");
    }
}
