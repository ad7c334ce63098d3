//! Alertmanager's webhook (version 4), of which Grafana's is a superset. Each alert of a notification
//! is a message: it began to fire then, or it fired from then to then. Alerts of one group that overlap,
//! or follow one another within 30 minutes, become one incident when they are put together.

use model::entity::Labels;
use model::event::IncidentObservation;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::Format;
use super::incident::message::{self, EPISODE_OF, HARMED, LINK, TEAM, instant, text};
use super::subject;
use crate::error::{EnvelopeError, json_place};
use crate::input::{Input, Out};
use crate::outline;
use crate::shape::{Shape, without_mark};

/// Notifications: one, several one after another, or a list.
pub const WEBHOOK: Format = Format {
    name: "alertmanager",
    title: "Alertmanager and Grafana webhook notifications (JSON)",
    recognise,
    read,
};

/// Labels that name what is harmed, for grouping where nothing in the estate answers.
const SERVICES: &[&str] = &["service", "service_name", "app", "application", "job", "deployment"];
/// Labels that name who is to act.
const TEAMS: &[&str] = &["team", "owner", "squad"];

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    let is_list = shape.key("alerts").is_some_and(|key| key.starts_with == b'[');
    let is_ours = shape.key("groupKey").is_some() || shape.key("receiver").is_some();
    (is_list && is_ours && shape.key("status").is_some())
        .then(|| "the keys receiver, status and alerts of a notification".to_owned())
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let bytes = without_mark(input.bytes);
    let mut first_error = None;
    let mut all: Vec<(usize, &[u8])> = Vec::new();
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        for (index, one) in outline::elements(bytes).enumerate() {
            match one {
                Ok(raw) => all.push((index, raw)),
                Err(_) => {
                    out.reject(format!("/{index}"), "the list is cut off here; send it again")
                }
            }
        }
    } else {
        for (index, one) in outline::values(bytes).enumerate() {
            match one {
                Ok((_, raw)) => all.push((index, raw)),
                Err(_) => all.push((index, bytes)),
            }
        }
    }
    for (index, raw) in all {
        match serde_json::from_slice::<Value>(raw) {
            Ok(value) => notification(&value, index, input, out),
            Err(error) if index == 0 && first_error.is_none() => {
                first_error = Some(EnvelopeError::json(input.name, &error));
            }
            Err(error) => {
                let (place, reason) = json_place(&error);
                out.reject(format!("notification {}, {place}", index + 1), reason);
            }
        }
    }
    match first_error {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// One notification.
fn notification(value: &Value, index: usize, input: &Input<'_>, out: &mut Out<'_>) {
    // Grafana has organisations; the same labels in two of them are two alerts.
    let source = match value.get("orgId").and_then(Value::as_u64) {
        Some(organisation) => format!("grafana:{organisation}"),
        None => "alertmanager".to_owned(),
    };
    out.regard(&source, None);
    let Some(alerts) = value.get("alerts").and_then(Value::as_array) else {
        out.reject(format!("/{index}/alerts"), "not a list of alerts");
        return;
    };
    for (position, alert) in alerts.iter().enumerate() {
        match incident(value, alert, input) {
            Ok(incident) => {
                out.batch().incidents.push(incident);
                if !out.added(1) {
                    return;
                }
            }
            Err(reason) => out.reject(format!("/{index}/alerts/{position}"), reason),
        }
    }
    if let Some(cut) = value.get("truncatedAlerts").and_then(Value::as_u64).filter(|cut| *cut > 0) {
        let reason = format!("{cut} alerts were left out by the sender (max_alerts)");
        out.reject(format!("/{index}/truncatedAlerts"), reason);
    }
}

/// One alert, as the message that it fires or that it fired.
fn incident(
    notification: &Value,
    alert: &Value,
    input: &Input<'_>,
) -> Result<IncidentObservation, String> {
    let began =
        instant(alert, &["startsAt"]).ok_or("startsAt is no instant; every alert has one")?;
    let labels = texts(alert.get("labels"));
    let is_resolved = match text(alert, &["status"]).or_else(|| text(notification, &["status"])) {
        Some("firing") => false,
        Some("resolved") => true,
        other => {
            let other = other.unwrap_or_default();
            return Err(format!("status `{other}` is neither firing nor resolved"));
        }
    };
    let fingerprint = match text(alert, &["fingerprint"]) {
        Some(fingerprint) => fingerprint.to_owned(),
        // Older senders have none: what tells alerts apart are their labels.
        None => format!("{:016x}", xxh3_64(format!("{labels:?}").as_bytes())),
    };
    let word = if is_resolved { "resolved" } else { "firing" };
    let title = title_of(alert, &labels);
    let mut row = message::incident(format!("{fingerprint}/{began}/{word}"), &title);
    // A rule that fires is a detection; since when there is harm, it does not say.
    row.detected_at = Some(began);
    let ended = instant(alert, &["endsAt"]).filter(|ended| is_resolved && *ended >= began);
    row.resolved_at = ended;
    word_of(is_resolved).clone_into(&mut row.status);
    let severity = ["severity", "priority", "level"].iter().find_map(|name| labels.get(*name));
    row.severity = severity.map(|severity| severity.to_lowercase());
    message::message(&mut row, &format!("{fingerprint}/{began}"), word, ended.unwrap_or(began));
    let group = text(notification, &["groupKey"]).unwrap_or(&fingerprint);
    message::label(&mut row.labels, EPISODE_OF, group);
    described(&mut row, notification, alert, &labels, input);
    Ok(row)
}

fn word_of(is_resolved: bool) -> &'static str {
    if is_resolved { "resolved" } else { "open" }
}

