//! One client: its subscriptions and the bounded queue of what it is to be told. A client that does not
//! read fast enough is not told every change: its queue is dropped, and it gets the newest answer of
//! each subscription, whole, one after the other at its own pace.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::protocol::{LiveMessage, Shared};
use super::topic::{Topic, Update};
use crate::problem::Problem;

/// Most messages that wait for a client.
pub const MESSAGES_MAX: usize = 64;
/// Most bytes that wait for a client.
pub const BYTES_MAX: usize = 1 << 20;

/// What a client is told next.
enum Queued {
    /// Words about the conversation itself.
    Words(String),
    /// An answer or a patch.
    Shared(Arc<str>, Arc<Shared>),
}

impl Queued {
    fn bytes(&self) -> usize {
        match self {
            Self::Words(text) => text.len(),
            Self::Shared(id, shared) => id.len() + shared.bytes(),
        }
    }
}

struct Subscription {
    topic: Arc<Topic>,
    /// Version of what was queued last, or that the client said it has.
    version: Option<Arc<str>>,
    /// It has heard nothing yet, or a problem last.
    is_unsure: bool,
    /// A problem was the last thing that it heard.
    has_problem: bool,
    /// It gets the newest answer when its turn comes.
    is_behind: bool,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Queued>,
    bytes: usize,
    /// Subscriptions whose messages were dropped, in the order of their turn.
    behind: VecDeque<Arc<str>>,
    subscriptions: BTreeMap<Arc<str>, Subscription>,
    /// Nothing more is told.
    is_lost: bool,
}

/// A connected client.
pub struct Client {
    /// Running number.
    pub number: u64,
    state: Mutex<State>,
    filled: Notify,
}

impl Client {
    /// One without subscriptions.
    pub fn new(number: u64) -> Self {
        Self { number, state: Mutex::default(), filled: Notify::new() }
    }

    /// The next thing to tell; none when the client is lost.
    pub async fn next(&self) -> Option<String> {
        loop {
            {
                let mut state = self.lock();
                if state.is_lost {
                    return None;
                }
                if let Some(text) = state.pop() {
                    return Some(text);
                }
            }
            self.filled.notified().await;
        }
    }

    /// Tells words about the conversation. A client that lets too many of them wait is lost.
    pub fn tell(&self, message: &LiveMessage) {
        let mut state = self.lock();
        state.put(Queued::Words(message.text()));
        drop(state);
        self.filled.notify_one();
    }

    /// Begins a subscription of a client that has this version.
    pub fn add(&self, id: &Arc<str>, topic: &Arc<Topic>, version: Option<&str>) {
        let mut state = self.lock();
        let subscription = Subscription {
            topic: Arc::clone(topic),
            version: version.map(Arc::from),
            is_unsure: true,
            has_problem: false,
            is_behind: false,
        };
        state.subscriptions.insert(Arc::clone(id), subscription);
    }

    /// Whether a subscription has this name, and how many there are.
    pub fn has(&self, id: &str) -> (bool, usize) {
        let state = self.lock();
        (state.subscriptions.contains_key(id), state.subscriptions.len())
    }

    /// Ends a subscription, with what waits to be told of it; gives what it was about.
    pub fn remove(&self, id: &str) -> Option<Arc<Topic>> {
        let mut state = self.lock();
        let ended = state.subscriptions.remove(id)?;
        state.behind.retain(|one| &**one != id);
        let State { queue, bytes, .. } = &mut *state;
        queue.retain(|one| match one {
            Queued::Shared(about, _) if &**about == id => {
                *bytes -= one.bytes();
                false
            }
            _ => true,
        });
        Some(ended.topic)
    }

    /// What it is subscribed to, by name.
    pub fn subscriptions(&self) -> Vec<(Arc<str>, Arc<Topic>)> {
        let state = self.lock();
        let pair = |(id, one): (&Arc<str>, &Subscription)| (Arc::clone(id), Arc::clone(&one.topic));
        state.subscriptions.iter().map(pair).collect()
    }

    /// Gives a newer answer, or says that the one it has is in force.
    pub fn offer(&self, id: &Arc<str>, update: &Arc<Update>) {
        let mut state = self.lock();
        let Some(one) = state.subscriptions.get_mut(id) else { return };
        if one.is_behind {
            return;
        }
        let had = one.version.replace(Arc::clone(&update.version));
        let was_unsure = std::mem::replace(&mut one.is_unsure, false);
        one.has_problem = false;
        if had.as_deref() == Some(&*update.version) {
            if was_unsure {
                let (id, version) = (id.to_string(), update.version.to_string());
                state.put(Queued::Words(LiveMessage::Current { id, version }.text()));
            }
        } else {
            let message = match &update.patch {
                Some((from, patch)) if had.as_deref() == Some(from) => patch,
                _ => &update.whole,
            };
            state.put(Queued::Shared(Arc::clone(id), Arc::clone(message)));
        }
        drop(state);
        self.filled.notify_one();
    }

