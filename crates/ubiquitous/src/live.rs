//! Live answers: after each commit every distinct subscribed answer that reads what was written is asked
//! once, and sent to all who subscribe to it. The cost grows with distinct answers, not with clients.

mod client;
mod pace;
mod patch;
pub mod protocol;
mod topic;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use analysis::{AnyQuestion, QUESTIONS, REPORTS, Viewer, question_of, report_of};
use axum::http::StatusCode;
use model::commit::Committed;
use model::error::StoreResult;
use model::seam::{DataKind, Heard, Listener};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::estate::Estate;
use crate::problem::Problem;

pub use client::Client;
use protocol::LiveSubscribe;
use topic::{Asked, Topic};

/// Most subscriptions of one client.
pub const SUBSCRIPTIONS_MAX: usize = 64;
/// Most distinct answers that are kept up to date.
const TOPICS_MAX: usize = 2_000;
/// Answers that are asked at once; the stores have other callers.
const TURNS: usize = 4;
/// Longest name of a subscription, in bytes.
const ID_BYTES_MAX: usize = 100;
/// Time that clients get to read that the program ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// All live clients and what they are subscribed to.
pub struct Hub {
    estate: Arc<Estate>,
    topics: Mutex<BTreeMap<String, Arc<Topic>>>,
    turns: Arc<Semaphore>,
    clients: AtomicUsize,
    clients_max: usize,
    numbers: AtomicU64,
    /// Tasks of clients and topics.
    pub tasks: TaskTracker,
    /// Ends them.
    pub stop: CancellationToken,
}