fn title_of(alert: &Value, labels: &Labels) -> String {
    let annotated = ["summary", "title", "message", "description"]
        .iter()
        .find_map(|name| text(alert, &["annotations", name]));
    let named = || labels.get("alertname").map(String::as_str);
    annotated.or_else(named).unwrap_or("alert").to_owned()
}

fn described(
    row: &mut IncidentObservation,
    notification: &Value,
    alert: &Value,
    labels: &Labels,
    input: &Input<'_>,
) {
    let name = labels.get("alertname").map_or("ALERTS", String::as_str);
    let reference = subject::of_labels("ALERTS", labels, input.context);
    if reference != subject::unattached(input.context) {
        message::harm(row, reference);
    }
    message::label(&mut row.labels, "alert", name);
    message::label(&mut row.labels, "group", &group_title(notification));
    let given = |names: &[&str]| -> Vec<&str> {
        names.iter().find_map(|name| labels.get(*name)).map(String::as_str).into_iter().collect()
    };
    message::names(&mut row.labels, HARMED, &given(SERVICES));
    message::names(&mut row.labels, TEAM, &given(TEAMS));
    for path in ["panelURL", "dashboardURL", "generatorURL"] {
        if let Some(link) = text(alert, &[path]).filter(|_| !row.labels.contains_key(LINK)) {
            message::label(&mut row.labels, LINK, link);
        }
    }
    if let Some(link) = text(alert, &["annotations", "runbook_url"]) {
        message::label(&mut row.labels, "runbook", link);
    }
    for (name, value) in labels {
        message::label(&mut row.labels, &format!("label.{name}"), value);
    }
}

/// What all alerts of the group have in common.
fn group_title(notification: &Value) -> String {
    let labels = texts(notification.get("groupLabels"));
    let named = |name: &str, value: &str| match name {
        "alertname" => value.to_owned(),
        _ => format!("{name}={value}"),
    };
    let parts: Vec<String> = labels.iter().map(|(name, value)| named(name, value)).collect();
    parts.join(", ")
}

