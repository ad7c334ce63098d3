//! Spans of OTLP traces, each with what it tells about its service and its peer.

use model::span::{SpanKind, SpanObservation};
use model::{AliasKey, Micros};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;

use super::resource::{self, Services};
use super::{attribute, peer};
use crate::format::subject::Place;
use crate::format::tally::Tally;
use crate::input::{Input, Out};
use crate::instant;

/// Longest a span may last: what is longer has a wrong clock.
const DURATION_MAX: i64 = 30 * Micros::DAY;
/// Bytes of an operation's name that are kept.
const NAME_BYTES: usize = 512;

/// When the newest span ended.
pub fn newest(request: &ExportTraceServiceRequest) -> Option<Micros> {
    let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    let spans = scopes.flat_map(|scope| &scope.spans);
    spans.filter_map(|span| instant::of_nanos(span.end_time_unix_nano)).max()
}

/// Puts the spans and their services out.
pub fn read(
    input: &Input<'_>,
    request: &ExportTraceServiceRequest,
    mut tally: Tally,
    tracer: Option<&'static str>,
    out: &mut Out<'_>,
) {
    let mut services = Services::of_tracer(tracer);
    for (r, group) in request.resource_spans.iter().enumerate() {
        let attributes = resource::attributes(group.resource.as_ref());
        let spans = || group.scope_spans.iter().flat_map(|scope| &scope.spans);
        if spans().next().is_none() {
            continue;
        }
        let service = services.of(input, attributes, out);
        let text = |names: &[&str]| attribute::text(attributes, names);
        let (cluster, namespace) =
            (text(&["k8s.cluster.uid", "k8s.cluster.name"]), text(&["k8s.namespace.name"]));
        let environment = text(&["deployment.environment.name", "deployment.environment"])
            .or_else(|| input.context.environment.clone());
        let sender = Sender {
            service,
            place: Place::new(cluster.as_deref(), namespace.as_deref(), input.context),
            environment: environment.as_deref(),
        };
        for (n, span) in spans().enumerate() {
            match observation(&sender, span) {
                Ok((observation, warning)) => {
                    if let Some(warning) = warning {
                        tally.add(warning, 1, || format!("/resourceSpans/{r}, span {n}"));
                    }
                    out.batch().spans.push(observation);
                    if !out.added(1) {
                        return;
                    }
                }
                Err(reason) => tally.add(reason, 1, || format!("/resourceSpans/{r}, span {n}")),
            }
        }
    }
    services.close(out);
    tally.close(out);
}

struct Sender<'a> {
    service: AliasKey,
    place: Place<'a>,
    environment: Option<&'a str>,
}

type Read = Result<(SpanObservation, Option<&'static str>), &'static str>;

fn observation(sender: &Sender<'_>, span: &Span) -> Read {
    let trace_id = id::<16>(&span.trace_id).ok_or("the trace id is not 16 bytes, or all zeros")?;
    let span_id = id::<8>(&span.span_id).ok_or("the span id is not 8 bytes, or all zeros")?;
    let start = instant::of_nanos(span.start_time_unix_nano)
        .ok_or("the start is missing or outside 1970 to 2199")?;
    let (end, warning) = match instant::of_nanos(span.end_time_unix_nano) {
        Some(end) if end < start => {
            (start, Some("the span ends before it starts; kept with no duration"))
        }
        Some(end) if end.0 - start.0 > DURATION_MAX => {
            return Err("the span lasts longer than 30 days");
        }
        Some(end) => (end, None),
        None => return Err("the end is missing or outside 1970 to 2199"),
    };
    let kind = match span.kind {
        1 => SpanKind::Internal,
        2 => SpanKind::Server,
        3 => SpanKind::Client,
        4 => SpanKind::Producer,
        5 => SpanKind::Consumer,
        _ => SpanKind::Unspecified,
    };
    let peer = match kind {
        SpanKind::Server | SpanKind::Internal => None,
        _ => peer::of(&span.attributes, sender.place, sender.environment),
    };
    let observation = SpanObservation {
        trace_id,
        span_id,
        parent_id: id::<8>(&span.parent_span_id).unwrap_or_default(),
        service: sender.service.clone(),
        name: span.name[..span.name.floor_char_boundary(NAME_BYTES)].to_owned(),
        kind,
        start,
        end,
        is_error: is_error(span, kind),
        peer,
        sampling_probability: probability(span),
        attributes: attribute::kept(&span.attributes),
    };
    Ok((observation, warning))
}

fn id<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    let id: [u8; N] = bytes.try_into().ok()?;
    (id != [0; N]).then_some(id)
}

/// Status Error; without a status 5xx of a server and any 4xx or 5xx of a client.
fn is_error(span: &Span, kind: SpanKind) -> bool {
    match span.status.as_ref().map_or(0, |status| status.code) {
        2 => true,
        1 => false,
        _ => {
            let names = ["http.response.status_code", "http.status_code"];
            let code = attribute::text(&span.attributes, &names)
                .and_then(|code| code.parse::<u16>().ok())
                .unwrap_or(0);
            code >= if kind == SpanKind::Client { 400 } else { 500 }
        }
    }
}

/// From OpenTelemetry's `ot=th:…` (threshold of rejection in up to 14 hexadecimal digits), else an
/// attribute.
fn probability(span: &Span) -> Option<f64> {
    let from_state = span
        .trace_state
        .split(',')
        .filter_map(|member| member.trim().strip_prefix("ot="))
        .flat_map(|value| value.split(';'))
        .find_map(|field| field.strip_prefix("th:"))
        .and_then(|digits| {
            if digits.is_empty() || digits.len() > 14 {
                return None;
            }
            let threshold = u64::from_str_radix(digits, 16).ok()?;
            let threshold = threshold << (4 * (14 - digits.len()));
            Some(1.0 - threshold as f64 / (1_u64 << 56) as f64)
        });
    let names = ["sampling.probability", "sampler.param.probability"];
    from_state
        .or_else(|| attribute::text(&span.attributes, &names)?.parse().ok())
        .filter(|probability| *probability > 0.0 && *probability <= 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_of_the_trace_state_is_the_probability() {
        let of =
            |state: &str| probability(&Span { trace_state: state.to_owned(), ..Span::default() });
        assert_eq!(of("ot=th:c"), Some(0.25));
        assert_eq!(of("vendor=1,ot=rv:abc;th:8"), Some(0.5));
        assert_eq!(of("ot=th:0"), Some(1.0));
        assert_eq!(of("ot=th:zz"), None);
        assert_eq!(of(""), None);
    }
}
