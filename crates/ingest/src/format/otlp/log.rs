//! Log records, counted per service, minute and severity; the texts are not kept.

use std::collections::BTreeMap;

use model::span::LogCount;
use model::{AliasKey, Micros};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;

use super::resource::{self, Services};
use crate::format::tally::Tally;
use crate::input::{Input, Out};
use crate::instant;

/// Puts the counts and their services out.
pub fn read(
    input: &Input<'_>,
    request: &ExportLogsServiceRequest,
    mut tally: Tally,
    out: &mut Out<'_>,
) {
    let mut services = Services::default();
    let mut counts: BTreeMap<(AliasKey, Micros, &'static str), u64> = BTreeMap::new();
    for (r, group) in request.resource_logs.iter().enumerate() {
        let records = || group.scope_logs.iter().flat_map(|scope| &scope.log_records);
        if records().next().is_none() {
            continue;
        }
        let attributes = resource::attributes(group.resource.as_ref());
        let service = services.of(input, attributes, out);
        for (n, record) in records().enumerate() {
            let at = instant::of_nanos(record.time_unix_nano)
                .or_else(|| instant::of_nanos(record.observed_time_unix_nano));
            let Some(at) = at else {
                tally.add("the time is missing or outside 1970 to 2199", 1, || {
                    format!("/resourceLogs/{r}, record {n}")
                });
                continue;
            };
            let severity = severity(record.severity_number, &record.severity_text);
            let key = (service.clone(), at.floor_to(Micros::MINUTE), severity);
            *counts.entry(key).or_default() += 1;
        }
    }
    services.close(out);
    for ((service, at, severity), count) in counts {
        out.batch().logs.push(LogCount { at, service, severity: severity.to_owned(), count });
        out.added(1);
    }
    tally.close(out);
}

fn severity(number: i32, text: &str) -> &'static str {
    match number {
        1..=4 => "trace",
        5..=8 => "debug",
        9..=12 => "info",
        13..=16 => "warn",
        17..=20 => "error",
        21..=24 => "fatal",
        _ => match text.to_ascii_lowercase().as_str() {
            "trace" => "trace",
            "debug" => "debug",
            "info" | "information" | "notice" => "info",
            "warn" | "warning" => "warn",
            "error" | "err" => "error",
            "fatal" | "critical" | "panic" | "emergency" | "alert" => "fatal",
            _ => "unspecified",
        },
    }
}
