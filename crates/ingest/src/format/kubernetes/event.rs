//! Events, as changes of the object they are about.

use model::entity::Labels;
use model::event::ChangeObservation;
use model::kind::Confidence;
use model::{Micros, Reference};
use serde::Deserialize;

use super::object::{Target, lenient, nullable, part};
use super::place::{Cluster, at};
use super::read::Object;
use crate::key;

/// Characters of a message that are kept.
const MESSAGE_CHARS: usize = 1000;

lenient! {
    /// Who reported an event.
    Source {
        component: Option<String>,
        host: Option<String>,
    }
    /// How often an event was repeated, in the API of today.
    Series {
        count: Option<u64>,
        last_observed_time: Option<String>,
    }
}

/// The event, or why it cannot be placed in time.
pub fn read(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
) -> Result<Result<ChangeObservation, String>, serde_json::Error> {
    let text = |name: &str| -> Result<String, serde_json::Error> { part(object.part(name)) };
    let number = |name: &str| -> Result<Option<u64>, serde_json::Error> { part(object.part(name)) };
    let series: Series = part(object.part("series"))?;
    let involved: Target = match object.part("involvedObject") {
        Some(raw) => part(Some(raw))?,
        None => part(object.part("regarding"))?,
    };
    let source: Source = match object.part("source") {
        Some(raw) => part(Some(raw))?,
        None => part(object.part("deprecatedSource"))?,
    };
    let (reason, message) = (text("reason")?, text("message")?);
    let message = if message.is_empty() { text("note")? } else { message };
    let count = number("count")?.or(number("deprecatedCount")?);
    let times = [
        text("lastTimestamp")?,
        text("deprecatedLastTimestamp")?,
        series.last_observed_time.clone().unwrap_or_default(),
        text("eventTime")?,
        text("firstTimestamp")?,
        object.meta.creation_timestamp.clone().unwrap_or_default(),
    ];
    let Some(when) = times.iter().find_map(|time| at(Some(time))) else {
        return Ok(Err("the event has no time; lastTimestamp or eventTime is expected".to_owned()));
    };
    let reporter = text("reportingComponent")?;
    let reporter = if reporter.is_empty() { text("reportingController")? } else { reporter };
    let actor = source.component.clone().filter(|one| !one.is_empty());
    let actor = actor.or(Some(reporter)).filter(|one| !one.is_empty());
    let r#type = text("type")?;
    Ok(Ok(change(
        cluster,
        object,
        &involved,
        Seen { when, reason, message, actor, r#type, count: count.or(series.count) },
    )))
}

struct Seen {
    when: Micros,
    reason: String,
    message: String,
    actor: Option<String>,
    r#type: String,
    count: Option<u64>,
}

fn change(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    involved: &Target,
    seen: Seen,
) -> ChangeObservation {
    let mut labels = Labels::new();
    let mut label = |name: &str, value: &str| {
        if !value.is_empty() {
            labels.insert(name.to_owned(), value.to_owned());
        }
    };
    label("reason", &seen.reason);
    label("type", &seen.r#type);
    label("kubernetes_kind", &involved.kind);
    label("name", &involved.name);
    label("namespace", involved.namespace.as_deref().unwrap_or_default());
    let namespace = involved.namespace.as_deref().filter(|name| !name.is_empty());
    let kind = key::kubernetes_kind(&involved.kind, &involved.api_version);
    let id = cluster.id(namespace, &kind, &involved.name);
    let mut entities = Vec::new();
    if !involved.name.is_empty() {
        entities.push(match involved.uid.as_deref().filter(|uid| !uid.is_empty()) {
            Some(uid) => Reference::key("uid", key::uid(uid)).or("id", id, Confidence::Certain),
            None => Reference::id(id),
        });
    }
    let message: String = seen.message.chars().take(MESSAGE_CHARS).collect();
    let own_id = object.meta.uid.clone().filter(|uid| !uid.is_empty());
    ChangeObservation {
        external_id: own_id.unwrap_or_else(|| {
            let namespace = object.meta.namespace.as_deref().unwrap_or("_");
            cluster.id(Some(namespace), "event", &object.meta.name).as_str().to_owned()
        }),
        kind: "event".to_owned(),
        title: format!("{}: {message}", seen.reason),
        at: seen.when,
        actor: seen.actor,
        link: None,
        entities,
        count: seen.count.unwrap_or(1).max(1),
        labels,
    }
}