    /// Says that there is no answer now, unless it `is_known` to those who have heard something.
    pub fn regret(&self, id: &Arc<str>, problem: &Problem, is_known: bool) {
        let mut state = self.lock();
        let Some(one) = state.subscriptions.get_mut(id) else { return };
        if is_known && one.has_problem {
            return;
        }
        (one.is_unsure, one.has_problem) = (true, true);
        let message = LiveMessage::Problem {
            id: Some(id.to_string()),
            is_subscribed: true,
            problem: problem.clone(),
        };
        state.put(Queued::Words(message.text()));
        drop(state);
        self.filled.notify_one();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pop(&mut self) -> Option<String> {
        if let Some(next) = self.queue.pop_front() {
            self.bytes -= next.bytes();
            return Some(match next {
                Queued::Words(text) => text,
                Queued::Shared(id, shared) => shared.text(&id),
            });
        }
        while let Some(id) = self.behind.pop_front() {
            let Some(one) = self.subscriptions.get_mut(&id) else { continue };
            one.is_behind = false;
            if let Some(latest) = one.topic.latest() {
                one.version = Some(Arc::clone(&latest.version));
                one.is_unsure = false;
                return Some(latest.whole.text(&id));
            }
        }
        None
    }

    /// Queues within the bounds, else drops the answers that wait and puts their subscriptions behind.
    fn put(&mut self, next: Queued) {
        let bytes = next.bytes();
        if self.has_room(bytes) {
            self.bytes += bytes;
            self.queue.push_back(next);
            return;
        }
        let mut dropped = BTreeSet::new();
        let mut kept = VecDeque::new();
        self.bytes = 0;
        for one in self.queue.drain(..).chain([next]) {
            match one {
                Queued::Shared(id, _) => drop(dropped.insert(id)),
                words @ Queued::Words(_) => {
                    self.bytes += words.bytes();
                    kept.push_back(words);
                }
            }
        }
        self.queue = kept;
        for id in dropped {
            if let Some(one) = self.subscriptions.get_mut(&id) {
                one.is_behind = true;
                one.version = None;
                self.behind.push_back(id);
            }
        }
        self.is_lost = self.queue.len() > MESSAGES_MAX || self.bytes > BYTES_MAX;
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.queue.len() < MESSAGES_MAX && self.bytes + bytes <= BYTES_MAX
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn update(number: usize, size: usize) -> Arc<Update> {
        let version: Arc<str> = format!("v{number}").into();
        let before: Arc<str> = format!("v{}", number - 1).into();
        let body = format!(r#"{{"n":{number},"fill":"{}"}}"#, "x".repeat(size));
        let whole = Arc::new(Shared::answer(&version, body.as_bytes()));
        let patch = Arc::new(Shared::patch(&version, &before, &format!(r#"{{"n":{number}}}"#)));
        Arc::new(Update { version, whole, patch: Some((before, patch)) })
    }

    /// What is told until nothing more is.
    async fn told(client: &Client) -> Vec<serde_json::Value> {
        let mut all = Vec::new();
        while let Ok(Some(text)) =
            tokio::time::timeout(Duration::from_millis(50), client.next()).await
        {
            all.push(serde_json::from_str(&text).unwrap());
        }
        all
    }

    fn subscribed(client: &Client, version: Option<&str>) -> (Arc<str>, Arc<Topic>) {
        let (id, topic): (Arc<str>, _) = ("a".into(), Arc::new(Topic::for_test()));
        client.add(&id, &topic, version);
        (id, topic)
    }

    #[tokio::test]
    async fn the_first_answer_is_whole_and_the_next_a_patch_of_it() {
        let client = Client::new(1);
        let (id, _) = subscribed(&client, None);
        client.offer(&id, &update(1, 10));
        client.offer(&id, &update(2, 10));
        // One was missed: whole again.
        client.offer(&id, &update(4, 10));
        let told = told(&client).await;
        let kinds: Vec<_> = told.iter().map(|one| one["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["answer", "patch", "answer"]);
        assert_eq!(told[1]["from"], "v1");
        assert_eq!(told[2]["envelope"]["n"], 4);
    }

    #[tokio::test]
    async fn the_version_that_the_client_has_is_not_sent_again() {
        let client = Client::new(1);
        let (id, _) = subscribed(&client, Some("v7"));
        client.offer(&id, &update(7, 10));
        client.offer(&id, &update(7, 10));
        client.offer(&id, &update(8, 10));
        let told = told(&client).await;
        let kinds: Vec<_> = told.iter().map(|one| one["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["current", "patch"]);
    }

    #[tokio::test]
    async fn a_full_queue_is_dropped_for_the_newest_answer() {
        for size in [10, 30_000] {
            let client = Client::new(1);
            let (id, topic) = subscribed(&client, None);
            let last = 2 * MESSAGES_MAX;
            for number in 1..=last {
                // Each a full answer: none follows the one before.
                let update = update(2 * number, size);
                topic.set_for_test(&update);
                client.offer(&id, &update);
                let state = client.lock();
                assert!(state.queue.len() <= MESSAGES_MAX && state.bytes <= BYTES_MAX);
            }
            let all = told(&client).await;
            assert!(all.len() < last);
            assert_eq!(all.last().unwrap()["version"], format!("v{}", 2 * last));
            // Then it is up to date, and follows again.
            client.offer(&id, &update(2 * last + 1, size));
            assert_eq!(told(&client).await[0]["type"], "patch");
        }
    }

    #[tokio::test]
    async fn an_answer_larger_than_the_bound_still_comes() {
        let client = Client::new(1);
        let (id, topic) = subscribed(&client, None);
        let large = update(1, 2 * BYTES_MAX);
        topic.set_for_test(&large);
        client.offer(&id, &large);
        let told = told(&client).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["type"], "answer");
    }

    #[tokio::test]
    async fn a_client_that_reads_no_words_is_lost() {
        let client = Client::new(1);
        for _ in 0..=MESSAGES_MAX {
            client.tell(&LiveMessage::Unsubscribed { id: "a".into() });
        }
        assert!(client.next().await.is_none());
    }

    #[tokio::test]
    async fn what_is_ended_is_not_told_any_more() {
        let client = Client::new(1);
        let (id, _) = subscribed(&client, None);
        client.offer(&id, &update(1, 10));
        assert!(client.remove("a").is_some());
        client.offer(&id, &update(2, 10));
        assert_eq!(told(&client).await.len(), 0);
        assert_eq!(client.lock().bytes, 0);
    }
}
