//! A metric that was asked for, as a series: its name is the one that CloudWatch's exporters for
//! Prometheus give it (`aws_rds_cpuutilization_average`), so that one table of signals knows both.

use model::entity::Labels;
use model::series::{SeriesObservation, SeriesType};

use xxhash_rust::xxh3::xxh3_64;

use super::subject;
use crate::format::aws::place_of;
use crate::format::prometheus::open;
use crate::format::subject::unattached;
use crate::input::Input;

/// What a series of a response is about, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// `AWS/RDS`.
    pub namespace: Option<String>,
    /// `CPUUtilization`.
    pub metric: Option<String>,
    /// Names and values.
    pub dimensions: Vec<(String, String)>,
    /// Seconds.
    pub period: Option<u64>,
    /// `Average`, `Sum`, `p99`.
    pub statistic: Option<String>,
    /// Account of a request across accounts.
    pub account: Option<String>,
    /// Id of the result when nothing else tells what it is.
    pub id: Option<String>,
    /// What was computed of other metrics.
    pub expression: Option<String>,
}

impl Asked {
    /// The series without points, and whether it is about something that its request names.
    pub fn series(&self, unit: Option<String>, input: &Input<'_>) -> (SeriesObservation, bool) {
        let mut place = place_of(input.context);
        if let Some(account) = &self.account {
            place.account = Some(account.clone());
        }
        let of = self
            .namespace
            .as_deref()
            .and_then(|namespace| subject::of(namespace, &self.dimensions, &place));
        let mut labels = Labels::new();
        for (name, value) in &self.dimensions {
            labels.insert(format!("dimension_{name}"), value.clone());
        }
        let mut label = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                labels.insert(name.to_owned(), value.chars().take(1_000).collect());
            }
        };
        label("account_id", place.account.as_deref());
        label("region", place.region.as_deref());
        let period = self.period.map(|seconds| seconds.to_string());
        label("period", period.as_deref());
        label("expression", self.expression.as_deref());
        let statistic = self.statistic.as_deref().unwrap_or("unknown");
        let quantile = quantile(statistic);
        label("quantile", quantile.as_deref());
        if of.is_none() && self.dimensions.is_empty() {
            // Responses about different resources must not become one series.
            let response = format!("{:016x}", xxh3_64(input.bytes));
            label("response", Some(&response));
            label("id", self.id.as_deref());
        }
        let series_type = match statistic {
            _ if quantile.is_some() => SeriesType::Quantile,
            "Sum" | "SampleCount" => SeriesType::Delta,
            _ => SeriesType::Gauge,
        };
        let is_attached = of.is_some();
        let subject = of.unwrap_or_else(|| unattached(input.context));
        (open(self.name(statistic), labels, series_type, unit, subject), is_attached)
    }

    fn name(&self, statistic: &str) -> String {
        let namespace = match &self.namespace {
            Some(namespace) => match namespace.strip_prefix("AWS/") {
                Some(service) => format!("aws_{}", snake(&service.to_ascii_lowercase())),
                None => format!("cloudwatch_{}", snake(namespace)),
            },
            None => "cloudwatch".to_owned(),
        };
        let metric = self.metric.as_deref().or(self.id.as_deref()).unwrap_or("value");
        let mut name = format!("{namespace}_{}_{}", snake(metric), snake(statistic));
        name.truncate(name.floor_char_boundary(500));
        name
    }
}

/// `p99` is 0.99, `p99.9` 0.999.
fn quantile(statistic: &str) -> Option<String> {
    let percent: f64 = statistic.strip_prefix(['p', 'P'])?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then(|| {
        // Rounded, so that 99.9 / 100 is written as 0.999.
        let share = (percent * 1e6).round() / 1e8;
        share.to_string()
    })
}

/// As the exporters write names: an underscore before a capital that follows a small letter or digit.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        out.push(if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' });
        before = letter;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_exporters() {
        for (name, expected) in [
            ("CPUUtilization", "cpuutilization"),
            ("FreeableMemory", "freeable_memory"),
            ("HTTPCode_Target_5XX_Count", "httpcode_target_5_xx_count"),
            ("Total Keys", "total_keys"),
        ] {
            assert_eq!(snake(name), expected);
        }
        assert_eq!(quantile("p99.9").as_deref(), Some("0.999"));
        assert_eq!(quantile("p50").as_deref(), Some("0.5"));
        assert_eq!(quantile("Average"), None);
        assert_eq!(quantile("p101"), None);
    }
}