impl Hub {
    /// Listens to the estate's commits until it is closed.
    ///
    /// # Errors
    /// When the folder was opened for reading only.
    pub fn start(estate: Arc<Estate>, clients_max: usize) -> StoreResult<Arc<Self>> {
        let notices = estate.notices()?;
        let others = estate.replicas().listen();
        let hub = Arc::new(Self {
            estate,
            topics: Mutex::default(),
            turns: Arc::new(Semaphore::new(TURNS)),
            clients: AtomicUsize::new(0),
            clients_max,
            numbers: AtomicU64::new(0),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        hub.tasks.spawn(Arc::clone(&hub).listen(notices, others));
        Ok(hub)
    }

    /// Tells every client that the program ends, and waits a moment until they know.
    pub async fn close(&self) {
        self.stop.cancel();
        for topic in self.lock().values() {
            topic.stop.cancel();
        }
        self.tasks.close();
        if tokio::time::timeout(FAREWELL, self.tasks.wait()).await.is_err() {
            tracing::debug!("live clients were left that did not read");
        }
    }

    /// A seat for one more client.
    ///
    /// # Errors
    /// 503 when there are as many clients as may be.
    pub fn enter(self: &Arc<Self>) -> Result<Seat, Problem> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let seat = Seat { hub: Arc::clone(self), client: Arc::new(Client::new(number)) };
        let before = self.clients.fetch_add(1, Ordering::Relaxed);
        if before >= self.clients_max || self.stop.is_cancelled() {
            return Err(Problem::new(
                "exhausted",
                "Too many live clients",
                StatusCode::SERVICE_UNAVAILABLE,
                format!(
                    "there are {} live clients, the most that may be (`live_clients`); ask by HTTP",
                    self.clients_max
                ),
            ));
        }
        Ok(seat)
    }

    /// Begins a subscription: its answer follows.
    ///
    /// # Errors
    /// When there is no such question, a parameter is wrong, the name is taken, or a bound is reached.
    pub fn subscribe(
        self: &Arc<Self>,
        client: &Arc<Client>,
        viewer: Viewer,
        wanted: LiveSubscribe,
    ) -> Result<(), Problem> {
        let id = checked_id(client, &wanted.id)?;
        let (question, is_report) = found(&wanted)?;
        let mut params = Value::Object(wanted.params);
        if let Some(object) = params.as_object_mut() {
            // How long to wait is no part of the question.
            object.shift_remove("wait");
        }
        let stated =
            if is_report { self.estate.report_params(params.clone()) } else { params.clone() };
        let filled = question.filled(stated)?;
        let key = serde_json::to_string(&(question.name(), &filled, &viewer.org_scope))
            .map_err(|error| Problem::bad_request("params", error.to_string()))?;
        // One lock for finding and joining: a topic that is found has not been ended.
        let mut topics = self.lock();
        let topic = match topics.get(&key) {
            Some(topic) => Arc::clone(topic),
            None if topics.len() >= TOPICS_MAX => return Err(crowded()),
            None => {
                let topic = Arc::new(Topic::new(Asked { question, is_report, params, viewer }));
                let run = Arc::clone(&topic).run(Arc::clone(&self.estate), Arc::clone(&self.turns));
                self.tasks.spawn(run);
                topics.insert(key, Arc::clone(&topic));
                topic
            }
        };
        client.add(&id, &topic, wanted.version.as_deref());
        topic.join(client, &id);
        Ok(())
    }

    /// Ends a subscription; whether there was one.
    pub fn unsubscribe(&self, client: &Client, id: &str) -> bool {
        let Some(topic) = client.remove(id) else { return false };
        self.leave(client, &id.into(), &topic);
        true
    }

    /// Distinct answers, and clients.
    pub fn size(&self) -> (usize, usize) {
        (self.lock().len(), self.clients.load(Ordering::Relaxed))
    }

    fn leave(&self, client: &Client, id: &Arc<str>, topic: &Arc<Topic>) {
        let mut topics = self.lock();
        if topic.leave(client, id) {
            topic.stop.cancel();
            topics.retain(|_, one| !Arc::ptr_eq(one, topic));
        }
    }

    async fn listen(
        self: Arc<Self>,
        mut notices: broadcast::Receiver<Committed>,
        mut others: Box<dyn Listener>,
    ) {
        loop {
            let heard = tokio::select! {
                () = self.stop.cancelled() => return,
                notice = notices.recv() => match notice {
                    Ok(committed) => Heard::Committed(committed),
                    Err(RecvError::Lagged(_)) => Heard::Gap,
                    Err(RecvError::Closed) => return,
                },
                heard = others.next() => heard,
            };
            match heard {
                Heard::Committed(committed) => self.change(Some(&committed.kinds)),
                // Some were missed: anything may have changed.
                Heard::Gap => self.change(None),
            }
        }
    }

    fn change(&self, kinds: Option<&[DataKind]>) {
        for topic in self.lock().values() {
            topic.change(kinds);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Topic>>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client's place; dropping it ends its subscriptions.
pub struct Seat {
    /// Where it sits.
    pub hub: Arc<Hub>,
    /// The client.
    pub client: Arc<Client>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        for (id, topic) in self.client.subscriptions() {
            self.hub.leave(&self.client, &id, &topic);
        }
        self.hub.clients.fetch_sub(1, Ordering::Relaxed);
    }
}

fn checked_id(client: &Client, id: &str) -> Result<Arc<str>, Problem> {
    if id.is_empty() || id.len() > ID_BYTES_MAX {
        let detail = format!("`id` has {} bytes; 1 to {ID_BYTES_MAX} are taken", id.len());
        return Err(Problem::bad_request("id", detail));
    }
    let (is_taken, count) = client.has(id);
    if is_taken {
        let detail = format!("`{id}` is subscribed already; unsubscribe it first");
        return Err(Problem::bad_request("id", detail));
    }
    if count >= SUBSCRIPTIONS_MAX {
        let detail =
            format!("one client may have {SUBSCRIPTIONS_MAX} subscriptions; end one first");
        return Err(Problem::bad_request("id", detail));
    }
    Ok(id.into())
}

/// The question or report, and whether it is a report.
fn found(wanted: &LiveSubscribe) -> Result<(&'static dyn AnyQuestion, bool), Problem> {
    let unknown = |what: &str, name: &str, names: Vec<String>| {
        let detail = format!("no {what} `{name}`; there are {}", names.join(", "));
        Problem { nearest: names, ..Problem::not_found(detail) }
    };
    match (wanted.question.as_deref(), wanted.report.as_deref()) {
        (Some(name), None) => {
            question_of(name).map(|question| (question, false)).ok_or_else(|| {
                unknown("question", name, QUESTIONS.iter().map(|one| one.kebab()).collect())
            })
        }
        (None, Some(name)) => report_of(name).map(|report| (report, true)).ok_or_else(|| {
            let short = |one: &&dyn AnyQuestion| one.kebab().replace("reports/", "");
            unknown("report", name, REPORTS.iter().map(short).collect())
        }),
        _ => Err(Problem::bad_request("question", "give either `question` or `report`")),
    }
}

fn crowded() -> Problem {
    Problem::new(
        "exhausted",
        "Too many live answers",
        StatusCode::SERVICE_UNAVAILABLE,
        format!(
            "{TOPICS_MAX} distinct answers are kept up to date, the most that may be; ask by HTTP"
        ),
    )
}
