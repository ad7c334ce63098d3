//! `GET /api/v1/live`: the WebSocket on which answers are sent as they change. Host and origin are
//! checked before, as for every request that changes something.

use std::time::Duration;

use analysis::{Viewer, question_of};
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{Shared, gate};
use crate::live::protocol::{LiveCommand, LiveMessage, LiveSubscribe};
use crate::live::{SUBSCRIPTIONS_MAX, Seat};
use crate::people::caller::Caller;
use crate::problem::Problem;

/// Between two heartbeats.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// A client that answers no heartbeat for this long is gone.
const SILENCE: Duration = Duration::from_secs(65);
/// Between two looks whether the login still holds.
const LOGIN_LOOK: Duration = Duration::from_secs(5);
/// Time that a client gets to read that its login ended.
const FAREWELL: Duration = Duration::from_secs(1);
/// Longest time that a client may take to read one message.
const SEND: Duration = Duration::from_secs(30);
/// Largest message from a client, in bytes: parameters may have 64 KiB.
const COMMAND_BYTES_MAX: usize = 128 << 10;
/// Commands that a client may send at once, and after that in a second.
const COMMANDS_AT_ONCE: f64 = 128.0;
const COMMANDS_A_SECOND: f64 = 32.0;

/// Takes the connection.
pub async fn live(
    State(shared): State<Shared>,
    caller: Caller,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|_rejection| {
        let detail = "this address speaks WebSocket only; docs/LIVE.md says how";
        Problem::bad_request("upgrade", detail)
    })?;
    let seat = shared.live.enter()?;
    let tasks = seat.hub.tasks.clone();
    let upgrade = upgrade.max_message_size(COMMAND_BYTES_MAX).max_frame_size(COMMAND_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| tasks.track_future(talk(socket, seat, shared, caller))))
}

async fn talk(socket: WebSocket, seat: Seat, shared: Shared, caller: Caller) {
    // What the client may see is what it could ask for by HTTP.
    let viewer = caller.viewer();
    let (sink, stream) = socket.split();
    seat.client.tell(&LiveMessage::Welcome {
        heartbeat_secs: HEARTBEAT.as_secs(),
        subscriptions_max: SUBSCRIPTIONS_MAX,
        program: env!("CARGO_PKG_VERSION").to_owned(),
    });
    // Whichever ends first ends the conversation.
    tokio::select! {
        () = hear(stream, &seat, &viewer) => {}
        () = speak(sink, &seat) => {}
        () = login_ends(&shared, &caller, &seat) => {}
    }
}

/// Until whoever connected would be refused now: the session, the token or the account ended, or may do or
/// see something else.
async fn login_ends(shared: &Shared, caller: &Caller, seat: &Seat) {
    loop {
        tokio::time::sleep(LOGIN_LOOK).await;
        if !shared.estate.people().holds(caller).await {
            let reason = "the login ended".to_owned();
            seat.client.tell(&LiveMessage::Closing { reason });
            tokio::time::sleep(FAREWELL).await;
            return;
        }
    }
}

/// Does what the client says, until it leaves.
async fn hear(mut stream: SplitStream<WebSocket>, seat: &Seat, viewer: &Viewer) {
    let mut allowance = Allowance::default();
    while let Ok(Some(Ok(message))) = timeout(SILENCE, stream.next()).await {
        let refused = match message {
            Message::Text(text) => {
                allowance.take().await;
                obey(&text, seat, viewer)
            }
            Message::Binary(_) => {
                Err((None, Problem::bad_request("message", "a text message is expected")))
            }
            Message::Close(_) => return,
            Message::Ping(_) | Message::Pong(_) => Ok(()),
        };
        if let Err((id, problem)) = refused {
            seat.client.tell(&LiveMessage::Problem { id, is_subscribed: false, problem });
        }
    }
}

/// One command; what is wrong with it, with the subscription that it is about.
fn obey(text: &str, seat: &Seat, viewer: &Viewer) -> Result<(), (Option<String>, Problem)> {
    let command = serde_json::from_str(text).map_err(|error| {
        let detail = format!("the message is no command: {error}");
        (None, Problem::bad_request("message", detail))
    })?;
    match command {
        LiveCommand::Subscribe(wanted) => {
            let id = wanted.id.clone();
            if !is_theirs(viewer, &wanted) {
                return Err((Some(id), gate::scope_refusal()));
            }
            let begun = seat.hub.subscribe(&seat.client, viewer.clone(), wanted);
            begun.map_err(|problem| (Some(id), problem))
        }
        LiveCommand::Unsubscribe(ended) => {
            if !seat.hub.unsubscribe(&seat.client, &ended.id) {
                let detail = format!("`{}` is not subscribed", ended.id);
                return Err((Some(ended.id), Problem::not_found(detail)));
            }
            seat.client.tell(&LiveMessage::Unsubscribed { id: ended.id });
            Ok(())
        }
    }
}

/// Whether it is a question that the client may ask by HTTP; what is no question at all is said elsewhere.
fn is_theirs(viewer: &Viewer, wanted: &LiveSubscribe) -> bool {
    let question = wanted.question.as_deref().and_then(question_of);
    question.is_none_or(|question| viewer.may_ask(question.name()))
}

/// Tells the client what is to be told, and a heartbeat now and then, until it or the program ends.
async fn speak(mut sink: SplitSink<WebSocket, Message>, seat: &Seat) {
    let mut beat = interval(HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat.reset();
    loop {
        let messages = tokio::select! {
            biased;
            () = seat.hub.stop.cancelled() => {
                let reason = "the program ends".to_owned();
                let words = LiveMessage::Closing { reason: reason.clone() }.text();
                let frame = CloseFrame { code: close_code::AWAY, reason: reason.into() };
                let farewell = [Message::Text(words.into()), Message::Close(Some(frame))];
                let _gone = say(&mut sink, farewell).await;
                return;
            }
            _ = beat.tick() => {
                // Browsers answer a ping by themselves and do not show it; programs see the words.
                let words = LiveMessage::Heartbeat { at: Timestamp::now() }.text();
                [Message::Text(words.into()), Message::Ping("".into())].to_vec()
            }
            next = seat.client.next() => match next {
                Some(text) => vec![Message::Text(text.into())],
                None => return,
            },
        };
        if say(&mut sink, messages).await.is_err() {
            return;
        }
    }
}

async fn say(
    sink: &mut SplitSink<WebSocket, Message>,
    messages: impl IntoIterator<Item = Message>,
) -> Result<(), ()> {
    for message in messages {
        match timeout(SEND, sink.send(message)).await {
            Ok(Ok(())) => {}
            _ => return Err(()),
        }
    }
    Ok(())
}

/// How many commands a client may still send; more are read later, not refused.
struct Allowance {
    left: f64,
    at: tokio::time::Instant,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: COMMANDS_AT_ONCE, at: tokio::time::Instant::now() }
    }
}

impl Allowance {
    async fn take(&mut self) {
        let now = tokio::time::Instant::now();
        let earned = now.duration_since(self.at).as_secs_f64() * COMMANDS_A_SECOND;
        self.left = (self.left + earned).min(COMMANDS_AT_ONCE) - 1.0;
        self.at = now;
        if self.left < 0.0 {
            tokio::time::sleep(Duration::from_secs_f64(-self.left / COMMANDS_A_SECOND)).await;
        }
    }
}
