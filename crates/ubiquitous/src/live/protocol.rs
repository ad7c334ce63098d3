//! The words of `/api/v1/live`, one JSON object a text message; docs/LIVE.md says how they are used.

use jiff::Timestamp;
use model::envelope::Envelope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::problem::Problem;

/// What a client says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveCommand {
    /// Sends the answer, and again whenever it changes.
    Subscribe(LiveSubscribe),
    /// Sends it no more.
    Unsubscribe(LiveUnsubscribe),
}

/// One answer to be kept up to date.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiveSubscribe {
    /// The client's own name for it, 1 to 100 bytes; every message about it bears it.
    pub id: String,
    /// The question, with its view (`system-metrics`, `incidents/suspects`); this or `report`.
    #[serde(default)]
    pub question: Option<String>,
    /// The report (`dashboard`); this or `question`.
    #[serde(default)]
    pub report: Option<String>,
    /// Its parameters, as its route takes them.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// The version that the client has; while the answer is of this one, it is not sent again.
    #[serde(default)]
    pub version: Option<String>,
}

/// One subscription to be ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiveUnsubscribe {
    /// As it was subscribed.
    pub id: String,
}

/// What the program says.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "a message is made, written as text and dropped; most are answers, the largest"
)]
pub enum LiveMessage {
    /// The first message.
    Welcome {
        /// Seconds between two heartbeats; after three without any message the connection is lost.
        heartbeat_secs: u64,
        /// Most subscriptions of one client.
        subscriptions_max: usize,
        /// Version of the program.
        program: String,
    },
    /// The answer, whole.
    Answer {
        /// The subscription.
        id: String,
        /// Equal while the answer is.
        version: String,
        /// As its route gives it.
        envelope: Envelope,
    },
    /// What turns the answer that the client has into the newer one.
    Patch {
        /// The subscription.
        id: String,
        /// Of the answer that comes about.
        version: String,
        /// Of the answer that it applies to: always the last one sent.
        from: String,
        /// JSON merge patch (RFC 7396) of the envelope.
        patch: Value,
    },
    /// The answer that the client has is the one in force.
    Current {
        /// The subscription.
        id: String,
        /// Its version.
        version: String,
    },
    /// Something was refused, or there is no answer now.
    Problem {
        /// The subscription, where it is about one.
        id: Option<String>,
        /// Whether the subscription stands: then the answer comes as soon as there is one.
        is_subscribed: bool,
        /// Why.
        problem: Problem,
    },
    /// The subscription ended as was asked.
    Unsubscribed {
        /// The subscription.
        id: String,
    },
    /// The connection lives.
    Heartbeat {
        /// The program's clock.
        at: Timestamp,
    },
    /// The connection ends; connect again.
    Closing {
        /// Why.
        reason: String,
    },
}

impl LiveMessage {
    /// As text.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("plain data with text keys is written as JSON")
    }
}

/// What clients that have the version before are told of a newer answer: all but their own `id`, which
/// comes first, so that the rest is written once for all of them.
#[derive(Debug)]
pub struct Shared {
    kind: &'static str,
    rest: String,
}

impl Shared {
    /// An answer, whole. `envelope` is its JSON.
    pub fn answer(version: &str, envelope: &[u8]) -> Self {
        let envelope = String::from_utf8_lossy(envelope);
        Self { kind: "answer", rest: format!(r#""version":"{version}","envelope":{envelope}}}"#) }
    }

    /// A patch.
    pub fn patch(version: &str, from: &str, patch: &str) -> Self {
        let rest = format!(r#""version":"{version}","from":"{from}","patch":{patch}}}"#);
        Self { kind: "patch", rest }
    }

    /// Bytes, near enough.
    pub fn bytes(&self) -> usize {
        self.rest.len()
    }

    /// The message about one subscription.
    pub fn text(&self, id: &str) -> String {
        let id = Value::from(id).to_string();
        format!(r#"{{"type":"{}","id":{id},{}"#, self.kind, self.rest)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_reads_as_documented() {
        let text = r#"{"type":"subscribe","id":"a","question":"topology","params":{"limit":5}}"#;
        let LiveCommand::Subscribe(one) = serde_json::from_str(text).unwrap() else {
            panic!("another command")
        };
        assert_eq!((one.id.as_str(), one.question.as_deref()), ("a", Some("topology")));
        assert_eq!(one.params["limit"], json!(5));
        for wrong in [
            r#"{"type":"subscribe","id":"a","qestion":"topology"}"#,
            r#"{"type":"unsubscribe"}"#,
            r#"{"type":"shout","id":"a"}"#,
            r#"{"id":"a"}"#,
        ] {
            assert!(serde_json::from_str::<LiveCommand>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_written_once_for_all_reads_as_a_message() {
        let patch = Shared::patch("v2", "v1", r#"{"as_of":"2026-01-01T00:00:00Z"}"#);
        let text = patch.text("a \"quoted\" name");
        let LiveMessage::Patch { id, version, from, patch } = serde_json::from_str(&text).unwrap()
        else {
            panic!("another message")
        };
        assert_eq!(
            (id.as_str(), version.as_str(), from.as_str()),
            ("a \"quoted\" name", "v2", "v1")
        );
        assert_eq!(patch, json!({"as_of":"2026-01-01T00:00:00Z"}));
        let envelope = json!({
            "question": "topology", "params": {}, "as_of": "2026-01-01T00:00:00Z", "window": null,
            "source": "live", "stores": [], "coverage": {}, "took_ms": 1.0, "truncated": {},
            "warnings": [], "next": null, "data": {"rows": [1]}, "tables": []
        });
        let text = Shared::answer("v1", envelope.to_string().as_bytes()).text("b");
        let LiveMessage::Answer { id, version, envelope } = serde_json::from_str(&text).unwrap()
        else {
            panic!("another message")
        };
        assert_eq!((id.as_str(), version.as_str()), ("b", "v1"));
        assert_eq!(envelope.data, json!({"rows": [1]}));
    }
}