fn texts(value: Option<&Value>) -> Labels {
    let object = value.and_then(Value::as_object);
    let texts = object.into_iter().flatten();
    texts.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::incident::message::MESSAGE_OF;
    use crate::format::incident::tests::read_whole;

    /// The example of Alertmanager's documentation of its notifications, shortened, with one alert
    /// that fires and one that ended.
    const NOTIFICATION: &str = r#"{"version":"4","groupKey":"{}:{alertname=\"HighLatency\"}",
        "truncatedAlerts":0,"status":"firing","receiver":"team-x","groupLabels":{"alertname":"HighLatency"},
        "commonLabels":{"alertname":"HighLatency"},"commonAnnotations":{},"externalURL":"http://am:9093",
        "alerts":[
         {"status":"firing","labels":{"alertname":"HighLatency","severity":"Page","service":"checkout",
           "namespace":"shop","team":"payments"},"annotations":{"summary":"p99 above 2 s"},
           "startsAt":"2026-09-01T10:00:00.123Z","endsAt":"0001-01-01T00:00:00Z",
           "generatorURL":"http://prom/graph","fingerprint":"c1a2"},
         {"status":"resolved","labels":{"alertname":"HighLatency","service":"cart"},"annotations":{},
           "startsAt":"2026-09-01T09:00:00Z","endsAt":"2026-09-01T09:20:00Z","fingerprint":"d4e5"}]}"#;

    #[test]
    fn alerts_are_messages_of_their_group() {
        let batch = read_whole(NOTIFICATION);
        assert_eq!((batch.incidents.len(), batch.rejects.len()), (2, 0), "{:?}", batch.rejects);
        assert_eq!(batch.input.source, "alertmanager");
        let [firing, resolved] = batch.incidents.as_slice() else { panic!() };
        assert_eq!(firing.title, "p99 above 2 s");
        assert_eq!(firing.severity.as_deref(), Some("page"));
        assert_eq!(firing.detected_at.unwrap().to_string(), "2026-09-01T10:00:00.123Z");
        assert_eq!((firing.started_at, firing.resolved_at), (None, None));
        assert_eq!(firing.labels[EPISODE_OF], "{}:{alertname=\"HighLatency\"}");
        assert_eq!(firing.labels[TEAM], "payments");
        assert_eq!(firing.entities[0].label(), "service://_/shop/checkout");
        assert_eq!(resolved.resolved_at.unwrap().to_string(), "2026-09-01T09:20:00Z");
        assert_eq!(resolved.status, "resolved");
        assert_ne!(firing.labels[MESSAGE_OF], resolved.labels[MESSAGE_OF]);
    }

    #[test]
    fn firing_and_resolved_tell_of_one_incident() {
        let fired = read_whole(NOTIFICATION);
        let resolved = NOTIFICATION
            .replace("\"firing\"", "\"resolved\"")
            .replace("0001-01-01T00:00:00Z", "2026-09-01T10:45:00Z");
        let ended = read_whole(&resolved);
        let (one, other) = (&fired.incidents[0], &ended.incidents[0]);
        assert_ne!(one.external_id, other.external_id);
        assert_eq!(one.labels[MESSAGE_OF], other.labels[MESSAGE_OF]);
        // The same message again is the same row.
        assert_eq!(fired.incidents, read_whole(NOTIFICATION).incidents);
    }

    #[test]
    fn an_end_may_be_missing_and_grafana_is_read_alike() {
        let grafana = r#"{"receiver":"ops","status":"resolved","orgId":1,"title":"[RESOLVED]",
            "state":"ok","message":"m","groupLabels":{},"groupKey":"{}:{}","version":"1","alerts":[
            {"status":"resolved","labels":{"alertname":"Disk"},"annotations":{},"valueString":"[]",
             "startsAt":"2026-09-01T10:00:00Z","endsAt":"0001-01-01T00:00:00Z","fingerprint":"x",
             "dashboardURL":"https://g/d/1","panelURL":"","values":{"A":1}},
            {"status":"resolved","labels":{},"startsAt":"0001-01-01T00:00:00Z"},
            {"status":"pending","labels":{},"startsAt":"2026-09-01T10:00:00Z"}]}"#;
        let batch = read_whole(grafana);
        assert_eq!(batch.input.source, "grafana:1");
        assert_eq!((batch.incidents.len(), batch.rejects.len()), (1, 2));
        assert_eq!(
            (&*batch.incidents[0].status, batch.incidents[0].resolved_at),
            ("resolved", None)
        );
        assert_eq!(batch.incidents[0].labels[LINK], "https://g/d/1");
        assert!(batch.incidents[0].entities.is_empty());
    }
}
